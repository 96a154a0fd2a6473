import uuid
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from civic.notify import kinds


class Channel(models.TextChoices):
    """How a notice leaves the site."""

    EMAIL = kinds.EMAIL, _("e-mail")
    SMS = kinds.SMS, _("text message")


class Timing(models.TextChoices):
    """When a kind of notice is sent through a channel."""

    NOW = "now", _("at once")
    DAILY = "daily", _("once a day, together")
    NEVER = "never", _("not at all")


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
            # what is counted at every scrape, among all that was sent
            models.Index(
                fields=["status"],
                condition=models.Q(status__in=["waiting", "sending", "failed"]),
                name="%(class)s_open",
            ),
        ]


class Digest(Outgoing):
    """The one mail of a person and day that holds what they want once a day, together."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()

    class Meta(Outgoing.Meta):
        verbose_name = _("daily mail")
        verbose_name_plural = _("daily mails")
        constraints = [models.UniqueConstraint(fields=["person", "day"], name="one_digest_per_person_and_day")]

    def __str__(self) -> str:
        return f"digest of {self.day} for {self.person_id}: {self.status}"


class Message(Outgoing):
    """One notice on its way through one channel, alone or in the daily mail."""

    channel = models.CharField(max_length=8, choices=Channel)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="messages")
    # the database knows the default too: a release that does not know the column may be writing beside this one
    is_daily = models.BooleanField(default=False, db_default=False)
    digest = models.ForeignKey(Digest, on_delete=models.SET_NULL, null=True, blank=True, related_name="messages")

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

    channel = models.CharField(max_length=8, choices=Channel)
    address = models.CharField(max_length=254, blank=True)
    content = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta(Outgoing.Meta):
        verbose_name = _("letter")
        verbose_name_plural = _("letters")

    def __str__(self) -> str:
        return f"letter {self.pk} by {self.channel}: {self.status}"


class Preference(models.Model):
    """Whether a person wants a group of notices through a channel; a ``Wish`` for a kind goes before it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_preferences")
    group = models.CharField(max_length=20)
    channel = models.CharField(max_length=8, choices=Channel)
    wanted = models.BooleanField()

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


class Wish(models.Model):
    """When a person wants a kind of notice through a channel; no row means the group's choice or the kind's default."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_wishes")
    kind = models.CharField(max_length=80)
    channel = models.CharField(max_length=8, choices=Channel)
    timing = models.CharField(max_length=8, choices=Timing)

    class Meta:
        verbose_name = _("notice wish")
        verbose_name_plural = _("notice wishes")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "channel"], name="one_wish_per_person_kind_and_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.kind} by {self.channel} {self.timing}"


class Hours(models.Model):
    """A person's hours: when nothing is sent, and when the daily mail comes.  Whole hours of the site's clock."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_hours")
    quiet_from = models.PositiveSmallIntegerField(null=True, blank=True)
    quiet_until = models.PositiveSmallIntegerField(null=True, blank=True)
    digest_hour = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("hours of notices")
        verbose_name_plural = _("hours of notices")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(digest_hour__lt=24)
                & (
                    models.Q(quiet_from=None, quiet_until=None)
                    | models.Q(quiet_from__lt=24, quiet_until__lt=24) & ~models.Q(quiet_from=models.F("quiet_until"))
                ),
                name="notice_hours_are_hours",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: quiet {self.quiet_from}–{self.quiet_until}, daily at {self.digest_hour}"


class Bounce(models.Model):
    """A report that an address did not take what we sent.

    ``mark`` is a keyed fingerprint of the address: another address starts
    afresh, and the address itself is kept in one place only.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_bounces")
    channel = models.CharField(max_length=8, choices=Channel)
    mark = models.CharField(max_length=64)
    source = models.CharField(max_length=80, help_text=_("What it was about: the same report twice counts once."))
    is_hard = models.BooleanField()
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    forgiven_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("bounce")
        verbose_name_plural = _("bounces")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["person", "channel", "source"], name="one_bounce_per_person_and_source"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} by {self.channel}: {'hard' if self.is_hard else 'soft'}"


class WebhookEndpoint(models.Model):
    """Where another system of a body wants to hear of public events.

    The secret is kept readable, because we sign with it; pages show it to those
    who may manage the endpoint only.  After a change the secret before it signs
    too, until ``previous_until``.
    """

    owner = models.ForeignKey(
        "orgs_bodies.Organisation", on_delete=models.PROTECT, related_name="+", verbose_name=_("office")
    )
    url = models.URLField(_("address"), max_length=500)
    kinds = models.JSONField(default=list)
    secret = models.CharField(max_length=80)
    previous_secret = models.CharField(max_length=80, blank=True)
    previous_until = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["owner", "url"], name="one_webhook_per_body_and_address"),
        ]

    def __str__(self) -> str:
        return self.host

    @property
    def host(self) -> str:
        """The receiving machine's name."""
        return urlsplit(self.url).hostname or ""

    def secrets_at(self, at: datetime) -> list[str]:
        """Return the secrets that sign at an instant: the present one, after a change also the one before."""
        if self.previous_secret and self.previous_until is not None and at < self.previous_until:
            return [self.secret, self.previous_secret]
        return [self.secret]


class WebhookDelivery(Outgoing):
    """One event on its way to one endpoint; ``key`` is its ``webhook-id``.  Without an entry it is a test."""

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.PROTECT, related_name="deliveries")
    entry = models.ForeignKey("civic_audit.Entry", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=80)
    payload = models.JSONField()
    created_at = models.DateTimeField()
    response_status = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta(Outgoing.Meta):
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "entry"], name="one_delivery_per_endpoint_and_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to endpoint {self.endpoint_id}: {self.status}"
