"""Counting a consultation: aggregates only, a constant number of queries."""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from statistics import median
from typing import Any

from django.db.models import Count, QuerySet, Sum, Window
from django.db.models import functions as db
from django.db.models.expressions import F

from civic.core import cells
from civic.places.models import Place
from civic.policies.clauses import Clause, clauses_of
from consult.consultations.models import Consultation, Participation
from consult.discussion.models import Contribution
from consult.discussion.states import Outcome, State
from consult.replies.models import ReplyItem
from consult.reports import sources

EXAMPLES = 5
MOST_SUPPORTED = 5
CHUNK = 2000

Row = dict[str, Any]


def count(consultation: Consultation, *, at: datetime) -> dict[str, Any]:
    """Return a result's data: figures with their bases, answers, changes; ids instead of residents' words."""
    clauses = list(clauses_of(consultation.revision)) if consultation.revision_id else []
    answers = _answers(consultation, clauses)
    return {
        "format": sources.FORMAT,
        "as_of": at.isoformat(),
        "consultation": _facts(consultation),
        "figures": [*_said(consultation, clauses), *_people(consultation), *_answered(consultation, answers, clauses)],
        "answers": answers,
        "most_supported": _most_supported(consultation),
        "withheld": sources.withheld(consultation),
    }


def _facts(consultation: Consultation) -> dict[str, Any]:
    assert consultation.opens_at is not None  # announced consultations have their dates
    assert consultation.closes_at is not None
    return {
        "address": consultation.slug,
        "title": consultation.title,
        "title_en": consultation.title_en,
        "office": consultation.sponsor.name,
        "office_en": consultation.sponsor.name_en,
        "open_to": consultation.open_to.name,
        "open_to_en": consultation.open_to.name_en,
        "opened_at": consultation.opens_at.isoformat(),
        "closed_at": consultation.closes_at.isoformat(),
        "policy_revision": consultation.revision_id,
        "rules_hash": consultation.rules_hash,
    }


def _row(figure: str, part: str, n: float, of: int | None, label: str = "", label_en: str = "") -> Row:
    return {"figure": figure, "part": part, "n": n, "of": of, "label": label, "label_en": label_en}


def _roots(consultation: Consultation) -> "QuerySet[Contribution]":
    return Contribution.objects.published().roots().filter(consultation=consultation)


def _public_supports(consultation: Consultation) -> "QuerySet[Any]":
    public = sources.contributions(consultation).filter(state=State.PUBLISHED)
    return sources.supports(consultation).filter(object_id__in=public.values("pk"))


def _said(consultation: Consultation, clauses: Sequence[Clause]) -> Iterator[Row]:
    roots = _roots(consultation)
    received = sources.contributions(consultation).order_by()
    states: Counter[tuple[bool, str]] = Counter()
    for kind, state, number in received.values_list("kind", "state").annotate(n=Count("pk")):
        states[(kind == Contribution.Kind.RESPONSE, state)] += number
    everything = sum(states.values())
    total = states[(False, State.PUBLISHED)]
    yield _row("contributions", "", total, sum(n for (response, _state), n in states.items() if not response))
    yield _row(
        "responses", "", states[(True, State.PUBLISHED)], sum(n for (response, _state), n in states.items() if response)
    )
    yield _row("supports", "", _public_supports(consultation).count(), None)
    for state in (State.WITHDRAWN, State.HELD, State.HIDDEN):
        yield _row("withheld", str(state), states[(False, state)] + states[(True, state)], everything)
    for kind, number in _grouped(roots, "kind"):
        yield _row("kind", kind, number, total)
    for channel, number in _grouped(roots, "channel"):
        yield _row("channel", channel, number, total)
    yield _row("assisted", "", roots.filter(keyed_for__isnull=False).count(), total)
    if clauses:
        by_clause = dict(_grouped(roots, "clause"))
        for clause in clauses:
            if clause.id in by_clause:
                yield _row("clause", str(clause.id), by_clause[clause.id], total, *_names(clause))
        if None in by_clause:
            yield _row("clause", "", by_clause[None], total)


def _grouped(rows: "QuerySet[Any]", field: str) -> list[tuple[Any, int]]:
    return list(rows.order_by().values_list(field).annotate(n=Count("pk")).order_by("-n", field))


def _names(clause: Clause) -> tuple[str, str]:
    return f"{clause.number} {clause.heading}".strip(), f"{clause.number_en} {clause.heading_en}".strip()


def _people(consultation: Consultation) -> Iterator[Row]:
    took_part = Participation.objects.filter(consultation=consultation)
    total = took_part.count()
    yield _row("people", "", total, None)
    public = Contribution.objects.published().filter(consultation=consultation)
    said = public.roots().aggregate(n=Count("author", distinct=True))["n"]
    responded = public.filter(kind=Contribution.Kind.RESPONSE).aggregate(n=Count("author", distinct=True))["n"]
    supported = _public_supports(consultation).aggregate(n=Count("user", distinct=True))["n"]
    for part, number in (("said", said), ("responded", responded), ("supported", supported)):
        yield _row("part", part, number, total)
    yield from _places(consultation, took_part, total)


