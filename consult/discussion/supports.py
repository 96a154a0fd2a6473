"""Supports behind django-vote's door: one row per person and object, counters that cannot drift.

The library's manager re-saves the whole row, swallows database errors and keys
its rows by direction (see docs/decisions).  Ours keeps its API (``votes.up``,
``votes.delete``, ``votes.exists``, ``votes.annotate`` …), locks the object
first in every path of it, writes only the counters and lets errors rise.  Who
has more to write in between enters and counts in two steps.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import models, transaction
from django.db.models import F
from vote.managers import _VotableManager

from civic.core.asking import Question, several, spread
from civic.core.writing import Update, insert_new

UP = 0
PAGEFUL = 24  # objects asked about at once


_asked: dict[tuple[type[models.Model], str], Any] = {}


def _known(model: type[models.Model], name: str, make: Callable[[], Any]) -> Any:
    """Return what is asked or written of a model, made once."""
    return _asked.get((model, name)) or _asked.setdefault((model, name), make())


class SupportManager(_VotableManager):
    """The manager behind ``contribution.votes``."""

    def vote(self, user_id: int, action: int = UP, **act: Any) -> bool:
        """Record a support; return whether it is new.  ``act`` are the through row's own fields.

        Raises ``ValueError`` for a vote against: supports are one-sided.
        """
        if action != UP:
            raise ValueError("A contribution is supported or not; there is no vote against.")
        with transaction.atomic():
            self._lock()
            return self.enter(user_id, **act) and self.add_to_counters(1)

    def enter(self, user_id: int, **act: Any) -> bool:
        """Write a support's row and return whether it is new; the same transaction is to ``add_to_counters``."""
        kind = self._content_type().pk
        row = self.through(user_id=user_id, content_type_id=kind, object_id=self.instance.pk, **act)
        return insert_new(row, one_per=("content_type", "object_id", "user"))

    def add_to_counters(self, change: int, **seen: str) -> bool:
        """Add to the counters of the object, as long as its fields are as ``seen``; return whether they are."""
        rows = self.model._base_manager

        def counted(pk: int, change: int, **seen: str) -> tuple[Any, dict[str, Any]]:
            return rows.filter(pk=pk, **seen), {
                "num_vote_up": F("num_vote_up") + change,
                "vote_score": F("vote_score") + change,
            }

        def make() -> Update:
            return Update(counted, pk=int, change=int, **dict.fromkeys(seen, str))

        if not _known(self.model, f"count {' '.join(seen)}", make)(pk=self.instance.pk, change=change, **seen):
            return False
        self.instance.num_vote_up += change
        self.instance.vote_score += change
        return True

    def delete(self, user_id: int) -> bool:
        """Take a support back; return whether there was one."""
        with transaction.atomic():
            self._lock()
            removed, _by_model = self.through.objects.filter(
                user_id=user_id, content_type=self._content_type(), object_id=self.instance.pk
            ).delete()
            if removed:
                self.add_to_counters(-1)
        return bool(removed)

    def supported_ids(self, user_id: int, ids: Iterable[int]) -> set[int]:
        """Return which of these objects the person supports: one query for a page."""
        through, kind, wanted = self.through, self._content_type(), list(ids)

        def supported(user: int, **ids: int) -> Any:
            rows = through.objects.filter(user_id=user, content_type=kind, object_id__in=list(ids.values()))
            return rows.values_list("object_id", flat=True)

        asked = _known(self.model, "supported", lambda: Question(supported, user=int, **several(PAGEFUL)))
        pages = [wanted[n : n + PAGEFUL] for n in range(0, len(wanted), PAGEFUL)]
        return {found for page in pages for found in asked.all(user=user_id, **spread(page, PAGEFUL))}

    def annotate(self, queryset: Any = None, user_id: int | None = None, **_library: Any) -> list[Any]:
        """Return the rows of ``queryset`` with ``is_voted_up`` set for the person."""
        rows = list(self.model._default_manager.all() if queryset is None else queryset)
        supported = self.supported_ids(user_id, [row.pk for row in rows]) if user_id else set()
        for row in rows:
            row.is_voted_up = row.pk in supported
        return rows

    def _lock(self) -> None:
        objects = self.model._base_manager

        def locked(pk: int) -> Any:
            # without the key: those who respond to the object, or put it into an answer, need not wait
            return objects.select_for_update(no_key=True).filter(pk=pk).values_list("pk")

        lock = _known(self.model, "lock", lambda: Question(locked, pk=int))
        if lock.one(pk=self.instance.pk) is None:
            raise self.model.DoesNotExist

    def _content_type(self) -> models.Model:
        from django.contrib.contenttypes.models import ContentType  # noqa: PLC0415 - apps must be ready

        return ContentType.objects.get_for_model(self.model)
