"""A text as clauses, and what became of each clause between two texts.

A clause is known by its block's id, which is equal in every revision however
the words and the order change.  The id means something only together with its
page: copying a page copies the ids.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from wagtail.models import Revision

from civic.core.asking import Question
from civic.core.languages import lacking_english
from civic.core.shelves import Shelf
from civic.policies.models import PolicyPage
from civic.policies.numbers import in_english


@dataclass(frozen=True)
class Chapter:
    """The chapter a clause stands in."""

    number: str
    heading: str
    heading_en: str = ""

    @property
    def number_en(self) -> str:
        """The number for English readers: ``Chapter 2`` for ``第二章``."""
        return in_english(self.number)


@dataclass(frozen=True)
class Clause:
    """One numbered clause of one text.  ``text`` is official, ``text_en`` a courtesy."""

    id: UUID
    number: str
    heading: str
    text: str
    heading_en: str = ""
    text_en: str = ""
    note: str = ""
    note_en: str = ""
    chapter: Chapter | None = None

    @property
    def number_en(self) -> str:
        """The number for English readers: ``Article 12`` for ``第十二条``."""
        return in_english(self.number)


class Kind(StrEnum):
    """What became of a clause."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True)
class Part:
    """A stretch of a compared text: kept, taken out or put in."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class ClauseChange:
    """One clause in a comparison.

    ``clause`` is the newer one (the older one when it was removed), ``before``
    the older one.  ``parts`` compare the official words and ``parts_en`` the
    English ones; ``moved`` says that it stands elsewhere among its neighbours.
    A clause whose number, heading or translation alone changed is ``CHANGED``
    too; ``words_changed`` tells whether the official words did.
    """

    kind: Kind
    clause: Clause
    before: Clause | None
    parts: tuple[Part, ...]
    parts_en: tuple[Part, ...] = ()
    moved: bool = False

    @property
    def words_changed(self) -> bool:
        """Tell whether the official words differ."""
        return any(part.kind is not Kind.SAME for part in self.parts)

    @property
    def local_parts(self) -> tuple[Part, ...]:
        """The compared words in the reader's language, where both texts have them and they show what changed."""
        english = (get_language() or "").startswith("en")
        return self.parts_en if english and not self.language else self.parts

    @property
    def language(self) -> str:
        """The ``lang`` of the compared words where it is not the reader's, else empty.

        A translation that is missing on one side would show the whole clause
        struck out or put in, one left as it was would show no change at all.
        """
        texts = (self.clause, self.before or self.clause)
        told = all(text.text_en.strip() for text in texts)
        shows = any(part.kind is not Kind.SAME for part in self.parts_en) or not self.words_changed
        return lacking_english("en" if told and shows else "")

    @property
    def old_parts(self) -> tuple[Part, ...]:
        """The older words: what was kept and what was taken out."""
        return tuple(part for part in self.local_parts if part.kind is not Kind.ADDED)

    @property
    def new_parts(self) -> tuple[Part, ...]:
        """The newer words: what was kept and what was put in."""
        return tuple(part for part in self.local_parts if part.kind is not Kind.REMOVED)


def clauses_of(text: Revision | PolicyPage) -> list[Clause]:
    """Return the clauses of a revision, or of a page's current text, in order.  Starts no query."""
    if isinstance(text, Revision):
        raw = text.content.get("clauses") or "[]"
    else:
        raw = json.dumps(text.clauses.get_prep_value()) if text.clauses else "[]"
    return list(_read(raw))


_CONTENT: Question[Any] = Question(lambda pk: Revision.objects.filter(pk=pk).values_list("content", flat=True), pk=int)
_contents: Shelf[dict[str, Any]] = Shelf(200, weigh=lambda _content: 1)


def with_content(revision: Revision) -> Revision:
    """Give a revision that was asked for without it its content, and return it.

    What a revision holds never changes, so each process reads it once; nobody changes what is handed out.
    """
    key = revision.pk, revision.created_at
    content = _contents.get(key)
    if content is None:
        content = _CONTENT.one(pk=revision.pk) or {}
        _contents.put(key, content)
    revision.content = content
    return revision


def difference(
    old: Revision | PolicyPage | Iterable[Clause] | None, new: Revision | PolicyPage | Iterable[Clause]
) -> list[ClauseChange]:
    """Compare two texts clause by clause, in the newer order; removed clauses follow their old neighbour.

    ``old`` of None compares with nothing: every clause is added.
    """
    before = _list(old)
    after = _list(new)
    known = {clause.id: clause for clause in before}
    kept = {clause.id for clause in after}
    moved = _moved([c.id for c in before if c.id in kept], [c.id for c in after if c.id in known])
    removed_after: dict[UUID | None, list[Clause]] = {}
    neighbour: UUID | None = None
    for clause in before:
        if clause.id in kept:
            neighbour = clause.id
        else:
            removed_after.setdefault(neighbour, []).append(clause)
    changes = [_removed(clause) for clause in removed_after.get(None, [])]
    for clause in after:
        changes.append(_compared(known.get(clause.id), clause, moved=clause.id in moved))
        changes += [_removed(gone) for gone in removed_after.get(clause.id, [])]
    return changes


