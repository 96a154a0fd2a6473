"""Why something is refused: reasons with one plain sentence each."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Reason:
    """A refusal's code and its sentence.

    ``sentence`` is a lazy translation with named placeholders; ``params`` fill
    them.  ``with_(…)`` returns the reason with values filled in.
    """

    code: str
    sentence: str | Promise
    params: dict[str, Any] = field(default_factory=dict, compare=False, hash=False)

    def with_(self, **params: Any) -> "Reason":
        """Return the same reason with its placeholders' values."""
        return Reason(self.code, self.sentence, {**self.params, **params})

    def __str__(self) -> str:
        text = str(self.sentence)
        return text % self.params if self.params else text


class Refused(Exception):
    """The domain's answer to something that may not be done.

    Carries the ``reason``; views show its sentence (403, or 409 when
    ``conflict`` says that the world moved while the person was typing).
    """

    def __init__(self, reason: Reason, *, conflict: bool = False) -> None:
        super().__init__(reason.code)
        self.reason = reason
        self.conflict = conflict

    def __str__(self) -> str:
        return str(self.reason)


class Unfit(ValueError):
    """Something typed that cannot be kept as it is; ``reason`` says what to do.

    Forms show the sentence at the field and keep what was typed.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return str(self.reason)


SIGN_IN = Reason("sign-in", _("Sign in first. What you have written is kept."))
SECOND_FACTOR = Reason("second-factor", _("Show your second factor first: powers open only then."))
NOT_FOUND = Reason("not-found", _("This page does not exist, or is not open to you."))
STALE = Reason("stale", _("Someone changed this while you had it open. Look at the current version, then try again."))
MET = Reason(
    "met",
    _(
        "Somebody else was writing the same thing at the same moment, and only one of you could be let through. Please send it again."
    ),
)
WRONG_STATE = Reason("wrong-state", _("This step is not possible now: the matter has moved on."))
NOTE_NEEDED = Reason("note-needed", _("Write down the reason: it will be public."))
