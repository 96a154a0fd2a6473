"""Who asks, from a session: in one question, and never more than Django would say."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from civic.access import sessions
from civic.access.mandates import LOCKED, mandates_of
from civic.access.middleware import SecondFactorMiddleware
from civic.access.models import SignIn
from civic.audit.models import Entry
from civic.core.session_store import SessionStore
from civic.notify.context import notices
from civic.notify.domain import mark_read
from civic.notify.models import Notice
from civic.people.models import Person, Suspension
from civic.people.rules import suspension_of
from tests.cast import County
from tests.factories.bodies import a_grant
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Person:
    return a_person()


@pytest.fixture
def client(person: Person) -> Client:
    """A browser the person is signed in with."""
    made = Client()
    made.force_login(person)
    return made


def a_request(client: Client) -> Any:
    request: Any = RequestFactory().get("/")
    request.session, request.at = SessionStore(client.cookies["sessionid"].value), timezone.now()
    return request


def test_session_person_home_and_suspension_are_one_question(
    client: Client, person: Person, django_assert_num_queries: Any
) -> None:
    request = a_request(client)
    with django_assert_num_queries(1):
        found = sessions.person_of(request)
        assert (found, str(found.residence)) == (person, str(person.residence))
        assert suspension_of(found, at=request.at) is None
        assert request.session[HASH_SESSION_KEY] == person.get_session_auth_hash()


def test_whoever_was_suspended_is_known_to_be_in_the_next_request(client: Client, person: Person) -> None:
    made = Suspension.objects.create(person=person, starts_at=timezone.now() - timedelta(hours=1), reason="r")
    request = a_request(client)
    assert suspension_of(sessions.person_of(request), at=request.at) == made


def test_a_session_without_its_sign_in_row_is_still_somebodys(client: Client, person: Person) -> None:
    SignIn.objects.all().delete()
    assert sessions.person_of(a_request(client)) == person


@pytest.mark.parametrize("how", ["signed out", "run out", "new password", "closed", "another's row", "forged"])
def test_what_is_no_sign_in_any_more_is_nobodys(client: Client, person: Person, how: str) -> None:
    request = a_request(client)
    match how:
        case "signed out":
            Session.objects.all().delete()
        case "run out":
            Session.objects.update(expire_date=timezone.now())
        case "new password":
            person.set_password("another one entirely")
            person.save()
        case "closed":
            Person.objects.filter(pk=person.pk).update(is_active=False)
        case "another's row":
            SignIn.objects.update(person=a_person())
            Session.objects.update(session_data=SessionStore().encode({}))
        case _:
            request.session = SessionStore("0" * 32)
    assert isinstance(sessions.person_of(request), AnonymousUser)


def test_a_sign_in_goes_on_under_a_new_key_and_can_still_be_ended(
    client: Client, person: Person, settings: Any
) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the key after it", [settings.SECRET_KEY]
    request = a_request(client)
    former = request.session.session_key
    assert sessions.person_of(request) == person
    request.session.save()
    assert request.session.session_key != former
    assert [row.session_key for row in sessions.sign_ins_of(person)] == [request.session.session_key]
    sessions.end_others(person=person, keep=None)
    again = a_request(client)
    again.session = SessionStore(request.session.session_key)
    assert isinstance(sessions.person_of(again), AnonymousUser)


def test_a_row_that_names_somebody_else_signs_nobody_else_in(client: Client, person: Person) -> None:
    SignIn.objects.update(person=a_person())
    assert sessions.person_of(a_request(client)) == person


def test_powers_and_unread_notices_of_a_resident_need_no_question_of_their_own(
    client: Client, person: Person, django_assert_num_queries: Any
) -> None:
    request = a_request(client)
    with django_assert_num_queries(1):
        request.user = sessions.person_of(request)
        assert (mandates_of(request.user, at=request.at), notices(request)["unread_notices"]) == ([], 0)


def test_powers_of_who_can_hold_some_are_asked_for_as_ever(client: Client, person: Person, here: County) -> None:
    a_grant("consult:consultation:manage", to=person, place=here.county, at=timezone.now())
    request = a_request(client)
    found: Any = sessions.person_of(request)
    found.__dict__[LOCKED] = False
    assert [mandate.action for mandate in mandates_of(found, at=request.at)] == ["consult:consultation:manage"]


def test_notices_read_in_a_request_are_not_counted_as_unread_on_its_page(client: Client, person: Person) -> None:
    told = {"type": "civic:test", "subject_type": person._meta.label_lower, "subject_id": str(person.pk)}
    entry = Entry.objects.create(at=timezone.now(), **told)
    Notice.objects.create(person=person, kind="civic:notify:email-stopped", entry=entry, created_at=timezone.now())
    request = a_request(client)
    request.user = sessions.person_of(request)
    assert notices(request)["unread_notices"] == 1
    mark_read(person=request.user, ids="all", at=request.at)
    assert notices(request)["unread_notices"] == 0


def test_a_view_gets_the_person_and_who_asked_before_it_asked_once(
    client: Client, person: Person, django_assert_num_queries: Any
) -> None:
    request = a_request(client)
    request.COOKIES = {"sessionid": client.cookies["sessionid"].value}
    middleware = SecondFactorMiddleware(lambda request: HttpResponse())
    middleware(request)
    with django_assert_num_queries(1):
        assert request.user.pk == person.pk  # the header, before any view
        middleware.process_view(request, None, (), {})
        assert type(request.user) is Person


def test_a_visitor_without_a_session_is_asked_for_by_nobody(django_assert_num_queries: Any) -> None:
    request: Any = RequestFactory().get("/")
    middleware = SecondFactorMiddleware(lambda request: HttpResponse())
    with django_assert_num_queries(0):
        middleware(request)
        middleware.process_view(request, None, (), {})
