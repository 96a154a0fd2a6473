"""Published answers, as readers of a contribution see them."""

from collections.abc import Iterable

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from civic.core.asking import Question, several, spread
from consult.discussion.answers import Answer
from consult.discussion.states import Outcome
from consult.replies.models import ReplyItem
from consult.replies.states import State

PAGEFUL = 24  # contributions asked about at once


def published_answers(ids: Iterable[int], scope: str) -> dict[int, Answer]:
    """Return the published answer to each of these contributions: one query for a page of them."""
    wanted = list(ids)
    pages = [wanted[n : n + PAGEFUL] for n in range(0, len(wanted), PAGEFUL)]
    items = [item for page in pages for item in _ITEMS.unchanged(scope, **spread(page, PAGEFUL))]
    return {item.contribution_id: _answer(item) for item in items}


def _items(**ids: int) -> "QuerySet[ReplyItem]":
    together = (
        ReplyItem.objects.filter(reply=OuterRef("reply")).order_by().values("reply").annotate(n=Count("pk")).values("n")
    )
    return (
        ReplyItem.objects.filter(contribution__in=list(ids.values()), reply__state=State.PUBLISHED)
        .select_related("reply__body", "reply__consultation")
        .annotate(together=Coalesce(Subquery(together), 1))
    )


_ITEMS: Question[ReplyItem] = Question(_items, **several(PAGEFUL))


def _answer(item: ReplyItem) -> Answer:
    reply = item.reply
    assert reply.published_at is not None  # the constraint says so
    return Answer(
        office=str(reply.body),
        outcome=reply.outcome,
        outcome_label=str(Outcome(reply.outcome).label),
        text=reply.text,
        text_en=reply.text_en,
        reason=reply.reason,
        reason_en=reply.reason_en,
        published_at=reply.published_at,
        url=reply.consultation.get_absolute_url(),
        together=item.together,  # type: ignore[attr-defined]  # annotated above
        clause_number=reply.clause_number,
        clause_number_en=reply.clause_number_en,
        new_text=reply.new_text,
        new_text_en=reply.new_text_en,
        pk=reply.pk,
    )
