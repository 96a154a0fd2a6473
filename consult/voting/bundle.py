"""The bundle anybody downloads: the evidence of a counted poll, the program that checks it, and what to do."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from consult.voting import evidence
from consult.voting.models import Poll

VERIFIER = Path(__file__).parent / "verifier" / "gongyi_verify.py"
README = VERIFIER.with_name("README.txt")


def of(poll: Poll) -> bytes:
    """Return a counted poll's bundle as a ZIP file; the same poll gives the same bytes."""
    words = {"title": poll.title, "title_en": poll.title_en or poll.title, "slug": poll.slug}
    return zipped(
        evidence.published(poll)
        | {
            README.name: README.read_text(encoding="utf-8").format(**words).encode(),
            VERIFIER.name: VERIFIER.read_bytes(),
        }
    )


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files as a ZIP file that hangs on nothing but them: no time, no order, no owner."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(info, files[name])
    return target.getvalue()
