"""Log lines as JSON, one object a line, without personal data.

Our own code logs ids, names of code and numbers (a test reads every call).
What libraries log is not ours to trust: their sentence is kept, the values
they would put into it are not.  Of an error its type and its place are kept,
never its message, which may quote what somebody typed.
"""

import json
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from traceback import extract_tb
from typing import Any

from civic.core import tracing

OURS = ("civic", "consult", "orgs", "search")
#: What a record may carry beside its sentence.
EXTRAS = ("route", "method", "status", "ms", "task", "outcome", "part")
FRAMES = 12
_HIDDEN = "…"
_TELLING = re.compile(
    r"""
    [^\s@<>"']+@[^\s@<>"']+          # addresses of mail, and passwords inside URLs
    | \?[^\s"']*                     # query strings
    | \+?\d[\d\s()-]{5,}\d           # telephone and identity numbers
    | "[^"]*" | '[^']*'              # what somebody quoted
    | [\u3400-\u9fff]+               # Chinese words: our log speaks English
    """,
    re.VERBOSE,
)


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message(record),
        }
        if tracing.current():
            line["request_id"] = tracing.current()
        line |= {name: getattr(record, name) for name in EXTRAS if isinstance(getattr(record, name, None), str | int)}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = place(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


class SaidAlready(logging.Filter):
    """Drops what Django says of an answer without an error: ``civic.core.tracing`` says it, with the route."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep what carries an error."""
        return bool(record.exc_info)


def message(record: logging.LogRecord) -> str:
    """Return the record's sentence without what could tell of a person."""
    if record.name.split(".")[0] in OURS:
        return scrubbed(record.getMessage())
    sentence = str(record.msg)
    if not record.args:
        return scrubbed(sentence.split(":", maxsplit=1)[0])
    try:
        return sentence % _hidden(record.args)
    except (TypeError, ValueError, KeyError):
        return sentence


def scrubbed(text: str) -> str:
    """Return the text without addresses, numbers, queries, quotations and Chinese words."""
    return _TELLING.sub(_HIDDEN, text)


def place(error: BaseException) -> dict[str, Any]:
    """Return what kind of error it was and where it arose, and the kinds of its causes."""
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)[-FRAMES:]]
    causes: list[str] = []
    seen = error
    while (cause := seen.__cause__ or seen.__context__) is not None and len(causes) < 5:
        causes.append(type(cause).__name__)
        seen = cause
    return {"type": type(error).__name__, "frames": frames, **({"causes": causes} if causes else {})}


def _hidden(args: Any) -> Any:
    if isinstance(args, Mapping):
        return {key: _value(value) for key, value in args.items()}
    return tuple(_value(value) for value in args)


def _value(value: Any) -> Any:
    return value if isinstance(value, int | float) else _HIDDEN
