"""The result's page and its files, through HTTP."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from civic.core import clock
from consult.consultations import domain as consultations
from consult.consultations.models import Consultation
from consult.discussion.models import Contribution
from consult.reports.models import Report
from tests.consult.conftest import DAY, County, Opener, person, say
from tests.consult.reports.conftest import answer

Conclude = Callable[..., Report]


@pytest.fixture
def past(open_consultation: Opener) -> Consultation:
    """Return one whose participation ended yesterday: views take their instant from the clock."""
    return open_consultation(opens_at=clock.now() - 16 * DAY)


def _said(county: County, past: Consultation, count: int) -> list[Contribution]:
    assert past.opens_at is not None
    at = past.opens_at + timedelta(hours=1)
    return [say(past, person(f"p{n}", county.here), f"末班车第 {n} 句", at=at) for n in range(count)]


@pytest.fixture
def result(county: County, past: Consultation, conclude: Conclude) -> str:
    """Conclude a consultation in which one answer changes a clause, and return the page's address."""
    first, second = _said(county, past, 2)
    answer(county, first, at=clock.now(), clause_number="第三条", new_text="末班车二十二点。")
    answer(county, second, at=clock.now(), outcome="not")
    conclude(past, at=clock.now())
    return reverse("consultation-result", args=[past.slug])


def test_the_result_says_what_changes_and_because_of_whom(result: str) -> None:
    page = Client(HTTP_ACCEPT_LANGUAGE="en").get(result).content.decode()
    assert "末班车二十二点。" in page
    assert "末班车第 0 句" in page
    assert "2 of 2" in page
    assert "n = 2" in page
    assert "not everybody in" in page


def test_answers_of_the_same_day_did_not_wait_for_no_days(
    county: County, past: Consultation, conclude: Conclude
) -> None:
    [said] = _said(county, past, 1)
    now = clock.now()
    Contribution.objects.filter(pk=said.pk).update(created_at=now - timedelta(hours=1))
    answer(county, said, at=now)
    conclude(past, at=now)
    page = Client(HTTP_ACCEPT_LANGUAGE="en").get(reverse("consultation-result", args=[past.slug])).content.decode()
    assert "Each was answered within a day (n = 1)." in page
    assert "0.0 days" not in page


def test_before_there_is_a_result_the_page_says_when_it_is_due(past: Consultation) -> None:
    response = Client(HTTP_ACCEPT_LANGUAGE="en").get(reverse("consultation-result", args=[past.slug]))
    assert response.status_code == 404
    assert "There is no result yet" in response.content.decode()
    assert "due by" in response.content.decode()


def test_a_withdrawn_consultation_says_that_it_has_no_result(county: County, past: Consultation) -> None:
    assert past.opens_at is not None
    consultations.withdraw(consultation=past, actor=county.official, note="改期。", at=past.opens_at)
    response = Client(HTTP_ACCEPT_LANGUAGE="en").get(reverse("consultation-result", args=[past.slug]))
    assert response.status_code == 404
    assert "改期。" in response.content.decode()


def test_words_hidden_later_leave_the_page_and_keep_the_figures(result: str) -> None:
    Contribution.objects.filter(text="末班车第 0 句").update(state="hidden")
    page = Client(HTTP_ACCEPT_LANGUAGE="en").get(result).content.decode()
    assert "末班车第 0 句" not in page
    assert "2 of 2" in page


def test_every_printed_figure_is_in_the_files(past: Consultation, result: str) -> None:
    client = Client()
    kept = client.get(f"{result}figures.json").json()
    table = list(csv.DictReader(io.StringIO(client.get(f"{result}figures.csv").content.decode("utf-8-sig"))))
    report = Report.objects.get()
    assert kept["sources_sha256"] == report.sources_hash
    assert [(row["figure"], row["part"], row["number"]) for row in table] == [
        (row["figure"], row["part"], str(row["n"])) for row in report.data["figures"]
    ]
    assert all(row["base"] and row["base_en"] and row["leaves_out"] for row in table)


def test_there_are_no_files_before_there_is_a_result(past: Consultation, result: str) -> None:
    assert Client().get(f"{result}figures.xml").status_code == 404
    assert Client().get(reverse("consultation-result-data", args=["nonsense", "json"])).status_code == 404


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize(("who", "ceiling"), [("anonymous", 11), ("resident", 15)])
def test_the_result_costs_the_same_whatever_its_length(
    county: County, past: Consultation, conclude: Conclude, count: int, who: str, ceiling: int,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    for said in _said(county, past, count):
        answer(county, said, at=clock.now(), clause_number="第三条", new_text="末班车二十二点。")
    conclude(past, at=clock.now())
    client = Client()
    if who == "resident":
        client.force_login(county.resident, backend="allauth.account.auth_backends.AuthenticationBackend")
    url = reverse("consultation-result", args=[past.slug])
    client.get(url)
    with django_assert_max_num_queries(ceiling):
        assert client.get(url).status_code == 200
