"""What those who work in the CMS see of texts that are not theirs."""

from datetime import timedelta

import pytest

from civic.core import clock
from civic.policies import actions
from civic.policies.models import PolicyPage
from orgs.grants.models import Grant
from tests.cast import County
from tests.civic.policies.conftest import Desk, MakePolicy, signed_in
from tests.civic.policies.test_editing import edit
from tests.factories.bodies import a_body, a_grant
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db

UNKNOWN = "拆迁补偿新标准"
# Every page of the CMS that lists, finds, chooses or shows pages.
LISTS = (
    "", "pages/{library}/", "pages/{library}/results/", "pages/search/?q=拆迁", "pages/search/results/?q=拆迁",
    "choose-page/", "choose-page/{library}/", "choose-page/search/?q=拆迁", "choose-page/search/?q=",
    "api/main/pages/", "api/main/pages/?child_of={library}", "api/main/pages/?fields=*", "api/main/pages/{page}/",
    "reports/aging-pages/", "reports/site-history/", "reports/page-types-usage/", "reports/workflow/",
    "reports/workflow_tasks/", "reports/locked/", "pages/usage/civic_policies/policypage/", "pages/workflow/usage/1/",
)  # fmt: skip
SCREENS = (
    "pages/{page}/", "pages/{page}/history/", "pages/{page}/view_draft/", "pages/{page}/usage/", "pages/{page}/edit/",
    "pages/{page}/copy/", "pages/{page}/delete/", "pages/{page}/move/", "pages/{page}/privacy/",
    "pages/{page}/edit/preview/", "pages/{page}/workflow/status/", "pages/{page}/revisions/{revision}/view/",
    "pages/{page}/revisions/{revision}/revert/", "pages/{page}/revisions/compare/live...{revision}/",
    "bulk/wagtailcore/page/delete/?id={page}", "bulk/wagtailcore/page/move/?id={page}",
    "bulk/wagtailcore/page/publish/?id={page}", "bulk/wagtailcore/page/unpublish/?id={page}",
)  # fmt: skip


@pytest.mark.parametrize("addresses", [LISTS, SCREENS], ids=["lists", "screens"])
def test_drafts_of_another_body_are_named_nowhere(
    desk: Desk, make_policy: MakePolicy, here: County, addresses: tuple[str, ...]
) -> None:
    other = make_policy("other", issuing_body=a_body(place=here.county), approver=None, title=UNKNOWN)
    names = {"library": desk.library.pk, "page": other.pk, "revision": other.latest_revision_id}
    client = signed_in(desk.author)

    told = []
    for address in addresses:
        text = client.get(f"/cms/{address.format(**names)}", follow=True).content.decode()
        if UNKNOWN in text or UNKNOWN.encode("unicode_escape").decode() in text:
            told.append(address)

    assert told == []


def test_who_wrote_a_draft_has_no_more_to_do_with_it_than_their_grants(
    desk: Desk, make_policy: MakePolicy, here: County
) -> None:
    other = a_body(place=here.county)
    mine = make_policy("mine", author=desk.author, approver=None, title=UNKNOWN)
    client = signed_in(desk.author)
    assert client.get(f"/cms/pages/{mine.pk}/edit/").status_code == 200
    Grant.objects.filter(person=desk.author).update(ended_at=clock.now() - timedelta(seconds=1))
    a_grant(actions.EDIT, to=desk.author, over=other, at=clock.now())

    opened = client.get(f"/cms/pages/{mine.pk}/edit/")
    edit(client, mine, issuing_body=other.pk)  # would bring it into the new office
    client.post(f"/cms/pages/{mine.pk}/delete/")

    assert opened.status_code == 403 or UNKNOWN not in opened.content.decode()
    assert PolicyPage.objects.get(pk=mine.pk).latest_revision_id == mine.latest_revision_id


def test_who_may_read_drafts_finds_and_reads_them_and_changes_nothing(desk: Desk, here: County) -> None:
    edit(signed_in(desk.author), desk.policy, title=UNKNOWN)
    head = a_person(level=3)
    a_grant(actions.VIEW_DRAFT, to=head, place=here.county, at=clock.now())
    client = signed_in(head)

    listed = client.get(f"/cms/pages/{desk.library.pk}/", follow=True).content.decode()
    assert f"/cms/pages/{desk.policy.pk}/view_draft/" in listed
    shown = client.get(f"/cms/pages/{desk.policy.pk}/view_draft/")
    assert shown.status_code == 200
    assert UNKNOWN in shown.content.decode()
    edit(client, desk.policy, title="改了")
    assert PolicyPage.objects.get(pk=desk.policy.pk).latest_revision.content["title"] == UNKNOWN


def test_the_power_to_publish_alone_reads_no_draft(desk: Desk) -> None:
    edit(signed_in(desk.author), desk.policy, title=UNKNOWN)
    assert signed_in(desk.approver).get(f"/cms/pages/{desk.policy.pk}/view_draft/").status_code == 404


@pytest.mark.parametrize("address", ["pages/{page}/view_draft/", "pages/{library}/", "pages/{library}/results/"])
def test_no_browser_keeps_what_stands_before_wagtails_own_views(desk: Desk, address: str) -> None:
    shown = signed_in(desk.author).get(f"/cms/{address.format(page=desk.policy.pk, library=desk.library.pk)}")
    assert (shown.status_code, "no-store" in shown.headers.get("Cache-Control", "")) == (200, True)
