"""Entry types: each has its sentence in both languages and the facts it may hold."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class EntryType:
    """What one kind of entry means.

    ``sentence`` is a lazy translation that may use ``%(actor)s``,
    ``%(subject)s`` and the names in ``facts``; ``facts`` are the only keys its
    data may hold, none of them personal.
    """

    name: str
    sentence: str | Promise
    facts: frozenset[str] = frozenset()


_types: dict[str, EntryType] = {}


def declare(name: str, sentence: str | Promise, *facts: str) -> str:
    """Declare an entry type and return its name; declaring one twice raises ``ValueError``."""
    if name in _types:
        raise ValueError(f"The entry type {name} is declared twice.")
    _types[name] = EntryType(name, sentence, frozenset(facts))
    return name


def get(name: str) -> EntryType:
    """Return a declared type; an undeclared name raises ``LookupError``."""
    try:
        return _types[name]
    except KeyError:
        raise LookupError(f"No entry type is called {name}: declare it first.") from None


def all_types() -> list[EntryType]:
    """Return every declared type, by name."""
    return [_types[name] for name in sorted(_types)]
