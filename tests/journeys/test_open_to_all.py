"""Every page the demo county can show, in four faces that meet every value twice: axe finds nothing,
nothing scrolls sideways, no script complains, and the first view of a public page stays light.
"""

import gzip
import json
import re
import subprocess
import urllib.request

import pytest

from dev.paths import ROOT, VENV_PYTHON
from dev.site import Site
from tests.journeys.conftest import AXE, Face, NewPage, _violations

pytestmark = [pytest.mark.needs("browser"), pytest.mark.parametrize("site", ["sqlite"], indirect=True)]
FACES = [
    Face(phone=True),
    Face(language="en"),
    Face(phone=True, language="en", elder=True),
    Face(elder=True),
]
FIRST_VIEW = 100 * 1024
ASSET = re.compile(r'(?:href|src)="(/static/[^"#]+)')


@pytest.fixture
def pages(site: Site) -> list[dict[str, str]]:
    """One page of each name for each account that sees it, with that account's session."""
    command = [str(VENV_PYTHON), "-m", "dev.pages"]
    said = subprocess.run(command, cwd=ROOT, env=dict(site._env), capture_output=True, text=True, check=True)
    found: dict[tuple[str, str], dict[str, str]] = {}
    for page in json.loads(said.stdout.splitlines()[-1])["pages"]:
        found.setdefault((page["who"], page["name"]), page)
    return list(found.values())


@pytest.mark.parametrize("face", FACES, ids=str)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    site: Site, pages: list[dict[str, str]], new_page: NewPage, face: Face
) -> None:
    assert len(pages) > 30
    source, faults, opened = AXE.read_text(), [], {}
    for page in pages:
        if page["who"] not in opened:
            opened[page["who"]] = new_page(face)
        tab = opened[page["who"]]
        if page["session"]:
            tab.context.add_cookies([{"name": "sessionid", "value": page["session"], "url": site.base_url}])
        tab.goto(page["path"])
        faults += [f"{page['who']} {page['path']}: {violation}" for violation in _violations(tab, source)]
        if tab.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            faults.append(f"{page['who']} {page['path']}: scrolls sideways")
    assert faults == []


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
    with urllib.request.urlopen(site.base_url + urllib.parse.quote(path, safe="/?=&%.#")) as answer:
        body: bytes = answer.read()
    return body
