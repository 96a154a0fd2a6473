"""Who may vote, when, and what stands in the way."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from civic.access.decisions import Decision, no, yes
from civic.core.asking import Question
from civic.core.refusals import NOT_FOUND, Reason
from civic.people.models import Level, Person
from civic.people.rules import standing
from consult.voting.models import Meeting, Poll, RollEntry
from consult.voting.states import Stage, State

OPENS_LATER = Reason("poll-opens-later", _("Voting opens on %(when)s. You can read everything now."))
IS_OVER = Reason("poll-is-over", _("Voting ended on %(when)s. No ballot is taken after that moment."))
WAS_WITHDRAWN = Reason("poll-was-withdrawn", _("This poll was withdrawn: %(why)s"))
NOT_ON_ROLL = Reason(
    "not-on-roll",
    _("You are not on the roll of this poll. If you should be, ask the office named here before voting ends."),
)
ROLL_NOT_DRAWN = Reason(
    "roll-not-drawn",
    _("The roll is drawn at most a day before voting opens. From then on it says here whether you are on it."),
)
IN_A_MEETING = Reason(
    "decided-in-a-meeting",
    _("Hands decide this in a meeting on %(when)s: no ballot is cast here, and nobody votes in somebody else's place."),
)
NO_WITNESS = Reason("not-a-witness", _("Only the two people the clerk named as witnesses can confirm the minutes."))
NOTHING_TO_CONFIRM = Reason("nothing-to-confirm", _("There is nothing to confirm here at the moment."))
NO_BOX = Reason("no-box-yet", _("The ballot box of this poll is not set up yet."))
NOT_COUNTED = Reason("poll-not-counted", _("This poll has not been counted yet."))
OBJECTIONS_OVER = Reason("objections-over", _("Objections could be made until %(when)s."))
NOT_YOUR_OWN = Reason(
    "not-your-own-poll",
    _("Whoever is to check a poll must not belong to the office that ran it, nor have had a hand in it."),
)

OBJECTION_DAYS = 5
_ENTRY: Question[int] = Question(
    lambda poll, person: RollEntry.objects.filter(poll_id=poll, person_id=person).values_list("person", flat=True),
    poll=int, person=int,
)  # fmt: skip


def is_public(poll: Poll, at: datetime) -> Decision:
    """Everybody may read what has been announced."""
    return no(NOT_FOUND) if poll.state == State.DRAFT else yes()


def is_running(poll: Poll, at: datetime) -> Decision:
    """Is the poll open for votes at ``at``?  Holds until it closes."""
    if poll.is_meeting and poll.state == State.OPEN:
        return no(in_a_meeting(poll))
    match poll.stage(at):
        case Stage.RUNNING:
            return yes(until=poll.closes_at)
        case Stage.DRAFT:
            return no(NOT_FOUND)
        case Stage.ANNOUNCED:
            return no(OPENS_LATER.with_(when=Moment(poll.opens_at)))
        case Stage.WITHDRAWN:
            return no(WAS_WITHDRAWN.with_(why=poll.withdrawn_because))
        case _:
            return no(IS_OVER.with_(when=Moment(poll.closes_at)))


def has_box(poll: Poll, at: datetime) -> Decision:
    """Paper ballots exist once the box is set up; what may be done with them then, each step says itself."""
    if poll.is_meeting:
        return no(in_a_meeting(poll))
    return no(NO_BOX) if poll.state in {State.DRAFT, State.ANNOUNCED} else yes()


def is_counted(poll: Poll, at: datetime) -> Decision:
    """A certificate stands under a result."""
    return yes() if poll.stage(at) in {Stage.COUNTED, Stage.CERTIFIED} else no(NOT_COUNTED)


def may_be_objected_to(poll: Poll, at: datetime) -> Decision:
    """Objections are heard from the opening until some days after the count."""
    stage = poll.stage(at)
    if stage in {Stage.RUNNING, Stage.MEETING, Stage.COUNTING}:
        return yes()
    if poll.counted_at is None:
        return no(NOT_COUNTED)
    until = poll.counted_at + timedelta(days=OBJECTION_DAYS)
    return yes(until=until) if at < until else no(OBJECTIONS_OVER.with_(when=Moment(until)))


def is_on_roll(person: Any, poll: Poll, at: datetime) -> Decision:
    """Was this person put on the roll?  Standing is asked as well: a suspended account votes at a station."""
    if poll.is_meeting:
        return no(in_a_meeting(poll))
    reason = standing(person, level=poll.roll_rule.get("level", 0), at=at)
    if reason is not None:
        return no(reason)
    assert isinstance(person, Person)  # standing() refuses everybody else
    # Nobody is ever taken off a roll: a yes need not be asked for twice while this person is in hand.
    if poll.pk in person.__dict__.get("_on_rolls", ()):
        return yes()
    if _ENTRY.one(poll=poll.pk, person=person.pk) is None:
        return no(ROLL_NOT_DRAWN if poll.roll_size is None else NOT_ON_ROLL)
    note_on_roll(person, poll)
    return yes()


def note_on_roll(person: Person, poll: Poll) -> None:
    """Remember, while this person is in hand, that they were found on the roll."""
    person.__dict__.setdefault("_on_rolls", set()).add(poll.pk)


def is_witness(person: Any, poll: Poll, at: datetime) -> Decision:
    """Was this person named as one of the two who confirm the minutes?"""
    reason = standing(person, level=Level.CONTACT, at=at)
    if reason is not None:
        return no(reason)
    assert isinstance(person, Person)  # standing() refuses everybody else
    return yes() if Meeting.objects.witnessed_by(person).filter(poll=poll).exists() else no(NO_WITNESS)


def awaits_witnesses(poll: Poll, at: datetime) -> Decision:
    """Is a meeting held, and its result not published yet?"""
    return yes() if poll.is_meeting and poll.state == State.OPEN and at >= poll.opens_at else no(NOTHING_TO_CONFIRM)


def in_a_meeting(poll: Poll) -> Reason:
    """Return why nothing is cast: hands decide, and when."""
    return IN_A_MEETING.with_(when=Moment(poll.opens_at))


class Moment:
    """An instant that prints itself in the reader's language and zone when the sentence is shown."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __str__(self) -> str:
        return formats.date_format(timezone.localtime(self.moment), "DATETIME_FORMAT")
