"""A picture of a choice as an official sends it: written anew, with what it shows in words."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext_lazy as _

from civic.core import uploads
from civic.core.refusals import Unfit
from consult.discussion.forms import PlainField
from consult.voting.pictures import Shown


class PictureForm(forms.Form):
    """One picture."""

    file = forms.FileField(
        label=_("Picture"), help_text=_("JPEG, PNG or WebP, at most 10 MB. Place and camera are taken out of it."),
        widget=forms.FileInput({"accept": "image/jpeg,image/png,image/webp"}),
    )  # fmt: skip
    shows = PlainField(
        label=_("What it shows"), limit=200,
        help_text=_("One sentence for those who do not see it; it is read aloud."),
    )  # fmt: skip
    shows_en = PlainField(label=_("What it shows, in English"), limit=200, required=False)

    def __init__(self, *args: Any, shown: Shown | None = None, **kwargs: Any) -> None:
        if shown is not None:
            kwargs["initial"] = {"shows": shown.alt, "shows_en": shown.alt_en}
        super().__init__(*args, **kwargs)
        if shown is not None:
            self.fields["file"].required = False
            self.fields["file"].help_text = _("Leave it empty to change only the words.")

    def clean_file(self) -> Any:
        """Return the picture written anew, under a name that says nothing."""
        sent = self.cleaned_data["file"]
        if sent is None:
            return None
        if sent.size > uploads.MOST_BYTES:
            size, most = sent.size // 2**20, uploads.MOST_BYTES // 2**20
            raise forms.ValidationError(str(uploads.TOO_BIG.with_(size=size, most=most)), code="size")
        try:
            content = uploads.redrawn(sent, name=sent.name)
        except Unfit as fault:
            raise forms.ValidationError(str(fault), code=fault.reason.code) from None
        kind = {b"\xff\xd8": "jpg", b"\x89P": "png"}.get(content[:2], "webp")
        return SimpleUploadedFile(f"choice.{kind}", content)
