"""Pages of those who are signed in: what has not changed is not asked again, and what has is there at once."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from civic.core import page_cache, unchanged
from civic.core.asking import Question
from civic.core.changes import Changes, changes, only
from civic.core.pages import next_edge, same, shared
from civic.people import erasing
from civic.people.models import Person
from civic.places.models import Place
from civic.ui import fragments
from consult.consultations.actions import MANAGE
from consult.consultations.models import Consultation
from consult.discussion.models import Contribution
from consult.moderation.models import SlowMode
from consult.replies import domain as replies
from search import documents
from search.documents import Kind
from search.engines import engine
from search.indexing import index_now
from tests.architecture.conftest import World, browser_of, end_transaction
from tests.architecture.test_shared_pages import ACTS

pytestmark = pytest.mark.django_db
OF: Question[Place] = Question(lambda code: Place.objects.filter(code=code), code=str)
READERS = ("resident", "author", "official", "anonymous")


@pytest.fixture(autouse=True)
def _kept(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.PAGE_CACHE = True
    monkeypatch.setattr(changes, "_mark", None)  # numbers of rows that were rolled back are given anew
    # A look that a busy machine made dear leaves anonymous pages as they were for as long as a look keeps.
    monkeypatch.setattr(unchanged, "DEAR", float("inf"))
    monkeypatch.setattr(unchanged, "_pause", {"until": float("-inf")})
    _forget()
    changes.look(pause=0)
    yield
    _forget()


def _forget() -> None:
    page_cache.forget_everything()
    fragments.kept.clear()


def answer(asked: Callable[[], Any], method: str = "get") -> Any:
    """Return what is asked while a page of everybody's is drawn."""
    end_transaction()
    found = []

    @shared()
    def view(_request: HttpRequest) -> HttpResponse:
        found.append(asked())
        return HttpResponse()

    view(getattr(RequestFactory(), method)("/"))
    return found[0]


def test_what_has_not_changed_is_not_asked_again(world: World) -> None:
    place = world.here.county
    first = answer(lambda: OF.unchanged("", code=place.code))
    with CaptureQueriesContext(connection) as asked:
        again = answer(lambda: OF.unchanged("", code=place.code))
    assert [row.pk for row in again] == [row.pk for row in first] == [place.pk]
    assert len(asked) == 1  # the look whether it has


def test_a_page_looks_once_for_all_that_it_shows(world: World) -> None:
    codes = [world.here.county.code, *(place.code for place in Place.objects.all()[:3])]
    for statements in (None, 1):
        with CaptureQueriesContext(connection) as asked:
            answer(lambda: [OF.unchanged("", code=code) for code in codes])
        assert statements in {None, len(asked)}


def test_what_has_changed_is_asked_again(world: World) -> None:
    place = world.here.county
    answer(lambda: OF.unchanged("", code=place.code))
    Place.objects.filter(pk=place.pk).update(name="改了名")
    assert [row.name for row in answer(lambda: OF.unchanged("", code=place.code))] == ["改了名"]


def test_a_change_elsewhere_leaves_what_is_kept(world: World) -> None:
    place = world.here.county
    answer(lambda: OF.unchanged("here", code=place.code))
    end_transaction()
    with only("there"):
        Place.objects.filter(pk=place.pk).update(name="没人看见")
    end_transaction()
    with CaptureQueriesContext(connection) as asked:
        answer(lambda: OF.unchanged("here", code=place.code))
    assert len(asked) == 1


def test_nothing_is_kept_from_what_is_sent_or_done(world: World) -> None:
    place = world.here.county
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            answer(lambda: OF.unchanged("", code=place.code), method="post")
        assert len(asked) == 1
    answer(lambda: OF.unchanged("", code=place.code))
    with CaptureQueriesContext(connection) as asked:
        OF.unchanged("", code=place.code)
    assert len(asked) == 1


def test_nobody_can_change_what_is_kept(world: World) -> None:
    code = Place.objects.exclude(parent=None)[0].code
    joined: Question[Place] = Question(lambda code: Place.objects.select_related("parent").filter(code=code), code=str)
    [first] = answer(lambda: joined.unchanged("", code=code))
    kept_parent, first.name, first.parent = first.parent, "改了", None
    [again] = answer(lambda: joined.unchanged("", code=code))
    assert (again.name != "改了", again.parent, again.told) == (True, kept_parent, first.told)
    again.save(update_fields=["name"])


