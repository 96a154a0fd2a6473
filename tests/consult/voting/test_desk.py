"""The desk of whoever runs polls: kinds of decision, a form that keeps everything, rules read through, then announced."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.images import ImageFile
from django.test import Client
from PIL import Image as Drawing
from wagtail.images.models import Image

from civic.core.refusals import Refused
from civic.people.models import Person
from consult.voting import domain, opening
from consult.voting.models import Poll
from tests.consult.conftest import AT, DAY, County, Opener
from tests.consult.voting.conftest import Drafter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("running")]

NEW = "/desk/polls/new/"


@pytest.fixture
def desk(client: Client, clerk: Person) -> Client:
    client.force_login(clerk)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def rows(*choices: dict[str, Any]) -> dict[str, Any]:
    sent: dict[str, Any] = {"row-TOTAL_FORMS": len(choices), "row-INITIAL_FORMS": 0}
    for number, choice in enumerate(choices):
        sent |= {f"row-{number}-{name}": value for name, value in choice.items()}
    return sent


TWO = ({"title": "两盏", "title_en": "Two"}, {"title": "四盏", "title_en": "Four", "text": "每晚多用两度电"})


@pytest.fixture
def data(county: County) -> dict[str, Any]:
    return {
        "preset": "advisory", "title": "广场装灯", "question": "广场装几盏灯？", "about": "夜里太黑。", "method": "choose",
        "sponsor": county.bureau.pk, "place": county.place.code, "roll_kind": "residents", "level": "1",
        "secrecy": "secret-by-procedure", "grade": "advised", "results_hidden": "on", "may_replace": "on",
        "opens_at": "2026-11-25 08:00", "closes_at": "2026-11-28 18:00", "slug": "lamps", "score_by": "mean",
        "majority": "", "majority_of": "decided",
    } | rows(*TWO)  # fmt: skip


def test_a_kind_is_chosen_first_and_fills_in_what_is_usual(desk: Client) -> None:
    kinds = desk.get(NEW).content.decode()
    assert "Organic Law" in kinds
    page = desk.get(f"{NEW}?preset=villagers").content.decode()
    assert "Organic Law" in page
    assert 'name="quorum" value="50"' in page


def test_a_draft_is_read_through_and_announced_and_the_clock_does_the_rest(desk: Client, data: dict[str, Any]) -> None:
    assert desk.post(NEW, data).status_code == 302
    poll = Poll.objects.get()
    assert [choice.text for choice in poll.choices.all()] == ["", "每晚多用两度电"]
    page = desk.get("/desk/polls/lamps/").content.decode()
    for words in (
        "People living in",
        "a lot from the fingerprint",
        "At most 1 choice",
        "can look up who chose what",
        "夜里太黑",
    ):
        assert words.lower() in page.lower(), words
    seen = domain.fingerprint(poll)
    assert desk.post("/desk/polls/lamps/step/", {"step": "announce", "seen": seen}).status_code == 302
    assert desk.get("/desk/polls/lamps/").status_code == 200
    assert opening.prepare_due(at=poll.opens_at) == 1
    poll.refresh_from_db()
    assert poll.state == "open"
    assert desk.get("/desk/polls/lamps/").status_code == 200
    assert "lamps" in desk.get("/desk/polls/").content.decode()


def test_asking_for_more_rows_keeps_what_was_typed_and_complains_of_nothing(desk: Client, data: dict[str, Any]) -> None:
    page = desk.post(NEW, data | {"more": "1", "title": ""})
    assert page.status_code == 200
    text = page.content.decode()
    assert "data-errors" not in text
    assert "每晚多用两度电" in text
    assert "autofocus" in text
    assert 'name="row-5-title"' in text
    assert not Poll.objects.exists()


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"title": ""}, "id_title"),
    ({"closes_at": "2026-11-25 08:00"}, "id_closes_at"),
    ({"closes_at": "2026-11-25 09:00"}, "id_closes_at"),
    ({"paper_until": "2026-11-27 09:00"}, "id_paper_until"),
    ({"age": "18"}, "id_age"),
    ({"secrecy": "secret-by-blind-token"}, "id_secrecy"),
    ({"method": "equal-shares"}, "id_budget"),
    ({"method": "greedy-minimum", "budget": "100"}, "id_minimum_score"),
    ({"method": "score", "majority": "half"}, "id_majority"),
    ({"method": "stv", "seats": "2"}, "id_seats"),
    ({"method": "yes-no"}, "id_method"),
    ({"roll_kind": "members"}, "id_roll_body"),
    ({"row-0-cost": "5"}, "id_row-0-cost"),
    ({"row-0-title": ""}, "id_row-0-title"),
    ({"row-TOTAL_FORMS": "1"}, "two choices"),
    ({"row-TOTAL_FORMS": "x"}, "data-errors"),
    ({"quorum": "101"}, "id_quorum"),
    ({"slug": "a b"}, "id_slug"),
]


@pytest.mark.parametrize(("change", "where"), WRONG)
def test_each_fault_stands_beside_its_field_and_everything_typed_is_kept(
    change: dict[str, Any], where: str, desk: Client, data: dict[str, Any]
) -> None:
    answer = desk.post(NEW, data | change)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert where in page[page.index("data-errors") :].split("</ul>", 1)[0] or where == "data-errors"
    assert "夜里太黑" in page
    if "row-TOTAL_FORMS" not in change:
        assert "每晚多用两度电" in page
    assert not Poll.objects.exists()


@pytest.mark.parametrize("junk", ["", "a\x00b", "9" * 30, "-1", "<script>", "长" * 20_000])
def test_whatever_is_typed_is_answered_with_a_page(junk: str, desk: Client, data: dict[str, Any]) -> None:
    for sent in (
        dict.fromkeys(data, junk),
        data | dict.fromkeys(("row-TOTAL_FORMS", "row-0-key", "seen", "preset"), junk),
    ):
        for more in ({}, {"more": "1"}):
            page = desk.post(NEW, sent | more)
            assert page.status_code in {200, 422}
            assert "<script>" not in page.content.decode().split("<main", 1)[1]
    assert not Poll.objects.exists()


def test_a_budget_names_the_project_without_its_cost(desk: Client, data: dict[str, Any]) -> None:
    more = {"method": "greedy-skip", "budget": "100", "row-0-cost": "120"}
    page = desk.post(NEW, data | more).content.decode()
    assert "#id_row-0-cost" in page
    assert "#id_row-1-cost" in page
    fit = more | {"row-0-cost": "60", "row-1-cost": "50", "ballot_within_budget": "on"}
    assert desk.post(NEW, data | fit).status_code == 302
    poll = Poll.objects.get()
    assert poll.counting == {"budget": 100, "ballot_within_budget": True}
    assert [choice.cost for choice in poll.choices.all()] == [60, 50]


def test_thresholds_members_and_the_consultation_are_kept(
    desk: Client, data: dict[str, Any], county: County, open_consultation: Opener
) -> None:
    asked = open_consultation()
    more = {
        "quorum": "40", "quorum_count": "3", "majority": "two-thirds", "majority_of": "roll",
        "roll_kind": "members", "roll_body": county.bureau.slug, "consultation": asked.pk,
    }  # fmt: skip
    assert desk.post(NEW, data | more).status_code == 302
    poll = Poll.objects.get()
    assert poll.counting == {
        "quorum": [2, 5], "quorum_count": 3, "majority": [2, 3], "majority_is": "at-least", "majority_of": "roll",
    }  # fmt: skip
    assert poll.roll_rule == {"kind": "members", "body": "bureau", "level": 1}
    assert poll.consultation == asked
    page = desk.get("/desk/polls/lamps/").content.decode()
    assert "40%" in page
    assert "2/3" in page
    shown = desk.get("/desk/polls/lamps/edit/").content.decode()
    assert 'value="two-thirds" selected' in shown


def test_an_age_is_asked_of_a_list_and_reached_by_the_opening_unless_another_day_is_typed(
    desk: Client, data: dict[str, Any]
) -> None:
    listed = data | {"roll_kind": "list", "age": "18"}
    assert desk.post(NEW, listed | {"age": "", "age_on": "2026-12-01"}).status_code == 422
    assert desk.post(NEW, listed).status_code == 302
    poll = Poll.objects.get()
    assert poll.roll_rule == {"kind": "list", "level": 1, "age": {"least": 18, "on": "2026-11-25"}}
    assert "Aged 18 or older on 25 Nov 2026" in desk.get("/desk/polls/lamps/").content.decode()
    moved = listed | {"opens_at": "2026-11-24 08:00", "age_on": "", "seen": domain.fingerprint(poll)}
    assert desk.post("/desk/polls/lamps/edit/", moved).status_code == 302
    assert Poll.objects.get().roll_rule["age"] == {"least": 18, "on": "2026-11-24"}
    typed = moved | {"age_on": "2026-12-01", "seen": domain.fingerprint(Poll.objects.get())}
    assert desk.post("/desk/polls/lamps/edit/", typed).status_code == 302
    assert Poll.objects.get().roll_rule["age"] == {"least": 18, "on": "2026-12-01"}
    assert 'value="2026-12-01"' in desk.get("/desk/polls/lamps/edit/").content.decode()


def test_a_draft_changed_keeps_keys_and_pictures_and_a_colleagues_change_is_not_overwritten(
    desk: Client, data: dict[str, Any], clerk: Person
) -> None:
    desk.post(NEW, data)
    poll = Poll.objects.get()
    seen = domain.fingerprint(poll)
    first = poll.choices.first()
    assert first is not None
    picture = Image.objects.create(title="灯", file=ImageFile(_png(), "p.png"))
    domain.illustrate(poll=poll, actor=clerk, key=first.key, picture=picture, at=AT)
    changed = data | {"row-0-key": first.key, "row-0-title": "两盏路灯", "seen": seen}
    assert desk.post("/desk/polls/lamps/edit/", changed).status_code == 409
    fresh = changed | {"seen": domain.fingerprint(poll)}
    assert desk.post("/desk/polls/lamps/edit/", fresh).status_code == 302
    kept = poll.choices.get(key=first.key)
    assert (kept.title, kept.picture) == ("两盏路灯", picture)


def test_what_was_read_through_is_what_is_announced(desk: Client, data: dict[str, Any]) -> None:
    desk.post(NEW, data)
    seen = domain.fingerprint(Poll.objects.get())
    desk.post("/desk/polls/lamps/edit/", data | {"title": "别的", "seen": seen})
    assert desk.post("/desk/polls/lamps/step/", {"step": "announce", "seen": seen}).status_code == 409
    assert Poll.objects.get().state == "draft"


def test_a_draft_can_be_thrown_away_and_an_announced_poll_cannot(
    desk: Client, data: dict[str, Any], clerk: Person
) -> None:
    desk.post(NEW, data)
    assert desk.post("/desk/polls/lamps/step/", {"step": "drop"}).status_code == 302
    assert not Poll.objects.exists()
    desk.post(NEW, data)
    poll = Poll.objects.get()
    domain.announce(poll=poll, actor=clerk, at=AT)
    assert desk.post("/desk/polls/lamps/step/", {"step": "drop"}).status_code == 409
    with pytest.raises(Refused):
        domain.drop(poll=poll, actor=clerk, at=AT)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Wagtail leaves its temporary file open
def test_pictures_are_redrawn_and_need_words(desk: Client, draft: Drafter) -> None:
    poll = draft(slug="pictured", opens_at=AT + DAY, closes_at=AT + 3 * DAY)
    address = "/desk/polls/pictured/pictures/"
    assert desk.get(address).status_code == 200
    no_picture = desk.post(address, {"key": "park", "park-shows": "公园", "park-file": BytesIO(b"not a picture")})
    assert no_picture.status_code == 422
    assert "公园" in no_picture.content.decode()
    assert desk.post(address, {"key": "park", "park-file": _png()}).status_code == 422
    assert desk.post(address, {"key": "park", "park-file": _png(), "park-shows": "河边的公园"}).status_code == 302
    picture = poll.choices.get(key="park").picture
    assert picture is not None
    assert picture.description == "河边的公园"
    assert "河边的公园" in desk.get("/desk/polls/pictured/").content.decode()
    words = {"key": "park", "park-shows": "河边的新公园", "park-shows_en": "A park by the river"}
    assert desk.post(address, words).status_code == 302
    assert poll.choices.get(key="park").picture == picture
    page = desk.get("/desk/polls/pictured/").content.decode()
    assert 'alt="A park by the river" lang="en"' in page
    assert "河边的新公园" in desk.get(address).content.decode()
    desk.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    assert 'alt="河边的新公园" lang="zh-Hans"' in desk.get("/desk/polls/pictured/").content.decode()
    assert desk.post(address, words | {"park-shows_en": ""}).status_code == 302
    desk.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert 'alt="河边的新公园" lang="zh-Hans"' in desk.get("/desk/polls/pictured/").content.decode()
    assert desk.post(address, {"key": "park", "remove": "1"}).status_code == 302
    assert poll.choices.get(key="park").picture is None


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"closes_at": AT - 2 * DAY}, "closes-before-opening"),
        ({"paper_until": AT}, "paper-before-closing"),
        ({"slug": "new"}, "poll-address-taken"),  # there the desk has the form of a new one
        ({"secrecy": "secret-by-blind-token"}, "level-reserved"),
        ({"secrecy": "open"}, "call-a-meeting"),
        ({"counting": {"majority": [1, 2]}, "method": "score"}, "bad-counting-rules"),
    ],
)
def test_the_domain_refuses_what_could_not_be_held(fields: dict[str, Any], code: str, draft: Drafter) -> None:
    with pytest.raises(Refused) as refused:
        draft(**fields)
    assert refused.value.reason.code == code


def test_the_grade_advised_goes_by_how_many_different_ballots_there_can_be(desk: Client, data: dict[str, Any]) -> None:
    many = rows(*({"title": f"第{number}个"} for number in range(7)))
    assert desk.post(NEW, data | many | {"method": "irv"}).status_code == 302
    poll = Poll.objects.get()
    assert poll.grade == "auditor"
    assert len({choice.key for choice in poll.choices.all()}) == 7
    desk.post("/desk/polls/lamps/edit/", data | many | {"method": "irv", "grade": "public"})
    assert "Advised is" in desk.get("/desk/polls/lamps/").content.decode()


def _png() -> BytesIO:
    out = BytesIO()
    Drawing.new("RGB", (320, 240), "green").save(out, "PNG")
    out.seek(0)
    out.name = "p.png"
    return out
