"""What other systems may hear of consultations: dates, titles and numbers, no resident's words, nobody's name."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from civic.audit.models import Entry
from civic.notify import webhooks
from consult.consultations import actions as consultations
from consult.consultations.models import Consultation
from consult.consultations.states import State
from consult.replies import actions as replies


def about_consultation(entry: Entry) -> Mapping[str, Any] | None:
    """Return a consultation's public facts."""
    return _facts(entry.subject_id)


def about_reply(entry: Entry) -> Mapping[str, Any] | None:
    """Return an answer's outcome and number of contributions, with its consultation's facts."""
    facts = _facts(entry.facts["consultation"])
    if facts is None:
        return None
    return {**facts, "reply": {"outcome": entry.facts["outcome"], "contributions": entry.facts["count"]}}


def _facts(pk: Any) -> dict[str, Any] | None:
    rows = Consultation.objects.select_related("sponsor", "place").exclude(state=State.DRAFT)
    asked = rows.filter(pk=pk).first()
    if asked is None:
        return None
    dates = {name: getattr(asked, name) for name in ("opens_at", "closes_at", "answer_due_at", "answered_at")}
    return {
        "slug": asked.slug,
        "url": settings.BASE_URL + asked.get_absolute_url(),
        "title": asked.title,
        "title_en": asked.title_en,
        "office": asked.sponsor.name,
        "place": asked.place.name,
        **{name: moment.isoformat() if moment else None for name, moment in dates.items()},
        "contributions": asked.contribution_count,
        "participants": asked.participant_count,
        "answered": asked.answered_count,
    }


for _name, _label, _entry in (
    ("consultation.announced", _("A consultation is announced"), consultations.ANNOUNCED),
    ("consultation.opened", _("A consultation opens"), consultations.OPENED),
    ("consultation.extended", _("A consultation stays open longer"), consultations.EXTENDED),
    ("consultation.closed", _("A consultation closes"), consultations.CLOSED),
    ("consultation.answered", _("A consultation is answered"), consultations.ANSWERED),
    ("consultation.withdrawn", _("A consultation is withdrawn"), consultations.WITHDRAWN),
):
    webhooks.declare(_name, _label, entry=_entry, facts=about_consultation)
webhooks.declare("reply.published", _("An answer is published"), entry=replies.PUBLISHED, facts=about_reply)
