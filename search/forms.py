"""What may be asked on the search page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from civic.places.models import Place
from civic.ui.forms import DayField
from search.engines.base import Sort

# One form around the box at the top, with controls further down the page.
FORM_ID = "search-form"


class SearchForm(forms.Form):
    """Narrowing a search.  The question itself and the kind stand outside: no fault of them stops it."""

    status = forms.ChoiceField(label=_("Stage"), required=False)
    place = forms.ChoiceField(label=_("Where"), required=False)
    since = DayField(label=_("From this day"), required=False)
    until = DayField(label=_("To this day"), required=False)
    sort = forms.ChoiceField(
        label=_("Sort by"), required=False,
        choices=[(Sort.RELEVANCE, pgettext_lazy("order", "Most relevant first")), (Sort.NEWEST, _("Newest first"))],
    )  # fmt: skip

    def __init__(self, data: Any, *, places: list[Place], statuses: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["status"].choices = [("", _("Any")), *statuses]  # type: ignore[attr-defined]
        indent = "　"
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            ("", _("Everywhere")),
            *((place.code, f"{indent * (place.level - 1)}{place}") for place in places),
        ]
        for name, field in self.fields.items():
            field.widget.attrs["form"] = FORM_ID
            if isinstance(field, forms.ChoiceField):
                field.error_messages["invalid_choice"] = _("There is no such choice here: pick one from the list.")
            if name != "sort":
                field.widget.attrs.setdefault("autocomplete", "off")

    def clean(self) -> dict[str, Any]:
        """Refuse a stretch of days that ends before it begins."""
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day lies before the first. Swap them, or leave one empty."))
        return cleaned
