"""The index follows what is published, and holds nothing else."""

from collections.abc import Callable
from datetime import date, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from wagtail.models import Page, Site

from civic.access.registry import Rule, declare
from civic.core import clock
from civic.core.commands import BadInput
from civic.people.models import Person
from civic.policies.models import HomePage, PolicyIndexPage, PolicyPage
from civic.policies.states import Stage
from search import documents
from search.asking import understand
from search.documents import Document
from search.engines import engine
from search.engines.base import Hits, Query, Superseded
from search.indexing import index_now, rebuild
from search.readers import Pass, Reader
from tests.cast import County
from tests.factories.bodies import a_grant

pytestmark = pytest.mark.django_db


def found(typed: str, at: datetime, **fields: Any) -> Hits:
    return engine().query(Query(understand(typed), Reader(at), **fields))


@pytest.fixture
def policy(here: County) -> PolicyPage:
    """A published policy with one clause, in force since September."""
    home = HomePage.objects.first()
    if home is None:
        home = Page.get_first_root_node().add_child(instance=HomePage(title="首页", slug="home-page"))
        Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "localhost", "root_page": home})
    library = PolicyIndexPage.objects.first() or home.add_child(instance=PolicyIndexPage(title="政策", slug="policies"))
    page: PolicyPage = library.add_child(
        instance=PolicyPage(
            title="老旧小区加装电梯办法",
            title_en="Lifts in older housing",
            slug="lifts",
            summary="谁可以申请，补多少钱。",
            issuing_body=here.department,
            place=here.county,
            stage=Stage.DECIDED,
            in_force_from=date(2026, 9, 1),
            clauses=[
                (
                    "clause",
                    {
                        "number": "第八条",
                        "heading": "补偿",
                        "text": "由受益业主给予低层住户适当补偿。",
                        "text_en": "Neighbours pay.",
                    },
                )
            ],
        )
    )
    page.save_revision().publish()
    return page


def test_a_policy_is_found_once_it_is_published(
    policy: PolicyPage, at: datetime, deliver_all: Callable[..., int]
) -> None:
    assert found("低层住户", at).total == 0
    deliver_all(clock.now())
    [hit] = found("低层住户", at).hits
    assert (hit.url, hit.status, hit.byline) == ("/policies/lifts/", "doing", "云澜县交通运输局")


def test_an_unpublished_policy_leaves_the_index(policy: PolicyPage, at: datetime) -> None:
    index_now("policy", policy.pk)
    assert found("电梯", at).total == 1
    policy.unpublish()
    assert found("电梯", at).total == 0


def test_a_deleted_policy_leaves_the_index(here: County, at: datetime, policy: PolicyPage) -> None:
    index_now("policy", policy.pk)
    policy.versions.all()._raw_delete("default")
    policy.delete()
    assert found("电梯", at).total == 0


def test_a_rebuild_finds_what_the_database_holds_and_drops_the_rest(policy: PolicyPage, at: datetime) -> None:
    engine().index([Document(kind="policy", key="999999", url="/gone/", title="电梯", at=at)])
    out = StringIO()
    call_command("rebuild_search", stdout=out)
    assert [hit.url for hit in found("电梯", at).hits] == ["/policies/lifts/"]
    assert "policy 1" in out.getvalue()
    call_command("rebuild_search", stdout=out)
    assert found("电梯", at).total == 1


def test_a_rebuild_overtaken_by_another_stops(policy: PolicyPage, at: datetime) -> None:
    older = rebuild(at=at)
    next(older)
    list(rebuild(at=at))
    with pytest.raises(Superseded):
        list(older)
    assert found("电梯", at).total == 1


def test_an_unknown_option_of_the_rebuild_is_refused() -> None:
    with pytest.raises(BadInput):
        call_command("rebuild_search", "--faster")


def test_a_kind_nobody_registered_is_an_error() -> None:
    with pytest.raises(LookupError):
        index_now("unheard-of", 1)


def test_a_document_must_have_a_known_status(at: datetime) -> None:
    with pytest.raises(ValueError, match="no status"):
        Document(kind="note", key="1", url="/", title="", at=at, status="hot")


class TestReaders:
    """Who finds what is not public."""

    @pytest.fixture
    def action(self, monkeypatch: pytest.MonkeyPatch) -> str:
        monkeypatch.setattr("civic.access.registry._rules", {})
        action = declare(Rule("test:draft:read", "read drafts", level=1, mandate=True))
        kind = documents.Kind("draft", "Drafts", PolicyPage, lambda page: None, PolicyPage.objects.all, (action,))
        monkeypatch.setattr(documents, "_kinds", {"draft": kind})
        return action

    def test_a_live_grant_becomes_a_pass(self, action: str, here: County, resident: Person, at: datetime) -> None:
        a_grant(action, to=resident, place=here.district, at=at)
        assert Reader.of(resident, at=at).passes == {Pass(action, place_path=here.district.path)}

    def test_a_grant_for_something_else_does_not(
        self, action: str, here: County, resident: Person, at: datetime
    ) -> None:
        declare(Rule("test:draft:write", "write drafts", level=1, mandate=True))
        a_grant("test:draft:write", to=resident, place=here.district, at=at)
        assert not Reader.of(resident, at=at).passes

    def test_a_suspended_holder_reads_like_everybody_else(
        self, action: str, here: County, suspended: Person, at: datetime
    ) -> None:
        a_grant(action, to=suspended, place=here.district, at=at)
        assert not Reader.of(suspended, at=at).passes

    def test_a_holder_below_the_level_reads_like_everybody_else(
        self, action: str, here: County, newcomer: Person, at: datetime
    ) -> None:
        a_grant(action, to=newcomer, place=here.district, at=at)
        assert not Reader.of(newcomer, at=at).passes

    def test_a_visitor_costs_no_query(
        self, action: str, at: datetime, anonymous: Any, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(0):
            assert not Reader.of(anonymous, at=at).passes
