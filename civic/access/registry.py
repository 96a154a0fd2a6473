"""Actions and their rules.  Asking about an undeclared action raises ``LookupError``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.functional import Promise

from civic.access.decisions import Decision

Moment = Callable[[Any, datetime], Decision]
Eligible = Callable[[Any, Any, datetime], Decision]
EligibleEach = Callable[[Any, Sequence[Any], datetime], list[Decision]]
Where = Callable[[datetime], models.Q]


@dataclass(frozen=True)
class Rule:
    """The rule of one action, a sentence made of four parts asked in this order.

    ``level``     standing: the verification the person needs; None lets anonymous
                  visitors and suspended people do it too (reading).
    ``eligible``  place: may this person, given who the target is open to?
    ``eligible_each``  the same for many targets, one answer for each, in few queries.
    ``moment``    does the target's own state allow it at this instant?
    ``mandate``   does a live grant for this action have to cover the target?
    ``where``     the moment as a database condition, for ``visible``.

    A rule with ``open_to_all`` and a mandate lets everybody do it when the
    moment allows, and holders of a grant always (reading drafts, for example).
    """

    action: str
    label: str | Promise
    level: int | None = 0
    mandate: bool = False
    open_to_all: bool = False
    eligible: Eligible | None = None
    eligible_each: EligibleEach | None = None
    moment: Moment | None = None
    where: Where | None = None


@dataclass(frozen=True)
class Scope:
    """Where a model's rows lie, as lookup paths from the row.

    ``place`` leads to a Place, ``body`` to an organisation's id, ``matter`` to
    the id of the consultation (or other matter) a grant may be limited to.
    """

    place: str | None = None
    body: str | None = None
    matter: str | None = None


_rules: dict[str, Rule] = {}
_scopes: dict[type[models.Model], Scope] = {}


def declare(rule: Rule) -> str:
    """Declare an action's rule and return the action's name; twice raises ``ValueError``."""
    if rule.action in _rules:
        raise ValueError(f"The action {rule.action} is declared twice.")
    _rules[rule.action] = rule
    return rule.action


def rule_of(action: str) -> Rule:
    """Return the rule of a declared action."""
    try:
        return _rules[action]
    except KeyError:
        raise LookupError(f"No action is called {action}: declare its rule first.") from None


def find_rule(action: str) -> Rule | None:
    """Return an action's rule, or None for one that an earlier version of the program knew."""
    return _rules.get(action)


def action_in_words(action: str) -> str:
    """Return what an action lets one do, in the reader's language; one of an earlier version of the program is named."""
    rule = find_rule(action)
    return str(rule.label) if rule is not None else action


def all_rules() -> list[Rule]:
    """Return every declared rule, by action."""
    return [_rules[action] for action in sorted(_rules)]


def declare_scope(model: type[models.Model], scope: Scope) -> None:
    """Say where a model's rows lie, so that grants can cover them."""
    _scopes[model] = scope


def scope_of(model: type[models.Model]) -> Scope:
    """Return where a model's rows lie; a model that did not say lies nowhere (site grants only)."""
    return _scopes.get(model, Scope())
