"""The door to text messages: one adapter, named in ``settings.SMS_GATEWAY``."""

from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class Gateway(Protocol):
    """What an adapter for a text-message provider offers."""

    def send(self, *, to: str, text: str, key: str) -> None:
        """Hand one message over; raise when the provider did not take it.

        ``to`` is in E.164.  ``key`` is the same when a message is tried again,
        so that a provider that can recognise repetitions does.
        """


def gateway() -> Gateway:
    """Return the installation's gateway."""
    return import_string(settings.SMS_GATEWAY)()
