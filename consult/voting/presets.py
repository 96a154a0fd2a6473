"""Kinds of decision a poll is opened as, each with what it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Preset:
    """A kind of decision: its name, the law behind it or the word "advisory", and the least days it stays open.

    ``usual_days`` and ``usual`` are what a draft of this kind begins with; all of it can be changed.
    """

    key: str
    name: str | Promise
    basis: str | Promise
    binding: bool
    minimum_days: int
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
