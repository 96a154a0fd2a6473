"""Kinds of decision a poll is opened as, each with what it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consult.voting.methods.hands import Needs


@dataclass(frozen=True)
class Preset:
    """A kind of decision: its name, the law behind it or the word "advisory", and the least days it stays open.

    A meeting instead has the least days of notice, and who must come for it to decide.
    ``usual_days`` and ``usual`` are what a draft of this kind begins with; all of it can be changed.
    """

    key: str
    name: str | Promise
    basis: str | Promise
    binding: bool
    minimum_days: int
    notice_days: int = 0
    needs: Needs | None = None
    usual_days: int = 7
    usual: Mapping[str, Any] = field(default_factory=dict)


PRESETS = {
    preset.key: preset
    for preset in (
        Preset(
            "advisory", _("Advisory vote"),
            _("Advisory: no law gives this vote force; the office says publicly what it does with it."),
            binding=False, minimum_days=1, usual={"method": "choose"},
        ),
        Preset(
            "budget", _("Participatory budget"),
            _("Advisory: the budget is adopted as the Budget Law says; the office states how it follows the vote."),
            binding=False, minimum_days=7, usual_days=14,
            usual={"method": "equal-shares", "level": 2},
        ),
        Preset(
            "villagers", _("Matter of a villagers' meeting"),
            _("Preparation of a decision under the Organic Law of Villagers' Committees, art. 22: the meeting decides."),
            binding=False, minimum_days=1,
            usual={"method": "yes-no", "level": 2, "quorum": 50, "majority": "half", "majority_of": "cast"},
        ),
        Preset(
            "members", _("Decision among members of a body"),
            _("By the body's own statutes: binding on it where they say so."),
            binding=True, minimum_days=1,
            usual={"method": "yes-no", "roll_kind": "members", "quorum": 50, "majority": "half", "majority_of": "cast"},
        ),
    )
}  # fmt: skip

#: What is decided by a show of hands in a meeting, without ballots.
MEETINGS = {
    preset.key: preset
    for preset in (
        Preset(
            "villagers-meeting", _("Villagers' meeting"),
            _("Organic Law of Villagers' Committees, art. 21 and 22: ten days' notice; more than half of the villagers aged 18 or over must come, or representatives of two thirds of the households; more than half of those present decide."),
            binding=True, minimum_days=0, notice_days=10, needs=Needs(Fraction(1, 2), households=Fraction(2, 3)),
        ),
        Preset(
            "delegates-meeting", _("Meeting of villagers' representatives"),
            _("Organic Law of Villagers' Committees, art. 25 and 26: two thirds of the representatives must come; more than half of those present decide."),
            binding=True, minimum_days=0, needs=Needs(Fraction(2, 3), strictly=False),
        ),
        Preset(
            "residents-meeting", _("Residents' meeting"),
            _("Organic Law of Urban Residents' Committees, art. 9 and 10: more than half of those entitled must come; more than half of those present decide."),
            binding=True, minimum_days=0, needs=Needs(Fraction(1, 2)),
        ),
        Preset(
            "open-meeting", _("Open meeting, advisory"),
            _("Advisory: no law gives this show of hands force; the office says publicly what it does with it."),
            binding=False, minimum_days=0,
        ),
    )
}  # fmt: skip


def preset_of(key: str) -> Preset:
    """Return a kind of decision, by ballots or in a meeting."""
    return PRESETS.get(key) or MEETINGS[key]
