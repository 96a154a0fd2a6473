"""Who may say, support, edit and take back what, when."""

from collections.abc import Hashable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from civic.access.decisions import Decision, no, yes
from civic.core.refusals import SIGN_IN, Reason
from civic.people.rules import is_person
from consult.consultations import rules as consultations
from consult.consultations.kinds import COMMENT, RESPOND, SUPPORT
from consult.discussion.models import MAX_DEPTH, Contribution
from consult.discussion.states import Outcome, State

NOT_PUBLIC = Reason("not-public", _("These words are not public now, so they can be neither supported nor answered."))
TOO_DEEP = Reason("too-deep", _("This thread is two levels deep already: respond one level up."))
NOT_YOURS = Reason("not-yours", _("Only the person who said this can change it."))
OWN_WORDS = Reason("own-words", _("These are your own words; others can support them."))
ANSWERED = Reason("answered", _("The office has answered this already, so it stays as it was answered."))
TAKEN_BACK = Reason("taken-back", _("This was taken back already."))


def alike(contribution: Contribution, *, is_mine: bool) -> Hashable:
    """Return all that supporting and responding depend on of the words themselves.

    Of one consultation, what is equal in this is decided equally: once for a page of words.
    """
    return is_mine, contribution.state, contribution.erased_at is None, contribution.depth


def may_take_part(person: Any, contribution: Contribution, at: datetime) -> Decision:
    """Ask the consultation the words belong to."""
    return consultations.may_take_part(person, contribution.consultation, at)


def may_support(person: Any, contribution: Contribution, at: datetime) -> Decision:
    """Those who may take part may support the words of others."""
    decision = may_take_part(person, contribution, at)
    if decision and contribution.author_id == person.pk:
        return no(OWN_WORDS)
    return decision


def can_be_supported(contribution: Contribution, at: datetime) -> Decision:
    """Only public words, while the phase is open for supports."""
    return _public(contribution) & consultations.opens(contribution.consultation, SUPPORT, at)


def can_be_responded_to(contribution: Contribution, at: datetime) -> Decision:
    """Only public words, at most two levels deep, while the phase is open for responses."""
    if contribution.depth >= MAX_DEPTH:
        return no(TOO_DEEP)
    return _public(contribution) & consultations.opens(contribution.consultation, RESPOND, at)


def is_author(person: Any, contribution: Contribution, at: datetime) -> Decision:
    """Is it this person's own?"""
    if not is_person(person):
        return no(SIGN_IN)
    return yes() if contribution.author_id == person.pk else no(NOT_YOURS)


def can_be_edited(contribution: Contribution, at: datetime) -> Decision:
    """Words may be edited while new ones are still collected and nobody has answered them."""
    if _is_answered(contribution):
        return no(ANSWERED)
    action = RESPOND if contribution.parent_id else COMMENT
    return _public(contribution) & consultations.opens(contribution.consultation, action, at)


def can_be_taken_back(contribution: Contribution, at: datetime) -> Decision:
    """Words may be taken back until they, or those they respond to, are answered."""
    if contribution.state == State.WITHDRAWN:
        return no(TAKEN_BACK)
    return no(ANSWERED) if _is_answered(contribution) else yes()


def _is_answered(contribution: Contribution) -> bool:
    """Responses share the fate of the words they hang on."""
    return (contribution.root or contribution).outcome != Outcome.WAITING


def _public(contribution: Contribution) -> Decision:
    return yes() if contribution.state == State.PUBLISHED and contribution.erased_at is None else no(NOT_PUBLIC)
