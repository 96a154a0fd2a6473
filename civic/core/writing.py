"""Rows and counters written in every act, whose SQL is worked out once per process (see ``civic.core.asking``).

For models whose ``save`` does nothing of its own to new rows and whose signals nobody receives; defaults, checks and
constraints hold as ever, because they are the fields' and the database's.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection, models
from django.db.models import sql

from civic.core.asking import Places
from civic.core.prepared import run


def insert(row: models.Model) -> None:
    """Insert a new row, and set its number where the database gives one: like ``save(force_insert=True)``."""
    number = _given_number(type(row))
    returning = f" RETURNING {_quoted(number.column)}" if number is not None else ""
    statement = _insert(type(row), connection.vendor) + returning
    if number is None:
        run(statement, _values(row), _changed)
    else:
        (row.pk,) = run(statement, _values(row), _first)
    row._state.adding, row._state.db = False, connection.alias


def insert_new(row: models.Model, *, one_per: Sequence[str]) -> bool:
    """Insert a row unless there is one with the same ``one_per``, the fields of a unique constraint; tell whether it is new.

    One statement and no savepoint, whoever else writes the same; any other
    violation rises.  The row's own number stays unknown.
    """
    fields: list[Any] = [row._meta.get_field(name) for name in one_per]
    columns = ", ".join(_quoted(field.column) for field in fields)
    statement = f"{_insert(type(row), connection.vendor)} ON CONFLICT ({columns}) DO NOTHING"
    return run(statement, _values(row), _changed) == 1


class Delete:
    """A deletion with open places, of rows nothing points to: ``Delete(lambda pk: Draft.objects.filter(pk=pk), pk=int)``."""

    def __init__(self, make: "Callable[..., models.QuerySet[Any]]", **types: type) -> None:
        self._places = Places(lambda **values: _delete(make(**values)), types)

    def __call__(self, **values: Any) -> int:
        """Run it with these values and return how many rows it deleted."""
        return run(*self._places.filled(values), _changed)


class Update:
    """An update with open places: ``Update(lambda pk, by: (Page.objects.filter(pk=pk), {"n": F("n") + by}), …)``."""

    def __init__(self, make: "Callable[..., tuple[models.QuerySet[Any], dict[str, Any]]]", **types: type) -> None:
        self._places = Places(lambda **values: _update(*make(**values)), types)

    def __call__(self, **values: Any) -> int:
        """Run it with these values and return how many rows it changed."""
        return run(*self._places.filled(values), _changed)


def _changed(cursor: Any) -> int:
    return int(cursor.rowcount)


def _first(cursor: Any) -> Any:
    return cursor.fetchone()


def _delete(queryset: "models.QuerySet[Any]") -> tuple[str, Sequence[Any]]:
    query: Any = queryset.query.chain(sql.DeleteQuery)
    statement: tuple[str, Sequence[Any]] = query.get_compiler(using="default").as_sql()
    return statement


def _update(queryset: "models.QuerySet[Any]", values: dict[str, Any]) -> tuple[str, Sequence[Any]]:
    query: Any = queryset.query.chain(sql.UpdateQuery)
    query.add_update_values(values)
    statement: tuple[str, Sequence[Any]] = query.get_compiler(using="default").as_sql()
    return statement


@lru_cache(maxsize=64)
def _insert(model: type[models.Model], _vendor: str) -> str:
    fields = _written(model)
    columns = ", ".join(_quoted(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {_quoted(model._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608 - our own names


def _values(row: models.Model) -> list[Any]:
    values = [(field, field.pre_save(row, add=True)) for field in _written(type(row))]
    unknown = [field.name for field, value in values if hasattr(value, "resolve_expression")]
    if unknown:
        raise ValueError(f"Say what {', '.join(unknown)} of a {type(row).__name__} is: only the database knows.")
    return [field.get_db_prep_save(value, connection) for field, value in values]


@lru_cache(maxsize=64)
def _written(model: type[models.Model]) -> "list[models.Field[Any, Any]]":
    number = _given_number(model)
    return [field for field in model._meta.concrete_fields if field is not number]


def _given_number(model: type[models.Model]) -> "models.Field[Any, Any] | None":
    return model._meta.pk if isinstance(model._meta.pk, models.AutoField) else None


def _quoted(name: str | None) -> str:
    return str(connection.ops.quote_name(str(name)))
