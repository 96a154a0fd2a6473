"""The forms of what to send, and when."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from civic.notify import kinds
from civic.notify.models import Channel, Timing
from civic.notify.queries import Wishes
from civic.notify.rules import Quiet, Rhythm
from civic.people.models import Person

BY = {Channel.EMAIL: _("By e-mail"), Channel.SMS: _("By text message")}
# a text message that gathers a day's news fits no telephone
TIMINGS = {
    Channel.EMAIL: [Timing.NOW, Timing.DAILY, Timing.NEVER],
    Channel.SMS: [Timing.NOW, Timing.NEVER],
}
NO_QUIET = "none"


@dataclass(frozen=True)
class Row:
    """One kind and its fields, one per channel."""

    label: str
    fields: list[forms.BoundField]


@dataclass(frozen=True)
class Part:
    """The kinds of one group."""

    label: str | Promise
    hint: str | Promise
    rows: list[Row]


class TimingsForm(forms.Form):
    """One question per kind of notice and way besides the site: when shall it come?"""

    def __init__(
        self, *args: Any, person: Person, groups: Collection[kinds.Group], wishes: Wishes, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._groups = groups
        self._ways = ways_of(person)
        for kind in self._kinds():
            for way in self._ways:
                self.fields[_name(kind, way)] = forms.ChoiceField(
                    label=BY[way],
                    choices=[(timing, timing.label) for timing in TIMINGS[way]],
                    initial=wishes.timing(person.pk, kind, way),
                    required=False,
                )

    @property
    def parts(self) -> list[Part]:
        """The questions, by group."""
        return [
            Part(group.label, group.hint, rows)
            for group in self._groups
            if (rows := [self._row(kind) for kind in self._kinds() if kind.group == group.name])
        ]

    @property
    def timings(self) -> dict[tuple[str, str], str]:
        """What was chosen, by (kind, channel); what was not asked keeps what it was."""
        names = {(kind.name, str(way)): _name(kind, way) for kind in self._kinds() for way in self._ways}
        return {key: chosen for key, name in names.items() if (chosen := self.cleaned_data.get(name))}

    def _kinds(self) -> Iterator[kinds.Kind]:
        shown = {group.name for group in self._groups}
        return (kind for kind in kinds.all_kinds() if kind.group in shown and not kind.binding)

    def _row(self, kind: kinds.Kind) -> Row:
        return Row(kind.name_for_people, [self[_name(kind, way)] for way in self._ways])


class HoursForm(forms.Form):
    """When nothing shall be sent, and when the daily mail."""

    quiet_from = forms.ChoiceField(label=_("Nothing from"))
    quiet_until = forms.ChoiceField(label=pgettext_lazy("the end of quiet hours", "until"))
    digest_hour = forms.ChoiceField(label=_("The daily mail comes at"))

    def __init__(self, *args: Any, rhythm: Rhythm, **kwargs: Any) -> None:
        hours: dict[str, str | int] = {"digest_hour": rhythm.digest_hour}
        hours |= {"quiet_from": NO_QUIET, "quiet_until": NO_QUIET}
        if rhythm.quiet is not None:
            hours |= {"quiet_from": rhythm.quiet.since, "quiet_until": rhythm.quiet.until}
        super().__init__(*args, **kwargs)
        self.initial = hours
        clock = [(str(hour), f"{hour}:00") for hour in range(24)]
        self.fields["digest_hour"].choices = clock  # type: ignore[attr-defined]  # a choice field
        for name in ("quiet_from", "quiet_until"):
            self.fields[name].choices = [(NO_QUIET, _("no quiet hours")), *clock]  # type: ignore[attr-defined]

    @property
    def quiet(self) -> Quiet | None:
        """The quiet hours chosen; none when either end is left out or both are one."""
        since, until = self.cleaned_data["quiet_from"], self.cleaned_data["quiet_until"]
        return Quiet(int(since), int(until)) if NO_QUIET not in {since, until} and since != until else None


def ways_of(person: Person) -> list[Channel]:
    """Return the channels for which we know an address of the person."""
    ways = []
    if person.email:
        ways.append(Channel.EMAIL)
    if person.phone and person.phone_verified:
        ways.append(Channel.SMS)
    return ways


def _name(kind: kinds.Kind, way: str) -> str:
    return f"{way}_{re.sub(r'[^a-z0-9]', '_', kind.name)}"
