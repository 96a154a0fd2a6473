"""The mistakes that hurt platforms like ours, each forbidden by a test.

The classes come from the published advisories, issue trackers and code of our
peers.  A class names the tests that forbid it; those nobody else had to write
stand below.  Taking a test away fails here, by the name of the weakness.
"""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dev.paths import ROOT
from tests.architecture import access_matrix
from tests.architecture.conftest import World, browser_of

HERE = "tests/architecture/test_known_weaknesses.py"
CODE = ("civic", "search", "orgs", "consult")

WEAKNESSES: dict[str, tuple[str, ...]] = {
    # Advisories
    "somebody acts on an object that is not theirs": (
        "tests/architecture/test_access_matrix.py::test_each_of_the_cast_is_answered_as_the_table_says",
        "tests/consult/discussion/test_domain.py::test_only_the_author_edits",
    ),
    "an address was added and nobody said who may open it": (
        "tests/architecture/test_access_matrix.py::test_every_address_of_the_site_stands_in_the_table",
    ),
    "what is not public leaks through another door": (
        "tests/consult/discussion/test_views.py::test_a_draft_consultation_is_a_404_to_strangers",
        "tests/consult/moderation/test_pages.py::test_search_does_not_find_hidden_words_and_finds_them_again",
        "tests/consult/moderation/test_judging.py::test_words_that_go_are_not_found_any_more_though_no_worker_runs",
        f"{HERE}::test_no_personal_page_may_be_kept_by_a_cache",
    ),
    "a link or token works again, elsewhere or for somebody else": (
        "tests/civic/people/test_signing_in.py::test_a_code_opens_once",
        "tests/civic/notify/test_unsubscribing.py::test_a_forged_token_is_nothing",
        "tests/civic/notify/test_unsubscribing.py::test_a_token_cannot_be_bent_to_another_person",
    ),
    "text becomes part of a database statement": (f"{HERE}::test_no_statement_is_put_together_from_what_was_sent",),
    "a stored script runs": (
        "tests/architecture/test_bad_input.py::test_markup_that_was_taken_is_shown_as_typed",
        "tests/architecture/test_templates.py::test_no_template_holds_what_the_policies_forbid",
        "tests/architecture/test_browser_safety.py::test_every_answer_carries_its_policies_and_no_page_holds_a_script_of_its_own",
        "tests/journeys/test_fuzz.py::test_hostile_inputs_break_nothing_and_leave_no_script",
        f"{HERE}::test_nothing_stores_rich_text",
    ),
    "the server fetches what a stranger names": (
        "tests/civic/notify/test_webhooks.py::test_no_address_of_the_inside_is_public",
        "tests/civic/notify/test_webhooks.py::test_what_is_no_address_of_a_webhook_is_refused",
    ),
    "somebody gives more power than they hold": (
        "tests/orgs/grants/test_domain.py::test_nobody_gives_more_wider_or_longer_than_they_hold",
    ),
    "an uploaded file runs, or carries what its owner did not mean to send": (
        "tests/civic/core/test_uploads.py::test_a_picture_keeps_nothing_but_the_picture",
        "tests/civic/policies/test_uploads.py::test_no_page_becomes_a_document",
        "tests/civic/core/test_uploads.py::test_nothing_else_is_handed_out",
    ),
    # Limits
    "one limit for a whole library": (
        "tests/civic/core/test_limits.py::test_a_library_has_room_for_all_who_sit_in_it",
        "tests/civic/people/test_signing_in.py::test_a_library_full_of_people_signs_in_from_one_address",
    ),
    "an allow-list that shuts out those on it": (
        "tests/civic/core/test_limits.py::test_a_library_has_room_for_all_who_sit_in_it",
    ),
    "a limit that is silent": (
        "tests/civic/core/test_limits.py::test_too_often_is_answered_with_the_time_to_try_again",
        "tests/civic/core/test_limits.py::test_allauths_own_limits_say_when_to_try_again",
    ),
    "a limit that a header gets around": (
        "tests/civic/core/test_limits.py::test_only_our_own_proxies_say_where_somebody_comes_from",
    ),
    "addresses too long for what was made for short ones": (
        "tests/civic/core/test_limits.py::test_an_ipv6_household_is_one_network_however_many_addresses_it_has",
    ),
    "no limit at all": (f"{HERE}::test_every_act_of_a_resident_has_its_limit",),
    "the doors tell who has an account": (
        "tests/civic/people/test_enumeration.py::test_a_door_does_the_same_work_for_known_and_unknown",
        "tests/civic/people/test_enumeration.py::test_a_wrong_password_is_hashed_for_everybody",
    ),
    # Uniqueness and races
    "one person counts twice": ("tests/consult/discussion/test_domain.py::test_a_support_counts_once_and_can_be_taken_back",),
    "a crowd is miscounted": ("tests/consult/discussion/test_domain.py::test_fifty_people_supporting_at_once_give_fifty",),
    "add one and save": ("tests/consult/discussion/test_domain.py::test_saving_a_stale_copy_does_not_reset_the_counters",),
    "a double click says it twice": ("tests/consult/discussion/test_domain.py::test_a_double_click_makes_one_contribution",),
    # Mistakes in code
    "mail in a request": (f"{HERE}::test_no_request_speaks_to_a_mail_server",),
    "queueing before commit": ("tests/civic/events/test_bus.py::test_a_rollback_leaves_neither_entry_nor_delivery",),
    "a recipient is told twice, or forgotten": (
        "tests/consult/reports/test_telling.py::test_everybody_is_told_exactly_once",
        "tests/consult/reports/test_telling.py::test_chunks_leave_nobody_out",
    ),
    "one failure stops the whole batch": ("tests/civic/events/test_bus.py::test_one_failure_does_not_hold_up_the_others",),
    "reading changes something": (f"{HERE}::test_reading_changes_nothing",),
    "a redirect to an unchecked address": (
        "tests/architecture/test_browser_safety.py::test_no_link_of_ours_leads_anywhere_else",
    ),
    "a permission nobody declared": (
        "tests/civic/access/test_questions.py::test_an_undeclared_action_is_an_error",
        "tests/orgs/grants/test_domain.py::test_a_power_nobody_declared_cannot_be_given",
    ),
    "an assertion as a guard": (f"{HERE}::test_no_view_guards_itself_by_an_assertion",),
    "other sites read with a visitor's cookies": (f"{HERE}::test_no_other_site_may_read_an_answer",),
    "a query for every row": (
        "tests/architecture/test_query_ceilings.py::test_every_list_costs_the_same_with_one_row_and_with_thirty",
    ),
    "a schedule in two places, or of a task there is not": (f"{HERE}::test_what_is_scheduled_exists_and_once",),
    "an error told apart by one database's words": (f"{HERE}::test_no_error_is_told_apart_by_its_words",),
}  # fmt: skip


