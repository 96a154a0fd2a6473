"""Every page of the running demo: who sees it, at which address.

``python -m dev.pages`` prints JSON; ``python -m dev.pages sessions`` only signs everybody in anew.  It walks the links from the front page and
from every address without arguments, as each account in turn, so a page that
nothing links to shows up by its missing name.
"""

import json
import re
import sys
from collections import Counter, defaultdict, deque
from datetime import UTC, datetime
from typing import Any

import django

ACCOUNTS = (
    "",
    "resident",
    "official",
    "approver",
    "editor",
    "moderator",
    "coordinator",
    "clerk",
    "socialworker",
    "grid",
    "supervisor",
    "auditor",
    "admin",
)
STARTS = (
    "/",
    "/consultations/",
    "/policies/",
    "/search/?q=公交",
    "/me/",
    "/desk/",
    "/accounts/login/",
    "/accounts/signup/",
)
#: Wagtail's own screens and what is no page.
LEFT_OUT = re.compile(
    r"^/(cms|_util|static|media|api|prefs|documents|healthz|readyz|metrics|accounts/logout)|\.(xml|txt|csv|json|zip)$"
)
LINK = re.compile(r'<a\b[^>]*\bhref="([^"#]+)')
SHELF = re.compile(r"\?show=[\w-]+$")  # a tab of a list: what lies there is linked from nowhere else
SAMPLES = 2  # of each page that exists many times …
#: … but every stage of a consultation and of a poll, and every kind of CMS page.
SAMPLES_OF = {"consultation": 8, "poll": 12, "poll-result": 4, "poll-minutes": 4, "wagtail_serve": 10}
OWN = 4  # of a page others have seen enough of: somebody's own may lead where theirs does not
VISITS = 400


def main() -> None:
    """Print the pages and the names no page was found for, or each account's new session."""
    django.setup()
    from django.urls import get_resolver  # noqa: PLC0415 - needs the settings
    from django.utils import translation  # noqa: PLC0415

    if sys.argv[1:] == ["sessions"]:
        opened = {who or "visitor": _client(who) for who in ACCOUNTS}
        print(json.dumps({who: session for who, (client, session) in opened.items() if client is not None}))
        return
    translation.activate("zh-hans")
    seen: dict[str, list[str]] = defaultdict(list)
    pages: list[dict[str, str]] = []
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    for who in ACCOUNTS:
        client, session = _client(who)
        if client is not None:
            pages += _walk(client, who, session, seen, _plain_addresses(names))
    print(
        json.dumps(
            {"pages": pages, "unreached": sorted(name for name in names - set(seen) if not name.startswith("wagtail"))}
        )
    )


def _client(who: str) -> tuple[Any, str]:
    """Return a browser signed in as a demo account (second factor included), and its session."""
    from django.test import Client  # noqa: PLC0415

    from civic.people.models import Person  # noqa: PLC0415

    client = Client(headers={"host": "localhost"})
    if not who:
        return client, ""
    person = Person.objects.filter(email=f"{who}@demo.example").first()
    if person is None:
        return None, ""
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    at = datetime.now(UTC).timestamp()  # noqa: TID251 - this is a tool at a terminal
    session["account_authentication_methods"] = [
        {"method": "password", "at": at, "email": person.email},
        {"method": "mfa", "at": at, "type": "totp"},
    ]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
    return client, session.session_key or ""


def _plain_addresses(names: set[str]) -> list[str]:
    from django.urls import NoReverseMatch, reverse  # noqa: PLC0415

    found = []
    for name in sorted(names):
        try:
            found.append(reverse(name))
        except NoReverseMatch:
            continue
    return found


def _walk(client: Any, who: str, session: str, seen: dict[str, list[str]], starts: list[str]) -> list[dict[str, str]]:
    """Follow links as one account; return the pages nobody before it has seen."""
    from django.urls import Resolver404, resolve  # noqa: PLC0415

    queue, known, pages = deque(dict.fromkeys([*STARTS, *starts])), {*STARTS, *starts}, []
    visits, own = 0, Counter[str]()
    while queue and visits < VISITS:
        address = queue.popleft()
        path = address.split("?")[0]
        if LEFT_OUT.search(path):
            continue
        try:
            name = resolve(path).url_name or ""
        except Resolver404:
            continue
        full = len(seen[name]) >= SAMPLES_OF.get(name, SAMPLES)
        if full and path not in seen[name]:
            own[name] += 1
            if own[name] > OWN:
                continue
        answer = client.get(address)
        visits += 1
        if answer.status_code in {301, 302, 303} and (target := answer["Location"].split("?")[0]) not in known:
            known.add(target)
            queue.append(target)
        if answer.status_code != 200 or "text/html" not in answer.get("Content-Type", ""):
            continue
        page = address if SHELF.search(address) else path
        is_new = page not in seen[name] and (not full or page != path)
        if is_new or path in {"/me/", "/desk/"}:
            seen[name].append(page)
            pages.append({"path": address, "name": name, "who": who or "visitor", "session": session})
        found = _links(path, answer.content.decode()) - known
        known |= found
        queue += sorted(found)
    for name in [name for name, paths in seen.items() if not paths]:
        del seen[name]
    return pages


def _links(path: str, page: str) -> set[str]:
    """Return the site's own addresses a page leads to, without their queries, but for a list's tabs."""
    whole = [path + link if link.startswith("?") else link for link in LINK.findall(page)]
    return {link if SHELF.search(link) else link.split("?")[0] for link in whole if link.startswith("/")}


if __name__ == "__main__":
    main()
