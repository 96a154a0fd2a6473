from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from civic.audit.models import Entry
from civic.notify import outbox
from civic.notify.domain import DIGEST_IN_QUIET, tell, wish
from civic.notify.models import Hours, Message, Notice, Wish
from civic.people.models import Level, Person
from tests.cast import County

pytestmark = pytest.mark.django_db

Happening = Callable[[], Entry]


@pytest.fixture
def told(resident: Person, happening: Happening, at: datetime) -> Callable[[int], list[Notice]]:
    """Tell the resident a number of things."""

    def tell_them(number: int) -> list[Notice]:
        for n in range(number):
            params = {"title": f"事{n}", "title_en": f"matter {n}"}
            tell(kind="tests:notify:answered", entry=happening(), recipients=[(resident, params, f"/x/{n}/")], at=at)
        return list(Notice.objects.order_by("id"))

    return tell_them


def test_a_visitor_is_asked_to_sign_in_and_comes_back(client: Client) -> None:
    for path in ("/me/notices/", "/me/preferences/"):
        assert client.get(path)["Location"] == f"/accounts/login/?next={path}"


def test_notices_are_listed_newest_first_in_the_readers_language(client: Client, resident: Person, told: Any) -> None:
    told(2)
    client.force_login(resident)
    page = client.get("/me/notices/").content.decode()
    assert page.index("事1") < page.index("事0")
    resident.language = "en"
    resident.save()
    assert "matter 1" in client.get("/me/notices/", headers={"accept-language": "en"}).content.decode()


@pytest.mark.parametrize("number", [1, 30])
def test_the_list_costs_the_same_with_one_and_with_thirty(
    client: Client, resident: Person, told: Any, number: int, django_assert_max_num_queries: Any
) -> None:
    told(number)
    client.force_login(resident)
    with django_assert_max_num_queries(10):
        assert client.get("/me/notices/").status_code == 200


def test_opening_a_notice_reads_it_and_leads_on(client: Client, resident: Person, told: Any) -> None:
    notice = told(1)[0]
    client.force_login(resident)
    assert client.get(f"/me/notices/{notice.pk}/")["Location"] == "/x/0/"
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_nobody_opens_or_reads_the_notices_of_others(client: Client, told: Any) -> None:
    notice = told(1)[0]
    client.force_login(Person.objects.create_user(email="other@test.example"))
    assert client.get(f"/me/notices/{notice.pk}/").status_code == 404
    client.post("/me/notices/read/", {"id": notice.pk})
    notice.refresh_from_db()
    assert notice.read_at is None


def test_one_or_all_notices_are_marked_as_read(client: Client, resident: Person, told: Any) -> None:
    notices = told(3)
    client.force_login(resident)
    assert client.post("/me/notices/read/", {"id": notices[0].pk}).status_code == 303
    assert Notice.objects.unread().count() == 2
    client.post("/me/notices/read/", {"id": "nonsense"})
    assert Notice.objects.unread().count() == 2
    client.post("/me/notices/read/")
    assert not Notice.objects.unread().exists()


def test_a_group_can_be_looked_at_alone(client: Client, resident: Person, told: Any) -> None:
    told(1)
    client.force_login(resident)
    assert "事0" in client.get("/me/notices/?group=answers").content.decode()
    assert "事0" not in client.get("/me/notices/?group=account").content.decode()
    assert client.get("/me/notices/?group=nonsense&page=99").status_code == 200


def test_a_mail_that_could_not_be_delivered_is_shown(client: Client, resident: Person, told: Any) -> None:
    told(1)
    Message.objects.update(status="failed")
    client.force_login(resident)
    assert "没有送到" in client.get("/me/notices/").content.decode()


def test_a_person_chooses_when_each_kind_comes(client: Client, resident: Person, told: Any) -> None:
    client.force_login(resident)
    given = {"part": "channels", "channels-email_tests_notify_answered": "never"}
    assert client.post("/me/preferences/", given).status_code == 303
    assert Wish.objects.get(kind="tests:notify:answered", channel="email").timing == "never"
    told(1)
    assert not Message.objects.exists()
    page = client.get("/me/preferences/").content.decode()
    assert '<option value="never" selected>' in page


def test_what_was_not_asked_keeps_its_choice(client: Client, resident: Person) -> None:
    client.force_login(resident)
    wish(person=resident, timings={("tests:notify:texted", "email"): "daily"})
    client.post("/me/preferences/", {"part": "channels", "channels-email_tests_notify_answered": "daily"})
    timings = set(Wish.objects.filter(person=resident).values_list("kind", "timing"))
    assert timings == {("tests:notify:texted", "daily"), ("tests:notify:answered", "daily")}


