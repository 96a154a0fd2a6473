"""The search page as people meet it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from civic.core import clock
from civic.people.models import Person
from search.documents import Document
from search.engines import engine
from tests.cast import County
from tests.factories.places import a_place

pytestmark = pytest.mark.django_db


def put(number: int = 1, **fields: Any) -> None:
    plain = {
        "kind": "policy",
        "key": "1",
        "url": "/p/1/",
        "title": "加装电梯办法",
        "text": "低层住户的补偿",
        "at": clock.now(),
    }
    engine().index([Document(**(plain | {"key": str(n), "url": f"/p/{n}/"} | fields)) for n in range(1, number + 1)])


def page(client: Client, **data: Any) -> str:
    answer = client.get("/search/", data)
    assert answer.status_code == 200
    return answer.content.decode()


def test_found_words_are_marked(client: Client) -> None:
    put()
    html = page(client, q="电梯")
    assert 'href="/p/1/"' in html
    assert "加装<mark>电梯</mark>办法" in html


def test_markup_in_documents_and_questions_stays_text(client: Client) -> None:
    put(title="<script>alert(1)</script>电梯")
    html = page(client, q="<script>alert(1)</script>")
    assert "<script>alert" not in html


@pytest.mark.parametrize("typed", ["", "  ", "！？", "<>", "\u202e\u2066", "\x00", "%_"])
def test_a_question_without_words_is_answered_with_a_sentence(client: Client, typed: str) -> None:
    put()
    html = page(client, q=typed)
    assert 'class="advice"' in html


@pytest.mark.parametrize(
    "typed",
    [
        "梯",
        "电梯" * 10_000,
        "\u202e电\x00梯",
        "<b>电梯</b>",
        "'; drop table --",
        "🛗",
        "\ud800".encode("utf-8", "replace"),
    ],
)
def test_any_question_is_answered(client: Client, typed: Any) -> None:
    put()
    page(client, q=typed)


def test_a_cut_question_says_so(client: Client) -> None:
    put()
    client.cookies["gongyi_language"] = "en"
    assert "its first 200 characters" in page(client, q="电梯" * 300)


def test_nothing_found_gives_advice(client: Client) -> None:
    html = page(client, q="大象")
    assert 'class="advice"' in html


def test_bad_filters_are_named_and_do_not_stop_the_search(client: Client) -> None:
    put()
    html = page(
        client,
        q="电梯",
        since="31.12.2026",
        until="x" * 5000,
        place="nowhere",
        status="x",
        sort="x",
        page="-1",
        kind="x",
    )
    assert 'class="errs"' in html
    assert 'href="/p/1/"' in html


def test_days_the_wrong_way_round_are_refused_with_a_sentence(client: Client) -> None:
    put()
    client.cookies["gongyi_language"] = "en"
    assert "lies before the first" in page(client, q="电梯", since="2026-05-02", until="2026-05-01")


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1899-12-31", "2201-01-01"])
def test_days_beyond_all_reason_are_refused_with_a_sentence(client: Client, day: str) -> None:
    assert "日期请写成年-月-日" in page(client, q="电梯", since=day)
    assert "日期请写成年-月-日" in page(client, q="电梯", until=day)


def test_results_are_narrowed_by_kind_place_and_status(client: Client, here: County) -> None:
    put(place_path=here.district.path, status="doing")
    assert 'href="/p/1/"' in page(client, q="电梯", kind="policy", place=here.district.code, status="doing")
    assert 'href="/p/1/"' not in page(client, q="电梯", place=here.other_district.code)
    assert 'href="/p/1/"' not in page(client, q="电梯", status="ended")
    grid = a_place(inside=here.district, name="小巷")
    assert f'value="{grid.code}" selected' in page(client, q="电梯", place=grid.code)


def test_pages_keep_the_question(client: Client) -> None:
    put(30)
    html = page(client, q="电梯", page=2)
    assert "q=%E7%94%B5%E6%A2%AF&amp;page=3" in html
    assert html.count('href="/p/') == 10


def test_english_readers_see_english_titles_with_chinese_marked_as_such(client: Client) -> None:
    put(title_en="Lift rules")
    client.cookies["gongyi_language"] = "en"
    html = page(client, q="电梯")
    assert "Lift rules" in html
    assert 'lang="zh-Hans"' in html


@pytest.mark.parametrize("number", [1, 30])
def test_the_page_costs_a_constant_number_of_queries(
    client: Client, here: County, django_assert_max_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    put(number)
    with django_assert_max_num_queries(8):
        page(client, q="电梯")


@pytest.mark.parametrize("number", [1, 30])
def test_the_hardest_question_costs_hardly_more(
    client: Client, resident: Person, django_assert_max_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    put(number)
    client.force_login(resident)
    with django_assert_max_num_queries(15):
        page(client, q="电梯的大象 补偿")


def test_what_is_open_says_until_when(client: Client) -> None:
    now = clock.now()
    put(status="soon", later=((now - timedelta(days=1), "open"), (now + timedelta(days=3), "review")))
    html = page(client, q="电梯", status="open")
    assert "st-open" in html
