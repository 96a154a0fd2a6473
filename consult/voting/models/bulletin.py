"""A poll's public chain and the key that signs it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from civic.audit.models import AppendOnly, AppendOnlyQuerySet
from consult.voting.models.polls import Poll


class PollKey(models.Model):
    """A poll's signing key; the private half only as sealed by ``consult.voting.keys``."""

    poll = models.OneToOneField(Poll, on_delete=models.CASCADE, primary_key=True, related_name="key")
    public = models.CharField(max_length=64)
    sealed = models.CharField(max_length=120)

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        default_permissions = ()

    def __str__(self) -> str:
        return self.public


class BulletinEntry(AppendOnly):
    """One link of a poll's public chain, bound to the one before and signed.  Written once."""

    class Kind(models.TextChoices):
        OPENED = "opened", pgettext_lazy("in the bulletin", "opened")
        BATCH = "batch", pgettext_lazy("in the bulletin", "batch of ballots")
        ROLL_COUNT = "roll-count", pgettext_lazy("in the bulletin", "count of the roll")
        ADDED_TO_ROLL = "added-to-roll", pgettext_lazy("in the bulletin", "added to the roll")
        CLOSED = "closed", pgettext_lazy("in the bulletin", "closed")
        BUNDLE = "bundle", pgettext_lazy("in the bulletin", "bundle")
        RESULT = "result", pgettext_lazy("in the bulletin", "result")
        CERTIFICATE = "certificate", pgettext_lazy("in the bulletin", "certificate")
        OBJECTION = "objection", pgettext_lazy("in the bulletin", "objection")

    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="bulletin")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=Kind)
    content = models.JSONField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulletin entry")
        verbose_name_plural = _("bulletin entries")
        ordering = ["poll", "number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["poll", "number"], name="one_bulletin_entry_per_number"),
            # the chain never forks
            models.UniqueConstraint(fields=["poll", "previous"], name="one_bulletin_entry_after_each"),
        ]

    def __str__(self) -> str:
        return f"{self.poll_id}/{self.number} {self.kind} {self.hash[:12]}"

    def to_json(self) -> dict[str, object]:
        """Return the entry as the bundle's ``chain.json`` has it."""
        return {
            "number": self.number, "kind": self.kind, "content": self.content,
            "previous": self.previous, "hash": self.hash, "signature": self.signature,
        }  # fmt: skip
