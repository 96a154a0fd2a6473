"""Consultations as a policy's pages show them."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from civic.policies.consultations import Asked, ClauseTalk
from consult.consultations.models import ClauseTally, Consultation
from consult.consultations.presentation import STATUS
from consult.consultations.states import Stage, State


class ConsultationProvider:
    """Answers ``civic.policies`` in a constant number of queries."""

    def of_page(self, page_id: int, *, at: datetime) -> list[Asked]:
        """Return the public consultations on a policy, newest first."""
        return [_asked(consultation, at) for consultation in self._public(page_id)]

    def talk(self, page_id: int, *, at: datetime) -> Mapping[UUID, ClauseTalk]:
        """Return what was said per clause in the running consultation, or else the last one."""
        asked = list(self._public(page_id))
        running = [consultation for consultation in asked if consultation.stage(at) is Stage.RUNNING]
        chosen = next(iter(running or asked), None)
        if chosen is None:
            return {}
        return {
            tally.clause: ClauseTalk(
                count=tally.contributions, url=reverse("consultation-clause", args=[chosen.slug, tally.clause])
            )
            for tally in ClauseTally.objects.filter(consultation=chosen)
        }

    def running(self, *, at: datetime) -> Q:
        """Return the condition on ``PolicyPage`` that a consultation on it is running."""
        return Q(pk__in=Consultation.objects.running(at).exclude(policy=None).values("policy"))

    def _public(self, page_id: int) -> "list[Consultation]":
        return list(Consultation.objects.public().filter(policy_id=page_id).order_by("-opens_at"))


def _asked(consultation: Consultation, at: datetime) -> Asked:
    stage = consultation.stage(at)
    assert consultation.opens_at is not None  # announced ones are dated
    assert consultation.closes_at is not None
    answered = consultation.state in {State.ANSWERED, State.ARCHIVED}
    return Asked(
        title=str(consultation),
        url=consultation.get_absolute_url(),
        is_running=stage is Stage.RUNNING,
        opens_at=consultation.opens_at,
        closes_at=consultation.closes_at,
        contributions=consultation.contribution_count,
        revision_id=consultation.revision_id,
        status=STATUS[stage],
        status_text=str(stage.label),
        result_url=reverse("consultation-result", args=[consultation.slug]) if answered else "",
    )
