"""``make look``: a picture of every page, on phone and desktop, in both languages, normal and elder mode."""

import asyncio
import html
import json
import os
import re
import shutil
import subprocess
import sys
from itertools import product
from typing import Any

from dev import demo
from dev.console import refuse, say
from dev.paths import ROOT, home
from dev.processes import Stopped, free_port, stop_on_signals
from dev.services import chromium, install_missing
from dev.site import NotUp, Site, environment, make_home

TARGET = ROOT / "look"
DEVICES = {
    "phone": {
        "viewport": {"width": 360, "height": 740},
        "device_scale_factor": 1.5,
        "is_mobile": True,
        "has_touch": True,
    },
    "desktop": {"viewport": {"width": 1280, "height": 900}},
}
LANGUAGES = {"zh": "zh-hans", "en": "en"}
MODES = {"normal": "0", "elder": "1"}
FACES = tuple(product(DEVICES, LANGUAGES, MODES))
AT_ONCE = 4
TALLEST = 9000  # pixels; the rest of a very long page looks like its beginning


def main(_args: list[str]) -> int:
    """Start the demo beside whatever runs, take the pictures, write the index."""
    install_missing("chromium", "fonts-noto-cjk")
    program = chromium()
    if program is None:
        refuse("make look needs Chromium: apt-get install chromium fonts-noto-cjk")
    stop_on_signals()
    folder, port = home(), free_port()
    make_home(folder)
    password = os.environ.get("GONGYI_DEMO_PASSWORD") or demo.DEFAULT_PASSWORD
    env = environment(folder, port, {"GONGYI_DEMO_PASSWORD": password})
    try:
        if not demo.prepare(env):
            return 1
        with Site(home=folder, port=port, env=env) as site:
            found = subprocess.run(
                [sys.executable, "-m", "dev.pages"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
            )
            if found.returncode != 0:
                say(found.stderr)
                return 1
            pages = json.loads(found.stdout.splitlines()[-1])
            wanted = os.environ.get("LOOK", "")
            chosen = [page for page in pages["pages"] if wanted in page["path"] or wanted in page["name"]]
            if not chosen:
                refuse(f"No page's path contains {wanted!r}.")
            if not wanted and TARGET.exists():
                shutil.rmtree(TARGET)
            say(f"{len(chosen)} pages, {len(chosen) * len(FACES)} pictures …")
            faults = asyncio.run(_take(site.base_url, chosen, program))
    except NotUp as error:
        say(str(error))
        return 1
    except Stopped:
        return 130
    _write_index(pages["unreached"])
    say(f"{TARGET / 'index.html'}")
    for fault in faults:
        say(fault)
    return 0


async def _take(base_url: str, pages: list[dict[str, str]], program: str) -> list[str]:
    """Take every picture, a few at a time in one browser; return what went wrong on the way."""
    from playwright.async_api import async_playwright  # noqa: PLC0415 - a tool of development

    faults: list[str] = []
    queue: asyncio.Queue[tuple[str, str, str]] = asyncio.Queue()
    for face in FACES:
        queue.put_nowait(face)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program)

        async def work() -> None:
            while not queue.empty():
                face = queue.get_nowait()
                for session in sorted({page["session"] for page in pages}):
                    theirs = [page for page in pages if page["session"] == session]
                    faults.extend(await _take_as(browser, base_url, theirs, face))

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
        await browser.close()
    return faults


async def _take_as(browser: Any, base_url: str, pages: list[dict[str, str]], face: tuple[str, str, str]) -> list[str]:
    """Take one face of the pages one account sees."""
    device, language, mode = face
    cookies = {"gongyi_language": LANGUAGES[language], "gongyi_elder": MODES[mode], "sessionid": pages[0]["session"]}
    context = await browser.new_context(**DEVICES[device], locale="zh-CN" if language == "zh" else "en-GB")
    await context.add_cookies([{"name": n, "value": v, "url": base_url} for n, v in cookies.items() if v])
    faults: list[str] = []
    tab = await context.new_page()
    tab.on("pageerror", lambda error: faults.append(f"{tab.url}: {error}"))
    for page in pages:
        answer = await tab.goto(base_url + page["path"])
        if answer is None or answer.status >= 400:
            faults.append(f"{page['path']} as {page['who']}: {answer.status if answer else 'no answer'}")
        wide = await tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            faults.append(f"{page['path']} is {wide} px too wide ({' '.join(face)})")
        target = TARGET / _slug(page) / f"{'-'.join(face)}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        height = min(TALLEST, await tab.evaluate("document.documentElement.scrollHeight"))
        width = DEVICES[device]["viewport"]["width"]  # type: ignore[index]
        await tab.screenshot(path=target, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
    await context.close()
    return faults


def _slug(page: dict[str, str]) -> str:
    path = re.sub(r"[^\w-]+", "-", page["path"], flags=re.ASCII).strip("-") or "home"
    return f"{path}--{page['who']}"


def _write_index(unreached: list[str]) -> None:
    rows = []
    for folder in sorted(path for path in TARGET.iterdir() if path.is_dir()):
        pictures = "".join(
            f'<a href="{picture.relative_to(TARGET)}"><img loading="lazy" src="{picture.relative_to(TARGET)}">{picture.stem}</a>'
            for picture in sorted(folder.glob("*.png"))
        )
        rows.append(f'<h2 id="{folder.name}">{html.escape(folder.name)}</h2><div>{pictures}</div>')
    style = "body{font:16px sans-serif}div{display:flex;gap:8px;overflow:auto}a{flex:none;font-size:12px}img{display:block;height:480px;max-width:520px;object-fit:cover;object-position:top;border:1px solid #999}"
    missing = ", ".join(unreached) or "none"
    text = f'<!doctype html><meta charset="utf-8"><title>Gongyi: every page</title><style>{style}</style>{"".join(rows)}<p>Names without a page one can look at: {html.escape(missing)}</p>'
    (TARGET / "index.html").write_text(text)
