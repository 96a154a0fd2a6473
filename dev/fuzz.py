"""``make fuzz``: hostile inputs into every form and address of a running demo county.

``FUZZ_COUNT`` (10,000), ``FUZZ_SEED`` (of today's run; printed, give it again to
repeat one).  Fails when an answer is 500 or more, when a connection breaks off,
or when a page opened in the browser afterwards runs or holds a stored script.
"""

import http.client
import json
import os
import random
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from dev import hostile
from dev.console import say
from dev.demo import DEFAULT_PASSWORD, prepare
from dev.paths import ROOT, VENV_PYTHON
from dev.processes import Stopped, free_port, stop_on_signals
from dev.services import chromium
from dev.site import Site, environment, make_home

COUNT = 10_000
PARAMETERS = [
    "q", "page", "sort", "kind", "place", "status", "since", "until", "clause", "next", "from", "to", "as_of", "show", "by",
    "template", "box", "rule", "state", "month", "after", "id", "c", "p", "lang", "email",
]  # fmt: skip
#: Forms that would end the visit itself.
LEFT_OUT = ("/accounts/logout", "/accounts/password", "/accounts/email", "/accounts/phone", "/erase", "/sessions")
CMS = ("/cms/", "/cms/pages/", "/cms/images/add/", "/cms/documents/add/", "/cms/account/", "/cms/pages/search/")
CMS_STAFF = ("editor", "approver")
Headers = dict[str, str]


@dataclass(frozen=True)
class Form:
    """A form as a page offers it: where it goes, and what stands in it."""

    action: str
    method: str
    fields: dict[str, str] = field(hash=False)


@dataclass
class Visitor:
    """One account's browser: its cookies, the addresses and forms it has seen, and where its inputs led it."""

    who: str
    cookies: dict[str, str]
    paths: list[str] = field(default_factory=list)
    led_to: set[str] = field(default_factory=set)
    forms: list[Form] = field(default_factory=list)


@dataclass
class Report:
    """What came of a run."""

    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def main(_args: list[str]) -> int:
    """Start a demo county of its own, send everything, look at every page; return 1 when something broke."""
    count = int(os.environ.get("FUZZ_COUNT") or COUNT)
    seed = int(os.environ.get("FUZZ_SEED") or time.time_ns() % 10**9)
    stop_on_signals()
    try:
        with tempfile.TemporaryDirectory(prefix="gongyi-fuzz-") as folder:
            home, port = Path(folder), free_port()
            make_home(home)
            extra = {"GONGYI_ENV": "local", "GONGYI_DEMO_PASSWORD": DEFAULT_PASSWORD, "RATE_LIMIT_FACTOR": "1000000"}
            env = environment(home, port, {"DATABASE_URL": f"sqlite:///{home / 'gongyi.sqlite3'}", **extra})
            if not prepare(env):
                return 1
            with Site(home=home, port=port, env=env) as site:
                say(f"FUZZ_SEED={seed}, {count} inputs")
                report = run(site, env, count=count, seed=seed)
                _keep_logs(home, report)
    except Stopped:
        return 130
    answers = ", ".join(f"{status}: {number}" for status, number in sorted(report.statuses.items()))
    say(f"{report.sent} inputs sent; answers {answers}")
    for fault in report.faults[:40]:
        say(f"FAULT {fault}")
    say("All well" if not report.faults else f"{len(report.faults)} faults (FUZZ_SEED={seed})")
    return 1 if report.faults else 0


def run(
    site: Site,
    env: dict[str, str],
    *,
    count: int,
    seed: int,
    browser: Any = None,
    pages: int | None = None,
    known: Sequence[dict[str, str]] | None = None,
) -> Report:
    """Send ``count`` hostile inputs to a running site, then open what it shows; the same seed sends the same.

    With ``pages`` only so many of each account's are visited, before and after, drawn by the seed.  ``known`` is
    what ``dev.pages`` has found there before, where somebody has asked it already: then it is not asked again, and
    what is new is looked at where an input led to it.
    """
    rng = random.Random(seed)
    visitors = find(site, walk(env) if known is None else known, _drawn(seed, pages))
    report = Report()
    for number in range(count):
        _send_one(site, rng, rng.choice(visitors), report, number)
        if report.sent % 1_000 == 0:
            say(f"{report.sent} sent, {len(report.faults)} faults")
    if chromium():
        with nullcontext(browser) if browser else _chromium() as opened:
            found = walk(env) if known is None else _signed_in_anew(env, known)
            after = find(site, found, _drawn(seed, pages))
            for visitor, before in zip(after, visitors if known else (), strict=bool(known)):
                visitor.paths += sorted(before.led_to.difference(visitor.paths))
            report.faults += look(site, after, opened)
    return report


