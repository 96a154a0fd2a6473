"""Reading the record: a page at a time from a key on, so that the millionth entry costs what the first does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from civic.access.mandates import mandates_of
from civic.audit import types
from civic.audit.content import person_type
from civic.audit.models import Entry
from civic.audit.reads import READ as LOOKED
from civic.core.languages import localised
from civic.people.models import Person
from civic.places.models import Place
from civic.policies.models import PolicyPage
from consult.consultations.models import Consultation
from consult.record.actions import READ
from consult.record.objects import OF_MODEL, Kind
from consult.voting.models import Poll
from orgs.bodies.bearings import offices
from orgs.bodies.models import Membership, Organisation

PAGE_SIZE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Titles that sentences name; other objects are called by their kind and number.
_TITLED: dict[str, Any] = {
    "consult_consultations.consultation": Consultation, "civic_policies.policypage": PolicyPage, "consult_voting.poll": Poll,
}  # fmt: skip


@dataclass(frozen=True)
class Key:
    """Where a page of the record begins: after this instant and number, going back."""

    at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}-{self.pk}"

    @classmethod
    def read(cls, text: str) -> "Key | None":
        """Return the key written so; None for anything else."""
        moment, _dash, pk = text.partition("-")
        if not (moment.isascii() and moment.isdigit() and pk.isascii() and pk.isdigit()) or len(text) > 36:
            return None
        try:
            return cls(_EPOCH + timedelta(microseconds=int(moment)), int(pk))
        except OverflowError:
            return None


@dataclass
class Line:
    """One entry as people read it."""

    entry: Entry
    sentence: str
    office: Organisation | None
    seal: int | None
    kind: Kind | None

    @property
    def about(self) -> str:
        """The object by its kind and number; a person is never named here."""
        if self.entry.subject_type == person_type():
            return _("a person")
        try:
            word = capfirst(str(apps.get_model(self.entry.subject_type)._meta.verbose_name))
        except (LookupError, ValueError):
            word = self.entry.subject_type
        return _("%(kind)s %(number)s") % {
            "kind": self.kind.word if self.kind else word,
            "number": self.entry.subject_id,
        }


def history(kind: Kind, pk: int) -> "QuerySet[Entry]":
    """Return the public entries about one object, newest first."""
    rows = Entry.objects.filter(subject_type=kind.model, subject_id=str(pk), type__in=types.public_names())
    return rows.select_related("sealing").order_by("-id")


def looks_at(person: Person) -> "QuerySet[Entry]":
    """Return the entries about staff looking at a person's data, newest first."""
    return Entry.objects.about(person).filter(type=LOOKED).select_related("sealing").order_by("-id")


