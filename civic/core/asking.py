"""Questions asked in every request, whose SQL is worked out once per process.

Building a queryset and compiling it costs five to ten times what the answer
costs.  ``Question`` does both once, with stand-ins for the values; asking it
only puts the values in::

    _OF_SLUG = Question(lambda slug: Page.objects.select_related("place").filter(slug=slug), slug=str)
    page = _OF_SLUG.one(slug="buses")

PostgreSQL keeps the plan (``settings.DATABASE_PREPARES``), which else costs it
more than the answer does.  The rows are what the queryset would give: models
with what was joined and annotated, or values.  Not for ``prefetch_related`` (see
``attach``), long lists of values (a short one is ``several``), or anything whose
SQL depends on a value: there the queryset itself is right.

What is the same for everybody is asked by ``unchanged``: pages get the same rows
again until something of their scope is changed (``civic.core.unchanged``).
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.transaction import TransactionManagementError

from civic.core import unchanged
from civic.core.changes import EVERYTHING
from civic.core.prepared import run
from civic.core.rows import Shape

Row = TypeVar("Row")

#: The name of the value that goes here (none: always the same one), how it is adapted, what stood here.
_Place = tuple[str | None, Callable[[Any], Any] | None, Any]

_numbers = count(1)
_STAND_INS: dict[type, Callable[[int], Any]] = {
    int: lambda n: 30_011 + n,  # fits the smallest columns
    str: lambda n: f"stand-in-{n}",
    datetime: lambda n: datetime(1901, 1, 1 + n, tzinfo=UTC),
    UUID: lambda n: UUID(int=0xFACE_0000 + n),
}


class Places:
    """A statement with open places, by name and type (``int``, ``str``, ``datetime``, ``UUID``)."""

    def __init__(self, make: Callable[..., tuple[str, Sequence[Any]]], types: dict[str, type]) -> None:
        self._make = make
        self._types = types
        self._known: dict[str, tuple[str, list[_Place]]] = {}

    def filled(self, database: Any, values: dict[str, Any]) -> tuple[str, list[Any]]:
        """Return the statement for this database, and its parameters with these values in them."""
        sql, places = self._known.get(database.vendor) or self._learn(database)
        return sql, [
            param if name is None else values[name] if adapt is None else adapt(values[name])
            for name, adapt, param in places
        ]

    def _learn(self, database: Any) -> tuple[str, list["_Place"]]:
        adapters = {name: _adapter(database, kind) for name, kind in self._types.items()}
        stand_ins = {name: _STAND_INS[kind](n) for n, (name, kind) in enumerate(self._types.items())}
        names = {adapt(stand_ins[name]) if adapt else stand_ins[name]: name for name, adapt in adapters.items()}
        sql, params = self._make(**stand_ins)
        places: list[_Place] = []
        for param in params:
            name = names.get(param) if _is_simple(param) else None
            # Numbers keep the type their field gave them, which tells PostgreSQL their size.
            adapt = type(param) if isinstance(param, int) else adapters.get(name or "")
            places.append((name, adapt, param))
        missing = stand_ins.keys() - {name for name, _adapt, _param in places}
        if missing:
            raise ValueError(f"The statement has no place for {', '.join(sorted(missing))}.")
        self._known[database.vendor] = (sql, places)
        return sql, places


def several(most: int) -> dict[str, type]:
    """Return the places of a question that asks by up to so many numbers; the queryset gets them as ``**ids``."""
    return {f"id{n}": int for n in range(most)}


def spread(ids: Sequence[int], most: int) -> dict[str, int]:
    """Return what ``several(most)`` is asked with: the ids, and a number nothing has in the places left."""
    if len(ids) > most:
        raise ValueError(f"This question asks by {most} numbers at most.")
    return {f"id{n}": ids[n] if n < len(ids) else -1 for n in range(most)}


class Question(Generic[Row]):
    """A queryset with open places."""

    def __init__(self, make: "Callable[..., models.QuerySet[Any, Row]]", **types: type) -> None:
        self._make = make
        self._names = tuple(types)
        self._places = Places(self._compile, types)
        self._known: dict[str, tuple[Any, Any, Shape | None]] = {}

    def all(self, **values: Any) -> list[Row]:
        """Return every row for these values: one statement."""
        return list(self._rows(values))

    def one(self, **values: Any) -> Row | None:
        """Return the first row, or None."""
        return next(iter(self._rows(values)), None)

    def unchanged(self, scope: "str | Callable[[Row], str]", **values: Any) -> list[Row]:
        """Return every row; a page everybody may read gets them without asking while nothing of ``scope`` has changed.

        ``scope`` is a name of ``civic.core.changes``, or tells it of the first row.
        No value may be one person's, and no row depend on the hour.  A model that
        is kept comes with ``told``: whatever is drawn of two with the same number
        looks the same.
        """

        def scopes(rows: list[Row]) -> list[str]:
            name = scope if isinstance(scope, str) else scope(rows[0]) if rows else EVERYTHING
            return [name] if name != EVERYTHING else []

        def ask() -> list[Row]:
            return list(self._rows(values))

        key = (self, *map(values.__getitem__, self._names))
        kept = unchanged.answer(key, ask, scopes, mark=_numbered)
        return [_copied(row) for row in kept]

    def _compile(self, **stand_ins: Any) -> tuple[str, Sequence[Any]]:
        queryset = self._make(**stand_ins)
        if queryset._prefetch_related_lookups:  # type: ignore[attr-defined]  # noqa: SLF001 - there is no other door
            raise ValueError("A question cannot prefetch: ask a second one.")
        compiler = queryset.query.get_compiler(using="default")
        statement: tuple[str, Sequence[Any]] = compiler.as_sql()
        if compiler.has_extra_select:
            raise ValueError("A question orders by what it asks for.")
        database = compiler.connection
        if database.vendor == "postgresql":
            # There only fields convert what comes back, in the same way for every connection.
            compiler.converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])
        shape = Shape(compiler) if Shape.fits(queryset, compiler) else None
        self._known[database.vendor] = (queryset, compiler, shape)
        return statement

    def _rows(self, values: dict[str, Any]) -> Any:
        database: Any = connections[DEFAULT_DB_ALIAS]  # this thread's own
        sql, params = self._places.filled(database, values)
        known, compiled, shape = self._known[database.vendor]
        if known.query.select_for_update and database.get_autocommit():
            raise TransactionManagementError("Rows are locked in a transaction.")
        answer = [run(sql, params, _all, database=database)]
        compiler = _like(compiled, connection=database, execute_sql=lambda *_args, **_kwargs: answer)
        if database.vendor == "postgresql":
            compiler.results_iter = partial(_converted, compiler)
        if shape is not None:
            return map(shape.of, compiler.results_iter(answer))
        # The queryset as it is but for its compiler; copying it properly is most of what this saves.
        query = _like(known.query, get_compiler=lambda *_args, **_kwargs: compiler)
        queryset = _like(known, _query=query, _result_cache=None)
        return queryset._iterable_class(queryset)  # noqa: SLF001 - what iterating it does


def _like(known: Any, **changes: Any) -> Any:
    made = object.__new__(type(known))
    made.__dict__.update(known.__dict__, **changes)
    return made


def _converted(compiler: Any, results: Any = None, *, tuple_expected: bool = False, **_how: Any) -> Any:
    """Return rows as a compiler's ``results_iter`` does, by converters found before."""
    [rows] = results or compiler.execute_sql()
    if not compiler.converters:
        return iter(rows)
    rows = compiler.apply_converters(rows, compiler.converters)
    return map(tuple, rows) if tuple_expected else rows


