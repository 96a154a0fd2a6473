"""What is kept for a while, with Redis and without it."""

import os
import uuid
from typing import Any

import pytest
from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.test import Client

from civic.core import clock, heartbeat, redis_cache
from tests.factories.people import a_person

DEAD = "redis://127.0.0.1:1/0"
PASSWORD = "horse battery 9x"


@pytest.fixture
def through(settings: Any) -> Any:
    """Return a function that keeps the site's cache in a Redis."""

    def use(address: str) -> None:
        settings.REDIS_URL = address
        settings.CACHES = {
            "default": {"BACKEND": "civic.core.redis_cache.RedisOrDatabase", "LOCATION": address},
            "second": settings.IN_DATABASE,
        }

    return use


def keep_and_count() -> list[Any]:
    cache, key = caches["default"], f"kept-{uuid.uuid4()}"
    said = [cache.get(key, "nothing"), cache.add(key, 1), cache.add(key, 9), cache.incr(key), cache.get(key)]
    cache.set_many({key: "other"}, 60)
    said += [cache.get_many([key]) == {key: "other"}, cache.has_key(key), cache.touch(key, 60), cache.delete(key)]
    cache.delete_many([key])
    return [*said, cache.get(key)]


RIGHT = ["nothing", True, False, 2, 2, True, True, True, True, None]


@pytest.mark.needs("redis")
def test_redis_keeps_what_is_kept(through: Any) -> None:
    through(os.environ["TEST_REDIS_URL"])
    assert keep_and_count() == RIGHT  # and asks no database: this test has none


@pytest.mark.django_db
def test_the_database_keeps_it_while_redis_does_not_answer(through: Any) -> None:
    through(DEAD)
    assert keep_and_count() == RIGHT
    caches["default"].set("kept", "here")
    assert isinstance(caches["second"], DatabaseCache)
    assert caches["second"].get("kept") == "here"


@pytest.mark.django_db
def test_a_redis_that_does_not_answer_is_not_asked_at_every_turn(
    through: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    through(DEAD)
    monkeypatch.setattr(redis_cache, "REST", 3600.0)
    for _turn in range(3):
        caches["default"].get("kept")
    assert [record.name for record in caplog.records].count("civic.core.redis_cache") == 1


@pytest.mark.django_db
def test_people_sign_in_while_redis_does_not_answer_and_guess_no_more_often(through: Any) -> None:
    through(DEAD)
    person = a_person()
    person.set_password(PASSWORD)
    person.save()
    known = {"login": person.email, "password": PASSWORD}
    assert Client().post("/accounts/login/", known).headers["Location"] == "/me/"
    pages = [Client().post("/accounts/login/", known | {"password": "guessed"}) for _turn in range(12)]
    assert "Location" not in Client().post("/accounts/login/", known).headers, pages[-1].status_code


@pytest.mark.django_db
def test_a_worker_last_heard_of_in_redis_is_silent_while_redis_is(through: Any) -> None:
    through(DEAD)
    assert heartbeat.age(at=clock.now()) is None
