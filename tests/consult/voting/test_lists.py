"""A roll by an imported list: faults by line, nothing half stored, hashes until the roll is drawn."""

import pytest
from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from civic.audit.models import Entry
from civic.audit.reads import READ
from civic.core.refusals import Refused
from civic.people.models import Person
from consult.voting import domain, listing, roll
from consult.voting.models import BulletinEntry, ListedAddress, Poll, RollEntry
from tests.consult.conftest import AT, County
from tests.consult.voting.conftest import OPENS, Drafter

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(draft: Drafter) -> Poll:
    return draft(roll_rule={"kind": "list", "level": 0})


def confirmed(person: Person, *, phone: str = "") -> Person:
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    if phone:
        person.phone, person.phone_verified = phone, True
        person.save()
    return person


def faults(text: str | bytes) -> list[str]:
    with pytest.raises(listing.BadList) as caught:
        listing.read(text if isinstance(text, bytes) else text.encode())
    with translation.override("en"):
        return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "first line"),
        ("email\n", "no lines"),
        ("name,email\n张,a@b.example\n", "first line"),
        ("email,email\na@b.example,c@d.example\n", "first line"),
        ("phone,email\n,\n13800000001\n,x,y\n", "Line 4"),
        ("email\nnobody\n", "Line 2"),
        ("phone\n123\n", "Line 2"),
        ("phone\n13800000001\n\n138 0000 0001\n", "line 2"),
        ('email\n"a@b.example\n', "CSV"),
        (b"\xff\xfe\x00e\x00m", "UTF-8"),
        ("email\na\u200b@b.example\n", "Line 2"),
    ],
)
def test_every_fault_is_named_with_its_line(text: str | bytes, says: str) -> None:
    assert any(says in fault for fault in faults(text))


def test_all_faults_are_told_at_once_and_no_address_is_repeated() -> None:
    told = faults("email\nnobody\na@b.example\nA@b.example\n@\n")
    assert len(told) == 3
    assert "b.example" not in " ".join(told)


def test_a_table_in_gb18030_with_chinese_headings_is_read() -> None:
    lines = listing.read("手机号,电子邮箱\n１３８ 0000 0001,Li@Example.com\n".encode("gb18030"))
    assert lines == [listing.Line(2, "li@example.com", "+8613800000001")]


def test_a_list_is_kept_as_hashes_and_forgotten_when_the_roll_is_drawn(
    asked: Poll, clerk: Person, county: County
) -> None:
    confirmed(county.resident, phone="+8613800000001")
    text = f"email,phone\n{county.resident.email},13800000001\nstranger@nowhere.example,\n"
    brought = listing.bring(poll=asked, actor=clerk, lines=listing.read(text.encode()), at=AT)
    assert (brought.lines, brought.matched, brought.unmatched) == (2, 1, 1)
    assert ListedAddress.objects.count() == 3
    assert "stranger" not in str(list(ListedAddress.objects.values()))
    domain.announce(poll=asked, actor=clerk, at=OPENS)
    assert domain.draw_roll(poll=asked, actor=clerk, at=OPENS) == 1
    assert RollEntry.objects.get().person == county.resident
    assert not ListedAddress.objects.exists()
    assert asked.rules["roll"]["listed"] == 2


def test_an_address_nobody_confirmed_puts_nobody_on_the_roll(asked: Poll, clerk: Person, county: County) -> None:
    confirmed(county.resident)
    EmailAddress.objects.update(verified=False)  # by telephone they were, by this address never
    lines = [listing.Line(2, email=str(county.resident.email))]
    assert listing.bring(poll=asked, actor=clerk, lines=lines, at=AT).matched == 0
    domain.announce(poll=asked, actor=clerk, at=OPENS)
    with pytest.raises(Refused) as refused:
        domain.draw_roll(poll=asked, actor=clerk, at=OPENS)
    assert refused.value.reason == domain.NOBODY
    assert ListedAddress.objects.exists()


def test_a_line_is_one_person_even_when_its_addresses_are_two_peoples(
    asked: Poll, clerk: Person, county: County
) -> None:
    confirmed(county.resident)
    confirmed(county.neighbour, phone="+8613800000001")
    lines = [listing.Line(2, str(county.resident.email), "+8613800000001")]
    listing.bring(poll=asked, actor=clerk, lines=lines, at=AT)
    assert list(roll.people(asked, at=AT)) == [county.neighbour]


def test_a_poll_without_its_list_is_not_announced(asked: Poll, clerk: Person) -> None:
    with pytest.raises(Refused) as refused:
        domain.announce(poll=asked, actor=clerk, at=OPENS)
    assert refused.value.reason == roll.LIST_FIRST


def test_a_faulty_file_at_the_desk_stores_nothing_and_says_which_lines(
    client: Client, asked: Poll, clerk: Person
) -> None:
    client.force_login(clerk)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    address = f"/desk/polls/{asked.slug}/list/"
    good = SimpleUploadedFile("list.csv", b"email\na@b.example\nc@d.example\n")
    assert client.post(address, {"file": good}).status_code == 302
    bad = SimpleUploadedFile("list.csv", b"email\na@b.example\nnobody\na@b.example\n")
    answer = client.post(address, {"file": bad})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Line 3" in page
    assert "Line 4" in page
    assert ListedAddress.objects.count() == 2
    assert client.post(address, {}).status_code == 422


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (1, "List taken: 1 line. 1 is a person with this address confirmed here; 0 belong to nobody here yet"),
        (2, "List taken: 2 lines. 1 is a person with this address confirmed here; 1 belongs to nobody here yet"),
    ],
)
def test_the_desk_is_told_how_many_of_the_lines_are_people_here(
    client: Client, asked: Poll, clerk: Person, county: County, lines: int, told: str
) -> None:
    client.force_login(clerk)
    text = "\n".join(["email", str(confirmed(county.resident).email), "a@b.example"][: lines + 1])
    file = SimpleUploadedFile("list.csv", text.encode())
    answer = client.post(
        f"/desk/polls/{asked.slug}/list/", {"file": file}, headers={"accept-language": "en"}, follow=True
    )
    assert told in answer.content.decode()


def test_somebody_is_added_by_address_with_a_public_reason_and_sees_the_look(
    client: Client, open_poll: Drafter, clerk: Person, county: County
) -> None:
    poll = open_poll()
    person = confirmed(county.stranger)
    client.force_login(clerk)
    address = f"/desk/polls/{poll.slug}/add/"
    assert client.post(address, {"login": "no@one.example", "note": "搬来"}).status_code == 422
    assert client.post(address, {"login": person.email, "note": ""}).status_code == 422
    assert client.post(address, {"login": person.email, "note": "名册抽取前已登记"}).status_code == 302
    assert RollEntry.objects.get(poll=poll, added_later=True).person == person
    entry = BulletinEntry.objects.get(poll=poll, kind="added-to-roll")
    assert entry.content == {"added": 1, "reason": "名册抽取前已登记"}
    assert Entry.objects.about(person).filter(type=READ).exists()
    assert client.post(address, {"login": person.email, "note": "再加"}).status_code == 422
