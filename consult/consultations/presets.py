"""Templates an official opens a consultation from, with the periods the law asks for."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from civic.people.models import Level


@dataclass(frozen=True)
class Preset:
    """A template: how long at least, who by default, and what it rests on.

    ``minimum_days`` counts the days people may take part; a shorter period
    needs a published reason.  ``answer_days`` run from the end of participation.
    """

    key: str
    name: str | Promise
    basis: str | Promise
    minimum_days: int
    answer_days: int
    discuss_days: int = 0
    level: int = Level.CONTACT


PRESETS = {
    preset.key: preset
    for preset in (
        # Interim Regulations on Procedures for Major Administrative Decisions, articles 15 and 18
        Preset(
            "major_decision",
            _("Major administrative decision"),
            _(
                "Interim Regulations on Procedures for Major Administrative Decisions, art. 15: generally 30 days or more"
            ),
            minimum_days=30,
            answer_days=30,
        ),
        # practice of local normative documents: 7 to 30 days
        Preset(
            "normative",
            _("Normative document"),
            _("Local rules on normative documents: generally 15 days or more"),
            minimum_days=15,
            answer_days=20,
        ),
        Preset(
            "general",
            _("Opinions on a question"),
            _("No law prescribes a period; we keep at least 7 days"),
            minimum_days=7,
            answer_days=20,
        ),
    )
}
