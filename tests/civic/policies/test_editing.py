"""Nobody publishes alone, through whichever door."""

import json
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, Revision
from wagtail.test.utils.form_data import nested_form_data, streamfield

from civic.audit.models import Entry
from civic.core import clock
from civic.core.refusals import Refused
from civic.people import erasing
from civic.policies import actions, domain
from civic.policies.models import PolicyPage, SecondPersonTask
from orgs.grants.models import Grant
from tests.cast import County
from tests.civic.policies.conftest import CLAUSES, Desk, MakePolicy, signed_in
from tests.factories.bodies import a_body, a_grant
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db


def form_of(page: PolicyPage, **changes: Any) -> dict[str, Any]:
    """What the editor's browser sends for a page."""
    blocks = [
        ("clause", {**dict.fromkeys(("heading", "heading_en", "text_en", "note", "note_en"), ""), **clause})
        for clause in CLAUSES
    ]
    stream = streamfield([(kind, {k: v for k, v in value.items() if k != "id"}) for kind, value in blocks])
    for index, clause in enumerate(CLAUSES):
        stream[f"{index}-id"] = str(clause["id"])
        stream[f"{index}"] = stream.get(f"{index}", {})
    data = {
        "title": page.title, "title_en": page.title_en, "slug": page.slug, "summary": page.summary,
        "summary_en": page.summary_en, "number": page.number, "issuing_body": page.issuing_body_id,
        "place": page.place_id, "stage": page.stage, "in_force_from": "2026-03-01", "in_force_until": "",
        "supersedes": "", "basis": "", "basis_en": "", "change_note": "", "change_note_en": "",
        "go_live_at": "", "expire_at": "", "clauses": stream,
    }  # fmt: skip
    return nested_form_data(data | changes)


def edit(client: Client, page: Page, **changes: Any) -> Any:
    return client.post(f"/cms/pages/{page.pk}/edit/", form_of(PolicyPage.objects.get(pk=page.pk), **changes))


def submit(desk: Desk, **changes: Any) -> Any:
    """The author submits a change; returns the waiting task state."""
    edit(signed_in(desk.author), desk.policy, title="新标题", **{"action-submit": "1"}, **changes)
    state = Page.objects.get(pk=desk.policy.pk).current_workflow_task_state
    assert state is not None
    return state


def decide(client: Client, state: Any, action: str, comment: str = "") -> Any:
    page = state.workflow_state.content_object
    address = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, action, state.pk])
    response = client.post(address, {"comment": comment})
    assert response.status_code != 404
    return response


def live_title(page: Page) -> str:
    return PolicyPage.objects.get(pk=page.pk).title


OLD = "云澜县机动车停车管理办法"


def test_an_editor_opens_their_bodys_policies(desk: Desk) -> None:
    assert signed_in(desk.author).get(f"/cms/pages/{desk.policy.pk}/edit/").status_code == 200


@pytest.mark.parametrize("filled", [set(), {"issuing_body"}, {"place"}], ids=["nothing", "no place", "no body"])
def test_a_new_policy_without_place_or_body_is_asked_for_them(desk: Desk, filled: set[str]) -> None:
    fields = form_of(desk.policy, slug="new", **dict.fromkeys({"issuing_body", "place"} - filled, ""))

    answer = signed_in(desk.author).post(f"/cms/pages/add/civic_policies/policypage/{desk.library.pk}/", fields)

    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {"issuing_body", "place"} - filled
    assert not PolicyPage.objects.filter(slug="new").exists()


@pytest.mark.parametrize(
    ("english", "address"),
    [("E-bike Rules", "e-bike-rules"), ("Parking", "parking-2"), ("", "policy")],
    ids=["from its title", "one that is taken", "no title"],
)
def test_a_new_policy_gets_an_address_by_itself(desk: Desk, english: str, address: str) -> None:
    fields = form_of(desk.policy, slug="", title="电动车办法", title_en=english)

    signed_in(desk.author).post(f"/cms/pages/add/civic_policies/policypage/{desk.library.pk}/", fields)

    assert PolicyPage.objects.get(title="电动车办法").slug == address


