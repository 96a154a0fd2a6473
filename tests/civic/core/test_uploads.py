"""Files from outside are what they say, hold nothing else, and run nowhere."""

import io
import struct
import zipfile
import zlib
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from civic.core import uploads
from civic.core.refusals import Unfit

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def a_picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30), *, exif: bool = True, mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    facts = Image.Exif()
    if exif:
        facts[0x010F] = "CAMERA-OF-LIN"
        facts[0x0112] = 6  # lies on its side
        facts[0x8825] = {1: "N", 2: (30.0, 15.0, 0.0), 3: "E", 4: (120.0, 9.0, 0.0)}
    Image.new(mode, size, "red" if mode == "RGB" else 0).save(out, kind, exif=facts)
    return out.getvalue()


def a_zip(*names: str, first: tuple[str, bytes] | None = None, content: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if first:
            archive.writestr(first[0], first[1])
        for name in names:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def a_png_claiming(width: int, height: int) -> bytes:
    """A few bytes that say they are an enormous picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_keeps_nothing_but_the_picture(kind: str) -> None:
    sent = a_picture(kind)
    kept = uploads.redrawn(io.BytesIO(sent + b"<script>alert(1)</script>"), name="a.jpg")
    picture = Image.open(io.BytesIO(kept))
    assert b"CAMERA-OF-LIN" in sent
    assert (b"CAMERA-OF-LIN" in kept, b"<script" in kept, dict(picture.getexif()), picture.format) == (
        False, False, {}, kind,
    )  # fmt: skip
    assert picture.size == (30, 40), "stands upright without being told"


@pytest.mark.parametrize("mode", ["L", "P", "1", "RGBA", "LA", "I;16"])
def test_a_picture_of_any_colours_can_be_kept(mode: str) -> None:
    assert uploads.redrawn(io.BytesIO(a_picture("PNG", exif=False, mode=mode)), name="a.png")


@pytest.mark.parametrize(
    "content", [b"", SVG, HTML, b"GIF89a" + b"\0" * 40, b"\xff\xd8\xff\xe0nonsense", a_picture()[:400]]
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(Unfit) as fault:
        uploads.redrawn(io.BytesIO(content), name="a.jpg")
    assert fault.value.reason == uploads.NOT_A_PICTURE


def test_a_picture_too_large_to_decode_is_refused_before_decoding() -> None:
    with pytest.raises(Unfit) as fault:
        uploads.redrawn(io.BytesIO(a_png_claiming(30_000, 30_000)), name="a.png")
    assert fault.value.reason in {uploads.TOO_MANY_PIXELS, uploads.NOT_A_PICTURE}


ODT = a_zip("content.xml", first=("mimetype", b"application/vnd.oasis.opendocument.text"))
DOCX = a_zip("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"%PDF-1.7\n...\n%%EOF\n"), ("a.docx", DOCX), ("a.odt", ODT), ("a.csv", "甲,乙\n".encode()),
        ("a.txt", "甲乙".encode("gb18030")), ("a.xlsx", a_zip("[Content_Types].xml", "xl/workbook.xml")),
    ],
)  # fmt: skip
def test_a_document_is_taken_for_what_it_holds(name: str, content: bytes) -> None:
    uploads.check_document(io.BytesIO(content), name=name, size=len(content))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", HTML), ("a.pdf", b""), ("a.txt", HTML), ("a.txt", SVG), ("a.csv", b"\xef\xbb\xbf <svg>"),
        ("a.html", HTML), ("a.svg", SVG), ("a.docx", ODT), ("a.odt", DOCX), ("a.docx", HTML), ("a.txt", b"MZ\x00\x01"),
        ("a.docx", a_zip("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")), ("a", b"x"),
        ("a.pdf.exe", b"%PDF-1.7 %%EOF"), ("../../a.php", b"x"),
    ],
)  # fmt: skip
def test_a_document_that_is_something_else_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(Unfit) as fault:
        uploads.check_document(io.BytesIO(content), name=name, size=len(content))
    assert fault.value.reason == uploads.WRONG_KIND


def test_a_document_of_a_later_version_of_the_format_is_refused() -> None:
    later = bytearray(DOCX)
    entry = later.rindex(b"PK\x01\x02")  # the directory's last entry; who reads it must know this version
    later[entry + 6 : entry + 8] = (99).to_bytes(2, "little")
    with pytest.raises(Unfit) as fault:
        uploads.check_document(io.BytesIO(later), name="a.docx", size=len(later))
    assert fault.value.reason == uploads.WRONG_KIND


def test_a_document_that_swells_is_refused() -> None:
    bomb = a_zip("[Content_Types].xml", "word/document.xml", content=b"\0" * (60 * 1024 * 1024))
    with pytest.raises(Unfit) as fault:
        uploads.check_document(io.BytesIO(bomb), name="a.docx", size=len(bomb))
    assert (fault.value.reason, len(bomb) < 200_000) == (uploads.SWELLS, True)


def test_a_document_too_big_is_refused_unread() -> None:
    with pytest.raises(Unfit) as fault:
        uploads.check_document(io.BytesIO(b""), name="a.pdf", size=11 * 1024 * 1024)
    assert fault.value.reason == uploads.TOO_BIG


@pytest.fixture
def stored(settings: Any, tmp_path: Any) -> str:
    settings.MEDIA_ROOT = tmp_path
    return default_storage.save("images/a.jpg", ContentFile(a_picture()))


@pytest.mark.django_db
def test_a_picture_is_handed_out_inert(stored: str) -> None:
    answer = Client().get(f"/media/{stored}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    answer.close()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["images/../images/a.jpg", "../gongyi.sqlite3", "original_images/a.jpg", "documents/a.pdf", "images/a.svg",
             "images/none.jpg", "images/%00.jpg", "images/%2e%2e/%2e%2e/x.jpg", "images/"],
)  # fmt: skip
def test_nothing_else_is_handed_out(stored: str, path: str) -> None:
    default_storage.save("original_images/a.jpg", ContentFile(a_picture()))
    assert Client(raise_request_exception=False).get(f"/media/{path}").status_code in {400, 404}
