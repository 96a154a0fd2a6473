"""The form of what to send."""

from typing import Any

from django import forms

from civic.notify import kinds
from civic.notify.models import Channel
from civic.people.models import Person


class ChannelsForm(forms.Form):
    """One question per group of notices: by which ways, besides the site, shall it reach you?"""

    def __init__(self, *args: Any, person: Person, chosen: dict[tuple[str, str], bool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ways = ways_of(person)
        for group in kinds.groups():
            if not self._ways:
                break
            self.fields[group.name] = forms.MultipleChoiceField(
                label=str(group.label),
                help_text=str(group.hint),
                choices=[(way, Channel(way).label) for way in self._ways],
                initial=[way for way in self._ways if chosen.get((group.name, way), _default(group.name, way))],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )

    @property
    def choices(self) -> dict[tuple[str, str], bool]:
        """What was ticked and what was not, by (group, channel)."""
        return {(group, way): way in ticked for group, ticked in self.cleaned_data.items() for way in self._ways}


def ways_of(person: Person) -> list[str]:
    """Return the channels for which we know an address of the person."""
    ways = []
    if person.email:
        ways.append(str(Channel.EMAIL))
    if person.phone and person.phone_verified:
        ways.append(str(Channel.SMS))
    return ways


def _default(group: str, way: str) -> bool:
    return any(kind.group == group and way in kind.channels for kind in kinds.all_kinds())
