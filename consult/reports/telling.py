"""Who hears what became of a consultation: everybody who took part, each about their own words.

Recipients are made a chunk of people at a time, with the same few queries for
each chunk, so that fifty thousand people need no more memory than five hundred.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.db.models.functions import Left
from django.urls import reverse
from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext

from civic.notify.domain import Recipient
from civic.policies.numbers import in_english
from consult.consultations.models import Consultation, Follow, Participation
from consult.discussion.models import Contribution, Support
from consult.discussion.states import Outcome, State
from consult.replies.models import Reply, ReplyItem
from consult.replies.states import State as ReplyState
from consult.reports import sources

CHUNK = 500
QUOTE = 24
NAMED = 5


@dataclass(frozen=True)
class Fate:
    """One thing a person said or supported, and what became of it."""

    act: str
    quote: str
    outcome: str
    clause: str


class Voice:
    """The sentences of one language, worked out once and filled for everybody."""

    def __init__(self, language: str) -> None:
        with translation.override(language):
            self._english = language.startswith("en")
            self._outcomes = {str(value): gettext(label) for value, label in _OUTCOMES.items()}
            self._acts = {
                "said": gettext("“%(quote)s”: %(outcome)s"),
                "response": gettext("Your response “%(quote)s”, in a thread with this outcome: %(outcome)s"),
                "supported": gettext("You supported “%(quote)s”: %(outcome)s"),
            }
            self._clause = gettext("%(line)s; %(clause)s changes")
        self._language = language

    def tell(self, fates: Sequence[Fate]) -> str:
        """Return one line per fate, the first few in full and the rest as a number."""
        lines = [self._line(fate) for fate in fates[:NAMED]]
        more = len(fates) - NAMED
        if more > 0:
            with translation.override(self._language):
                lines.append(ngettext("and %(count)s more", "and %(count)s more", more) % {"count": more})
        return "\n".join(lines)

    def _line(self, fate: Fate) -> str:
        line = self._acts[fate.act] % {"quote": fate.quote, "outcome": self._outcomes[fate.outcome]}
        if not fate.clause:
            return line
        clause = in_english(fate.clause) if self._english else fate.clause
        return self._clause % {"line": line, "clause": clause}


_OUTCOMES = {
    # Translators: what became of somebody's words, inside a sentence
    Outcome.WAITING: translation.gettext_noop("no outcome"),
    Outcome.ADOPTED: translation.gettext_noop("adopted"),
    Outcome.PARTLY: translation.gettext_noop("partly adopted"),
    Outcome.NOT: translation.gettext_noop("not adopted"),
}


def participants(consultation: Consultation) -> Iterator[Recipient]:
    """Yield those who took part and have something public left, each with what became of it."""
    voices, common = _voices(), _summary(consultation)
    url = reverse("consultation-result", args=[consultation.slug])
    for people, fates in _with_fates(consultation):
        for person in people:
            if person in fates:
                yield person, {**common, **_mine(voices, fates[person])}, url


def onlookers(consultation: Consultation) -> Iterator[Recipient]:
    """Yield who hears the short form: followers who did not take part, and those who took everything back."""
    common = _summary(consultation)
    url = reverse("consultation-result", args=[consultation.slug])
    for person in followers_only(consultation):
        yield person, common, url
    for people, fates in _with_fates(consultation):
        for person in people:
            if person not in fates:
                yield person, common, url


def answered_by(reply: Reply) -> Iterator[Recipient]:
    """Yield the authors of what an answer answers, once each, with their words."""
    consultation, voices = reply.consultation, _voices()
    common = {
        "title": consultation.title, "title_en": consultation.title_en,
        "office": reply.body.name, "office_en": reply.body.name_en,
    }  # fmt: skip
    clause = reply.clause_number if reply.new_text else ""
    items = ReplyItem.objects.filter(reply=reply, contribution__state=State.PUBLISHED)
    rows = (
        items.annotate(words=Left("contribution__text", 4 * QUOTE))
        .order_by("contribution__author", "contribution")
        .values_list("contribution__author", "contribution", "contribution__title", "words")
    )
    for author, said in groupby(rows.iterator(chunk_size=CHUNK), key=lambda row: row[0]):
        words = list(said)
        fates = [Fate("said", quote_of(title, text), reply.outcome, clause) for _author, _pk, title, text in words]
        yield author, {**common, **_mine(voices, fates)}, reverse("contribution", args=[consultation.slug, words[0][1]])


def all_participants(consultation: Consultation) -> Iterator[int]:
    """Yield the ids of those who took part."""
    for people in _chunks(Participation.objects.filter(consultation=consultation)):
        yield from people


def followers_only(consultation: Consultation) -> Iterator[int]:
    """Yield the ids of those who follow and did not take part."""
    took_part = Participation.objects.filter(consultation=consultation).values("person")
    for people in _chunks(Follow.objects.filter(consultation=consultation).exclude(person__in=took_part)):
        yield from people


def _chunks(rows: "QuerySet[Any]") -> Iterator[list[int]]:
    last = 0
    while people := list(rows.filter(person__gt=last).order_by("person").values_list("person", flat=True)[:CHUNK]):
        yield people
        last = people[-1]


def _with_fates(consultation: Consultation) -> Iterator[tuple[list[int], Mapping[int, list[Fate]]]]:
    for people in _chunks(Participation.objects.filter(consultation=consultation)):
        yield people, _fates(consultation, people)


def _fates(consultation: Consultation, people: Sequence[int]) -> Mapping[int, list[Fate]]:
    """Return what these people said and supported, most backed first: four queries for any number of people."""
    public = Contribution.objects.published().filter(consultation=consultation)
    public = public.exclude(kind=Contribution.Kind.STATEMENT)
    fields = ("pk", "author", "kind", "title", "words", "outcome", "root", "root__outcome")
    worded = public.annotate(words=Left("text", 4 * QUOTE)).order_by("depth", "-num_vote_up", "pk")
    own = list(worded.filter(author__in=people).values_list(*fields))
    backing = Support.objects.filter(
        user__in=people, content_type=ContentType.objects.get_for_model(Contribution), object_id__in=public.values("pk")
    )
    backed = list(backing.order_by("pk").values_list("user", "object_id"))
    theirs = {row[0]: row for row in worded.filter(pk__in={pk for _user, pk in backed}).values_list(*fields)}
    changed = _changed({row[6] or row[0] for row in [*own, *theirs.values()]})
    fates: dict[int, list[Fate]] = defaultdict(list)
    for row in own:
        act = "response" if row[2] == Contribution.Kind.RESPONSE else "said"
        fates[row[1]].append(_fate(act, row, changed))
    for user, pk in backed:
        fates[user].append(_fate("supported", theirs[pk], changed))
    return fates


def _fate(act: str, row: Sequence[Any], changed: Mapping[int, str]) -> Fate:
    pk, _author, _kind, title, words, outcome, root, root_outcome = row
    return Fate(act, quote_of(title, words), root_outcome or outcome, changed.get(root or pk, ""))


def _changed(roots: Iterable[int]) -> dict[int, str]:
    items = ReplyItem.objects.filter(contribution__in=list(roots), reply__state=ReplyState.PUBLISHED)
    return dict(items.exclude(reply__new_text="").order_by("reply").values_list("contribution", "reply__clause_number"))


def _summary(consultation: Consultation) -> dict[str, Any]:
    changing = sources.replies(consultation).exclude(new_text="").values("clause", "clause_number").distinct()
    return {
        "title": consultation.title, "title_en": consultation.title_en,
        "contributions": consultation.contribution_count, "changed": changing.count(),
    }  # fmt: skip


def _voices() -> tuple[Voice, Voice]:
    return Voice(settings.LANGUAGE_CODE), Voice("en")


def _mine(voices: tuple[Voice, Voice], fates: Sequence[Fate]) -> dict[str, str]:
    official, english = voices
    return {"mine": official.tell(fates), "mine_en": english.tell(fates)}


def quote_of(title: str, text: str) -> str:
    """Return how somebody's words are quoted to them, and to those who supported them."""
    return Truncator(title or " ".join(text.split())).chars(QUOTE)
