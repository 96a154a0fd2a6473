"""An age limit: asked of lists only, judged while the list is read, told everywhere, and no date of birth kept."""

import logging
from datetime import date
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from civic.core.refusals import Refused, Unfit
from civic.people.models import Person
from consult.voting import ages, domain, listing, roll
from consult.voting.desk_forms import values_of
from consult.voting.models import ListedAddress, Poll, RollEntry
from tests.consult.conftest import AT, County
from tests.consult.voting.conftest import CHOICES, OPENS, Drafter, finish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("running")]

LIMIT = ages.Limit(18, date(2026, 12, 1))
JUDGE = ages.Judge(LIMIT, date(2026, 11, 22))
RULE = {"kind": "list", "level": 0, "age": {"least": 18, "on": "2026-12-01"}}


@pytest.fixture
def asked(draft: Drafter) -> Poll:
    return draft(roll_rule=RULE)


@pytest.fixture
def desk(client: Client, clerk: Person) -> Client:
    client.force_login(clerk)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def faults(text: str, judge: ages.Judge | None = JUDGE) -> list[str]:
    with pytest.raises(listing.BadList) as caught:
        listing.read(text.encode(), judge=judge)
    with translation.override("en"):
        return [str(fault) for fault in caught.value.faults]


def young(*born: str) -> list[bool]:
    text = "phone,born\n" + "".join(f"1380000{n:04},{day}\n" for n, day in enumerate(born))
    return [line.too_young for line in listing.read(text.encode(), judge=JUDGE)]


@pytest.mark.parametrize(
    ("born", "years", "day"),
    [
        (date(2008, 12, 1), 18, date(2026, 12, 1)),
        (date(2008, 2, 29), 18, date(2026, 2, 28)),
        (date(2008, 2, 29), 20, date(2028, 2, 29)),
        (date(2007, 2, 28), 21, date(2028, 2, 28)),
    ],
)
def test_a_year_of_age_is_full_on_the_birthday_or_the_last_day_of_a_month_without_it(
    born: date, years: int, day: date
) -> None:
    assert ages.completes(born, years) == day


def test_whoever_has_their_birthday_on_the_day_is_old_enough_and_a_day_later_is_not() -> None:
    assert young("2008-12-01", "2008-12-02") == [False, True]


@pytest.mark.parametrize(
    "day", ["2008-12-02", "2008/12/2", "2008.12.2", "20081202", "2008年12月2日", "２００８年１２月２日", " 2008-12-2 "]
)
def test_a_day_is_read_as_offices_write_it(day: str) -> None:
    assert young(day) == [True]


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("", "cannot be read"),
        ("1990", "cannot be read"),
        ("1990-02-30", "cannot be read"),
        ("1990-1/2", "cannot be read"),
        ("02.01.1990", "cannot be read"),
        ("2026-11-23", "still to come"),
        ("1906-11-21", "120 years ago"),
    ],
)
def test_a_line_without_a_day_somebody_alive_was_born_on_is_named_and_the_day_is_not(day: str, says: str) -> None:
    [told] = faults(f"phone,born\n13800000001,{day}\n")
    assert "Line 2" in told
    assert says in told
    assert not day or day not in told


def test_somebody_born_today_or_120_years_ago_is_no_fault() -> None:
    assert young("2026-11-22", "1906-11-22") == [True, False]


@pytest.mark.parametrize("heading", ["born", "Date of birth", "birthday", "出生日期", "出生年月日", "生日"])
def test_the_column_is_called_as_offices_call_it(heading: str) -> None:
    [line] = listing.read(f"手机,{heading}\n13800000001,1990-01-02\n".encode("gb18030"), judge=JUDGE)
    assert line == listing.Line(2, "", "+8613800000001")


