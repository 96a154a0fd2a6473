"""From a word to the clause it changed, and back."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import translation

from civic.policies import citations, domain
from civic.policies.models import PolicyPage
from consult.consultations.models import Consultation
from consult.reports.models import Report
from tests.consult.conftest import AT, DAY, County, Opener, person, say
from tests.consult.reports.conftest import ANSWERED_AT, answer

CLAUSE = UUID("11111111-1111-4111-8111-111111111111")
OLD = {"id": CLAUSE, "number": "第三条", "text": "末班车二十点发车。", "text_en": "The last bus leaves at eight."}
NEW = OLD | {"text": "末班车二十二点发车。", "text_en": "The last bus leaves at ten."}


@pytest.fixture
def policy(county: County) -> PolicyPage:
    """Return a published policy of one clause."""
    domain.ensure_site(at=AT - 200 * DAY)
    return domain.create_policy(
        author=county.official, approver=county.approver, at=AT - 100 * DAY, slug="buses", title="公交办法",
        title_en="Buses", summary="管公交。", issuing_body=county.bureau, place=county.place, stage="proposed",
        clauses=[OLD],
    )  # fmt: skip


@pytest.fixture
def report(county: County, policy: PolicyPage, open_consultation: Opener, conclude: Callable[..., Report]) -> Report:
    """Return the result of a consultation on that policy; one answer changes the clause."""
    consultation: Consultation = open_consultation(policy=policy, revision=policy.live_revision)
    said = say(consultation, person("author", county.here), clause=CLAUSE)
    answer(county, said, clause=CLAUSE, new_text=NEW["text"], new_text_en=NEW["text_en"])
    return conclude(consultation)


def test_the_result_compares_the_clause_with_what_was_put_up(report: Report) -> None:
    [change] = [row for row in report.data["answers"] if row["new_text"]]
    assert (change["old_text"], change["clause_number"]) == (OLD["text"], "第三条")
    page = Client().get(report.get_absolute_url()).content.decode()
    assert "<ins>二</ins>" in page
    assert f"#c-{CLAUSE}" in page


def test_the_version_after_the_result_cites_the_contributions(
    county: County, policy: PolicyPage, report: Report
) -> None:
    revised = domain.revise_policy(
        page=policy, author=county.official, approver=county.approver, at=ANSWERED_AT + timedelta(days=9), clauses=[NEW]
    )
    ids = [version.revision_id for version in revised.versions.all()]
    with translation.override("en"):
        cited = citations.cited(ids)
    [(revision, [citation])] = cited.items()
    assert revision == revised.live_revision_id
    assert citation.label == "Article 3: 1 contribution"
    assert citation.clause == CLAUSE
    assert citation.url.startswith(report.get_absolute_url())


def test_a_policy_without_a_result_cites_nobody(policy: PolicyPage) -> None:
    assert citations.cited([policy.live_revision_id]) == {}
