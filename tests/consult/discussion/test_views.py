"""A consultation's pages, through HTTP."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from civic.core import clock
from civic.people.models import Person
from civic.places.models import Place
from civic.ui import fragments
from consult.consultations.models import Consultation
from consult.discussion import domain
from consult.discussion.models import Contribution, Draft, Support
from consult.discussion.subscribers import DRAFT_COOKIE, bring_drafts_along
from tests.consult.conftest import County, Opener, person, say


@pytest.fixture
def consultation(open_consultation: Opener) -> Consultation:
    """Return one that is collecting right now: views take their instant from the clock."""
    return open_consultation(opens_at=clock.now() - timedelta(days=1))


def signed_in(who: Person) -> Client:
    client = Client()
    client.force_login(who, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def form(**values: object) -> dict[str, object]:
    return {"kind": "comment", "text": "末班车晚一点。", "submission": uuid.uuid4(), "draft_version": 0} | values


def test_saying_something_publishes_it_and_leads_to_it(county: County, consultation: Consultation) -> None:
    response = signed_in(county.resident).post(reverse("consultation-say", args=[consultation.slug]), form())
    made = Contribution.objects.get()
    assert (response.status_code, response["Location"]) == (302, made.get_absolute_url())


@pytest.mark.parametrize("text", ["", "长" * 20_000, "看\u202e这里", "a\x1bb"])
def test_text_that_cannot_be_kept_comes_back_with_a_sentence_and_as_typed(
    county: County, consultation: Consultation, text: str
) -> None:
    response = signed_in(county.resident).post(reverse("consultation-say", args=[consultation.slug]), form(text=text))
    assert response.status_code == 422
    assert response.context["form"].errors["text"]
    assert response.context["form"]["text"].value() == text


def test_markup_is_shown_as_typed_and_never_run(county: County, consultation: Consultation) -> None:
    say(consultation, county.resident, "<script>alert(1)</script>", at=clock.now())
    page = Client().get(consultation.get_absolute_url()).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_words_typed_before_signing_in_wait_for_their_author(county: County, consultation: Consultation) -> None:
    client = Client()
    url = reverse("consultation-say", args=[consultation.slug])
    response = client.post(url, form(text="登录前写的"))
    assert response.status_code == 302
    assert reverse("account_login") in response["Location"]
    county.resident.set_password("secret-words-7")
    county.resident.save()
    signing_in = client.post(
        response["Location"], {"login": county.resident.email, "password": "secret-words-7", "next": url}
    )
    assert signing_in.status_code == 302
    assert "登录前写的" in client.get(signing_in["Location"]).content.decode()


def test_nobody_is_sent_to_sign_in_for_words_that_come_too_late(county: County, open_consultation: Opener) -> None:
    open_consultation(slug="over", opens_at=clock.now() - timedelta(days=16))
    response = Client().post(reverse("consultation-say", args=["over"]), form(text="写晚了"))
    assert response.status_code == 403
    assert response.context["form"]["text"].value() == "写晚了"


def test_a_phase_that_closed_while_typing_keeps_the_words(county: County, open_consultation: Opener) -> None:
    over = open_consultation(slug="over", opens_at=clock.now() - timedelta(days=11))
    response = signed_in(county.resident).post(reverse("consultation-say", args=["over"]), form(text="写晚了"))
    assert response.status_code == 403
    assert "写晚了" in response.content.decode()
    assert over.contributions.count() == 0


def test_a_clause_that_is_not_there_is_refused_in_a_sentence(county: County, consultation: Consultation) -> None:
    response = signed_in(county.resident).post(
        reverse("consultation-say", args=[consultation.slug]), form(clause=str(uuid.uuid4()), text="说哪条")
    )
    assert response.status_code in {302, 422}


def test_a_double_click_publishes_once(county: County, consultation: Consultation) -> None:
    client, sent = signed_in(county.resident), form()
    url = reverse("consultation-say", args=[consultation.slug])
    client.post(url, sent)
    client.post(url, sent)
    assert Contribution.objects.count() == 1


def test_supporting_works_as_a_plain_form_and_returns_to_the_page(county: County, consultation: Consultation) -> None:
    said = say(consultation, person("author", county.here), at=clock.now())
    url = reverse("contribution-support", args=[consultation.slug, said.pk])
    back = consultation.get_absolute_url() + "?sort=supported"
    response = signed_in(county.resident).post(url, {"on": "1", "back": back})
    assert response["Location"] == f"{back}#c{said.pk}"
    assert Support.objects.count() == 1


def test_supporting_with_scripts_brings_the_button_back_pressed(county: County, consultation: Consultation) -> None:
    said = say(consultation, person("author", county.here), at=clock.now())
    url = reverse("contribution-support", args=[consultation.slug, said.pk])
    sent = {"on": "1", "back": consultation.get_absolute_url()}
    response = signed_in(county.resident).post(url, sent, headers={"HX-Request": "true"})
    page = response.content.decode()
    assert (response.status_code, 'aria-pressed="true"' in page) == (200, True)
    assert f'value="{consultation.get_absolute_url()}"' in page


def test_the_way_back_never_leaves_the_site(county: County, consultation: Consultation) -> None:
    said = say(consultation, person("author", county.here), at=clock.now())
    url = reverse("contribution-support", args=[consultation.slug, said.pk])
    response = signed_in(county.resident).post(url, {"on": "1", "back": "https://evil.example/"})
    assert response["Location"] == said.get_absolute_url()


def test_an_anonymous_support_leads_to_signing_in(county: County, consultation: Consultation) -> None:
    said = say(consultation, person("author", county.here), at=clock.now())
    response = Client().post(reverse("contribution-support", args=[consultation.slug, said.pk]), {"on": "1"})
    assert response.status_code == 302
    assert Support.objects.count() == 0


def test_autosave_answers_with_the_new_version_and_a_conflict_with_a_sentence(
    county: County, consultation: Consultation
) -> None:
    client = signed_in(county.resident)
    url = reverse("consultation-draft", args=[consultation.slug])
    first = client.post(url, {"kind": "comment", "text": "一", "draft_version": 0})
    client.post(url, {"kind": "comment", "text": "二", "draft_version": first.json()["version"]})
    stale = client.post(url, {"kind": "comment", "text": "三", "draft_version": first.json()["version"]})
    assert (first.status_code, stale.status_code) == (200, 409)
    assert Draft.objects.get().text == "二"


def test_a_kept_response_comes_back_with_its_version(county: County, consultation: Consultation) -> None:
    said = say(consultation, person("author", county.here), at=clock.now())
    client = signed_in(county.resident)
    url = reverse("consultation-draft", args=[consultation.slug])
    kept = client.post(url, {"box": f"reply-{said.pk}", "text": "一", "draft_version": 0}).json()["version"]
    page = client.get(reverse("contribution-respond", args=[consultation.slug, said.pk]))
    assert kept > 0
    assert (page.context["form"]["text"].value(), page.context["form"]["draft_version"].value()) == ("一", kept)


def test_a_draft_consultation_is_a_404_to_strangers(county: County, open_consultation: Opener) -> None:
    made = open_consultation(slug="hidden-draft")
    Consultation.objects.filter(pk=made.pk).update(state="draft")
    assert Client().get(made.get_absolute_url()).status_code == 404
    assert signed_in(county.resident).get(made.get_absolute_url()).status_code == 404
    assert signed_in(county.official).get(made.get_absolute_url()).status_code == 200


def test_somebody_elses_words_cannot_be_edited(county: County, consultation: Consultation) -> None:
    said = say(consultation, county.resident, at=clock.now())
    url = reverse("contribution-edit", args=[consultation.slug, said.pk])
    assert signed_in(county.official).get(url).status_code == 403


def test_an_edit_from_an_old_window_keeps_what_was_typed(county: County, consultation: Consultation) -> None:
    said = say(consultation, county.resident, "旧", at=clock.now())
    domain.edit(contribution=said, person=county.resident, text="新", version=1, at=clock.now())
    url = reverse("contribution-edit", args=[consultation.slug, said.pk])
    response = signed_in(county.resident).post(url, {"text": "再新", "version": 1})
    assert response.status_code == 409
    assert "再新" in response.content.decode()


def _fill(county: County, consultation: Consultation, count: int, root: Contribution | None = None) -> None:
    people = [person(f"crowd{root.pk if root else 0}-{n}", county.here) for n in range(min(25, count))]
    at = clock.now() - timedelta(hours=1)
    Contribution.objects.bulk_create(
        Contribution(
            consultation=consultation, kind="response" if root else "comment", author=people[n % len(people)],
            text=f"第 {n} 条", created_at=at, root=root, parent=root, depth=1 if root else 0,
        )
        for n in range(count)
    )  # fmt: skip
    if root:
        Contribution.objects.filter(pk=root.pk).update(response_count=count)
    else:
        Consultation.objects.filter(pk=consultation.pk).update(contribution_count=count)


@pytest.mark.parametrize("count", [1, 20, 500])
@pytest.mark.parametrize(("who", "ceiling"), [("anonymous", 7), ("resident", 14)])
def test_a_consultation_page_costs_the_same_whatever_its_length(
    county: County, consultation: Consultation, count: int, who: str, ceiling: int, django_assert_max_num_queries: Any
) -> None:
    _fill(county, consultation, count)
    client = Client() if who == "anonymous" else signed_in(county.resident)
    client.get(consultation.get_absolute_url())
    with django_assert_max_num_queries(ceiling):
        assert client.get(consultation.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("count", [1, 30, 500])
def test_a_thread_costs_the_same_whatever_its_length(
    county: County, consultation: Consultation, count: int, django_assert_max_num_queries: Any
) -> None:
    root = say(consultation, county.resident, at=clock.now())
    _fill(county, consultation, count, root)
    client = signed_in(county.resident)
    client.get(root.get_absolute_url())
    with django_assert_max_num_queries(13):
        assert client.get(root.get_absolute_url()).status_code == 200


@pytest.fixture
def author(county: County) -> Person:
    """Somebody else who may take part."""
    return person("author", county.here)


def test_a_support_costs_few_statements(
    county: County, author: Person, consultation: Consultation, django_assert_max_num_queries: Any
) -> None:
    said = say(consultation, author, at=clock.now())
    client = signed_in(county.resident)
    client.get(said.get_absolute_url())
    with django_assert_max_num_queries(14):
        assert client.post(f"{said.get_absolute_url()}support/", {"on": "1"}).status_code == 302
    assert Support.objects.count() == 1


def test_saying_something_costs_few_statements(
    county: County, consultation: Consultation, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(county.resident)
    url = reverse("consultation-say", args=[consultation.slug])
    client.post(url, form())
    with django_assert_max_num_queries(17):
        assert client.post(url, form(text="早班车早一点。")).status_code == 302


def _of(said: Contribution, **values: object) -> None:
    Contribution.objects.filter(pk=said.pk).update(**values)


CHANGES: dict[str, Callable[[Contribution], object]] = {
    "words": lambda said: _of(said, text="改了。", version=2, edited_at=clock.now()),
    "language": lambda said: _of(said, language="en"),
    "supports": lambda said: _of(said, num_vote_up=77),
    "hidden": lambda said: _of(said, state="hidden"),
    "author": lambda said: Person.objects.filter(pk=said.author_id).update(display_name="新名字"),
    "place": lambda said: Place.objects.filter(person=said.author_id).update(name="新镇"),
}
OF_ROOTS: dict[str, Callable[[Contribution], object]] = {
    "title": lambda said: _of(said, title="新标题"),
    "responses": lambda said: _of(said, response_count=88),
}


@pytest.mark.parametrize(
    ("change", "response"),
    [*((name, False) for name in CHANGES | OF_ROOTS), *((name, True) for name in CHANGES)],
)
def test_what_changes_is_on_the_next_page_somebody_signed_in_reads(
    county: County, author: Person, consultation: Consultation, change: str, response: bool
) -> None:
    said = say(consultation, author, at=clock.now())
    read = said.get_absolute_url()
    if response:
        said = domain.respond(person=author, parent=said, text="同意。", at=clock.now(), submission=uuid.uuid4())
    reader = signed_in(county.resident)

    def page() -> str:
        # the form's token differs in every answer
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", reader.get(read).content.decode())

    before = page()
    assert page() == before
    (CHANGES | OF_ROOTS)[change](Contribution.objects.get(pk=said.pk))
    assert page() != before


def test_each_reader_sees_their_own_marks_and_nobody_elses(
    county: County, author: Person, consultation: Consultation
) -> None:
    said = say(consultation, author, at=clock.now())
    domain.support(contribution=said, person=county.resident, at=clock.now())
    url = said.get_absolute_url()
    pages = {who: signed_in(who).get(url).content.decode() for who in (county.resident, author)}
    again = {who: signed_in(who).get(url).content.decode() for who in reversed(pages)}
    for shown in (pages, again):
        assert 'aria-pressed="true"' in shown[county.resident]
        assert 'aria-pressed="true"' not in shown[author]
        assert "/edit/" in shown[author]
        assert "/edit/" not in shown[county.resident]
        assert "/report/" in shown[county.resident]
        assert "/report/" not in shown[author]


def test_a_form_on_a_page_that_was_drawn_for_somebody_else_can_be_sent(
    county: County, author: Person, consultation: Consultation
) -> None:
    said = say(consultation, author, at=clock.now())
    url = said.get_absolute_url()
    signed_in(county.resident).get(url)
    reader = Client(enforce_csrf_checks=True)
    reader.force_login(county.resident, backend="allauth.account.auth_backends.AuthenticationBackend")
    tokens = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', reader.get(url).content.decode()))
    assert len(tokens) == 1
    sent = {"on": "1", "csrfmiddlewaretoken": tokens.pop()}
    assert reader.post(f"{url}support/", sent).status_code == 302
    assert Support.objects.count() == 1


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_of_consultations_costs_the_same_whatever_its_length(
    county: County, open_consultation: Opener, count: int, django_assert_max_num_queries: Any
) -> None:
    for n in range(count):
        open_consultation(slug=f"c{n}", opens_at=clock.now() - timedelta(days=1))
    client = signed_in(county.resident)
    client.get(reverse("consultations"))
    with django_assert_max_num_queries(12):
        assert client.get(reverse("consultations")).status_code == 200


@pytest.mark.parametrize("token", ["x" * 4000, "a\0b", "a b"])
def test_a_cookie_we_never_made_keeps_nobody_from_writing(
    county: County, consultation: Consultation, token: str
) -> None:
    client = Client()
    client.cookies[DRAFT_COOKIE] = token
    url = reverse("consultation-say", args=[consultation.slug])

    assert client.get(url).status_code == 200
    kept = client.post(url, form())
    assert (kept.status_code, len(kept.cookies[DRAFT_COOKIE].value)) == (302, 32)
    client.cookies[DRAFT_COOKIE] = token
    assert client.post(reverse("consultation-draft", args=[consultation.slug]), form(box="comment")).status_code == 200
    signing_in = RequestFactory().post("/accounts/login/")
    signing_in.COOKIES[DRAFT_COOKIE] = token
    bring_drafts_along(request=signing_in, user=county.resident)


def test_whoever_follows_is_told_so_and_can_stop(county: County, consultation: Consultation) -> None:
    follower, other = signed_in(county.resident), signed_in(county.neighbour)
    address = reverse("consultation-follow", args=[consultation.slug])

    def follows(client: Client) -> bool:
        return bool(client.get(consultation.get_absolute_url()).context["follows"])

    follower.post(address, {"on": "1"})
    assert (follows(follower), follows(other), follows(Client())) == (True, False, False)
    follower.post(address, {"on": "0"})
    assert not follows(follower)


def test_what_no_later_page_could_use_fills_no_shelf(county: County, consultation: Consultation, settings: Any) -> None:
    """Without kept rows there is nothing to know their parts by again."""
    settings.PAGE_CACHE = False
    said = say(consultation, county.resident, "末班车晚一点。", at=clock.now())
    reader = signed_in(county.neighbour)

    def draw() -> int:
        for url in (consultation.get_absolute_url(), said.get_absolute_url()):
            assert reader.get(url).status_code == 200
        return len(fragments.kept)

    assert draw() == draw()
