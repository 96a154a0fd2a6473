"""Published answers, as readers of a contribution see them."""

from collections.abc import Iterable

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from consult.discussion.answers import Answer
from consult.discussion.states import Outcome
from consult.replies.models import ReplyItem
from consult.replies.states import State


def published_answers(ids: Iterable[int]) -> dict[int, Answer]:
    """Return the published answer to each of these contributions, in one query."""
    together = (
        ReplyItem.objects.filter(reply=OuterRef("reply")).order_by().values("reply").annotate(n=Count("pk")).values("n")
    )
    items = (
        ReplyItem.objects.filter(contribution__in=list(ids), reply__state=State.PUBLISHED)
        .select_related("reply__body", "reply__consultation")
        .annotate(together=Coalesce(Subquery(together), 1))
    )
    return {item.contribution_id: _answer(item) for item in items}


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
