"""The CMS's forms for pictures and documents: what came in is checked and cleaned before it is kept."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext_lazy as _
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from civic.core import uploads
from civic.core.refusals import Reason, Unfit

ONE_FILE = Reason(
    "one-file", _("A file is not exchanged once it is kept: add the new one by itself, and let the page lead to that.")
)


class PictureField(WagtailImageField):
    """Wagtail's, which leaves what a decoder refuses to whoever asked: here it is the file's fault, and said so."""

    def check_image_pixel_size(self, f: Any) -> None:
        """Refuse a picture that is too large, cut off or not one at all."""
        try:
            super().check_image_pixel_size(f)
        except forms.ValidationError:
            raise
        except Exception as error:  # decoders fail in many ways
            raise forms.ValidationError(str(uploads.NOT_A_PICTURE), code=uploads.NOT_A_PICTURE.code) from error


class ImageForm(BaseImageForm):
    """Keeps a picture, and nothing that came with it."""

    file = PictureField(label=_("File"), widget=BaseImageForm.Meta.widgets["file"])

    def clean_file(self) -> Any:
        """Return the picture written anew."""
        sent = self.cleaned_data["file"]
        if "file" not in self.changed_data:
            return sent
        _refuse_another(self.instance)
        try:
            sent.seek(0)
            content = uploads.redrawn(sent, name=sent.name)
        except Unfit as fault:
            raise forms.ValidationError(str(fault)) from None
        return SimpleUploadedFile(sent.name, content, content_type=sent.content_type)


class DocumentForm(BaseDocumentForm):
    """Takes a document that is what its name says."""

    def clean_file(self) -> Any:
        """Return the document unless it is something else."""
        sent = self.cleaned_data["file"]
        if "file" in self.changed_data:
            _refuse_another(self.instance)
            try:
                uploads.check_document(sent, name=sent.name, size=sent.size)
            except Unfit as fault:
                raise forms.ValidationError(str(fault)) from None
        return sent


def _refuse_another(kept: Any) -> None:
    # Whoever approves a page reads what it leads to: under the same address nothing else may lie afterwards.
    if kept.pk is not None:
        raise forms.ValidationError(str(ONE_FILE), code=ONE_FILE.code)