def test_the_column_is_asked_for_with_an_age_limit_and_refused_without_one() -> None:
    assert "needs a column “born”" in faults("phone\n13800000001\n")[0]
    assert "take the column" in faults("phone,born\n13800000001,1990-01-02\n", judge=None)[0]
    assert "and “born”" in faults("phone,name\n13800000001,x\n")[0]


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "members", "body": "bureau", "age": RULE["age"]},
        {"kind": "meeting", "entitled": 5, "age": RULE["age"]},
        {"kind": "list", "age": 18},
        {"kind": "list", "age": {"least": 0, "on": "2026-12-01"}},
        {"kind": "list", "age": {"least": "18", "on": "2026-12-01"}},
        {"kind": "list", "age": {"least": 18, "on": "soon"}},
        {"kind": "list", "age": {"least": 18}},
    ],
)
def test_only_a_list_has_an_age_limit_and_it_is_a_number_and_a_day(county: County, rule: dict[str, Any]) -> None:
    with pytest.raises(Unfit) as unfit:
        roll.check(rule)
    assert unfit.value.reason in {roll.SITE_KNOWS_NO_AGE, ages.BAD_AGE}


def test_who_is_too_young_is_left_out_and_the_rule_is_frozen_with_the_limit(
    asked: Poll, clerk: Person, county: County
) -> None:
    for person in (county.resident, county.neighbour):
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    text = f"email,born\n{county.resident.email},1990-01-02\n{county.neighbour.email},2010-01-02\n"
    lines = listing.read(text.encode(), judge=JUDGE)
    brought = listing.bring(poll=asked, actor=clerk, lines=lines, at=AT, age=LIMIT)
    assert (brought.lines, brought.too_young) == (1, (3,))
    domain.announce(poll=asked, actor=clerk, at=OPENS)
    domain.draw_roll(poll=asked, actor=clerk, at=OPENS)
    assert RollEntry.objects.get().person == county.resident
    assert asked.rules["roll"]["age"] == {"least": 18, "on": "2026-12-01"}


def test_a_list_of_people_all_too_young_is_refused_and_changes_nothing(asked: Poll, clerk: Person) -> None:
    listing.bring(poll=asked, actor=clerk, lines=[listing.Line(2, "a@b.example")], at=AT, age=LIMIT)
    with pytest.raises(Unfit) as unfit:
        listing.bring(poll=asked, actor=clerk, lines=[listing.Line(2, "c@d.example", too_young=True)], at=AT, age=LIMIT)
    assert unfit.value.reason == listing.ALL_TOO_YOUNG
    assert ListedAddress.objects.count() == 1


@pytest.mark.parametrize("other", [None, {"least": 16, "on": "2026-12-01"}, {"least": 18, "on": "2026-12-02"}])
def test_a_list_judged_by_another_age_is_brought_in_anew_before_anything_goes_on(
    asked: Poll, clerk: Person, other: dict[str, Any] | None
) -> None:
    listing.bring(poll=asked, actor=clerk, lines=[listing.Line(2, "a@b.example")], at=AT, age=LIMIT)
    assert domain.why_not_ready(asked, at=OPENS) is None
    rule = {name: value for name, value in asked.roll_rule.items() if name != "age"}
    changed = rule | ({"age": other} if other else {})
    domain.change_poll(poll=asked, actor=clerk, at=AT, choices=CHOICES, roll_rule=changed)
    assert domain.why_not_ready(asked, at=OPENS) == roll.LIST_ANEW
    with pytest.raises(Refused) as refused:
        listing.bring(poll=asked, actor=clerk, lines=[listing.Line(2, "a@b.example")], at=AT, age=LIMIT)
    assert refused.value.reason == roll.LIST_ANEW


def test_a_list_brought_in_before_there_was_a_limit_does_not_stand(draft: Drafter, clerk: Person) -> None:
    poll = draft(roll_rule={"kind": "list", "level": 0})
    listing.bring(poll=poll, actor=clerk, lines=[listing.Line(2, "a@b.example")], at=AT)
    limited = poll.roll_rule | {"age": LIMIT.to_json()}
    domain.change_poll(poll=poll, actor=clerk, at=AT, choices=CHOICES, roll_rule=limited)
    assert domain.why_not_ready(poll, at=OPENS) == roll.LIST_ANEW


