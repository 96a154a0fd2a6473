"""What came of the paper ballots: numbers, and the slips two people read differently.  A slip has a number, no name."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from civic.core.cells import SMALLEST
from civic.people.models import Person
from consult.voting.models import Choice, PaperKeying, PaperPack, PaperSlip, Poll
from consult.voting.paper import handed_out, in_box


@dataclass(frozen=True)
class Numbers:
    """How far the paper ballots of a poll are."""

    printed: int
    cancelled: int
    handed_out: int
    once: int
    waiting: int
    differed: int
    invalid: int
    in_box: int

    @property
    def back(self) -> int:
        """How many slips came back and were keyed at all."""
        return self.once + self.waiting + self.invalid + self.in_box

    @property
    def out(self) -> int:
        """How many are handed out and not keyed yet, at least."""
        return max(self.handed_out - self.back, 0)


@dataclass(frozen=True)
class Difference:
    """A slip two people read differently: what each said and, once settled, what a third did."""

    number: int
    said: tuple[str, str]
    by: tuple[Person, Person]
    settled: str | None = None
    settled_by: Person | None = None
    is_cancelled: bool = False


def numbers(poll: Poll) -> Numbers:
    """Return how far the paper ballots are; the same few questions however many there are."""
    packs = PaperPack.objects.filter(poll=poll).values_list("slips", "cancelled_at")
    keyed = dict(_keyings(poll).values_list("turn").annotate(n=Count("pk")))
    first, second, settled = (keyed.get(turn, 0) for turn in (1, 2, 3))
    differed = _differing(poll).count()
    invalid = _keyings(poll).filter(turn=2, content="").exclude(pk__in=_differing(poll).values("pk")).count()
    invalid += _keyings(poll).filter(turn=3, content="").count()
    return Numbers(
        printed=sum(slips for slips, cancelled in packs if cancelled is None),
        cancelled=sum(slips for slips, cancelled in packs if cancelled is not None),
        handed_out=handed_out(poll),
        once=first - second,
        waiting=differed - settled,
        differed=differed,
        invalid=invalid,
        in_box=in_box(poll),
    )


def differences(poll: Poll, choices: Sequence[Choice]) -> list[Difference]:
    """Return every slip whose two keyings differ, by number; what each said in words."""
    slips = list(_differing(poll).values_list("slip", flat=True))
    rows: dict[Any, dict[int, PaperKeying]] = {}
    for start in range(0, len(slips), 300):
        some = PaperKeying.objects.filter(slip__in=slips[start : start + 300]).select_related("keyed_by")
        for keying in some:
            rows.setdefault(keying.slip, {})[keying.turn] = keying
    cancelled = set(PaperPack.objects.filter(poll=poll).exclude(cancelled_at=None).values_list("pk", flat=True))
    known = {
        slip.pk: slip
        for start in range(0, len(slips), 300)
        for slip in PaperSlip.objects.filter(pk__in=slips[start : start + 300])
    }
    found = []
    for pk, turns in rows.items():
        third = turns.get(PaperKeying.SETTLED)
        found.append(
            Difference(
                number=known[pk].number,
                said=(in_words(turns[1].content, choices), in_words(turns[2].content, choices)),
                by=(turns[1].keyed_by, turns[2].keyed_by),
                settled=in_words(third.content, choices) if third else None,
                settled_by=third.keyed_by if third else None,
                is_cancelled=known[pk].pack in cancelled,
            )
        )
    return sorted(found, key=lambda each: each.number)


def two_readings(slip: PaperSlip) -> tuple[str, str]:
    """Return what the first and the second keyed of a slip: canonical content, empty for an invalid one."""
    said = dict(PaperKeying.objects.filter(slip=slip.pk, turn__lte=2).values_list("turn", "content"))
    return said[1], said[2]


def in_words(content: str, choices: Sequence[Choice]) -> str:
    """Return what a keying says, in one line."""
    if not content:
        return _("invalid")
    ballot: Mapping[str, Any] = json.loads(content)
    titles = {choice.key: str(choice) for choice in choices}
    if "ranking" in ballot:
        groups = (
            f"{place}. " + " = ".join(titles[key] for key in group)
            for place, group in enumerate(ballot["ranking"], start=1)
        )
        said = _(", ").join(groups)
    elif "scores" in ballot:
        said = _(", ").join(f"{titles[key]} {points}" for key, points in ballot["scores"].items())
    else:
        said = _(", ").join(titles[choice.key] for choice in choices if choice.key in ballot["choices"])
    return said or _("blank")


def for_the_chain(poll: Poll) -> dict[str, Any]:
    """Return what the closing entry says of paper: why there are more marks than ballots; nothing without packs.

    How many slips were invalid is told where it singles out nobody: people know who took a slip.  Else those slips
    are only among the marks without a ballot, whose number follows from what is published anyway.
    """
    if not PaperPack.objects.filter(poll=poll).exists():
        return {}
    told = numbers(poll)
    without_ballot = told.handed_out - told.in_box
    said = {"without_ballot": without_ballot}
    if told.handed_out >= SMALLEST and not any(
        0 < few < SMALLEST for few in (told.invalid, without_ballot - told.invalid)
    ):
        said["invalid"] = told.invalid
    return {"paper": said}


def keyed_by(person: Person) -> "QuerySet[PaperKeying, dict[str, int]]":
    """Return how many slips somebody keyed, by poll."""
    return PaperKeying.objects.filter(keyed_by=person).order_by("poll").values("poll").annotate(n=Count("pk"))


def _keyings(poll: Poll) -> "QuerySet[PaperKeying]":
    return PaperKeying.objects.filter(poll=poll.pk).order_by()


def _differing(poll: Poll) -> "QuerySet[PaperKeying]":
    """The second keyings that say something else than the first."""
    first = PaperKeying.objects.filter(slip=OuterRef("slip"), turn=1).values("content")[:1]
    return _keyings(poll).filter(turn=2).annotate(first=Subquery(first)).exclude(content=F("first"))
