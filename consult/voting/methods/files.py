"""Elections of others, read from the files they are published in.

``.blt`` ranked ballots, ``.pb`` participatory budgets (Pabulib), ``.csv`` approvals with tracking codes, ``.txt`` Debian tally sheets.
"""

from pathlib import Path

from consult.voting.methods.file_blt import read_blt
from consult.voting.methods.file_pb import read_pb
from consult.voting.methods.file_shape import Election, WrongFile
from consult.voting.methods.file_tables import read_approvals, read_tally

READERS = {".blt": read_blt, ".pb": read_pb, ".csv": read_approvals, ".txt": read_tally}

__all__ = ["READERS", "Election", "WrongFile", "read_election"]


def read_election(path: Path) -> Election:
    """Return the election a file holds; raise ``WrongFile`` with the line where it cannot be understood."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise WrongFile(f"{path.name}: the name must end in {', '.join(READERS)}")
    try:
        return reader(_decoded(path.read_bytes()))
    except WrongFile as fault:
        raise WrongFile(f"{path.name}: {fault}") from None


def _decoded(raw: bytes) -> str:
    """Return the text; older files are not in UTF-8."""
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise WrongFile("this is not a text file")
