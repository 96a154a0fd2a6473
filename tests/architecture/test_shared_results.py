"""The page of a poll's result, kept for visitors: from the shelf, and right the moment somebody signs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from civic.core import clock, page_cache
from civic.core.changes import changes
from civic.people.models import Level
from consult.voting import auditing, counting, objecting
from consult.voting.models import Poll
from tests.architecture.conftest import World, end_transaction
from tests.architecture.test_shared_pages import look_at, say
from tests.factories.bodies import a_grant
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db
PAGE = "/polls/vote-done/result/"


@pytest.fixture(autouse=True)
def kept(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[page_cache.PageCache]:
    settings.PAGE_CACHE = True
    monkeypatch.setattr(changes, "look", lambda: type(changes).look(changes, pause=0))
    page_cache.forget_everything()
    monkeypatch.setattr(changes, "_mark", None)
    changes.look()
    yield page_cache.cache
    page_cache.forget_everything()


def test_a_result_comes_from_the_shelf_and_shows_a_certificate_at_once(world: World) -> None:
    poll = Poll.objects.get(slug="vote-done")
    auditor = a_person(level=Level.IN_PERSON, display_name="核验人甲")
    a_grant("consult:poll:certify", to=auditor, place=world.here.county, at=world.at)
    assert look_at(Client(), PAGE)[1] is False
    first, from_shelf = look_at(Client(), PAGE)
    assert from_shelf
    assert "核验人甲" not in first.content.decode()
    say(world, "别处说的话")
    assert look_at(Client(), PAGE)[1], "what is said elsewhere does not concern a result"
    end_transaction()
    auditing.recount(poll=poll, actor=auditor, at=world.at)
    counting.certify(poll=poll, actor=auditor, note="已核。", at=world.at)
    signed, from_shelf = look_at(Client(), PAGE)
    assert not from_shelf
    assert "核验人甲" in signed.content.decode()
    assert look_at(Client(), PAGE)[1]


def test_the_page_knows_when_objections_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    poll = Poll.objects.get(slug="vote-open")
    from consult.voting import closing

    at = poll.closes_at
    closing.close_due(at=at)
    counting.count_due(at=at)
    end = at + timedelta(days=5)
    path = f"/polls/{poll.slug}/result/"
    for moment, possible in ((end - timedelta(seconds=5), True), (end, False)):
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        answer, _from_shelf = look_at(Client(), path)
        assert ("/object/" in answer.content.decode()) is possible
    monkeypatch.setattr(clock, "now", lambda: at)
    end_transaction()
    objecting.object_to(poll=poll, person=world.person("resident"), text="异议原文", at=at)
    assert "异议原文" in look_at(Client(), path)[0].content.decode()
