"""Pictures that were uploaded, handed out so that no browser takes them for anything else."""

import mimetypes
from pathlib import PurePosixPath

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

# What Wagtail makes of an upload; the upload itself, and documents, are not handed out here.
RENDITIONS = "images"
TYPES = {"image/jpeg", "image/png", "image/webp"}


@require_safe
def media(request: HttpRequest, path: str) -> FileResponse:
    """Answer with a picture; its headers (``civic.core.security``) let nothing in it run."""
    kind = mimetypes.guess_type(path)[0]
    parts = PurePosixPath(path).parts
    if parts[:1] != (RENDITIONS,) or ".." in parts or kind not in TYPES:
        raise Http404
    try:
        file = default_storage.open(path)
    except (OSError, ValueError, SuspiciousFileOperation):
        raise Http404 from None
    response = FileResponse(file, as_attachment=True, filename=PurePosixPath(path).name, content_type=kind)
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
