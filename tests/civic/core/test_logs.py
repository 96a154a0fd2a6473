"""Log lines: JSON, with the request's id, without anything personal."""

import ast
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from civic.core import tracing
from civic.core.logs import JsonFormatter, SaidAlready

ROOT = Path(__file__).parents[3]
PERSONAL = [
    "wang.xiaoming@example.cn", "13800138000", "+86 138-0013-8000", "110101199003078515", "王小明",
    "?phone=13800138000&name=wang", "'Wang Xiaoming'", '"Wang Xiaoming"', "postgres://gongyi:hunter2@db/gongyi",
]  # fmt: skip
#: What our own lines may hold beside their sentence: numbers of rows and names of code.
TELLS_NOBODY = {"pk", "_id", "__name__", "name", "number", "count", "attempts", "status", "reason", "code", "kind"}


def line(name: str, message: str, *args: Any, error: BaseException | None = None, **extra: Any) -> dict[str, Any]:
    exc_info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(name, logging.WARNING, __file__, 1, message, args, exc_info)
    record.__dict__.update(extra)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    return dict(json.loads(text))


@pytest.mark.parametrize("value", PERSONAL)
@pytest.mark.parametrize("logger", ["civic.notify", "django.request", "celery.app.trace"])
def test_nothing_personal_gets_in(value: str, logger: str) -> None:
    try:
        try:
            raise ValueError(value)
        except ValueError as error:
            raise RuntimeError(f"about {value}") from error
    except RuntimeError as error:
        told = [
            line(logger, "could not send to %s", value),
            line(logger, f"could not send to {value}"),
            line(logger, "could not send: %s", error, error=error),
            line(logger, "could not", user=value, request=value, data={"a": value}),
        ]
    for bare in (value, "hunter2", "Xiaoming", "13800138000"):
        if bare in value:
            assert bare not in json.dumps(told, ensure_ascii=False)


def test_values_of_libraries_stay_out_whatever_they_are() -> None:
    told = line(
        "allauth.account", "sign-in of %(login)s failed %(times)d times", {"login": "Wang Xiaoming", "times": 3}
    )

    assert told["message"] == "sign-in of … failed 3 times"


def test_a_line_says_when_where_how_bad_and_under_which_id() -> None:
    with tracing.under("0123456789abcdef0123456789abcdef"):
        told = line("civic.events", "delivery %s failed", 17, route="home", ms=12)

    assert told.pop("at").endswith("+00:00")
    assert told == {
        "level": "warning", "logger": "civic.events", "message": "delivery 17 failed",
        "request_id": "0123456789abcdef0123456789abcdef", "route": "home", "ms": 12,
    }  # fmt: skip


def test_django_speaks_of_errors_only() -> None:
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "%s: %s", ("Gone", "/a"), None)
    assert not SaidAlready().filter(record)
    record.exc_info = (ValueError, ValueError(), None)
    assert SaidAlready().filter(record)


def test_an_error_keeps_its_kind_its_place_and_its_causes() -> None:
    try:
        try:
            int("王小明")
        except ValueError as error:
            raise RuntimeError from error
    except RuntimeError as error:
        told = line("civic", "failed", error=error)["error"]

    assert (told["type"], told["causes"]) == ("RuntimeError", ["ValueError"])
    assert "test_logs.py" in told["frames"][-1]


def test_our_own_lines_hold_ids_and_names_of_code_only() -> None:
    for path in [path for package in ("civic", "consult", "orgs", "search") for path in (ROOT / package).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if _is_logging(node):
                assert isinstance(node, ast.Call)
                sentence, *values = node.args[1:] if node.func.attr == "log" else node.args  # type: ignore[attr-defined]
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                assert isinstance(sentence, ast.Constant), f"{where}: a log line is a constant sentence"
                for value in values:
                    word = ast.unparse(value).rpartition(".")[2]
                    assert word.endswith(tuple(TELLS_NOBODY)) or word in TELLS_NOBODY, f"{where}: logs {word}"


def _is_logging(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "logger"
    )


@pytest.mark.django_db
def test_a_request_gets_an_id_and_keeps_a_well_formed_one(client: Client) -> None:
    given = "0123456789abcdef0123456789abcdef"

    assert client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given
    assert len(client.get("/healthz").headers["X-Request-ID"]) == 32


@pytest.mark.parametrize(
    "given", ["13800138000", "wang@example.cn", "a" * 33, "x\ny", "0123456789ABCDEF" * 2, "王" * 32]
)
def test_an_id_that_could_tell_something_is_replaced(given: str) -> None:
    assert tracing.accept(given) != given
    assert len(tracing.accept(given)) == 32


@pytest.mark.django_db
def test_a_request_worth_a_line_names_its_route_and_nothing_else(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "SLOW", 3600)  # the first page a process draws takes its time
    with caplog.at_level("INFO", logger="civic.core.tracing"):
        client.get("/consultations/?q=wang@example.cn")
        client.post("/accounts/login/?next=/13800138000", {"login": "wang@example.cn", "password": "hunter2"})

    [record] = [record for record in caplog.records if record.name == "civic.core.tracing"]
    told = json.loads(JsonFormatter().format(record))
    assert (told["message"], told["route"], told["method"]) == ("request", "account_login", "POST")
    assert not {"wang", "13800138000", "hunter2"} & set(json.dumps(told))
