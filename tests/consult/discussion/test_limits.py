"""Speaking very often: the answer says when to go on, and no word is lost."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from civic.core import clock
from civic.core.limits import LIMITS, Limit
from consult.consultations.models import Consultation
from consult.discussion.models import Contribution, Draft, Support
from tests.consult.conftest import County, Opener, say
from tests.consult.discussion.test_views import form, signed_in


@pytest.fixture
def consultation(open_consultation: Opener, monkeypatch: pytest.MonkeyPatch) -> Consultation:
    """One that is collecting at an instant in the middle of a minute, where everything may be done once."""
    at = clock.now().replace(second=30)
    monkeypatch.setattr(clock, "now", lambda: at)
    for name in ("comment", "proposal", "response", "support", "edit"):
        monkeypatch.setitem(LIMITS, name, Limit(account="1/m"))
    return open_consultation(opens_at=at - timedelta(days=1))


def test_a_comment_too_many_is_kept_as_a_draft_and_shown(county: County, consultation: Consultation) -> None:
    client, url = signed_in(county.resident), reverse("consultation-say", args=[consultation.slug])
    client.post(url, form())
    answer = client.post(url, form(text='第二条："<b>慢慢说</b>"'))
    page = unescape(answer.content.decode())
    assert (answer.status_code, answer["Retry-After"], Contribution.objects.count()) == (429, "30", 1)
    assert '第二条："<b>慢慢说</b>"</textarea>' in page
    assert Draft.objects.get(person=county.resident).text == '第二条："<b>慢慢说</b>"'


def test_the_page_sends_the_same_words_once_more(
    county: County, consultation: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, url = signed_in(county.resident), reverse("consultation-say", args=[consultation.slug])
    client.post(url, form())
    page = client.post(url, form(text="等会儿再说。")).content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(?!csrf)(\w+)" value="([^"]*)"', page))
    later = clock.now() + timedelta(seconds=30)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert client.post(url, hidden | {"text": "等会儿再说。"}).status_code == 302
    assert set(Contribution.objects.values_list("text", flat=True)) == {"末班车晚一点。", "等会儿再说。"}


def test_a_response_too_many_is_kept_as_the_draft_of_its_box(county: County, consultation: Consultation) -> None:
    said = say(consultation, county.official, at=clock.now())
    client, url = signed_in(county.resident), reverse("contribution-respond", args=[consultation.slug, said.pk])
    client.post(url, form())
    assert client.post(url, form(text="第二句")).status_code == 429
    assert "第二句" in client.get(url).content.decode()


def test_each_act_has_a_limit_of_its_own(county: County, consultation: Consultation) -> None:
    client, url = signed_in(county.resident), reverse("consultation-say", args=[consultation.slug])
    assert client.post(url, form()).status_code == 302
    assert client.post(url, form(kind="proposal", title="一个建议")).status_code == 302
    assert client.post(url, form(kind="proposal", title="两个建议")).status_code == 429


def test_supporting_too_often_counts_nothing_twice(county: County, consultation: Consultation) -> None:
    said = say(consultation, county.official, at=clock.now())
    client, url = signed_in(county.resident), reverse("contribution-support", args=[consultation.slug, said.pk])
    assert [client.post(url, {"on": on}).status_code for on in ("1", "0")] == [302, 429]
    assert Support.objects.count() == 1


def test_a_draft_saved_too_often_is_answered_to_the_script(
    county: County, consultation: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "draft", Limit(network="1/m"))
    client, url = (
        Client(headers={"accept": "application/json"}),
        reverse("consultation-draft", args=[consultation.slug]),
    )
    answers = [client.post(url, {"kind": "comment", "text": text, "draft_version": 0}) for text in ("一", "一二")]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].json()["retry_after"] == 30


def test_first_words_by_a_program_come_back_and_later_words_are_not_asked(
    county: County, open_consultation: Opener
) -> None:
    asked = open_consultation(opens_at=clock.now() - timedelta(days=1))
    client, url = signed_in(county.resident), reverse("consultation-say", args=[asked.slug])
    assert client.post(url, form(purpose="x")).status_code == 422
    assert client.post(url, form()).status_code == 302
    assert 'name="purpose"' not in client.get(url).content.decode()