@pytest.mark.parametrize("weakness", WEAKNESSES)
def test_each_known_weakness_is_forbidden_by_a_test(weakness: str) -> None:
    missing = [node for node in WEAKNESSES[weakness] if node.split("::")[1] not in _tests_of(node.split("::")[0])]
    assert (bool(WEAKNESSES[weakness]), missing) == (True, [])


@lru_cache
def _tests_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


# What a page view may write: who is signed in, what is kept for speed, how often something was done; and what
# Wagtail notes of an editor at work.
BESIDE_THE_MATTER = re.compile(
    r'"(django_session|civic_cache|civic_core_\w+|account_emailaddress'
    r'|wagtailusers_userprofile|wagtailcore_pagesubscription|wagtailadmin_editingsession)"'
)
# Opening a notice is reading it; the desk of somebody who saw personal data leaves an entry.
READING_ITSELF = {"me-notice"}


@pytest.mark.django_db
def test_reading_changes_nothing(world: World) -> None:
    changed = []
    for row in access_matrix.rows(world):
        if row.data is not None or row.name in READING_ITSELF:
            continue
        who = next((who for who, status in reversed(list(row.answers.items())) if status == 200), "anonymous")
        client = browser_of(world, who)
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            _read(client.get(reverse(row.name, args=row.args)))
            transaction.set_rollback(True)
        changed += [f"{row.name}: {sql[:120]}" for sql in _writes(queries) if not BESIDE_THE_MATTER.search(sql)]
    assert not changed, "\n".join(changed)


def _read(answer: Any) -> Any:
    """Read an answer to its end: files are closed by whoever has read them."""
    if answer.streaming:
        list(answer)
    return answer


def _writes(queries: CaptureQueriesContext) -> Iterator[str]:
    for query in queries:
        if re.match(r"\s*(INSERT|UPDATE|DELETE)", query["sql"] or "", re.IGNORECASE):
            yield query["sql"]


class Silence(BaseEmailBackend):
    """A mail server nobody may speak to."""

    def send_messages(self, messages: Any) -> int:
        raise AssertionError("a request speaks to a mail server")


