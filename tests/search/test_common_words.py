"""Words that stand in thousands of documents: the best are found all the same, and nobody counts the rest."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from search.engines import embedded, postings
from search.engines.base import Match, Sort
from search.models import Posting
from search.readers import Pass, Reader
from tests.search.conftest import AT

pytestmark = pytest.mark.django_db
COMMON = 30


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ten results be the most that are counted, and a word in more than 24 documents be common."""
    monkeypatch.setattr(embedded, "MOST", 10)
    monkeypatch.setattr(postings, "HEAVIEST", 12)


@pytest.fixture
def many(store: Any) -> None:
    """Index thirty notes of lifts, every fifth of which tells most of them, and two policies."""
    texts = [f"第{n}户说电梯。" if n % 5 else f"电梯，电梯，电梯，说的都是第{n}户的电梯。" for n in range(COMMON)]
    store(
        *({"text": text, "key": f"{n:02}"} for n, text in enumerate(texts)),
        {"kind": "policy", "key": "p", "title": "电梯管理办法", "text": "管电梯。", "status": "doing"},
        {"kind": "policy", "key": "q", "title": "其他办法", "text": "顺便说到电梯。" + "其他的事情。" * 300},
    )


def test_of_a_common_word_the_documents_it_tells_most_of_come_first(many: None, ask: Any) -> None:
    found = ask("电梯", page_size=7)
    assert [hit.key for hit in found.hits] == ["p", "00", "05", "10", "15", "20", "25"]
    assert (found.total, found.is_more) == (10, True)


def test_pages_of_a_common_word_end_where_counting_does(many: None, ask: Any) -> None:
    pages = [ask("电梯", page=number, page_size=4) for number in (1, 2, 3, 4)]
    assert [len(page.hits) for page in pages] == [4, 4, 2, 2]
    keys = [hit.key for page in pages[:3] for hit in page.hits]
    assert len(set(keys)) == len(keys) == 10


def test_the_few_of_a_kind_among_the_many_are_all_found(many: None, ask: Any) -> None:
    found = ask("电梯", kind="policy")
    assert ([hit.key for hit in found.hits], found.total, found.is_more) == (["p", "q"], 2, False)
    assert ask("电梯", status="doing").total == 1


def test_common_words_that_seldom_meet_are_found_where_they_do(store: Any, ask: Any) -> None:
    store(
        *["电梯坏了。" * (1 + n % 3) for n in range(COMMON)],
        *["补偿多少？"] * COMMON,
        "补偿和电梯，" + "别的事，" * 200,
    )
    found = ask("电梯 补偿")
    assert (found.match, found.total, found.is_more) == (Match.ALL, 1, False)


def test_some_words_of_a_common_question_are_enough(many: None, ask: Any) -> None:
    found = ask("电梯 大象", page_size=2)
    assert (found.match, found.is_more, [hit.key for hit in found.hits]) == (Match.SOME, True, ["p", "00"])


def test_the_newest_come_first_whatever_they_weigh(store: Any, ask: Any) -> None:
    store(*({"text": "电梯" * (1 + n % 4), "at": AT - timedelta(hours=n)} for n in range(COMMON)))
    assert [hit.key for hit in ask("电梯", sort=Sort.NEWEST, page_size=3).hits] == ["1", "2", "3"]


def test_what_only_some_may_read_hides_nothing_from_the_others(store: Any, ask: Any) -> None:
    secret = [{"text": "电梯" * 9, "audience": "note.read", "key": f"s{n}"} for n in range(COMMON)]
    store(*secret, {"text": "说到电梯。", "key": "open"})
    assert [hit.key for hit in ask("电梯").hits] == ["open"]
    reader = Reader(AT, frozenset({Pass("note.read")}))
    assert ask("电梯", reader=reader).is_more


def test_a_common_word_costs_no_more_queries_than_a_rare_one(many: None, ask: Any) -> None:
    costs = []
    for typed in ("电梯", "其他"):
        with CaptureQueriesContext(connection) as asked:
            assert ask(typed).total
        costs.append(len(asked))
    assert costs[0] == costs[1] == 3


@pytest.mark.parametrize("counted", [5, 100])
def test_how_common_a_word_is_is_counted_up_to_a_bound(
    many: None, monkeypatch: pytest.MonkeyPatch, counted: int
) -> None:
    monkeypatch.setattr(postings, "COUNTED", counted)
    word = Posting.objects.values_list("word", flat=True)[0]
    held = Posting.objects.filter(word=word).count()
    assert postings.frequencies([word, 1]) == (min(counted, COMMON + 2), {word: min(counted, held), 1: 0})


def test_the_page_says_that_there_are_more_and_its_tabs_bear_no_wrong_numbers(many: None) -> None:
    page = Client().get("/search/?q=电梯").content.decode()
    assert "“电梯”有 <b>10</b> 条以上的结果" in page
    assert "<b>11</b>" not in page
    english = Client(headers={"accept-language": "en"}).get("/search/?q=电梯").content.decode()
    assert "More than <b>10</b> results for “电梯”" in english


def test_the_tabs_bear_no_numbers_of_the_best_alone_when_a_stage_is_asked_for(many: None) -> None:
    pages = [Client().get("/search/", {"q": "电梯"} | more) for more in ({}, {"status": "doing"}, {"q": "大象"})]
    counts = [{tab.count for tab in page.context["tabs"]()} for page in pages]
    assert pages[1].context["found"].total == 1
    assert counts == [{None}, {None}, {0}]
