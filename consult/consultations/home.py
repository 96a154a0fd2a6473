"""What the home page shows of consultations."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from civic.policies import sections
from civic.policies.sections import Section, Task
from consult.consultations.models import Consultation
from consult.consultations.presentation import STATUS, status_word

SHOWN = 4


def open_now(at: datetime) -> Section | None:
    """Return the consultations that close soonest, and when nothing is open those that open next."""
    running = Consultation.objects.running(at).for_pages().order_by("closes_at")
    rows = list(running[: SHOWN + 1])
    upcoming = [] if rows else list(Consultation.objects.upcoming(at).for_pages().order_by("opens_at")[:SHOWN])
    shown = [
        {
            "consultation": each,
            "status": STATUS[each.stage(at)],
            "stage": each.stage(at),
            "status_word": status_word(each, at=at),
            "url": each.get_absolute_url(),
        }
        for each in (rows[:SHOWN] or upcoming)
    ]
    return Section(
        "consult/consultations/_home.html",
        {"rows": shown, "more": len(rows) > SHOWN, "is_open": bool(rows), "at": at},
    )


def tasks(at: datetime) -> list[Task]:
    """Return the card that leads to taking part."""
    count = Consultation.objects.running(at).count()
    note = ngettext("%(count)s open now", "%(count)s open now", count) % {"count": count}
    return [Task("talk", _("Give an opinion"), note, reverse("consultations"))]


sections.register("home", open_now, column="main", order=10)
sections.register("home", tasks, column="tasks", order=20)
