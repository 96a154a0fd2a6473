"""Meetings as people meet them: the notice, the clerk's one page, the witnesses, the minutes on the board."""

import gc
import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from civic.audit.models import Entry
from civic.core import clock
from civic.core.clock import Window
from civic.people.models import Person
from consult.voting import counting, meetings, objecting
from consult.voting.models import Meeting, Poll
from orgs.bodies.models import Organisation
from orgs.grants.domain import Holder, Scope, found
from tests.consult.conftest import AT, DAY, County, person

pytestmark = pytest.mark.django_db
ENTRY = {
    "version": "0", "present": "80", "hands-yes": "60", "hands-no": "15", "hands-abstain": "5", "points": "灯要省电",
    "follow_up": "装四盏灯", "executor": "村委会", "due": "2027-01-31", "first_witness": "resident@test.example",
    "second_witness": "neighbour@test.example",
}  # fmt: skip


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def at_desk(client: Client, clerk: Person) -> Client:
    client.force_login(clerk)
    return client


def of(person: Person) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def notice(county: County, **fields: Any) -> dict[str, Any]:
    return {
        "preset": "villagers-meeting", "title": "广场装灯", "question": "广场装不装路灯？", "method": "yes-no",
        "begins_at": "2026-12-01 19:00", "venue": "村部二楼", "entitled": "150", "sponsor": county.bureau.pk,
        "place": county.here.pk,
    } | fields  # fmt: skip


def test_a_clerk_calls_a_meeting_on_one_page(at_desk: Client, county: County) -> None:
    assert at_desk.get("/desk/meetings/new/").status_code == 200
    wrong = at_desk.post("/desk/meetings/new/", notice(county, entitled="0"))
    assert wrong.status_code == 422
    assert "村部二楼" in wrong.content.decode()
    made = at_desk.post("/desk/meetings/new/", notice(county, households="60"))
    poll = Poll.objects.get()
    assert made["Location"] == f"/desk/meetings/{poll.slug}/"
    assert at_desk.post(f"/desk/meetings/{poll.slug}/edit/", notice(county, slug=poll.slug)).status_code == 302
    assert at_desk.post(f"/desk/meetings/{poll.slug}/step/", {"step": "call"}).status_code == 302
    poll.refresh_from_db()
    assert (poll.state, poll.roll_size) == ("open", 150)
    assert poll.slug in Client().get("/polls/?show=soon").content.decode()


def test_a_drafted_notice_can_be_thrown_away_and_one_that_is_out_cannot(at_desk: Client, county: County) -> None:
    fields = notice(county, slug="lamps")
    step, drop = "/desk/meetings/lamps/step/", {"step": "drop"}
    at_desk.post("/desk/meetings/new/", fields)
    page = at_desk.get("/desk/meetings/lamps/").content.decode()
    seen = re.findall(r'value="drop"><input type="hidden" name="seen" value="([0-9a-f]{16})"', page)
    assert at_desk.post(step, drop | {"seen": "0" * 16}).status_code == 409
    assert at_desk.post(step, drop | {"seen": seen[0]})["Location"] == "/desk/polls/"
    assert not Poll.objects.exists()
    at_desk.post("/desk/meetings/new/", fields)
    at_desk.post(step, {"step": "call"})
    assert at_desk.post(step, drop).status_code == 409
    assert 'value="drop"' not in at_desk.get("/desk/meetings/lamps/").content.decode()


def test_a_meeting_is_not_called_where_one_has_no_power(client: Client, county: County) -> None:
    villager = person("villager", county.here, level=3)
    committee = Organisation.objects.create(slug="village", kind="community", name="村委会", place=county.here)
    found(
        holder=Holder(person=villager), action="consult:poll:manage", scope=Scope(place=county.here),
        window=Window(AT - DAY, AT + 365 * DAY), reason="test", at=AT - DAY,
    )  # fmt: skip
    client.force_login(villager)
    assert client.get("/desk/meetings/new/").status_code == 200
    fields = notice(county, sponsor=committee.pk)
    assert client.post("/desk/meetings/new/", fields | {"place": county.elsewhere.pk}).status_code == 422
    assert not Poll.objects.exists()
    assert client.post("/desk/meetings/new/", fields).status_code == 302


