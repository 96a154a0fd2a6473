"""A phase that closes while somebody types: they are told what happened, and what they typed is on the page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from civic.core import clock
from consult.consultations.models import Consultation, Phase
from consult.discussion.models import Contribution, Support
from tests.consult.conftest import County, Opener, person, say
from tests.consult.discussion.test_views import form, signed_in

OVER = "已经截止"


@pytest.fixture
def asked(open_consultation: Opener) -> Consultation:
    return open_consultation(opens_at=clock.now() - timedelta(days=1))


def close(asked: Consultation) -> None:
    """Let days pass: everything of the consultation lies that much further back."""
    back = timedelta(days=30)
    for phase in Phase.objects.filter(consultation=asked):
        Phase.objects.filter(pk=phase.pk).update(opens_at=phase.opens_at - back, closes_at=phase.closes_at - back)
    Consultation.objects.filter(pk=asked.pk).update(opens_at=asked.opens_at - back, closes_at=asked.closes_at - back)


@pytest.mark.parametrize("more", [{}, {"kind": "proposal", "title": "加一趟夜班车"}], ids=["comment", "proposal"])
def test_words_that_come_too_late_stay_and_their_button_is_off(
    county: County, asked: Consultation, more: dict[str, str]
) -> None:
    client, path = signed_in(county.resident), reverse("consultation-say", args=[asked.slug])
    assert client.get(path).status_code == 200
    close(asked)
    response = client.post(path, form(text="写到一半，时间到了。", **more))
    page = response.content.decode()
    assert response.status_code == 403
    assert "这一步现在办不了" in page
    assert OVER in page
    assert "写到一半，时间到了。</textarea>" in page
    assert more.get("title", "") in page
    assert 'class="btn main" aria-disabled="true"' in page
    assert not Contribution.objects.exists()


def test_a_response_that_comes_too_late_stays(county: County, asked: Consultation) -> None:
    said = say(asked, person("author", county.here), at=clock.now())
    client, path = signed_in(county.resident), reverse("contribution-respond", args=[asked.slug, said.pk])
    assert client.get(path).status_code == 200
    close(asked)
    response = client.post(path, form(text="我也这么想，回一句。"))
    page = response.content.decode()
    assert response.status_code == 403
    assert OVER in page
    assert "我也这么想，回一句。</textarea>" in page


def test_a_changed_version_that_comes_too_late_can_be_copied(county: County, asked: Consultation) -> None:
    said = say(asked, county.resident, at=clock.now())
    client, path = signed_in(county.resident), reverse("contribution-edit", args=[asked.slug, said.pk])
    assert client.get(path).status_code == 200
    close(asked)
    response = client.post(path, form(text="改成这样更清楚。", version=said.version))
    page = response.content.decode()
    assert response.status_code == 403
    assert OVER in page
    assert "改成这样更清楚。</textarea>" in page
    said.refresh_from_db()
    assert said.text != "改成这样更清楚。"


@pytest.mark.parametrize("scripts", [False, True], ids=["plain", "scripts"])
def test_a_support_that_comes_too_late_says_so_and_leads_back(
    county: County, asked: Consultation, scripts: bool
) -> None:
    said = say(asked, person("author", county.here), at=clock.now())
    client, back = signed_in(county.resident), asked.get_absolute_url()
    close(asked)
    headers = {"Referer": f"http://testserver{back}"} | ({"HX-Request": "true"} if scripts else {})
    path = reverse("contribution-support", args=[asked.slug, said.pk])
    response = client.post(path, {"on": "1", "back": back}, headers=headers)
    page = response.content.decode()
    assert response.status_code == 403
    assert f'<p class="lead">{_sentence(page)}</p>' in page  # what the script puts beside the button
    assert OVER in _sentence(page)
    assert f'class="btn main" href="{back}"' in page
    assert not Support.objects.exists()


def test_autosave_says_that_it_is_over_and_loses_nothing(county: County, asked: Consultation) -> None:
    client = signed_in(county.resident)
    close(asked)
    response = client.post(reverse("consultation-draft", args=[asked.slug]), form(text="还在写"))
    assert response.status_code == 403
    assert OVER in response.json()["message"]


def test_a_visitors_words_that_come_too_late_stay_too(asked: Consultation) -> None:
    close(asked)
    page = Client().post(reverse("consultation-say", args=[asked.slug]), form(text="没登录就写了")).content.decode()
    assert OVER in page
    assert "没登录就写了</textarea>" in page


def test_a_visitor_is_not_sent_to_sign_in_for_a_support_that_is_over(county: County, asked: Consultation) -> None:
    said = say(asked, person("author", county.here), at=clock.now())
    leads = f"/accounts/login/?next={said.get_absolute_url()}"
    assert leads in Client().get(asked.get_absolute_url()).content.decode()
    close(asked)
    page = Client().get(f"{asked.get_absolute_url()}?sort=newest").content.decode()
    assert leads not in page
    assert 'class="sup is-off"' in page


def _sentence(page: str) -> str:
    return page.split('<p class="lead">')[1].split("</p>", maxsplit=1)[0]