@pytest.mark.django_db
def test_no_request_speaks_to_a_mail_server(world: World, settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Silence"
    broken = []
    for row in access_matrix.rows(world):
        if row.data is None:
            continue
        with transaction.atomic():
            answer = browser_of(world, "administrator").post(reverse(row.name, args=row.args), row.data)
            transaction.set_rollback(True)
        broken += [row.name] if _read(answer).status_code >= 500 else []
    for path, sent in (
        ("/accounts/signup/", {"by": "email", "email": "new@test.example"}),
        ("/accounts/login/code/", {"login": world.person("resident").email}),
        ("/accounts/password/reset/", {"email": world.person("resident").email}),
    ):
        broken += [path] if Client(raise_request_exception=False).post(path, sent).status_code >= 500 else []
    assert broken == []


@pytest.mark.django_db
def test_no_other_site_may_read_an_answer(world: World) -> None:
    for path in ("/", "/consultations/", "/search/?q=a", "/healthz", "/policies/feed/"):
        answer = Client().get(path, headers={"origin": "https://evil.example"})
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")], path


@pytest.mark.django_db
def test_no_personal_page_may_be_kept_by_a_cache(world: World) -> None:
    for path in ("/me/", "/me/notices/", "/me/preferences/", "/desk/", "/"):
        answer = browser_of(world, "official").get(path)
        shared = "public" in answer.get("Cache-Control", "") or "s-maxage" in answer.get("Cache-Control", "")
        assert (shared, "Cookie" in answer.get("Vary", "") or "no-store" in answer.get("Cache-Control", "")) == (
            False,
            True,
        ), path


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    [
        "me",
        "me-said",
        "me-supported",
        "me-following",
        "me-notices",
        "me-preferences",
        "me-data",
        "me-seen",
        "me-sessions",
    ],
)
def test_no_browser_keeps_a_page_about_oneself(world: World, name: str) -> None:
    """The next one at the computer of a library presses "back"."""
    answer = browser_of(world, "resident").get(reverse(name))

    assert (answer.status_code, "no-store" in answer.get("Cache-Control", "")) == (200, True)


def _sources() -> Iterator[tuple[str, ast.Module]]:
    for package in CODE:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


#: Statements of our own making, with nothing in them but our own names.
OWN_STATEMENTS = re.compile(
    r"^civic/core/(attached|writing|tallies|changes|page_cache|dumps|backup\w*|restore\w*)\.py|^civic/audit/chain\.py"
    r"|^consult/voting/stores\.py|^search/engines/"
)


def test_no_statement_is_put_together_from_what_was_sent() -> None:
    found = []
    for path, tree in _sources():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            name, first = node.func.attr, node.args[0] if node.args else None
            if name in {"raw", "extra", "RawSQL"} or (
                name == "execute" and isinstance(first, (ast.JoinedStr, ast.BinOp))
            ):
                found.append(f"{path}:{node.lineno}: {name}")
    assert [each for each in found if not OWN_STATEMENTS.match(each)] == []


def test_nothing_stores_rich_text() -> None:
    """Every text of the site is plain.  Whoever brings formatted text in cleans it with nh3 and says so here."""
    rich = {"RichTextField", "RichTextBlock", "RawHTMLBlock", "mark_safe"}
    allowed = {"civic/ui/templatetags/ui.py"}
    found = [
        f"{path}:{node.lineno}: {node.id}"
        for path, tree in _sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id in rich and path not in allowed
    ]
    templates = [
        str(path)
        for path in (ROOT / "templates").rglob("*.html")
        if re.search(r"\|\s*richtext|autoescape off|\|\s*safe\b|safeseq", path.read_text())
    ]
    assert (found, templates) == ([], [])


def test_no_view_guards_itself_by_an_assertion() -> None:
    """``python -O`` leaves assertions out: none may ask who somebody is, or what they may do."""
    asks = re.compile(r"\bmay\b|\brequire\b|permission|is_authenticated|has_perm|\.allowed")
    found = [
        f"{path}:{node.lineno}"
        for path, tree in _sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Assert) and asks.search(ast.unparse(node.test))
    ]
    assert found == []


def test_no_error_is_told_apart_by_its_words() -> None:
    words = re.compile(r"str\((error|exc|e|exception)\)\.?.* in |in str\((error|exc|e)\)")
    found = [
        path
        for path, tree in _sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and words.search(ast.unparse(node))
    ]
    assert found == []


def test_what_is_scheduled_exists_and_once() -> None:
    from civic.celery import app

    app.loader.import_default_modules()
    tasks = [str(entry["task"]) for entry in django_settings.CELERY_BEAT_SCHEDULE.values()]
    assert (sorted(set(tasks)), [task for task in tasks if task not in app.tasks]) == (sorted(tasks), [])


def test_rounds_nobody_ran_are_not_run_one_after_another_later() -> None:
    rounds: Any = django_settings.CELERY_BEAT_SCHEDULE.values()
    for entry in rounds:
        assert entry["schedule"] <= entry["options"]["expires"] <= max(60, entry["schedule"]), entry["task"]


#: Posts of residents that need no limit of ours, and why.
UNLIMITED = {
    "me-notices-read": "marks what one has read",
    "me-sessions-end-others": "signs one's own other devices out, which must never be refused",
    "account_": "allauth's own limits",
    "mfa_": "allauth's own limits",
    "wagtail": "staff",
    "desk": "staff",
    "notices-": "links and reports that carry a signature",
}


@pytest.mark.django_db
def test_every_act_of_a_resident_has_its_limit(world: World) -> None:
    free = []
    for row in access_matrix.rows(world):
        taken = row.data is not None and row.answers["resident"] in {200, 302, 303, 422}
        if not taken or any(row.name.startswith(name) for name in UNLIMITED):
            continue
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            _read(browser_of(world, "resident").post(reverse(row.name, args=row.args), row.data))
            transaction.set_rollback(True)
        if not any("civic_core_tally" in sql for sql in _writes(queries)):
            free.append(row.name)
    assert free == []
