"""Objections to a poll: said by anybody with an address of their own, answered by the office or the auditor."""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from civic.access.questions import require
from civic.core.refusals import NOTE_NEEDED, WRONG_STATE, Reason, Refused
from civic.events.bus import publish
from civic.people.models import Person
from consult.voting import actions, chain, queries
from consult.voting.hashing import sha256
from consult.voting.models import MAX_ANSWER, MAX_OBJECTION, BulletinEntry, Objection, Poll

TOO_LONG = Reason("objection-too-long", _("Say it in at most %(most)s signs; the auditor will ask back."))
ANSWER_TOO_LONG = Reason("answer-too-long", _("Answer in at most %(most)s signs."))
SAID_ALREADY = Reason("objection-said-already", _("You have made this objection already; it is in the bulletin."))
ANSWERED_ALREADY = Reason("objection-answered", _("This objection was answered meanwhile."))


def object_to(*, poll: Poll, person: Person, text: str, at: datetime) -> Objection:
    """Put an objection into the chain: its date and a salted hash of its words, which stay where a person can be forgotten.

    Raises ``Refused`` outside the time for objections, for no words or too many, and for the same words twice.
    """
    words = text.strip()
    with transaction.atomic():
        current = Poll.objects.select_for_update().get(pk=poll.pk)
        require(person, actions.OBJECT, current, at=at)
        if not words:
            raise Refused(NOTE_NEEDED)
        if len(words) > MAX_OBJECTION:
            raise Refused(TOO_LONG.with_(most=MAX_OBJECTION))
        if Objection.objects.filter(poll=current, person=person, text=words).exists():
            raise Refused(SAID_ALREADY, conflict=True)
        salt = secrets.token_hex(16)
        entry = chain.append(
            current, BulletinEntry.Kind.OBJECTION, {"on": at.isoformat(), "words": sha256(f"{salt}|{words}".encode())}
        )
        made = Objection.objects.create(poll=current, entry=entry, person=person, made_at=at, text=words, salt=salt)
        publish(actions.OBJECTED, subject=current, actor=person, at=at, facts={"number": entry.number})
    return made


def answer(*, objection: Objection, actor: Person, text: str, at: datetime) -> None:
    """Answer an objection, once and in public, as whoever ran the poll or as its auditor.

    Raises ``Refused`` for anybody else, for no words, and when somebody answered before.
    """
    words = text.strip()
    with transaction.atomic():
        current = _held(objection)
        office = office_of(current.poll, actor, at=at)
        if not words:
            raise Refused(NOTE_NEEDED)
        if len(words) > MAX_ANSWER:
            raise Refused(ANSWER_TOO_LONG.with_(most=MAX_ANSWER))
        if current.answered_at is not None:
            raise Refused(ANSWERED_ALREADY, conflict=True)
        current.answer, current.answered_as, current.answered_by, current.answered_at = words, office, actor, at
        current.save(update_fields=["answer", "answered_as", "answered_by", "answered_at"])
        publish(
            actions.OBJECTION_ANSWERED, subject=current.poll, actor=actor, at=at,
            facts={"number": current.entry.number},
        )  # fmt: skip


def hide(*, objection: Objection, actor: Person, reason: str, at: datetime) -> None:
    """Take the words of an objection off the page, for a public reason; its date and hash stay in the chain.

    Only whoever may certify the poll: an office does not hide what is said against it.
    """
    why = " ".join(reason.split())[:200]
    with transaction.atomic():
        current = _held(objection)
        queries.require_auditor(current.poll, actor, at=at)
        if not why:
            raise Refused(NOTE_NEEDED)
        if current.hidden_at is not None:
            raise Refused(WRONG_STATE, conflict=True)
        current.hidden_because, current.hidden_by, current.hidden_at = why, actor, at
        current.save(update_fields=["hidden_because", "hidden_by", "hidden_at"])
        publish(
            actions.OBJECTION_HIDDEN, subject=current.poll, actor=actor, at=at,
            facts={"number": current.entry.number},
        )  # fmt: skip


def office_of(poll: Poll, actor: Person, *, at: datetime) -> Objection.Office:
    """Return in whose name somebody answers; raises ``Refused`` for whoever neither runs nor audits the poll.

    Nobody of the office that ran it speaks as its auditor, whatever powers they hold.
    """
    if queries.audits(actor, poll, at=at) and not queries.ran_it(actor, poll, at=at):
        return Objection.Office.AUDITOR
    require(actor, actions.MANAGE, poll, at=at)
    return Objection.Office.SPONSOR


def _held(objection: Objection) -> Objection:
    held: Objection = (
        Objection.objects.select_for_update(of=("self",)).select_related("poll", "entry").get(pk=objection.pk)
    )
    return held
