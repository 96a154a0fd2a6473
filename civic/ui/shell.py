"""What surrounds every page: navigation, footer, desks.

Packages above plug in what this layer may not know: what powers a person
holds (``plug_in_powers``) and which desks there are (``add_desk``).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from django.urls import NoReverseMatch, get_urlconf, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from civic.ui.components import Tab


class Power(Protocol):
    """What the shell reads of a mandate."""

    @property
    def action(self) -> str: ...
    @property
    def until(self) -> datetime | None: ...


@dataclass(frozen=True)
class Entry:
    """One entry of the main navigation; ``under`` are the paths that belong to it."""

    key: str
    label: str | Promise
    url: str
    icon: str
    under: tuple[str, ...]


NAVIGATION = (
    Entry("home", _("Home"), "/", "home", ()),
    Entry("take-part", _("Take part"), "/consultations/", "talk", ("/consultations/", "/policies/", "/data/")),
    Entry("help", pgettext_lazy("from people", "Help"), "/help/", "help", ("/help/", "/cases/", "/orgs/")),
    Entry("mine", _("Mine"), "/me/", "me", ("/me/", "/accounts/")),
)


@dataclass(frozen=True)
class Link:
    """A footer link to a named page; it is left out where the page does not exist."""

    label: str | Promise
    name: str
    args: tuple[str, ...] = ()


FOOTER: tuple[tuple[str | Promise, tuple[Link, ...]], ...] = (
    (
        _("Take part"),
        (
            Link(_("Open now"), "consultations"),
            Link(_("Policies"), "wagtail_serve", ("policies/",)),
            Link(_("Replies and promises"), "replies"),
            Link(_("Search"), "search"),
        ),
    ),
    (
        pgettext_lazy("from people", "Help"),
        (
            Link(_("How to get help"), "help"),
            Link(_("Cases"), "cases"),
            Link(_("Organisations"), "organisations"),
        ),
    ),
    (
        _("In the open"),
        (
            Link(_("Who holds which power"), "grants"),
            Link(_("House rules"), "house-rules"),
            Link(_("Open data"), "data"),
            Link(_("How to recognise the real site"), "about-real-site"),
        ),
    ),
    (
        _("Your rights"),
        (
            Link(_("What happens to personal data"), "about-privacy"),
            Link(_("My data: take it or delete it"), "me-data"),
            Link(_("Accessibility"), "about-accessibility"),
        ),
    ),
)


def section_of(path: str) -> str:
    """Return the key of the navigation entry a path belongs to, or an empty string."""
    if path == "/":
        return "home"
    return next((entry.key for entry in NAVIGATION if path.startswith(entry.under or ("\0",))), "")


def footer() -> list[tuple[str | Promise, list[tuple[str | Promise, str]]]]:
    """Return the footer's lists: title and (label, address) of every page that exists."""
    lists = []
    for title, links in FOOTER:
        found = [(link.label, url) for link in links if (url := address(link.name, *link.args))]
        if found:
            lists.append((title, found))
    return lists


def address(name: str, *args: str) -> str:
    """Return a named page's address, or an empty string where there is no such page."""
    return _address(get_urlconf(), name, args)


@lru_cache(maxsize=256)
def _address(urlconf: str | None, name: str, args: tuple[str, ...]) -> str:
    try:
        return reverse(name, urlconf=urlconf, args=args)
    except NoReverseMatch:
        return ""


@dataclass(frozen=True)
class Desk:
    """A place of work behind ``/desk/``: who sees it (any of ``actions``) and how much waits there."""

    label: str | Promise
    name: str
    actions: frozenset[str]
    waiting: Callable[[Any, datetime], int | None] | None = None
    place: int = 50
    within: str = ""
    about: str | Promise = ""


#: Every desk lies under this address; it is a desk's own page, not the home of all that has no other.
ROOT = "/desk/"
_powers: list[Callable[[Any, datetime], Sequence[Power]]] = []
_desks: list[Desk] = []


def plug_in_powers(ask: Callable[[Any, datetime], Sequence[Power]]) -> None:
    """Say how to find a person's live powers at an instant."""
    _powers.append(ask)


def powers_of(person: Any, at: datetime) -> list[Power]:
    """Return a person's live powers from every source."""
    return [power for ask in _powers for power in ask(person, at)]


def add_desk(
    label: str | Promise,
    name: str,
    *,
    actions: Iterable[str],
    waiting: Callable[[Any, datetime], int | None] | None = None,
    place: int = 50,
    within: str = "",
    about: str | Promise = "",
) -> None:
    """Offer a desk in the staff bar: URL name ``name``, for holders of any of ``actions``.

    ``waiting(person, at)`` counts what waits there; it runs on desk pages only.
    A smaller ``place`` stands further left: first what waits, then daily work, last what is seldom needed.
    Pages whose address begins with ``within`` belong to it too.
    ``about`` says in a sentence what one does there.
    """
    _desks.append(Desk(label, name, frozenset(actions), waiting, place, within, about))
    _desks.sort(key=lambda desk: desk.place)


def desks_of(person: Any, at: datetime, path: str) -> list[Tab]:
    """Return the desks open to a person, as tabs with what waits."""
    held = {power.action for power in powers_of(person, at)}
    open_ = [(desk, url) for desk in _desks if (url := address(desk.name)) and held & desk.actions]
    # One desk's address may lie inside another's: the longest is where we are.
    owners = {
        begin: url
        for desk, url in open_
        for begin in (url, desk.within)
        if begin and (path == ROOT if begin == ROOT else path.startswith(begin))
    }
    here = owners[max(owners, key=len)] if owners else ""
    return [
        Tab(
            str(desk.label),
            url,
            current=url == here,
            count=desk.waiting(person, at) if desk.waiting else None,
            about=str(desk.about),
        )
        for desk, url in open_
    ]
