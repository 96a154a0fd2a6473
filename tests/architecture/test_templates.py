"""Rules that every template of the project keeps."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted(path for path in ROOT.glob("c*/**/static/**/*.js") if ".min." not in path.name)

FORBIDDEN = {
    "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "an inline handler": re.compile(r"\son[a-z]+\s*=|\shx-on\b|href\s*=\s*[\"']javascript:", re.IGNORECASE),
    "unescaped output": re.compile(r"\|\s*safe\b|autoescape\s+off"),
    "another host": re.compile(r"\b(?:src|href)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE),
}
MAIL = {"an inline style", "another host"}  # mail readers know no style sheets, and need whole addresses


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_holds_what_the_policies_forbid(template: Path) -> None:
    source = template.read_text()
    for what, pattern in FORBIDDEN.items():
        if what in MAIL and "emails" in template.parts:
            continue
        found = pattern.search(source)
        assert not found, f"{what}: {source[max(0, found.start() - 30) : found.end() + 30]!r}"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_script_evaluates_text(script: Path) -> None:
    assert not re.search(r"\beval\(|new Function\(|innerHTML|document\.write", script.read_text())
