"""A person's data as one file to take along: for machines (JSON), for people (HTML), and what they uploaded."""

import json
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import PurePosixPath
from shutil import copyfileobj
from typing import IO, Any, BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZipFile

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext

from civic.core.languages import site_text
from civic.people import personal
from civic.people.models import Person

IN_MEMORY = 2 * 1024 * 1024
FORMAT = 1


def make(person: Person, *, at: datetime) -> IO[bytes]:
    """Return a ZIP with ``data.json``, a readable ``index.html`` in the reader's language, and the uploads.

    It is written to a nameless temporary file, which is gone once it is closed;
    rows are read a chunk at a time.
    """
    made = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - whoever sends it closes it
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        with archive.open("data.json", "w") as file:
            for piece in _json(person, at):
                file.write(piece.encode())
        with archive.open("index.html", "w") as file:
            for piece in _html(person, at):
                file.write(piece.encode())
        archive.writestr("style.css", render_to_string("civic/people/takeout.css"))
        for section in personal.sections():
            for name, source in section.files(person) if section.files else ():
                with source, archive.open(str(PurePosixPath("files", section.name, name)), "w") as file:
                    copyfileobj(source, file)
    made.seek(0)
    return cast("BinaryIO", made)


def shown(value: Any) -> str:
    """Return a value the way people read it; empty for what is not known."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    return str(value)


def _json(person: Person, at: datetime) -> Iterator[str]:
    head = {
        "format": FORMAT,
        "site": settings.BASE_URL,
        "as_of": at.isoformat(),
        "language": get_language(),
    }
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "sections": ['
    for place, section in enumerate(personal.sections()):
        about = {"name": section.name, "title": str(section.title), "about": str(section.about)}
        yield ("," if place else "") + "\n" + json.dumps(about, ensure_ascii=False)[:-1] + ', "records": ['
        for number, record in enumerate(personal.records(section, person)):
            row = {fact.name: _plain(fact.value) for fact in record.facts}
            if record.url:
                row["url"] = settings.BASE_URL + record.url
            yield ("," if number else "") + "\n " + json.dumps(row, ensure_ascii=False)
        yield "]}"
    yield "\n]}\n"


def _html(person: Person, at: datetime) -> Iterator[str]:
    frame = {"language": get_language(), "at": shown(at), "place": site_text("place"), "name": person.public_name}
    yield render_to_string("civic/people/takeout_head.html", frame)
    for section in personal.sections():
        yield render_to_string("civic/people/takeout_section.html", {"section": section})
        empty = True
        for record in personal.records(section, person):
            empty = False
            facts = [(fact.label, text) for fact in record.facts if (text := shown(fact.value))]
            url = settings.BASE_URL + record.url if record.url else ""
            yield render_to_string("civic/people/takeout_record.html", {"facts": facts, "url": url})
        yield render_to_string("civic/people/takeout_section_end.html", {"empty": empty})
    yield render_to_string("civic/people/takeout_foot.html", frame)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Promise):
        return str(value)
    return value
