"""Who may open which address: every name of the site × the cast, and what is answered.

A row names an address, what is sent there, and the answer for each of the cast (``access_answers``).
"""

import uuid

from civic.audit.models import Entry
from civic.notify.models import Message
from consult.consultations.domain import fingerprint
from orgs.grants.models import Grant
from tests.architecture.access_answers import (
    Row,
    account,
    approves,
    author,
    cms,
    desk,
    everybody,
    guest,
    knows_drafts,
    manages,
    manages_draft,
    moderates,
    readers,
    taking_part,
    works,
)
from tests.architecture.access_polls import polls
from tests.architecture.conftest import FIRST, World


def rows(world: World) -> list[Row]:
    """Return the whole table for this world."""
    return [
        *_open(world), *_accounts(), *_own(world), *_consultations(world), *_desk(world), *_moderation(world),
        *_record(world),
        *_powers(world),
        *polls(),
        *_policies(world),
    ]  # fmt: skip


def _open(world: World) -> list[Row]:
    return [
        *(
            Row(name, everybody(200))
            for name in (
                "healthz", "readyz", "metrics", "help", "about-real-site", "about-privacy", "about-accessibility", "search",
                "consultations", "policy-feed", "sitemap", "robots",
            )
        ),
        Row("favicon", everybody(302)),
        # Only where somebody develops or tries the site.
        *(Row(name, everybody(404)) for name in ("gallery", "gallery-desk", "outbox")),
        *(
            Row(name, everybody(status), (choice,), data)
            for name, choice in (("prefs-language", "en"), ("prefs-elder", "on"), ("prefs-theme", "dark"))
            for status, data in ((302, None), (405, {}))
        ),
    ]  # fmt: skip


def _accounts() -> list[Row]:
    return [
        *(Row(name, guest()) for name in ("account_login", "account_signup", "account_request_login_code")),
        Row("account_login", guest(), data={"login": "nobody@test.example", "password": "wrong-words"}),
        *(
            Row(name, account())
            for name in (
                "account_logout", "account_reauthenticate", "account_email", "account_change_password",
                "account_change_phone", "mfa_index",
            )
        ),
        Row("account_logout", everybody(302), data={}),
        *(
            Row(name, everybody(200))
            for name in ("account_inactive", "account_reset_password", "account_password_reset_completed")
        ),
        # Steps of a way that nobody here has begun, or that first asks for the password once more.
        *(
            Row(name, everybody(302))
            for name in (
                "account_email_verification_sent", "account_set_password", "account_confirm_login_code",
                "account_verify_phone", "account_confirm_password_reset_code", "account_complete_password_reset",
                "mfa_authenticate", "mfa_reauthenticate",
            )
        ),
        *(Row(name, account(no_factor=302)) for name in ("mfa_activate_totp", "mfa_generate_recovery_codes")),
        # Nobody in the cast has set up an app: their sessions only say that a factor was shown.
        *(
            Row(name, account(404))
            for name in ("mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_download_recovery_codes")
        ),
        # Signing in goes through the one door that asks for the second factor.
        Row("wagtailcore_login", everybody(302)),
        Row("wagtailcore_login", everybody(302), data={"username": "x", "password": "y"}),
    ]  # fmt: skip


def _own(world: World) -> list[Row]:
    assert world.notice is not None
    profile = {"part": "profile", "profile-language": "en", "profile-display_name": "某人"}
    return [
        *(
            Row(name, account())
            for name in (
                "me",
                "me-said",
                "me-supported",
                "me-following",
                "me-notices",
                "me-preferences",
                "me-data",
                "me-data-erase",
            )
        ),
        Row("me-data-section", account(), ("words",)),
        Row("me-data-section", account(404), ("no-such-section",)),
        Row("me-data-erase", account(422), data={"proof": "wrong", "sure": "on"}),
        *(Row(name, account(405)) for name in ("me-data-download", "me-data-keep")),
        Row("me-data-download", account(), data={}),
        Row("me-data-keep", account(303), data={}),
        Row("me-preferences", everybody(303, anonymous=302), data=profile),
        Row("me-notices-read", everybody(405)),
        Row("me-notices-read", everybody(303, anonymous=302), data={}),
        # Mail programs and mail servers call these; nobody has a token here, and no secret is set.
        Row("notices-stop", everybody(404), ("nothing",)),
        Row("notices-stop", everybody(404), ("nothing",), {}),
        Row("notices-bounces", everybody(405)),
        Row("notices-bounces", everybody(404), (), {}),
        Row("me-notice", everybody(404, anonymous=302, resident=302, elder=404, no_factor=404), (world.notice.pk,)),
    ]


