"""What may I do here, why not, and who can change it: said by the rules themselves."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from civic.access.panel import of_page
from civic.access.questions import may
from civic.core import clock
from civic.core.clock import Window
from consult.consultations.actions import MANAGE
from consult.consultations.models import Consultation
from consult.desk.panels import IN_A_CONSULTATION
from orgs.grants.actions import ISSUE
from orgs.grants.domain import Holder, Scope, found
from tests.consult.conftest import AT, DAY, County
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def asked(open_consultation: Callable[..., Consultation], monkeypatch: pytest.MonkeyPatch) -> Consultation:
    monkeypatch.setattr(clock, "now", lambda: AT)
    return open_consultation()


def panel_of(asked: Consultation, person: object) -> dict[str, object]:
    panel = of_page(asked.get_absolute_url(), person, given_by=ISSUE, at=AT)
    assert panel is not None
    return {str(line.label): line for line in panel.lines}


def test_its_answers_are_those_of_the_rules(asked: Consultation, county: County) -> None:
    for person in (county.official, county.resident, county.neighbour):
        panel = of_page(asked.get_absolute_url(), person, given_by=ISSUE, at=AT)
        assert panel is not None
        answers = [may(person, action, asked, at=AT) for action in IN_A_CONSULTATION]
        assert [(line.allowed, line.reason) for line in panel.lines] == [(bool(a), a.reason) for a in answers]


def test_a_missing_power_names_the_office_that_can_give_it_and_no_person(
    client: Client, asked: Consultation, county: County
) -> None:
    head = a_person(display_name="某局长")
    county.bureau.memberships.create(person=head, role="head", starts_at=AT - DAY)
    window = Window(AT - DAY, AT + DAY)
    found(holder=Holder(person=head), action=ISSUE, scope=Scope(place=county.place), window=window, reason="x", at=AT)
    client.force_login(county.resident, backend=BACKEND)
    page = client.get(f"/powers/?page={asked.get_absolute_url()}").content.decode()
    assert county.bureau.name in page
    assert "某局长" not in page


def test_what_nobody_may_see_has_no_panel(client: Client, asked: Consultation) -> None:
    Consultation.objects.filter(pk=asked.pk).update(state="draft")
    assert client.get(f"/powers/?page={asked.get_absolute_url()}").status_code == 404


@pytest.mark.parametrize("page", ["//evil.example/", "https://evil.example/", "evil", "/no-such-page-anywhere\\"])
def test_only_our_own_pages_have_one(client: Client, page: str) -> None:
    answer = client.get("/powers/", {"page": page})
    assert answer.status_code in {200, 404}
    assert "evil.example" not in answer.content.decode() or answer.status_code == 404


def test_more_powers_and_more_givers_cost_no_more_queries(client: Client, asked: Consultation, county: County) -> None:
    client.force_login(county.official, backend=BACKEND)

    def queries() -> int:
        client.get(f"/powers/?page={asked.get_absolute_url()}")
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get(f"/powers/?page={asked.get_absolute_url()}").status_code == 200
        return len(seen)

    def give(count: int) -> None:
        for _number in range(count):
            _two_more_givers(county)

    give(1)
    before = queries()
    give(5)
    assert queries() <= before


def _two_more_givers(county: County) -> None:
    for person in (a_person(), county.official):
        for action in (ISSUE, MANAGE):
            found(
                holder=Holder(person=person), action=action, scope=Scope(), window=Window(AT - DAY, AT + DAY),
                reason="x", at=AT,
            )  # fmt: skip


def test_every_page_leads_to_it(client: Client, asked: Consultation, county: County) -> None:
    link = f'href="/powers/?page={asked.get_absolute_url()}"'
    assert link in client.get(asked.get_absolute_url()).content.decode()
    client.force_login(county.official, backend=BACKEND)
    assert 'href="/powers/?page=/desk/"' in client.get("/desk/").content.decode()
