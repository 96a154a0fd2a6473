"""Reading polls."""

import hashlib
import hmac
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Case, Exists, F, FilteredRelation, Min, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext

from civic.access.mandates import entrusted_to
from civic.access.questions import MANDATE_ENDED, NO_MANDATE, require, visible
from civic.audit.models import Entry
from civic.core.asking import Question, attach
from civic.core.refusals import Refused
from civic.people.models import Person
from civic.places.models import Place
from consult.voting import evidence
from consult.voting.actions import (
    ADDED_TO_ROLL,
    ANNOUNCED,
    BALLOTS_TAKEN,
    CERTIFIED,
    CERTIFY,
    COUNTED,
    FAULTS_FOUND,
    LIST_BROUGHT,
    MANAGE,
    MEETING_CALLED,
    MEETING_CONFIRMED,
    MEETING_DECIDED,
    MEETING_RECORDED,
    OPENED,
    PACK_CANCELLED,
    PACK_MADE,
    RECOUNT_ASKED,
    RECOUNTED,
    ROLL_DRAWN,
    SAMPLED,
    VIEW,
)
from consult.voting.hashing import sha256
from consult.voting.methods.otherwise import otherwise
from consult.voting.methods.outcomes import Outcome
from consult.voting.models import (
    BoxBallot,
    BulletinEntry,
    Choice,
    Grade,
    Group,
    Objection,
    Observer,
    PaperKeying,
    PaperPack,
    Poll,
    RollEntry,
    RollMark,
)
from consult.voting.rules import NOT_YOUR_OWN, note_on_roll
from consult.voting.states import State
from orgs.bodies.models import Channel, Membership

logger = logging.getLogger(__name__)

# Whoever did one of these does not check afterwards what came of it.
HANDS_IN_IT = (
    ANNOUNCED, LIST_BROUGHT, ROLL_DRAWN, OPENED, ADDED_TO_ROLL, PACK_MADE, PACK_CANCELLED,
    MEETING_CALLED, MEETING_RECORDED, MEETING_CONFIRMED, MEETING_DECIDED,
)  # fmt: skip
KEPT = 30 * 24 * 3600
AN_HOUR = 3600
SHOWN_ACTS = 20


_PUBLIC: Question[Poll] = Question(
    lambda slug: Poll.objects.public().select_related("place", "sponsor", "consultation").filter(slug=slug), slug=str
)


def _to_voter(slug: str, person: int) -> "QuerySet[Poll]":
    own = {
        "own_entry": FilteredRelation("roll", condition=Q(roll__person=person)),
        "own_mark": FilteredRelation("marks", condition=Q(marks__person=person)),
    }
    known = {"on_roll": F("own_entry__person"), "voted_on": F("own_mark__voted_on"), "voted_by": F("own_mark__channel")}
    found = Poll.objects.public().select_related("consultation").filter(slug=slug).order_by()
    # What only the poll's own page and its count show is left where it is.
    return found.annotate(**own).annotate(**known).defer("about", "about_en", "counting", "roll_by_place", "result")


_TO_VOTER: Question[Any] = Question(_to_voter, slug=str, person=int)
_CHOICES: Question[Choice] = Question(lambda poll: Choice.objects.filter(poll_id=poll), poll=int)
_MARK = RollMark.objects.filter(poll_id=OuterRef("poll_id"), person_id=OuterRef("person_id"))
_VOTED: Question[tuple[date | None, str | None]] = Question(
    lambda poll, person: (
        RollEntry.objects.filter(poll_id=poll, person_id=person)
        .values_list(Subquery(_MARK.values("voted_on")), Subquery(_MARK.values("channel")))
    ),
    poll=int, person=int,
)  # fmt: skip


def public(slug: str) -> Poll | None:
    """Return a poll everybody may read with what its pages show, or None: what ``readable`` gives, asked once."""
    poll = _PUBLIC.one(slug=slug)
    if poll is not None:
        attach(poll, "choices", _CHOICES.all(poll=poll.pk))
    return poll


def public_to(slug: str, person: Person) -> tuple[Poll | None, "Voted | None"]:
    """Return a poll everybody may read, with what voting in it needs, and what ``voted`` says of this person: asked once."""
    found = _TO_VOTER.one(slug=slug, person=person.pk)
    if found is None or found.on_roll is None:
        return found, None
    note_on_roll(person, found)
    return found, Voted(found.voted_on, found.voted_by) if found.voted_on is not None else None


def readable(person: Any, *, at: datetime) -> "QuerySet[Poll]":
    """Return the polls a person may read, with what pages show."""
    return visible(person, VIEW, Poll.objects.for_pages(), at=at)


def auditable(person: Any, *, at: datetime) -> "QuerySet[Poll]":
    """Return the polls whose evidence a person may look at: those they may certify once they are counted."""
    return visible(person, CERTIFY, Poll.objects.public().for_pages(), at=at)


def audits(person: Any, poll: Poll, *, at: datetime) -> bool:
    """Tell whether a person may look at a poll's evidence."""
    return auditable(person, at=at).filter(pk=poll.pk).exists()