def _places(consultation: Consultation, took_part: "QuerySet[Participation]", total: int) -> Iterator[Row]:
    """One level below the place that was asked: townships of a county, communities of a township."""
    home = consultation.open_to
    parts = {place.path: place for place in Place.objects.filter(parent=home)}
    counts: Counter[str] = Counter()
    for path, number in took_part.order_by().values_list("person__residence__path").annotate(n=Count("pk")):
        counts[_part_of(path, home) if path else "elsewhere"] += number
    if not parts:
        return
    safe = cells.safe(_fold(counts, parts))
    for path, number in safe.shown.items():
        place = parts.get(path)
        if place is None:
            yield _row("place", "elsewhere", number, total)
        else:
            yield _row("place", place.code, number, total, place.name, place.name_en)
    if safe.merged:
        yield _row("place", "together", safe.merged_count, total)
    if safe.shown or safe.merged:
        for path, place in parts.items():
            if not counts[path]:
                yield _row("place", place.code, 0, total, place.name, place.name_en)


def _part_of(path: str, home: Place) -> str:
    """Return the path one level below ``home``."""
    if not path.startswith(home.path) or path == home.path:
        return "elsewhere"
    return home.path + path[len(home.path) :].split("/", 1)[0] + "/"


def _fold(counts: "Counter[str]", parts: dict[str, Place]) -> "Counter[str]":
    folded: Counter[str] = Counter()
    for path, number in counts.items():
        folded[path if path in parts else "elsewhere"] += number
    return folded


def _answered(consultation: Consultation, answers: Sequence[Row], clauses: Sequence[Clause]) -> Iterator[Row]:
    outcomes = dict(_grouped(_roots(consultation), "outcome"))
    total = sum(outcomes.values())
    yield _row("answered", "", total - outcomes.get(Outcome.WAITING, 0), total)
    for outcome in (Outcome.ADOPTED, Outcome.PARTLY, Outcome.NOT):
        yield _row("outcome", str(outcome), outcomes.get(outcome, 0), total)
    yield _row("answers", "", len(answers), None)
    days = _days(consultation)
    if days:
        yield _row("days", "median", round(median(days), 1), len(days))
        yield _row("days", "longest", round(max(days), 1), len(days))
    changed = {answer["clause"] or answer["clause_number"] for answer in answers if answer["new_text"]}
    if clauses or changed:
        yield _row("changed", "", len(changed), len(clauses) or None)


def _days(consultation: Consultation) -> "array[float]":
    """Return how long each answered contribution waited; eight bytes each."""
    items = ReplyItem.objects.filter(
        reply__in=sources.replies(consultation), contribution__in=_roots(consultation).values("pk")
    )
    waited = items.order_by().values_list("contribution__created_at", "reply__published_at")
    days = array("d")
    for said_at, answered_at in waited.iterator(chunk_size=CHUNK):
        assert answered_at is not None  # a constraint says so of what is published
        if answered_at is not None:  # the replies of a report are published ones
            days.append(max(0.0, (answered_at - said_at).total_seconds() / 86400))
    return days


def _answers(consultation: Consultation, clauses: Sequence[Clause]) -> list[Row]:
    items = ReplyItem.objects.filter(reply__in=sources.replies(consultation))
    sums = {
        reply: (number, supports or 0)
        for reply, number, supports in items.filter(contribution__state=State.PUBLISHED)
        .order_by()
        .values_list("reply")
        .annotate(n=Count("pk"), supports=Sum("contribution__num_vote_up"))
    }
    by_support = Window(
        db.RowNumber(),
        partition_by=F("reply"),
        order_by=[F("contribution__num_vote_up").desc(), F("contribution").asc()],
    )
    examples: dict[int, list[int]] = {}
    ranked = items.filter(contribution__state=State.PUBLISHED).annotate(rank=by_support).filter(rank__lte=EXAMPLES)
    for reply, contribution in ranked.order_by("reply", "rank").values_list("reply", "contribution"):
        examples.setdefault(reply, []).append(contribution)
    old = {clause.id: clause for clause in clauses}
    places = {clause.id: number for number, clause in enumerate(clauses, start=1)}
    made = [
        {
            "id": reply.pk,
            "office": reply.body.name,
            "office_en": reply.body.name_en,
            "outcome": reply.outcome,
            "text": reply.text,
            "text_en": reply.text_en,
            "reason": reply.reason,
            "reason_en": reply.reason_en,
            "clause": str(reply.clause) if reply.clause else "",
            "clause_number": reply.clause_number or (old[reply.clause].number if reply.clause in old else ""),
            "position": places.get(reply.clause, 0) if reply.clause else 0,
            "old_text": old[reply.clause].text if reply.clause in old else "",
            "old_text_en": old[reply.clause].text_en if reply.clause in old else "",
            "new_text": reply.new_text,
            "new_text_en": reply.new_text_en,
            "published_at": reply.published_at.isoformat() if reply.published_at else "",
            "n": sums.get(reply.pk, (0, 0))[0],
            "supports": sums.get(reply.pk, (0, 0))[1],
            "contributions": examples.get(reply.pk, []),
        }
        for reply in sources.replies(consultation).select_related("body").iterator(chunk_size=CHUNK)
    ]
    return sorted(made, key=lambda answer: (-answer["n"], -answer["supports"], answer["id"]))


def _most_supported(consultation: Consultation) -> list[Row]:
    backed = _roots(consultation).filter(num_vote_up__gt=0).order_by("-num_vote_up", "-id")[:MOST_SUPPORTED]
    return [
        {"id": pk, "supports": number, "outcome": outcome}
        for pk, number, outcome in backed.values_list("pk", "num_vote_up", "outcome")
    ]
