"""Who hears of a poll: everybody on its roll, and its consultation's followers, when voting begins; the roll when it is counted.

Never only those who voted: a notice has a time and a person, and would be a second list of who did.
"""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from civic.access.questions import holders
from civic.audit.models import Entry
from civic.events.bus import subscribe
from civic.notify.domain import Recipient, tell
from civic.ui.dates import when_text
from consult.consultations.models import Follow
from consult.voting import actions, kinds, opening
from consult.voting.models import Poll, RollEntry

CHUNK = 500


@subscribe(actions.BEGUN)
def tell_of_the_opening(entry: Entry) -> None:
    """Everybody on the roll hears that they may vote; followers of the consultation who are not, that others do."""
    poll = Poll.objects.get(pk=entry.subject_id)
    params: dict[str, Any] = {"title": poll.title, "title_en": poll.title_en}
    for name, language in (("until", settings.LANGUAGE_CODE), ("until_en", "en")):
        with translation.override(language):
            params[name] = when_text(poll.closes_at, entry.at)
    on_roll = RollEntry.objects.filter(poll=poll)
    people = on_roll.order_by("person_id").values_list("person_id", flat=True)
    tell(kind=kinds.BEGUN, entry=entry, recipients=_each(poll, people.iterator(CHUNK), params), at=entry.at)
    if poll.consultation_id is None:
        return
    followers = Follow.objects.filter(consultation=poll.consultation_id).order_by("pk")
    others = followers.exclude(person__in=on_roll.values("person")).values_list("person_id", flat=True)
    tell(kind=kinds.OPENED, entry=entry, recipients=_each(poll, others.iterator(CHUNK), params), at=entry.at)


@subscribe(actions.STUCK)
def tell_the_office(entry: Entry) -> None:
    """Whoever may run the poll hears that it cannot begin, and why."""
    poll = Poll.objects.get(pk=entry.subject_id)
    reason = opening.FAULTS.get(entry.facts.get("reason", ""), opening.NO_BALLOT_KEY)
    params: dict[str, Any] = {"title": poll.title, "title_en": poll.title_en}
    for name, language in (("why", settings.LANGUAGE_CODE), ("why_en", "en")):
        with translation.override(language):
            params[name] = str(reason)
    address = reverse("desk-poll", args=[poll.slug])
    office = [(person, params, address) for person in holders(actions.MANAGE, poll, at=entry.at)]
    tell(kind=kinds.STUCK, entry=entry, recipients=office, at=entry.at)


@subscribe(actions.COUNTED)
def tell_the_result(entry: Entry) -> None:
    """Everybody on the roll hears that there is a result."""
    poll = Poll.objects.get(pk=entry.subject_id)
    people = RollEntry.objects.filter(poll=poll).order_by("person_id").values_list("person_id", flat=True)
    params = {"title": poll.title, "title_en": poll.title_en}
    tell(kind=kinds.COUNTED, entry=entry, recipients=_each(poll, people.iterator(CHUNK), params), at=entry.at)


def _each(poll: Poll, people: Iterator[int], params: dict[str, Any]) -> Iterator[Recipient]:
    return ((person, params, poll.get_absolute_url()) for person in people)
