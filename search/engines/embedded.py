"""The built-in engine: an inverted index in two tables, the same on SQLite and PostgreSQL."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Case, Count, F, Q, QuerySet, Sum, When
from django.utils import timezone

from civic.core import clock
from search.asking import Question
from search.documents import PUBLIC, Document
from search.engines import postings
from search.engines.base import LAST_PAGE, MOST, Hit, Hits, Match, Query, Sort, Superseded
from search.engines.scoring import fingerprint, rarity, weights
from search.highlights import Fragment, excerpt, marked
from search.models import Generation, Posting, StoredDocument
from search.readers import Reader
from search.words import line, pieces

ORDINALS = ("second", "third", "fourth")
SHARE_NEEDED = 3  # of a question's words, one in three must be there
DRIVERS = 8  # common words whose heaviest documents are looked at


class EmbeddedEngine:
    """Answers from ``search_document`` and ``search_posting``."""

    def index(self, documents: Iterable[Document]) -> None:
        """Store documents in the generation being read and one being built."""
        documents = list(documents)
        with transaction.atomic():
            for generation in _generations():
                _replace(generation, documents)

    def delete(self, names: Iterable[tuple[str, str]]) -> None:
        """Forget documents in every generation."""
        gone = StoredDocument.objects.filter(_named(list(names)))
        with transaction.atomic():
            _remove(gone)

    def query(self, query: Query) -> Hits:
        """Answer from the generation being read: at most seven database queries, of words in thousands of documents too."""
        nothing = Hits(0, 1, query.page_size)
        if not query.question.phrases:
            return nothing
        rows = StoredDocument.objects.filter(generation__state=Generation.State.LIVE).filter(_may_find(query.reader))
        rows = _narrowed(rows.alias(now=_status_at(query.reader.at)), query)
        known = _Known.of(query.question)
        for match, question in _attempts(query.question):
            asked = _asked(question, match, known)
            found = _best(rows, asked, known, query) if asked is not None else []
            kinds, statuses, chosen = _counts(found, query)
            if kinds or statuses:
                is_more = len(found) > MOST
                if is_more and asked is not None and (query.kind or query.status):
                    # Of so many the best were looked at; those of this kind are counted among all.
                    chosen = _best(_under(rows, query), asked, known, query)
                told = Hits(0, 1, 1, (), kinds, statuses, match, is_more, is_counted=not is_more)
                return self._page(query, chosen, told)
        return nothing

    def begin(self, *, at: datetime) -> int:
        """Open a new generation; an unfinished older one is dropped."""
        with transaction.atomic():
            _drop(Generation.objects.filter(state=Generation.State.BUILDING))
            return Generation.objects.create(state=Generation.State.BUILDING, began_at=at).pk

    def fill(self, generation: int, documents: Iterable[Document]) -> None:
        """Store documents in a generation being built."""
        with transaction.atomic():
            if not Generation.objects.filter(pk=generation, state=Generation.State.BUILDING).exists():
                raise Superseded
            _replace(generation, list(documents))

    def switch(self, generation: int, *, at: datetime) -> int:
        """Read from this generation from now on; the one read so far waits for ``sweep``."""
        with transaction.atomic():
            mine = Generation.objects.filter(pk=generation, state=Generation.State.BUILDING)
            if not mine.select_for_update().exists():
                raise Superseded
            _drop(Generation.objects.filter(state=Generation.State.OLD))
            Generation.objects.filter(state=Generation.State.LIVE).update(state=Generation.State.OLD)
            mine.update(state=Generation.State.LIVE, switched_at=at)
        return StoredDocument.objects.filter(generation=generation).count()

    def sweep(self) -> None:
        """Drop what is no longer read."""
        with transaction.atomic():
            _drop(Generation.objects.filter(state=Generation.State.OLD))

    def check(self) -> None:
        """Ask the tables; a database error says that they do not answer."""
        StoredDocument.objects.filter(generation__state=Generation.State.LIVE).exists()

    def _page(self, query: Query, chosen: "Sequence[_Row]", told: Hits) -> Hits:
        total = min(len(chosen), MOST)
        pages = min(LAST_PAGE, max(1, -(-total // query.page_size)))
        page = min(max(1, query.page), pages)
        start = (page - 1) * query.page_size
        shown = chosen[:MOST][start : start + query.page_size]
        stored = StoredDocument.objects.defer("line").in_bulk([row.pk for row in shown])
        words = set(query.question.words) | set(query.question.loosened().words)
        hits = [
            _hit(stored[row.pk], row.now, words, query.language, query.reader.at) for row in shown if row.pk in stored
        ]
        is_more = told.is_more and len(chosen) > MOST
        return replace(told, total=total, page=page, page_size=query.page_size, hits=hits, is_more=is_more)


def _drop(generations: "QuerySet[Generation]") -> None:
    _remove(StoredDocument.objects.filter(generation__in=generations))
    generations.delete()


def _generations() -> list[int]:
    """Return the generations that writes go to, making the first one when there is none."""
    found = list(Generation.objects.exclude(state=Generation.State.OLD).values_list("pk", "state"))
    if not any(state == Generation.State.LIVE for _pk, state in found):
        at = clock.now()
        live, _created = Generation.objects.get_or_create(
            state=Generation.State.LIVE, defaults={"began_at": at, "switched_at": at}
        )
        found.append((live.pk, live.state))
    return [pk for pk, _state in found]


def _replace(generation: int, documents: Sequence[Document]) -> None:
    latest = {(document.kind, document.key): document for document in documents}
    _remove(StoredDocument.objects.filter(_named(list(latest)), generation=generation))
    rows = StoredDocument.objects.bulk_create([_row(generation, document) for document in latest.values()])
    postings.insert(
        (fingerprint(word), row.pk, weight)
        for row, document in zip(rows, latest.values(), strict=True)
        for word, weight in weights(document).items()
    )


def _row(generation: int, document: Document) -> StoredDocument:
    changes: dict[str, Any] = {}
    for ordinal, (at, status) in zip(ORDINALS, document.later, strict=False):
        changes |= {f"{ordinal}_from": at, f"{ordinal}_status": status}
    return StoredDocument(
        generation_id=generation,
        line="|".join(
            line(pieces(part)) for part in (document.title, document.title_en, document.text, document.text_en)
        ),
        **changes,
        **{
            name: _storable(getattr(document, name))
            for name in (
                "kind", "key", "url", "title", "title_en", "text", "text_en", "byline", "byline_en",
                "place_path", "body_id", "matter_id", "audience", "status", "at", "language",
            )
        },
    )  # fmt: skip


def _storable(value: Any) -> Any:
    # PostgreSQL refuses the NUL character in text.
    return value.replace("\x00", "") if isinstance(value, str) else value


def _named(names: Sequence[tuple[str, str]]) -> Q:
    by_kind: dict[str, list[str]] = {}
    for kind, key in names:
        by_kind.setdefault(kind, []).append(str(key))
    condition = Q(pk__in=[])
    for kind, keys in by_kind.items():
        condition |= Q(kind=kind, key__in=keys)
    return condition


def _remove(documents: "QuerySet[StoredDocument]") -> None:
    """Delete documents and their postings, in two statements."""
    Posting.objects.filter(document__in=documents)._raw_delete("default")
    documents._raw_delete("default")


def _may_find(reader: Reader) -> Q:
    condition = Q(audience=PUBLIC)
    for open_ in reader.passes:
        reach = Q(audience=open_.action)
        if open_.place_path is not None:
            reach &= Q(place_path__startswith=open_.place_path)
        elif open_.body_id is not None:
            reach &= Q(body_id=open_.body_id)
        elif open_.matter_id is not None:
            reach &= Q(matter_id=open_.matter_id)
        condition |= reach
    return condition


def _status_at(at: datetime) -> Case:
    """Return the status a document has at an instant, as an expression: the last change that has come."""
    return Case(
        *[When(**{f"{ordinal}_from__lte": at}, then=F(f"{ordinal}_status")) for ordinal in reversed(ORDINALS)],
        default=F("status"),
    )


def _narrowed(rows: "QuerySet[StoredDocument]", query: Query) -> "QuerySet[StoredDocument]":
    if query.place_path:
        rows = rows.filter(place_path__startswith=query.place_path)
    if query.since:
        rows = rows.filter(at__gte=_midnight(query.since))
    if query.until:
        rows = rows.filter(at__lt=_midnight(query.until + timedelta(days=1)))
    return rows


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _attempts(question: Question) -> list[tuple[Match, Question]]:
    """Return the question, strict first, each looser form only when it differs."""
    attempts = [(Match.ALL, question)]
    loosened = question.loosened()
    if question.needles:
        attempts.append((Match.APART, question.apart()))
    if len(question.words) > 1:
        attempts.append((Match.SOME, loosened))
    return attempts


class _Row(NamedTuple):
    pk: int
    kind: str
    now: str


@dataclass(frozen=True)
class _Known:
    """In how many documents each asked word stands, and how much that tells; both up to ``postings.COUNTED``."""

    found_in: dict[int, int]
    rarities: dict[int, int]

    @classmethod
    def of(cls, question: Question) -> "_Known":
        """Learn it of a question's words, in one query."""
        words = sorted({fingerprint(word) for word in (*question.words, *question.loosened().words)})
        documents, found_in = postings.frequencies(words)
        return cls(found_in, {word: rarity(number, documents) for word, number in found_in.items()})