def record(
    person: Person,
    *,
    at: datetime,
    type_name: str = "",
    office: str = "",
    subject: tuple[str, str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    place: str = "",
) -> "QuerySet[Entry]":
    """Return the entries a person's powers let them read, newest first, as chosen."""
    rows = Entry.objects.filter(_within(person, at)).select_related("sealing", "actor")
    if type_name:
        rows = rows.filter(type=type_name)
    if office:
        rows = rows.filter(sealing__office=office)
    if subject:
        rows = rows.filter(subject_type=subject[0])
        rows = rows.filter(subject_id=subject[1]) if subject[1] else rows
    if since:
        rows = rows.filter(at__gte=since)
    if until:
        rows = rows.filter(at__lt=until)
    if place:
        rows = rows.filter(sealing__place__in=_paths_in(place))
    return rows.order_by("-at", "-pk")


def page_of(rows: "QuerySet[Entry]", before: Key | None) -> tuple[list[Entry], Key | None]:
    """Return a page of the record and where the next one begins."""
    if before is not None:
        rows = rows.filter(Q(at__lt=before.at) | Q(at=before.at, pk__lt=before.pk), at__lte=before.at)
    found = list(rows[: PAGE_SIZE + 1])
    more = len(found) > PAGE_SIZE
    found = found[:PAGE_SIZE]
    return found, Key(found[-1].at, found[-1].pk) if more else None


def lines(entries: Sequence[Entry], *, names: bool = False, reasons: bool = True) -> list[Line]:
    """Return entries as sentences: three queries for any number.

    With ``names``, officials are named; people acting for themselves never are.
    Without ``reasons``, what somebody wrote in their own words is left out.
    """
    known = offices(_office_of(entry) for entry in entries)
    titles = _titles(entries)
    return [_line(entry, known, titles, names=names, reasons=reasons) for entry in entries]


def is_own(entry: Entry) -> bool:
    """Tell whether an entry is of something a person did for themselves."""
    try:
        return types.get(entry.type).own
    except LookupError:
        return True  # a type of an older release: rather too careful


def readers(entries: Sequence[Entry]) -> dict[int, Membership]:
    """Return as whom each entry's actor acted: one query."""
    actors = {entry.actor_id for entry in entries if entry.actor_id}
    held = list(Membership.objects.filter(person__in=actors).select_related("body").order_by("pk")) if actors else []
    found = {}
    for entry in entries:
        theirs = [each for each in held if each.person_id == entry.actor_id and _held_at(each, entry.at)]
        if theirs:
            found[entry.pk] = min(theirs, key=lambda each: each.body.slug != _office_of(entry))
    return found


def _held_at(membership: Membership, at: datetime) -> bool:
    return membership.starts_at <= at and (membership.ends_at is None or membership.ends_at > at)


def _within(person: Person, at: datetime) -> Q:
    """Return which entries the powers of a person reach: all, those about a place, or those of an office."""
    reach = []
    bodies = [held.body_id for held in mandates_of(person, READ, at=at) if held.body_id is not None]
    for held in mandates_of(person, READ, at=at):
        if held.place_path is None and held.body_id is None and held.matter_id is None:
            return Q()
        if held.place_path is not None:
            reach.append(Q(sealing__place__in=_paths_in(held.place_path)))
    if bodies:
        reach.append(Q(sealing__office__in=Organisation.objects.filter(pk__in=bodies).values("slug")))
    return reduce(or_, reach, Q(pk__in=[]))


def _paths_in(path: str) -> "QuerySet[Place, Any]":
    """Return the paths of a place and all it contains: few, and found by an index whatever the collation."""
    return Place.objects.filter(path__startswith=path).values("path")


def _line(
    entry: Entry, known: dict[str, Organisation], titles: dict[tuple[str, str], str], *, names: bool, reasons: bool
) -> Line:
    office = known.get(_office_of(entry))
    kind = OF_MODEL.get(entry.subject_type)
    sealed = getattr(entry, "sealing", None)
    return Line(
        entry=entry,
        sentence=_sentence(entry, office, titles, names=names, reasons=reasons),
        office=office,
        seal=sealed.seal_id if sealed else None,
        kind=kind,
    )


def _sentence(
    entry: Entry, office: Organisation | None, titles: dict[tuple[str, str], str], *, names: bool, reasons: bool
) -> str:
    try:
        declared = types.get(entry.type)
    except LookupError:
        return entry.type  # a type of an older release
    actor = ""
    if entry.actor_id is not None or office:
        actor = str(office) if office else _("A resident") if declared.own else _("Somebody")
        if names and not declared.own and entry.actor is not None:
            name = entry.actor.public_name
            actor = _("%(name)s (%(office)s)") % {"name": name, "office": office} if office else name
    entry = _in_words(entry)
    subject = titles.get((entry.subject_type, entry.subject_id), "")
    if entry.subject_type == person_type():
        subject = _("Somebody")
    return entry.sentence(actor=actor, subject=subject, bare=not reasons)


def _in_words(entry: Entry) -> Entry:
    """Put moments as people write them in place of those the record holds."""
    words: dict[str, Any] = {name: _when(entry.facts[name]) for name in ("until", "due") if name in entry.facts}
    if words:
        entry.facts = entry.facts | words
    return entry


def _when(value: Any) -> Any:
    """Return a moment in the county's time as people write it, or a day; what is neither stays as it is."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value
    is_day = len(value) == len("2026-01-01")  # older entries hold the day alone
    return date_format(localtime(moment) if moment.tzinfo else moment, "DATE_FORMAT" if is_day else "DATETIME_FORMAT")


def _titles(entries: Iterable[Entry]) -> dict[tuple[str, str], str]:
    found = {}
    for label, model in _TITLED.items():
        keys = {entry.subject_id for entry in entries if entry.subject_type == label and entry.subject_id.isdigit()}
        for each in model.objects.filter(pk__in=keys) if keys else []:
            found[label, str(each.pk)] = localised(each, "title")
    return found


def _office_of(entry: Entry) -> str:
    sealed = getattr(entry, "sealing", None)
    return sealed.office if sealed else ""
