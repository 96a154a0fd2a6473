"""The CMS's forms for pictures and documents: what came in is checked and cleaned before it is kept."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.forms import BaseImageForm

from civic.core import uploads
from civic.core.refusals import Unfit


class ImageForm(BaseImageForm):
    """Keeps a picture, and nothing that came with it."""

    def clean_file(self) -> Any:
        """Return the picture written anew."""
        sent = self.cleaned_data["file"]
        if "file" not in self.changed_data:
            return sent
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
            try:
                uploads.check_document(sent, name=sent.name, size=sent.size)
            except Unfit as fault:
                raise forms.ValidationError(str(fault)) from None
        return sent
