"""How a paper ballot is filled in, in words that stand on it."""

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from consult.voting.forms import BallotForm

EACH_ONE = {
    "one": _("Tick one box."),
    "several": _("Tick every box you want."),
    "scores": _("Beside each choice circle one number: 0 is the worst, %(best)s the best. Leave out what you do not know."),
    "points": _("You have %(points)s points. Write beside each project how many you give it; leave empty what you do not want. Points may be left over."),
    "ranks": _("Write 1 beside what you want most, 2 beside what comes next, and so on. Each number once; you may stop anywhere."),
}  # fmt: skip
AT_MOST = _("Tick at most %(most)s boxes.")
RANK_AT_MOST = _("Write 1 beside what you want most, 2 beside what comes next, up to %(most)s. Each number once.")
RANK_EQUALS = _("Write 1 beside what you want most, 2 beside what comes next, and so on. Equal numbers are allowed.")
TOGETHER = _("There are %(money)s yuan in all.")
WITHIN = _("What you tick may cost at most %(money)s yuan together.")


def how_to_fill_in(paper: BallotForm) -> list[str | Promise]:
    """Return the instructions for a poll's paper, each a sentence in the language it is shown in."""
    rules, most = paper.rules, paper.rules.max_choices
    if paper.kind == "scores":
        return [format_lazy("{}", _Filled(EACH_ONE["scores"], best=rules.max_score))]
    if paper.kind == "points":
        together = format_lazy("{}", _Filled(TOGETHER, money=f"{rules.budget or 0:,}"))
        return [format_lazy("{}", _Filled(EACH_ONE["points"], points=rules.points)), together]
    if paper.kind == "ranks":
        if rules.method == "schulze":
            return [RANK_EQUALS]
        return [format_lazy("{}", _Filled(RANK_AT_MOST, most=most))] if most else [EACH_ONE["ranks"]]
    said: list[str | Promise] = [
        format_lazy("{}", _Filled(AT_MOST, most=most)) if paper.kind == "several" and most else EACH_ONE[paper.kind]
    ]
    if paper.is_budget and rules.budget is not None:
        sentence = WITHIN if rules.ballot_within_budget else TOGETHER
        said.append(format_lazy("{}", _Filled(sentence, money=f"{rules.budget:,}")))
    return said


class _Filled:
    """A lazy sentence with its values, put together when it is shown."""

    def __init__(self, sentence: str | Promise, **values: object) -> None:
        self.sentence, self.values = sentence, values

    def __str__(self) -> str:
        return str(self.sentence) % self.values