def test_a_colleagues_change_of_a_notice_is_neither_overwritten_nor_sent_unread(
    at_desk: Client, county: County
) -> None:
    fields = notice(county, slug="lamps")
    at_desk.post("/desk/meetings/new/", fields)
    seen = [
        re.search(r'name="seen" value="([0-9a-f]{16})"', at_desk.get(page).content.decode())[1]  # type: ignore[index]
        for page in ("/desk/meetings/lamps/edit/", "/desk/meetings/lamps/")
    ]
    moved = fields | {"venue": "村小学操场", "seen": seen[0]}
    assert at_desk.post("/desk/meetings/lamps/edit/", moved).status_code == 302
    assert at_desk.post("/desk/meetings/lamps/edit/", fields | {"seen": seen[0]}).status_code == 409
    assert at_desk.post("/desk/meetings/lamps/step/", {"step": "call", "seen": seen[1]}).status_code == 409
    assert Meeting.objects.get().venue == "村小学操场"
    assert Poll.objects.get().state == "draft"


def test_too_little_notice_is_said_at_the_desk(at_desk: Client, county: County) -> None:
    at_desk.post("/desk/meetings/new/", notice(county, begins_at="2026-11-28 19:00", slug="soon"))
    answer = at_desk.post("/desk/meetings/soon/step/", {"step": "call"})
    assert answer.status_code == 422
    assert "10" in answer.content.decode()
    assert Poll.objects.get().state == "draft"


def test_several_choices_are_typed_one_a_line(at_desk: Client, county: County) -> None:
    fields = notice(county, method="choose", choices="两盏|Two\n四盏|Four", slug="lamps")
    assert at_desk.post("/desk/meetings/new/", fields).status_code == 302
    assert list(Poll.objects.get().choices.values_list("title", flat=True)) == ["两盏", "四盏"]
    assert at_desk.post("/desk/meetings/new/", fields | {"choices": "两盏"}).status_code == 422


def test_the_notice_offers_no_ballot_and_says_why(client: Client, called, county: County) -> None:
    poll = called()
    for browser in (client, of(county.resident)):
        page = browser.get(poll.get_absolute_url()).content.decode()
        assert 'class="stack ballot"' not in page
        assert "村部二楼" in page
    tried = of(county.resident).post(f"{poll.get_absolute_url()}check/", {"choice": "yes", "cast": "1"})
    assert tried.status_code == 403
    assert client.get(f"{poll.get_absolute_url()}minutes/").status_code == 404
    assert client.get(f"{poll.get_absolute_url()}bundle.zip").status_code == 404


def test_the_whole_entry_is_one_page_that_keeps_what_was_typed(at_desk: Client, called) -> None:
    poll = called()
    page = f"/desk/meetings/{poll.slug}/"
    assert at_desk.get(page).status_code == 200
    wrong = at_desk.post(page, ENTRY | {"hands-yes": "70", "second_witness": "nobody@test.example"})
    assert wrong.status_code == 422
    for typed in ("装四盏灯", "灯要省电", "nobody@test.example", 'value="70"'):
        assert typed in wrong.content.decode()
    assert at_desk.post(page, ENTRY).status_code == 302
    assert at_desk.post(page, ENTRY).status_code == 409
    again = ENTRY | {"version": "1", "first_witness": "", "second_witness": "", "present": "81"}
    assert at_desk.post(page, again).status_code == 302
    meeting = Meeting.objects.get()
    assert (meeting.version, meeting.present, meeting.second_witness.display_name) == (2, 81, "neighbour")


def test_a_witness_is_found_however_the_number_is_typed_and_sees_the_look(
    at_desk: Client, called, county: County
) -> None:
    poll = called()
    county.neighbour.phone, county.neighbour.phone_verified = "+8613800000002", True
    county.neighbour.save()
    typed = ENTRY | {"second_witness": "138 0000 0002"}
    assert at_desk.post(f"/desk/meetings/{poll.slug}/", typed | {"present": ""}).status_code == 422
    look = Entry.objects.about(county.neighbour).get(facts__purpose="meeting-witness")
    assert look.facts["about_id"] == str(poll.pk)
    assert at_desk.post(f"/desk/meetings/{poll.slug}/", typed).status_code == 302
    assert Meeting.objects.get().second_witness == county.neighbour


