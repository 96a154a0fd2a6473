"""The form of what to send."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from civic.notify import kinds
from civic.notify.models import Channel
from civic.people.models import Person

QUESTIONS = {Channel.EMAIL: _("By e-mail"), Channel.SMS: _("By text message")}


class ChannelsForm(forms.Form):
    """One question per way besides the site: which groups of notices shall come by it?"""

    def __init__(
        self,
        *args: Any,
        person: Person,
        groups: Collection[kinds.Group],
        chosen: dict[tuple[str, str], bool],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._groups = groups
        for way in ways_of(person):
            self.fields[way] = forms.MultipleChoiceField(
                label=QUESTIONS[way],
                choices=[(group.name, group.label) for group in groups],
                initial=[g.name for g in groups if chosen.get((g.name, way), _default(g.name, way))],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )

    @property
    def choices(self) -> dict[tuple[str, str], bool]:
        """What was ticked and what was not, by (group, channel)."""
        ticked = self.cleaned_data.items()
        return {(group.name, way): group.name in names for way, names in ticked for group in self._groups}


def ways_of(person: Person) -> list[Channel]:
    """Return the channels for which we know an address of the person."""
    ways = []
    if person.email:
        ways.append(Channel.EMAIL)
    if person.phone and person.phone_verified:
        ways.append(Channel.SMS)
    return ways


def _default(group: str, way: str) -> bool:
    return any(kind.group == group and way in kind.channels for kind in kinds.all_kinds())
