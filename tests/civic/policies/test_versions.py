from datetime import UTC, date, datetime

import pytest
from django.test import Client

from civic.audit.models import Entry
from civic.core.refusals import Refused
from civic.policies import domain, queries
from civic.policies.models import PolicyPage
from civic.policies.states import Status
from tests.civic.policies.conftest import CLAUSES, MakePolicy
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db

NOVEMBER = datetime(2026, 11, 18, 2, tzinfo=UTC)


@pytest.fixture
def amended(policy: PolicyPage) -> PolicyPage:
    """The rules amended in November 2026, the amendment in force from 2027."""
    return domain.revise_policy(
        page=policy, author=a_person(), approver=a_person(), at=NOVEMBER, in_force_from=date(2027, 1, 1),
        in_force_until=date(2030, 1, 1), change_note="夜间改为月卡。",
        clauses=[CLAUSES[0], {**CLAUSES[1], "text": "夜间道路停车实行居民月卡。"}, CLAUSES[2]],
    )  # fmt: skip


def test_each_publication_is_a_version_with_its_time_and_note(amended: PolicyPage) -> None:
    newest, first = queries.versions_of(amended)
    assert (newest.number, newest.published_at, newest.note) == (2, NOVEMBER, "夜间改为月卡。")
    assert (first.number, first.note) == (1, "")
    assert amended.live_revision_id == newest.revision_id


@pytest.mark.parametrize(
    ("day", "number"),
    [
        (date(2026, 2, 28), None),
        (date(2026, 3, 1), 1),
        (date(2026, 12, 31), 1),
        (date(2027, 1, 1), 2),
        (date(2029, 12, 31), 2),
        (date(2030, 1, 1), None),
    ],
)
def test_as_of_a_day_returns_the_text_then_in_force(amended: PolicyPage, day: date, number: int | None) -> None:
    held = queries.in_force_on(queries.versions_of(amended), day)
    assert (held.number if held else None) == number


def test_a_correction_counts_from_its_publication(policy: PolicyPage) -> None:
    domain.revise_policy(page=policy, author=a_person(), approver=a_person(), at=NOVEMBER, clauses=CLAUSES[:2])
    versions = queries.versions_of(policy)
    assert queries.in_force_on(versions, date(2026, 11, 17)) == versions[1]
    assert queries.in_force_on(versions, date(2026, 11, 18)) == versions[0]


def test_a_draft_for_comment_is_never_in_force(make_policy: MakePolicy) -> None:
    page = make_policy("draft", stage="proposed", in_force_from=None)
    assert queries.in_force_on(queries.versions_of(page), date(2027, 1, 1)) is None


@pytest.mark.parametrize(
    ("day", "status"),
    [
        (datetime(2026, 2, 20, tzinfo=UTC), Status.DECIDED),
        (datetime(2026, 5, 1, tzinfo=UTC), Status.IN_FORCE),
        (datetime(2029, 5, 1, tzinfo=UTC), Status.REPEALED),
    ],
)
def test_the_status_follows_from_the_dates_and_the_list_agrees(
    make_policy: MakePolicy, day: datetime, status: Status
) -> None:
    page = make_policy(in_force_until=date(2029, 1, 1))
    assert queries.status_of(page, at=day) is status
    assert list(queries.library({"status": status.value}, at=day)) == [page]
    others = [other for other in Status.values if other != status]
    assert not any(queries.library({"status": other}, at=day).exists() for other in others)


def test_the_author_cannot_be_the_approver(make_policy: MakePolicy) -> None:
    somebody = a_person()
    with pytest.raises(Refused):
        make_policy("alone", author=somebody, approver=somebody)
    assert not PolicyPage.objects.filter(slug="alone").exists()


def test_publication_leaves_its_entry_with_ids_only(policy: PolicyPage) -> None:
    entry = Entry.objects.get(type="civic:policy:published")
    assert entry.facts == {"page": policy.pk, "revision": policy.live_revision_id, "version": 1}
    assert entry.at == datetime(2026, 2, 1, 2, tzinfo=UTC)


def test_a_draft_without_approver_is_not_public(make_policy: MakePolicy, client: Client) -> None:
    page = make_policy("draft", approver=None)
    assert not page.live
    assert client.get("/policies/draft/").status_code == 404
    assert client.get("/policies/draft/versions/").status_code == 404


def test_a_published_version_is_never_changed(policy: PolicyPage) -> None:
    version = policy.versions.get()
    version.note = "x"
    with pytest.raises(TypeError):
        version.save()


def test_a_revision_anybody_relies_on_is_not_overwritten(policy: PolicyPage) -> None:
    published = policy.live_revision
    draft = policy.get_latest_revision_as_object()
    draft.title = "改了"
    saved = draft.save_revision(user=published.user, overwrite_revision=published)
    assert saved.pk != published.pk
    published.refresh_from_db()
    assert published.content["title"] == "云澜县机动车停车管理办法"


def test_a_mere_draft_may_be_overwritten(policy: PolicyPage) -> None:
    draft = policy.get_latest_revision_as_object()
    first = draft.save_revision(user=policy.owner)
    assert draft.save_revision(user=policy.owner, overwrite_revision=first).pk == first.pk
