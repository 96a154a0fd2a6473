"""Words that leave the page and come back: in which order rows are locked, and which counters follow."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import F, Model, Value
from django.db.models.functions import Greatest

from civic.core.refusals import WRONG_STATE, Refused
from civic.core.writing import Update
from consult.consultations.models import ClauseTally, Consultation
from consult.discussion.models import Contribution
from consult.discussion.states import Outcome

_IN_THREAD = Update(
    lambda pk, by: (Contribution.objects.filter(pk=pk), {"response_count": F("response_count") + by}), pk=int, by=int
)


@cache
def _counting(among: tuple[str, ...], counters: tuple[str, ...]) -> Update:
    """Return what adds to these counters of a consultation, as long as it is in one of the states (none: in any)."""

    def count(pk: int, **moves: int) -> Any:
        rows = Consultation.objects.filter(pk=pk)
        return rows.filter(state__in=among) if among else rows, {name: F(name) + by for name, by in moves.items()}

    return Update(count, pk=int, **dict.fromkeys(counters, int))


def lock(ids: Iterable[int]) -> dict[int, Contribution]:
    """Lock contributions and the words they hang on, by number; return those asked for as they now are.

    Everybody who writes two of these rows begins here: contributions, then
    their consultation, then the answer.
    """
    wanted = set(ids)
    roots = Contribution.objects.filter(pk__in=wanted, root__isnull=False).values_list("root", flat=True)
    rows = Contribution.objects.filter(pk__in=wanted | set(roots)).order_by("pk")
    locked = list(rows.select_for_update(of=("self",), no_key=True))
    return {row.pk: row for row in locked if row.pk in wanted}


def hold_open(contribution: Contribution, *, among: Collection[str]) -> None:
    """Keep the consultation in one of these states until the transaction ends, for words nobody counts yet.

    Raises ``Refused`` when it has left them, which ``count`` would have told of words that are shown at once.
    """
    rows = Consultation.objects.filter(pk=contribution.consultation_id, state__in=among)
    if not rows.select_for_update(no_key=True).values_list("pk", flat=True):
        raise Refused(WRONG_STATE, conflict=True)


def count(contribution: Contribution, change: int, *, among: Collection[str] | None = None) -> None:
    """Count public words in (1) or out (-1): of the thread, the consultation, the clause.

    Assumes the caller's transaction and ``lock``.  Refuses as ``count_in_consultation`` does.
    """
    count_in_thread(contribution, change)
    count_in_consultation(contribution, change, among=among)


def count_in_thread(contribution: Contribution, change: int) -> None:
    """Count a public response in or out among those of its thread."""
    if contribution.root_id is not None and contribution.kind != Contribution.Kind.STATEMENT:
        _IN_THREAD(pk=contribution.root_id, by=change)


def count_in_consultation(contribution: Contribution, change: int, *, among: Collection[str] | None = None) -> None:
    """Count public words in or out of their consultation and clause.

    Raises ``Refused`` when the consultation is in none of the states ``among``: the same statement counts and checks.
    """
    if contribution.kind == Contribution.Kind.STATEMENT:
        return
    moves = _moves(contribution, change)
    if not _counting(tuple(among or ()), tuple(moves))(pk=contribution.consultation_id, **moves):
        raise Refused(WRONG_STATE, conflict=True)
    if contribution.root_id is None and contribution.clause is not None:
        tally: dict[str, Any] = {"consultation_id": contribution.consultation_id, "clause": contribution.clause}
        ClauseTally.objects.get_or_create(**tally)
        ClauseTally.objects.filter(**tally).update(contributions=Greatest(F("contributions") + change, Value(0)))


def count_each(contributions: Iterable[Contribution], change: int) -> None:
    """Count many as ``count`` counts one, whatever their consultations' states, in at most five statements.

    Assumes the caller's transaction and ``lock``.
    """
    of_consultations: defaultdict[int, Counter[str]] = defaultdict(Counter)
    of_threads: Counter[int] = Counter()
    of_clauses: Counter[tuple[int, UUID]] = Counter()
    for each in contributions:
        if each.kind == Contribution.Kind.STATEMENT:
            continue
        of_consultations[each.consultation_id].update(_moves(each, change))
        if each.root_id is not None:
            of_threads[each.root_id] += change
        elif each.clause is not None:
            of_clauses[each.consultation_id, each.clause] += change
    _add(Contribution, {pk: {"response_count": by} for pk, by in of_threads.items()})
    _add(Consultation, of_consultations)
    if of_clauses:
        asked = [ClauseTally(consultation_id=consultation, clause=clause) for consultation, clause in of_clauses]
        ClauseTally.objects.bulk_create(asked, ignore_conflicts=True)
        rows = ClauseTally.objects.filter(consultation__in=of_consultations, clause__in={c for _, c in of_clauses})
        tallies = [row for row in rows if (row.consultation_id, row.clause) in of_clauses]
        for row in tallies:
            by = of_clauses[row.consultation_id, row.clause]
            row.contributions = Greatest(F("contributions") + by, Value(0))
        ClauseTally.objects.bulk_update(tallies, ["contributions"])


def _moves(contribution: Contribution, change: int) -> dict[str, int]:
    """Return which counters of its consultation public words move, and by how much."""
    if contribution.root_id is not None:
        return {"response_count": change}
    answered = 0 if contribution.outcome == Outcome.WAITING else change
    return {"contribution_count": change, "answered_count": answered}


def _add(model: type[Model], by_row: Mapping[int, Mapping[str, int]]) -> None:
    """Add to counters of many rows in one statement."""
    names = sorted({name for moves in by_row.values() for name in moves})
    rows = [model(pk=pk, **{name: F(name) + moves.get(name, 0) for name in names}) for pk, moves in by_row.items()]
    if rows:
        model._default_manager.bulk_update(rows, names)
