"""Who watches a poll, what they are sent each day, and what is said against a poll."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from consult.voting.models.bulletin import BulletinEntry
from consult.voting.models.polls import Poll

MAX_OBJECTION = 500
MAX_ANSWER = 1_000


class Observer(models.Model):
    """A person wants the head of a poll's chain every day: to hold it against whoever changed the chain later."""

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="observers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("observer")
        verbose_name_plural = _("observers")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["poll", "person"], name="one_observer_per_person")]

    def __str__(self) -> str:
        return f"{self.person_id} observes {self.poll_id}"


class DailyHead(models.Model):
    """The head of a poll's chain as it was sent out on one day.  One per day and poll, whoever asks for it."""

    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="daily_heads")
    day = models.DateField()
    number = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("head of a day")
        verbose_name_plural = _("heads of the days")
        ordering = ["poll", "-day"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["poll", "day"], name="one_head_per_day")]

    def __str__(self) -> str:
        return f"{self.poll_id} {self.day} {self.number} {self.hash[:12]}"


class ObjectionQuerySet(models.QuerySet["Objection"]):
    def waiting(self) -> "ObjectionQuerySet":
        """Return those nobody has answered; hidden ones are settled."""
        return self.filter(answered_at=None, hidden_at=None)


class Objection(models.Model):
    """What somebody said against a poll.  The chain holds its date and a salted hash of its words.

    The words themselves are here, where they can be hidden or forgotten; with the salt goes all that could
    prove what they were.
    """

    class Office(models.TextChoices):
        """In whose name an objection was answered."""

        SPONSOR = "sponsor", _("the office that asked")
        AUDITOR = "auditor", _("the auditor")

    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="objections")
    entry = models.OneToOneField(BulletinEntry, on_delete=models.PROTECT, related_name="objection")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    text = models.CharField(_("objection"), max_length=MAX_OBJECTION, blank=True)
    salt = models.CharField(max_length=32, blank=True)

    answer = models.CharField(_("answer"), max_length=MAX_ANSWER, blank=True)
    answered_as = models.CharField(max_length=8, choices=Office, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    hidden_because = models.CharField(_("why the words are hidden"), max_length=200, blank=True)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    hidden_at = models.DateTimeField(null=True, blank=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["poll", "entry"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="", answered_as="")
                | (Q(answered_at__gte=F("made_at")) & ~Q(answer="") & ~Q(answered_as="")),
                name="objection_is_answered_whole",
            ),
            models.CheckConstraint(
                condition=Q(hidden_at=None, hidden_because="") | (Q(hidden_at__isnull=False) & ~Q(hidden_because="")),
                name="objection_is_hidden_for_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["poll", "made_at"], name="objection_by_poll")]

    def __str__(self) -> str:
        return f"{self.poll_id}/{self.entry_id}"

    @property
    def shown_text(self) -> str:
        """The words everybody may read; empty when they are hidden or forgotten."""
        return "" if self.hidden_at else self.text

    @property
    def is_forgotten(self) -> bool:
        """Whether the words went with their author."""
        return not self.text