def test_numbers_beyond_all_counting_are_answered(at_desk: Client, called, county: County) -> None:
    for year in ("9999", "0001"):
        begins = f"{year}-12-31T23:30"
        assert at_desk.post("/desk/meetings/new/", notice(county, begins_at=begins)).status_code == 422
    poll = called()
    at_desk.post(f"/desk/meetings/{poll.slug}/", ENTRY)
    page = f"{poll.get_absolute_url()}witness/"
    for version in ("9" * 5000, "٣", "²"):
        assert of(county.resident).post(page, {"version": version}).status_code == 409


def test_two_witnesses_confirm_and_the_minutes_are_out(at_desk: Client, called, county: County) -> None:
    poll = called()
    at_desk.post(f"/desk/meetings/{poll.slug}/", ENTRY)
    assert at_desk.post(f"/desk/meetings/{poll.slug}/step/", {"step": "publish"}).status_code == 422
    page = f"{poll.get_absolute_url()}witness/"
    for witness in (county.resident, county.neighbour):
        assert of(witness).get(page).status_code == 200
        assert of(witness).post(page, {"version": "7"}).status_code == 409
        assert of(witness).post(page, {"version": "1"}).status_code == 302
        assert of(witness).get(page).status_code == 200
    assert at_desk.post(f"/desk/meetings/{poll.slug}/step/", {"step": "publish"}).status_code == 302
    shown = Client().get(f"{poll.get_absolute_url()}result/", follow=True).content.decode()
    for words in ("装四盏灯", "村委会", "resident", "neighbour", "official", "60", "150"):
        assert words in shown
    assert of(county.resident).get(page)["Location"] == f"{poll.get_absolute_url()}minutes/"


def test_only_witnesses_read_what_waits_for_them(client: Client, called, write_down, county: County) -> None:
    poll = called()
    write_down(poll)
    page = f"{poll.get_absolute_url()}witness/"
    assert client.get(page).status_code == 302
    assert of(county.stranger).get(page).status_code == 403


def test_below_the_quorum_the_minutes_say_advisory_only(client: Client, decided) -> None:
    poll = decided(present=60, hands={"yes": 55, "no": 3, "abstain": 2})
    page = client.get(f"{poll.get_absolute_url()}minutes/", headers={"accept-language": "en"}).content.decode()
    assert "Not valid as a decision, advisory only" in page
    assert "60 of 150 entitled came" in page


def picture(size: tuple[int, int] = (40, 60)) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, "JPEG", exif=b"Exif\x00\x00GPS-secret-place")
    return SimpleUploadedFile("sheet.jpg", out.getvalue(), content_type="image/jpeg")


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_the_tally_sheet_is_redrawn_and_shown(at_desk: Client, called, clerk: Person, witnesses) -> None:
    poll = called()
    page = f"/desk/meetings/{poll.slug}/"
    assert at_desk.post(page, ENTRY | {"photo": picture()}).status_code == 302
    first = Meeting.objects.get().photo
    assert len(first.file.name) > 40  # before the minutes are published nobody guesses its address
    with first.open_file() as kept:
        assert b"secret" not in kept.read()
    assert at_desk.post(page, ENTRY | {"version": "1", "photo": picture((50, 50))}).status_code == 302
    meeting = Meeting.objects.get()
    assert meeting.photo_id != first.pk
    for witness in witnesses:
        meetings.confirm(poll=poll, witness=witness, version=2, at=AT)
    meetings.publish(poll=poll, actor=clerk, at=AT)
    assert poll.result["meeting"]["photo"] == meeting.photo_hash
    assert 'class="tally-photo"' in Client().get(f"{poll.get_absolute_url()}minutes/").content.decode()
    gc.collect()  # the CMS leaves the spools of its drawings to it