def _numbered(rows: list[Any]) -> None:
    for row in rows:
        if isinstance(row, models.Model):
            row.__dict__["told"] = next(_numbers)


def _copied(row: Any) -> Any:
    """Return a row that may be given other relations than the one kept; what is joined to it is shared."""
    if not isinstance(row, models.Model):
        return row
    made = object.__new__(type(row))
    made.__dict__.update(row.__dict__)
    made._state = models.base.ModelState()
    made._state.__dict__.update(row._state.__dict__)
    made._state.fields_cache = dict(row._state.fields_cache)
    return made


def attach(row: models.Model, name: str, rows: "list[Any]") -> None:
    """Give a row those that point to it, as ``prefetch_related(name)`` does; ``rows`` are all of them in their order."""
    relation: Any = row._meta.get_field(name)
    found: Any = relation.related_model._default_manager.all()
    found._result_cache = rows  # noqa: SLF001 - as Django's own prefetching does
    for each in rows:
        relation.field.set_cached_value(each, row)
    row.__dict__.setdefault("_prefetched_objects_cache", {})[name] = found


def _all(cursor: Any) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _is_simple(param: Any) -> bool:
    return isinstance(param, (int, str, datetime, UUID)) and not isinstance(param, bool)


def _adapter(database: Any, kind: type) -> Callable[[Any], Any] | None:
    """Return what makes of a value what the database's driver takes; None where it takes it as it stands."""
    if kind is datetime and database.vendor != "postgresql":
        return _adapt_instant
    if kind is UUID and not database.features.has_native_uuid_field:
        return _hexadecimal
    return None


def _adapt_instant(value: datetime) -> Any:
    return connections[DEFAULT_DB_ALIAS].ops.adapt_datetimefield_value(value)


def _hexadecimal(value: UUID) -> str:
    return value.hex