def _consultations(world: World) -> list[Row]:
    said = {name: ("running", each.pk) for name, each in world.said.items()}
    over = ("over", world.said["over"].pk)
    words = {"kind": "comment", "text": "好。", "submission": uuid.uuid4()}
    # Whoever may manage a draft may read it; to others it is not there.
    return [
        *(Row("consultation", everybody(200), (slug,)) for slug in ("running", "over", "done")),
        Row("consultation", knows_drafts(200), ("draft",)),
        Row("consultation-follow", everybody(405), ("running",)),
        Row("consultation-follow", everybody(302, suspended=403), ("running",), {}),
        Row("consultation-follow", knows_drafts(403), ("draft",), {}),
        *(
            Row(name, everybody(200), ("running",))
            for name in ("consultation-text", "consultation-say", "consultation-statements")
        ),
        Row("consultation-clause", everybody(200), ("running", FIRST)),
        Row("consultation-say", taking_part(), ("running",), words),
        # Signing in would not help any more: the answer is the same for all.
        Row("consultation-say", everybody(403), ("over",), words),
        Row("consultation-say", knows_drafts(403), ("draft",), words),
        # What is typed is kept for everybody while it could be published.
        Row("consultation-draft", everybody(405), ("running",)),
        Row("consultation-draft", everybody(200), ("running",), {"kind": "comment", "text": "好"}),
        Row("consultation-draft", everybody(403), ("over",), {"kind": "comment", "text": "好"}),
        Row("consultation-draft", knows_drafts(403), ("draft",), {"text": "好"}),
        *(
            Row(name, everybody(200), said["running"])
            for name in ("contribution", "contribution-respond", "contribution-versions")
        ),
        Row("contribution-respond", taking_part(), said["running"], words),
        Row("contribution-support", everybody(405), said["running"]),
        Row("contribution-support", {**taking_part(), "author": 403}, said["running"], {"on": "1"}),
        Row("contribution-support", everybody(403, anonymous=302), over, {"on": "1"}),
        Row("contribution-edit", author(200), said["waiting"]),
        Row("contribution-edit", author(302), said["waiting"], {"text": "改了。", "version": 1}),
        Row("contribution-take-back", author(200), said["waiting"]),
        Row("contribution-take-back", author(302), said["waiting"], {}),
        Row("consultation-statement", everybody(200), said["statement"]),
        Row("consultation-result", everybody(404), ("running",)),
        Row("consultation-result", everybody(200), ("done",)),
        Row("consultation-result-data", everybody(200), ("done", "csv")),
        Row("consultation-result-data", everybody(404), ("over", "csv")),
    ]


