"""What an official sends about a roll: a list of those who may vote, and somebody the drawing missed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from civic.people.fields import AddressField
from consult.discussion.forms import PlainField


class ListForm(forms.Form):
    """A file with the addresses of those who may vote; where the poll has an age limit, with dates of birth."""

    file = forms.FileField(
        label=_("List as CSV"), allow_empty_file=True,
        help_text=_("The first line names the columns: “email”, “phone” or both. One person a line, nothing else."),
        widget=forms.ClearableFileInput({"accept": ".csv,text/csv"}),
    )  # fmt: skip

    def __init__(self, *args: Any, has_age: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_age:
            self.fields["file"].help_text = _("The first line names the columns: “email”, “phone” or both, and “born”. One person a line, nothing else.")  # fmt: skip


class AddForm(forms.Form):
    """Somebody the drawing missed, by the address they themselves give; ``age`` is the poll's limit in words."""

    login = AddressField()
    note = PlainField(label=_("Reason"), limit=200, help_text=_("Public, in the poll’s bulletin: write no name in it."))

    def __init__(self, *args: Any, age: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Their mobile number or e-mail, confirmed here")
        looked = _("They see that you looked, for which office, and why.")
        checked = _("They see that you looked, for which office, and why. %(age)s That is yours to check: the site knows nobody's date of birth.")  # fmt: skip
        self.fields["login"].help_text = checked % {"age": age} if age else looked
