"""The door to text messages: one adapter, named in ``settings.SMS_GATEWAY``."""

from datetime import timedelta
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class Rejected(Exception):
    """The receiving side said no, and will say no again: trying once more is no use."""


class Unavailable(Exception):
    """The receiving side did not take it now; ``after`` is how long it asked us to wait, if it did."""

    def __init__(self, message: str, *, after: timedelta | None = None) -> None:
        super().__init__(message)
        self.after = after


class Gateway(Protocol):
    """What an adapter for a text-message provider offers."""

    def send(self, *, to: str, text: str, key: str) -> None:
        """Hand one message over; raise when the provider did not take it.

        ``Rejected`` is final; ``Unavailable`` and every other error are tried
        again.  ``to`` is in E.164.  ``key`` is the same when a message is tried
        again, so that a provider that can recognise repetitions does.
        """


def gateway() -> Gateway:
    """Return the installation's gateway."""
    return import_string(settings.SMS_GATEWAY)()
