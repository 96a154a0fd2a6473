"""A person's own pages, through HTTP."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from civic.core import clock
from civic.people.models import Level, Person
from consult.consultations import domain as consultations
from consult.consultations.models import Consultation
from consult.discussion import domain, drafts
from consult.discussion.models import Contribution
from tests.consult.conftest import County, Opener, person, say


@pytest.fixture
def consultation(open_consultation: Opener) -> Consultation:
    """Return one that is collecting right now: views take their instant from the clock."""
    return open_consultation(opens_at=clock.now() - timedelta(days=1))


def signed_in(who: Person) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(who, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def page_of(who: Person, name: str = "me") -> str:
    return signed_in(who).get(reverse(name)).content.decode()


@pytest.mark.parametrize("name", ["me", "me-said", "me-supported", "me-following"])
@pytest.mark.django_db
def test_a_stranger_is_asked_to_sign_in(name: str) -> None:
    response = Client().get(reverse(name))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_my_words_stand_there_with_what_became_of_them(county: County, consultation: Consultation) -> None:
    made = say(consultation, county.resident, "末班车晚一点", at=clock.now())
    Contribution.objects.filter(pk=made.pk).update(outcome="adopted")
    page = page_of(county.resident)
    assert "末班车晚一点" in page
    assert "Adopted" in page


def test_what_i_support_and_follow_stands_there(county: County, consultation: Consultation) -> None:
    made = say(consultation, person("author", county.here), "加开早班车", at=clock.now())
    domain.support(contribution=made, person=county.resident, at=clock.now())
    consultations.follow(consultation=consultation, person=county.resident, at=clock.now())
    page = page_of(county.resident)
    assert "加开早班车" in page
    assert "What I follow" in page
    assert "Bus lines" in page


def test_words_hidden_since_are_not_shown_to_those_who_supported_them(
    county: County, consultation: Consultation
) -> None:
    made = say(consultation, person("author", county.here), "骂人的话", at=clock.now())
    domain.support(contribution=made, person=county.resident, at=clock.now())
    Contribution.objects.filter(pk=made.pk).update(state="hidden")
    page = page_of(county.resident)
    assert "骂人的话" not in page
    assert "not public now" in page


def test_a_draft_leads_back_to_its_form(county: County, consultation: Consultation) -> None:
    drafts.save(
        owner=drafts.Owner(person=county.resident), consultation=consultation, box="proposal", text="写到一半", title="",
        version=0, at=clock.now(),
    )  # fmt: skip
    page = page_of(county.resident)
    assert "写到一半" in page
    assert f"{reverse('consultation-say', args=[consultation.slug])}?kind=proposal" in page


def test_nobody_sees_the_words_of_others_among_their_own(county: County, consultation: Consultation) -> None:
    say(consultation, county.resident, "只是我的", at=clock.now())
    assert "只是我的" not in page_of(person("other", county.here))


def test_a_newcomer_reads_how_to_get_further(county: County) -> None:
    page = page_of(person("newcomer", None, level=Level.REGISTERED))
    assert "Confirm now" in page
    assert "Say where you live" in page
    assert "You have not said anything yet." in page


def _plenty(county: County, open_consultation: Callable[..., Consultation], count: int) -> None:
    other = person("other", county.here)
    for n in range(count):
        consultation = open_consultation(slug=f"c{n}", opens_at=clock.now() - timedelta(days=1))
        at = clock.now()
        said = say(consultation, county.resident, f"我的第 {n} 句", at=at)
        theirs = say(consultation, other, f"别人的第 {n} 句", at=at)
        domain.support(contribution=theirs, person=county.resident, at=at)
        domain.respond(person=county.resident, parent=said, text="补一句", at=at, submission=uuid.uuid4())
        consultations.follow(consultation=consultation, person=county.resident, at=at)
        drafts.save(
            owner=drafts.Owner(person=county.resident), consultation=consultation, box="comment", text="没写完", title="",
            version=0, at=at,
        )  # fmt: skip


@pytest.mark.parametrize("count", [1, 30])
def test_my_pages_cost_the_same_however_much_i_did(
    county: County, open_consultation: Opener, count: int, django_assert_max_num_queries: Any
) -> None:
    _plenty(county, open_consultation, count)
    client = signed_in(county.resident)
    for name, ceiling in (("me", 20), ("me-said", 10), ("me-supported", 10), ("me-following", 10)):
        client.get(reverse(name))
        with django_assert_max_num_queries(ceiling):
            assert client.get(reverse(name)).status_code == 200
