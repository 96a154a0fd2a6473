"""J12: an auditor and an observer check a poll of the demo county, on the running site and off line."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dev.site import Site
from tests.journeys.conftest import Face, NewPage
from tests.journeys.steps import follow

pytestmark = [pytest.mark.needs("browser"), pytest.mark.parametrize("site", ["sqlite"], indirect=True)]
SLUG = "reading-room-evenings"
RESULT, DESK = f"/polls/{SLUG}/result/", f"/desk/audit/polls/{SLUG}/"
Axe = Callable[[Any], list[str]]


def taken(page: Any, press: Callable[[], None], folder: Path) -> Path:
    """Press something that hands over a file; return where it lies."""
    with page.expect_download() as waiting:
        press()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def verified(program: Path, *arguments: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(program), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=program.parent)


@pytest.mark.parametrize("face", [Face(scripts=False, language="en")], ids=str)
def test_an_auditor_recounts_samples_and_signs(
    site: Site, new_page: NewPage, sign_in: Callable[[Any, str], None], axe: Axe, face: Face, tmp_path: Path
) -> None:
    # Anybody: the bundle in two clicks from the poll, the program beside it, and it verifies without the site.
    reader = new_page(face)
    reader.goto(f"/polls/{SLUG}/")
    follow(reader.locator(f"a[href='{RESULT}']").first)
    assert axe(reader) == []
    bundle = taken(reader, reader.locator("a[href$='/bundle.zip']").first.click, tmp_path)
    program = taken(reader, reader.locator("a[href$='/gongyi_verify.py']").first.click, tmp_path)
    reader.goto(f"/polls/{SLUG}/bulletin/")
    head = reader.locator("code.hash").first.inner_text()
    said = verified(program, bundle, "--head", head)
    assert (said.returncode, said.stderr) == (0, ""), said.stdout
    assert "the recount agrees at every stage" in said.stdout

    # One flipped ballot in the bundle is found.
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(bundle) as whole, zipfile.ZipFile(broken, "w") as copy:
        for name in whole.namelist():
            data = whole.read(name)
            copy.writestr(name, _flipped(data) if name == "ballots.json" else data)
    assert verified(program, broken).returncode == 1

    # The auditor: recount, sample, opinion.
    auditor = new_page(Face(scripts=face.scripts, language=face.language))
    sign_in(auditor, "auditor")
    auditor.goto("/desk/audit/polls/")
    assert axe(auditor) == []
    follow(auditor.locator(f"a[href='{DESK}']"))
    follow(auditor.locator("form[action$='/recount/'] button"))
    auditor.locator("#h-recount ~ p .st-done").wait_for()
    auditor.locator("textarea[name=receipts]").fill("0000-0000-0000-0000\nabc")
    follow(auditor.locator("form[action$='/receipts/'] button"))
    auditor.locator("#h-sampled").wait_for()
    assert axe(auditor) == []
    auditor.goto(DESK)
    if auditor.locator("textarea[name=note]").count():
        auditor.locator("input[name=verdict][value=confirmed]").check(force=True)
        auditor.locator("textarea[name=note]").fill(f"重新清点一致，离线核验通过（{face}）。")
        follow(auditor.locator("form[action$='/opinion/'] button"))

    # Everybody reads who signed.
    reader.goto(RESULT)
    assert reader.locator("#h-opinions ~ .card .st-done").first.is_visible()
    assert "重新清点一致" in reader.content()
    proved = site.manage("prove")
    assert (proved.returncode, proved.stderr) == (0, "")


@pytest.mark.parametrize("face", [Face(phone=True)], ids=str)
def test_a_resident_observes_and_objects_and_is_answered(
    site: Site, new_page: NewPage, sign_in: Callable[[Any, str], None], axe: Axe, face: Face
) -> None:
    resident = new_page(face)
    sign_in(resident, "resident")
    resident.goto("/polls/canteen-place/observe/")
    assert axe(resident) == []
    follow(resident.locator("button[name=start]"))
    resident.locator("button[name=stop]").wait_for()
    resident.goto("/polls/canteen-place/notice/")
    assert axe(resident) == []
    resident.goto("/polls/canteen-place/object/")
    assert axe(resident) == []
    resident.locator("textarea[name=text]").fill("公告只贴在一个门口。")
    follow(resident.locator("form[action$='/object/'] button.main"))
    assert "/bulletin/" in resident.url
    assert "公告只贴在一个门口。" in resident.content()

    office = new_page(Face())
    sign_in(office, "official")
    office.goto("/about/counting/")
    assert axe(office) == []


def _flipped(data: bytes) -> bytes:
    text = data.decode()
    first = re.search(r'"choices":\["([a-z0-9-]+)"\]', text)
    assert first
    other = next(each for each in re.findall(r'"choices":\["([a-z0-9-]+)"\]', text) if each != first[1])
    return text.replace(first[0], f'"choices":["{other}"]', 1).encode()