@dataclass(frozen=True)
class _Asked:
    """What a document must hold: so many of these words, these phrases, and at least one of ``drivers``."""

    words: list[int]
    needed: int
    needles: list[str]
    drivers: list[int]  # rarest first


def _asked(question: Question, match: Match, known: _Known) -> _Asked | None:
    """Return what is asked, or None when nothing is left to ask."""
    told = question.telling_words() if match is Match.SOME else question.words
    words = sorted({fingerprint(word) for word in told}, key=lambda word: known.found_in[word])
    if not words:
        return None
    if match is Match.SOME:
        needed = max(1, -(-len(words) // SHARE_NEEDED))
        # Who holds so many words holds one that is not among the commonest.
        return _Asked(words, needed, [], words[: len(words) - needed + 1])
    return _Asked(words, len(words), question.needles, words[:1])


def _best(rows: "QuerySet[StoredDocument]", asked: _Asked, known: _Known, query: Query) -> list[_Row]:
    """Return the documents that answer, best first: all of them, or one more than ``MOST``.

    Where even the rarest word stands in thousands, the documents it weighs most in are looked at, and
    all only when fewer than ``MOST`` of those answer: what a common word costs does not grow with how common it is.
    """
    for needle in asked.needles:
        rows = rows.filter(line__contains=needle)
    if query.sort is Sort.RELEVANCE and known.found_in[asked.drivers[-1]] > 2 * postings.HEAVIEST:
        common = asked.words[:DRIVERS] if asked.needed == len(asked.words) else asked.drivers[-DRIVERS:]
        heaviest = rows.filter(pk__in=postings.heaviest(common))
        best = _ranked(heaviest, asked, known, query)
        if len(best) > MOST:
            return best
    if len(asked.words) > 1 and len(asked.drivers) == 1:
        # Start from the rarest word: what does not hold it need not be looked at.
        rows = rows.filter(pk__in=Posting.objects.filter(word=asked.drivers[0]).values("document"))
    return _ranked(rows, asked, known, query)


def _ranked(rows: "QuerySet[StoredDocument]", asked: _Asked, known: _Known, query: Query) -> list[_Row]:
    found: QuerySet[StoredDocument, Any] = rows.filter(postings__word__in=asked.words)
    if len(asked.words) == 1:
        found = found.values("pk", "kind", "key", "at", now=F("now")).annotate(score=F("postings__weight"))
    else:
        weighed = (When(postings__word=word, then=F("postings__weight") * known.rarities[word]) for word in asked.words)
        found = found.values("pk", "kind", "key", "at", now=F("now")).annotate(
            found=Count("postings__word"), score=Sum(Case(*weighed, default=0))
        )
        found = found.filter(found__gte=asked.needed)
    order = ("-at", "-score") if query.sort is Sort.NEWEST else ("-score", "-at")
    best = found.order_by(*order, "kind", "key").values_list("pk", "kind", "now")[: MOST + 1]
    return [_Row(*row) for row in best]


def _under(rows: "QuerySet[StoredDocument]", query: Query) -> "QuerySet[StoredDocument]":
    if query.kind:
        rows = rows.filter(kind=query.kind)
    return rows.filter(now=query.status) if query.status else rows  # type: ignore[misc]  # annotated by its caller


def _counts(found: Sequence[_Row], query: Query) -> tuple[dict[str, int], dict[str, int], list[_Row]]:
    """Return counts by kind and by status, and what is left under both filters."""
    kinds = Counter(row.kind for row in found if query.status in ("", row.now))
    statuses = Counter(row.now for row in found if row.now and query.kind in ("", row.kind))
    chosen = [row for row in found if query.status in ("", row.now) and query.kind in ("", row.kind)]
    return dict(kinds), dict(statuses), chosen


def _hit(row: StoredDocument, status: str, words: set[str], language: str, at: datetime) -> Hit:
    changes = [getattr(row, f"{ordinal}_from") for ordinal in ORDINALS]
    wants_english = language.startswith("en")
    english_title = wants_english and row.title_en
    title = marked(
        row.title_en if english_title else row.title, words, language="en" if english_title else row.language
    )
    return Hit(
        kind=row.kind, key=row.key, url=row.url, title=title, byline=row.byline, byline_en=row.byline_en,
        fragments=_fragments(row, words, wants_english=wants_english), at=row.at, status=status,
        place_path=row.place_path, language=row.language,
        until=min((change for change in changes if change is not None and change > at), default=None),
    )  # fmt: skip


def _fragments(row: StoredDocument, words: set[str], *, wants_english: bool) -> list[Fragment]:
    """Return the telling stretch in the reader's language, or in the other when only that holds a word."""
    made = [
        fragment
        for fragment in (
            excerpt(row.text, words, language=row.language),
            excerpt(row.text_en, words, language="en"),
        )
        if fragment is not None
    ]
    if wants_english:
        made.reverse()
    telling = [fragment for fragment in made if fragment.is_marked]
    return (telling or made)[:1]
