from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Q
from django.test import Client

from civic.policies import citations, consultations, domain, sections
from civic.policies.models import PolicyIndexPage, PolicyPage, Topic
from tests.civic.policies.conftest import CLAUSES, FIRST, MakePolicy
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db

ENGLISH = {"headers": {"accept-language": "en"}}
CHINESE = {"headers": {"accept-language": "zh-hans"}}


@pytest.fixture
def revised(policy: PolicyPage) -> PolicyPage:
    """The parking rules with a second version."""
    return domain.revise_policy(
        page=policy, author=a_person(), approver=a_person(), at=datetime(2026, 11, 18, tzinfo=UTC),
        in_force_from=date(2030, 1, 1), change_note="夜间改为月卡。",
        clauses=[CLAUSES[0], {**CLAUSES[1], "text": "夜间道路停车实行居民月卡。"}, CLAUSES[2]],
    )  # fmt: skip


ADDRESSES = [
    "/", "/policies/", "/policies/?q=停车&status=in_force&year=2026", "/policies/parking/",
    "/policies/parking/?on=2026-04-01", "/policies/parking/?on=2020-04-01", "/policies/parking/versions/",
    "/policies/parking/versions/?from=1&to=2", "/policies/parking/versions/1/", "/policies/parking/print/",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("language", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_every_page_answers_in_both_languages(
    client: Client, revised: PolicyPage, address: str, language: dict[str, Any]
) -> None:
    response = client.get(address, **language)
    assert response.status_code == 200
    assert response.content.decode().count("<h1") == 1


def test_english_readers_get_the_translation_where_there_is_one(client: Client, policy: PolicyPage) -> None:
    page = client.get("/policies/parking/", **ENGLISH).content.decode()
    assert "Parking rules of Yunlan County" in page
    assert "The first 30 minutes are free." in page
    assert '<div class="txt"' in page
    assert "本办法自2026年3月1日起施行。" in page


def test_a_day_shows_the_text_then_in_force(client: Client, revised: PolicyPage) -> None:
    assert "夜间道路停车按小时收费。" in client.get("/policies/parking/?on=2026-04-01").content.decode()
    assert "实行居民月卡" not in client.get("/policies/parking/?on=2026-04-01").content.decode()


def test_a_day_that_is_none_is_answered_on_the_page(client: Client, policy: PolicyPage) -> None:
    assert client.get("/policies/parking/?on=soon").status_code == 400


def test_the_comparison_says_in_words_what_was_and_what_is(client: Client, revised: PolicyPage) -> None:
    page = client.get("/policies/parking/versions/?from=1&to=2", **CHINESE).content.decode()
    assert "<del>按小时收费</del>" in page
    assert "<ins>实行居民月卡</ins>" in page


@pytest.mark.parametrize("query", ["from=1&to=9", "from=x&to=1", "to=1"])
def test_comparing_versions_that_are_not_there_is_not_found(client: Client, policy: PolicyPage, query: str) -> None:
    assert client.get(f"/policies/parking/versions/?{query}").status_code == 404


def test_a_page_costs_the_same_for_one_and_for_thirty(
    client: Client, make_policy: MakePolicy, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    addresses = ["/policies/", "/policies/parking-0/", "/"]
    topic = Topic.objects.create(name="交通", slug="traffic")
    make_policy("parking-0", topics=[topic])
    for address in addresses:
        client.get(address)
        with django_assert_max_num_queries(18, info=address):
            client.get(address)
    for number in range(1, 30):
        make_policy(f"parking-{number}", title=f"办法{number}", topics=[topic])
    for address in addresses:
        with django_assert_max_num_queries(18, info=address):
            client.get(address)


def test_the_library_filters(client: Client, make_policy: MakePolicy, here: Any) -> None:
    topic = Topic.objects.create(name="交通", slug="traffic")
    make_policy("parking", topics=[topic], place=here.district)
    make_policy("lifts", title="加装电梯办法", number="云政发〔2024〕1号", in_force_from=date(2024, 5, 1))

    def found(query: str) -> set[str]:
        return {row.page.slug for row in client.get(f"/policies/?{query}").context["rows"]}

    assert found("q=电梯") == {"lifts"}
    assert found("q=2024") == {"lifts"}
    assert found("topic=traffic") == {"parking"}
    assert found("year=2024") == {"lifts"}
    assert found(f"place={here.district.code}") == {"parking", "lifts"}
    assert found(f"body={here.department.pk}") == {"parking", "lifts"}
    assert found("topic=none&year=abc&page=x") == {"parking", "lifts"}


def test_policies_for_parts_of_a_place_are_found_only_there(client: Client, make_policy: MakePolicy, here: Any) -> None:
    make_policy("part", places=[here.district])
    make_policy("other", place=here.other_district)
    rows = client.get(f"/policies/?place={here.district.code}").context["rows"]
    assert {row.page.slug for row in rows} == {"part"}


def test_an_empty_site_has_a_home_page_and_a_library(client: Client, library: PolicyIndexPage) -> None:
    assert client.get("/").status_code == 200
    assert client.get("/policies/").status_code == 200


def test_setting_up_the_site_twice_changes_nothing(library: PolicyIndexPage, at: datetime) -> None:
    assert domain.ensure_site(at=at) == library


def test_other_packages_bring_their_parts_of_the_home_page(client: Client, library: PolicyIndexPage) -> None:
    def maker(at: datetime) -> list[sections.Task]:
        return [sections.Task("talk", "提意见", "5 项正在征集", "/consultations/")]

    sections.register("home", maker, column="tasks")
    try:
        assert "5 项正在征集" in client.get("/").content.decode()
    finally:
        sections.unregister(maker)


class Talking:
    """A source of consultations and citations as ``consult`` plugs them in."""

    def __init__(self, page: PolicyPage) -> None:
        self.page = page

    def of_page(self, page_id: int, *, at: datetime) -> list[consultations.Asked]:
        asked = consultations.Asked(
            title="停车怎么收费",
            url="/consultations/parking/",
            is_running=True,
            opens_at=at,
            closes_at=at.replace(year=at.year + 1),
        )
        return [asked] if page_id == self.page.pk else []

    def talk(self, page_id: int, *, at: datetime) -> dict[UUID, consultations.ClauseTalk]:
        return {FIRST: consultations.ClauseTalk(74, "/consultations/parking/clauses/1/")}

    def running(self, *, at: datetime) -> Q:
        return Q(pk=self.page.pk)

    def cited(self, revision_ids: Any) -> dict[int, list[citations.Citation]]:
        return {pk: [citations.Citation("98 条意见", "/consultations/parking/result/")] for pk in revision_ids}


def test_a_running_consultation_shows_on_the_policy_and_in_the_library(client: Client, policy: PolicyPage) -> None:
    source = Talking(policy)
    consultations.plug_in(source)
    citations.register(source)
    try:
        page = client.get("/policies/parking/").content.decode()
        rows = client.get("/policies/?status=consulting").context["rows"]
    finally:
        consultations.unplug([source])
        citations.unplug([source])
    assert "停车怎么收费" in page
    assert "<b>74</b>" in page
    assert "98 条意见" in page
    assert [row.state.status for row in rows] == ["consulting"]


def test_the_feed_the_sitemap_and_robots_answer(client: Client, revised: PolicyPage) -> None:
    feed = client.get("/policies/feed/", **CHINESE)
    assert feed.headers["Content-Type"].startswith("application/atom+xml")
    assert "夜间改为月卡。" in feed.content.decode()
    sitemap = client.get("/sitemap.xml").content.decode()
    assert "/policies/parking/</loc>" in sitemap
    assert "Disallow: /cms/" in client.get("/robots.txt").content.decode()


def test_the_library_begins_with_what_is_not_decided_yet(make_policy: MakePolicy, client: Client) -> None:
    make_policy("old")
    make_policy("new", in_force_from=date(2026, 5, 1))
    make_policy("asked", stage="proposed", in_force_from=None)
    assert [row.page.slug for row in client.get("/policies/").context["rows"]] == ["asked", "new", "old"]


def test_what_a_title_holds_of_controls_does_not_take_the_feed_away(make_policy: MakePolicy, client: Client) -> None:
    make_policy("copied", title="停车\x0b办法", approver=a_person(level=3))
    answer = client.get("/policies/feed/")
    assert (answer.status_code, "停车 办法" in answer.content.decode()) == (200, True)
