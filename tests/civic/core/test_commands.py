import os
import subprocess
import sys
from pathlib import Path

import polib
import pytest

from civic.core.commands import BadInput
from civic.core.management.commands.compile_po import compile_file

ROOT = Path(__file__).parents[3]


def test_bad_input_is_one_line_and_exit_2() -> None:
    error = BadInput("The file\n  has no header.")

    assert str(error) == "The file has no header."
    assert error.returncode == 2


def test_a_command_refuses_an_unknown_option_in_one_line() -> None:
    answer = subprocess.run(
        [sys.executable, "manage.py", "compile_po", "--nonsense"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert "--nonsense" in answer.stderr


def test_a_command_on_an_empty_database_says_what_to_run_first(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "manage.py", "prove"], cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ
        | {"GONGYI_ENV": "local", "GONGYI_HOME": str(tmp_path), "DATABASE_URL": f"sqlite:////{tmp_path}/empty.sqlite3"},
    )  # fmt: skip

    assert (answer.returncode, answer.stderr.count("\n")) == (2, 1)
    assert "migrate" in answer.stderr


def test_translations_are_compiled_once_until_they_change(tmp_path: Path) -> None:
    source = tmp_path / "django.po"
    catalogue = polib.POFile()
    catalogue.append(polib.POEntry(msgid="Sign in", msgstr="登录"))
    catalogue.save(str(source))

    assert compile_file(source)
    assert not compile_file(source)
    assert polib.mofile(str(tmp_path / "django.mo")).find("Sign in").msgstr == "登录"


def test_an_unreadable_translation_file_is_refused_by_name(tmp_path: Path) -> None:
    source = tmp_path / "django.po"
    source.write_text('msgid "a\nmsgstr')

    with pytest.raises(BadInput, match=r"django\.po"):
        compile_file(source)
