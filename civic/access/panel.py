"""What may I do here, why not, and who can change it: the answers of the rules, on a page of their own.

Packages above say which of their pages are about what (``declare_page``); the
answers come from ``may``, the offices from the same grants.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from civic.access import mandates
from civic.access.questions import MANDATE_ENDED, NO_MANDATE, may
from civic.access.registry import rule_of
from civic.core.refusals import SECOND_FACTOR, SIGN_IN, Reason
from civic.people.rules import VERIFY_CONTACT, VERIFY_IN_PERSON, VERIFY_RESIDENT


@dataclass(frozen=True)
class Subject:
    """What a page is about: its title, the thing asked about, and the actions that belong there."""

    title: str
    target: Any = None
    actions: tuple[str, ...] = ()


#: Finds what a page is about, by the parts of its address; None when there is nothing the reader may see.
Finder = Callable[[Mapping[str, Any], Any, datetime], Subject | None]


@dataclass(frozen=True)
class Line:
    """One action: allowed or not, why not, until when, and who can change it."""

    label: str | Promise
    allowed: bool
    office_only: bool
    reason: Reason | None = None
    until: datetime | None = None
    change: str | Promise = ""
    link: str = ""
    offices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Panel:
    """All there is to say about one page to one person."""

    subject: Subject | None
    lines: list[Line] = field(default_factory=list)


_pages: dict[str, Finder] = {}
# Who changes a refusal, where it is not an office: what to say, and the name of the page that helps.
_CHANGES: dict[str, tuple[str | Promise, str]] = {
    SIGN_IN.code: (_("You yourself: sign in."), "account_login"),
    SECOND_FACTOR.code: (_("You yourself: show your second factor."), "desk"),
    VERIFY_CONTACT.code: (_("You yourself: enter the code we send you."), "account_email"),
    VERIFY_RESIDENT.code: (_("Any help station, free of charge."), "help"),
    VERIFY_IN_PERSON.code: (_("Any help station, free of charge."), "help"),
    "suspended": (_("The office that runs this site; the help number puts you through."), "help"),
    "no-residence": (_("You yourself: say where you live."), "me-preferences"),
}
_BY_RULE = _("Nobody by hand: this follows from the rules and dates that are published there.")


def declare_page(url_name: str, find: Finder) -> None:
    """Say what the pages of a URL name are about."""
    _pages[url_name] = find


def of_page(path: str, person: Any, *, given_by: str, at: datetime) -> Panel | None:
    """Return the panel of the page at ``path``; None when there is no such page for this person.

    ``given_by`` is the action that gives powers: its holders are who can change
    a missing one.  The number of queries does not grow with the actions.
    """
    try:
        match = resolve(path)
    except Resolver404:
        return None
    find = _pages.get(match.url_name or "")
    if find is None:
        return Panel(None)
    subject = find(match.captured_kwargs | {"args": match.args} | match.kwargs, person, at)  # type: ignore[attr-defined]  # newer than the stubs
    if subject is None:
        return None
    if not subject.actions:
        return Panel(None)
    offices = tuple(mandates.offices_holding(given_by, subject.target, at=at))
    return Panel(subject, [_line(action, subject.target, person, offices, at) for action in subject.actions])


def _line(action: str, target: Any, person: Any, offices: tuple[str, ...], at: datetime) -> Line:
    rule = rule_of(action)
    decision = may(person, action, target, at=at)
    office_only = rule.mandate and not rule.open_to_all
    if decision:
        return Line(rule.label, True, office_only, until=decision.until)
    reason = decision.reason or NO_MANDATE
    if reason in {NO_MANDATE, MANDATE_ENDED}:
        return Line(rule.label, False, office_only, reason, offices=offices)
    change, link = _CHANGES.get(reason.code, (_BY_RULE, ""))
    return Line(rule.label, False, office_only, reason, change=change, link=link)
