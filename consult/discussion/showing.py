"""Words that leave the page and come back: in which order rows are locked, and which counters follow."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Greatest

from civic.core.refusals import WRONG_STATE, Refused
from consult.consultations.models import ClauseTally, Consultation
from consult.discussion.models import Contribution
from consult.discussion.states import Outcome


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
    """Count public words in (1) or out (-1): of the consultation, the clause, the thread.

    Assumes the caller's transaction and ``lock``.  Raises ``Refused``
    when the consultation is in none of the states ``among``: the same statement
    counts and checks.
    """
    if contribution.kind == Contribution.Kind.STATEMENT:
        return
    rows = Consultation.objects.filter(pk=contribution.consultation_id)
    if among is not None:
        rows = rows.filter(state__in=among)
    if contribution.root_id is not None:
        Contribution.objects.filter(pk=contribution.root_id).update(response_count=F("response_count") + change)
        moved = rows.update(response_count=F("response_count") + change)
    else:
        answered = 0 if contribution.outcome == Outcome.WAITING else change
        moved = rows.update(
            contribution_count=F("contribution_count") + change, answered_count=F("answered_count") + answered
        )
    if not moved:
        raise Refused(WRONG_STATE, conflict=True)
    if contribution.root_id is None and contribution.clause is not None:
        tally: dict[str, Any] = {"consultation_id": contribution.consultation_id, "clause": contribution.clause}
        ClauseTally.objects.get_or_create(**tally)
        ClauseTally.objects.filter(**tally).update(contributions=Greatest(F("contributions") + change, Value(0)))
