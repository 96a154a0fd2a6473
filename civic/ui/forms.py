"""The form renderer: every form and field of the site is drawn from ``templates/forms/``."""

from django.forms import BaseForm, BoundField
from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Draws forms with an error summary first, then fields with label, hint, error and what was typed."""

    form_template_name = "forms/form.html"
    formset_template_name = "forms/formset.html"
    field_template_name = "forms/field.html"


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
            found += [("", f"{field.label}: {error}") for error in field.errors]
        else:
            found += [(f"#{_target(field)}", str(error)) for error in field.errors]
    return found


def _target(field: BoundField) -> str:
    # Groups of choices have no single control: Django numbers their inputs.
    return field.id_for_label or f"{field.auto_id}_0"
