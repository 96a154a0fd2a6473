"""How polls and their results are shown: words for methods and levels, and pictures that are tables."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civic.ui.components import Bar
from consult.voting.models import BulletinEntry, Choice, Group, Secrecy
from consult.voting.states import Stage

STATUS: dict[TextChoices, str] = {
    Stage.DRAFT: "ended", Stage.ANNOUNCED: "doing", Stage.RUNNING: "open", Stage.MEETING: "review", Stage.COUNTING: "review",
    Stage.COUNTED: "answered", Stage.CERTIFIED: "done", Stage.WITHDRAWN: "ended",
}  # fmt: skip
#: Names of the budget rules short enough to head a column.
COLUMN = {
    "greedy-skip": gettext_lazy("most votes, pass over"), "greedy-stop": gettext_lazy("most votes, stop"),
    "greedy-minimum": gettext_lazy("most votes, with a minimum"), "equal-shares": gettext_lazy("equal shares"),
}  # fmt: skip
OTHER = {
    "choose": gettext_lazy("first choices only"), "irv": gettext_lazy("instant run-off"),
    "schulze": gettext_lazy("each against each"), "score-mean": gettext_lazy("best average"),
    "score-median": gettext_lazy("best middle score"),
}  # fmt: skip
SECRECY = {
    Secrecy.OPEN: gettext_lazy("Open vote by a show of hands: everybody in the hall sees who raises a hand for what. Nothing is cast on this site."),
    Secrecy.BY_PROCEDURE: gettext_lazy("Secret by procedure: the site keeps that you voted and on which day, apart from the ballots. Nobody, staff included, can look up who chose what."),
    Secrecy.BY_BLIND_TOKEN: gettext_lazy("Secret by blind token"),
}  # fmt: skip
WHY_NOT = {
    "does-not-fit": gettext_lazy("costs more than is left"), "stopped": gettext_lazy("the list had ended"),
    "below-minimum": gettext_lazy("too few want it"), "enough-projects": gettext_lazy("enough projects"),
}  # fmt: skip

#: What of the published evidence a recount may find otherwise, by its name in the entry a recount leaves.
DIFFERS = {
    "ballots": gettext_lazy("The ballots are not those the box was closed with."),
    "result": gettext_lazy("Counting them gives another result than the published one."),
    "rules.json": gettext_lazy("The rules are not those of the bundle."),
    "ballots.json": gettext_lazy("The list of ballots is not that of the bundle."),
    "replaced.json": gettext_lazy("The list of replaced ballots is not that of the bundle."),
    "turnout.json": gettext_lazy("The turnout is not that of the bundle."),
}


@dataclass(frozen=True)
class Opinion:
    """What an auditor signed under a result; ``who`` is empty once their account is gone."""

    number: int
    on: datetime
    who: str
    confirmed: bool
    note: str
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Compared:
    """What each budget rule pays for: a row for each project, and what each spends in all, each beside its rule's name."""

    rules: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, int, int, tuple[tuple[str, bool], ...]], ...]
    spent: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Round:
    """One round of a transfer count: bars with what each gained, and the ballots that no longer count."""

    number: int
    bars: tuple[Bar, ...]
    base: str


@dataclass(frozen=True)
class Funded:
    """A project's line in the allocation of the money."""

    title: str
    cost: int
    wanted: int
    why: str
    left: int | None
    share: float