def test_a_timing_that_does_not_exist_is_refused(client: Client, resident: Person) -> None:
    client.force_login(resident)
    given = {"part": "channels", "channels-email_tests_notify_answered": "hourly"}
    assert client.post("/me/preferences/", given).status_code == 422
    assert not Wish.objects.exists()


def test_nobody_without_powers_is_asked_about_work(client: Client, resident: Person) -> None:
    client.force_login(resident)
    page = client.get("/me/preferences/").content.decode()
    assert "email_tests_notify_answered" in page
    assert "email_civic_policy_waits" not in page


def test_what_binds_cannot_be_switched_off(client: Client, resident: Person) -> None:
    client.force_login(resident)
    assert "tests_notify_binding" not in client.get("/me/preferences/").content.decode()


def test_hours_are_chosen(client: Client, resident: Person) -> None:
    client.force_login(resident)
    given = {"part": "hours", "hours-quiet_from": "22", "hours-quiet_until": "7", "hours-digest_hour": "12"}
    assert client.post("/me/preferences/", given).status_code == 303
    hours = Hours.objects.get(person=resident)
    assert (hours.quiet_from, hours.quiet_until, hours.digest_hour) == (22, 7, 12)
    given = {"part": "hours", "hours-quiet_from": "none", "hours-quiet_until": "none", "hours-digest_hour": "23"}
    assert client.post("/me/preferences/", given).status_code == 303
    hours.refresh_from_db()
    assert (hours.quiet_from, hours.digest_hour) == (None, 23)


def test_a_daily_mail_in_the_quiet_hours_is_refused_with_its_reason(client: Client, resident: Person) -> None:
    client.force_login(resident)
    given = {"part": "hours", "hours-quiet_from": "22", "hours-quiet_until": "7", "hours-digest_hour": "23"}
    response = client.post("/me/preferences/", given)
    assert response.status_code == 422
    assert str(DIGEST_IN_QUIET) in response.content.decode()


def test_the_profile_is_saved_and_shown_at_once(client: Client, resident: Person) -> None:
    client.force_login(resident)
    given = {"part": "profile", "profile-display_name": "老林", "profile-language": "en", "profile-elder_mode": "on"}
    response = client.post("/me/preferences/", given)
    assert response.status_code == 303
    resident.refresh_from_db()
    assert (resident.display_name, resident.language, resident.elder_mode) == ("老林", "en", True)
    page = client.get("/me/preferences/").content.decode()
    assert "Saved." in page
    assert 'data-mode="elder"' in page


def test_what_cannot_be_saved_stays_in_its_form(client: Client, resident: Person) -> None:
    client.force_login(resident)
    given = {"part": "profile", "profile-display_name": "字" * 41, "profile-language": "zh-hans"}
    response = client.post("/me/preferences/", given)
    assert response.status_code == 422
    assert "字" * 41 in response.content.decode()
    given = {"part": "profile", "profile-display_name": "林", "profile-language": "xx"}
    assert client.post("/me/preferences/", given).status_code == 422
    resident.refresh_from_db()
    assert (resident.display_name, resident.language) == ("", "zh-hans")


def test_a_residence_is_chosen_from_townships_and_communities(client: Client, resident: Person, here: County) -> None:
    client.force_login(resident)
    for place, expected in ((here.district.pk, 303), (here.county.pk, 422), (999_999, 422), ("x", 422)):
        given = {"part": "residence", "residence-place": place}
        assert client.post("/me/preferences/", given).status_code == expected
    resident.refresh_from_db()
    assert resident.residence == here.district


def test_a_verified_residence_is_shown_with_the_reason_why_it_stays(client: Client, here: County) -> None:
    person = Person.objects.create_user(email="v@test.example", level=Level.RESIDENT, residence=here.district)
    client.force_login(person)
    assert "帮办点" in client.get("/me/preferences/").content.decode()
    assert client.post("/me/preferences/", {"part": "residence", "residence-place": ""}).status_code == 422


def test_the_outbox_is_the_demos_only(client: Client, settings: Any) -> None:
    settings.DEMO = False
    assert client.get("/outbox/").status_code == 404
    settings.DEMO = True
    outbox.write("sms", "+8613800000001", "", "您的验证码是 123456", "", key="1")
    assert "123456" in client.get("/outbox/").content.decode()


def test_the_header_counts_what_is_unread(client: Client, resident: Person, told: Any) -> None:
    told(2)
    client.force_login(resident)
    assert 'class="unread"' in client.get("/help/").content.decode()
    client.post("/me/notices/read/")
    assert 'class="unread"' not in client.get("/help/").content.decode()
