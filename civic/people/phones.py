"""Mobile numbers the way people type them."""

import re

from django.utils.translation import gettext_lazy as _

from civic.core.refusals import Reason

TOO_SHORT = Reason("phone-short", _("The mobile number is too short: it should have 11 digits."))
TOO_LONG = Reason("phone-long", _("The mobile number is too long: it should have 11 digits."))
NOT_MOBILE = Reason(
    "phone-unknown", _("This does not look like a mobile number: it should be 11 digits, like 13800000000.")
)

_SEPARATORS = re.compile(r"[\s\-().·]+")


def normalise(text: str) -> str:
    """Return a mainland mobile number in E.164 (``+8613800000000``).

    Accepts bare, spaced and dashed numbers, full-width digits, ``+86`` and
    ``0086``.  Raises ``ValueError`` carrying a ``Reason`` otherwise.
    """
    digits = _SEPARATORS.sub("", text.translate(_FULL_WIDTH))
    for prefix in ("+86", "0086"):
        digits = digits.removeprefix(prefix)
    if not digits.isascii() or not digits.isdigit() or not digits.startswith("1"):
        raise ValueError(NOT_MOBILE)
    if len(digits) != 11:
        raise ValueError(TOO_SHORT if len(digits) < 11 else TOO_LONG)
    if digits[1] not in "3456789":
        raise ValueError(NOT_MOBILE)
    return "+86" + digits


def shown(number: str) -> str:
    """Return a stored number the way people read it out: 138 0000 0000."""
    digits = number.removeprefix("+86")
    return f"{digits[:3]} {digits[3:7]} {digits[7:]}" if len(digits) == 11 else number


_FULL_WIDTH = {ord("０") + n: str(n) for n in range(10)} | {ord("＋"): "+"}
