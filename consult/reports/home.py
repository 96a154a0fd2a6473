"""What was just answered, on the home page: said, answered, changed."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch
from django.urls import reverse

from civic.policies import sections
from civic.policies.clauses import clauses_of
from civic.policies.sections import Section
from consult.replies.models import Reply, ReplyItem
from consult.replies.states import State

SHOWN = 2


def just_answered(at: datetime) -> Section | None:
    """Return the newest answers that change a clause, each with one voice behind it; None when there are none."""
    voices = ReplyItem.objects.select_related("contribution__author").order_by("-contribution__num_vote_up", "pk")
    replies = (
        Reply.objects.filter(state=State.PUBLISHED, published_at__lte=at)
        .exclude(new_text="")
        .select_related("consultation__revision", "body")
        .prefetch_related(Prefetch("items", queryset=voices))
        .annotate(together=Count("items"))
        .order_by("-published_at", "-pk")[:SHOWN]
    )
    rows = [row for reply in replies if (row := _row(reply)) is not None]
    return Section("consult/reports/_home.html", {"rows": rows}) if rows else None


def _row(reply: Reply) -> dict[str, Any] | None:
    voices = (item.contribution for item in reply.items.all())
    voice = next((said for said in voices if said.is_public and said.erased_at is None), None)
    if voice is None:
        return None
    consultation = reply.consultation
    voice.consultation = consultation
    clauses = clauses_of(consultation.revision) if consultation.revision else []
    return {
        "reply": reply,
        "voice": voice,
        "together": reply.together,  # type: ignore[attr-defined]  # annotated above
        "before": next((clause for clause in clauses if clause.id == reply.clause), None),
        "consultation": consultation,
        "url": reverse("consultation-result", args=[consultation.slug])
        if consultation.answered_at
        else consultation.get_absolute_url(),
    }


sections.register("home", just_answered, column="side", order=10)
