from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from civic.audit import types


class AppendOnlyError(Exception):
    """Somebody tried to change or delete an entry."""


class EntryQuerySet(models.QuerySet["Entry"]):
    def about(self, subject: models.Model) -> "EntryQuerySet":
        """Return the entries about one object, oldest first."""
        return self.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk)).order_by("id")

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("Audit entries are never changed.")

    def delete(self) -> NoReturn:
        raise AppendOnlyError("Audit entries are never deleted.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("Audit entries are never changed.")


class Entry(models.Model):
    """One thing that happened.  Written by ``civic.audit.record`` and never again."""

    type = models.CharField(max_length=100)
    subject_type = models.CharField(max_length=100)
    subject_id = models.CharField(max_length=64)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(help_text=_("When it happened; for what the clock does, when it was due."))
    recorded_at = models.DateTimeField(auto_now_add=True)
    channel = models.CharField(max_length=16, blank=True)
    facts = models.JSONField(default=dict)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [
            # an object's history
            models.Index(fields=["subject_type", "subject_id", "id"], name="entry_by_subject"),
            # the auditor's filters by kind and time
            models.Index(fields=["type", "at"], name="entry_by_type"),
        ]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.pk} {self.type} {self.subject_type}:{self.subject_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError("Audit entries are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("Audit entries are never deleted.")

    def sentence(self, *, actor: str = "", subject: str = "") -> str:
        """Return the entry in the reader's language; names are the caller's to give."""
        known: dict[str, Any] = dict.fromkeys(types.get(self.type).facts, "")
        known |= self.facts
        return str(types.get(self.type).sentence) % (
            known | {"actor": actor or gettext("The system"), "subject": subject or self.subject_id}
        )
