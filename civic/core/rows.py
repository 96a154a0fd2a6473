"""Models made of rows, with all that is the same for each row worked out before.

What ``QuerySet`` and ``Model.__init__`` do for a row (which columns belong to
which model, whom to tell, one descriptor after the other) is most of what a
short answer costs.  The models are the same: fields, joined models, annotations
and state.  A class that does something of its own when it is loaded still does.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models
from django.db.models.base import ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.signals import post_init, pre_init

Make = Callable[[Sequence[Any]], Any]


def maker(model: type[models.Model], names: Sequence[str]) -> Make:
    """Return what makes a model of these fields' values, as ``Model.from_db`` does."""
    if not _is_plain(model, names):
        return lambda values: model.from_db(DEFAULT_DB_ALIAS, names, values)

    def make(values: Sequence[Any]) -> Any:
        row = object.__new__(model)
        state = row._state = ModelState()
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        row.__dict__.update(zip(names, values, strict=True))
        return row

    return make


class Shape:
    """How the columns of a compiled queryset become a model, those joined to it and what was annotated."""

    def __init__(self, compiler: Any) -> None:
        self._row = _Part(compiler.klass_info, compiler.select)
        self._annotated = tuple((compiler.annotation_col_map or {}).items())

    def of(self, row: Sequence[Any]) -> Any:
        """Return the model of one row."""
        made = self._row.of(row)
        for name, column in self._annotated:
            setattr(made, name, row[column])
        return made

    @staticmethod
    def fits(queryset: Any, compiler: Any) -> bool:
        """Tell whether a queryset's rows can be made so: models, none of them put together of several tables or keys."""
        return (
            queryset._iterable_class is models.query.ModelIterable  # noqa: SLF001 - there is no other door
            and not queryset._known_related_objects  # noqa: SLF001
            and _is_of_one_table(compiler.klass_info)
        )


class _Part:
    """The columns of one model, and of those joined to it."""

    def __init__(self, info: Any, select: Any) -> None:
        columns = info["select_fields"]
        self._first, self._end = columns[0], columns[-1] + 1
        names = [column[0].target.attname for column in select[self._first : self._end]]
        self._key = self._first + names.index(info["model"]._meta.pk.attname)
        self._make = maker(info["model"], names)
        self._joined = [
            (_Part(each, select), each["local_setter"], each["remote_setter"])
            for each in info.get("related_klass_infos", ())
        ]

    def of(self, row: Sequence[Any]) -> Any:
        if row[self._key] is None:
            return None
        made = self._make(row[self._first : self._end])
        for part, set_here, set_there in self._joined:
            joined = part.of(row)
            set_here(made, joined)
            if joined is not None:
                set_there(joined, made)
        return made


def _is_of_one_table(info: Any) -> bool:
    """Tell whether a model, and each one joined to it, is one table's row with a key of one column."""
    return not isinstance(info["model"]._meta.pk, models.CompositePrimaryKey) and all(
        not each["from_parent"] and _is_of_one_table(each) for each in info.get("related_klass_infos", ())
    )


def _is_plain(model: Any, names: Sequence[str]) -> bool:
    """Tell whether loading a row does nothing but set its fields."""
    return (
        model.__init__ is models.Model.__init__
        and model.from_db.__func__ is models.Model.from_db.__func__  # type: ignore[attr-defined]  # it is a classmethod
        and not any(signal.has_listeners(model) for signal in (pre_init, post_init))
        and all(_is_set_plainly(getattr(model, name)) for name in names)
    )


def _is_set_plainly(descriptor: Any) -> bool:
    return not hasattr(descriptor, "__set__") or type(descriptor) is ForeignKeyDeferredAttribute
