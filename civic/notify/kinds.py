"""Kinds of notice and the groups in which people switch them on and off."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

EMAIL = "email"
SMS = "sms"
CHANNELS = (EMAIL, SMS)


@dataclass(frozen=True)
class Group:
    """Kinds that people switch on and off together."""

    name: str
    label: str | Promise
    hint: str | Promise = ""


@dataclass(frozen=True)
class Kind:
    """What one kind of notice says.

    ``title`` and ``body`` are lazy translations with named placeholders, filled
    from the notice's params in the reader's language.  ``channels`` are those
    used for people who have chosen nothing; the site itself always shows it.
    ``label`` names the kind where people choose.  A ``binding`` kind (a
    decision about the person, a warning) cannot be switched off and does not
    wait for the morning.
    """

    name: str
    title: str | Promise
    body: str | Promise
    group: str
    channels: frozenset[str]
    label: str | Promise = ""
    binding: bool = False

    @property
    def name_for_people(self) -> str:
        """The kind's label; where nobody gave it one, its title with the gaps left open."""
        return str(self.label) or str(self.title) % _Gaps()


class _Gaps(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


class _Params(dict[str, Any]):
    """Params as the reader sees them: ``x_en`` stands in for ``x`` in English, a missing one is empty."""

    def __missing__(self, key: str) -> str:
        return ""


_groups: dict[str, Group] = {}
_kinds: dict[str, Kind] = {}


def declare_group(name: str, label: str | Promise, hint: str | Promise = "") -> str:
    """Declare a group of kinds and return its name; twice raises ``ValueError``."""
    if name in _groups:
        raise ValueError(f"The notice group {name} is declared twice.")
    _groups[name] = Group(name, label, hint)
    return name


def declare(
    name: str,
    *,
    title: str | Promise,
    body: str | Promise = "",
    group: str,
    channels: Collection[str] = (EMAIL,),
    label: str | Promise = "",
    binding: bool = False,
) -> str:
    """Declare a kind and return its name.

    Raises ``ValueError`` for a second declaration or an unknown channel and
    ``LookupError`` for an undeclared group.
    """
    if name in _kinds:
        raise ValueError(f"The notice kind {name} is declared twice.")
    if not set(channels) <= set(CHANNELS):
        raise ValueError(f"{name} names a channel we do not have.")
    if group not in _groups:
        raise LookupError(f"No notice group is called {group}: declare it first.")
    _kinds[name] = Kind(name, title, body, group, frozenset(channels), label, binding)
    return name


def get(name: str) -> Kind:
    """Return a declared kind; an undeclared name raises ``LookupError``."""
    try:
        return _kinds[name]
    except KeyError:
        raise LookupError(f"No kind of notice is called {name}: declare it first.") from None


def find(name: str) -> Kind | None:
    """Return a kind, or None for one that an earlier version of the program knew."""
    return _kinds.get(name)


def all_kinds() -> list[Kind]:
    """Return every declared kind, by name."""
    return [_kinds[name] for name in sorted(_kinds)]


def groups() -> list[Group]:
    """Return the groups in the order of their declaration."""
    return list(_groups.values())


def fill(text: str | Promise, params: Mapping[str, Any]) -> str:
    """Return a kind's text in the active language with its placeholders filled."""
    seen = _Params(params)
    if (get_language() or "").startswith("en"):
        seen.update({key[:-3]: value for key, value in params.items() if key.endswith("_en") and value})
    return str(text) % seen


ANSWERS = declare_group("answers", _("What became of what you said"), _("Answers to your opinions, and results."))
FOLLOWS = declare_group("follows", _("What you follow"), _("News of consultations and topics you follow."))
WORK = declare_group("work", _("Your work"), _("What waits for you at the desk, and what is due."))
ACCOUNT = declare_group("account", _("Your account"), _("Your verification and your powers."))

EMAIL_STOPPED = declare(
    "civic:notify:email-stopped",
    title=_("Your e-mail address does not take our mails any more"),
    body=_("So we send you none for now. Correct the address in your preferences, or let us try it again."),
    group=ACCOUNT,
    channels=[SMS],
    label=_("Your address does not work any more"),
    binding=True,
)
SMS_STOPPED = declare(
    "civic:notify:sms-stopped",
    title=_("Your number does not take our text messages any more"),
    body=_("So we send you none for now. Correct the number in your preferences, or let us try it again."),
    group=ACCOUNT,
    label=_("Your number does not work any more"),
    binding=True,
)
