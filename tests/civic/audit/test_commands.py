from collections.abc import Callable

import pytest
from celery.signals import worker_shutdown

from civic.audit import tasks
from civic.audit.commands import RecordingCommand
from civic.audit.models import Entry, Unsealed

pytestmark = pytest.mark.django_db

Happen = Callable[..., list[Entry]]


def test_a_recording_command_leaves_nothing_unsealed(happen: Happen) -> None:
    class Doing(RecordingCommand):
        def handle(self, *args: object, **options: object) -> None:
            happen(2)

    Doing().execute(force_color=False, no_color=False, skip_checks=True)
    assert Entry.objects.count() == 2
    assert not Unsealed.objects.exists()


def test_a_worker_that_is_stopped_leaves_nothing_unsealed(happen: Happen) -> None:
    happen(2)
    assert tasks.seal_before_leaving  # connected where the worker reads its tasks
    worker_shutdown.send(sender=None)
    assert not Unsealed.objects.exists()