def test_the_policies_of_another_body_are_closed(desk: Desk, make_policy: MakePolicy, here: County) -> None:
    other = make_policy("other", issuing_body=a_body(place=here.county))
    client = signed_in(desk.author)
    assert client.get(f"/cms/pages/{other.pk}/edit/").status_code in {302, 403}
    edit(client, other, title="偷改")
    assert live_title(other) == OLD
    assert Revision.page_revisions.filter(object_id=str(other.pk)).count() == 1


def test_a_draft_keeps_the_clauses_identities(desk: Desk) -> None:
    edit(signed_in(desk.author), desk.policy, title="草稿")
    revision = PolicyPage.objects.get(pk=desk.policy.pk).latest_revision
    assert revision.content["title"] == "草稿"
    assert [block["id"] for block in json.loads(revision.content["clauses"])] == [str(c["id"]) for c in CLAUSES]
    assert live_title(desk.policy) == OLD


def test_the_publish_button_only_saves_a_draft(desk: Desk) -> None:
    edit(signed_in(desk.author), desk.policy, title="我自己发", **{"action-publish": "1"})
    assert live_title(desk.policy) == OLD


def test_no_page_offers_a_publish_button(desk: Desk) -> None:
    page = signed_in(desk.author).get(f"/cms/pages/{desk.policy.pk}/edit/").content.decode()
    assert "action-publish" not in page
    assert "action-submit" in page


@pytest.mark.parametrize("action", ["publish", "unpublish", "delete", "move"])
def test_bulk_actions_change_nothing(desk: Desk, action: str) -> None:
    edit(signed_in(desk.author), desk.policy, title="批量")
    signed_in(desk.author).post(f"/cms/bulk/wagtailcore/page/{action}/?id={desk.policy.pk}&next=/cms/")
    page = PolicyPage.objects.get(pk=desk.policy.pk)
    assert page.live
    assert page.title == OLD


def act(client: Client, page: Page, action: str, **data: Any) -> Any:
    """Call one of the admin API's actions, the only thing it can write."""
    address = reverse("wagtailadmin_api:pages:action", args=[page.pk, action])
    response = client.post(address, json.dumps(data), content_type="application/json")
    assert response.status_code != 404
    return response


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("publish", {}),
        ("unpublish", {}),
        ("delete", {}),
        ("copy", {"keep_live": True, "slug": "copied"}),
        ("create_alias", {"update_slug": "alias"}),
    ],
)
def test_the_admin_api_publishes_and_takes_away_nothing(desk: Desk, action: str, data: dict[str, Any]) -> None:
    client = signed_in(desk.author)
    edit(client, desk.policy, title="接口")
    act(client, desk.policy, action, **data)
    assert [(page.title, page.pk) for page in PolicyPage.objects.live()] == [(OLD, desk.policy.pk)]


def test_a_text_swapped_after_submission_is_not_what_gets_approved(desk: Desk) -> None:
    first = desk.policy.live_revision_id
    state = submit(desk)
    act(signed_in(desk.author), desk.policy, "revert_to_page_revision", revision_id=first)
    response = decide(signed_in(desk.approver), state, "approve")
    assert response.status_code == 409
    assert live_title(desk.policy) == OLD


def test_a_text_swapped_after_submission_can_be_sent_back_and_goes_on(desk: Desk) -> None:
    state = submit(desk)
    act(signed_in(desk.author), desk.policy, "revert_to_page_revision", revision_id=desk.policy.live_revision_id)
    erasing.erase(person_id=desk.author.pk, at=clock.now())  # nobody else could take it back

    decide(signed_in(desk.approver), state, "reject", "请再提交一次")

    colleague = a_person(level=3)
    a_grant(actions.EDIT, to=colleague, over=desk.bureau, at=clock.now())
    edit(signed_in(colleague), desk.policy, title="同事接手", **{"action-submit": "1"})
    waiting = Page.objects.get(pk=desk.policy.pk).current_workflow_task_state
    assert waiting is not None
    decide(signed_in(desk.approver), waiting, "approve")
    assert live_title(desk.policy) == "同事接手"


