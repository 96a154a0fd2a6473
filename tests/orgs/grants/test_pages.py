"""The public list of powers, and the desk pages that give, end and take them."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from civic.core import clock
from civic.people.models import Person
from consult.consultations.actions import MANAGE
from orgs.bodies.models import Membership
from orgs.grants.models import Grant
from tests.cast import County
from tests.factories.bodies import a_grant, a_member
from tests.factories.people import SHOWN_AT, a_person, show_factor

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def chief(client: Client, administrator: Person, at: datetime, monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.setattr(clock, "now", lambda: at)
    client.force_login(administrator, backend=BACKEND)
    return administrator


def test_everybody_reads_who_holds_which_power(
    client: Client, here: County, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: at)
    person = a_person(display_name="陈海")
    a_grant(MANAGE, to=person, place=here.district, at=at)
    page = client.get("/grants/", headers={"accept-language": "en"}).content.decode()
    for words in ("陈海", "Open and manage consultations", str(here.district.name_en), "测试需要"):
        assert words in page
    assert person.email not in page


def test_a_body_may_be_given_a_power(client: Client, chief: Person, here: County, at: datetime) -> None:
    answer = client.post(
        f"/desk/grants/give/{here.department.slug}/",
        {
            "holder": "role-handler", "action": MANAGE, "scope": f"place-{here.district.pk}",
            "until": f"{at + timedelta(days=30):%Y-%m-%d}", "reason": "年度授权",
        },
    )  # fmt: skip
    assert answer.status_code == 302
    grant = Grant.objects.latest("pk")
    assert (grant.body, grant.role, grant.scope_place, grant.granted_by) == (
        here.department, "handler", here.district, chief,
    )  # fmt: skip


def test_only_members_of_the_body_are_offered(client: Client, chief: Person, here: County, at: datetime) -> None:
    member, stranger = a_person(display_name="成员甲"), a_person(display_name="路人乙")
    row = a_member(here.department, member, role=Membership.Role.EDITOR, at=at)
    address = f"/desk/grants/give/{here.department.slug}/"
    page = client.get(address).content.decode()
    assert "成员甲" in page
    assert "路人乙" not in page
    sent = {"action": MANAGE, "scope": f"place-{here.district.pk}", "until": "2026-12-01", "reason": "x"}
    assert client.post(address, sent | {"holder": f"member-{row.pk + 1000}"}).status_code == 422
    assert client.post(address, sent | {"holder": f"member-{row.pk}"}).status_code == 302
    assert not Grant.objects.filter(person=stranger).exists()


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_beyond_all_reason_is_refused_with_a_sentence(
    client: Client, chief: Person, here: County, day: str
) -> None:
    sent = {
        "holder": "role-handler",
        "action": MANAGE,
        "scope": f"place-{here.district.pk}",
        "until": day,
        "reason": "x",
    }

    answer = client.post(f"/desk/grants/give/{here.department.slug}/", sent)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["until"])


def test_ending_a_power_leaves_its_reason(client: Client, chief: Person, here: County, at: datetime) -> None:
    grant = a_grant(MANAGE, to=a_person(), place=here.district, at=at)
    assert client.post(f"/desk/grants/{grant.pk}/end/", {"note": "调岗"}).status_code == 302
    grant.refresh_from_db()
    assert grant.ended_at == at


def test_a_power_for_an_hour_is_taken_at_the_desk(
    client: Client, chief: Person, staff: Callable[..., Person], here: County, at: datetime
) -> None:
    a_grant("orgs:grant:oversee", to=a_person(), at=at)
    sent = {"action": MANAGE, "scope": f"place-{here.district.pk}", "purpose": "系统迁移期间代为延长一项征集"}
    assert client.post("/desk/more/", sent).status_code == 302
    assert "系统迁移" in client.get("/grants/?only=hours").content.decode()


def test_grave_acts_ask_for_the_factor_again(client: Client, chief: Person, here: County, at: datetime) -> None:
    show_factor(client, chief, at=(at - timedelta(minutes=20)).timestamp())
    assert client.get("/desk/").status_code == 200
    assert "/accounts/2fa/" in client.get("/desk/more/")["Location"]
    assert client.post("/desk/more/", {}).status_code == 422  # the form was open when the quarter of an hour ended
    show_factor(client, chief, at=(at - timedelta(minutes=31)).timestamp())
    assert "/accounts/2fa/" in client.post("/desk/more/", {})["Location"]
    show_factor(client, chief, at=SHOWN_AT)
    assert client.get("/desk/more/").status_code == 200