def test_what_is_no_picture_is_not_taken(at_desk: Client, called) -> None:
    poll = called()
    fake = SimpleUploadedFile("sheet.jpg", b"<script>alert(1)</script>", content_type="image/jpeg")
    answer = at_desk.post(f"/desk/meetings/{poll.slug}/", ENTRY | {"photo": fake})
    assert answer.status_code == 422
    assert "灯要省电" in answer.content.decode()
    assert Meeting.objects.get().version == 0


def test_the_desk_of_ordinary_polls_leads_to_the_page_of_the_meeting(at_desk: Client, called) -> None:
    poll = called()
    assert at_desk.get(f"/desk/polls/{poll.slug}/")["Location"] == f"/desk/meetings/{poll.slug}/"
    assert at_desk.get("/desk/polls/").status_code == 200
    assert at_desk.post(f"/desk/polls/{poll.slug}/step/", {"step": "draw"}).status_code == 409


def test_the_auditors_desk_reads_a_meeting(client: Client, decided, auditor: Person) -> None:
    poll = decided()
    client.force_login(auditor)
    assert client.get(f"/desk/audit/polls/{poll.slug}/").status_code == 200
    assert client.post(f"/desk/audit/polls/{poll.slug}/recount/").status_code == 302
    assert client.get(f"{poll.get_absolute_url()}bulletin/").status_code == 200


def test_a_meeting_is_withdrawn_at_its_desk(at_desk: Client, called) -> None:
    poll = called()
    unsaid = at_desk.post(f"/desk/polls/{poll.slug}/step/", {"step": "withdraw", "note": ""})
    assert unsaid.status_code == 422
    assert "村部二楼" in unsaid.content.decode()
    assert at_desk.post(f"/desk/polls/{poll.slug}/step/", {"step": "withdraw", "note": "下大雨"}).status_code == 302
    assert "下大雨" in Client().get(poll.get_absolute_url()).content.decode()


def test_lists_say_that_hands_decide(client: Client, called, monkeypatch: pytest.MonkeyPatch) -> None:
    poll = called()
    assert poll.slug not in client.get("/polls/").content.decode()
    assert poll.slug in client.get("/polls/?show=done").content.decode()
    monkeypatch.setattr(clock, "now", lambda: AT - DAY)
    assert poll.slug in client.get("/polls/?show=soon").content.decode()


def test_a_meeting_has_no_paper_ballots(at_desk: Client, called) -> None:
    poll = called()
    assert poll.slug not in at_desk.get("/desk/paper/").content.decode()
    assert at_desk.get(f"/desk/polls/{poll.slug}/paper/").status_code == 404
    assert at_desk.get(f"/desk/polls/{poll.slug}/paper/key/").status_code == 404


def test_the_pages_of_meetings_belong_to_the_desk_of_polls(at_desk: Client, called) -> None:
    page = at_desk.get(f"/desk/meetings/{called().slug}/").content.decode()
    assert 'href="/desk/polls/" aria-current="page"' in page


def test_minutes_tell_objections_in_their_words_and_the_faults_an_auditor_found(
    decided: Any, county: County, auditor: Person
) -> None:
    poll = decided()
    address, reader = f"{poll.get_absolute_url()}minutes/", Client(headers={"accept-language": "en"})
    page = reader.get(address).content.decode()
    assert "Nobody has objected." in page
    assert "No auditor has signed yet." in page
    assert f'href="{poll.get_absolute_url()}object/"' in page
    objecting.object_to(poll=poll, person=county.resident, text="门口没有登记", at=AT)
    counting.certify(poll=poll, actor=auditor, note="看了计票单", faults=("照片看不清",), at=AT)
    page = reader.get(address).content.decode()
    assert "门口没有登记" in page
    assert "Faults found" in page
    assert "照片看不清" in page


@pytest.mark.parametrize("name", ["title", "question", "venue"])
def test_a_notice_that_would_read_otherwise_than_it_says_is_not_kept(
    at_desk: Client, county: County, name: str
) -> None:
    answer = at_desk.post("/desk/meetings/new/", notice(county, **{name: "广场\u202e灯装"}))
    assert (answer.status_code, Poll.objects.exists()) == (422, False)
    assert "U+202E" in answer.content.decode()