def test_a_go_live_date_without_approval_publishes_nothing(desk: Desk) -> None:
    soon = timezone.localtime() + timedelta(hours=1)
    edit(
        signed_in(desk.author),
        desk.policy,
        title="定时",
        go_live_at=f"{soon:%Y-%m-%d %H:%M}",
        **{"action-publish": "1"},
    )
    assert domain.publish_due(at=clock.now() + timedelta(days=2)) == 0
    assert live_title(desk.policy) == OLD


def test_unpublishing_is_nobodys(desk: Desk) -> None:
    signed_in(desk.author).post(f"/cms/pages/{desk.policy.pk}/unpublish/")
    assert PolicyPage.objects.get(pk=desk.policy.pk).live


def test_submitting_publishes_nothing_and_leaves_an_entry(desk: Desk) -> None:
    submit(desk)
    assert live_title(desk.policy) == OLD
    entry = Entry.objects.about(desk.policy).filter(type="civic:policy:submitted", actor=desk.author).get()
    assert entry.facts["page"] == desk.policy.pk


def test_the_submitter_cannot_approve_though_they_hold_the_power(desk: Desk) -> None:
    state = submit(desk)
    decide(signed_in(desk.author), state, "approve")
    edit(signed_in(desk.author), desk.policy, **{"action-workflow-action": "1", "workflow-action-name": "approve"})
    assert live_title(desk.policy) == OLD


def test_somebody_without_the_power_cannot_approve(desk: Desk) -> None:
    state = submit(desk)
    outsider = a_person(level=3)
    a_grant(actions.PUBLISH, to=outsider, over=a_body(place=desk.policy.place), at=clock.now())
    decide(signed_in(outsider), state, "approve")
    assert live_title(desk.policy) == OLD


def test_a_second_person_approves_and_it_is_published(desk: Desk) -> None:
    state = submit(desk)
    decide(signed_in(desk.approver), state, "approve", "看过了")
    assert live_title(desk.policy) == "新标题"
    types = list(Entry.objects.about(desk.policy).values_list("type", "actor"))[-3:]
    assert types == [
        ("civic:policy:submitted", desk.author.pk),
        ("civic:policy:approved", desk.approver.pk),
        ("civic:policy:published", None),
    ]
    assert desk.policy.versions.count() == 2


def test_a_workflow_without_a_step_publishes_nothing(desk: Desk) -> None:
    SecondPersonTask.objects.update(active=False)
    with pytest.raises(Refused):
        desk.policy.get_workflow().start(desk.policy, desk.author)
    assert live_title(desk.policy) == OLD


def test_an_approver_sees_what_waits_for_them(desk: Desk) -> None:
    submit(desk)
    assert "新标题" in signed_in(desk.approver).get("/cms/").content.decode()
    assert signed_in(desk.approver).get(f"/cms/pages/{desk.policy.pk}/edit/").status_code == 200


def test_an_approver_who_changes_the_text_cannot_approve_it(desk: Desk, here: County) -> None:
    submit(desk)
    a_grant(actions.EDIT, to=desk.approver, place=here.county, at=clock.now())
    edit(
        signed_in(desk.approver), desk.policy, title="我改了再批",
        **{"action-workflow-action": "1", "workflow-action-name": "approve"},
    )  # fmt: skip
    assert live_title(desk.policy) == OLD


def test_a_submitted_text_is_closed_to_its_author(desk: Desk) -> None:
    state = submit(desk)
    edit(signed_in(desk.author), desk.policy, title="提交后再改")
    assert PolicyPage.objects.get(pk=desk.policy.pk).latest_revision_id == state.revision_id


def test_sending_back_needs_a_reason(desk: Desk) -> None:
    state = submit(desk)
    decide(signed_in(desk.approver), state, "reject")
    state.refresh_from_db()
    assert state.status == "in_progress"
    decide(signed_in(desk.approver), state, "reject", "第二条没写清楚")
    state.refresh_from_db()
    assert state.status == "rejected"
    entry = Entry.objects.get(type="civic:policy:returned")
    assert entry.facts["note"] == "第二条没写清楚"


