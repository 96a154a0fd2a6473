"""The rows a result is counted from, and their hash.

One line of canonical JSON per row (sorted keys, no blanks, UTF-8, ended by a
line feed), in the order contributions, supports, answers, each by id.  Of
somebody's words it holds their hash (``consult.discussion.words``), which
outlives them; results of format 1 were frozen over the words themselves.  The
state of a contribution is not among the facts: what a moderator hides later
was counted all the same; those withheld when the result was frozen are left
out by id.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from consult.consultations.models import Consultation
from consult.discussion import words
from consult.discussion.models import Contribution, Support
from consult.discussion.states import State
from consult.replies.models import Reply, ReplyItem
from consult.replies.states import State as ReplyState
from consult.reports.models import Report

CHUNK = 2000
FORMAT = 2

_CONTRIBUTION = (
    "id", "kind", "parent_id", "clause", "clause_number", "title", "text", "language", "version", "outcome",
    "channel", "keyed_for_id", "created_at",
)  # fmt: skip
_HASHED = (*_CONTRIBUTION, "submission", "words_hash")
_SUPPORT = ("id", "object_id", "channel", "keyed_for_id", "create_at")
_REPLY = (
    "id", "body_id", "outcome", "text", "text_en", "reason", "reason_en", "clause", "clause_number", "new_text", "new_text_en",
    "published_at",
)  # fmt: skip
_ITEM = ("reply_id", "contribution_id")


def contributions(consultation: Consultation) -> "QuerySet[Contribution]":
    """Return what was said in a consultation; imported statements are voted on, not answered."""
    return Contribution.objects.filter(consultation=consultation).exclude(kind=Contribution.Kind.STATEMENT)


def supports(consultation: Consultation) -> "QuerySet[Support]":
    """Return the supports of what was said in a consultation."""
    said = contributions(consultation).values("pk")
    return Support.objects.filter(content_type=ContentType.objects.get_for_model(Contribution), object_id__in=said)


def replies(consultation: Consultation) -> "QuerySet[Reply]":
    """Return the published answers of a consultation."""
    return Reply.objects.filter(consultation=consultation, state=ReplyState.PUBLISHED)


def withheld(consultation: Consultation) -> list[int]:
    """Return the ids of what was said and is not public now: taken back, held or hidden."""
    rows = contributions(consultation).exclude(state=State.PUBLISHED)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def hash_of(consultation: Consultation, *, leaving_out: Sequence[int], format_: int = FORMAT) -> str:
    """Return the SHA-256 of a consultation's sources, read a chunk at a time."""
    digest = hashlib.sha256()
    for line in lines(consultation, leaving_out=leaving_out, format_=format_):
        digest.update(line)
    return digest.hexdigest()


def recount(report: Report) -> str:
    """Return what the hash of a result's sources would be today; equal to ``sources_hash`` unless they changed."""
    return hash_of(report.consultation, leaving_out=report.data["withheld"], format_=report.data["format"])


def can_be_recounted(report: Report) -> bool:
    """Tell whether everything the hash was made of is still there: of format 1, nothing may have been erased."""
    return report.data["format"] > 1 or not contributions(report.consultation).exclude(erased_at=None).exists()


def lines(consultation: Consultation, *, leaving_out: Sequence[int], format_: int = FORMAT) -> Iterator[bytes]:
    """Yield the canonical lines of the sources."""
    out = set(leaving_out)
    said = _CONTRIBUTION if format_ == 1 else _HASHED
    items = ReplyItem.objects.filter(reply__in=replies(consultation))
    yield from _lines("contribution", contributions(consultation).order_by("pk"), said, "id", out)
    yield from _lines("support", supports(consultation).order_by("pk"), _SUPPORT, "object_id", out)
    yield from _lines("answer", replies(consultation).order_by("pk"), _REPLY)
    yield from _lines("answers", items.order_by("reply_id", "contribution_id"), _ITEM, "contribution_id", out)


def _lines(
    kind: str, rows: "QuerySet[Any]", fields: Sequence[str], about: str = "", leaving_out: "set[int] | None" = None
) -> Iterator[bytes]:
    for row in rows.values(*fields).iterator(chunk_size=CHUNK):
        if leaving_out and row[about] in leaving_out:
            continue
        if "words_hash" in row:
            title, text, submission = row.pop("title"), row.pop("text"), row.pop("submission")
            row["words_hash"] = row["words_hash"] or words.hash_of(submission=submission, title=title, text=text)
        facts = {"kind_of_row": kind, **{name: _plain(value) for name, value in row.items()}}
        canonical = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        yield canonical.encode() + b"\n"


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | bool):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