def require_auditor(poll: Poll, person: Person, *, at: datetime) -> None:
    """Raise ``Refused`` unless this person may audit the poll and had no part in running it (``ran_it``)."""
    if not audits(person, poll, at=at):
        raise Refused(MANDATE_ENDED if entrusted_to(person, CERTIFY, at=at) else NO_MANDATE)
    if ran_it(person, poll, at=at):
        raise Refused(NOT_YOUR_OWN)


def ran_it(person: Person, poll: Poll, *, at: datetime) -> bool:
    """Tell whether a person belongs to the office that runs a poll, or had a hand in it: drafted, opened, keyed, witnessed."""
    if poll.created_by_id == person.pk:
        return True
    members = Membership.objects.in_force(at).filter(body=poll.sponsor_id, person=person)
    acts = Entry.objects.about(poll).filter(actor=person, type__in=HANDS_IN_IT)
    keyed = PaperKeying.objects.filter(poll=poll.pk, keyed_by=person)
    return Person.objects.filter(Exists(members) | Exists(acts) | Exists(keyed), pk=person.pk).exists()


def require_office(poll: Poll, person: Any, *, at: datetime) -> None:
    """Raise ``Refused`` unless this person runs the poll or may audit it."""
    if not audits(person, poll, at=at):
        require(person, MANAGE, poll, at=at)


def objections_at_the_desk(poll: Poll) -> "QuerySet[Objection]":
    """Return a poll's objections, those that wait for an answer first."""
    settled = Coalesce("answered_at", "hidden_at")
    return Objection.objects.filter(poll=poll).select_related("entry").order_by(settled.asc(nulls_first=True), "pk")


def objections(poll: Poll) -> "QuerySet[Objection]":
    """Return a poll's objections as everybody reads them, in the order of the chain."""
    return Objection.objects.filter(poll=poll).select_related("entry").order_by("entry__number")


def objections_waiting(poll: Poll) -> int:
    """Return how many of a poll's objections nobody has answered."""
    return Objection.objects.waiting().filter(poll=poll).count()


def observes(poll: Poll, person: Person) -> bool:
    """Tell whether a person gets the head of this poll's chain."""
    return Observer.objects.filter(poll=poll, person=person).exists()


def waiting_first(polls: "QuerySet[Poll]") -> "QuerySet[Poll]":
    """Order polls for their auditor: counted ones first, then by closing, the latest first."""
    order = Case(When(state=State.COUNTED, then=0), default=1)
    return polls.order_by(order, "-closes_at", "-pk")


def waiting_for_auditors(person: Any, at: datetime) -> int:
    """Return how many counted polls wait for this person's opinion."""
    return auditable(person, at=at).filter(state=State.COUNTED).count()


def recounted_equal(poll: Poll, person: Person) -> bool:
    """Tell whether a person's last recount of a poll gave what was published, and nothing else was wrong."""
    last = Entry.objects.about(poll).filter(type=RECOUNTED, actor=person).order_by("-id").first()
    return last is not None and bool(last.facts["same"]) and not last.facts["faults"]


def acts_of_auditors(poll: Poll) -> list[Entry]:
    """Return the recounts, samples and copies auditors took of a poll, newest first, with who it was."""
    types = [RECOUNT_ASKED, RECOUNTED, SAMPLED, BALLOTS_TAKEN]
    return list(Entry.objects.about(poll).filter(type__in=types).select_related("actor").order_by("-id")[:SHOWN_ACTS])


def recounts_asked(*, since: datetime) -> list[Entry]:
    """Return the recounts that were asked for since an instant, oldest first."""
    return list(Entry.objects.filter(type=RECOUNT_ASKED, at__gt=since).select_related("actor").order_by("id"))


def signers(poll: Poll) -> list[str]:
    """Return who signed each certificate of a poll's chain, in its order: an entry goes with each, of one transaction."""
    signed = Entry.objects.about(poll).filter(type__in=[CERTIFIED, FAULTS_FOUND]).select_related("actor")
    return [each.actor.public_name if each.actor else "" for each in signed]


def next_edge(at: datetime) -> datetime | None:
    """Return the next instant at which a poll opens or closes."""
    known = Poll.objects.public().aggregate(
        opens=Min("opens_at", filter=Q(opens_at__gt=at)), closes=Min("closes_at", filter=Q(closes_at__gt=at))
    )
    return min((moment for moment in known.values() if moment is not None), default=None)


@dataclass(frozen=True)
class Voted:
    """On which day somebody was marked as having voted, and by which channel."""

    on: date
    channel: str

    @property
    def may_change(self) -> bool:
        """Tell whether a receipt may change the ballot, where the poll lets it: on paper it stays as it was keyed."""
        return self.channel != Channel.PAPER


def voted(poll: Poll, person: Any) -> Voted | None:
    """Return how a person was marked as having voted, or None; who is on the roll is known to be there afterwards."""
    entry = _VOTED.one(poll=poll.pk, person=person.pk) if isinstance(person, Person) else None
    if entry is None:  # the database marks only those on the roll
        return None
    note_on_roll(person, poll)
    on, channel = entry
    return Voted(on, channel) if on is not None and channel is not None else None


