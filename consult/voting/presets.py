"""Kinds of decision a poll is opened as, each with what it rests on."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Preset:
    """A kind of decision: its name, the law behind it or the word "advisory", and the least days it stays open."""

    key: str
    name: str | Promise
    basis: str | Promise
    binding: bool
    minimum_days: int


PRESETS = {
    preset.key: preset
    for preset in (
        Preset(
            "advisory", _("Advisory vote"),
            _("Advisory: no law gives this vote force; the office says publicly what it does with it."),
            binding=False, minimum_days=1,
        ),
        Preset(
            "budget", _("Participatory budget"),
            _("Advisory: the budget is adopted as the Budget Law says; the office states how it follows the vote."),
            binding=False, minimum_days=7,
        ),
        Preset(
            "villagers", _("Matter of a villagers' meeting"),
            _("Preparation of a decision under the Organic Law of Villagers' Committees, art. 22: the meeting decides."),
            binding=False, minimum_days=1,
        ),
        Preset(
            "members", _("Decision among members of a body"),
            _("By the body's own statutes: binding on it where they say so."),
            binding=True, minimum_days=1,
        ),
    )
}  # fmt: skip
