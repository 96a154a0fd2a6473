"""Pages kept for visitors: right the moment something changes, and nobody's own."""

import gzip
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from civic.core import clock, page_cache
from civic.core.changes import Counts, changes
from civic.core.page_cache import Kept, PageCacheMiddleware
from civic.core.pages import shared
from civic.people import domain as people
from civic.policies import domain as policies
from civic.ui.dates import left_changes, left_text
from consult.consultations import domain as consultations
from consult.discussion import domain as discussion
from consult.replies import domain as replies
from tests.architecture.conftest import DAY, World, a_consultation, browser_of, end_transaction

pytestmark = pytest.mark.django_db
PAGE = "/consultations/running/"


@pytest.fixture(autouse=True)
def kept(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[page_cache.PageCache]:
    """The cache, turned on and empty, looking for changes at every request."""
    settings.PAGE_CACHE = True
    monkeypatch.setattr(changes, "look", lambda pause=0: type(changes).look(changes, pause=0))
    page_cache.forget_everything()
    monkeypatch.setattr(changes, "_mark", None)  # numbers SQLite gave in the last test are given again
    changes.look()  # the first look of a process only says where the next one begins
    yield page_cache.cache
    page_cache.forget_everything()


@pytest.fixture
def visitor(world: World) -> Client:
    """A browser without a session."""
    return browser_of(world, "anonymous")


def look_at(client: Client, path: str = PAGE, **headers: Any) -> tuple[Any, bool]:
    """Return the answer, and whether it was taken from the shelf."""
    end_transaction()
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path, **headers)
    return answer, len(asked) <= 1


def say(world: World, text: str = "新说的话", slug: str = "running") -> Any:
    end_transaction()
    return discussion.contribute(
        person=world.person("resident"), consultation=world.consultations[slug], kind="comment", text=text,
        submission=uuid.uuid4(), at=world.at,
    )  # fmt: skip


# What is shared


@pytest.mark.parametrize(
    "path",
    ["/", "/consultations/", PAGE, "/consultations/running/text/", "/consultations/done/result/", "/policies/",
     "/policies/parking/", "/policies/parking/versions/", "/policies/parking/print/", "/search/?q=停车", "/help/",
     "/about/privacy/", "/policies/feed/", "/sitemap.xml", f"{PAGE}?sort=supported&page=1"],
)  # fmt: skip
def test_the_next_visitor_gets_the_same_page_from_the_shelf(world: World, path: str) -> None:
    first, from_shelf = look_at(Client(), path)
    assert (first.status_code, from_shelf) == (200, False)
    second, from_shelf = look_at(Client(), path)
    assert from_shelf
    assert second.content == first.content
    # Each answer that is drawn has a number of its own; one from the shelf has none.
    assert dict(second.headers) == {name: value for name, value in first.headers.items() if name != "X-Request-ID"}


def test_a_page_from_the_shelf_carries_every_header_of_safety(visitor: Client) -> None:
    look_at(visitor)
    answer, from_shelf = look_at(visitor)
    assert from_shelf
    for header in ("Content-Security-Policy", "Referrer-Policy", "Permissions-Policy", "Vary"):
        assert header in answer.headers


def test_a_browser_that_has_the_page_is_told_so(visitor: Client) -> None:
    first, _drawn = look_at(visitor)
    again = visitor.get(PAGE, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_browser_that_reads_gzip_gets_the_page_packed_from_the_shelf(visitor: Client) -> None:
    plain, _kept = look_at(visitor)
    packed, is_kept = look_at(visitor, headers={"accept-encoding": "br, gzip;q=0.8, deflate"})
    again, _kept = look_at(visitor)
    assert is_kept
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.content) < len(plain.content) / 3
    assert gzip.decompress(packed.content) == again.content == plain.content
    assert "Content-Encoding" not in again.headers
    for answer in (plain, packed, again):
        assert "accept-encoding" in answer.headers["Vary"].lower()
        assert answer.headers["ETag"] == plain.headers["ETag"]


def test_a_stray_cookie_does_not_split_the_shelf(visitor: Client) -> None:
    look_at(visitor)
    visitor.cookies["_ga"] = "GA1.2.3"
    visitor.cookies["gongyi_elder"] = "perhaps"
    assert look_at(visitor)[1]


def test_asking_for_the_head_alone_is_answered_too(visitor: Client) -> None:
    look_at(visitor)
    answer = visitor.head(PAGE)
    assert answer.status_code == 200
    assert answer.headers["ETag"]


