"""Addresses so far covered that a colleague can compare them and a stranger cannot use them."""

import re

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"\+?\d[\d -]{5,}\d")


def mask(address: str) -> str:
    """Return an e-mail address or a telephone number with all but its ends covered; an empty one stays empty."""
    name, at, host = address.partition("@")
    if at:
        first, dot, rest = host.partition(".")
        return f"{name[:1]}***@{first[:1]}***{dot}{rest}"
    return f"{address[:3]}****{address[-4:]}" if len(address) > 8 else "****" if address else ""


def mask_all(text: str) -> str:
    """Return ``text`` with every address and every long number in it covered."""
    covered = _EMAIL.sub(lambda found: mask(found.group()), text)
    return _NUMBER.sub(lambda found: mask(found.group()), covered)
