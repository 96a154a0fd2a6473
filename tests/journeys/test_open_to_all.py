"""Every page the demo county can show, in Chinese and, in elder mode, in English, 360 and 1280 px wide:
axe finds nothing, nothing scrolls sideways, nothing is left in the other language, no script complains,
and the first view of a public page stays light.
"""

import gzip
import os
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import polib
import pytest

from dev.demo import DEFAULT_PASSWORD
from dev.pages import SAMPLES_OF
from dev.paths import ROOT
from dev.site import Site
from tests.journeys import site as sites
from tests.journeys.conftest import AXE, Face, NewPage, _violations
from tests.journeys.steps import enter

pytestmark = pytest.mark.needs("browser")
SHARED = Path(os.environ["GONGYI_HOME"]) / "journeys"
#: Each language and each mode once, each at both widths.  English in elder mode needs the most room.
FACES = [Face(), Face(phone=True, language="en", elder=True)]
WIDE, NARROW = 1280, 360
# What shows both languages on purpose: samples, mails as they were sent, and the languages' own names.
BILINGUAL = re.compile(r"^/(gallery|outbox)/")
OWN_NAMES = {"English", "中文", "简体中文"}
# The text of the page that no element claims for another language.
WORDS = """() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim().replace(/[ \\n\\t]+/g, " ");
    if (text && walker.currentNode.parentElement.closest("[lang]") === document.documentElement) found.push(text);
  }
  return found;
}"""
AGAIN = "/accounts/reauthenticate/"
OWN_TO_EACH = {"desk", "me"}
FIRST_VIEW = 100 * 1024
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
ASSET = re.compile(r'(?:href|src)="(/static/[^"#]+)')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site over a county whose pages are known."""
    with sites.running("sqlite", tmp_path_factory.mktemp("site"), SHARED, walked=True) as running:
        yield running


@pytest.fixture(scope="module")
def pages(site: Site) -> list[dict[str, str]]:
    """One page of each name for visitors and one for people with an account, with the session to see it by.

    More of those with many kinds, and of those that show each account something of its own.
    """
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for page in sites.pages_of(SHARED):
        one = page["path"] if page["name"] in SAMPLES_OF else ""
        who = page["who"] if page["name"] in OWN_TO_EACH else str(page["who"] == "visitor")
        found.setdefault((who, page["name"], one), page)
    return list(found.values())


@pytest.fixture(scope="module")
def foreign() -> dict[str, frozenset[str]]:
    """For each language, the texts of the catalogue that belong to the other."""
    entries = [entry for entry in polib.pofile(str(CATALOGUE)) if entry.msgstr and entry.msgstr != entry.msgid]
    return {
        "zh": frozenset(entry.msgid for entry in entries) - OWN_NAMES,
        "en": frozenset(entry.msgstr for entry in entries) - OWN_NAMES,
    }


@pytest.mark.parametrize("face", FACES, ids=str)
def test_every_page_is_open_to_all(
    site: Site, pages: list[dict[str, str]], new_page: NewPage, foreign: dict[str, frozenset[str]], face: Face
) -> None:
    assert len(pages) > 30
    faults, opened = [], {}
    for page in pages:
        if page["who"] not in opened:
            opened[page["who"]] = new_page(face)
            opened[page["who"]].context.add_init_script(path=AXE)  # three hundred times is often
        tab, here = opened[page["who"]], f"{page['who']} {page['path']}"
        if page["session"]:
            tab.context.add_cookies([{"name": "sessionid", "value": page["session"], "url": site.base_url}])
        tab.goto(page["path"])
        if AGAIN in tab.url and AGAIN not in page["path"]:  # the machine is slow: they came in some minutes ago
            tab.locator("input[name=password]").fill(DEFAULT_PASSWORD)
            enter(tab.locator("input[name=password]"))
        if unquote(urlsplit(tab.url).path) != unquote(page["path"].split("?")[0]):
            faults.append(f"{here}: leads to {tab.url}")  # a session has ended: nothing was looked at
        # What axe judges hangs on language and mode; one width of the two is enough for each face, and as the faces
        # begin with another width and change it with every page, each page is judged at both.
        faults += [f"{here}: {violation}" for violation in _violations(tab)]
        shown = tab.viewport_size["width"]
        for width in (shown, WIDE if shown == NARROW else NARROW):
            if width != shown:
                tab.set_viewport_size({"width": width, "height": 800})
            if tab.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                faults.append(f"{here} at {width}: scrolls sideways")
        if not BILINGUAL.match(page["path"]):
            left = foreign[face.language].intersection(tab.evaluate(WORDS))
            faults += [f"{here}: left in the other language: {text}" for text in sorted(left)]
    assert not faults, "\n".join(faults)


def test_the_first_view_of_every_public_page_is_light(site: Site, pages: list[dict[str, str]]) -> None:
    sizes: dict[str, int] = {}
    heavy = []
    for page in pages:
        if page["who"] != "visitor":
            continue
        html = _get(site, page["path"])
        weight = len(gzip.compress(html))
        for asset in set(ASSET.findall(html.decode())):
            if asset not in sizes:
                sizes[asset] = len(gzip.compress(_get(site, asset)))
            weight += sizes[asset]
        if weight > FIRST_VIEW:
            heavy.append((page["path"], weight))
    assert (len(sizes) > 0, heavy) == (True, [])


def _get(site: Site, path: str) -> bytes:
    with urllib.request.urlopen(site.base_url + quote(path, safe="/?=&%.#")) as answer:
        body: bytes = answer.read()
    return body
