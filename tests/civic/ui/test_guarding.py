"""Forms that programs fill in come back; people send them once more at most."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django import forms
from django.test import Client

from civic.core import clock
from civic.people.models import Person
from civic.ui.guarding import AGAIN, OPENED, TRAP, Guarded

AT = datetime(2026, 11, 12, 2, 0, tzinfo=UTC)


class Box(Guarded, forms.Form):
    """A form with one field."""

    text = forms.CharField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.guard()


@pytest.fixture(autouse=True)
def two_seconds(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FORM_SECONDS = 2
    monkeypatch.setattr(clock, "now", lambda: AT)


def after(monkeypatch: pytest.MonkeyPatch, **time: int) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(**time))


def test_a_form_filled_in_at_leisure_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Box()[OPENED].value()
    after(monkeypatch, seconds=2)
    assert Box({"text": "好", OPENED: opened, TRAP: ""}).is_valid()


def test_a_tab_left_open_for_weeks_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Box()[OPENED].value()
    after(monkeypatch, days=29)
    assert Box({"text": "好", OPENED: opened}).is_valid()


@pytest.mark.parametrize("opened", ["", "1794400000", "1794400000:forged", "x" * 5000])
def test_a_form_without_its_moment_comes_back_with_one_and_is_taken_then(
    monkeypatch: pytest.MonkeyPatch, opened: str
) -> None:
    form = Box({"text": "好", OPENED: opened})
    assert form.non_field_errors() == [str(AGAIN)]
    after(monkeypatch, seconds=5)
    assert Box({"text": form["text"].value(), OPENED: form[OPENED].value()}).is_valid()


def test_a_form_sent_at_once_comes_back_and_is_taken_the_second_time(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Box()[OPENED].value()
    after(monkeypatch, seconds=1)
    form = Box({"text": "好", OPENED: opened})
    assert not form.is_valid()
    after(monkeypatch, seconds=3)
    assert Box({"text": form["text"].value(), OPENED: form[OPENED].value()}).is_valid()


def test_a_field_filled_by_a_password_manager_stops_its_owner_once_only(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Box()[OPENED].value()
    after(monkeypatch, seconds=9)
    form = Box({"text": "好", OPENED: opened, TRAP: "老林"})
    assert not form.is_valid()
    assert (form[TRAP].value(), form["text"].value()) == ("", "好")


def test_faults_of_what_was_typed_stand_alone() -> None:
    form = Box({"text": ""})
    assert list(form.errors) == ["text"]


@pytest.mark.django_db
def test_a_program_opens_no_account() -> None:
    client = Client()
    answer = client.post("/accounts/signup/", {"by": "phone", "phone": "13800000001", TRAP: "x"})
    assert (answer.status_code, Person.objects.exists()) == (200, False)
    assert str(AGAIN) in answer.content.decode()


@pytest.mark.django_db
def test_the_guard_is_out_of_sight_and_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Client().get("/accounts/signup/").content.decode()
    assert f'<div class="trap"><label for="id_{TRAP}">' in page
    assert 'tabindex="-1"' in page
    assert f'name="{OPENED}"' in page
