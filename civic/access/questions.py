"""The four questions.  Parts are asked in a fixed order and the first no decides."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from civic.access import mandates
from civic.access.decisions import Decision, no, yes
from civic.access.registry import Rule, rule_of
from civic.core.refusals import SECOND_FACTOR, Reason, Refused
from civic.people import rules as people
from civic.people.models import Person, Suspension

NO_MANDATE = Reason("no-mandate", _("You hold no power to do this here. The head of your office can grant it."))
MANDATE_ENDED = Reason("mandate-ended", _("Your power to do this does not reach here, or has ended."))

M = TypeVar("M", bound=models.Model)


def may(person: Any, action: str, target: Any = None, *, at: datetime) -> Decision:
    """Decide whether ``person`` may do ``action`` to ``target`` at the instant ``at``.

    ``person`` may be anonymous.  Raises ``LookupError`` for an undeclared action.
    """
    rule = rule_of(action)
    if rule.open_to_all and rule.mandate:
        moment = _moment(rule, target, at)
        return moment if moment or not people.is_person(person) else _open_or_mandate(rule, person, target, at, moment)
    return _standing(rule, person, at) & _rest(rule, person, target, at)


def require(person: Any, action: str, target: Any = None, *, at: datetime) -> Decision:
    """Return the decision when it allows, raise ``Refused`` with its reason otherwise."""
    decision = may(person, action, target, at=at)
    if not decision:
        raise Refused(decision.reason or NO_MANDATE)
    return decision


def may_each(person: Any, action: str, targets: Sequence[Any], *, at: datetime) -> list[Decision]:
    """Decide what ``may`` decides, for each of many targets.

    For a rule that says who is eligible for many at once, the number of queries
    does not grow with them, as long as what it reads of a target is loaded.
    """
    rule = rule_of(action)
    if rule.eligible_each is None or rule.open_to_all:
        return [may(person, action, target, at=at) for target in targets]
    standing = _standing(rule, person, at)
    if not standing:
        return [standing] * len(targets)
    eligible = rule.eligible_each(person, targets, at)
    return [
        standing & decision & _where_and_when(rule, person, target, at) if decision else decision
        for target, decision in zip(targets, eligible, strict=True)
    ]


def visible(person: Any, action: str, queryset: "models.QuerySet[M]", *, at: datetime) -> "models.QuerySet[M]":
    """Return the rows of ``queryset`` for which ``may`` says yes, in one query."""
    rule = rule_of(action)
    condition = rule.where(at) if rule.where else models.Q()
    if rule.open_to_all and rule.mandate:
        return queryset.filter(condition | _mandate_condition(rule, person, queryset.model, at))
    if rule.level is not None and people.standing(person, level=rule.level, at=at) is not None:
        return queryset.none()
    if rule.mandate:
        condition &= _mandate_condition(rule, person, queryset.model, at)
    return queryset.filter(condition)


def find_visible(
    person: Any, action: str, queryset: "models.QuerySet[M]", *, at: datetime, **lookup: object
) -> M | None:
    """Return the one row of ``visible`` that ``lookup`` names, or None.

    What everybody may see is looked for first, so that nobody's powers need be read for it.
    """
    rule, rows = rule_of(action), queryset.filter(**lookup)
    if rule.open_to_all and rule.mandate and rule.where is not None:
        found = rows.filter(rule.where(at)).first()
        if found is not None or not people.is_person(person):
            return found
    return visible(person, action, rows, at=at).first()


def holders(action: str, target: Any = None, *, at: datetime) -> "models.QuerySet[Person]":
    """Return the people who may do ``action`` to ``target``: holders of a mandate in good standing.

    Only for actions that need a mandate; asking for others raises ``ValueError``,
    because the answer would be everybody.
    """
    rule = rule_of(action)
    if not rule.mandate:
        raise ValueError(f"{action} needs no grant: everybody holds it.")
    if rule.moment is not None and target is not None and not rule.open_to_all and not rule.moment(target, at):
        return Person.objects.none()
    people_ = mandates.people_holding(action, target, at=at)
    if rule.level is not None:
        people_ = people_.filter(level__gte=rule.level)
    suspended = Suspension.objects.in_force(at).values("person")
    return people_.exclude(pk__in=suspended)


def _standing(rule: Rule, person: Any, at: datetime) -> Decision:
    if rule.level is None:
        return yes()
    reason = people.standing(person, level=rule.level, at=at)
    return no(reason) if reason is not None else yes()


def _rest(rule: Rule, person: Any, target: Any, at: datetime) -> Decision:
    decision = yes()
    if rule.eligible is not None:
        decision &= rule.eligible(person, target, at)
    return decision & _where_and_when(rule, person, target, at) if decision else decision


def _where_and_when(rule: Rule, person: Any, target: Any, at: datetime) -> Decision:
    decision = _moment(rule, target, at)
    if decision and rule.mandate:
        decision &= _mandate(rule, person, target, at)
    return decision


def _moment(rule: Rule, target: Any, at: datetime) -> Decision:
    return rule.moment(target, at) if rule.moment is not None else yes()


def _mandate(rule: Rule, person: Any, target: Any, at: datetime) -> Decision:
    # a power is for people who may act now, even one to do what others do without standing
    reason = people.standing(person, level=rule.level or 0, at=at)
    if reason is not None:
        return no(reason)
    held = mandates.mandates_of(person, rule.action, at=at)
    covering = [mandate for mandate in held if mandate.covers(target)]
    if not covering:
        if mandates.is_locked(person):
            waiting = mandates.entrusted_to(person, rule.action, at=at)
            if any(mandate.covers(target) for mandate in waiting):
                return no(SECOND_FACTOR)
            held = waiting
        return no(MANDATE_ENDED if held else NO_MANDATE)
    ends = [mandate.until for mandate in covering]
    return yes(None if None in ends else max(end for end in ends if end is not None))


def _open_or_mandate(rule: Rule, person: Any, target: Any, at: datetime, otherwise: Decision) -> Decision:
    mandate = _standing(rule, person, at) & _mandate(rule, person, target, at)
    return mandate or otherwise


def _mandate_condition(rule: Rule, person: Any, model: type[models.Model], at: datetime) -> models.Q:
    nothing = models.Q(pk__in=[])
    if not people.is_person(person) or people.standing(person, level=rule.level or 0, at=at) is not None:
        return nothing
    condition = nothing
    for mandate in mandates.mandates_of(person, rule.action, at=at):
        where = mandate.where(model)
        if where == models.Q():
            # An empty condition disappears when it is joined by "or"; this one stands for every row.
            return ~nothing
        condition |= where
    return condition
