"""Plain text as people send it: what is kept, what is refused and why."""

import unicodedata

from django.utils.translation import gettext_lazy as _

from civic.core.refusals import Reason, Unfit

EMPTY = Reason("text-empty", _("Nothing is written yet: say it in a sentence or two."))
TOO_LONG = Reason(
    "text-too-long",
    _("This is %(length)s characters; %(limit)s fit. Shorten it, or send the rest as a second contribution."),
)
INVISIBLE = Reason(
    "text-invisible",
    _("Your text holds invisible control characters (%(codes)s), perhaps from copying. Type those places again."),
)

_ALLOWED_CONTROLS = {"\n", "\t"}
# Overrides and isolates can make a text read differently from what it says.
_BIDI = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C)}

# Letters and a sign by their category, drawn as nothing.
_FILLERS = set("\u115f\u1160\u2800\u3164\uffa0")


def plain(text: str, *, limit: int) -> str:
    """Return ``text`` in NFC with line ends unified and outer blanks gone.

    Markup is kept as the characters it is: pages escape it.  Raises
    ``Unfit`` when nothing that can be seen is left, when it is longer
    than ``limit`` characters, or when it holds control or bidirectional
    formatting characters.
    """
    cleaned = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if all(map(_is_blank, cleaned)):
        raise Unfit(EMPTY)
    hidden = sorted({char for char in cleaned if _is_hidden(char)})
    if hidden:
        raise Unfit(INVISIBLE.with_(codes=", ".join(f"U+{ord(char):04X}" for char in hidden[:5])))
    if len(cleaned) > limit:
        raise Unfit(TOO_LONG.with_(length=len(cleaned), limit=limit))
    return cleaned


def misleading(text: str) -> list[str]:
    """Return the characters by which a text reads otherwise than it says, or breaks what is made of it.

    They are controls, among them what office programs type for the end of a line (U+000B), and marks that turn the
    direction of reading.  Line ends and tabs are not among them.
    """
    found = {char for char in text if char in _BIDI or unicodedata.category(char) in {"Cc", "Cs"}}
    return [f"U+{ord(char):04X}" for char in sorted(found - _ALLOWED_CONTROLS - {"\r"})]


def legible(text: str) -> str:
    """Return what programs elsewhere told us, in one line, without the characters no page shows or no database keeps."""
    return " ".join("".join(" " if _is_hidden(char) else char for char in text).split())


def _is_blank(char: str) -> bool:
    """Tell whether a character leaves the page white: blanks, joiners, fillers, marks without a letter."""
    return (
        char in _FILLERS
        or unicodedata.category(char) in {"Zs", "Zl", "Zp", "Cf", "Mn", "Me"}
        or char in _ALLOWED_CONTROLS
    )


def _is_hidden(char: str) -> bool:
    if char in _ALLOWED_CONTROLS:
        return False
    return char in _BIDI or unicodedata.category(char) in {"Cc", "Cs", "Co", "Cn"}
