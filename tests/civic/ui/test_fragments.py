from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from civic.core.pages import drawing, shows_only
from civic.ui import fragments

AT = datetime(2026, 11, 21, 4, tzinfo=UTC)


def draw(source: Template, key: Any, *, at: datetime = AT, token: str = "mine", **values: Any) -> str:
    request = RequestFactory().get("/")
    request.at = at  # type: ignore[attr-defined]
    return source.render(Context({"key": key, "request": request, "csrf_token": token, **values}))


def kept_parts() -> list[str]:
    """Return all that is kept drawn."""
    return ["".join(part.pieces) for part in fragments.kept.things()]


@pytest.fixture
def word() -> Template:
    """A part that shows one word, whatever its key says."""
    return Template("{% kept key more %}{{ word }}{% endkept %}")


def test_a_part_is_drawn_once_for_each_key(word: Template) -> None:
    assert draw(word, ("a", 1), word="first") == "first"
    assert draw(word, ("a", 1), word="second") == "first"
    assert draw(word, ("a", 2), word="second") == "second"
    assert draw(word, ("a", 1), word="third", more="else") == "third"


def test_a_part_without_a_key_is_never_kept(word: Template) -> None:
    assert [draw(word, None, word=each) for each in ("a", "b")] == ["a", "b"]
    assert Template("{% kept nothing.key %}{{ word }}{% endkept %}").render(Context({"word": "c"})) == "c"


def test_two_places_with_one_key_are_two_parts() -> None:
    template = Template("{% kept key %}one{% endkept %}\n{% kept key %}two{% endkept %}")
    assert draw(template, ("two places",)) == "one\ntwo"


def test_language_and_year_are_part_of_every_key(word: Template) -> None:
    assert draw(word, ("b",), word="这里") == "这里"
    with translation.override("en"):
        assert draw(word, ("b",), word="here") == "here"
    assert draw(word, ("b",), word="next year", at=AT + timedelta(days=366)) == "next year"


def test_each_page_gets_its_own_form_token() -> None:
    form = Template("{% kept key %}<form>{% csrf_token %}</form>{% endkept %}")
    pages = [draw(form, ("form",), token=token) for token in ("first", "second")]
    assert 'value="first"' in pages[0]
    assert 'value="second"' in pages[1]


def test_words_that_change_by_the_clock_are_kept_until_then_and_the_page_hears_of_it() -> None:
    left = Template("{% kept key %}{% days_left closes_at %}{{ word }}{% endkept %}")
    closes_at = AT + timedelta(days=3, hours=1)
    for later, days, word in ((0, 3, "drawn"), (0.5, 3, "drawn"), (2, 2, "again"), (0, 3, "before")):
        with drawing() as drawn:
            at = AT + timedelta(hours=later)
            shown = draw(left, ("clock",), closes_at=closes_at, at=at, word=word if later != 0.5 else "not again")
        assert drawn.until is not None
        assert f"<b>{days}</b>" in shown
        assert word in shown


def test_what_is_a_readers_own_is_filled_in_and_kept_nowhere() -> None:
    slip = Template(
        "{% kept key but slip %}{{ word }} {{ slip.code }}{% for sign in slip.signs %}[{{ sign }}]{% endfor %}{% endkept %}"
    )
    assert draw(slip, ("own",), word="drawn", slip={"code": "<QX7>", "signs": ["A"]}) == "drawn &lt;QX7&gt;[A]"
    assert draw(slip, ("own",), word="no more", slip={"code": "QX8", "signs": ["&"]}) == "drawn QX8[&amp;]"
    assert draw(slip, ("own",), word="longer", slip={"code": "QX9", "signs": ["B", "C"]}) == "longer QX9[B][C]"
    assert not [part for part in kept_parts() if "QX" in part]


def test_a_part_without_a_key_shows_a_readers_own_as_it_is() -> None:
    slip = Template("{% kept nothing.key but slip %}{{ slip.code }}{% endkept %}")
    assert draw(slip, None, slip={"code": "<mine>"}) == "&lt;mine&gt;"


def test_a_part_within_a_part_keeps_the_blanks_of_the_outer_one() -> None:
    form = Template(
        "{% kept key but slip %}{% kept key %}<form>{% csrf_token %}</form>{% endkept %}{{ slip.code }}{% endkept %}"
    )
    for each in ("first", "second"):
        shown = draw(form, ("within",), token=each, slip={"code": each.upper()})
        assert f'value="{each}"' in shown
        assert shown.endswith(each.upper())


def test_a_part_never_says_for_its_page_that_it_shows_only_something() -> None:
    """Drawn or handed out again, the page counts as showing what its view says: everything, if it says nothing."""
    part = Template("{% kept key %}{{ words }}{% endkept %}")

    def words() -> str:
        shows_only("tests:7")
        return "words"

    for _time in range(2):
        with drawing() as drawn:
            shows_only("tests:8")
            assert draw(part, ("scope",), words=words) == "words"
        assert drawn.scopes == {"tests:8"}
