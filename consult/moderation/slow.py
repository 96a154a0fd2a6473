"""Slow mode: for a time, the words of new accounts wait for a moderator."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from civic.access.questions import require
from civic.core.refusals import WRONG_STATE, Reason, Refused
from civic.core.texts import plain
from civic.events.bus import publish
from civic.people.models import Person
from consult.consultations.models import Consultation
from consult.discussion.models import Contribution
from consult.moderation import actions, queries
from consult.moderation.models import MAX_SENTENCE, Case, Ruling, SlowMode
from consult.moderation.rules import is_new_account
from consult.moderation.states import Act

LONGEST = timedelta(days=7)
ALREADY_SLOW = Reason("already-slow", _("Slow mode is on already."))
ENDS_BADLY = Reason("ends-badly", _("Slow mode ends later than now and within seven days: choose such a time."))


def start(*, consultation: Consultation, actor: Person, reason: str, until: datetime, at: datetime) -> SlowMode:
    """Switch slow mode on, with a public reason and an end; return it.

    Raises ``Refused`` without the power, when it is on already, or for an end
    that is past or more than seven days away.
    """
    note = plain(reason, limit=MAX_SENTENCE)
    with transaction.atomic():
        current = _lock(consultation)
        require(actor, actions.SLOW, current, at=at)
        if not at < until <= at + LONGEST:
            raise Refused(ENDS_BADLY)
        if SlowMode.objects.in_force(at).filter(consultation=current).exists():
            raise Refused(ALREADY_SLOW, conflict=True)
        made = SlowMode.objects.create(consultation=current, reason=note, starts_at=at, ends_at=until, by=actor)
        publish(
            actions.SLOWED, subject=current, actor=actor, at=at, facts={"until": until.isoformat(), "note": note}
        )  # fmt: skip
        return made


def stop(*, consultation: Consultation, actor: Person, at: datetime) -> None:
    """Switch slow mode off; what waits still waits for a moderator."""
    with transaction.atomic():
        current = _lock(consultation)
        require(actor, actions.SLOW, current, at=at)
        on = SlowMode.objects.in_force(at).filter(consultation=current)
        if not on.update(stopped_at=at, stopped_by=actor):
            raise Refused(WRONG_STATE, conflict=True)
        publish(actions.STOPPED, subject=current, actor=actor, at=at)


class SlowGate:
    """The gate ``consult.discussion`` asks before it publishes new words."""

    def is_closed(self, person: Person, consultation: Consultation, *, at: datetime) -> bool:
        """Tell whether the account is new and slow mode is on here."""
        return is_new_account(person, at) and queries.slow_mode_of(consultation, at=at) is not None

    def keep(self, contribution: Contribution, *, at: datetime) -> None:
        """Put words that wait into the moderators' queue."""
        ruling = Ruling.objects.create(
            contribution=contribution, act=Act.QUEUE, by=None, at=at, before=contribution.state, waiting_since=at
        )
        Case.objects.create(contribution=contribution, waiting_since=at, in_slow_mode=True, version=1)
        publish(actions.QUEUED, subject=contribution, actor=None, at=at, facts={"ruling": ruling.pk})


def _lock(consultation: Consultation) -> Consultation:
    rows = Consultation.objects.select_for_update(of=("self",), no_key=True).select_related("sponsor", "place")
    return rows.get(pk=consultation.pk)
