"""The form renderer: every form and field of the site is drawn from ``templates/forms/``."""

from copy import copy
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseForm, BoundField
from django.forms.renderers import TemplatesSetting
from django.forms.utils import ErrorList
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext_lazy, pgettext_lazy

from civic.core.texts import EMPTY, INVISIBLE, TOO_LONG, misleading

# Nobody means a day beyond these, and no database counts time from the first day there is or after the last.
EARLIEST_DAY, LATEST_DAY = date(1900, 1, 1), date(2200, 12, 31)

# Django's own sentences, listed here so that our catalogue says them as a clerk would.
REWORDED = (
    pgettext_lazy("String to return when truncating text", "%(truncated_text)s…"),
    gettext_noop("This field is required."),
    gettext_noop("Select a valid choice. That choice is not one of the available choices."),
    gettext_noop("Select a valid choice. %(value)s is not one of the available choices."),
    gettext_noop("Enter a valid email address."),
    gettext_noop("Enter a valid date."),
    gettext_noop("Enter a valid time."),
    gettext_noop("Enter a valid date/time."),
    gettext_noop("Enter a valid value."),
    gettext_noop("Enter a whole number."),
    gettext_noop("Enter a number."),
    gettext_noop("Enter a valid URL."),
    gettext_noop("The submitted file is empty."),
    ngettext_lazy(
        "Ensure this value has at least %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at least %(limit_value)d characters (it has %(show_value)d).",
        "limit_value",
    ),
    ngettext_lazy(
        "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
        "limit_value",
    ),
    gettext_noop("Null characters are not allowed."),
    # Django's Chinese catalogue has lost this one.
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
        8,
    ),
)


class FormRenderer(TemplatesSetting):
    """Draws forms with an error summary first, then fields with label, hint, error and what was typed."""

    form_template_name = "forms/form.html"
    formset_template_name = "forms/formset.html"
    field_template_name = "forms/field.html"


def refuse_misleading(value: str) -> None:
    """Refuse what would read differently than it says: a validator of texts that officials write into a record."""
    codes = misleading(value)
    if codes:
        raise ValidationError(str(INVISIBLE.with_(codes=", ".join(codes[:5]))), code=INVISIBLE.code)


class DayField(forms.DateField):
    """A day in the county's time, near enough that hours can be added to it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)
        self.error_messages["invalid"] = gettext_lazy("Write the day as year-month-day, such as 2026-11-29.")

    def to_python(self, value: Any) -> date | None:
        """Return the day; one beyond all reason is a slip of the finger."""
        day = super().to_python(value)
        if day is not None and not EARLIEST_DAY <= day <= LATEST_DAY:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class SharedFields(forms.Form):
    """Mixed into a form that is sent often: its fields are those of its class, not copies made for every form.

    A form that changes one asks for its ``own`` first.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        vars(self)["base_fields"] = _Shared(self.base_fields)
        super().__init__(*args, **kwargs)

    def own(self, name: str) -> forms.Field:
        """Return a field that is this form's alone."""
        field: forms.Field = copy(self.fields[name])
        field.widget = copy(field.widget)
        field.widget.attrs = field.widget.attrs.copy()
        field.error_messages = field.error_messages.copy()
        field.validators = field.validators[:]
        self.fields[name] = field
        return field


class _Shared(dict[str, forms.Field]):
    """The fields of a class, which a form copies: as one dictionary more of the same fields."""

    def __deepcopy__(self, _memo: Any) -> dict[str, forms.Field]:
        return dict(self)


def faults(form: BaseForm) -> list[tuple[str, str]]:
    """Return every fault as (address on the page, sentence), in the order of the form.

    A fault of the whole form has no address; one of a group of choices leads
    to its first choice.
    """
    if not form.is_bound:
        return []
    found = [("", str(error)) for error in form.non_field_errors()]
    for field in form:
        if field.is_hidden:
            found += [("", f"{field.label}: {error}" if field.field.label else _(_NOT_WHOLE)) for error in field.errors]
        else:
            found += [(f"#{_target(field)}", _sentence(field, error)) for error in _errors(field)]
    return found


def refuse(form: BaseForm, sentence: object) -> None:
    """Tell in the summary that what was sent was refused as a whole: nothing in the form can mend it."""
    form.add_error(None, ValidationError(str(sentence), code=_REFUSED))


def is_refused(form: BaseForm) -> bool:
    """Tell whether ``refuse`` was the answer."""
    return form.is_bound and any(error.code == _REFUSED for error in form.non_field_errors().as_data())


_REFUSED = "refused"
# Of a field nobody sees and nobody named: there is nothing in the form to change.
_NOT_WHOLE = gettext_noop(
    "Something the page sends by itself did not arrive whole. Open the page again and send it once more."
)
# What is said of one field could be said of another: in the list each says which one it is.
_ALIKE = {
    "required", "max_length", "null_characters_not_allowed", "invalid_choice", EMPTY.code, INVISIBLE.code, TOO_LONG.code,
}  # fmt: skip


def _errors(field: BoundField) -> list[ValidationError]:
    return list(field.errors.as_data()) if isinstance(field.errors, ErrorList) else []


def _sentence(field: BoundField, error: ValidationError) -> str:
    words = " ".join(error.messages)
    if error.code not in _ALIKE:
        return words
    # A label that asks has its own mark at the end: a colon behind it would be one mark too many.
    asks = str(field.label).endswith(("?", "？"))
    told = _("%(question)s %(fault)s") if asks else _("%(field)s: %(fault)s")
    return told % {"field": field.label, "question": field.label, "fault": words}


def _target(field: BoundField) -> str:
    # Groups of choices have no single control: Django numbers their inputs.
    return field.id_for_label or f"{field.auto_id}_0"
