"""Who may report, who may judge, and who may not because it concerns them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from civic.access.decisions import Decision, no, yes
from civic.core.refusals import NOT_FOUND, SIGN_IN, Reason
from civic.people.models import Level, Person
from civic.people.rules import is_person
from consult.consultations.models import Consultation
from consult.consultations.states import Stage
from consult.consultations.states import State as ConsultationState
from consult.discussion.models import Contribution
from consult.discussion.states import Outcome, State
from consult.moderation.models import Appeal, Report, Ruling
from consult.moderation.states import Act

NEW_ACCOUNT = timedelta(days=7)

REPORTING_ONESELF = Reason("own-words", _("These are your own words: you can change them or take them back."))
NOT_SHOWN = Reason("not-shown", _("These words are not shown now, so there is nothing to report."))
OWN_WORDS = Reason("own-words", _("These are your own words: another moderator judges them."))
OWN_REPORT = Reason("own-report", _("You reported these words yourself: another moderator judges them."))
OWN_OFFICE = Reason(
    "own-office",
    _("Your own office asks here. Nobody judges what is said about their own office: a moderator of another one does."),
)
OWN_DECISION = Reason("own-decision", _("You made this decision yourself: another moderator decides the appeal."))
NOT_YOURS = Reason("not-yours", _("Only the person who said this can appeal."))
NOT_HIDDEN = Reason("not-hidden", _("These words are not hidden by this decision any more."))
ALREADY_APPEALED = Reason("already-appealed", _("You have appealed against this decision already."))
TOO_LATE = Reason("too-late", _("The time to appeal against this decision is over."))
CONCLUDED = Reason(
    "concluded",
    _(
        "The consultation is closed as answered and these words have no answer: "
        "what was decided about them then stands."
    ),
)
NOT_RUNNING = Reason("not-running", _("Nothing new is said here now, so there is nothing to slow down."))


def may_report(person: Any, contribution: Contribution, at: datetime) -> Decision:
    """Whoever has an account may report what others say."""
    if not is_person(person):
        return no(SIGN_IN)
    return no(REPORTING_ONESELF) if contribution.author_id == person.pk else yes()


def can_be_reported(contribution: Contribution, at: datetime) -> Decision:
    """Only words that are shown; statements brought in from elsewhere can break a house rule too."""
    if contribution.consultation.state == ConsultationState.DRAFT:
        return no(NOT_FOUND)
    return yes() if contribution.is_public else no(NOT_SHOWN)


def is_uninvolved(person: Any, contribution: Contribution, at: datetime) -> Decision:
    """Nobody judges their own words, their own report, or what is said to their own office."""
    return are_uninvolved(person, [contribution], at)[0]


def are_uninvolved(person: Any, contributions: Sequence[Contribution], at: datetime) -> list[Decision]:
    """Answer ``is_uninvolved`` for each of many, in two queries; their consultations are loaded."""
    if not isinstance(person, Person):
        return [no(SIGN_IN)] * len(contributions)
    offices = set(person.memberships.in_force(at).values_list("body", flat=True))
    mine = Report.objects.filter(contribution__in=contributions, reporter=person, ruling=None)
    reported = set(mine.values_list("contribution", flat=True))

    def judge(contribution: Contribution) -> Decision:
        if contribution.author_id == person.pk:
            return no(OWN_WORDS)
        if contribution.consultation.sponsor_id in offices:
            return no(OWN_OFFICE)
        return no(OWN_REPORT) if contribution.pk in reported else yes()

    return [judge(each) for each in contributions]


def is_second_moderator(person: Any, contribution: Contribution, at: datetime) -> Decision:
    """Whoever decided first does not decide the appeal."""
    pending = Appeal.objects.filter(ruling__contribution=contribution, result="")
    if isinstance(person, Person) and pending.filter(first=person).exists():
        return no(OWN_DECISION)
    return is_uninvolved(person, contribution, at)


def is_author(person: Any, ruling: Ruling, at: datetime) -> Decision:
    """Only the author appeals."""
    if not is_person(person):
        return no(SIGN_IN)
    return yes() if ruling.contribution.author_id == person.pk else no(NOT_YOURS)


def can_be_appealed(ruling: Ruling, at: datetime) -> Decision:
    """A decision to hide, as long as it stands and its time is not over; once."""
    if Appeal.objects.filter(ruling=ruling).exists():
        return no(ALREADY_APPEALED)
    if ruling.act != Act.HIDE or ruling.contribution.state != State.HIDDEN:
        return no(NOT_HIDDEN)
    if Ruling.objects.filter(contribution=ruling.contribution_id, pk__gt=ruling.pk).exists():
        return no(NOT_HIDDEN)
    return yes(until=ruling.appeal_until) if at < ruling.appeal_until else no(TOO_LATE)


def can_come_back(contribution: Contribution) -> Decision:
    """Words without an answer cannot join a consultation that was closed as answered."""
    consultation = contribution.consultation
    owed = contribution.parent_id is None and contribution.outcome == Outcome.WAITING
    return no(CONCLUDED) if owed and consultation.answered_at is not None else yes()


def can_be_slowed(consultation: Consultation, at: datetime) -> Decision:
    """Slow mode makes sense where people speak, or soon will."""
    return yes() if consultation.stage(at) in {Stage.ANNOUNCED, Stage.RUNNING} else no(NOT_RUNNING)


def is_new_account(person: Person, at: datetime) -> bool:
    """Tell whether slow mode lets this person's words wait: a week-old account, or one seen at a station, does not.

    Accounts to flood a discussion with cost a minute each; a week of age or a
    verified residence cannot be had by the hundred on the same evening.
    """
    return person.level < Level.RESIDENT and at < person.joined_at + NEW_ACCOUNT