def compare_words(old: str, new: str) -> tuple[Part, ...]:
    """Compare two texts word by word (Chinese: character by character, smoothed to readable stretches)."""
    if old == new:
        return (Part(Kind.SAME, new),) if new else ()
    return _worded(old, new)


@lru_cache(maxsize=64)
def _read(raw: str) -> tuple[Clause, ...]:
    clauses = []
    chapter = None
    for block in json.loads(raw):
        value: dict[str, Any] = block["value"]
        if block["type"] == "chapter":
            chapter = Chapter(value.get("number") or "", value["heading"], value.get("heading_en") or "")
        elif block["type"] == "clause":
            words = {
                name: value.get(name) or ""
                for name in ("number", "heading", "text", "heading_en", "text_en", "note", "note_en")
            }
            clauses.append(Clause(id=UUID(block["id"]), chapter=chapter, **words))
    return tuple(clauses)


def _list(text: Revision | PolicyPage | Iterable[Clause] | None) -> list[Clause]:
    if text is None:
        return []
    return clauses_of(text) if isinstance(text, Revision | PolicyPage) else list(text)


def _compared(before: Clause | None, after: Clause, *, moved: bool) -> ClauseChange:
    if before is None:
        return ClauseChange(Kind.ADDED, after, None, _whole(Kind.ADDED, after.text), _whole(Kind.ADDED, after.text_en))
    same = all(
        getattr(before, name) == getattr(after, name)
        for name in ("number", "heading", "text", "heading_en", "text_en", "note", "note_en")
    )
    return ClauseChange(
        Kind.SAME if same else Kind.CHANGED,
        after,
        before,
        compare_words(before.text, after.text),
        compare_words(before.text_en, after.text_en),
        moved=moved,
    )


def _removed(clause: Clause) -> ClauseChange:
    words, words_en = _whole(Kind.REMOVED, clause.text), _whole(Kind.REMOVED, clause.text_en)
    return ClauseChange(Kind.REMOVED, clause, clause, words, words_en)


def _whole(kind: Kind, text: str) -> tuple[Part, ...]:
    return (Part(kind, text),) if text else ()


def _moved(old: list[UUID], new: list[UUID]) -> set[UUID]:
    """Return the fewest clauses that have to move to turn one order into the other."""
    place = {clause: index for index, clause in enumerate(old)}
    best: list[
        tuple[int, int]
    ] = []  # per clause of new: length of the longest rising run ending here, and its previous
    for index, clause in enumerate(new):
        runs = [(best[i][0] + 1, i) for i in range(index) if place[new[i]] < place[clause]]
        best.append(max(runs, default=(1, -1)))
    stay: set[UUID] = set()
    at = max(range(len(best)), key=lambda i: best[i][0], default=-1)
    while at >= 0:
        stay.add(new[at])
        at = best[at][1]
    return set(new) - stay


_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*|\d+(?:[.,:]\d+)*|\s+|.", re.DOTALL)
_SENTENCE = re.compile(r"[^。；！？.!?;\n]*[。；！？.!?;\n]*")
# Above this many words a comparison works on sentences: character work grows with the square.
_MANY_WORDS = 3000


@lru_cache(maxsize=1024)
def _worded(old: str, new: str) -> tuple[Part, ...]:
    words_old, words_new = _WORD.findall(old), _WORD.findall(new)
    if max(len(words_old), len(words_new)) > _MANY_WORDS:
        words_old = [part for part in _SENTENCE.findall(old) if part]
        words_new = [part for part in _SENTENCE.findall(new) if part]
    # runs of (kept, "", "") or ("", taken out, put in)
    runs: list[tuple[str, str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, words_old, words_new, autojunk=False).get_opcodes():
        gone, come = "".join(words_old[a:b]), "".join(words_new[c:d])
        runs.append((gone, "", "") if kind == "equal" else ("", gone, come))
    parts: list[Part] = []
    for kept, gone, come in _smoothed(runs):
        if kept:
            parts.append(Part(Kind.SAME, kept))
        if gone:
            parts.append(Part(Kind.REMOVED, gone))
        if come:
            parts.append(Part(Kind.ADDED, come))
    return tuple(parts)


def _smoothed(runs: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Join changes that only a crumb of equal text keeps apart: people read phrases, not letters."""
    index = 1
    while index < len(runs) - 1:
        kept = runs[index][0]
        (_, gone_1, come_1), (_, gone_2, come_2) = runs[index - 1], runs[index + 1]
        crumb = len(kept.strip()) <= 1 or (
            len(kept) <= max(len(gone_1), len(come_1)) and len(kept) <= max(len(gone_2), len(come_2))
        )
        if kept and crumb and "\n" not in kept:
            runs[index - 1 : index + 2] = [("", gone_1 + kept + gone_2, come_1 + kept + come_2)]
            index = max(1, index - 2)
        else:
            index += 1
    return runs
