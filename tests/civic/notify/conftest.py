from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils.translation import gettext_noop

from civic.audit import types
from civic.audit.models import Entry
from civic.audit.record import record
from civic.notify import kinds
from civic.people.models import Level, Person

HAPPENED = types.declare("tests:notify:happened", gettext_noop("Something happened."))
ANSWERED = kinds.declare(
    "tests:notify:answered", title="“%(title)s” %(number)s", body="%(missing)s", group=kinds.ANSWERS, channels=["email"]
)
TEXTED = kinds.declare("tests:notify:texted", title="%(title)s", group=kinds.FOLLOWS, channels=["email", "sms"])
BINDING = kinds.declare("tests:notify:binding", title="%(title)s", group=kinds.ACCOUNT, binding=True)


@pytest.fixture(autouse=True)
def outbox_folder(settings: Any, tmp_path: Path) -> Path:
    settings.OUTBOX = tmp_path / "outbox"
    settings.EMAIL_BACKEND = "civic.notify.outbox.EmailBackend"
    return settings.OUTBOX


@pytest.fixture
def at() -> datetime:
    return datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def resident(db: None) -> Person:
    return Person.objects.create_user(email="lin@test.example", level=Level.CONTACT, language="zh-hans")


@pytest.fixture
def happening(at: datetime) -> Callable[[], Entry]:
    """Record an entry about somebody."""

    def happen() -> Entry:
        with transaction.atomic():
            subject = Person.objects.create_user(email=f"subject{Person.objects.count()}@test.example")
            return record(HAPPENED, subject=subject, actor=None, at=at)

    return happen
