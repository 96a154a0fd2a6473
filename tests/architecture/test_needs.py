"""What a test needs it names, so that the gate knows what was not run."""

from dev.paths import ROOT

BY_ITSELF = ("skip" + "if", "importor" + "skip")


def test_no_test_skips_by_itself() -> None:
    sources = {path: path.read_text() for path in (ROOT / "tests").rglob("*.py")}
    found = [str(path.relative_to(ROOT)) for path, text in sources.items() if any(word in text for word in BY_ITSELF)]

    assert found == []
