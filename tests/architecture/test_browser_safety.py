"""What browsers are told and given: headers on every answer, nothing inline in any page, no way out by a link."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from django.db import transaction
from django.test import Client
from django.urls import reverse

from dev.paths import ROOT
from tests.architecture import access_matrix
from tests.architecture.conftest import World, browser_of
from tests.factories.people import PASSWORD

# Answered before anything else, in plain text, to machines.
PROBES = {"healthz", "readyz", "metrics"}
SCRIPT_ATTRIBUTE = re.compile(r"^on[a-z]+$")
EVIL = (
    "https://evil.example/", "//evil.example/", "/\\evil.example/", "\\\\evil.example", "///evil.example",
    "/%09/evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "https:evil.example",
    "http:///evil.example", "/\t/evil.example", "\x00//evil.example", "https://testserver@evil.example/",
    "//evil.example\\@testserver/", "/consultations/../../\\evil.example", "%2f%2fevil.example", "＼／evil.example",
)  # fmt: skip


@pytest.mark.django_db
def test_every_answer_carries_its_policies_and_no_page_holds_a_script_of_its_own(world: World) -> None:
    wrong = []
    for row in access_matrix.rows(world):
        if row.data is not None or row.name in PROBES:
            continue
        # One of the cast who sees the page, and a stranger, who may see a refusal.
        seen_by = next((who for who, status in reversed(list(row.answers.items())) if status == 200), "anonymous")
        for who in dict.fromkeys([seen_by, "anonymous"]):
            with transaction.atomic():
                answer = browser_of(world, who).get(reverse(row.name, args=row.args))
                wrong += [f"{row.name} {row.args} as {who}: {fault}" for fault in _faults(answer)]
                if answer.streaming:
                    list(answer)  # files are closed by whoever has read them
                transaction.set_rollback(True)
    assert not wrong, "\n".join(wrong)


def _faults(answer: Any) -> list[str]:
    path = answer.request["PATH_INFO"]
    inside = path.startswith("/cms/")
    policy = _directives(answer["Content-Security-Policy"])
    faults = [
        f"{name} is {answer.get(name)!r}"
        for name, right in {
            "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
        }.items()
        if answer.get(name) != right
    ]  # fmt: skip
    if "camera=()" not in answer.get("Permissions-Policy", ""):
        faults.append("no permissions policy")
    if not inside and any("unsafe" in value or "*" in value for value in policy.values()):
        faults.append(f"policy {policy}")
    if policy.get("frame-ancestors") not in {"'self'", "'none'"} or "default-src" not in policy:
        faults.append(f"policy {policy}")
    if not inside and "text/html" in answer["Content-Type"] and not answer.streaming:
        faults += inline(answer.content.decode())
    return faults


def inline(html: str) -> list[str]:
    """Return what of a page would need ``unsafe-inline``."""
    page = BeautifulSoup(html, "html.parser")
    found = [f"inline script: {tag.get_text()[:60]}" for tag in page.find_all("script") if not tag.get("src")]
    found += [f"inline style: {tag.get_text()[:60]}" for tag in page.find_all("style")]
    for tag in page.find_all(True):
        for name, value in tag.attrs.items():
            if SCRIPT_ATTRIBUTE.match(name) or name == "style" or name.startswith("hx-on"):
                found.append(f"{tag.name} {name}={value!r}")
            if name in {"href", "src", "action", "formaction"} and str(value).strip().lower().startswith("javascript"):
                found.append(f"{tag.name} {name}={value!r}")
    return found


def _directives(policy: str) -> dict[str, str]:
    return {name: value.strip() for name, _, value in (part.strip().partition(" ") for part in policy.split(";"))}


def _stays(answer: Any) -> bool:
    """Tell whether an answer leads nowhere but to this site, read as a browser would read it."""
    if answer.status_code not in {301, 302, 303, 307, 308}:
        return answer.status_code < 500
    here = "http://testserver/somewhere/"
    target = urlsplit(urljoin(here, re.sub(r"[\t\r\n]", "", answer["Location"].strip()).replace("\\", "/")))
    return (target.scheme, target.netloc) == ("http", "testserver")


@pytest.mark.django_db
@pytest.mark.parametrize("evil", EVIL)
def test_no_link_of_ours_leads_anywhere_else(world: World, evil: str) -> None:
    said, person = world.said["running"], world.person("resident")
    person.set_password(PASSWORD)
    person.save()
    visitor, resident = Client(raise_request_exception=False), browser_of(world, "resident")
    asked = quote(evil, safe="")
    sign_in = {"login": person.email, "password": PASSWORD, "next": evil}
    support = reverse("contribution-support", args=["running", said.pk])
    answers = {
        "language": visitor.get(f"/prefs/language/en/?next={asked}"),
        "elder": visitor.get(f"/prefs/elder/on/?next={asked}"),
        "theme": visitor.get(f"/prefs/theme/dark/?next={asked}", headers={"referer": evil.replace("\x00", "")}),
        "sign in": Client(raise_request_exception=False).post(f"/accounts/login/?next={asked}", sign_in),
        "signed in": resident.get(f"/accounts/login/?next={asked}"),
        "sign up": visitor.get(f"/accounts/signup/?next={asked}"),
        "ask for a code": visitor.post("/accounts/login/code/", {"login": "13800000001", "next": evil}),
        "cms": visitor.get(f"/cms/login/?next={asked}"),
        "support": resident.post(support, {"on": "1", "back": evil}),
        "support from here": resident.post(support, {"on": "0", "back": f"/consultations/running/{evil}"}),
        "notices": resident.post(reverse("me-notices-read"), {"back": evil}),
        "follow": resident.post(reverse("consultation-follow", args=["running"]), {"next": evil, "back": evil}),
        "sign out": browser_of(world, "author").post(f"/accounts/logout/?next={asked}", {"next": evil}),
    }
    assert [f"{name}: {answer.get('Location')}" for name, answer in answers.items() if not _stays(answer)] == []


@pytest.mark.django_db
def test_no_page_offers_a_link_that_was_put_into_its_address(world: World) -> None:
    for evil in EVIL:
        page = Client(raise_request_exception=False).get(f"/accounts/login/?next={quote(evil, safe='')}")
        links = [tag.get("href", "") for tag in BeautifulSoup(page.content, "html.parser").find_all("a")]
        assert not [link for link in links if link.startswith(evil)]


def test_cookies_of_a_real_site_are_taken_over_tls_only() -> None:
    said = _production(
        "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE,"
        " s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SECURE_HSTS_SECONDS >= 31536000, s.SECURE_SSL_REDIRECT)"
    )
    assert said == "__Host-session __Host-csrf True True True True True"


def _production(code: str) -> str:
    env: Mapping[str, str] = {
        **{name: value for name, value in os.environ.items() if name.startswith("PYTHON")},
        "PATH": os.environ["PATH"], "GONGYI_ENV": "production", "DJANGO_SETTINGS_MODULE": "civic.settings",
        "GONGYI_HOME": os.environ["GONGYI_HOME"], "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV",
        "BALLOT_KEY": "zyxwvutsrqponmlkjihgfedcba9876543210",
        "ALLOWED_HOSTS": "gongyi.example", "BASE_URL": "https://gongyi.example", "DATABASE_URL": "postgres://x@127.0.0.1/x",
        "EMAIL_URL": "smtp://127.0.0.1", "REDIS_URL": "redis://127.0.0.1/0", "CELERY_BROKER_URL": "redis://127.0.0.1/1",
        "SMS_GATEWAY": "civic.notify.outbox.OutboxGateway", "DEFAULT_FROM_EMAIL": "a@gongyi.example", "SITE_PLACE": "县", "SITE_ORGANISER": "县政府", "METRICS_TOKEN": "x" * 40,
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
