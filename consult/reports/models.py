from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consult.consultations.models import Consultation


class FrozenError(Exception):
    """Somebody tried to change or delete a result."""


class ReportQuerySet(models.QuerySet["Report"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise FrozenError("A result is never changed.")

    def delete(self) -> NoReturn:
        raise FrozenError("A result is never deleted.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise FrozenError("A result is never changed.")


class Report(models.Model):
    """What came in, what was answered and what changes, as it stood when the consultation was concluded.

    ``data`` holds numbers, ids and the office's own words, never a resident's:
    those are read where they live, so that erasing somebody reaches them.
    ``sources_hash`` is the SHA-256 of the rows the numbers were counted from
    (``consult.reports.sources``).  Update and delete are refused in Python and
    by the database.
    """

    consultation = models.OneToOneField(Consultation, on_delete=models.PROTECT, related_name="report")
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    data = models.JSONField()
    sources_hash = models.CharField(max_length=64)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("result")
        verbose_name_plural = _("results")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=~models.Q(sources_hash=""), name="a_result_has_its_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.consultation_id} {self.frozen_at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("consultation-result", args=[self.consultation.slug])

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise FrozenError("A result is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise FrozenError("A result is never deleted.")
