import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from civic.audit.models import Entry
from civic.core.refusals import Refused
from civic.places.models import Place
from consult.consultations.models import Consultation
from consult.discussion import domain as discussion
from consult.discussion import showing
from consult.discussion.models import Contribution
from consult.reports import domain, sources
from consult.reports.models import FrozenError, Report
from consult.reports.presentation import Figures
from tests.consult.conftest import AT, DAY, County, person, say
from tests.consult.reports.conftest import ANSWERED_AT, answer

Conclude = Callable[..., Report]


@pytest.fixture
def report(county: County, consultation: Consultation, conclude: Conclude) -> Report:
    """Three comments by two people, one taken back, one proposal supported twice, everything answered."""
    ann, ben, cho = (person(name, county.here) for name in ("annabel", "ben", "cho"))
    first = say(consultation, ann, "末班车太早")
    second = say(consultation, ann, "站牌看不清")
    proposal = say(consultation, ben, "加开夜班车", kind="proposal", title="夜班车")
    gone = say(consultation, ben, "说错了")
    discussion.take_back(contribution=gone, person=ben, at=AT)
    discussion.respond(person=cho, parent=first, text="同意", at=AT, submission=uuid4())
    discussion.support(contribution=proposal, person=ann, at=AT)
    discussion.support(contribution=proposal, person=cho, at=AT)
    answer(county, first, second, clause_number="第三条", new_text="末班车二十二点。")
    answer(county, proposal, outcome="not", at=ANSWERED_AT + DAY)
    return conclude(consultation, at=ANSWERED_AT + 2 * DAY)


def test_every_figure_carries_its_base(report: Report) -> None:
    figures = Figures(report)
    told = {(row["figure"], row["part"]): (row["n"], row["of"]) for row in report.data["figures"]}
    assert told[("contributions", "")] == (3, 4)
    assert told[("responses", "")] == (1, 1)
    assert told[("supports", "")] == (2, None)
    assert told[("withheld", "withdrawn")] == (1, 5)
    assert told[("kind", "comment")] == (2, 3)
    assert told[("channel", "web")] == (3, 3)
    assert told[("people", "")] == (3, None)
    assert told[("part", "said")] == (2, 3)
    assert told[("part", "responded")] == (1, 3)
    assert told[("part", "supported")] == (2, 3)
    assert told[("answered", "")] == (3, 3)
    assert told[("outcome", "adopted")] == (2, 3)
    assert told[("outcome", "not")] == (1, 3)
    assert told[("days", "median")] == (14.0, 3)
    assert told[("days", "longest")] == (15.0, 3)
    assert figures.number("changed") == 1


def test_the_result_holds_no_resident_s_words(report: Report) -> None:
    kept = json.dumps(report.data, ensure_ascii=False)
    assert "末班车太早" not in kept
    assert "annabel" not in kept


def test_answers_name_the_contributions_behind_a_change(report: Report) -> None:
    [change] = [row for row in report.data["answers"] if row["new_text"]]
    assert (change["n"], len(change["contributions"])) == (2, 2)


def test_what_was_hidden_after_its_answer_is_counted_nowhere_as_public(
    county: County, consultation: Consultation, conclude: Conclude
) -> None:
    ann, ben, cho = (person(name, county.here) for name in ("annabel", "ben", "cho"))
    stays, goes = say(consultation, ann, "末班车太早"), say(consultation, ben, "广告")
    discussion.support(contribution=goes, person=cho, at=AT)
    answer(county, stays, goes)
    Contribution.objects.filter(pk=goes.pk).update(state="hidden")
    goes.refresh_from_db()
    showing.count(goes, -1)

    report = conclude(consultation, at=ANSWERED_AT + DAY)

    told = {(row["figure"], row["part"]): (row["n"], row["of"]) for row in report.data["figures"]}
    [answered] = report.data["answers"]
    assert (answered["n"], answered["supports"], answered["contributions"]) == (1, 0, [stays.pk])
    assert (told[("answered", "")], told[("supports", "")]) == ((1, 1), (0, None))
    assert (told[("part", "said")], told[("part", "supported")]) == ((1, 3), (0, 3))


def test_concluding_leaves_both_entries(report: Report) -> None:
    about = Entry.objects.about(report.consultation).values_list("type", flat=True)
    assert list(about)[-2:] == ["consult:consultation:answered", "consult:report:frozen"]


def test_an_unanswered_contribution_leaves_neither_state_nor_result(
    county: County, consultation: Consultation, conclude: Conclude
) -> None:
    say(consultation, county.resident)
    with pytest.raises(Refused):
        conclude(consultation)
    assert not Report.objects.exists()
    assert Consultation.objects.get().state == "announced"


def test_what_is_not_answered_cannot_be_frozen(county: County, consultation: Consultation) -> None:
    with pytest.raises(Refused):
        domain.freeze(consultation=consultation, actor=county.official, at=ANSWERED_AT)


def test_a_result_is_frozen_once(county: County, report: Report) -> None:
    with pytest.raises(Refused):
        domain.freeze(consultation=report.consultation, actor=county.official, at=ANSWERED_AT + 3 * DAY)


def test_a_result_refuses_change_in_python(report: Report) -> None:
    with pytest.raises(FrozenError):
        report.save()
    with pytest.raises(FrozenError):
        report.delete()
    with pytest.raises(FrozenError):
        Report.objects.update(sources_hash="x")
    with pytest.raises(FrozenError):
        Report.objects.all().delete()


@pytest.mark.parametrize(
    "statement", ["UPDATE consult_reports_report SET sources_hash = 'x'", "DELETE FROM consult_reports_report"]
)
def test_a_result_refuses_change_in_the_database(report: Report, statement: str) -> None:
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_hash_fits_until_a_source_changes(report: Report) -> None:
    assert sources.recount(report) == report.sources_hash
    Contribution.objects.filter(kind="proposal").update(text="别的话")
    assert sources.recount(report) != report.sources_hash


def test_hiding_words_later_is_no_change_of_the_sources(report: Report) -> None:
    Contribution.objects.filter(kind="proposal").update(state="hidden")
    assert sources.recount(report) == report.sources_hash


def test_counting_costs_the_same_whatever_the_length(
    county: County,
    open_consultation: Callable[..., Consultation],
    conclude: Conclude,
    django_assert_max_num_queries: Any,
) -> None:
    for slug, count in (("few", 1), ("many", 60)):
        consultation = open_consultation(slug=slug)
        said = [say(consultation, person(f"{slug}{n}", county.here), f"第 {n} 句") for n in range(count)]
        answer(county, *said)
        with django_assert_max_num_queries(56):
            conclude(consultation)


def test_few_people_from_a_place_are_never_printed_alone(
    county: County, open_consultation: Callable[..., Consultation], conclude: Conclude
) -> None:
    third = Place.objects.create(code="990126003", name="望桥镇", level=2, parent=county.place)
    consultation = open_consultation(open_to=county.place, slug="county-wide")
    homes = [county.here] * 7 + [county.elsewhere] * 6 + [third] * 2
    said = [say(consultation, person(f"p{n}", home), "一句") for n, home in enumerate(homes)]
    answer(county, *said)
    rows = Figures(conclude(consultation)).rows("place")
    assert {(row["part"], row["n"]) for row in rows} == {("990126001", 7), ("together", 8)}
