"""Rows and counters written in every act, whose SQL is worked out once per process (see ``civic.core.asking``).

For models whose ``save`` does nothing of its own to new rows and whose signals nobody receives; defaults, checks and
constraints hold as ever, because they are the fields' and the database's.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import sql

from civic.core.asking import Places
from civic.core.prepared import run


def insert(row: models.Model) -> None:
    """Insert a new row, and set its number where the database gives one: like ``save(force_insert=True)``."""
    database: Any = connections[DEFAULT_DB_ALIAS]
    is_numbered = _given_number(type(row)) is not None
    statement = _insert(database.vendor, type(row), returning=is_numbered)
    if is_numbered:
        (row.pk,) = run(statement, _values(database, row), _first, database=database)
    else:
        run(statement, _values(database, row), _changed, database=database)
    row._state.adding, row._state.db = False, database.alias


def insert_new(row: models.Model, *, one_per: Sequence[str]) -> bool:
    """Insert a row unless there is one with the same ``one_per``, the fields of a unique constraint; tell whether it is new.

    One statement and no savepoint, whoever else writes the same; any other
    violation rises.  The row's own number stays unknown.
    """
    database: Any = connections[DEFAULT_DB_ALIAS]
    statement = _insert(database.vendor, type(row), one_per=tuple(one_per))
    return run(statement, _values(database, row), _changed, database=database) == 1


class Delete:
    """A deletion with open places, of rows nothing points to: ``Delete(lambda pk: Draft.objects.filter(pk=pk), pk=int)``."""

    def __init__(self, make: "Callable[..., models.QuerySet[Any]]", **types: type) -> None:
        self._places = Places(lambda **values: _delete(make(**values)), types)

    def __call__(self, **values: Any) -> int:
        """Run it with these values and return how many rows it deleted."""
        return _run(self._places, values)


class Update:
    """An update with open places: ``Update(lambda pk, by: (Page.objects.filter(pk=pk), {"n": F("n") + by}), …)``."""

    def __init__(self, make: "Callable[..., tuple[models.QuerySet[Any], dict[str, Any]]]", **types: type) -> None:
        self._places = Places(lambda **values: _update(*make(**values)), types)

    def __call__(self, **values: Any) -> int:
        """Run it with these values and return how many rows it changed."""
        return _run(self._places, values)


def _run(places: Places, values: dict[str, Any]) -> int:
    database: Any = connections[DEFAULT_DB_ALIAS]
    statement, params = places.filled(database, values)
    return run(statement, params, _changed, database=database)


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
def _insert(vendor: str, model: type[models.Model], *, returning: bool = False, one_per: tuple[str, ...] = ()) -> str:
    columns = [column.field for column in _written(vendor, model)]
    places = ", ".join(["%s"] * len(columns))
    statement = f"INSERT INTO {_quoted(model._meta.db_table)} ({_listed(columns)}) VALUES ({places})"  # noqa: S608 - our own names
    if one_per:
        statement += f" ON CONFLICT ({_listed([model._meta.get_field(name) for name in one_per])}) DO NOTHING"
    if returning:
        statement += f" RETURNING {_listed([model._meta.pk])}"
    return statement


def _values(database: Any, row: models.Model) -> list[Any]:
    held, values = row.__dict__, []
    for column in _written(database.vendor, type(row)):
        value = held[column.name]
        kind = type(value)
        if kind not in column.known:
            value = _prepared(database, row, column.field)
        elif (adapt := column.known[kind]) is not None:
            value = adapt(value)
        values.append(value)
    return values


def _prepared(database: Any, row: models.Model, field: "models.Field[Any, Any]") -> Any:
    value = field.pre_save(row, add=True)
    if hasattr(value, "resolve_expression"):
        raise ValueError(f"Say what {field.name} of a {type(row).__name__} is: only the database knows.")
    return field.get_db_prep_save(value, database)


class _Column(NamedTuple):
    """A column that is written: of which types its field's values go out by a rule that is known (None: as they stand)."""

    name: str
    field: "models.Field[Any, Any]"
    known: dict[type, Callable[[Any], Any] | None]


@lru_cache(maxsize=64)
def _written(vendor: str, model: type[models.Model]) -> list[_Column]:
    number = _given_number(model)
    fields = [field for field in model._meta.concrete_fields if field is not number]
    return [_Column(field.attname, field, _known(vendor, field)) for field in fields]


def _instant(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"{value} names no zone of time.")
    return value


def _known(vendor: str, field: Any) -> dict[type, Callable[[Any], Any] | None]:
    """Return what fields of Django's own do to values of the plainest types; any other is asked each time."""
    held = field.target_field if type(field) in {models.ForeignKey, models.OneToOneField} else field
    if type(held) in {models.CharField, models.TextField}:
        return {str: None, type(None): None}
    if vendor == "postgresql" and type(held) is models.DateTimeField and not (held.auto_now or held.auto_now_add):
        return {datetime: _instant, type(None): None}
    if vendor == "postgresql" and type(held) is models.UUIDField:
        return {UUID: None, type(None): None}
    if isinstance(held, models.IntegerField) and type(held).__module__.startswith("django.db.models."):
        # The type tells PostgreSQL their size.
        return {int: type(held.get_db_prep_save(1, connections[DEFAULT_DB_ALIAS])), type(None): None}
    return {}


@lru_cache(maxsize=64)
def _given_number(model: type[models.Model]) -> "models.Field[Any, Any] | None":
    return model._meta.pk if isinstance(model._meta.pk, models.AutoField) else None


def _listed(fields: Sequence[Any]) -> str:
    return ", ".join(_quoted(field.column) for field in fields)


def _quoted(name: str) -> str:
    return str(connections[DEFAULT_DB_ALIAS].ops.quote_name(name))
