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
from consult.voting.hashing import in_groups
from consult.voting.models import Objection, Observer, Poll, RollEntry

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
    reason = opening.FAULTS.get(entry.facts.get("code", ""), opening.NO_BALLOT_KEY)
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


@subscribe(actions.MEETING_CALLED)
def tell_of_the_meeting(entry: Entry) -> None:
    """Followers of the consultation hear where and when to come."""
    poll = Poll.objects.select_related("meeting").get(pk=entry.subject_id)
    params: dict[str, Any] = {
        "title": poll.title, "title_en": poll.title_en, "venue": poll.meeting.venue,
        "venue_en": poll.meeting.venue_en or poll.meeting.venue,
    }  # fmt: skip
    for name, language in (("when", settings.LANGUAGE_CODE), ("when_en", "en")):
        with translation.override(language):
            params[name] = when_text(poll.opens_at, entry.at)
    tell(kind=kinds.MEETING_CALLED, entry=entry, recipients=_each(poll, _followers(poll), params), at=entry.at)


@subscribe(actions.MEETING_RECORDED)
def ask_the_witnesses(entry: Entry) -> None:
    """Both hear that there is something to confirm, each time it was written anew."""
    poll = Poll.objects.select_related("meeting").get(pk=entry.subject_id)
    params = {"title": poll.title, "title_en": poll.title_en}
    people = [pk for pk in (poll.meeting.first_witness_id, poll.meeting.second_witness_id) if pk is not None]
    told = ((pk, params, f"{poll.get_absolute_url()}witness/") for pk in people)
    tell(kind=kinds.WITNESS_ASKED, entry=entry, recipients=told, at=entry.at)


@subscribe(actions.MEETING_DECIDED)
def tell_what_was_decided(entry: Entry) -> None:
    """Followers of the consultation hear that the minutes are out."""
    poll = Poll.objects.get(pk=entry.subject_id)
    params = {"title": poll.title, "title_en": poll.title_en}
    tell(kind=kinds.MEETING_DECIDED, entry=entry, recipients=_each(poll, _followers(poll), params), at=entry.at)


def _followers(poll: Poll) -> Iterator[int]:
    """Return who follows the poll's consultation; a poll that stands alone has nobody."""
    follows = (
        Follow.objects.filter(consultation=poll.consultation_id) if poll.consultation_id else Follow.objects.none()
    )
    return follows.order_by("pk").values_list("person_id", flat=True).iterator(CHUNK)


@subscribe(actions.HEAD_OF_THE_DAY)
def send_the_head(entry: Entry) -> None:
    """Observers get the head of the day, once."""
    poll = Poll.objects.get(pk=entry.subject_id)
    observers = Observer.objects.filter(poll=poll).order_by("pk").values_list("person_id", flat=True)
    params = {
        "title": poll.title, "title_en": poll.title_en,
        "number": entry.facts["number"], "hash": in_groups(entry.facts["hash"]),
    }  # fmt: skip
    url = reverse("poll-bulletin", args=[poll.slug])
    recipients = ((person, params, url) for person in observers.iterator(CHUNK))
    tell(kind=kinds.HEAD, entry=entry, recipients=recipients, at=entry.at)


@subscribe(actions.OBJECTED)
def tell_who_answers(entry: Entry) -> None:
    """The office that asked hears that somebody objected, never who."""
    poll = Poll.objects.select_related("place").get(pk=entry.subject_id)
    office = holders(actions.MANAGE, poll, at=entry.at).order_by("pk").values_list("pk", flat=True)
    params = {"title": poll.title, "title_en": poll.title_en}
    url = reverse("desk-poll-objections", args=[poll.slug])
    tell(kind=kinds.TO_ANSWER, entry=entry, recipients=((pk, params, url) for pk in office), at=entry.at)


@subscribe(actions.OBJECTION_ANSWERED)
def tell_the_answer(entry: Entry) -> None:
    """Whoever objected hears of the answer."""
    objections = Objection.objects.select_related("poll")
    objection = objections.get(poll=int(entry.subject_id), entry__number=entry.facts["number"])
    poll = objection.poll
    params = {"title": poll.title, "title_en": poll.title_en}
    url = f"{reverse('poll-result', args=[poll.slug])}#entry-{entry.facts['number']}"
    tell(kind=kinds.ANSWERED, entry=entry, recipients=[(objection.person_id, params, url)], at=entry.at)


def _each(poll: Poll, people: Iterator[int], params: dict[str, Any]) -> Iterator[Recipient]:
    return ((person, params, poll.get_absolute_url()) for person in people)
