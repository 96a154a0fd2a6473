"""Who finds what behind /desk/."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from civic.core import clock
from civic.people.models import Suspension
from consult.consultations.models import Consultation
from orgs.bodies.models import Membership, Organisation
from orgs.grants.models import Grant
from tests.consult.conftest import DAY, County, person
from tests.consult.desk.conftest import Sent, said_in, signed_in


def test_visitors_are_asked_to_sign_in(county: County) -> None:
    response = Client().get("/desk/")
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/desk/")


def test_people_of_no_office_find_nothing(county: County, running: Consultation) -> None:
    client = signed_in(county.resident)
    paths = ["/desk/", "/desk/open/", reverse("desk-consultation", args=[running.slug])]
    assert [client.get(path).status_code for path in paths] == [404, 404, 404]


def test_a_member_whose_powers_ended_is_told_so(county: County) -> None:
    Grant.objects.update(ends_at=clock.now() - timedelta(days=1))
    response = signed_in(county.official).get("/desk/")
    assert response.status_code == 403
    assert "mandate-ended" in response.content.decode()


def test_a_suspended_colleague_is_told_why(county: County) -> None:
    Suspension.objects.create(person=county.official, starts_at=clock.now() - DAY, reason="调查期间")
    assert signed_in(county.official).get("/desk/").status_code == 403


def test_another_bureaus_colleague_is_refused_what_is_public_and_finds_no_drafts(
    county: County, running: Consultation
) -> None:
    other = Organisation.objects.create(slug="other", kind="department", name="水利局", place=county.place)
    colleague = person("colleague", county.here)
    Membership.objects.create(body=other, person=colleague, role="handler", starts_at=clock.now() - DAY)
    Grant.objects.create(
        body=other, role="handler", action="consult:reply:draft", scope="body", scope_body=other,
        starts_at=clock.now() - DAY, ends_at=clock.now() + DAY, reason="test",
    )  # fmt: skip
    client = signed_in(colleague)
    path = reverse("desk-consultation", args=[running.slug])
    assert client.get(path).status_code == 403
    Consultation.objects.filter(pk=running.pk).update(state="draft")
    assert client.get(path).status_code == 404


def test_an_answer_is_as_closed_as_its_consultation(county: County, running: Consultation, send: Sent) -> None:
    reply = send(running, said_in(running, county))
    path = reverse("desk-reply", args=[reply.pk])
    assert signed_in(county.resident).get(path).status_code == 404
    assert signed_in(county.official).get(path).status_code == 200


@pytest.mark.parametrize("name", ["extend", "withdraw", "conclude"])
def test_approving_opens_no_other_step(county: County, running: Consultation, name: str) -> None:
    Grant.objects.filter(role="approver").exclude(action="consult:reply:approve").delete()
    names = {
        "extend": "desk-consultation-extend",
        "withdraw": "desk-consultation-withdraw",
        "conclude": "desk-conclude",
    }
    assert signed_in(county.approver).get(reverse(names[name], args=[running.slug])).status_code == 403