def test_an_approved_text_with_a_day_waits_and_is_recorded_when_due(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = (timezone.localtime() + timedelta(days=3)).replace(hour=9, minute=0, second=0, microsecond=0)
    state = submit(desk, go_live_at=f"{due:%Y-%m-%d %H:%M}")
    decide(signed_in(desk.approver), state, "approve")
    assert live_title(desk.policy) == OLD
    assert Entry.objects.filter(type="civic:policy:scheduled").exists()
    assert domain.publish_due(at=due - timedelta(minutes=1)) == 0
    monkeypatch.setattr(timezone, "now", lambda: due + timedelta(minutes=5))
    assert domain.publish_due(at=due + timedelta(minutes=5)) == 1
    assert live_title(desk.policy) == "新标题"
    assert Entry.objects.filter(type="civic:policy:published").latest("id").at == due
    assert domain.publish_due(at=due + timedelta(minutes=6)) == 0


def test_a_text_that_cannot_be_published_holds_up_no_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    due = (timezone.localtime() + timedelta(days=3)).replace(hour=9, minute=0, second=0, microsecond=0)
    decide(signed_in(desk.approver), submit(desk, go_live_at=f"{due:%Y-%m-%d %H:%M}"), "approve")
    good = Revision.page_revisions.get(approved_go_live_at__isnull=False)
    bad = Revision.objects.get(pk=good.pk)
    bad.pk, bad.content, bad.approved_go_live_at = None, {"pk": good.object_id}, due - timedelta(hours=1)
    Revision.objects.bulk_create([bad])
    monkeypatch.setattr(timezone, "now", lambda: due + timedelta(minutes=5))

    with pytest.raises(ValidationError):
        domain.publish_due(at=due + timedelta(minutes=5))

    assert live_title(desk.policy) == "新标题"


def test_an_editor_cannot_move_a_policy_out_of_their_reach(desk: Desk, here: County) -> None:
    other = a_body(place=here.county)
    edit(signed_in(desk.author), desk.policy, issuing_body=other.pk, title="别家的")
    latest = PolicyPage.objects.get(pk=desk.policy.pk).latest_revision
    assert latest.content["issuing_body"] == here.department.pk


def test_an_editor_adds_a_policy_of_their_body_only(desk: Desk, here: County) -> None:
    client = signed_in(desk.author)
    address = f"/cms/pages/add/civic_policies/policypage/{desk.library.pk}/"
    assert client.get(address).status_code == 200
    client.post(address, form_of(desk.policy, slug="mine", title="我局的"))
    assert PolicyPage.objects.get(slug="mine").live is False
    client.post(address, form_of(desk.policy, slug="theirs", issuing_body=a_body(place=here.county).pk))
    assert not PolicyPage.objects.filter(slug="theirs").exists()


def test_a_new_policy_is_not_published_by_its_author(desk: Desk) -> None:
    address = f"/cms/pages/add/civic_policies/policypage/{desk.library.pk}/"
    signed_in(desk.author).post(address, form_of(desk.policy, slug="mine") | {"action-publish": "1"})
    assert not PolicyPage.objects.filter(slug="mine", live=True).exists()


def test_a_lapsed_grant_closes_the_cms_with_the_next_request(desk: Desk) -> None:
    client = signed_in(desk.author)
    assert client.get("/cms/").status_code == 200
    Grant.objects.filter(person=desk.author).update(ended_at=clock.now() - timedelta(seconds=1))
    assert client.get("/cms/").status_code == 404
    edit(client, desk.policy, title="过期了")
    assert PolicyPage.objects.get(pk=desk.policy.pk).latest_revision.content["title"] == OLD


def test_residents_have_no_cms(desk: Desk) -> None:
    assert signed_in(a_person()).get("/cms/").status_code == 404


@pytest.mark.parametrize("address", ["/cms/login/", "/admin/login/"])
def test_the_cms_has_no_sign_in_of_its_own(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 302
    assert "/accounts/login/" in response.headers["Location"]


@pytest.mark.parametrize(
    "address", ["/cms/users/", "/cms/groups/", "/cms/workflows/list/", "/cms/sites/", "/cms/collections/"]
)
def test_screens_for_powers_outside_grants_are_closed(desk: Desk, address: str) -> None:
    assert signed_in(desk.author).get(address).status_code in {302, 403, 404}


def test_no_screen_breaks_on_purpose_or_asks_another_site(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(requests, "get", lambda *where, **_how: asked.append(where))
    client = signed_in(desk.author)
    assert client.get("/cms/failwhale/").status_code == 404
    film = {"embed-chooser-url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ"}
    assert client.post("/cms/embeds/chooser/upload/", film).status_code == 200
    assert asked == []


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "choose-email-link/?parent_page_id=zz"), ("get", "choose-page/chosen-multiple/?id=zz"),
        ("get", "images/chooser/chosen/zz/"), ("get", "documents/chooser/chosen-multiple/?id=zz"),
        ("get", "snippets/choose/civic_policies/topic/chosen/zz/"), ("post", "choose-external-link/"),
        ("post", "pages/{page}/edit/"), ("post", "pages/{page}/edit/preview/"), ("post", "pages/{page}/copy/"),
    ],
)  # fmt: skip
def test_no_screen_breaks_on_what_no_browser_sends(desk: Desk, method: str, address: str) -> None:
    client = signed_in(desk.author)
    assert getattr(client, method)(f"/cms/{address.format(page=desk.policy.pk)}").status_code < 500


