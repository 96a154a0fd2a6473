"""What the ground itself keeps."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Change(models.Model):
    """Something a visitor may see was changed; written in the changing transaction by ``civic.core.changes``.

    ``txid`` is PostgreSQL's number of that transaction (0 elsewhere): by
    it a reader finds what was committed late under an early ``id``.
    """

    scope = models.CharField(max_length=80, blank=True)
    txid = models.BigIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        default_permissions = ()
        indexes = [
            # what was not finished at the last look
            models.Index(fields=["txid"], name="change_by_transaction"),
            # what can be thrown away
            models.Index(fields=["at"], name="change_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.scope or 'everything'}"


class Tally(models.Model):
    """How often something was done in the current window of one limit.

    ``key`` is a keyed hash of action and doer: no address, account or device
    can be read from a row.  Rows are written by ``civic.core.tallies`` alone.
    """

    key = models.CharField(max_length=40, primary_key=True)
    window = models.BigIntegerField()
    count = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"