def test_the_desk_is_told_how_many_were_left_out_and_which_lines(desk: Client, asked: Poll) -> None:
    address = f"/desk/polls/{asked.slug}/list/"
    page = desk.get(address).content.decode()
    assert "Aged 18 or older on 1 Dec 2026, by the list of the office." in page
    assert "phone,email,born" in page
    rows = ("1990-01-02", "2010-01-02", "2011-01-02", "1991-01-02", "2012-01-02")
    text = "phone,born\n" + "".join(f"1380000000{n},{born}\n" for n, born in enumerate(rows))
    answer = desk.post(address, {"file": SimpleUploadedFile("list.csv", text.encode())}, follow=True)
    told = answer.content.decode()
    assert "3 lines were left out" in told
    assert "Lines: 3–4, 6" in told
    assert ListedAddress.objects.count() == 2


def test_no_date_of_birth_is_in_the_database_in_a_log_or_on_a_page(
    desk: Client, asked: Poll, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    address = f"/desk/polls/{asked.slug}/list/"
    good = "phone,born\n13800000001,1987-06-05\n13800000002,2013/7/9\n"
    bad = good + "13800000003,1887-06-05\n13800000004,1987-06-5x\n"
    pages = [
        desk.post(address, {"file": SimpleUploadedFile("list.csv", text.encode())}, follow=True).content.decode()
        for text in (bad, good)
    ]
    assert ListedAddress.objects.count() == 1
    kept = "".join(
        str(list(model._default_manager.values()))
        for model in apps.get_models()
        if model._meta.managed and model._meta.app_label not in {"contenttypes", "auth"}
    )
    assert asked.slug in kept
    for planted in ("1987-06", "19870605", "1987, 6", "1887-06", "2013/7", "2013-07", "2013, 7"):
        for where in (kept, caplog.text, *pages):
            assert planted not in where


def test_voters_read_the_limit_before_they_choose_and_under_the_result(
    client: Client, asked: Poll, clerk: Person, county: County
) -> None:
    EmailAddress.objects.create(user=county.resident, email=county.resident.email, verified=True, primary=True)
    lines = [listing.Line(2, str(county.resident.email))]
    listing.bring(poll=asked, actor=clerk, lines=lines, at=OPENS, age=LIMIT)
    for step in (domain.announce, domain.draw_roll, domain.open_poll):
        step(poll=asked, actor=clerk, at=OPENS)
    english, chinese = (
        "Aged 18 or older on 1 Dec 2026, by the list of the office.",
        "到2026年12月1日年满18周岁，以有关单位提供的名单为准。",
    )
    address = asked.get_absolute_url()
    assert client.get(address, headers={"accept-language": "en"}).content.decode().count(english) == 2
    assert client.get(address, headers={"accept-language": "zh-hans"}).content.decode().count(chinese) == 2
    client.force_login(clerk)
    added = client.get(f"/desk/polls/{asked.slug}/add/", headers={"accept-language": "en"}).content.decode()
    assert "yours to check" in added
    client.logout()
    finish(asked)
    result = client.get(f"{address}result/", headers={"accept-language": "en"}).content.decode()
    assert f"Who could vote: {english}" in result


def test_an_empty_day_is_the_day_voting_opens_and_stays_so(draft: Drafter) -> None:
    poll = draft(roll_rule=RULE | {"age": {"least": 18, "on": OPENS.date().isoformat()}})
    assert (values_of(poll)["age"], values_of(poll)["age_on"]) == (18, None)
    other = draft(slug="other", roll_rule=RULE)
    assert (values_of(other)["age"], values_of(other)["age_on"]) == (18, date(2026, 12, 1))
