"""Forms of the editor and of the library."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.pages import WagtailAdminPageForm
from wagtail.blocks import StreamValue
from wagtail.models import Page

from civic.access.questions import may
from civic.core import clock
from civic.policies import actions
from civic.policies.models import PolicyPage, Topic
from civic.policies.states import Stage, Status
from civic.ui.forms import refuse_misleading

LEAD_LENGTH = 80


def _words_in(value: Any) -> Iterator[str]:
    """Yield every text in what a field holds."""
    if isinstance(value, StreamValue):
        value = value.get_prep_value()
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _words_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from _words_in(part)


class ScopedPageForm(WagtailAdminPageForm):
    """A page's editor; what is saved must lie inside what the editor's grants cover."""

    def clean(self) -> dict[str, Any]:
        """Refuse to save what the person's powers do not cover."""
        data: dict[str, Any] = super().clean() or {}
        self._look_for_misleading(data)
        if self.has_changed() or self.instance.pk is None:
            target = self.target(data)
            if target is None and self.errors:
                return data  # the fields themselves say what is missing
            decision = may(self.for_user, actions.EDIT, target, at=clock.now())
            if not decision:
                raise forms.ValidationError(str(decision.reason), code=decision.reason.code if decision.reason else "")
        return data

    def target(self, data: dict[str, Any]) -> Any:
        """Return what access is asked about, or None when too little is filled in to say."""
        return self.instance

    def _look_for_misleading(self, data: dict[str, Any]) -> None:
        """Refuse what nobody sees: the second person reads the text, and approves what stands there."""
        for name, value in list(data.items()):
            try:
                refuse_misleading("".join(_words_in(value)))
            except forms.ValidationError as fault:
                # The parts of a stream have faults of their own: one about the whole stands above the form.
                self.add_error(None if isinstance(value, StreamValue) else name, fault)


class PolicyPageForm(ScopedPageForm):
    """A policy's editor."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = _("Left empty, it is made from the English title.")

    def clean_slug(self) -> str:
        """Give a page without an address one: a Chinese title has no letters to make it from."""
        slug: str = self.cleaned_data.get("slug") or self.instance.slug
        if slug:
            return slug
        stem = slugify(self.data.get("title_en") or "")[:60].strip("-") or "policy"
        taken = set(Page.objects.child_of(self.parent_page).values_list("slug", flat=True))
        return next(word for n in count(1) if (word := stem if n == 1 else f"{stem}-{n}") not in taken)

    def target(self, data: dict[str, Any]) -> PolicyPage | None:
        """Return the policy as it would be: a new place or body must be covered too."""
        place = data.get("place") or getattr(self.instance, "place", None)
        body = data.get("issuing_body") or getattr(self.instance, "issuing_body", None)
        return PolicyPage(place=place, issuing_body=body) if place and body else None

    def clean(self) -> dict[str, Any]:
        """Check dates and the length of the first line."""
        data = super().clean()
        starts, ends = data.get("in_force_from"), data.get("in_force_until")
        if ends and not starts:
            self.add_error("in_force_from", _("Say when it comes into force: it has an end."))
        elif starts and ends and ends <= starts:
            self.add_error("in_force_until", _("It would end before it begins."))
        if data.get("stage") == Stage.DECIDED and not starts and not self.is_deferred_validation:
            self.add_error("in_force_from", _("A decided text says from which day it holds."))
        for name in ("summary", "summary_en"):
            lead = next((line.strip() for line in (data.get(name) or "").splitlines() if line.strip()), "")
            limit = LEAD_LENGTH if name == "summary" else LEAD_LENGTH * 2
            if len(lead) > limit:
                self.add_error(
                    name,
                    _("The first line has %(length)s characters; at most %(limit)s fit.")
                    % {"length": len(lead), "limit": limit},
                )
        if data.get("supersedes") is not None and data["supersedes"].pk == self.instance.pk:
            self.add_error("supersedes", _("A policy cannot replace itself."))
        return data


class ApproveForm(forms.Form):
    """A word with the approval."""

    comment = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[refuse_misleading],
    )


class ReturnForm(forms.Form):
    """The reason for sending back."""

    comment = forms.CharField(
        label=_("What has to change"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}), validators=[refuse_misleading],
        help_text=_("The author reads this."),
    )  # fmt: skip


class LibraryForm(forms.Form):
    """The library's filters.  Everything is optional; what makes no sense is ignored."""

    q = forms.CharField(label=_("Title or number"), required=False, max_length=60)
    status = forms.ChoiceField(label=_("Status"), required=False)
    topic = forms.ModelChoiceField(
        label=_("Topic"),
        queryset=Topic.objects.all(),
        required=False,
        to_field_name="slug",
        empty_label=_("All topics"),
    )
    body = forms.ModelChoiceField(label=_("Issued by"), queryset=None, required=False, empty_label=_("All bodies"))
    place = forms.ModelChoiceField(
        label=_("Place"), queryset=None, required=False, to_field_name="code", empty_label=_("All places")
    )
    year = forms.TypedChoiceField(label=_("In force since"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, bodies: Any, places: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = (
            Status.CONSULTING, Status.PROPOSED, Status.DECIDED, Status.IN_FORCE, Status.UNDER_REVIEW, Status.REPEALED,
        )  # fmt: skip
        self.fields["status"].choices = [("", _("Any status")), *((s.value, s.label) for s in shown)]  # type: ignore[attr-defined]
        self.fields["body"].queryset = bodies  # type: ignore[attr-defined]
        self.fields["place"].queryset = places  # type: ignore[attr-defined]
        self.fields["year"].choices = [("", _("Any year")), *((year, str(year)) for year in years)]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, Any]:
        """The filters that were understood."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class AsOfForm(forms.Form):
    """Ask for the text in force on a day."""

    on = forms.DateField(label=_("Text in force on"), widget=forms.DateInput(attrs={"type": "date"}))