@dataclass(frozen=True)
class Pairwise:
    """Everybody against everybody: rows of (name, cells), a cell None on the diagonal."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[int, bool] | None, ...]], ...]


@dataclass
class Result:
    """A counted poll as its page shows it."""

    winners: list[str]
    bars: list[Bar]
    base: str
    rounds: list[Round] = field(default_factory=list)
    funded: list[Funded] = field(default_factory=list)
    pairwise: Pairwise | None = None
    averages: list[tuple[str, str, str, int]] = field(default_factory=list)
    ties: list[str] = field(default_factory=list)
    money: tuple[int, int] | None = None


def result_of(result: Mapping[str, Any], choices: Sequence[Choice], *, points: int | None = None) -> Result:
    """Turn a frozen result into pictures and tables; ``points`` is how many each voter could spread over projects."""
    outcome = result["outcome"]
    titles = {choice.key: str(choice) for choice in choices}
    winners = outcome["winners"]
    # Who came first without the majority the rules ask for has won nothing.
    won = frozenset(winners if result["verdict"]["carried"] is not False else ())
    base = _("Valid ballots %(valid)s, blank %(blank)s") % {
        "valid": f"{outcome['valid']:,}",
        "blank": f"{outcome['blank']:,}",
    }
    if "budget" in outcome["extra"]:
        winners = sorted(winners, key=lambda key: -int(outcome["totals"][key]))
    shown = Result([titles[key] for key in winners], [], base, ties=_ties(outcome, titles))
    if outcome["method"] in {"irv", "stv"}:
        shown.rounds = _rounds(outcome, titles, won)
    elif outcome["method"] == "score":
        shown.bars, shown.averages = _scores(outcome, titles)
    elif outcome["method"] == "schulze":
        shown.pairwise = _pairwise(outcome["extra"], titles)
    else:
        shown.bars = _totals(outcome, titles, won, points or 1)
        if points:
            shown.base = _("Points; every voter could give %(points)s.") % {"points": points} + " " + base
    if "budget" in outcome["extra"]:
        shown.funded = _funded(outcome, choices)
        shown.money = (outcome["extra"]["cost"], outcome["extra"]["budget"])
    return shown


def _totals(outcome: Mapping[str, Any], titles: Mapping[str, str], winners: Collection[str], each: int) -> list[Bar]:
    valid = (outcome["valid"] or 1) * each
    ordered = sorted(outcome["totals"].items(), key=lambda item: -int(item[1]))
    return [_bar(titles[key], int(n), int(n) / valid, won=key in winners) for key, n in ordered]


def _bar(label: str, count: int, share: float, *, won: bool, out: bool = False, note: str = "") -> Bar:
    mark = _("won") if won else _("out") if out else ""
    return Bar(label, count, min(share, 1.0), note=note, tone="c1" if won else "cx" if out else "c4", mark=mark)


def _rounds(outcome: Mapping[str, Any], titles: Mapping[str, str], winners: Collection[str]) -> list[Round]:
    made, before, gone, elected = [], dict[str, float](), set[str](), set[str]()
    for stage in outcome["stages"]:
        totals = {key: float(value) for key, value in stage["totals"].items() if key not in gone}
        counting = outcome["valid"] if outcome["method"] == "stv" else sum(totals.values())
        elected |= {key for key in stage["elected"] if key in winners}
        bars = []
        for key, total in sorted(totals.items(), key=lambda item: -item[1]):
            gain = total - before.get(key, total)
            note = f"{gain:+,.0f}" if outcome["method"] == "irv" else f"{total:,.5f}"
            if outcome["method"] == "irv" and not gain:
                note = ""
            bars.append(
                _bar(
                    titles[key],
                    int(total),
                    total / (counting or 1),
                    won=key in elected,
                    out=key in stage["excluded"],
                    note=note,
                )
            )
        detail = stage["detail"]
        if "exhausted" in detail:
            base = _("Round %(number)s: %(counting)s ballots counting, %(exhausted)s without a further choice") % {
                "number": stage["number"], "counting": f"{int(counting):,}", "exhausted": f"{detail['exhausted']:,}",
            }  # fmt: skip
        else:
            base = _("Stage %(number)s: quota %(quota)s, not transferable %(lost)s") % {
                "number": stage["number"], "quota": outcome["extra"]["quota"], "lost": detail.get("not_transferable", "0"),
            }  # fmt: skip
        made.append(Round(stage["number"], tuple(bars), base))
        gone |= set(stage["excluded"])
        before = totals
    return made


def _scores(outcome: Mapping[str, Any], titles: Mapping[str, str]) -> tuple[list[Bar], list[tuple[str, str, str, int]]]:
    extra = outcome["extra"]
    means = {key: n / d for key, (n, d) in extra["mean"].items()}
    medians = {key: n / d for key, (n, d) in extra["median"].items()}
    top = max((int(points) for table in extra["scores"].values() for points in table), default=1) or 1
    ordered = sorted(titles, key=lambda key: -means.get(key, -1.0))
    bars = [
        _bar(
            titles[key],
            extra["scored"].get(key, 0),
            means.get(key, 0.0) / top,
            won=key in outcome["winners"],
            note=f"{means[key]:.2f}" if key in means else "–",
        )
        for key in ordered
    ]
    return bars, [
        (
            titles[key],
            f"{means[key]:.2f}" if key in means else "–",
            f"{medians[key]:g}" if key in medians else "–",
            extra["scored"].get(key, 0),
        )
        for key in ordered
    ]


def _pairwise(extra: Mapping[str, Any], titles: Mapping[str, str]) -> Pairwise:
    options, table = extra["options"], extra["pairwise"]
    rows = tuple(
        (
            titles[option],
            tuple(None if n is None else (n, n > table[column][row]) for column, n in enumerate(table[row])),
        )
        for row, option in enumerate(options)
    )
    return Pairwise(tuple(titles[option] for option in options), rows)


def _funded(outcome: Mapping[str, Any], choices: Sequence[Choice]) -> list[Funded]:
    known = {choice.key: choice for choice in choices}
    budget = outcome["extra"]["budget"] or 1
    lines, seen = [], set()
    for stage in outcome["stages"]:
        detail = stage["detail"]
        key = detail.get("project")
        if key is None:
            continue
        seen.add(key)
        why = detail.get("why", "funded")
        reason = _("funded") if why == "funded" else str(WHY_NOT.get(why, why))
        lines.append(
            Funded(
                str(known[key]),
                detail["cost"],
                int(outcome["totals"][key]),
                reason,
                detail["left"],
                detail["cost"] / budget,
            )
        )
    rest = sorted((key for key in known if key not in seen), key=lambda key: -int(outcome["totals"].get(key, 0)))
    lines += [
        Funded(
            str(known[key]),
            known[key].cost or 0,
            int(outcome["totals"].get(key, 0)),
            _("not funded"),
            None,
            (known[key].cost or 0) / budget,
        )
        for key in rest
    ]
    return lines


def _ties(outcome: Mapping[str, Any], titles: Mapping[str, str]) -> list[str]:
    told = []
    for tie in outcome["ties"]:
        values = {
            "stage": tie["stage"], "names": _(", ").join(titles[key] for key in tie["between"]), "first": titles[tie["order"][0]],
            "earlier": tie.get("earlier"),
        }  # fmt: skip
        if tie["by"] == "lot":
            told.append(
                _(
                    "Stage %(stage)s: %(names)s had the same number. The lot from the published seed put %(first)s first."
                )
                % values
            )
        else:
            told.append(
                _(
                    "Stage %(stage)s: %(names)s had the same number. What they had at stage %(earlier)s decided for %(first)s."
                )
                % values
            )
    return told


def opinions(entries: Sequence[BulletinEntry], signers: Sequence[str]) -> list[Opinion]:
    """Return the certificates of a chain with who signed each (``queries.signers``), the latest first."""
    signed = [entry for entry in entries if entry.kind == BulletinEntry.Kind.CERTIFICATE]
    made = [
        Opinion(
            entry.number, datetime.fromisoformat(entry.content["on"]), who, entry.content["confirmed"],
            entry.content["note"], tuple(entry.content["faults"]),
        )
        for entry, who in zip(signed, signers, strict=False)
    ]  # fmt: skip
    return made[::-1]


def compared(
    outcome: Mapping[str, Any], others: Sequence[Mapping[str, Any]], choices: Sequence[Choice]
) -> Compared | None:
    """Lay what other budget rules would have paid for beside what this one pays; None where there is no money."""
    if "budget" not in outcome["extra"] or not others:
        return None
    columns = [(outcome["method"], set(outcome["winners"])), *((o["method"], set(o["winners"])) for o in others)]
    ordered = sorted(choices, key=lambda choice: (-int(outcome["totals"].get(choice.key, 0)), choice.position))
    return Compared(
        tuple((name, str(COLUMN[name])) for name, _won in columns),
        tuple(
            (
                str(choice), choice.cost or 0, int(outcome["totals"].get(choice.key, 0)),
                tuple((str(COLUMN[name]), choice.key in won) for name, won in columns),
            )
            for choice in ordered
        ),
        tuple(
            (str(COLUMN[name]), sum(choice.cost or 0 for choice in choices if choice.key in won)) for name, won in columns
        ),
    )  # fmt: skip


def checks(verdict: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each threshold as a sentence with its base."""
    told = []
    for check in verdict["checks"]:
        numerator, denominator = check["needed"]
        is_whole = 100 * numerator % denominator == 0
        percent = f"{100 * numerator // denominator}%" if is_whole else f"{numerator}/{denominator}"
        values = {
            "have": f"{check['have']:,}",
            "base": f"{check['base']:,}",
            "needed": f"{numerator // denominator:,}" if check["name"] == "quorum-count" else percent,
        }
        match check["name"]:
            case "quorum":
                text = _("%(have)s of %(base)s on the roll took part; the rules ask for %(needed)s.") % values
            case "quorum-count":
                text = _("%(have)s people took part; the rules ask for %(needed)s.") % values
            case _:
                more = _("more than %(needed)s") if check["strictly"] else _("at least %(needed)s")
                text = _("%(have)s of %(base)s ballots stand behind the first; the rules ask for %(asked)s.") % (
                    values | {"asked": more % values}
                )
        told.append({"text": text, "reached": check["reached"]})
    return told