def _drawn(seed: int, pages: int | None) -> Callable[[list[str]], list[str]]:
    """Return what chooses among an account's pages."""
    rng = random.Random(f"pages {seed}")
    return lambda paths: paths if pages is None else rng.sample(paths, min(pages, len(paths)))


def walk(env: dict[str, str]) -> list[dict[str, str]]:
    """Return every page of the site, who sees it, and the session to see it by."""
    found: list[dict[str, str]] = _pages_say(env)["pages"]
    return found


def _pages_say(env: dict[str, str], *arguments: str) -> Any:
    command = [str(VENV_PYTHON), "-m", "dev.pages", *arguments]
    said = subprocess.run(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True
    )
    return json.loads(said.stdout.splitlines()[-1])


def _signed_in_anew(env: dict[str, str], pages: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Return the pages with new sessions: one of our inputs may have ended the old ones."""
    sessions = _pages_say(env, "sessions")
    return [page | {"session": sessions[page["who"]]} for page in pages]


def find(site: Site, pages: Sequence[dict[str, str]], choose: Callable[[list[str]], list[str]] = list) -> list[Visitor]:
    """Return the browsers of all accounts with the addresses that ``choose`` leaves them and the forms found there."""
    visitors: dict[str, Visitor] = {}
    for page in pages:
        cookies = {"sessionid": page["session"]} if page["session"] else {}
        visitor = visitors.setdefault(page["who"], Visitor(page["who"], {"gongyi_language": "en", **cookies}))
        visitor.paths.append(page["path"])
    for visitor in visitors.values():
        visitor.paths = choose(visitor.paths)
        if visitor.who in CMS_STAFF:
            visitor.paths += CMS
        for path in list(visitor.paths):
            _status, headers, body = ask(site, "GET", path, cookies=visitor.cookies)
            _remember(visitor, headers)
            if "text/html" in headers.get("content-type", ""):
                visitor.forms += [form for form in forms_of(path, body) if not _ends_the_visit(form.action)]
    return list(visitors.values())


def _send_one(site: Site, rng: random.Random, visitor: Visitor, report: Report, number: int) -> None:
    token = visitor.cookies.get("csrftoken", "")
    form = rng.choice(visitor.forms) if visitor.forms and rng.random() < 0.65 else None
    if form is not None and form.method == "POST":
        sent = hostile.message(rng, form.fields, keep={"csrfmiddlewaretoken": token})
        method, path, body = "POST", form.action, sent.body
        headers = {"Content-Type": sent.content_type} if sent.content_type else {}
    else:
        names = list(form.fields) if form and form.fields else PARAMETERS
        path = (form.action if form else rng.choice(visitor.paths)).split("?")[0]
        if rng.random() < 0.08:
            path = path.rstrip("/") + "/" + hostile.part(rng).decode("latin-1")[:200]
        method, body, headers = rng.choice(("GET", "GET", "GET", "HEAD", "OPTIONS", "PUT")), b"", {}
        path = f"{path}?{hostile.query(rng, names).decode('latin-1')}"
    if rng.random() < 0.1:
        headers[
            rng.choice(("HX-Request", "Accept-Language", "Referer", "X-Forwarded-For", "If-None-Match", "Range"))
        ] = hostile.part(rng)[:500].decode("latin-1").replace("\r", "").replace("\n", "")
    report.sent += 1
    here = f"input {number}, {visitor.who}: {method} {path[:300]!r} {headers} {body[:400]!r}"
    try:
        try:
            status, answered, _body = ask(site, method, path, cookies=visitor.cookies, body=body, headers=headers)
        except ConnectionError:  # hung up before the answer was read: whoever it broke will break again
            status, answered, _body = ask(site, method, path, cookies=visitor.cookies, body=body, headers=headers)
    except (OSError, http.client.HTTPException) as error:
        report.faults.append(f"{here}: {error!r}")
        return
    _remember(visitor, answered)
    if method == "POST" and status in {302, 303} and not _ends_the_visit(answered["location"]):
        visitor.led_to.add(urlsplit(answered["location"]).path)
    report.statuses[status] += 1
    if status >= 500:
        report.faults.append(f"{here}: {status}")


def ask(
    site: Site, method: str, path: str, *, cookies: dict[str, str], body: bytes = b"", headers: Headers | None = None
) -> tuple[int, Headers, str]:
    """Send one request as it is, byte for byte; return status, headers and text of the answer."""
    target = urlsplit(site.address)
    connection = http.client.HTTPConnection(str(target.hostname), target.port, timeout=180)
    # What no browser would let through is the point here.
    address = "".join(char if 0x20 < ord(char) < 0x7F else "".join(f"%{b:02X}" for b in char.encode()) for char in path)
    try:
        connection.putrequest(method, address, skip_host=True, skip_accept_encoding=True)
        sent = {"Host": urlsplit(site.base_url).netloc, "Origin": site.base_url, **(headers or {})}
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        for name, value in sent.items():
            connection.putheader(name, value.encode("latin-1", "replace").replace(b"\x00", b""))
        if body or method == "POST":
            connection.putheader("Content-Length", str(len(body)))
        # A server that refuses a body by its headers does not read it, and has answered before it is sent.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.endheaders(body or None)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        answered = {name.lower(): value for name, value in answer.getheaders()}
        answered["set-cookie"] = "\n".join(value for name, value in answer.getheaders() if name.lower() == "set-cookie")
        return answer.status, answered, text
    finally:
        connection.close()


def _remember(visitor: Visitor, headers: Headers) -> None:
    # The token only: a session that ends by an input of ours is the visit's, not the site's fault.
    for line in headers.get("set-cookie", "").splitlines():
        name, _, value = line.partition(";")[0].partition("=")
        if name == "csrftoken" and value:
            visitor.cookies[name] = value


def _ends_the_visit(action: str) -> bool:
    return any(part in action for part in LEFT_OUT)


@contextmanager
def _chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where a browser is

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), timeout=180_000)
        yield browser
        browser.close()


def look(site: Site, visitors: Sequence[Visitor], browser: Any) -> list[str]:
    """Open every page in the browser; return where a stored script ran or stored markup became part of a page."""
    from playwright.sync_api import Error  # noqa: PLC0415 - only where a browser is

    faults: list[str] = []
    for visitor in visitors:
        # Without our own policy, so that markup which only the policy stops is seen too.
        context = browser.new_context(base_url=site.base_url, bypass_csp=True)
        context.add_cookies([{"name": n, "value": v, "url": site.base_url} for n, v in visitor.cookies.items()])
        page: Any = context.new_page()

        def noticed(dialog: Any, who: str = visitor.who) -> None:
            faults.append(f"{who}: {dialog.message}")
            dialog.dismiss()

        page.on("dialog", noticed)
        for path in visitor.paths:
            try:
                page.goto(path, wait_until="load", timeout=180_000)
                found = page.evaluate(
                    f"[!!window.{hostile.FIRED}, document.querySelectorAll('[{hostile.MARK}]').length]"
                )
            except Error as error:
                if "Download is starting" not in str(error) and "ERR_ABORTED" not in str(error):
                    faults.append(f"{visitor.who} {path}: {str(error).splitlines()[0]}")
                continue
            if found != [False, 0]:
                faults.append(f"{visitor.who} {path}: a stored script {'ran' if found[0] else 'stands in the page'}")
        context.close()
    return faults


def _keep_logs(home: Path, report: Report) -> None:
    """Show the end of the web server's log beside a fault: it holds the traceback."""
    if any(fault.rstrip().endswith(("500", "502", "503")) for fault in report.faults):
        target = Path(tempfile.gettempdir()) / "gongyi-fuzz-web.log"
        target.write_bytes((home / "log" / "web.log").read_bytes())
        say(f"The web server's log: {target}")


def forms_of(path: str, html: str) -> list[Form]:
    """Return the forms of a page."""
    reader = _Forms(path)
    reader.feed(html)
    return reader.found


class _Forms(HTMLParser):
    """Reads forms; fields outside that name their form by ``form=`` are left to those inside."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a form, or put a field into the one that is open."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            address = urlsplit(urljoin(self.path, given.get("action", "") or self.path))
            action = address.path + (f"?{address.query}" if address.query else "")
            self.found.append(Form(action, given.get("method", "get").upper(), dict(parse_qsl(address.query))))
        elif tag in {"input", "select", "textarea", "button"} and self.found and given.get("name"):
            if given["name"] != "csrfmiddlewaretoken":
                self.found[-1].fields.setdefault(given["name"], given.get("value", ""))
        elif tag == "option" and self.found and self.found[-1].fields and "selected" in given:
            name = list(self.found[-1].fields)[-1]
            self.found[-1].fields[name] = given.get("value", "")


if __name__ == "__main__":
    raise SystemExit(main([]))
