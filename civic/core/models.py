"""What the ground itself keeps."""

from django.db import models


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
