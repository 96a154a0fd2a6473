"""What the site holds about people: every part says what, and how a person takes it along and is forgotten.

Each sub-app that stores something about somebody declares it in its own
``personal.py``; ``tests/architecture/test_personal.py`` finds the models that
nobody declared.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

from django.db import models
from django.utils.functional import Promise

from civic.people.models import Person

Rows = Callable[[Person], "models.QuerySet[Any] | Sequence[Any]"]


@dataclass(frozen=True)
class Fact:
    """One thing known: its name in files for machines, its label for people, and its value."""

    name: str
    label: str | Promise
    value: Any


@dataclass(frozen=True)
class Record:
    """One row as its person reads it; ``url`` leads to where it is shown, if anywhere."""

    facts: tuple[Fact, ...]
    url: str = ""


def nothing(person: Person, at: datetime) -> None:
    """Forget nothing: what is left tells of nobody once the person's own row is nameless."""


def nothing_held(person_id: int) -> None:
    """Lock nothing."""


@dataclass(frozen=True)
class Section:
    """One kind of thing the site holds about a person.

    ``rows`` finds them and ``tell`` says one in plain words.  ``erase`` forgets
    them, within the caller's transaction and at an instant; sections are asked
    in the reverse order of their declaration, upper parts first.  ``goes`` and
    ``stays`` are what the person reads before asking for it.  ``hold`` locks,
    before anything is forgotten and before the person's own row, what people
    hold while they write in their own name, in the order in which they lock it.

    ``reaches`` names, as ``app.model.path``, each way from a row to the person
    whose row it is: collected and forgotten here.  ``keeps`` names the fields
    that go on pointing to the nameless person, each with the reason.
    ``files`` yields what the person uploaded; ``warns`` says, before an
    erasure, what else it means for them.
    """

    name: str
    title: str | Promise
    about: str | Promise
    rows: Rows
    tell: Callable[[Any], Record]
    erase: Callable[[Person, datetime], None] = nothing
    hold: Callable[[int], None] = nothing_held
    goes: str | Promise = ""
    stays: str | Promise = ""
    reaches: tuple[str, ...] = ()
    keeps: Mapping[str, str] = field(default_factory=dict)
    correct_at: str = ""
    files: Callable[[Person], Iterable[tuple[str, BinaryIO]]] | None = None
    warns: Callable[[Person, datetime], str | Promise] | None = None


_sections: dict[str, Section] = {}


def declare(section: Section) -> None:
    """Add a section; declaring a name twice raises ``ValueError``."""
    if section.name in _sections:
        raise ValueError(f"The section {section.name} is declared twice.")
    _sections[section.name] = section


def sections() -> list[Section]:
    """Return every section, those of the lower parts first."""
    return list(_sections.values())


def section(name: str) -> Section:
    """Return a section; an unknown name raises ``LookupError``."""
    try:
        return _sections[name]
    except KeyError:
        raise LookupError(f"No section is called {name}.") from None


def records(declared: Section, person: Person) -> Iterator[Record]:
    """Yield everything a section holds about a person, a chunk of rows at a time."""
    rows = declared.rows(person)
    found = rows.iterator(chunk_size=500) if isinstance(rows, models.QuerySet) else iter(rows)
    return map(declared.tell, found)


def warnings(person: Person, *, at: datetime) -> list[str]:
    """Return what a person should know before their account goes."""
    said = (each.warns(person, at) for each in sections() if each.warns is not None)
    return [str(sentence) for sentence in said if sentence]
