"""What people type, parsed and kept."""

import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from civic.core.languages import localised
from civic.core.refusals import Unfit
from civic.core.texts import plain
from civic.policies.clauses import Clause, clauses_of
from civic.ui.forms import SharedFields
from civic.ui.guarding import Guarded
from consult.consultations.models import Consultation
from consult.discussion.models import MAX_LENGTH, MAX_TITLE, Contribution


class PlainField(forms.CharField):
    """A text field that keeps line breaks and answers with ``civic.core.texts``' sentences."""

    def __init__(self, *, limit: int, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)
        self.limit = limit
        self.widget.attrs["data-limit"] = limit

    def clean(self, value: Any) -> str:
        """Return the text as it will be kept."""
        if not self.required and not (value or "").strip():
            return ""
        try:
            return plain(value or "", limit=self.limit)
        except Unfit as error:
            raise as_form_error(error) from error


def as_form_error(error: Unfit) -> forms.ValidationError:
    """Turn the domain's complaint into a form's error."""
    return forms.ValidationError(str(error), code=error.reason.code)


class SayForm(Guarded, SharedFields):
    """A comment on a clause or on the whole, or a proposal with a title of its own."""

    kind = forms.ChoiceField(
        choices=[(Contribution.Kind.COMMENT, _("comment")), (Contribution.Kind.PROPOSAL, _("proposal"))],
        widget=forms.HiddenInput,
    )
    clause = forms.ChoiceField(
        label=_("Which clause is it about?"),
        required=False,
        error_messages={
            "invalid_choice": _("This clause is not part of the text under discussion. Choose another one, or none.")
        },
    )
    title = PlainField(
        label=_("Title of your proposal"),
        help_text=_("A few words by which others find it."),
        limit=MAX_TITLE,
        error_messages={"required": _("Give your proposal a short title, so that others find it.")},
    )
    text = PlainField(
        label=_("Your words"),
        help_text=_("Say it as you would across the table. Others will see this, with the name you chose."),
        limit=MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)
    draft_version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(
        self, *args: Any, consultation: Consultation, kind: str, is_first: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if kind != Contribution.Kind.PROPOSAL:
            del self.fields["title"]
        clauses = clauses_of(consultation.revision) if consultation.revision_id else []
        if clauses:
            # Put together only where they are asked for: most forms are sent, not shown again.
            self.own("clause").choices = partial(_choices, clauses)  # type: ignore[attr-defined]
        else:
            del self.fields["clause"]
        if is_first:
            self.guard()

    def clean(self) -> dict[str, Any]:
        """An unreadable submission number is replaced."""
        data = super().clean() or {}
        data["submission"] = data.get("submission") or uuid.uuid4()
        clause = data.get("clause")
        data["clause"] = uuid.UUID(clause) if clause else None
        return data


def _choices(clauses: Sequence[Clause]) -> list[tuple[str, Any]]:
    names = (f"{localised(clause, 'number')} {localised(clause, 'heading')}".strip() for clause in clauses)
    return [("", _("The text as a whole")), *zip((str(clause.id) for clause in clauses), names, strict=True)]


class RespondForm(Guarded, SharedFields):
    """A response in a thread."""

    text = PlainField(label=_("Your response"), limit=MAX_LENGTH, widget=forms.Textarea(attrs={"rows": 4}))
    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)
    draft_version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, *args: Any, is_first: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_first:
            self.guard()

    def clean(self) -> dict[str, Any]:
        """An unreadable submission number is replaced."""
        data = super().clean() or {}
        data["submission"] = data.get("submission") or uuid.uuid4()
        return data


class EditForm(forms.Form):
    """New words for a contribution, and the version they start from."""

    title = PlainField(label=_("Title of your proposal"), limit=MAX_TITLE)
    text = PlainField(label=_("Your words"), limit=MAX_LENGTH, widget=forms.Textarea(attrs={"rows": 6}))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, contribution: Contribution, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if contribution.kind != Contribution.Kind.PROPOSAL:
            del self.fields["title"]
