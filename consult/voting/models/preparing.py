"""What is known before the box opens: addresses of an imported list, and what the clock has done or could not do."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from consult.voting.models.polls import Poll


class ListedAddress(models.Model):
    """One address of a list that was brought in, as a keyed hash, kept only until the roll is drawn.

    ``line`` is the line of the file: a line names one person, by number, by e-mail, or by both.
    """

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="listed")
    line = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("listed address")
        verbose_name_plural = _("listed addresses")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["poll", "digest"], name="one_line_per_listed_address")]

    def __str__(self) -> str:
        return f"{self.poll_id}:{self.line}"


class Beginning(models.Model):
    """The beginning of a poll: why it could not be prepared yet, or that everybody was told it has begun."""

    poll = models.OneToOneField(Poll, on_delete=models.CASCADE, related_name="beginning")
    fault = models.CharField(max_length=40, blank=True)
    begun_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("beginning of a poll")
        verbose_name_plural = _("beginnings of polls")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.poll_id}: {self.fault or self.begun_at}"
