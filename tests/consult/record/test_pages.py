"""The history of an object, who looked at my data, and the auditor's desk."""

import csv
import hashlib
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils.translation import override

from civic.audit.forgetting import forget
from civic.audit.models import Entry
from civic.audit.reads import READ, note_read
from civic.audit.record import record
from civic.core.clock import Window
from civic.people.actions import FACTOR_ADDED
from civic.people.models import Level, Person
from consult.consultations.models import Consultation
from consult.moderation.actions import DECIDED
from consult.record.queries import PAGE_SIZE, Key, _when
from orgs.grants.actions import ELEVATED
from orgs.grants.domain import Holder, Scope, found
from orgs.grants.models import Grant
from tests.consult.conftest import County, person, say
from tests.factories.bodies import a_grant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]

Browser = Callable[..., Client]


def text(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(body.decode())


# --- history -----------------------------------------------------------------------------------------------------


def test_a_consultation_shows_its_public_history(consultation: Consultation, open_as: Browser, sealed: Any) -> None:
    sealed()
    page = text(open_as().get(f"/history/consultation/{consultation.pk}/"))
    assert "announced “Bus lines” and froze its rules." in page
    assert "交通局" in page
    assert "seal 1" in page
    assert "drafted" not in page  # not public
    assert "official" not in page  # offices act, not people


def test_what_is_not_sealed_yet_says_so(consultation: Consultation, open_as: Browser) -> None:
    assert "sealed in a moment" in text(open_as().get(f"/history/consultation/{consultation.pk}/"))


def test_a_contribution_s_history_names_no_resident(
    consultation: Consultation, county: County, open_as: Browser, sealed: Any
) -> None:
    said = say(consultation, county.resident)
    sealed()
    page = text(open_as().get(f"/history/contribution/{said.pk}/"))
    assert "A resident said something." in page


def test_the_history_of_a_power_is_public(county: County, open_as: Browser) -> None:
    grant = Grant.objects.earliest("pk")
    assert open_as().get(f"/history/grant/{grant.pk}/").status_code == 200


def test_the_end_of_a_power_is_told_in_the_county_s_time(county: County, open_as: Browser) -> None:
    ends_at = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    window = Window(ends_at - timedelta(days=40), ends_at)
    holder = Holder(person=county.official)
    grant = found(
        holder=holder,
        action="consult:consultation:manage",
        scope=Scope(),
        window=window,
        reason="年度",
        at=window.opens_at,
    )

    assert "1 Jan 2027, 00:00" in text(open_as().get(f"/history/grant/{grant.pk}/"))


def test_a_sentence_says_codes_in_the_reader_s_words(county: County) -> None:
    took = Entry(type=ELEVATED, facts={"action": "consult:moderation:judge"})
    decided = Entry(type=DECIDED, facts={"result": "restored"})

    with override("en"):
        assert "“hold, hide and show contributions by the house rules”" in took.sentence(bare=True)
        assert "(the words are shown again)" in decided.sentence(bare=True)


def test_a_code_of_an_older_release_is_said_as_it_is(county: County) -> None:
    decided = Entry(type=DECIDED, facts={"result": "drawn"})
    with override("en"):
        assert "(drawn)" in decided.sentence(bare=True)


def test_an_older_entry_that_holds_a_day_alone_still_reads() -> None:
    with override("en"):
        assert _when("2026-11-30") == "30 Nov 2026"
        assert _when("soon") == "soon"


def test_there_is_no_history_of_what_one_may_not_see(
    consultation: Consultation, county: County, open_as: Browser
) -> None:
    Consultation.objects.filter(pk=consultation.pk).update(state="draft")
    assert open_as(county.stranger).get(f"/history/consultation/{consultation.pk}/").status_code == 404
    assert open_as(county.official).get(f"/history/consultation/{consultation.pk}/").status_code == 200
    for path in ("consultation/99999", "nonsense/1", "answer/1", "policy/99999", f"grant/{10**25}"):
        assert open_as().get(f"/history/{path}/").status_code == 404


# --- who looked at my data ---------------------------------------------------------------------------------------


def test_a_person_sees_which_office_looked_and_why(
    county: County, clerk: Person, at: datetime, open_as: Browser, sealed: Any
) -> None:
    note_read(reader=clerk, person=county.resident, purpose="verify-residence", at=at)
    sealed()
    page = text(open_as(county.resident).get("/me/seen/"))
    assert "交通局" in page
    assert "handles matters" in page
    assert "verifying where you live" in page
    assert "seal 1" in page
    assert "clerk" not in page
    assert "Nobody has looked" in text(open_as(county.neighbour).get("/me/seen/"))


def test_the_same_look_within_an_hour_is_one_entry(
    county: County, clerk: Person, consultation: Consultation, at: datetime
) -> None:
    look = {"reader": clerk, "person": county.resident, "purpose": "verify-residence"}
    assert note_read(**look, at=at) is not None
    assert note_read(**look, at=at + timedelta(minutes=59)) is None
    assert note_read(**look, subject=consultation, at=at + timedelta(minutes=59)) is not None
    assert note_read(**(look | {"purpose": "audit"}), at=at) is not None
    assert note_read(**(look | {"reader": county.official}), at=at) is not None
    assert note_read(**look, at=at + timedelta(minutes=61)) is not None
    assert Entry.objects.filter(type=READ).count() == 5


def test_looking_at_oneself_leaves_nothing(county: County, at: datetime) -> None:
    assert note_read(reader=county.resident, person=county.resident, purpose="audit", at=at) is None


def test_an_undeclared_purpose_is_an_error(county: County, clerk: Person, at: datetime) -> None:
    with pytest.raises(LookupError, match="declare it first"):
        note_read(reader=clerk, person=county.resident, purpose="curiosity", at=at)


def test_the_look_stays_when_its_reader_is_forgotten(
    county: County, clerk: Person, at: datetime, open_as: Browser
) -> None:
    note_read(reader=clerk, person=county.resident, purpose="verify-residence", at=at)
    forget(person_id=clerk.pk, at=at)
    page = text(open_as(county.resident).get("/me/seen/"))
    assert "交通局" in page
    assert "verifying where you live" in page


# --- verifying ---------------------------------------------------------------------------------------------------


def test_a_clerk_finds_and_verifies_a_person_who_sees_it(
    county: County, clerk: Person, open_as: Browser, sealed: Any
) -> None:
    browser = open_as(clerk)
    found = browser.post("/desk/people/", {"login": "resident@test.example"})
    assert found.status_code == 302
    assert "resident%40" not in found["Location"]
    page = text(browser.get(found["Location"]))
    assert "resident@test.example" in page

    done = browser.post(found["Location"], {"place": county.here.code, "method": "document"})

    assert done.status_code == 302
    county.resident.refresh_from_db()
    assert county.resident.level == Level.RESIDENT
    sealed()
    assert text(open_as(county.resident).get("/me/seen/")).count("verifying where you live") == 1


def test_finding_an_account_is_a_look_even_when_it_is_not_opened(
    county: County, clerk: Person, open_as: Browser
) -> None:
    open_as(clerk).post("/desk/people/", {"login": "resident@test.example"})

    assert Entry.objects.filter(type=READ, actor=clerk, subject_id=str(county.resident.pk)).count() == 1


def test_nobody_looks_up_one_address_after_another(county: County, clerk: Person, open_as: Browser) -> None:
    browser = open_as(clerk)
    answers = [browser.post("/desk/people/", {"login": f"nobody{n}@test.example"}).status_code for n in range(11)]

    assert answers == [422] * 10 + [429]


def test_an_account_opens_only_for_the_clerk_who_found_it(county: County, clerk: Person, open_as: Browser) -> None:
    address = open_as(clerk).post("/desk/people/", {"login": "resident@test.example"})["Location"]
    colleague = person("colleague", county.here, level=3)
    a_grant("civic:person:verify", to=colleague, place=county.here, at=clerk.joined_at)
    assert open_as(colleague).get(address).status_code == 404
    assert open_as(clerk).get(address.split("?")[0]).status_code == 404
    assert open_as(clerk).get(address + "x").status_code == 404


def test_a_clerk_verifies_nobody_elsewhere(county: County, clerk: Person, open_as: Browser) -> None:
    browser = open_as(clerk)
    address = browser.post("/desk/people/", {"login": "resident@test.example"})["Location"]
    assert browser.post(address, {"place": county.elsewhere.code, "method": "document"}).status_code == 422
    county.resident.refresh_from_db()
    assert county.resident.level == Level.CONTACT


def test_an_unknown_address_finds_nobody(clerk: Person, open_as: Browser) -> None:
    answer = open_as(clerk).post("/desk/people/", {"login": "nobody@test.example"})
    assert answer.status_code == 422
    assert "Nobody here has confirmed this address" in text(answer)


# --- the auditor's desk ------------------------------------------------------------------------------------------


def test_the_record_opens_to_those_who_may_read_it(
    county: County, auditor: Person, consultation: Consultation, open_as: Browser, sealed: Any
) -> None:
    sealed()
    page = text(open_as(auditor).get("/desk/record/"))
    assert "official (交通局) announced" in page
    for path in ("/desk/record/", "/desk/record/export.csv", f"/desk/record/{Entry.objects.latest('pk').pk}/"):
        assert open_as(county.official).get(path).status_code == 403
        assert open_as(county.resident).get(path).status_code == 404
        assert open_as().get(path).status_code == 302


@pytest.mark.parametrize(
    ("choice", "there", "absent"),
    [
        ("type=consult:consultation:announced", "announced", "drafted"),
        ("office=bureau", "announced", "gave the power"),
        ("office=county-office", "Nothing matches", "announced"),
        ("kind=consultation&number={pk}", "announced", "gave the power"),
        ("kind=consultation", "announced", "gave the power"),
        ("since=2026-11-17&until=2026-11-17", "announced", "gave the power"),
        ("since=2026-11-18", "Nothing matches", "announced"),
        ("place=990126", "announced", "gave the power"),
        ("place=990126001", "Nothing matches", "announced"),
    ],
)
def test_the_record_is_filtered(
    auditor: Person, consultation: Consultation, open_as: Browser, sealed: Any, choice: str, there: str, absent: str
) -> None:
    sealed()
    answer = open_as(auditor).get(f"/desk/record/?{choice.format(pk=consultation.pk)}")
    assert answer.status_code == 200
    lines = text(answer).partition('<section class="words">')[2].partition("</section>")[0] or text(answer)
    words = lines.partition('class="work"')[0]
    assert there in words
    assert absent not in words


@pytest.mark.parametrize("choice", ["type=nonsense", "since=soon", "number=1", "place=1", "kind=x"])
def test_a_choice_that_makes_no_sense_is_said_so(auditor: Person, open_as: Browser, choice: str) -> None:
    assert open_as(auditor).get(f"/desk/record/?{choice}").status_code == 422
    assert open_as(auditor).get(f"/desk/record/export.csv?{choice}").status_code == 302


def test_the_record_is_leafed_through_without_loss(
    auditor: Person, consultation: Consultation, county: County, open_as: Browser, at: datetime
) -> None:
    for number in range(PAGE_SIZE + 5):
        note_read(reader=county.official, person=person(f"p{number}", None), purpose="audit", at=at)
    browser, seen, path = open_as(auditor), [], "/desk/record/"
    while path:
        answer = browser.get(path)
        seen += [line.entry.pk for line in answer.context["lines"]]
        path = f"/desk/record/?{answer.context['older']}" if answer.context["older"] else ""
    assert len(seen) == len(set(seen)) == Entry.objects.count()


def test_a_resident_who_sets_up_a_second_factor_is_not_named(
    auditor: Person, county: County, open_as: Browser, at: datetime
) -> None:
    careful = person("careful", county.here, display_name="细心的人")
    with transaction.atomic():
        record(FACTOR_ADDED, subject=careful, actor=careful, at=at, facts={"method": "totp"})

    page = text(open_as(auditor).get("/desk/record/?type=civic:person:factor-added"))

    assert "A resident set up a second factor" in page
    assert "细心的人" not in page


def test_a_key_survives_its_address() -> None:
    key = Key(datetime(2026, 11, 20, 4, 0, 0, 123456).astimezone(), 17)
    assert Key.read(str(key)) == key
    for broken in ("", "x", "1-", "-1", "99999999999999999999999-1", "1-2-3", "²-1"):
        assert Key.read(broken) is None


def test_opening_a_resident_s_entry_is_an_entry_they_see(
    auditor: Person, consultation: Consultation, county: County, open_as: Browser, sealed: Any
) -> None:
    said = say(consultation, county.resident)
    sealed()
    entry = Entry.objects.about(said).get()

    page = text(open_as(auditor).get(f"/desk/record/{entry.pk}/"))

    assert str(county.resident.number) in page
    assert entry.sealing.digest in page
    (look,) = Entry.objects.about(county.resident).filter(type=READ)
    assert (look.actor, look.facts["purpose"], look.facts["about_id"]) == (auditor, "audit", str(entry.pk))
    assert "County Office" in text(open_as(county.resident).get("/me/seen/"))


def test_asking_for_all_of_one_person_is_noted(auditor: Person, county: County, open_as: Browser) -> None:
    open_as(auditor).get(f"/desk/record/?kind=person&number={county.resident.pk}")
    open_as(auditor).get(f"/desk/record/export.json?kind=person&number={county.resident.pk}")
    assert Entry.objects.about(county.resident).filter(type=READ, actor=auditor).count() == 1


def test_reading_the_list_or_an_official_s_entry_is_not_noted(
    auditor: Person, consultation: Consultation, open_as: Browser, sealed: Any
) -> None:
    sealed()
    browser = open_as(auditor)
    browser.get("/desk/record/")
    browser.get(f"/desk/record/{Entry.objects.about(consultation).latest('pk').pk}/")
    assert not Entry.objects.filter(type=READ).exists()


def test_a_power_over_a_place_shows_what_happened_there(
    county: County, consultation: Consultation, open_as: Browser, sealed: Any
) -> None:
    sealed()
    for place, count in ((county.place, 2), (county.elsewhere, 0)):
        reader = person(f"reader{count}", county.here, level=3)
        a_grant("civic:record:read", to=reader, place=place, at=consultation.opens_at)
        answer = open_as(reader).get("/desk/record/")
        assert len(answer.context["lines"]) == count


def test_the_json_file_is_verified_without_us(
    auditor: Person, consultation: Consultation, county: County, open_as: Browser, sealed: Any, at: datetime
) -> None:
    sealed()
    say(consultation, county.resident)
    note_read(reader=auditor, person=county.resident, purpose="audit", at=at)
    sealed()

    document = json.loads(text(open_as(auditor).get("/desk/record/export.json")))

    def sha(value: str) -> str:
        return hashlib.sha256(value.encode()).hexdigest()

    def canonical(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    seals = {seal["number"]: seal for seal in document["seals"]}
    assert len(document["entries"]) == Entry.objects.count()
    for entry in document["entries"]:
        assert sha(canonical(entry["content"])) == entry["digest"]
        assert seals[entry["seal"]]["digests"][entry["position"]] == entry["digest"]
    previous = "0" * 64
    for _number, seal in sorted(seals.items()):
        assert seal["previous"] == previous
        assert sha("\n".join(seal["digests"])) == seal["batch"]
        hashed = {name: seal[name] for name in ("batch", "count", "number", "previous", "sealed_at", "version")}
        assert sha(canonical(hashed)) == seal["hash"]
        previous = seal["hash"]


def test_the_table_is_safe_to_open_and_names_no_resident(
    auditor: Person, consultation: Consultation, county: County, open_as: Browser, sealed: Any, at: datetime
) -> None:
    say(consultation, county.resident)
    note_read(reader=auditor, person=county.resident, purpose="audit", at=at)
    sealed()
    body = text(open_as(auditor).get("/desk/record/export.csv"))
    rows = list(csv.DictReader(io.StringIO(body.lstrip("\ufeff"))))
    assert len(rows) == Entry.objects.count()
    assert "resident" not in {row["sentence"] for row in rows}
    assert {row["subject"] for row in rows if row["subject_type"] == "civic_people.person"} == {""}
    assert all(len(row["digest"]) == 64 for row in rows)
