"""The ground: places, bodies, people and what they may do."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from civic.core.clock import Window
from civic.people.factors import give_totp
from civic.people.models import Level, Person
from civic.places.models import Place
from consult.demo.reading import County, read
from orgs.bodies.models import Membership, Organisation
from orgs.grants.domain import Holder, Scope, found_each

DOMAIN = "demo.example"
SINCE = 1000
TERM = 400

# role → actions the members of a department hold for its own matters
DEPARTMENT_POWERS: dict[str, tuple[str, ...]] = {
    Membership.Role.HANDLER: (
        "consult:consultation:view",
        "consult:consultation:manage",
        "consult:consultation:conclude",
        "consult:reply:draft",
        "consult:moderation:slow",
        "consult:poll:view",
        "consult:poll:manage",
    ),
    Membership.Role.APPROVER: (
        "consult:consultation:view",
        "consult:consultation:conclude",
        "consult:reply:draft",
        "consult:reply:approve",
        "consult:reply:publish",
        "consult:poll:view",
        "civic:policy:view-draft",
        "civic:policy:publish",
    ),
}
# body, role → actions held over the whole county
COUNTY_POWERS: dict[tuple[str, str], tuple[str, ...]] = {
    ("county-office", Membership.Role.EDITOR): ("civic:policy:view-draft", "civic:policy:edit"),
    ("county-office", Membership.Role.MODERATOR): (
        "consult:moderation:judge",
        "consult:moderation:appeal",
        "consult:moderation:slow",
    ),
    ("county-office", Membership.Role.HEAD): (
        "consult:consultation:view",
        "consult:poll:view",
        "civic:policy:view-draft",
        "civic:record:read",
        "orgs:grant:oversee",
    ),
    ("county-office", Membership.Role.MEMBER): ("consult:consultation:view", "consult:poll:view"),
    ("service-center", Membership.Role.HANDLER): (
        "consult:contribution:key",
        "consult:poll:key",
        "civic:person:verify",
    ),
    # Whoever sits down at a station may speak to any matter of the county.
    ("liuyin-community", Membership.Role.HANDLER): ("consult:contribution:key", "consult:poll:key"),
    ("liuyin-volunteers", Membership.Role.MEMBER): ("consult:contribution:key",),
    ("liuyin-social-work", Membership.Role.HANDLER): ("consult:contribution:key", "consult:poll:key"),
    ("zhuyuan-village", Membership.Role.HANDLER): ("consult:contribution:key", "consult:poll:key"),
}
# body, role → actions held in the body's own place
LOCAL_POWERS: dict[tuple[str, str], tuple[str, ...]] = {
    ("liuyin-community", Membership.Role.HANDLER): ("civic:person:verify",),
    ("zhuyuan-village", Membership.Role.HANDLER): ("consult:poll:view", "consult:poll:manage"),
}
ADMIN_POWERS = ("orgs:grant:issue", "orgs:grant:elevate", "civic:notify:webhooks")
# what lies in no place: the site itself
SITE_POWERS = ("civic:notify:operate",)
AUDITOR_POWERS = ("civic:record:read",)
AUDITOR_IN_PLACES = ("consult:poll:view", "consult:poll:certify")


def draw(county: County) -> None:
    """Create places, bodies, people, memberships and grants; assumes a transaction."""
    _places(county)
    _bodies(county)
    _people(county)
    _powers(county)


def _places(county: County) -> None:
    for row in read("places"):
        parent = county.places.get(row["parent"] or "")
        county.places[row["code"]] = Place.objects.create(
            code=row["code"], name=row["name"], name_en=row["name_en"], parent=parent,
            level=parent.level + 1 if parent else Place.Level.COUNTY,
        )  # fmt: skip


def _bodies(county: County) -> None:
    for row in read("bodies"):
        place = county.places[row.pop("place")]
        lasting = row["kind"] == Organisation.Kind.DEPARTMENT
        county.bodies[row["slug"]] = Organisation.objects.create(
            **row, place=place, admitted_until=None if lasting else county.at + timedelta(days=TERM)
        )


def _people(county: County) -> None:
    known = make_password(county.password)
    for row in read("people"):
        account = row["demo_account"]
        person = Person.objects.create(
            email=f"{row['key']}@{DOMAIN}" if account else None,
            password=known if account else make_password(None),
            display_name=row["display_name"],
            level=max(row["level"], Level.CONTACT),
            residence=county.places[row["residence"]] if row["residence"] else None,
            language=row["language"],
            elder_mode=row.get("elder_mode", False),
            joined_at=county.day(-300, 9),
        )
        county.people[row["key"]] = person
        if not row["memberships"] and person.residence is not None:
            county.residents.add(row["key"])
        if account and (row["memberships"] or row["key"] == "admin"):
            give_totp(person)  # staff show a code before their powers open; the demo shows it to them
        if account:
            EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
        for membership in row["memberships"]:
            Membership.objects.create(
                body=county.bodies[membership["body"]], person=person, role=membership["role"],
                starts_at=county.day(-SINCE),
            )  # fmt: skip


def _powers(county: County) -> None:
    window = Window(county.day(-SINCE), county.day(TERM, 18))
    everywhere = Scope(place=next(place for place in county.places.values() if place.parent_id is None))

    def give(holder: Holder, actions: tuple[str, ...], scope: Scope) -> None:
        found_each(
            holder=holder, powers=actions, scope=scope, window=window, reason="县政府办公室年度授权", at=window.opens_at
        )

    for body in county.bodies.values():
        if body.kind == Organisation.Kind.DEPARTMENT:
            for role, actions in DEPARTMENT_POWERS.items():
                give(Holder(body=body, role=role), actions, Scope(body=body))
    for (slug, role), actions in COUNTY_POWERS.items():
        give(Holder(body=county.bodies[slug], role=role), actions, everywhere)
    for (slug, role), actions in LOCAL_POWERS.items():
        give(Holder(body=county.bodies[slug], role=role), actions, Scope(place=county.bodies[slug].place))
    give(Holder(person=county.people["admin"]), ADMIN_POWERS, everywhere)
    give(Holder(person=county.people["admin"]), SITE_POWERS, Scope())
    give(Holder(person=county.people["auditor"]), AUDITOR_POWERS, Scope())
    give(Holder(person=county.people["auditor"]), AUDITOR_IN_PLACES, everywhere)