def _desk(world: World) -> list[Row]:
    draft, sent = (world.replies["draft"].pk,), (world.replies["sent"].pk,)
    answer = {"outcome": "adopted", "text": "照办。"}
    form = {
        "template": "general", "title": "新的意见征集", "summary": "一句话。", "question": "怎么看？", "level": 1,
        "sponsor": world.here.department.pk, "open_to": world.here.district.code, "slug": "brand-new",
        "collect_from": "2026-12-01T09:00", "collect_until": "2027-01-10T18:00", "reply_until": "2027-02-20T18:00",
    }  # fmt: skip
    seen = {"seen": fingerprint(world.consultations["draft"])}
    return [
        Row("desk", desk(moderator=200, official=200, approver=200, editor=200, administrator=200)),
        Row("desk-consultations", desk(moderator=200, official=200, approver=200, editor=200, administrator=200)),
        # An official of another body opens consultations of that body, not of this one.
        Row("desk-consultation-new", {**manages(200), "wrong_body": 200}),
        Row("desk-consultation-new", {**manages(302), "wrong_body": 422}, (), form),
        *(Row("desk-consultation", works(200), (slug,)) for slug in ("running", "over")),
        Row(
            "desk-consultation",
            {**works(302), "editor": 404, "moderator": 404, "moderator2": 404, **readers(403)},
            ("draft",),
        ),
        Row("desk-consultation-edit", manages_draft(200), ("draft",)),
        Row("desk-consultation-edit", manages_draft(302), ("draft",), form | seen),
        Row("desk-consultation-announce", manages_draft(200), ("draft",)),
        Row("desk-consultation-announce", manages_draft(302), ("draft",), seen),
        Row("desk-consultation-drop", everybody(405), ("draft",)),
        Row("desk-consultation-drop", manages_draft(302), ("draft",), seen),
        Row("desk-consultation-extend", manages(200), ("running",)),
        Row("desk-consultation-extend", manages(302), ("running",), {"until": "2026-12-20T18:00", "note": "多些时间"}),
        Row("desk-consultation-withdraw", manages(200), ("running",)),
        Row("desk-consultation-withdraw", manages(302), ("running",), {"note": "方案变了"}),
        Row("desk-conclude", manages(200), ("ready",)),
        Row("desk-conclude", manages(302), ("ready",), {}),
        Row("desk-conclude", manages(403), ("over",), {}),
        Row("desk-consultation-archive", everybody(405), ("running",)),
        Row("desk-consultation-archive", manages(409), ("running",), {}),
        Row("desk-reply-new", works(302), ("running",)),
        Row("desk-reply-new", manages(302), ("running",), answer | {"c": world.said["waiting"].pk, "version": 0}),
        Row("desk-reply", works(200), draft),
        Row("desk-reply", manages(302), draft, answer | {"c": world.said["running"].pk, "version": 1}),
        Row("desk-reply-submit", works(302), draft),
        Row("desk-reply-submit", manages(302), draft, {}),
        Row("desk-reply-approve", works(302), sent),
        Row("desk-reply-approve", approves(302), sent, {"version": 1}),
        Row("desk-reply-return", works(302), sent),
        Row("desk-reply-return", approves(302), sent, {"note": "说清楚"}),
        Row("desk-reply-drop", everybody(405), draft),
        Row("desk-reply-drop", manages(302), draft, {}),
        *_running_the_site(world),
    ]


def _running_the_site(world: World) -> list[Row]:
    assert world.webhook is not None
    assert world.notice is not None
    hook, url = (world.webhook.pk,), "https://hooks.test.example/new/"
    form = {"owner": world.here.department.pk, "url": url, "kinds": ["reply.published"], "is_active": "on"}
    runs, no_method = desk(administrator=200), everybody(405)
    done = desk(administrator=303)
    message = Message.objects.get(notice=world.notice)
    return [
        Row("desk-webhooks", runs),
        Row("desk-webhook-new", runs),
        Row("desk-webhook-new", done, (), form),
        Row("desk-webhook", runs, hook),
        Row("desk-webhook", desk(administrator=404), (999_999,)),
        Row("desk-webhook", done, hook, form),
        Row("desk-webhook-test", no_method, hook),
        Row("desk-webhook-test", done, hook, {}),
        Row("desk-webhook-rotate", no_method, hook),
        Row("desk-webhook-rotate", done, hook, {"seen": "eHh4"}),
        Row("desk-webhook-rotate", desk(administrator=409), hook, {"seen": "other"}),
        Row("desk-deliveries", runs),
        Row("desk-deliveries-again", no_method),
        Row("desk-deliveries-again", done, (), {"what": "messages", "number": message.pk}),
        Row("desk-deliveries-again", desk(administrator=404), (), {"what": "nothing", "number": "1"}),
    ]


