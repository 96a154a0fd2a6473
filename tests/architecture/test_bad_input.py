"""Whatever is typed into any form of the site is answered with a sentence, and what was typed stays."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from consult.discussion.models import Contribution
from tests.architecture.conftest import World, browser_of

MISSING = object()
LONG = "长" * 20_000
MARKUP = "<script>alert(1)</script>"
# Values by the kind of field.  Those in the first list must be refused, those in the second must do no harm.
VALUES: dict[str, tuple[list[Any], list[Any]]] = {
    "text": (["", " \n ", LONG, "看\u202e这里", "a\x1bb", "a\x00b"], [MARKUP, "\ufeff\u200b好", MISSING]),
    "optional": ([LONG, "看\u202e这里", "a\x1bb", "a\x00b"], [MARKUP, "", MISSING]),
    "choice": (["no-such-thing", "9" * 30, "a\x00b", MARKUP], ["", MISSING, LONG]),
    "needed choice": (["", "no-such-thing", "9" * 30, "a\x00b", MARKUP], [MISSING, LONG]),
    "address": (["", LONG, "a\x00b", "http://h.test.example/", "javascript:alert(1)", MARKUP], [MISSING]),
    "date": (
        ["", "yesterday", "2026-13-45T99:99", "99999-01-01T00:00", "0001-01-01T00:00", "9999-12-31T23:59", LONG, MISSING],
        ["2026-12-01T09:00\x00"],
    ),
    "hidden": ([], ["", MISSING, "not-a-number", "-1", "9" * 30, "１２", "a\x00b", LONG, MARKUP]),
}  # fmt: skip
Target = Callable[[World], tuple[str, tuple[Any, ...], Mapping[str, Any]]]


@dataclass(frozen=True)
class Door:
    """A form: where it is, who fills it in, what would be right, and of which kind each field is."""

    who: str
    target: Target
    fields: Mapping[str, str]
    kept: tuple[str, ...] = field(default=("text",))


WORDS = {"text": "夜里便宜些行不行", "submission": "33333333-3333-4333-8333-333333333333", "draft_version": 0}
ANSWER = {"outcome": "partly", "text": "夜间半价", "reason": "已经测算过", "version": 0}
CONSULTATION = {
    "template": "general", "title": "新的意见征集", "summary": "只有一句话", "question": "您怎么看呢", "level": 1,
    "background": "背景在此", "slug": "brand-new", "collect_from": "2026-12-01T09:00", "seen": "",
    "collect_until": "2027-01-10T18:00", "discuss_until": "", "reply_until": "2027-02-20T18:00",
    "shorter_because": "",
}  # fmt: skip
CONSULTATION_FIELDS = {
    "title": "text", "summary": "text", "question": "text", "background": "optional", "title_en": "optional",
    "summary_en": "optional", "question_en": "optional", "background_en": "optional", "shorter_because": "optional",
    "sponsor": "choice", "policy": "choice", "open_to": "choice", "level": "choice", "collect_from": "date",
    "collect_until": "date", "reply_until": "date", "discuss_until": "hidden", "slug": "hidden", "template": "hidden",
    "seen": "hidden",
}  # fmt: skip


def _hours() -> dict[str, str]:
    return {"part": "hours", "hours-quiet_from": "none", "hours-quiet_until": "none", "hours-digest_hour": "18"}


HOOK_FIELDS = {"owner": "needed choice", "url": "address", "kinds": "needed choice"}


def _hook(world: World) -> dict[str, Any]:
    office = world.here.department.pk
    return {"owner": office, "url": "https://h.test.example/x", "kinds": ["reply.published"], "is_active": "on"}


def _new(world: World) -> dict[str, Any]:
    return CONSULTATION | {"sponsor": world.here.department.pk, "open_to": world.here.district.code}


def _about(world: World, name: str) -> tuple[Any, ...]:
    return ("running", world.said[name].pk)


DOORS: dict[str, Door] = {
    "say": Door(
        "resident",
        lambda w: ("consultation-say", ("running",), WORDS | {"kind": "comment"}),
        {"text": "text", "clause": "choice", "submission": "hidden", "draft_version": "hidden", "kind": "hidden"},
    ),
    "propose": Door(
        "resident",
        lambda w: ("consultation-say", ("running",), WORDS | {"kind": "proposal", "title": "夜间半价"}),
        {"text": "text", "title": "text", "clause": "choice", "submission": "hidden", "draft_version": "hidden"},
        kept=("text", "title"),
    ),
    "respond": Door(
        "resident",
        lambda w: ("contribution-respond", _about(w, "running"), WORDS),
        {"text": "text", "submission": "hidden", "draft_version": "hidden"},
    ),
    "edit": Door(
        "author",
        lambda w: ("contribution-edit", _about(w, "waiting"), {"text": "改了一句", "version": 1}),
        {"text": "text", "version": "hidden"},
    ),
    "draft": Door(
        "resident",
        lambda w: ("consultation-draft", ("running",), WORDS | {"kind": "comment", "box": ""}),
        {"text": "hidden", "title": "hidden", "box": "hidden", "draft_version": "hidden", "clause": "hidden"},
        kept=(),
    ),
    "support": Door(
        "resident",
        lambda w: ("contribution-support", _about(w, "running"), {"on": "1", "back": ""}),
        {"on": "hidden", "back": "hidden"},
        kept=(),
    ),
    "profile": Door(
        "resident",
        lambda w: (
            "me-preferences", (),
            {"part": "profile", "profile-display_name": "巷口老李", "profile-language": "zh-hans"},
        ),
        {"profile-display_name": "optional", "profile-language": "choice"},
        kept=("profile-display_name",),
    ),
    "no part of the preferences": Door(
        "resident", lambda w: ("me-preferences", (), {"part": "profile"}), {"part": "hidden"}, kept=()
    ),
    "residence": Door(
        "resident",
        lambda w: ("me-preferences", (), {"part": "residence", "residence-place": w.here.district.pk}),
        {"residence-place": "choice"},
        kept=(),
    ),
    "channels": Door(
        "resident",
        lambda w: ("me-preferences", (), {"part": "channels"}),
        {"channels-email_consult_outcome": "choice"},
        kept=(),
    ),
    "hours": Door(
        "resident",
        lambda w: ("me-preferences", (), _hours()),
        {"hours-quiet_from": "needed choice", "hours-quiet_until": "needed choice", "hours-digest_hour": "needed choice"},
        kept=(),
    ),
    "try an address again": Door(
        "resident",
        lambda w: ("me-preferences", (), {"part": "again", "channel": "email"}),
        {"channel": "hidden"},
        kept=(),
    ),
    "add a webhook": Door("administrator", lambda w: ("desk-webhook-new", (), _hook(w)), HOOK_FIELDS, kept=("url",)),
    "change a webhook": Door(
        "administrator",
        lambda w: ("desk-webhook", (w.webhook.pk,), _hook(w)),
        {"url": "address", "kinds": "needed choice", "is_active": "hidden"},
        kept=("url",),
    ),
    "a webhook's secret": Door(
        "administrator",
        lambda w: ("desk-webhook-rotate", (w.webhook.pk,), {"seen": "eHh4"}),
        {"seen": "hidden"},
        kept=(),
    ),
    "send it again": Door(
        "administrator",
        lambda w: ("desk-deliveries-again", (), {"what": "messages", "number": "1"}),
        {"what": "hidden", "number": "hidden"},
        kept=(),
    ),
    "read": Door("resident", lambda w: ("me-notices-read", (), {"id": 1}), {"id": "hidden", "back": "hidden"}, kept=()),
    "sign up with e-mail": Door(
        "anonymous",
        lambda w: (
            "account_signup", (),
            {"by": "email", "email": "new@test.example", "display_name": "巷口老李", "password1": "a-long-password-9"},
        ),
        {"email": "text", "display_name": "optional", "password1": "hidden", "by": "hidden", "next": "hidden"},
        kept=("display_name",),
    ),
    "sign up with a number": Door(
        "anonymous",
        lambda w: ("account_signup", (), {"by": "phone", "phone": "13800000007", "display_name": "巷口老李"}),
        {"phone": "text", "display_name": "optional"},
        kept=("display_name",),
    ),
    "sign in": Door(
        "anonymous",
        lambda w: ("account_login", (), {"login": "new@test.example", "password": "a-long-password-9"}),
        {"login": "text", "password": "hidden", "next": "hidden"},
        kept=("login",),
    ),
    "ask for a code": Door(
        "anonymous",
        lambda w: ("account_request_login_code", (), {"login": "new@test.example"}),
        {"login": "text", "next": "hidden"},
        kept=(),
    ),
    "ask for a new password": Door(
        "anonymous",
        lambda w: ("account_reset_password", (), {"email": "new@test.example"}),
        {"email": "text"},
        kept=(),
    ),
    "open a consultation": Door(
        "official", lambda w: ("desk-consultation-new", (), _new(w)), CONSULTATION_FIELDS, kept=("title", "question")
    ),
    "change a draft": Door(
        "official",
        lambda w: ("desk-consultation-edit", ("draft",), _new(w)),
        {"title": "text", "open_to": "choice", "collect_from": "date", "seen": "hidden"},
        kept=("title", "question"),
    ),
    "announce": Door(
        "official", lambda w: ("desk-consultation-announce", ("draft",), {"seen": ""}), {"seen": "hidden"}, kept=()
    ),
    "extend": Door(
        "official",
        lambda w: (
            "desk-consultation-extend", ("running",), {"until": "2026-12-25T18:00", "note": "农忙推迟几日"},
        ),
        {"until": "date", "note": "text"},
        kept=("note",),
    ),
    "withdraw": Door(
        "official",
        lambda w: ("desk-consultation-withdraw", ("running",), {"note": "方案变了"}),
        {"note": "text"},
        kept=(),
    ),
    "answer": Door(
        "official",
        lambda w: ("desk-reply-new", ("running",), ANSWER | {"c": w.said["waiting"].pk}),
        {
            "text": "text", "reason": "text", "new_text": "optional", "text_en": "optional", "reason_en": "optional",
            "outcome": "choice", "clause": "choice", "c": "hidden", "version": "hidden", "clause_shown": "hidden",
            "sort": "hidden", "q": "hidden",
        },
        kept=("text", "reason"),
    ),
    "go on with an answer": Door(
        "official",
        lambda w: (
            "desk-reply", (w.replies["draft"].pk,), ANSWER | {"version": 1, "c": w.said["running"].pk},
        ),
        {"text": "text", "version": "hidden", "c": "hidden"},
        kept=("text", "reason"),
    ),
    "approve": Door(
        "approver",
        lambda w: ("desk-reply-approve", (w.replies["sent"].pk,), {"version": 1}),
        {"version": "hidden"},
        kept=(),
    ),
    "send back": Door(
        "approver",
        lambda w: ("desk-reply-return", (w.replies["sent"].pk,), {"note": "说清楚些"}),
        {"note": "text"},
        kept=(),
    ),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("name", DOORS)
def test_bad_input_gets_a_sentence_and_keeps_what_was_typed(world: World, name: str) -> None:
    door, wrong = DOORS[name], []
    url_name, args, right = door.target(world)
    browser = browser_of(world, door.who)
    for field_name, kind in door.fields.items():
        refused, harmless = VALUES[kind]
        for value in (*refused, *harmless):
            sent = {key: each for key, each in {**right, field_name: value}.items() if each is not MISSING}
            response = _post(browser, reverse(url_name, args=args), sent)
            others = [str(right[key]) for key in door.kept if key != field_name]
            must = value in refused and value is not MISSING
            wrong += [f"{field_name}={str(value)[:24]!r}: {fault}" for fault in _faults(response, must, others)]
    assert not wrong, "\n".join(wrong)


def _faults(response: HttpResponse, refused: bool, others: list[str]) -> Iterator[str]:
    """Yield what is wrong about an answer."""
    if response.status_code >= 500:
        yield f"{response.status_code} {getattr(response, 'exc_info', '')}"
        return
    html = response.content.decode()
    if MARKUP in html:
        yield "markup is not escaped"
    if refused and response.status_code in {301, 302, 303}:
        yield f"was taken ({response.status_code})"
    if refused and response.status_code in {200, 422} and not _errors(response):
        yield "no sentence says what to do"
    if response.status_code in {200, 403, 409, 422} and "</form>" in html:
        yield from (f"lost {typed!r} ({response.status_code})" for typed in others if escape(typed) not in html)


def _errors(response: Any) -> bool:
    """Tell whether a form of the page has a complaint."""
    for context in response.context or ():
        for value in context.flatten().values():
            forms = value.values() if isinstance(value, dict) else [value]
            if any(isinstance(form, BaseForm) and form.is_bound and form.errors for form in forms):
                return True
    return False


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/search/?{}", "/consultations/?{}", "/consultations/running/?{}", "/consultations/running/say/?{}",
        "/consultations/running/statements/?{}", "/consultations/done/result/?{}", "/policies/?{}",
        "/policies/parking/?{}", "/policies/parking/versions/?{}", "/?{}",
    ],
)  # fmt: skip
def test_no_address_can_be_bent_until_it_breaks(world: World, path: str) -> None:
    names = ("q", "place", "status", "since", "until", "sort", "show", "kind", "clause", "from", "to", "as_of")
    values = ("", "%00", "-1", "9" * 30, "%E2%80%AE", "%F0%9F", "%3Cscript%3Ealert(1)%3C/script%3E", "x" * 5000, "²")
    # Each name has each value once.  Pages are turned apart: of one that does not exist nothing else is asked.
    bent = [
        "&".join(f"{name}={values[(place + turn) % len(values)]}" for place, name in enumerate(names))
        for turn in range(len(values))
    ]
    client = Client(raise_request_exception=False)
    answers = {asked: client.get(path.format(asked)) for asked in [*bent, *(f"page={value}" for value in values)]}
    wrong = {asked: answer.status_code for asked, answer in answers.items() if answer.status_code >= 500}
    bare = [asked for asked, answer in answers.items() if MARKUP.encode() in answer.content]
    assert (wrong, bare) == ({}, [])


@pytest.mark.django_db
def test_markup_that_was_taken_is_shown_as_typed(world: World) -> None:
    Contribution.objects.filter(pk=world.said["running"].pk).update(text=MARKUP)
    html = Client().get("/consultations/running/").content.decode()
    assert (MARKUP in html, escape(MARKUP) in html) == (False, True)


def _post(browser: Client, url: str, data: Mapping[str, Any]) -> Any:
    """Return the answer; nothing of the request remains, neither in the database nor in the browser."""
    kept = SimpleCookie(browser.cookies)
    with transaction.atomic():
        response = browser.post(url, data)
        transaction.set_rollback(True)
    browser.cookies = kept
    return response
