"""Every command refuses what it cannot use: one line on standard error, exit 2, and nothing changed."""

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import load_command_class
from django.db import connections

from civic.people.models import Person

APPS = {
    "import_polis": "consult.opinions", "seed_demo": "consult.demo", "rebuild_search": "search", "prove": "civic.core",
    "appoint": "orgs.grants", "prepare_site": "civic.policies", "erase_person": "civic.people",
    "compile_po": "civic.core", "backup": "civic.core", "restore": "civic.core",
    "count_ballots": "consult.voting",
}  # fmt: skip
HEADER = "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n"


def folder(path: Path, *, comments: bytes | None = HEADER.encode(), votes: bytes | None = b"") -> str:
    """Return an export's folder; None leaves the file out."""
    for name, content in (("comments.csv", comments), ("votes.csv", votes)):
        if content is not None:
            (path / name).write_bytes(content)
    return str(path)


def elections(path: Path) -> dict[str, str]:
    """Return files of ballots: a good one, one with more ballots than people, more money than there is, and no text."""
    contents = {
        "blt": ("good.blt", b'2 1\n3 1 2 0\n0\n"a"\n"b"\n'),
        "wild": ("wild.blt", b'2 1\n999999999999 1 2 0\n0\n"a"\n"b"\n'),
        "rich": (
            "rich.pb",
            b"META\nkey;value\nbudget;1e999999\nPROJECTS\nproject_id;cost\na;1e-99999\nVOTES\nvoter_id;vote\n1;a\n",
        ),
        "bytes": ("bytes.blt", bytes(range(256))),
    }
    for name, content in contents.values():
        (path / name).write_bytes(content)
    return {key: str(path / name) for key, (name, _content) in contents.items()}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("import_polis", []),
        ("import_polis", ["--consultation", "a"]),
        ("import_polis", ["{good}"]),
        ("import_polis", ["/no/such/folder", "--consultation", "a"]),
        ("import_polis", ["{file}", "--consultation", "a"]),
        ("import_polis", ["{empty}", "--consultation", "a"]),
        ("import_polis", ["{wrong}", "--consultation", "a"]),
        ("import_polis", ["{binary}", "--consultation", "a"]),
        ("import_polis", ["{good}", "--consultation", "a"]),
        ("import_polis", ["{good}", "--consultation", ""]),
        ("import_polis", ["{good}", "--consultation", "not an address"]),
        ("import_polis", ["{good}", "--consultation", "a/../b"]),
        ("import_polis", ["{good}", "--consultation", "长" * 20_000]),
        ("import_polis", ["{good}", "--consultation", "a" * 81]),
        ("import_polis", ["a\x00b", "--consultation", "a"]),
        ("import_polis", ["x" * 5000, "--consultation", "a"]),
        ("import_polis", ["{good}", "more", "--consultation", "a"]),
        ("count_ballots", []),
        ("count_ballots", ["{file}"]),
        ("count_ballots", ["{file}", "--method", "guess"]),
        ("count_ballots", ["{file}", "--method", "approval"]),
        ("count_ballots", ["{file}", "--method", "irv"]),
        ("count_ballots", ["{good}", "--method", "irv"]),
        ("count_ballots", ["{blt}", "--method", "approval"]),
        ("count_ballots", ["{blt}", "--method", "stv", "--seats", "9" * 5000]),
        ("count_ballots", ["{blt}", "--method", "stv", "--seats", "１"]),
        ("count_ballots", ["{blt}", "--method", "stv", "--seats", "-1"]),
        ("count_ballots", ["{blt}", "--method", "schulze", "--default", "3"]),
        ("count_ballots", ["{blt}", "--method", "schulze", "--default", "2", "--quorum", "1e999999"]),
        ("count_ballots", ["{blt}", "--method", "schulze", "--default", "2", "--quorum", "NaN"]),
        ("count_ballots", ["{blt}", "--method", "schulze", "--default", "2", "--majority", "1=3:0"]),
        ("count_ballots", ["{blt}", "--method", "irv", "--seed", "two\nlines"]),
        ("count_ballots", ["{wild}", "--method", "schulze"]),
        ("count_ballots", ["{rich}", "--method", "greedy-skip"]),
        ("count_ballots", ["{bytes}", "--method", "irv"]),
        ("count_ballots", ["/no/such/file.blt", "--method", "irv"]),
        ("count_ballots", ["a\x00b.blt", "--method", "irv"]),
        ("count_ballots", ["x" * 5000 + ".blt", "--method", "irv"]),
        ("count_ballots", ["{blt}", "more", "--method", "irv"]),
        ("seed_demo", ["--nonsense"]),
        ("seed_demo", ["more"]),
        ("rebuild_search", ["--nonsense"]),
        ("rebuild_search", ["more"]),
        ("prove", ["no-such-proof"]),
        ("prove", ["deliveries", "no-such-proof"]),
        ("prove", ["two\nlines"]),
        ("prove", ["--nonsense"]),
        ("prepare_site", ["more"]),
        ("appoint", []),
        ("appoint", ["nobody@test.example"]),
        ("appoint", ["nobody@test.example", "--reason", "x"]),
        ("appoint", ["a\x00b", "--reason", "x"]),
        ("appoint", ["nobody@test.example", "--reason", "x", "--days", "many"]),
        ("backup", []),
        ("backup", ["{good}"]),
        ("backup", ["{file}"]),
        ("backup", ["/no/such/folder/backup"]),
        ("backup", ["x" * 5000]),
        ("backup", ["a\x00b"]),
        ("backup", ["{empty}", "more"]),
        ("restore", []),
        ("restore", ["/no/such/folder"]),
        ("restore", ["{empty}"]),
        ("restore", ["{good}"]),
        ("restore", ["{file}"]),
        ("restore", ["x" * 5000]),
        ("restore", ["a\x00b"]),
        ("restore", ["two\nlines"]),
        ("compile_po", ["more"]),
        ("erase_person", []),
        ("erase_person", ["999999999"]),
        ("erase_person", ["0"]),
        ("erase_person", ["-1"]),
        ("erase_person", ["9" * 40]),
        ("erase_person", ["somebody@test.example"]),
        ("erase_person", ["１"]),
        ("erase_person", ["1", "2"]),
        ("compile_po", ["--verbosity", "loud"]),
    ],
)
def test_a_command_refuses_bad_arguments_in_one_line(
    command: str, arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    monkeypatch.setattr(connections, "close_all", lambda: None)  # the test's own connection
    for name in ("good", "empty", "wrong", "binary"):
        (tmp_path / name).mkdir()
    places = {
        "good": folder(tmp_path / "good", votes=b"timestamp,datetime,comment-id,voter-id,vote\n"),
        "empty": str(tmp_path / "empty"),
        "wrong": folder(tmp_path / "wrong", comments=b"a,b,c\n1,2,3\n"),
        "binary": folder(tmp_path / "binary", comments=bytes(range(256))),
        "file": str(tmp_path / "good" / "votes.csv"),
        **elections(tmp_path),
    }
    before = _everything()
    with pytest.raises(SystemExit) as ended:
        load_command_class(APPS[command], command).run_from_argv(
            ["manage.py", command, *(argument.format(**places) for argument in arguments)]
        )
    complaint = capsys.readouterr().err
    assert (ended.value.code, complaint.count("\n"), complaint[-1:]) == (2, 1, "\n"), complaint[:400]
    assert "Traceback" not in complaint
    assert _everything() == before


@pytest.mark.django_db
def test_the_demo_is_never_drawn_into_a_real_site(settings: Any, capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(connections, "close_all", lambda: None)
    settings.DEMO = settings.SETTINGS_ARE_FOR_TESTS = False
    with pytest.raises(SystemExit) as ended:
        load_command_class(APPS["seed_demo"], "seed_demo").run_from_argv(["manage.py", "seed_demo"])
    assert (ended.value.code, capsys.readouterr().err.count("\n"), Person.objects.count()) == (2, 1, 0)


def _everything() -> dict[str, int]:
    """Count the rows of every table of ours."""
    ours = ("civic_", "orgs_", "consult_", "search")
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.app_label.startswith(ours)
    }