def _record(world: World) -> list[Row]:
    """The record: its public part, one's own part, and the auditor's desk."""
    reads, opened = {**desk(administrator=200), "auditor": 200}, {"login": "nobody@test.example"}
    nothing_to_read = {**desk(administrator=404), "auditor": 404}
    entry = Entry.objects.about(world.consultations["running"]).latest("pk")
    answer, drafted = world.replies["done"].pk, world.replies["draft"].pk
    return [
        Row("history", everybody(200), ("consultation", world.consultations["running"].pk)),
        Row(
            "history",
            knows_drafts(200),
            ("consultation", world.consultations["draft"].pk),
        ),
        Row("history", everybody(200), ("contribution", world.said["running"].pk)),
        Row("history", everybody(404), ("contribution", world.said["statement"].pk)),
        Row("history", everybody(200), ("answer", answer)),
        Row("history", everybody(404), ("answer", drafted)),
        Row("history", everybody(200), ("policy", world.policy.pk)),
        Row("history", everybody(404), ("policy", world.policy.get_parent().pk)),
        Row("history", everybody(404), ("nothing", 1)),
        Row("me-seen", account()),
        Row("desk-record", reads),
        Row("desk-record-entry", reads, (entry.pk,)),
        Row("desk-record-entry", nothing_to_read, (2**62,)),
        *(Row("desk-record-export", reads, (form,)) for form in ("csv", "json")),
        Row("desk-record-export", nothing_to_read, ("exe",)),
        Row("desk-people", {**desk(administrator=200), "clerk": 200}),
        Row("desk-people", {**desk(administrator=422), "clerk": 422}, (), opened),
        # Only through the clerk's own search.
        Row("desk-person", {**desk(administrator=404), "clerk": 404}, (world.person("resident").number,)),
        Row(
            "desk-person",
            {**desk(administrator=404), "clerk": 404},
            (world.person("resident").number,),
            {"method": "document"},
        ),
    ]


def _moderation(world: World) -> list[Row]:
    assert world.appeal is not None
    assert world.bulk is not None
    running, hidden = world.said["running"], world.said["hidden"]
    report = {"rule": "H4", "sentence": "骂人。"}
    decision = {"result": "confirm", "sentence": "是住址。"}
    pick = {"act": "leave", "c": f"{running.pk}:0"}
    no_one_barred = {"author": 403, "suspended": 403}
    return [
        *(Row(name, everybody(200)) for name in ("moderation", "house-rules")),
        Row("contribution-report", account(200, **no_one_barred), ("running", running.pk)),
        Row("contribution-report", account(302, **no_one_barred), ("running", running.pk), report),
        Row("contribution-report", account(403), ("running", hidden.pk)),
        Row("contribution-appeal", author(200), ("running", hidden.pk)),
        Row("contribution-appeal", author(409), ("running", hidden.pk), {"text": "再申诉。"}),
        Row("contribution-appeal", account(404), ("running", running.pk)),
        Row("desk-moderation", moderates(200)),
        Row("desk-moderation-case", moderates(200), (running.pk,)),
        Row("desk-moderation-case", moderates(302), (running.pk,), {"act": "leave", "version": 0}),
        Row("desk-moderation-appeals", moderates(200)),
        # Whoever decided first does not decide the appeal.
        Row("desk-moderation-appeal", {**moderates(200), "moderator": 403}, (world.appeal.pk,)),
        Row("desk-moderation-appeal", {**moderates(302), "moderator": 403}, (world.appeal.pk,), decision),
        Row("desk-moderation-bulk", moderates(200)),
        Row("desk-moderation-bulk", moderates(302), (), pick),
        Row("desk-moderation-undo", everybody(405), (world.bulk.pk,)),
        Row("desk-moderation-undo", moderates(302), (world.bulk.pk,), {}),
        Row("desk-consultation-slow", moderates(200), ("running",)),
        Row("desk-consultation-slow", moderates(302), ("running",), {"hours": "8", "reason": "刷屏。"}),
        Row(
            "desk-consultation-slow", {**desk(editor=404, moderator=404, administrator=200), **readers(403)}, ("draft",)
        ),
    ]


