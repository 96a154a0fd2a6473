"""Reading a result with the words it speaks of."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.core.paginator import Page, Paginator

from civic.policies.clauses import Clause, ClauseChange, difference
from civic.policies.numbers import in_english
from consult.consultations.models import Consultation
from consult.discussion.models import Contribution
from consult.reports.models import Report
from consult.reports.presentation import Answered

PER_PAGE = 20
SHOWN = 2


def report_of(consultation: Consultation) -> Report | None:
    """Return a consultation's result, if it has one."""
    report = Report.objects.filter(consultation=consultation).first()
    if report is not None:
        report.consultation = consultation
    return report


def page_of_answers(report: Report, number: Any) -> "Page[dict[str, Any]]":
    """Return a page of the answers, those to most contributions first."""
    return Paginator(report.data["answers"], PER_PAGE).get_page(number)


def changes(report: Report) -> list[dict[str, Any]]:
    """Return the answers that change the text, in the order of its clauses; new clauses come last."""
    changing = [answer for answer in report.data["answers"] if answer["new_text"]]
    return sorted(changing, key=lambda answer: (not answer["position"], answer["position"]))


def with_words(report: Report, *lists: Sequence[dict[str, Any]]) -> list[list[Answered]]:
    """Return answers with the residents' words, read where they live: one query for all lists."""
    words = words_of(report, {pk for answers in lists for answer in answers for pk in answer["contributions"][:SHOWN]})
    return [[_answered(answer, words) for answer in answers] for answers in lists]


def words_of(report: Report, ids: Iterable[int]) -> dict[int, Contribution]:
    """Return those of the contributions that are still public, by id."""
    rows = Contribution.objects.published().for_pages().filter(consultation=report.consultation)
    found = rows.in_bulk(sorted(ids))
    for contribution in found.values():
        contribution.consultation = report.consultation
    return found


def _answered(answer: dict[str, Any], words: dict[int, Contribution]) -> Answered:
    number = answer["clause_number"]
    return Answered(
        id=answer["id"], n=answer["n"], supports=answer["supports"], outcome=answer["outcome"],
        office=answer["office"], office_en=answer["office_en"], text=answer["text"], text_en=answer["text_en"],
        published_at=datetime.fromisoformat(answer["published_at"]) if answer["published_at"] else None,
        clause=answer["clause"], clause_number=number, clause_number_en=in_english(number), change=_change(answer) if answer["new_text"] else None,
        words=[words[pk] for pk in answer["contributions"][:SHOWN] if pk in words],
    )  # fmt: skip


def _change(answer: dict[str, Any]) -> ClauseChange:
    """Compare a clause as it was put up with how it will read."""
    identity = UUID(answer["clause"]) if answer["clause"] else uuid4()

    def clause(text: str, text_en: str) -> Clause:
        return Clause(id=identity, number=answer["clause_number"], heading="", text=text, text_en=text_en)

    before = [clause(answer["old_text"], answer["old_text_en"])] if answer["old_text"] else []
    return difference(before, [clause(answer["new_text"], answer["new_text_en"])])[0]
