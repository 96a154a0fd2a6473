"""What a journey needs: the running site, a browser in one of its faces, and axe."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dev.demo import DEFAULT_PASSWORD
from dev.site import Site
from tests.journeys import site as sites
from tests.journeys.steps import enter

AXE = next((Path(__file__).parents[1] / "vendor").glob("axe-*.min.js"))
#: Milliseconds, as many as a busy machine may take.
PATIENCE = 180_000
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@dataclass(frozen=True)
class Face:
    """How somebody meets the site."""

    scripts: bool = True
    phone: bool = False
    language: str = "zh"
    elder: bool = False

    def __str__(self) -> str:
        words = [
            "scripts" if self.scripts else "no-scripts",
            "phone" if self.phone else "desktop",
            self.language,
            *(["elder"] if self.elder else []),
        ]
        return "-".join(words)


#: Four faces that meet every value twice.
FACES = [Face(), Face(scripts=False, phone=True), Face(language="en", phone=True), Face(scripts=False, language="en")]

NewPage = Callable[..., Any]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The real thing: web server, worker and scheduler over a seeded county, fresh for every file of journeys."""
    shared = Path(os.environ["GONGYI_HOME"]) / "journeys"
    with sites.running(request.param, tmp_path_factory.mktemp("site"), shared) as running:
        yield running


@pytest.fixture
def new_page(browser: Any, site: Site) -> Iterator[NewPage]:
    """Open a page with a face: ``new_page(Face(phone=True))`` or ``new_page(language="en")``.

    Addresses are relative: ``page.goto("/consultations/")``.  A script error on
    any of them fails the test.
    """
    contexts: list[Any] = []
    errors: list[str] = []

    def open_page(face: Face | None = None, **face_values: Any) -> Any:
        face = face or Face(**face_values)
        context = browser.new_context(
            base_url=site.base_url,
            java_script_enabled=face.scripts,
            viewport={"width": 360, "height": 740} if face.phone else {"width": 1280, "height": 900},
            is_mobile=face.phone,
            has_touch=face.phone,
            locale="zh-CN" if face.language == "zh" else "en-GB",
            reduced_motion="reduce",  # colours are judged as they are in the end, also of what the mouse lies on
        )
        context.set_default_timeout(PATIENCE)
        # The switch's own cookie: it outlives a sign-in, which the browser's wish alone would not.
        chosen = "zh-hans" if face.language == "zh" else "en"
        context.add_cookies([{"name": "gongyi_language", "value": chosen, "url": site.base_url}])
        if face.elder:
            context.add_cookies([{"name": "gongyi_elder", "value": "1", "url": site.base_url}])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture(params=FACES, ids=str)
def face(request: pytest.FixtureRequest) -> Face:
    """Each of four faces in turn; ``@pytest.mark.parametrize("face", […], indirect=True)`` chooses others."""
    chosen: Face = request.param
    return chosen


@pytest.fixture
def page(new_page: NewPage, face: Face) -> Any:
    """A page in each of the faces."""
    return new_page(face)


@pytest.fixture
def sign_in() -> Callable[[Any, str], None]:
    """Sign in the way people do: ``sign_in(page, "resident")`` uses ``resident@demo.example``.

    Staff enter the code of their second factor too, which the demo shows them.
    """

    def run(page: Any, who: str, password: str = DEFAULT_PASSWORD) -> None:
        page.goto("/accounts/login/")
        page.locator("input[name=login]").fill(f"{who}@demo.example")
        page.locator("input[name=password]").fill(password)
        enter(page.locator("input[name=password]"))
        assert "/accounts/login/" not in page.url
        if "/accounts/2fa/" in page.url:
            page.locator("input[name=code]").fill(page.locator("#demo-code").inner_text())
            enter(page.locator("input[name=code]"))
            assert "/accounts/2fa/" not in page.url

    return run


@pytest.fixture
def axe(browser: Any) -> Callable[[Any], list[str]]:
    """Audit what a page shows now: ``assert axe(page) == []``.

    axe needs scripts.  A page opened without them is audited as it is, in a
    context where axe is the only script that runs.
    """
    source = AXE.read_text()

    def audit(page: Any) -> list[str]:
        return _violations(page, source) if _runs_scripts(page) else _audit_copy(browser, page, source)

    return audit


def _runs_scripts(page: Any) -> bool:
    """Tell whether the page's own scripts run: with them off, Chromium shows ``noscript``."""
    return page.evaluate("matchMedia('(scripting: enabled)').matches") is True


def _audit_copy(browser: Any, page: Any, source: str) -> list[str]:
    html, size = page.content(), page.viewport_size
    context = browser.new_context(viewport=size, java_script_enabled=True, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    try:
        copy = context.new_page()
        address = page.url
        copy.route("**/*.js", lambda route: route.abort())
        copy.route(address, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
        copy.goto(address)
        return _violations(copy, source)
    finally:
        context.close()


def _violations(page: Any, source: str = "") -> list[str]:
    """Ask axe, which the page brings along or ``source`` is."""
    if source:
        page.evaluate(source)
    options = {"resultTypes": ["violations"], "runOnly": STANDARD}
    result = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{violation['id']}: {node['target'][0]}: {node['failureSummary']}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]