def _powers(world: World) -> list[Row]:
    grant, body = Grant.objects.filter(ended_at=None).earliest("pk"), world.here.department.slug
    running, draft = "/consultations/running/", "/consultations/draft/"
    asks = {"action": "consult:consultation:manage", "scope": "site"}
    takes = asks | {"scope": f"place-{world.here.county.pk}", "purpose": "系统迁移期间代为延长一项征集"}
    gives = asks | {"holder": "role-handler", "until": "2027-06-01", "reason": "年度授权"}
    return [
        Row("grants", everybody(200)),
        *(Row("powers", everybody(200), query=f"page={page}") for page in ("/", "/help/", running)),
        Row("powers", knows_drafts(200), query=f"page={draft}"),
        Row("powers", everybody(404), query="page=//elsewhere.example/"),
        Row("desk-grants", desk(administrator=200)),
        Row("desk-grant-new", desk(administrator=200), (body,)),
        Row("desk-grant-new", desk(administrator=302), (body,), gives),
        Row("desk-grant-end", desk(administrator=200), (grant.pk,)),
        Row("desk-grant-end", desk(administrator=302), (grant.pk,), {"note": "调岗"}),
        Row("desk-more", desk(administrator=200)),
        Row("desk-more", desk(administrator=302), (), takes),
        Row("me-sessions", account()),
        Row("me-sessions-end-others", everybody(302), data={}),
        # Whose sign-in it is, or nobody's.
        Row("me-session-end", everybody(404, anonymous=302), (10**9,), {}),
    ]


def _policies(world: World) -> list[Row]:
    page, library = (world.policy.pk,), (world.policy.get_parent().pk,)
    everyone_inside = cms(approver=200, editor=200, administrator=200)
    editors = cms(editor=200, administrator=200)
    return [
        *(Row(name, everybody(200), ("parking",)) for name in ("policy-versions", "policy-print")),
        Row("policy-version", everybody(200), ("parking", 1)),
        *(Row("wagtail_serve", everybody(200), (path,)) for path in ("", "policies/", "policies/parking/")),
        Row("wagtail_serve", everybody(404), ("nothing-here/",)),
        Row("media", everybody(404), ("original_images/a.jpg",)),
        # What no published page leads to, only those read who may attach it.
        Row("wagtaildocs_serve", everybody(404, editor=200, administrator=200), (world.document.pk, world.document.filename)),
        Row("wagtaildocs_serve", everybody(404), (10**9, "a.pdf")),
        # We lock no page and no file behind a password of its own.
        Row("wagtaildocs_authenticate_with_password", everybody(404), (1,)),
        Row("wagtailcore_authenticate_with_password", everybody(404), (1, *page)),
        # The CMS, by samples.
        *(
            Row(name, everyone_inside)
            for name in ("wagtailadmin_home", "wagtailadmin_account", "wagtailadmin_reports:site_history")
        ),
        *(
            Row(name, editors)
            for name in ("wagtailimages:index", "wagtaildocs:index", "wagtailadmin_pages:search", "wagtailsnippets:index")
        ),
        Row("wagtailadmin_explore_root", cms()),
        Row("wagtailadmin_explore", editors, library),
        Row("wagtailadmin_pages:add", editors, ("civic_policies", "policypage", *library)),
        *(
            Row(name, editors, page)
            for name in ("wagtailadmin_pages:edit", "wagtailadmin_pages:history", "wagtailadmin_pages:copy")
        ),
        # Nobody hands out accounts or groups here, and what was published is not made unread.
        *(
            Row(name, cms())
            for name in (
                "wagtailusers_users:index", "wagtailusers_users:add", "wagtailusers_groups:index",
                "wagtailusers_groups:add", "wagtailsites:index", "wagtailadmin_workflows:index",
                "wagtailadmin_collections:index",
            )
        ),
        *(
            Row(f"wagtailadmin_pages:{act}", cms(), page, data)
            for act in ("unpublish", "delete", "move")
            for data in (None, {})
        ),
    ]  # fmt: skip
