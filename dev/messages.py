"""Texts to translate: collected, merged into ``locale/``, and checked to be complete.

``make messages`` rewrites the catalogues; ``check`` (part of ``make lint``)
names what is missing.  gettext need not be installed.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polib
from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

from dev.console import say
from dev.paths import ROOT

PACKAGES = ("civic", "search", "orgs", "consult")
CHINESE = ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"
ENGLISH = ROOT / "locale/en/LC_MESSAGES/django.po"

# Function name → which arguments are singular, plural and context; as gettext's tools write it.
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop"]),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], (1, 2)),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], ((1, "c"), 2)),
    **dict.fromkeys(["npgettext", "npgettext_lazy"], ((1, "c"), 2, 3)),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]")
HAN = re.compile(r"[\u3400-\u9fff]")
#: Where Chinese may stand outside the catalogues, and why.
CHINESE_ALLOWED = re.compile(
    "|".join(
        [
            r"civic/settings/",  # what an installation is called until it says otherwise
            r"civic/ui/(dates|gallery)\.py|templates/ui/gallery(_desk)?\.html",  # Chinese calendar words; sample data
            r"civic/policies/(numbers|blocks|domain)\.py",  # how clauses are numbered, and a new site's first page
            r"civic/core/texts\.py|search/",  # what the code knows of the Chinese language
            r"templates/500\.html",  # shown when nothing works, both languages at once
            r".*/(demo|data|migrations|formats)/",  # data
            r".*/voting/verifier/",  # a program of its own, which speaks both languages at once
            r".*/seed\w*\.py",
        ]
    )
)
PRODUCT = "共议"


@dataclass(frozen=True, order=True)
class Text:
    """One text as the code asks for it: what distinguishes an entry of the catalogue."""

    msgid: str
    plural: str = ""
    context: str = ""


def main(_args: list[str]) -> int:
    """Bring the catalogues in line with the code and say what is left to translate."""
    found = collect()
    _merge(CHINESE, found, "zh_Hans", "nplurals=1; plural=0;")
    plurals = {text: places for text, places in found.items() if text.plural}
    if plurals:
        _merge(ENGLISH, plurals, "en", "nplurals=2; plural=(n != 1);")
    faults = list(check(found))
    say(f"{len(found)} texts, {len(faults)} to see to.")
    for fault in faults:
        say(fault)
    return 0


def collect() -> dict[Text, list[str]]:
    """Return every text of code and templates, with the files that ask for it."""
    found: dict[Text, list[str]] = {}
    for path in _sources():
        name = str(path.relative_to(ROOT))
        for text in _texts_of(path):
            places = found.setdefault(text, [])
            if name not in places:
                places.append(name)
    return found


def check(found: dict[Text, list[str]]) -> Iterator[str]:
    """Yield a line for everything that keeps the site from speaking both languages."""
    chinese = {_key(entry): entry for entry in polib.pofile(str(CHINESE)) if not entry.obsolete}
    for text, places in sorted(found.items()):
        entry = chinese.get(text)
        if entry is None or not _is_translated(entry):
            yield f"not translated: {text.msgid!r} ({places[0]})"
        elif entry.fuzzy:
            yield f"fuzzy: {text.msgid!r} ({places[0]})"
        else:
            yield from _placeholder_faults(text, entry)
    yield from (f"no longer used: {text.msgid!r}" for text in sorted(set(chinese) - set(found)))
    yield from _stray_chinese()


def _is_translated(entry: polib.POEntry) -> bool:
    if entry.msgid_plural:
        return bool(entry.msgstr_plural) and all(entry.msgstr_plural.values())
    return bool(entry.msgstr)


def _placeholder_faults(text: Text, entry: polib.POEntry) -> Iterator[str]:
    offered = set(PLACEHOLDER.findall(text.msgid)) | set(PLACEHOLDER.findall(text.plural))
    for translation in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
        used = set(PLACEHOLDER.findall(translation))
        # A singular may say "one" instead of its number; everything else keeps what it names.
        required = offered if not text.plural else set(PLACEHOLDER.findall(text.plural))
        if not used <= offered or not required <= used:
            yield f"placeholders differ: {text.msgid!r} → {translation!r}"


def _stray_chinese() -> Iterator[str]:
    for path in _sources():
        name = str(path.relative_to(ROOT))
        if CHINESE_ALLOWED.match(name):
            continue
        source = path.read_text()
        lines = _string_lines(source) if path.suffix == ".py" else enumerate(_without_comments(source).splitlines(), 1)
        for number, text in lines:
            if HAN.search(text.replace(PRODUCT, "").replace("中文", "")):
                yield f"Chinese outside the catalogue: {name}:{number}: {text.strip()[:60]}"


def _string_lines(source: str) -> Iterator[tuple[int, str]]:
    """Yield the strings of a module that its users may see: all but documentation."""
    tree = ast.parse(source)
    prose = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.lineno, node.value


def _without_comments(source: str) -> str:
    return re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", source, flags=re.DOTALL)


def _sources() -> list[Path]:
    code = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    templates = [path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt", ".xml"}]
    templates += [p for package in PACKAGES for p in (ROOT / package).rglob("templates/**/*.html")]
    return sorted(path for path in code + templates if "static" not in path.parts)


def _texts_of(path: Path) -> Iterator[Text]:
    source = path.read_text()
    if path.suffix != ".py":
        # What templatize leaves of the markup is indented like markup, not like Python.
        source = "\n".join(line.lstrip() for line in templatize(source, origin=str(path)).splitlines())
    rows = extract_python(io.BytesIO(source.encode()), KEYWORDS, [], {"encoding": "utf-8"})
    for _line, function, arguments, _comments in rows:
        text = _text(str(function), arguments if isinstance(arguments, (tuple, list)) else (arguments,))
        if text is not None:
            yield text


def _text(function: str, arguments: Sequence[str | None]) -> Text | None:
    spec = KEYWORDS[function] or (1,)
    picked: list[str] = []
    context = ""
    for part in spec:
        index = part[0] if isinstance(part, tuple) else part
        value = arguments[index - 1] if index <= len(arguments) else None
        if not value:
            return None
        if isinstance(part, tuple):
            context = value
        else:
            picked.append(value)
    return Text(picked[0], picked[1] if len(picked) > 1 else "", context)


def _key(entry: polib.POEntry) -> Text:
    return Text(entry.msgid, entry.msgid_plural or "", entry.msgctxt or "")


def _merge(path: Path, found: dict[Text, list[str]], language: str, plural_forms: str) -> None:
    """Rewrite a catalogue: sorted, without line numbers, what is gone left out, what is new left empty."""
    old = {_key(entry): entry for entry in polib.pofile(str(path))} if path.exists() else {}
    fresh = polib.POFile(wrapwidth=110)
    fresh.metadata = {
        "Project-Id-Version": "gongyi",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": plural_forms,
    }
    for text in sorted(found):
        entry = old.get(text) or polib.POEntry(msgid=text.msgid, msgid_plural=text.plural, msgctxt=text.context or None)
        entry.occurrences = []
        entry.flags = []
        if language == "en" and not _is_translated(entry):
            entry.msgstr_plural = {0: text.msgid, 1: text.plural}
        elif text.plural and not entry.msgstr_plural:
            entry.msgstr_plural = {0: ""}
        fresh.append(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh.save(str(path))


if __name__ == "__main__":
    problems = list(check(collect()))
    print("\n".join(problems), end="\n" if problems else "")
    sys.exit(1 if problems else 0)
