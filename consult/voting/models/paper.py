"""Paper ballots: packs that were printed, the slips in them, and what was keyed from slips that came back.

Slips and keyings lie in the ballot box (``0005_paper``): nothing of them has a time or a sequence, and nothing
leads to whom a slip was handed.  The one person the box knows is the official who keyed.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consult.voting.models.polls import Poll
from consult.voting.models.rooms import InRoom


class PaperPack(models.Model):
    """Slips that were made and shown together, once.  Their codes are known to the printed sheets only."""

    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="packs")
    number = models.PositiveSmallIntegerField()
    slips = models.PositiveSmallIntegerField(_("slips"))
    submission = models.UUIDField(unique=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("pack of paper ballots")
        verbose_name_plural = _("packs of paper ballots")
        ordering = ["poll", "number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["poll", "number"], name="one_pack_per_number"),
            models.CheckConstraint(condition=Q(slips__gt=0), name="pack_has_slips"),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, cancelled_by=None) | Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
                name="cancelled_pack_says_who_and_when",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.poll_id}/{self.number}"


class PaperSlip(InRoom):
    """One slip: a number to speak of it, and the hashes of its code and of the receipt on the voter's part."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    poll = models.BigIntegerField()
    pack = models.BigIntegerField()
    number = models.PositiveIntegerField()
    code_hash = models.CharField(max_length=64)
    token_hash = models.CharField(max_length=64)

    class Meta(InRoom.Meta):
        verbose_name = _("paper ballot")
        verbose_name_plural = _("paper ballots")
        db_table = 'ballot_box"."slip'

    def __str__(self) -> str:
        return str(self.number)


class PaperKeying(InRoom):
    """What one official read on a slip: a ballot's canonical content, or nothing for an invalid slip.

    Turns 1 and 2 are two people; turn 3, where those differ, is a third who settles it.
    """

    FIRST, SECOND, SETTLED = 1, 2, 3

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    poll = models.BigIntegerField()
    slip = models.UUIDField()
    turn = models.PositiveSmallIntegerField()
    content = models.TextField()
    keyed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )

    class Meta(InRoom.Meta):
        verbose_name = _("keying of a paper ballot")
        verbose_name_plural = _("keyings of paper ballots")
        db_table = 'ballot_box"."keying'

    def __str__(self) -> str:
        return f"{self.slip} {self.turn}"
