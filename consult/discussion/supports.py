"""Supports behind django-vote's door: one row per person and object, counters that cannot drift.

The library's manager re-saves the whole row, swallows database errors and keys
its rows by direction (see docs/decisions).  Ours keeps its API (``votes.up``,
``votes.delete``, ``votes.exists``, ``votes.annotate`` …), locks the object
first in every path, writes only the counters and lets errors rise.
"""

from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from django.db.models import F
from vote.managers import _VotableManager

UP = 0


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
            _row, is_new = self.through.objects.get_or_create(
                user_id=user_id, content_type=self._content_type(), object_id=self.instance.pk, defaults=act
            )
            if is_new:
                self._count(1)
        return is_new

    def delete(self, user_id: int) -> bool:
        """Take a support back; return whether there was one."""
        with transaction.atomic():
            self._lock()
            removed, _by_model = self.through.objects.filter(
                user_id=user_id, content_type=self._content_type(), object_id=self.instance.pk
            ).delete()
            if removed:
                self._count(-1)
        return bool(removed)

    def supported_ids(self, user_id: int, ids: Iterable[int]) -> set[int]:
        """Return which of these objects the person supports: one query for a page."""
        return set(
            self.through.objects.filter(
                user_id=user_id, content_type=self._content_type(), object_id__in=list(ids)
            ).values_list("object_id", flat=True)
        )

    def annotate(self, queryset: Any = None, user_id: int | None = None, **_library: Any) -> list[Any]:
        """Return the rows of ``queryset`` with ``is_voted_up`` set for the person."""
        rows = list(self.model._default_manager.all() if queryset is None else queryset)
        supported = self.supported_ids(user_id, [row.pk for row in rows]) if user_id else set()
        for row in rows:
            row.is_voted_up = row.pk in supported
        return rows

    def _lock(self) -> None:
        # without the key: those who respond to the object, or put it into an answer, need not wait
        self.model._base_manager.select_for_update(no_key=True).only("pk").get(pk=self.instance.pk)

    def _count(self, change: int) -> None:
        self.model._base_manager.filter(pk=self.instance.pk).update(
            num_vote_up=F("num_vote_up") + change, vote_score=F("vote_score") + change
        )
        self.instance.num_vote_up += change
        self.instance.vote_score += change

    def _content_type(self) -> models.Model:
        from django.contrib.contenttypes.models import ContentType  # noqa: PLC0415 - apps must be ready

        return ContentType.objects.get_for_model(self.model)
