"""How a meeting is shown: its numbers with what each is a part of, and whether they decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from civic.core.languages import localised
from civic.ui.components import Bar
from consult.voting.models import Choice, Poll


@dataclass(frozen=True)
class Check:
    """One threshold as a sentence, and whether it was reached."""

    text: str
    reached: bool


@dataclass
class Beside:
    """What those who could not come said on line: apart, and in nobody's sum."""

    title: str
    slug: str
    bars: list[Bar] = field(default_factory=list)
    base: str = ""


@dataclass
class Decided:
    """Frozen minutes as their page shows them."""

    bars: list[Bar]
    base: str
    checks: list[Check]
    winners: list[str]
    is_valid: bool
    is_carried: bool
    points: list[str]
    due: date | None
    beside: Beside | None


def decided(result: Mapping[str, Any], choices: Sequence[Choice]) -> Decided:
    """Turn the frozen result of a meeting into pictures and sentences."""
    outcome, verdict, meeting = result["outcome"], result["verdict"], result["meeting"]
    titles = {choice.key: str(choice) for choice in choices}
    present = meeting["present"]
    return Decided(
        bars=[_bar(titles[key], outcome["totals"][key], present, won=key in outcome["winners"]) for key in titles],
        base=_("Hands raised, of %(present)s present; %(none)s raised none") % {
            "present": f"{present:,}", "none": f"{outcome['blank']:,}",
        },
        checks=[_check(each) for each in verdict["checks"]],
        winners=[titles[key] for key in outcome["winners"]],
        is_valid=verdict["binding"],
        is_carried=verdict["carried"],
        points=[line.strip() for line in meeting["points"].splitlines() if line.strip()],
        due=date.fromisoformat(meeting["due"]) if meeting["due"] else None,
        beside=_beside(meeting["advisory"]),
    )  # fmt: skip


def _bar(label: str, count: int, of: int, *, won: bool) -> Bar:
    most = won and 2 * count > of
    return Bar(label, count, count / (of or 1), tone="c1" if most else "c4", mark=_("more than half") if most else "")


def _check(check: Mapping[str, Any]) -> Check:
    numerator, denominator = check["needed"]
    values = {
        "have": f"{check['have']:,}", "base": f"{check['base']:,}",
        "needed": (_("more than %(part)s") if check["strictly"] else _("at least %(part)s")) % {"part": f"{numerator}/{denominator}"},
    }  # fmt: skip
    texts = {
        "present": _("%(have)s of %(base)s entitled came; the law asks for %(needed)s."),
        "households": _("%(have)s of %(base)s households were there; the law asks for %(needed)s."),
        "hands": _("The most hands for one thing: %(have)s of the %(base)s present; a decision needs %(needed)s."),
    }
    return Check(texts[check["name"]] % values, check["reached"])


def _beside(said: Mapping[str, Any] | None) -> Beside | None:
    if said is None:
        return None
    title = _either(said["title"], said["title_en"])
    if said["ballots"] is None:
        return Beside(title, said["slug"])
    number = said["ballots"] or 1
    bars = [Bar(_either(name, english), count, count / number, tone="c3") for name, english, count in said["totals"]]
    return Beside(title, said["slug"], bars, _("Ballots on line: %(n)s") % {"n": f"{said['ballots']:,}"})


def _either(official: str, english: str) -> str:
    return localised(_Words(official, english), "words")


@dataclass(frozen=True)
class _Words:
    words: str
    words_en: str


def venue_of(poll: Poll) -> str:
    """Return where a poll's meeting is, in the reader's language."""
    return localised(poll.meeting, "venue")
