"""The county's policies and their versions: one writes, another approves."""

from datetime import date, timedelta
from typing import Any

from wagtail.models import Revision

from civic.people.models import Person
from civic.policies import domain
from civic.policies.models import PolicyPage, Topic
from consult.demo.reading import County, read
from orgs.bodies.models import Membership

PUBLISHING_HOUR = 8


def draw(county: County) -> None:
    """Create the library with every version that no contribution brought about."""
    domain.ensure_site(at=county.day(-1000, PUBLISHING_HOUR))
    for row in read("policies"):
        county.policies[row["key"]] = domain.create_policy(
            author=county.people["editor"], approver=_approver(county, row), slug=row["key"],
            at=county.day(row["published"], PUBLISHING_HOUR), issuing_body=county.bodies[row["department"]],
            place=county.places[row["place"]], places=[county.places[code] for code in row["places"]],
            topics=[_topic(topic) for topic in row["topics"]], **_text(county, row),
        )  # fmt: skip
        _remember(county, row["key"])
        for version in row["revisions"]:
            if not _came_of_contributions(version):
                _revise(county, row, version)


def draw_later_versions(county: County) -> None:
    """Publish the versions that came out of a consultation."""
    for row in read("policies"):
        for version in row["revisions"]:
            if _came_of_contributions(version):
                _revise(county, row, version)


def revision_of(county: County, key: str | None, number: int | None) -> tuple[PolicyPage | None, Revision | None]:
    """Return a seeded policy and one of its revisions (0 the first), or a pair of None."""
    if key is None:
        return None, None
    return county.policies[key], county.revisions[key][number or 0]


def _revise(county: County, row: dict[str, Any], version: dict[str, Any]) -> None:
    county.policies[row["key"]] = domain.revise_policy(
        page=county.policies[row["key"]], author=county.people["editor"], approver=_approver(county, row),
        at=county.day(version["published"], PUBLISHING_HOUR), **_text(county, version),
    )  # fmt: skip
    _remember(county, row["key"])


def _remember(county: County, key: str) -> None:
    revision = county.policies[key].live_revision
    assert revision is not None  # it was published a moment ago
    county.revisions.setdefault(key, []).append(revision)


def _came_of_contributions(version: dict[str, Any]) -> bool:
    return any(change["because_of"] for change in version["changes"])


_WORDS = ("title", "title_en", "summary", "summary_en", "number", "stage", "change_note", "change_note_en")


def _text(county: County, row: dict[str, Any]) -> dict[str, Any]:
    words = {name: row[name] for name in _WORDS if name in row}
    clauses = [{name: value for name, value in clause.items() if name != "number_en"} for clause in row["clauses"]]
    return words | {
        "clauses": clauses,
        "in_force_from": _date(county, row["in_force_from"]),
        "in_force_until": _date(county, row["in_force_until"]),
    }


def _date(county: County, days: int | None) -> date | None:
    return None if days is None else (county.today + timedelta(days=days)).date()


def _topic(row: dict[str, Any]) -> Topic:
    topic, _is_new = Topic.objects.get_or_create(
        slug=row["slug"], defaults={"name": row["name"], "name_en": row["name_en"]}
    )
    return topic


def _approver(county: County, row: dict[str, Any]) -> Person:
    """Return the second person of the issuing body, or of the county office where it has none."""
    member = Membership.objects.filter(body__slug=row["department"], role=Membership.Role.APPROVER).first()
    return member.person if member else county.people["supervisor"]