def paper(poll: Poll, person: Any) -> list[Choice]:
    """Return the choices in the order of one person's paper: drawn per voter where the rule says so, always the same."""
    return _in_their_order(poll, person, list(poll.choices.all()))


def paper_in_brief(poll: Poll, person: Any) -> list[Choice]:
    """Return what ``paper`` returns without pictures and explanations: an opened poll's frozen rules name its choices."""
    if not poll.rules:
        return paper(poll, person)
    named = [
        Choice(poll=poll, key=each["id"], title=each["title"], title_en=each["title_en"], cost=each["cost"])
        for each in poll.rules["choices"]
    ]
    return _in_their_order(poll, person, named)


def _in_their_order(poll: Poll, person: Any, choices: list[Choice]) -> list[Choice]:
    if not poll.is_shuffled or not isinstance(person, Person):
        return choices

    def drawn(choice: Choice) -> bytes:
        text = f"order|{poll.pk}|{person.pk}|{choice.key}".encode()
        return hmac.digest(settings.SECRET_KEY.encode(), text, hashlib.sha256)

    return sorted(choices, key=drawn)


def paper_of_slip(poll: Poll, choices: list[Choice], number: int) -> list[Choice]:
    """Return the choices in the order they are printed on one slip: the same for whoever keys it, on any day."""
    if not poll.is_shuffled:
        return choices
    return sorted(choices, key=lambda choice: sha256(f"order|{poll.rules_hash}|{number}|{choice.key}".encode()))


def entries(poll: Poll) -> list[BulletinEntry]:
    """Return the public chain from its first entry."""
    return list(BulletinEntry.objects.filter(poll=poll).order_by("number"))


def has_paper(poll: Poll) -> bool:
    """Tell whether slips were printed for a poll."""
    return PaperPack.objects.filter(poll=poll).exists()


def other_rules(poll: Poll) -> list[dict[str, Any]]:
    """Return what other rules would have given, as it was told when the poll was counted.

    Polls counted before it was told then are counted once more and the answer kept, where their ballots are published.
    """
    told = Entry.objects.about(poll).filter(type=COUNTED).first()
    if told is not None and "others" in told.facts:
        others: list[dict[str, Any]] = told.facts["others"]
        return others
    if poll.grade != Grade.PUBLIC or poll.result is None:
        return []
    key = f"voting:otherwise:{poll.result_hash}"
    known: list[dict[str, Any]] | None = cache.get(key)
    if known is None:
        tally = Counter(content.encode() for _commitment, content in evidence.counted(poll))
        known = count_otherwise(poll, tally)
        cache.set(key, known, KEPT)
    return known


def count_otherwise(poll: Poll, tally: Mapping[bytes, int]) -> list[dict[str, Any]]:
    """Count a poll that has its result by the other rules its ballots fit: the same ballots, the same seed.

    Returns nothing where one of them cannot count: what might have been keeps no result from being counted or read.
    """
    assert poll.result is not None
    seed = bytes.fromhex(BulletinEntry.objects.get(poll=poll, kind=BulletinEntry.Kind.CLOSED).hash)
    told = poll.result["outcome"]
    outcome = Outcome(told["method"], told["valid"], told["blank"], tuple(told["winners"]), told["totals"])
    try:
        return [each.to_json() for each in otherwise(poll.counting_rules, outcome, tally, seed)]
    except Exception:  # whatever it is: the office could do nothing about it, and the poll would stay uncounted
        logger.exception("poll %s could not be counted by other rules", poll.pk)
        return []


def voted_by_last_night(poll: Poll, *, at: datetime) -> tuple[int, int]:
    """Return how many had voted when the day began, and how many may.

    Whoever was handed a paper ballot has voted once it lies in the box, not before.  Whole days only: a number
    that goes up while somebody votes would say when they did.
    """
    today = timezone.localtime(at).date()
    key = f"voting:voted:{poll.pk}:{today}"
    voted: int | None = cache.get(key)
    if voted is None:
        marks = RollMark.objects.filter(poll=poll, voted_on__lt=today)
        on_paper = marks.filter(channel=Channel.PAPER, assisted=False).count()
        came_back = BoxBallot.objects.filter(poll=poll.pk, group=Group.PAPER, turn=1).count()
        voted = marks.count() - on_paper + min(on_paper, came_back)
        cache.set(key, voted, AN_HOUR)
    added = BulletinEntry.objects.filter(poll=poll, kind=BulletinEntry.Kind.ADDED_TO_ROLL).count()
    return voted, (poll.roll_size or 0) + added


def place_names(codes: list[str]) -> dict[str, Place]:
    """Return places by their codes."""
    return {place.code: place for place in Place.objects.filter(code__in=codes)}


def roll_parts(parts: list[dict[str, Any]], names: dict[str, Place]) -> list[tuple[str, int]]:
    """Return the roll as numbers by place, small places together; the empty code is everywhere else."""
    return [
        (gettext(", ").join(str(names.get(code, "")) or gettext("elsewhere") for code in part["places"]), part["count"])
        for part in parts
    ]
