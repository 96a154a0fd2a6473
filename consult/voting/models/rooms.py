"""The roll and the box: rooms of their own (``civic.core.attached``), made by 0002_roll_and_box and 0003_guards.

Nothing in them has a time, a sequence or, in the box, a way out.
"""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from consult.voting.models.polls import Poll
from orgs.bodies.models import Channel


class Group(models.TextChoices):
    """Ballots that came the same way enter the chain together."""

    WEB = "web", _("web and telephone")
    PAPER = "paper", _("paper")
    ASSISTED = "assisted", _("written for somebody")
    MEETING = "meeting", _("meeting")


class InRoom(models.Model):
    """A row of one of the rooms: its table is made by a migration in each database's own words."""

    class Meta:
        abstract = True
        managed = False
        default_permissions = ()


class RollEntry(InRoom):
    """This person may vote in this poll.  Drawn before opening, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="roll", db_constraint=False, db_index=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    place = models.ForeignKey(
        "civic_places.Place", on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    rules_hash = models.CharField(max_length=64)
    added_later = models.BooleanField(default=False)

    class Meta(InRoom.Meta):
        verbose_name = _("entry of the roll")
        verbose_name_plural = _("entries of the roll")
        db_table = 'ballot_roll"."entry'

    def __str__(self) -> str:
        return f"{self.person_id} may vote in {self.poll_id}"


class RollMark(InRoom):
    """This person voted in this poll: on which day and how, never when or what."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="marks", db_constraint=False, db_index=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    voted_on = models.DateField()
    channel = models.CharField(max_length=8, choices=Channel)
    assisted = models.BooleanField(default=False)

    class Meta(InRoom.Meta):
        verbose_name = _("mark on the roll")
        verbose_name_plural = _("marks on the roll")
        db_table = 'ballot_roll"."mark'

    def __str__(self) -> str:
        return f"{self.person_id} voted in {self.poll_id}"


class BoxHours(InRoom):
    """When the box of a poll is open: what the database itself asks before it takes a ballot."""

    poll = models.BigIntegerField(primary_key=True)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    seals_at = models.DateTimeField()

    class Meta(InRoom.Meta):
        verbose_name = _("hours of the ballot box")
        verbose_name_plural = _("hours of the ballot box")
        db_table = 'ballot_box"."hours'

    def __str__(self) -> str:
        return f"{self.poll}: {self.opens_at:%Y-%m-%d} – {self.closes_at:%Y-%m-%d}"


class BoxSeal(InRoom):
    """The box of a poll is sealed: no ballot enters it any more, whatever a clock says."""

    poll = models.BigIntegerField(primary_key=True)

    class Meta(InRoom.Meta):
        verbose_name = _("seal of the ballot box")
        verbose_name_plural = _("seals of the ballot box")
        db_table = 'ballot_box"."seal'

    def __str__(self) -> str:
        return str(self.poll)


class BoxBallot(InRoom):
    """A ballot: what it says, and what its receipt is known by.  The last turn of a token counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    poll = models.BigIntegerField()
    content = models.TextField()
    token_hash = models.CharField(max_length=64)
    turn = models.PositiveSmallIntegerField(default=1)
    commitment = models.CharField(max_length=64)
    group = models.CharField(max_length=8, choices=Group)

    class Meta(InRoom.Meta):
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        db_table = 'ballot_box"."ballot'

    def __str__(self) -> str:
        return self.commitment[:12]


class BoxPlacing(InRoom):
    """In which batch of the chain a ballot was published."""

    commitment = models.CharField(max_length=64, primary_key=True)
    poll = models.BigIntegerField()
    batch = models.PositiveIntegerField()

    class Meta(InRoom.Meta):
        verbose_name = _("place in a batch")
        verbose_name_plural = _("places in batches")
        db_table = 'ballot_box"."placing'

    def __str__(self) -> str:
        return f"{self.commitment[:12]} in batch {self.batch}"