@dataclass(frozen=True)
class PlaceLine:
    """How many may vote in a place, or in small places put together, and how many did; None before that is known."""

    label: str
    base: int
    voted: int | None


def by_place(
    marks: Sequence[Mapping[str, Any]], roll: Sequence[Mapping[str, Any]], names: Mapping[str, Any]
) -> list[PlaceLine]:
    """Return the roll by place, put together where the marks are; marks that cannot be compared are left out."""

    def label(codes: Sequence[str]) -> str:
        return _(", ").join(str(names.get(code, "")) or _("elsewhere") for code in codes)

    left = {tuple(row["places"]): row["count"] for row in roll}
    voted = {tuple(row["places"]): row["count"] for row in marks}
    for places in [places for places in voted if places not in left]:
        parts = [(code,) for code in places]
        if all(part in left for part in parts):
            left[places] = sum(left.pop(part) for part in parts)
    return [PlaceLine(label(places), base, voted.get(places)) for places, base in left.items()]


def turnout(
    marks: Sequence[Mapping[str, Any]], roll: Sequence[Mapping[str, Any]], names: Mapping[str, Any]
) -> list[Bar]:
    """Return turnout by place: marks of how many on the roll."""
    return [
        Bar(
            line.label, line.voted, min(line.voted / line.base, 1.0), base=_("of %(base)s") % {"base": f"{line.base:,}"},
            tone="c3",
        )
        for line in by_place(marks, roll, names)
        if line.voted and line.base
    ]  # fmt: skip


def channels(groups: Mapping[str, int]) -> list[Bar]:
    """Return how the ballots came in."""
    total = sum(groups.values()) or 1
    labels = dict(Group.choices) | {"mixed": gettext_lazy("small groups together")}
    return [
        Bar(str(labels.get(name, name)), count, count / total, tone="c3") for name, count in groups.items() if count
    ]
