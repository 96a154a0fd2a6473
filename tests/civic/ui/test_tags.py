"""What each component tag promises to the pages that use it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.template import TemplateSyntaxError
from django.utils import translation

from civic.ui import dates
from civic.ui.components import Bar, Step, Tab

Draw = Callable[..., str]
Soup = Callable[..., Any]
EVIL = '<script>alert("x")</script>'


def test_a_status_is_word_shape_and_colour(soup: Soup) -> None:
    tag = soup('{% status "late" %}').span
    assert tag["class"] == ["st", "st-late"]
    assert tag.text == "Overdue"
    assert tag.use["href"].endswith("#s-late")


def test_a_status_may_say_a_nearer_word(draw: Draw) -> None:
    assert "采纳" in draw('{% status "done" "采纳" %}')


def test_an_unknown_status_is_a_mistake_of_the_template(draw: Draw) -> None:
    with pytest.raises(TemplateSyntaxError):
        draw('{% status "opne" %}')


@pytest.mark.parametrize(
    "source",
    [
        '{% status "open" text=evil %}',
        '{% button evil "/" %}',
        "{% button evil why=evil %}",
        "{% button evil evil %}",
        "{% submit evil name=evil value=evil %}",
        "{% submit evil why=evil %}",
        "{% prose evil %}",
        '{% text thing "title" %}',
        '{% prose thing "title" %}',
        "{% timeline steps %}",
        "{% steps steps %}",
        "{% bars rows base=evil %}",
        "{% tabs tabs evil %}",
        "{% meter 3 evil %}",
        "{% read_aloud evil %}",
    ],
)
def test_every_tag_escapes_what_it_is_given(draw: Draw, source: str) -> None:
    drawn = draw(
        source,
        evil=EVIL,
        thing=SimpleNamespace(title=EVIL, title_en=""),
        steps=[Step("now", EVIL, EVIL, EVIL, EVIL, EVIL)],
        rows=[Bar(EVIL, 1, 0.5, EVIL, mark=EVIL)],
        tabs=[Tab(EVIL, EVIL)],
    )
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn


def test_dates_are_local_and_show_the_year_only_when_it_is_another(draw: Draw) -> None:
    this_year = datetime(2026, 11, 29, 10, 0, tzinfo=UTC)
    next_year = datetime(2027, 1, 3, 10, 0, tzinfo=UTC)
    assert ">11月29日 18:00<" in draw("{% when moment %}", moment=this_year, language="zh-hans")
    assert ">29 Nov, 18:00<" in draw("{% when moment %}", moment=this_year)
    assert ">2027年1月3日 18:00<" in draw("{% when moment %}", moment=next_year, language="zh-hans")
    assert ">3 Jan 2027, 18:00<" in draw("{% when moment %}", moment=next_year)
    assert ">12月1日<" in draw("{% day moment %}", moment=date(2026, 12, 1), language="zh-hans")


def test_a_date_carries_its_machine_form(soup: Soup) -> None:
    tag = soup("{% when moment %}", moment=datetime(2026, 11, 29, 10, 0, tzinfo=UTC)).time
    assert tag["datetime"] == "2026-11-29T18:00+08:00"


def test_no_date_draws_nothing(draw: Draw) -> None:
    assert draw("{% when nothing %}{% day nothing %}{% days_left nothing %}", nothing=None) == ""


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [(14, 30, "下午两点半"), (9, 0, "上午九点"), (12, 15, "中午十二点一刻"), (20, 44, "晚上 8:44"), (0, 0, "凌晨零点")],
)
def test_elder_mode_says_the_hour_in_words(at: datetime, hour: int, minute: int, said: str) -> None:
    moment = datetime(2026, 12, 6, hour, minute, tzinfo=UTC) - timedelta(hours=8)
    with translation.override("zh-hans"):
        assert dates.when_text(moment, at, spoken=True).endswith(said)


def test_days_left_counts_whole_days_and_names_the_end(soup: Soup, at: datetime) -> None:
    tag = soup("{% days_left end at %}", end=at + timedelta(days=9, hours=3), at=at, language="zh-hans").span
    assert tag.text == "还剩9天，11月21日 13:00\u00a0截\u2060止"
    assert "soon" not in tag["class"]


def test_the_last_two_days_are_in_the_late_colour_and_the_last_in_hours(soup: Soup, at: datetime) -> None:
    assert "soon" in soup("{% days_left end at %}", end=at + timedelta(days=2), at=at).span["class"]
    assert soup("{% days_left end at %}", end=at + timedelta(hours=20), at=at).b.text == "20"


def test_what_is_over_says_when_it_closed(draw: Draw, at: datetime) -> None:
    assert "Closed" in draw("{% days_left end at %}", end=at, at=at)


def test_a_refused_button_stays_in_sight_and_says_why(soup: Soup) -> None:
    tag = soup('{% button "Publish" why="Your power ended." %}')
    link = tag.a
    assert link["aria-disabled"] == "true"
    assert not link.has_attr("href")
    assert tag.find(id=link["aria-describedby"]).text == "Your power ended."


def test_a_refused_submit_sends_nothing(soup: Soup) -> None:
    assert soup('{% submit "Publish" why="Too late." %}').button["type"] == "button"


def test_reasons_on_one_page_have_different_ids(soup: Soup) -> None:
    links = soup('{% button "a" why="x" %}{% button "a" why="x" %}').find_all("a")
    assert links[0]["aria-describedby"] != links[1]["aria-describedby"]


def test_a_field_without_translation_keeps_its_language_mark(soup: Soup, draw: Draw) -> None:
    thing = SimpleNamespace(title="加装电梯", title_en="")
    assert soup('{% text thing "title" %}', thing=thing).span["lang"] == "zh-Hans"
    assert soup('{% prose thing "title" %}', thing=thing).p["lang"] == "zh-Hans"
    assert draw('{% text thing "title" as_html=False %}', thing=thing) == "加装电梯"
    assert draw('{% text thing "title" %}', thing=thing, language="zh-hans") == "加装电梯"


def test_english_readers_get_the_translation(draw: Draw) -> None:
    thing = SimpleNamespace(title="加装电梯", title_en="Lifts")
    assert draw('{% text thing "title" %}', thing=thing) == "Lifts"
    assert draw('{% text thing "title" %}', thing=thing, language="zh-hans") == "加装电梯"


def test_prose_makes_paragraphs_and_line_breaks(draw: Draw) -> None:
    drawn = draw("{% prose words %}", words="one\r\ntwo\n\n\n\nthree\n")
    assert drawn.replace("\n", "") == "<p>one<br>two</p><p>three</p>"


def test_pages_keep_the_rest_of_the_query(soup: Soup) -> None:
    page = Paginator(range(50), 10).page(2)
    links = soup("{% pages page %}", page=page).find_all("a")
    assert [link["href"] for link in links] == ["?sort=new&page=1", "?sort=new&page=3"]


def test_one_page_needs_no_paging(draw: Draw) -> None:
    assert draw("{% pages page %}", page=Paginator(range(5), 10).page(1)).strip() == ""


def test_the_thread_says_where_it_stands(soup: Soup) -> None:
    thread = soup("{% timeline steps %}", steps=[Step("done", "a"), Step("now", "b", url="/b/"), Step("later", "c")])
    assert [item["class"] for item in thread.find_all("li")] == [["done"], ["now"], ["later"]]
    assert thread.find(attrs={"aria-current": "step"}).a["href"] == "/b/"


def test_flat_steps_name_the_step(soup: Soup) -> None:
    steps = soup("{% steps steps %}", steps=[Step("done", "a"), Step("now", "b")])
    assert steps.ol["aria-label"] == "Progress, step 2 of 2"


def test_a_chart_is_a_table_with_its_base_and_bars_within_bounds(soup: Soup) -> None:
    chart = soup('{% bars rows base="of 1,842" %}', rows=[Bar("a", 1204, 0.6536), Bar("b", 1, 1.7)])
    assert chart.caption.text == "of 1,842"
    assert [cell.text for cell in chart.tbody.tr.find_all("td", class_="num")] == ["1,204", "65.4%"]
    assert [rect["width"] for rect in chart.find_all("rect", class_="c1")] == ["65.4", "100.0"]


def test_the_current_tab_is_marked(soup: Soup) -> None:
    tabs = soup("{% tabs tabs %}", tabs=[Tab("new", "?a", True), Tab("old", "?b", count=3)])
    assert tabs.find(attrs={"aria-current": "true"}).text == "new"
    assert "3" in tabs.find_all("a")[1].text
