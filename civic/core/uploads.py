"""Files from outside: known by what they hold, not by what they are called.

Pictures are decoded and written anew, so that nothing but the picture is left
(no place, camera or name).  Documents are of few kinds, each checked for its
own signs; no kind that a browser would run.
"""

import io
import zipfile
from collections.abc import Callable
from pathlib import PurePath
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from civic.core.refusals import Reason, Unfit

NOT_A_PICTURE = Reason("upload-picture", _("This is not a picture we can read. Send a JPEG, PNG or WebP."))
TOO_MANY_PIXELS = Reason(
    "upload-pixels",
    _("The picture has %(pixels)s million points; %(most)s million fit. Make it smaller, then send it again."),
)
TOO_BIG = Reason("upload-size", _("The file has %(size)s MB; %(most)s MB fit. Make it smaller, then send it again."))
WRONG_KIND = Reason(
    "upload-kind",
    _("What is in this file does not fit its name (%(name)s). We take %(kinds)s: save it as one of them."),
)
SWELLS = Reason("upload-swells", _("Unpacked this file would be far too large. Save it anew, without its pictures."))

PICTURES = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
MOST_PIXELS = 40_000_000
MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED = 100 * 1024 * 1024
_MEGA = 1024 * 1024


def redrawn(file: BinaryIO, *, name: str) -> bytes:
    """Return a picture written anew: upright, in its own format, and nothing beside the picture in it.

    Raises ``Unfit`` for what is no picture, and for one too large to decode,
    before decoding it.
    """
    try:
        picture: Image.Image = Image.open(file, formats=list(PICTURES))
        pixels = picture.width * picture.height * getattr(picture, "n_frames", 1)
        if pixels > MOST_PIXELS:
            raise Unfit(TOO_MANY_PIXELS.with_(pixels=round(pixels / 1e6), most=round(MOST_PIXELS / 1e6)))
        kind = picture.format
        picture.load()
        picture = ImageOps.exif_transpose(picture)
    except Unfit:
        raise
    except Exception as error:  # decoders fail in many ways, each of them is the file's fault
        raise Unfit(NOT_A_PICTURE) from error
    if picture.mode not in {"RGB", "RGBA", "L", "LA"}:
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    if kind == "JPEG" and picture.mode in {"RGBA", "LA"}:
        picture = picture.convert("RGB")
    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    out = io.BytesIO()
    bare.save(out, kind, **({"quality": 88} if kind != "PNG" else {"optimize": True}))
    return out.getvalue()


def check_document(file: BinaryIO, *, name: str, size: int) -> None:
    """Raise ``Unfit`` unless a document holds what its name says and nothing a browser would run."""
    if size > MOST_BYTES:
        raise Unfit(TOO_BIG.with_(size=round(size / _MEGA), most=MOST_BYTES // _MEGA))
    holds = DOCUMENTS.get(PurePath(name).suffix.lower().removeprefix("."))
    file.seek(0)
    content = file.read()
    file.seek(0)
    if holds is None or not holds(content):
        raise Unfit(WRONG_KIND.with_(name=PurePath(name).name[:80], kinds=", ".join(DOCUMENTS)))


def _pdf(content: bytes) -> bool:
    return content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]


def _office(member: str) -> Callable[[bytes], bool]:
    def holds(content: bytes) -> bool:
        names = _members(content)
        return "[Content_Types].xml" in names and member in names and not any("vbaProject" in each for each in names)

    return holds


def _open_document(kind: bytes) -> Callable[[bytes], bool]:
    def holds(content: bytes) -> bool:
        if "content.xml" not in _members(content):
            return False
        # The first member of such a file says what it is, unpacked, at a fixed place.
        return content[30:38] == b"mimetype" and content[38:].startswith(b"application/vnd.oasis.opendocument." + kind)

    return holds


def _members(content: bytes) -> set[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
    # RuntimeError, in one of its kinds, is how zipfile names a member that asks for a later version of the format.
    except (zipfile.BadZipFile, ValueError, RuntimeError):
        return set()
    if sum(info.file_size for info in infos) > MOST_UNPACKED or len(infos) > 5_000:
        raise Unfit(SWELLS)
    return {info.filename for info in infos}


def _plain(content: bytes) -> bool:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "\x00" not in text and not text.lstrip().startswith("<")
    return False


DOCUMENTS: dict[str, Callable[[bytes], bool]] = {
    "pdf": _pdf,
    "docx": _office("word/document.xml"),
    "xlsx": _office("xl/workbook.xml"),
    "odt": _open_document(b"text"),
    "ods": _open_document(b"spreadsheet"),
    "csv": _plain,
    "txt": _plain,
}
