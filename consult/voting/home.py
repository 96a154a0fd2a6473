"""What the home page and a consultation's page show of polls."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from civic.core.asking import Question
from civic.policies import sections
from civic.policies.sections import Section, Task
from consult.consultations.models import Consultation
from consult.consultations.queries import scope_of
from consult.discussion.panels import Panel
from consult.voting.models import Poll
from consult.voting.presentation import STATUS

SHOWN = 3
_OF: Question[Poll] = Question(
    lambda consultation: (
        Poll.objects.public().filter(consultation_id=consultation).select_related("place", "sponsor", "consultation")
    ),
    consultation=int,
)  # fmt: skip


def open_now(at: datetime) -> Section | None:
    """Return the polls that close soonest; None when none is open."""
    rows = _rows(list(Poll.objects.running(at).for_pages().order_by("closes_at")[:SHOWN]), at)
    return Section("consult/voting/_home.html", {"rows": rows}) if rows else None


def ways_in(at: datetime) -> list[Task]:
    """Return the home page's card of polls."""
    return [Task("vote", _("Vote"), _("One person, one ballot"), reverse("polls"))]


def polls_panel(consultation: Consultation, person: Any, at: datetime) -> Panel | None:
    """Return the polls of a consultation; None when it has none."""
    rows = _rows(_OF.unchanged(scope_of(consultation.pk), consultation=consultation.pk), at)
    return Panel("consult/voting/_panel.html", {"rows": rows}) if rows else None


def _rows(polls: list[Poll], at: datetime) -> list[dict[str, Any]]:
    return [{"poll": poll, "stage": poll.stage(at), "status": STATUS[poll.stage(at)]} for poll in polls]


sections.register("home", ways_in, column="tasks", order=30)
sections.register("home", open_now, column="main", order=20)