def test_submitting_sends_no_mail_in_the_request(desk: Desk, mailoutbox: list[Any]) -> None:
    decide(signed_in(desk.approver), submit(desk), "approve")
    assert mailoutbox == []


def test_the_screens_an_editor_meets_answer(desk: Desk) -> None:
    client = signed_in(desk.author)
    edit(client, desk.policy, title="草稿")
    for address in (
        "/cms/", "/cms/pages/", f"/cms/pages/{desk.library.pk}/", f"/cms/pages/{desk.policy.pk}/history/",
        "/cms/images/", "/cms/documents/", "/cms/account/", "/cms/choose-page/",
    ):  # fmt: skip
        response = client.get(address, follow=True)
        assert response.status_code == 200, address


def test_an_editor_previews_a_draft_before_anybody_else_sees_it(desk: Desk) -> None:
    client = signed_in(desk.author)
    for address, slug in (
        (f"/cms/pages/{desk.policy.pk}/edit/preview/", "parking"),
        (f"/cms/pages/add/civic_policies/policypage/{desk.library.pk}/preview/", "another"),
    ):
        sent = client.post(address, form_of(desk.policy, title="还没发布", slug=slug))
        assert sent.json()["is_valid"], address
        shown = client.get(f"{address}?in_preview_panel=true")
        assert shown.status_code == 200
        assert "还没发布" in shown.content.decode()
        assert shown.headers["Content-Security-Policy"]


def test_a_body_with_many_policies_can_be_listed(desk: Desk, make_policy: MakePolicy) -> None:
    for number in range(30):
        make_policy(f"p{number}")
    assert signed_in(desk.author).get(f"/cms/pages/{desk.library.pk}/").status_code == 200


def test_the_editor_offers_no_day_to_take_a_policy_away(desk: Desk) -> None:
    page = signed_in(desk.author).get(f"/cms/pages/{desk.policy.pk}/edit/").content.decode()
    assert 'name="go_live_at"' in page
    assert 'name="expire_at"' not in page


HIDDEN = [("停车\x0b办法", "U+000B"), ("停车\u202e法办", "U+202E")]


@pytest.mark.parametrize(("words", "code"), HIDDEN)
@pytest.mark.parametrize("field", ["title", "summary_en", "clauses-0-value-text"])
def test_a_text_that_would_read_otherwise_than_it_says_is_not_kept(
    desk: Desk, field: str, words: str, code: str
) -> None:
    before = PolicyPage.objects.get(pk=desk.policy.pk).latest_revision_id
    answer = edit(signed_in(desk.author), desk.policy, **{field: words})
    assert answer.status_code == 200
    assert code in answer.content.decode()
    assert PolicyPage.objects.get(pk=desk.policy.pk).latest_revision_id == before
