"""Telling people what became of what they said, in the transaction of each delivery."""

from collections.abc import Iterable
from datetime import datetime
from itertools import chain
from typing import Any

from django.conf import settings
from django.utils import translation

from civic.audit.models import Entry
from civic.events.bus import subscribe
from civic.notify.domain import tell
from civic.ui.dates import when_text
from consult.consultations import actions as consultations
from consult.consultations.models import Consultation
from consult.replies import actions as replies
from consult.replies.models import Reply
from consult.reports import kinds, telling


@subscribe(consultations.ANSWERED)
def tell_the_outcome(entry: Entry) -> None:
    """Everybody who took part hears what became of their words; followers hear that it is answered."""
    consultation = _consultation(entry)
    tell(kind=kinds.OUTCOME, entry=entry, recipients=telling.participants(consultation), at=entry.at)
    tell(kind=kinds.ENDED, entry=entry, recipients=telling.onlookers(consultation), at=entry.at)


@subscribe(replies.PUBLISHED)
def tell_of_an_answer(entry: Entry) -> None:
    """Those whose words an answer answers hear of it."""
    reply = Reply.objects.select_related("consultation", "body").get(pk=entry.subject_id)
    tell(kind=kinds.REPLIED, entry=entry, recipients=telling.answered_by(reply), at=entry.at)


@subscribe(consultations.EXTENDED)
def tell_of_more_time(entry: Entry) -> None:
    """Participants and followers hear that there is more time, and why."""
    consultation = _consultation(entry)
    until = datetime.fromisoformat(entry.facts["until"])
    params = {"title": consultation.title, "title_en": consultation.title_en, "note": entry.facts["note"]}
    for name, language in (("until", settings.LANGUAGE_CODE), ("until_en", "en")):
        with translation.override(language):
            params[name] = when_text(until, entry.at)
    people = chain(telling.all_participants(consultation), telling.followers_only(consultation))
    url = consultation.get_absolute_url()
    tell(kind=kinds.EXTENDED, entry=entry, recipients=_each(people, params, url), at=entry.at)


@subscribe(consultations.WITHDRAWN)
def tell_of_the_withdrawal(entry: Entry) -> None:
    """Participants and followers hear that it ended without an answer, and why."""
    consultation = _consultation(entry)
    params = {"title": consultation.title, "title_en": consultation.title_en, "note": entry.facts["note"]}
    url = consultation.get_absolute_url()
    people, followers = telling.all_participants(consultation), telling.followers_only(consultation)
    tell(kind=kinds.WITHDRAWN, entry=entry, recipients=_each(people, params, url), at=entry.at)
    tell(kind=kinds.FOLLOWED_WITHDRAWN, entry=entry, recipients=_each(followers, params, url), at=entry.at)


def _each(people: Iterable[int], params: dict[str, Any], url: str) -> Iterable[tuple[int, dict[str, Any], str]]:
    return ((person, params, url) for person in people)


def _consultation(entry: Entry) -> Consultation:
    return Consultation.objects.get(pk=entry.subject_id)