def test_what_is_old_is_asked_again_though_nobody_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    place = world.here.county
    answer(lambda: OF.unchanged("", code=place.code))
    monkeypatch.setattr(unchanged, "OLDEST", 0.0)
    with CaptureQueriesContext(connection) as asked:
        answer(lambda: OF.unchanged("", code=place.code))
    assert len(asked) == 2


def test_where_looking_is_dear_everything_is_asked_for_a_while(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    place = world.here.county
    monkeypatch.setattr(unchanged, "DEAR", -1.0)
    looks: list[float] = []

    def look(pause: float) -> None:
        looks.append(pause)
        Changes.look(changes, pause=pause)

    monkeypatch.setattr(changes, "look", look)
    for _ in range(3):
        assert answer(lambda: OF.unchanged("", code=place.code))
    assert looks == [0]


# What is the same for everybody


def shown_alike(world: World, **how: Any) -> Any:
    """Return the places' names as a page shows them that is the same for everybody."""

    def names() -> list[str]:
        return list(Place.objects.order_by("pk").values_list("name", flat=True))

    return answer(lambda: same("names", names, at=how.pop("at", world.at), **how))


def test_what_is_the_same_for_everybody_is_made_once(world: World) -> None:
    first = shown_alike(world)
    with CaptureQueriesContext(connection) as asked:
        again = shown_alike(world)
    assert (again.told, again.what) == (first.told, first.what)
    assert len(asked) == 1  # the look whether it still is


def test_it_is_made_again_when_something_was_changed(world: World) -> None:
    first = shown_alike(world)
    Place.objects.filter(pk=world.here.county.pk).update(name="改了名")
    again = shown_alike(world)
    assert "改了名" in again.what
    assert again.told != first.told


def test_it_is_made_again_at_the_instant_at_which_time_changes_something(world: World) -> None:
    first = shown_alike(world)
    assert first.until == next_edge(world.at)
    assert shown_alike(world, at=first.until - timedelta(seconds=1)).told == first.told
    later = shown_alike(world, at=first.until)
    assert later.told != first.told
    assert later.until > first.until
    assert shown_alike(world).told != later.told  # a clock that is behind is not told of what is to come


def test_it_is_made_for_each_language_and_for_no_act(world: World) -> None:
    first = shown_alike(world)
    with translation.override("en"):
        assert shown_alike(world).told != first.told
    found = same("names", list, at=world.at)  # not a page that everybody may read
    assert (found.what, found.told, found.stands(world.at)) == ([], None, False)


def test_what_is_typed_pushes_out_nothing_else(world: World) -> None:
    first = shown_alike(world)
    for number in range(unchanged.MOST_ASKED):
        answer(partial(same, ("typed", number), list, at=world.at, is_asked=True))
    assert shown_alike(world).told == first.told
    assert unchanged.asked.size <= unchanged.MOST_ASKED


def test_no_address_with_a_place_in_it_pushes_out_anything(world: World) -> None:
    reader, sizes = browser_of(world, "resident"), []
    for code in ("nowhere", "elsewhere", Place.objects.order_by("-level")[0].code):
        assert reader.get("/search/", {"q": "停车", "place": code}).status_code == 200
        sizes.append(unchanged.kept.size)
    assert sizes[0] == sizes[1] == sizes[2]


def test_what_becomes_findable_is_found_at_once_and_a_change_elsewhere_asks_nothing(world: World) -> None:
    reader, path = browser_of(world, "resident"), "/search/?q=天上的云"
    end_transaction()
    assert "天上的云彩" not in reader.get(path).content.decode()
    Contribution.objects.filter(pk=world.said["running"].pk).update(text="天上的云彩")
    end_transaction()
    assert "天上的云彩" not in reader.get(path).content.decode()  # not before it is indexed
    index_now("contribution", world.said["running"].pk)
    end_transaction()
    assert "彩" in reader.get(path).content.decode()
    with only("consultation:0"):
        Place.objects.filter(pk=world.here.county.pk).update(name_en="Renamed")
    end_transaction()
    with CaptureQueriesContext(connection) as asked:
        reader.get(path)
    assert not [each["sql"] for each in asked if "search_" in each["sql"]]


def test_what_somebodys_powers_open_is_asked_each_time_and_shown_to_nobody_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hush = Kind("hush", "Hush", Consultation, lambda _row: None, Consultation.objects.all, reading=(MANAGE,))
    monkeypatch.setitem(documents._kinds, "hush", hush)
    opened = documents.Document(
        kind="hush", key="0", url="/consultations/draft/", title="还没公布的电梯计划", at=world.at, audience=MANAGE,
        place_path=world.here.county.path,
    )  # fmt: skip
    engine().index([opened])
    end_transaction()
    official, resident, path = browser_of(world, "official"), browser_of(world, "resident"), "/search/?q=还没公布"
    for _ in range(2):
        assert "/consultations/draft/" in official.get(path).content.decode()
        assert "/consultations/draft/" not in resident.get(path).content.decode()


def test_what_nobody_is_shown_again_is_not_kept_drawn(world: World, settings: Any) -> None:
    settings.PAGE_CACHE = False
    reader = browser_of(world, "resident")
    sizes = []
    for _ in range(3):
        reader.get("/")
        reader.get("/search/?q=停车")
        sizes.append(fragments.kept.size)
    assert sizes[0] == sizes[1] == sizes[2]


# The pages


def pages(world: World) -> list[str]:
    asked = "/consultations/running/"
    return ["/", "/search/?q=停车", "/search/?q=停车&kind=contribution", asked, f"{asked}?sort=supported", f"{asked}text/", *(said.get_absolute_url().split("#")[0] for said in (
        world.said["running"], world.said["waiting"]
    ))]  # fmt: skip


def shown(world: World, readers: dict[str, Client]) -> dict[tuple[str, str], str]:
    """Return what each reader sees on each page, tokens aside."""
    end_transaction()
    token = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
    return {
        (who, path): token.sub("", client.get(path).content.decode())
        for path in pages(world)
        for who, client in readers.items()
    }


def hide(world: World) -> None:
    Contribution.objects.filter(pk=world.said["waiting"].pk).update(state="hidden")


def go_slow(world: World) -> None:
    asked, by = world.consultations["running"], world.person("approver")
    SlowMode.objects.create(
        consultation=asked, reason="人多", starts_at=world.at, ends_at=world.at + timedelta(hours=2), by=by
    )


def publish(world: World) -> None:
    sent = world.replies["sent"]
    replies.approve_and_publish(reply=sent, version=sent.version, actor=world.person("approver"), at=world.at)


def reword(world: World) -> None:
    Consultation.objects.filter(pk=world.consultations["running"].pk).update(title="换了题目", question="换了问题")


def rename_the_body(world: World) -> None:
    body = world.consultations["running"].sponsor
    type(body).objects.filter(pk=body.pk).update(name="换了名的局")


def forbid(world: World) -> None:
    Person.objects.filter(pk=world.person("resident").pk).update(residence=None)


def erase_the_author(world: World) -> None:
    erasing.erase(person_id=world.person("author").pk, at=world.at)


@pytest.mark.parametrize(
    "act", [*ACTS, hide, go_slow, publish, reword, rename_the_body, forbid, erase_the_author],
    ids=lambda act: act.__name__,
)  # fmt: skip
def test_every_reader_sees_at_once_what_a_page_drawn_anew_would_show(world: World, act: Callable) -> None:
    readers = {who: browser_of(world, who) for who in READERS}
    before = shown(world, readers)
    assert shown(world, readers) == before
    act(world)
    after = shown(world, readers)
    assert after != before or act is publish  # which is another consultation's
    _forget()
    assert after == shown(world, readers)


def test_a_page_that_has_not_changed_asks_only_for_what_is_ones_own(world: World) -> None:
    reader = browser_of(world, "resident")
    for path in pages(world):
        reader.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert reader.get(path).status_code == 200
        assert len(asked) <= 8, (path, len(asked), [each["sql"][:100] for each in asked])
