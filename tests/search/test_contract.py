"""What every engine must answer; each engine runs the same cases."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from search.asking import understand
from search.documents import Document
from search.engines.base import Match, Query, Sort, Superseded
from search.readers import Pass, Reader
from tests.search.conftest import AT


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("方便居民出行的公共交通", "公共"),
        ("方便居民出行的公共交通", "公共交通"),
        ("方便居民出行的公共交通", "公共交通 居民"),
        ("加装电梯的补偿办法", "電梯"),
        ("加裝電梯的補償辦法", "电梯补偿"),
        ("The lift and other elevators", "elevator"),
        ("One elevator only", "Elevators"),
        ("buses and houses", "bus house"),
        ("第３号线，Ａ出口", "3号线 a出口"),
        ("a café on the corner", "CAFE"),
        ("桥东路口", "路"),
        ("乘坐12路公交车到人民医院", "12路"),
        ("加装电梯 elevator 补贴", "电梯 elevators"),
        ("零\u200b宽\u200b字符", "零宽字符"),
    ],
)
def test_a_word_is_found_however_it_is_written(store: Any, keys: Any, text: str, typed: str) -> None:
    store(text)
    assert keys(typed) == ["1"]


def test_a_chinese_phrase_stands_together(store: Any, ask: Any) -> None:
    store("公共交通", "公共的共交的交通")
    found = ask("公共交通")
    assert [hit.key for hit in found.hits] == ["1"]
    assert found.match is Match.ALL


def test_punctuation_ends_a_phrase(store: Any, ask: Any) -> None:
    store("讲究公共，交通便利")
    assert ask("公共交通").match is Match.APART


def test_words_in_quotation_marks_stand_together(store: Any, keys: Any) -> None:
    store("the bus stop here", "stop the bus")
    assert keys('"bus stop"') == ["1"]
    assert keys("bus stop") == ["1", "2"]


def test_a_number_is_not_part_of_a_longer_number(store: Any, keys: Any) -> None:
    store("乘坐12路公交", "乘坐112路公交")
    assert keys("12路") == ["1"]


def test_all_words_are_wanted_while_some_document_has_them_all(store: Any, ask: Any) -> None:
    store("电梯噪声", "电梯补偿", "补偿标准")
    found = ask("电梯 补偿")
    assert [hit.key for hit in found.hits] == ["2"]
    assert found.match is Match.ALL


def test_words_joined_by_a_particle_are_looked_for_apart(store: Any, ask: Any) -> None:
    store("补偿低层住户，电梯由业主出资")
    found = ask("电梯的补偿")
    assert [hit.key for hit in found.hits] == ["1"]
    assert found.match is Match.APART


def test_two_words_written_as_one_are_looked_for_apart(store: Any, ask: Any) -> None:
    store("补偿低层住户，电梯由业主出资", "电梯噪声")
    found = ask("电梯补偿")
    assert [hit.key for hit in found.hits] == ["1"]
    assert found.match is Match.APART


def test_some_words_will_do_when_nothing_has_them_all_and_the_answer_says_so(store: Any, ask: Any) -> None:
    store("电梯噪声", "停车位")
    found = ask("电梯 大象")
    assert [hit.key for hit in found.hits] == ["1"]
    assert found.match is Match.SOME


def test_what_is_nowhere_is_not_found(store: Any, ask: Any) -> None:
    store("电梯噪声")
    assert ask("大象").total == 0


@pytest.mark.parametrize("typed", ["", "   ", "！？…", "<>", "\x00\u202e", "%", "_", "'; --"])
def test_a_question_without_words_finds_nothing(store: Any, ask: Any, typed: str) -> None:
    store("anything 电梯")
    assert ask(typed).total == 0


def test_a_title_weighs_more_than_text(store: Any, ask: Any) -> None:
    store({"title": "停车", "text": "电梯"}, {"title": "电梯", "text": "停车"})
    assert [hit.key for hit in ask("电梯").hits] == ["2", "1"]


def test_a_rare_word_weighs_more_than_a_common_one(store: Any, ask: Any) -> None:
    store("社区 电梯", "社区 停车", "社区 停车", "社区 噪声")
    assert ask("电梯 停车 图书").hits[0].key == "1"


def test_equal_scores_come_newest_first(store: Any, ask: Any) -> None:
    store(
        {"text": "电梯", "at": AT - timedelta(days=2)},
        {"text": "电梯", "at": AT},
        {"text": "电梯", "at": AT - timedelta(days=1)},
    )
    assert [hit.key for hit in ask("电梯").hits] == ["2", "3", "1"]


def test_newest_first_when_asked(store: Any, ask: Any) -> None:
    store({"title": "电梯", "at": AT - timedelta(days=9)}, {"text": "电梯", "at": AT})
    assert [hit.key for hit in ask("电梯").hits] == ["1", "2"]
    assert [hit.key for hit in ask("电梯", sort=Sort.NEWEST).hits] == ["2", "1"]


def test_pages_hold_every_hit_once(store: Any, ask: Any) -> None:
    store(*["电梯"] * 23)
    pages = [ask("电梯", page=number, page_size=10) for number in (1, 2, 3)]
    assert [len(page.hits) for page in pages] == [10, 10, 3]
    assert len({hit.key for page in pages for hit in page.hits}) == 23
    assert {page.total for page in pages} == {23}


def test_a_page_beyond_the_last_is_the_last(store: Any, ask: Any) -> None:
    store(*["电梯"] * 12)
    found = ask("电梯", page=999)
    assert (found.page, len(found.hits)) == (2, 2)


def test_counts_by_kind_ignore_the_chosen_kind(store: Any, ask: Any) -> None:
    store(
        {"text": "电梯", "kind": "policy"},
        {"text": "电梯", "kind": "policy", "key": "x"},
        {"text": "电梯", "kind": "note"},
    )
    found = ask("电梯", kind="note")
    assert found.kinds == {"policy": 2, "note": 1}
    assert found.total == 1
    assert [hit.kind for hit in found.hits] == ["note"]


def test_counts_by_status_ignore_the_chosen_status(store: Any, ask: Any) -> None:
    store({"text": "电梯", "status": "answered"}, {"text": "电梯", "status": "done"}, {"text": "电梯"})
    found = ask("电梯", status="done")
    assert found.statuses == {"answered": 1, "done": 1}
    assert found.total == 1


@pytest.mark.parametrize(
    ("seconds", "status"),
    [(-1, "soon"), (0, "open"), (99, "open"), (100, "review"), (199, "review"), (200, "late")],
)
def test_a_status_is_true_by_the_clock(store: Any, ask: Any, seconds: int, status: str) -> None:
    later = ((AT, "open"), (AT + timedelta(seconds=100), "review"), (AT + timedelta(seconds=200), "late"))
    store({"text": "电梯", "status": "soon", "later": later})
    reader = Reader(AT + timedelta(seconds=seconds))
    assert ask("电梯", reader=reader).hits[0].status == status
    assert ask("电梯", reader=reader, status=status).total == 1


def test_a_place_holds_what_lies_in_it(store: Any, keys: Any) -> None:
    store(
        {"text": "电梯", "place_path": "33/"},
        {"text": "电梯", "place_path": "33/01/"},
        {"text": "电梯", "place_path": "33/011/"},
    )
    assert keys("电梯", place_path="33/") == ["1", "2", "3"]
    assert keys("电梯", place_path="33/01/") == ["2"]


def test_days_are_the_sites_own_and_both_included(store: Any, keys: Any) -> None:
    # 16:00 UTC is midnight in Shanghai
    store(
        {"text": "电梯", "at": AT.replace(day=9, hour=15, minute=59)},
        {"text": "电梯", "at": AT.replace(day=9, hour=16)},
        {"text": "电梯", "at": AT.replace(day=10, hour=15, minute=59)},
        {"text": "电梯", "at": AT.replace(day=10, hour=16)},
    )
    assert keys("电梯", since=date(2026, 11, 10), until=date(2026, 11, 10)) == ["2", "3"]
    assert keys("电梯", since=date.min.replace(year=2), until=date.max.replace(year=9998)) == ["1", "2", "3", "4"]


def test_what_is_not_public_is_neither_found_nor_counted(store: Any, ask: Any) -> None:
    store({"text": "电梯"}, {"text": "电梯", "audience": "draft:read", "place_path": "33/01/", "status": "done"})
    found = ask("电梯")
    assert (found.total, found.kinds, found.statuses) == (1, {"note": 1}, {})


@pytest.mark.parametrize(
    ("pass_", "opens"),
    [
        (Pass("draft:read"), True),
        (Pass("draft:read", place_path="33/"), True),
        (Pass("draft:read", place_path="33/01/"), True),
        (Pass("draft:read", place_path="33/02/"), False),
        (Pass("draft:read", body_id=7), True),
        (Pass("draft:read", body_id=8), False),
        (Pass("draft:read", matter_id=5), True),
        (Pass("draft:read", matter_id=6), False),
        (Pass("other:read"), False),
    ],
)
def test_a_pass_opens_what_it_reaches(store: Any, ask: Any, pass_: Pass, opens: bool) -> None:
    store({"text": "电梯", "audience": "draft:read", "place_path": "33/01/", "body_id": 7, "matter_id": 5})
    assert ask("电梯", reader=Reader(AT, frozenset({pass_}))).total == int(opens)


def test_indexing_again_replaces(store: Any, keys: Any) -> None:
    store("电梯")
    store("停车")
    assert keys("电梯") == []
    assert keys("停车") == ["1"]


def test_what_is_deleted_is_gone(engine: Any, store: Any, keys: Any) -> None:
    store("电梯", "电梯")
    engine.delete([("note", "1"), ("note", "unknown")])
    assert keys("电梯") == ["2"]


def test_a_new_generation_is_read_only_after_the_switch(engine: Any, store: Any, keys: Any) -> None:
    store("电梯")
    fresh = engine.begin(at=AT)
    engine.fill(fresh, [Document(kind="note", key="9", url="/", title="电梯", at=AT)])
    assert keys("电梯") == ["1"]
    assert engine.switch(fresh, at=AT) == 1
    assert keys("电梯") == ["9"]


def test_writes_during_a_rebuild_reach_both_generations(engine: Any, store: Any, keys: Any) -> None:
    store("电梯")
    fresh = engine.begin(at=AT)
    engine.fill(fresh, [Document(kind="note", key="1", url="/", title="电梯", at=AT)])
    store("停车", "停车")
    engine.delete([("note", "2")])
    assert keys("停车") == ["1"]
    engine.switch(fresh, at=AT)
    assert keys("停车") == ["1"]
    assert keys("电梯") == []


def test_a_newer_rebuild_takes_over(engine: Any) -> None:
    old = engine.begin(at=AT)
    new = engine.begin(at=AT)
    with pytest.raises(Superseded):
        engine.fill(old, [])
    with pytest.raises(Superseded):
        engine.switch(old, at=AT)
    assert engine.switch(new, at=AT) == 0


def test_found_words_are_marked_in_the_words_as_they_were_written(store: Any, ask: Any) -> None:
    store({"title": "加裝電梯", "text": "<b>加裝ＥＬＥＶＡＴＯＲＳ與電梯</b>"})
    hit = ask("电梯 elevator").hits[0]
    assert [part.text for part in hit.title.parts if part.marked] == ["電梯"]
    [fragment] = hit.fragments
    assert fragment.text == "<b>加裝ＥＬＥＶＡＴＯＲＳ與電梯</b>"
    assert [part.text for part in fragment.parts if part.marked] == ["ＥＬＥＶＡＴＯＲＳ", "電梯"]


def test_a_fragment_is_cut_around_what_was_found(store: Any, ask: Any) -> None:
    store("开头的话。" * 200 + "这里说到了电梯。" + "结尾的话。" * 200)
    [fragment] = ask("电梯").hits[0].fragments
    assert fragment.before
    assert fragment.after
    assert len(fragment.text) < 200
    assert [part.text for part in fragment.parts if part.marked] == ["电梯"]


def test_the_readers_language_is_shown_when_it_holds_the_word(store: Any, ask: Any) -> None:
    store({"title": "电梯办法", "title_en": "Lift rules", "text": "elevator 电梯", "text_en": "The elevator rules"})
    english = ask("elevator", language="en").hits[0]
    assert (english.title.text, english.fragments[0].language) == ("Lift rules", "en")
    chinese = ask("elevator").hits[0]
    assert (chinese.title.text, chinese.fragments[0].language) == ("电梯办法", "zh-hans")
    assert ask("电梯", language="en").hits[0].fragments[0].language == "zh-hans"


def test_a_very_long_question_asks_its_beginning(store: Any, ask: Any) -> None:
    store("电梯补偿")
    found = ask("电梯 " * 10_000)
    assert found.total == 1


def test_a_document_may_hold_any_character(store: Any, keys: Any) -> None:
    store("电梯\x00\u202e\U0001f600\ud800 补偿".encode("utf-8", "ignore").decode())
    assert keys("补偿") == ["1"]


def test_sorting_is_the_same_for_every_page_size(engine: Any, store: Any, ask: Any) -> None:
    store(*[f"电梯 {'停车 ' * (n % 5)}" for n in range(20)])
    whole = [hit.key for hit in ask("电梯", page_size=20).hits]
    query = Query(understand("电梯"), Reader(AT), page_size=7)
    parts = [hit.key for page in (1, 2, 3) for hit in engine.query(replace(query, page=page)).hits]
    assert parts == whole
