from django.db import models
from django.utils.translation import gettext_lazy as _


class Delivery(models.Model):
    """One subscriber's duty to react to one entry, with its fate."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    entry = models.ForeignKey(  # leads the unique index
        "civic_audit.Entry", on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    subscriber = models.CharField(max_length=100)
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["entry", "subscriber"], name="one_delivery_per_entry_and_subscriber"),
        ]
        indexes = [
            # what the sweeper looks for
            models.Index(fields=["due_at"], condition=models.Q(status="waiting"), name="delivery_waiting"),
            # what is counted at every scrape, among all that is done
            models.Index(fields=["status"], condition=models.Q(status__in=["waiting", "failed"]), name="delivery_open"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} → {self.subscriber}: {self.status}"
