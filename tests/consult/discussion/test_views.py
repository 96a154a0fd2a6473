"""A consultation's pages, through HTTP."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from civic.core import clock
from civic.people.models import Person
from consult.consultations.models import Consultation
from consult.discussion import domain
from consult.discussion.models import Contribution, Draft, Support
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
@pytest.mark.parametrize(("who", "ceiling"), [("anonymous", 12), ("resident", 15)])
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
    with django_assert_max_num_queries(15):
        assert client.get(root.get_absolute_url()).status_code == 200


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


def test_whoever_follows_is_told_so_and_can_stop(county: County, consultation: Consultation) -> None:
    follower, other = signed_in(county.resident), signed_in(county.neighbour)
    address = reverse("consultation-follow", args=[consultation.slug])

    def follows(client: Client) -> bool:
        return bool(client.get(consultation.get_absolute_url()).context["follows"])

    follower.post(address, {"on": "1"})
    assert (follows(follower), follows(other), follows(Client())) == (True, False, False)
    follower.post(address, {"on": "0"})
    assert not follows(follower)
