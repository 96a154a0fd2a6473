"""Entry types: each has its sentence in both languages, the facts it may hold, and how it is forgotten."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Choices
from django.utils.functional import Promise

Words = Mapping[str, Callable[[Any], str]]


@dataclass(frozen=True)
class EntryType:
    """What one kind of entry means.

    ``sentence`` is a lazy translation that may use ``%(actor)s``,
    ``%(subject)s`` and the names in ``facts``; ``facts`` are the only keys its
    data may hold.

    ``personal`` are those of the facts that somebody wrote in their own words
    or that tell of one person: they are sealed as a salted commitment and go
    when that person is forgotten.  ``forgotten`` is the sentence without them.
    ``words`` says a fact that is a code in the reader's language.
    ``own`` marks what people do for themselves, so that no office is named.
    ``public`` entries are shown to everybody who may see their object.
    """

    name: str
    sentence: str | Promise
    facts: frozenset[str] = frozenset()
    personal: frozenset[str] = frozenset()
    forgotten: str | Promise = ""
    own: bool = False
    public: bool = False
    words: Words = field(default_factory=dict)


_types: dict[str, EntryType] = {}


def declare(
    name: str,
    sentence: str | Promise,
    *facts: str,
    personal: Iterable[str] = (),
    forgotten: str | Promise = "",
    own: bool = False,
    public: bool = False,
    words: Words | None = None,
) -> str:
    """Declare an entry type and return its name.

    Declaring one twice, a personal fact or words for one the type does not hold, or personal
    facts without the sentence that is left raises ``ValueError``.
    """
    if name in _types:
        raise ValueError(f"The entry type {name} is declared twice.")
    private = frozenset(personal)
    if not private <= frozenset(facts):
        raise ValueError(f"{name} calls facts personal that it does not hold.")
    if not set(words or {}) <= frozenset(facts):
        raise ValueError(f"{name} has words for facts that it does not hold.")
    if private and not forgotten:
        raise ValueError(f"{name} does not say how it reads once its personal facts are forgotten.")
    _types[name] = EntryType(name, sentence, frozenset(facts), private, forgotten, own, public, words or {})
    return name


def choice_of(choices: type[Choices]) -> Callable[[Any], str]:
    """Return what says a code by its label among ``choices``; one of an older release stays a code."""
    return lambda code: str(dict(choices.choices).get(code, code))


def get(name: str) -> EntryType:
    """Return a declared type; an undeclared name raises ``LookupError``."""
    try:
        return _types[name]
    except KeyError:
        raise LookupError(f"No entry type is called {name}: declare it first.") from None


def all_types() -> list[EntryType]:
    """Return every declared type, by name."""
    return [_types[name] for name in sorted(_types)]


def public_names() -> list[str]:
    """Return the names of the types whose entries everybody may read."""
    return [each.name for each in all_types() if each.public]
