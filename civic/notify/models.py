import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from civic.notify import kinds


class Channel(models.TextChoices):
    """How a notice leaves the site."""

    EMAIL = kinds.EMAIL, _("e-mail")
    SMS = kinds.SMS, _("text message")


class NoticeQuerySet(models.QuerySet["Notice"]):
    def unread(self) -> "NoticeQuerySet":
        """Return those the person has not read."""
        return self.filter(read_at=None)


class Notice(models.Model):
    """One person told of one thing that happened; shown on the site, sent where they want it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=80)
    entry = models.ForeignKey("civic_audit.Entry", on_delete=models.PROTECT, related_name="+")
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["person", "entry", "kind"], name="one_notice_per_person_and_entry"),
        ]
        indexes = [
            # a person's list, newest first
            models.Index(fields=["person", "-id"], name="notice_by_person"),
            # the number in the header
            models.Index(fields=["person"], condition=models.Q(read_at=None), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.person_id}"

    @property
    def title(self) -> str:
        """What happened, in the reader's language."""
        kind = kinds.find(self.kind)
        return kinds.fill(kind.title, self.params) if kind else ""

    @property
    def body(self) -> str:
        """The sentences below the title, in the reader's language; may be empty."""
        kind = kinds.find(self.kind)
        return kinds.fill(kind.body, self.params) if kind and kind.body else ""


class Outgoing(models.Model):
    """Base of what leaves the site: its fate, its attempts, and a key that survives a second try."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("could not be delivered")
        SKIPPED = "skipped", _("not wanted any more")

    channel = models.CharField(max_length=8, choices=Channel)
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    due_at = models.DateTimeField(help_text=_("When to try next; while being sent, when the sender counts as lost."))
    sent_at = models.DateTimeField(null=True, blank=True)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True
        default_permissions = ()
        indexes = [
            # what the sweeper looks for
            models.Index(
                fields=["due_at"], condition=models.Q(status__in=["waiting", "sending"]), name="%(class)s_to_send"
            ),
        ]


class Message(Outgoing):
    """One notice on its way through one channel."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="messages")

    class Meta(Outgoing.Meta):
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="one_message_per_notice_and_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} for notice {self.notice_id}: {self.status}"


class Letter(Outgoing):
    """A message that is no notice: codes and security mails of the sign-in.

    It holds an address and perhaps a code, so both are emptied when it has been
    sent, and it is not tried after ``expires_at``.
    """

    address = models.CharField(max_length=254, blank=True)
    content = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta(Outgoing.Meta):
        verbose_name = _("letter")
        verbose_name_plural = _("letters")

    def __str__(self) -> str:
        return f"letter {self.pk} by {self.channel}: {self.status}"


class PreferenceQuerySet(models.QuerySet["Preference"]):
    def choices_of(self, person_id: int) -> dict[tuple[str, str], bool]:
        """Return what one person chose, by (group, channel)."""
        rows = self.filter(person_id=person_id).values_list("group", "channel", "wanted")
        return {(group, channel): wanted for group, channel, wanted in rows}


class Preference(models.Model):
    """Whether a person wants a group of notices through a channel; no row means the kind's default."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_preferences")
    group = models.CharField(max_length=20)
    channel = models.CharField(max_length=8, choices=Channel)
    wanted = models.BooleanField()

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice preference")
        verbose_name_plural = _("notice preferences")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["person", "group", "channel"], name="one_preference_per_person_group_and_channel"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.group} by {self.channel} {'yes' if self.wanted else 'no'}"