# Right the moment something changes


def support(world: World) -> None:
    discussion.support(contribution=world.said["running"], person=world.person("resident"), at=world.at)


def take_back(world: World) -> None:
    discussion.take_back(contribution=world.said["waiting"], person=world.person("author"), at=world.at)


def edit(world: World) -> None:
    discussion.edit(
        contribution=world.said["waiting"], person=world.person("author"), text="换个说法。", version=1, at=world.at
    )


def respond(world: World) -> None:
    discussion.respond(
        person=world.person("resident"),
        parent=world.said["running"],
        text="同意。",
        submission=uuid.uuid4(),
        at=world.at,
    )


def rename(world: World) -> None:
    people.update_profile(
        person=world.person("author"), display_name="改了名", language="zh-hans", elder_mode=False, at=world.at
    )


def extend(world: World) -> None:
    asked = world.consultations["running"]
    consultations.extend(
        consultation=asked,
        actor=world.person("official"),
        until=asked.closes_at + 3 * DAY,
        note="多听几天",
        at=world.at,
    )


def withdraw(world: World) -> None:
    consultations.withdraw(
        consultation=world.consultations["running"], actor=world.person("official"), note="另行研究", at=world.at
    )


ACTS = [say, support, take_back, edit, respond, rename, extend, withdraw]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_whatever_happens_in_it_the_page_shows_it_at_once(world: World, visitor: Client, act: Callable) -> None:
    before, _drawn = look_at(visitor)
    act(world)
    after, from_shelf = look_at(visitor)
    assert not from_shelf
    assert _words(after) != _words(before)
    fresh = _drawn_anew(PAGE)
    assert _words(after) == _words(fresh)


def test_an_answer_shows_at_once_on_the_page_and_on_the_home_page(world: World, visitor: Client) -> None:
    over = "/consultations/over/"
    for path in (over, "/"):
        look_at(visitor, path)
    sent = world.replies["sent"]
    replies.approve_and_publish(reply=sent, version=sent.version, actor=world.person("approver"), at=world.at)
    for path in (over, "/"):
        answer, from_shelf = look_at(visitor, path)
        assert not from_shelf
        assert _words(answer) == _words(_drawn_anew(path))


def test_a_revised_policy_shows_at_once(world: World, visitor: Client) -> None:
    look_at(visitor, "/policies/parking/versions/")
    policies.revise_policy(
        page=world.policy, author=world.person("editor"), approver=world.person("official"), at=world.at,
        change_note="第二版",
    )  # fmt: skip
    answer, from_shelf = look_at(visitor, "/policies/parking/versions/")
    assert not from_shelf
    assert "第二版" in answer.content.decode()


def test_what_is_said_elsewhere_leaves_a_consultations_pages_on_the_shelf(world: World, visitor: Client) -> None:
    world.consultations["other"] = a_consultation(world, "other", world.at - DAY, announced=True)
    look_at(visitor)
    look_at(visitor, "/")
    say(world, slug="other")
    assert look_at(visitor)[1]
    assert not look_at(visitor, "/")[1]


def test_a_change_while_a_page_is_drawn_outdates_it(world: World, kept: page_cache.PageCache) -> None:
    request = RequestFactory().get("/somewhere/")

    @shared()
    def slow(request: HttpRequest) -> HttpResponse:
        response = HttpResponse("what was there before")
        request.user = world.people["anonymous"]
        say(world, "话说到一半")
        return response

    middleware = PageCacheMiddleware(slow)
    middleware(request)
    end_transaction()
    changes.look()
    assert kept.find(page_cache.key_of(request), clock.now()) is None


# Right by the clock


@pytest.mark.parametrize("before", [timedelta(seconds=5), timedelta(microseconds=1)])
@pytest.mark.parametrize("edge", ["opens", "phase", "closes", "overdue"])
def test_no_page_outlives_an_edge(
    world: World, visitor: Client, monkeypatch: pytest.MonkeyPatch, edge: str, before: timedelta
) -> None:
    slug = f"edge-{edge}"
    asked = a_consultation(world, slug, world.at + DAY, announced=True)
    collect, discuss, _reply = asked.phases.all()
    moment = {
        "opens": asked.opens_at, "phase": collect.closes_at, "closes": discuss.closes_at, "overdue": asked.answer_due_at
    }[edge]  # fmt: skip
    for path in (f"/consultations/{slug}/", "/", "/consultations/"):
        monkeypatch.setattr(clock, "now", lambda: moment - before)
        look_at(visitor, path)
        assert look_at(visitor, path)[1]
        monkeypatch.setattr(clock, "now", lambda: moment)
        answer, from_shelf = look_at(visitor, path)
        assert not from_shelf
        assert _words(answer) == _words(_drawn_anew(path))


def test_the_days_left_are_never_yesterdays(world: World, visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    closes_at = world.consultations["running"].closes_at
    monkeypatch.setattr(clock, "now", lambda: closes_at - 3 * DAY)
    first, _drawn = look_at(visitor)
    assert re.search(r"<b>3</b>", first.content.decode())
    monkeypatch.setattr(clock, "now", lambda: closes_at - 3 * DAY + timedelta(seconds=1))
    second, from_shelf = look_at(visitor)
    assert not from_shelf
    assert re.search(r"<b>2</b>", second.content.decode())


def test_the_time_left_changes_when_its_words_do() -> None:
    closes_at = datetime(2026, 11, 30, 10, tzinfo=clock.now().tzinfo)
    for left in (DAY * 3, DAY * 2.5, DAY, timedelta(hours=5, minutes=3), timedelta(minutes=59), timedelta(seconds=30)):
        at = closes_at - left
        until = left_changes(closes_at, at)
        assert left_text(closes_at - until + timedelta(microseconds=1)) == left_text(left)
        assert until == closes_at or left_text(closes_at - until) != left_text(left)


def test_after_half_a_minute_a_page_is_drawn_anew_whatever_we_know(
    world: World, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_at(visitor, "/policies/")
    monkeypatch.setattr(clock, "now", lambda: world.at + page_cache.OLDEST - timedelta(seconds=1))
    assert look_at(visitor, "/policies/")[1]
    monkeypatch.setattr(clock, "now", lambda: world.at + page_cache.OLDEST)
    assert not look_at(visitor, "/policies/")[1]


# Nobody's own


@pytest.mark.parametrize("who", ["resident", "author", "official", "administrator"])
@pytest.mark.parametrize(
    "path", ["/", PAGE, "{thread}", "/search/?q=停车", "/policies/parking/", "/consultations/done/result/"]
)
def test_what_a_person_sees_never_reaches_a_visitor(world: World, visitor: Client, who: str, path: str) -> None:
    path = path.format(thread=world.said["running"].get_absolute_url())
    theirs = browser_of(world, who).get(path)
    answer, from_shelf = look_at(visitor, path)
    assert theirs.status_code == answer.status_code == 200
    assert not from_shelf
    assert "ETag" not in theirs.headers
    assert "csrfmiddlewaretoken" not in answer.content.decode()
    assert "/accounts/logout/" not in answer.content.decode()
    again, from_shelf = look_at(browser_of(world, who), path)
    assert not from_shelf
    assert "/accounts/logout/" in again.content.decode()


DIMENSIONS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("language by header", {"headers": {"Accept-Language": "zh-CN"}}, {"headers": {"Accept-Language": "en"}}),
    ("language by cookie", {}, {"cookies": {"gongyi_language": "en"}}),
    ("elder mode", {}, {"cookies": {"gongyi_elder": "1"}}),
    ("dark", {}, {"cookies": {"gongyi_theme": "dark"}}),
    ("light", {"cookies": {"gongyi_theme": "dark"}}, {"cookies": {"gongyi_theme": "light"}}),
    ("host", {}, {"headers": {"Host": "elsewhere.example"}}),
    ("scheme", {}, {"secure": True}),
    ("query", {}, {"path": f"{PAGE}?sort=supported"}),
    ("order of the query", {"path": f"{PAGE}?sort=newest&page=1"}, {"path": f"{PAGE}?page=1&sort=newest"}),
    ("path", {}, {"path": "/consultations/over/"}),
]


@pytest.mark.parametrize(("one", "other"), [(a, b) for _name, a, b in DIMENSIONS], ids=[d[0] for d in DIMENSIONS])
def test_pages_that_differ_are_kept_apart(world: World, one: dict[str, Any], other: dict[str, Any]) -> None:
    def ask(how: dict[str, Any]) -> tuple[Any, bool]:
        client = Client()
        for name, value in how.get("cookies", {}).items():
            client.cookies[name] = value
        return look_at(client, how.get("path", PAGE), headers=how.get("headers", {}), secure=how.get("secure", False))

    first, second = ask(one), ask(other)
    assert not first[1]
    assert not second[1]
    for how, (drawn, _from_shelf) in ((one, first), (other, second)):
        again, from_shelf = ask(how)
        assert from_shelf
        assert again.content == drawn.content


@pytest.mark.parametrize(
    ("path", "how"),
    [
        ("/consultations/nowhere/", {}),
        ("/consultations/draft/", {}),
        ("/policies/parking/?on=nonsense", {}),
        ("/consultations/running/?utm_source=x", {}),
        ("/consultations/running/say/", {}),
        ("/accounts/login/", {}),
        ("/prefs/elder/on/", {}),
        ("/healthz", {}),
        (f"{PAGE}?page={'0' * 400}", {}),
        (PAGE, {"headers": {"HX-Request": "true"}}),
        (PAGE, {"headers": {"Authorization": "Basic eDp5"}}),
        (PAGE, {"cookies": {"sessionid": "whatever"}}),
        (PAGE, {"cookies": {"messages": "whatever"}}),
    ],
)
def test_what_is_not_for_everybody_is_not_kept(
    world: World, kept: page_cache.PageCache, path: str, how: dict[str, Any]
) -> None:
    client = Client()
    for name, value in how.get("cookies", {}).items():
        client.cookies[name] = value
    client.get(path, headers=how.get("headers", {}))
    assert len(kept.plain) + len(kept.asked) == 0


@pytest.mark.parametrize(
    "fault", ["token", "cookie set", "cookie read", "all cookies read", "vary", "own caching", "fault", "unmarked"]
)
def test_an_answer_that_shows_a_sign_of_being_ones_own_is_not_kept(
    kept: page_cache.PageCache, anonymous: Any, fault: str
) -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        request.user = anonymous
        response = HttpResponse("for everybody")
        match fault:
            case "token":
                response.content += b'<input name="csrfmiddlewaretoken">'
            case "cookie set":
                response.set_cookie("who", "you")
            case "cookie read":
                request.COOKIES.get("gongyi_draft")
            case "all cookies read":
                dict(request.COOKIES.items())
            case "vary":
                response.headers["Vary"] = "User-Agent"
            case "own caching":
                response.headers["Cache-Control"] = "no-store"
            case "fault":
                response.status_code = 500
        return response

    PageCacheMiddleware(answer if fault == "unmarked" else shared()(answer))(RequestFactory().get("/x/"))
    assert len(kept.plain) == 0


# Bounded


def test_addresses_with_a_question_do_not_push_out_the_others(kept: page_cache.PageCache) -> None:
    kept.keep(("h", False, "/", "", "zh"), _page(b"x" * 1000))
    for number in range(100):
        kept.keep(("h", False, "/search/", f"q={number}", "zh"), _page(b"x" * 500_000))
    assert kept.find(("h", False, "/", "", "zh"), datetime(2026, 1, 1, tzinfo=clock.now().tzinfo)) is not None
    assert kept.asked.size <= page_cache.ASKED_BYTES


def test_a_crowd_at_one_page_draws_it_once(
    kept: page_cache.PageCache, anonymous: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []

    @shared()
    def slow(request: HttpRequest) -> HttpResponse:
        drawn.append(1)
        time.sleep(0.2)
        request.user = anonymous
        return HttpResponse("here")

    middleware = PageCacheMiddleware(slow)
    answers: list[bytes] = []
    monkeypatch.setattr(page_cache, "WAIT", 180)  # a busy machine may draw for longer than anybody is let wait
    # Other threads have no connection to this test's transaction, so nobody looks for changes here.
    monkeypatch.setattr(changes, "look", lambda: None)
    kept._edge = (changes.total, clock.now() - DAY, clock.now() + DAY)
    threads = [
        threading.Thread(target=lambda: answers.append(middleware(RequestFactory().get("/crowd/")).content))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(drawn), answers) == (1, [b"here"] * 8)


def _page(body: bytes) -> Kept:
    return Kept({}, body, 'W/"x"', Counts(changes.total, -1, {}), datetime(2100, 1, 1, tzinfo=clock.now().tzinfo))


def _words(answer: Any) -> str:
    return str(answer.content.decode())


def _drawn_anew(path: str) -> Any:
    page_cache.forget_everything()
    return Client().get(path)
