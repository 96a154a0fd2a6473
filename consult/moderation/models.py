from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from consult.consultations.models import Consultation
from consult.discussion.models import Contribution
from consult.discussion.states import State
from consult.moderation.house import BY_CODE, HouseRule
from consult.moderation.states import Act, Result

MAX_SENTENCE = 300
MAX_APPEAL = 1000
APPEAL_TIME = timedelta(days=10)
UNDO_TIME = timedelta(hours=24)


class Ruled(models.Model):
    """Base of what names a house rule and says in a sentence why."""

    rule = models.CharField(_("house rule"), max_length=4, blank=True)
    sentence = models.CharField(_("in a sentence"), max_length=MAX_SENTENCE, blank=True)

    class Meta:
        abstract = True

    @property
    def house_rule(self) -> HouseRule | None:
        """The rule it names, if any."""
        return BY_CODE.get(self.rule)


class CaseQuerySet(models.QuerySet["Case"]):
    def waiting(self) -> "CaseQuerySet":
        """Return those a moderator has to look at, the greatest risk first, then the oldest."""
        return self.filter(waiting_since__isnull=False).order_by("-severity", "-reporters", "waiting_since", "pk")


class Case(models.Model):
    """What the moderators know of one contribution: whether it waits for them, since when, at what risk.

    ``severity`` and ``reporters`` are kept: of the reports nobody has settled.
    ``version`` grows with every decision, so that the slower of two moderators
    is told.
    """

    contribution = models.OneToOneField(Contribution, on_delete=models.PROTECT, related_name="case")
    waiting_since = models.DateTimeField(null=True, blank=True)
    severity = models.PositiveSmallIntegerField(default=0)
    reporters = models.PositiveIntegerField(default=0)
    in_slow_mode = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=0)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("moderation case")
        verbose_name_plural = _("moderation cases")
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["-severity", "-reporters", "waiting_since"],
                condition=Q(waiting_since__isnull=False),
                name="moderation_queue",
            ),
        ]

    def __str__(self) -> str:
        return f"case of {self.contribution_id}"


class Bulk(Ruled):
    """One act on many contributions at once; undone as a whole, or not at all."""

    act = models.CharField(max_length=10, choices=Act)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("act on many")
        verbose_name_plural = _("acts on many")
        ordering = ["-at", "-id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="somebody_undid_what_is_undone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} × {self.count}"

    def can_be_undone(self, at: datetime) -> bool:
        """Whether it may still be taken back: true by computation."""
        return self.undone_at is None and at < self.at + UNDO_TIME

    @property
    def undo_until(self) -> datetime:
        """When the time to undo it ends."""
        return self.at + UNDO_TIME


class Ruling(Ruled):
    """One decision on one contribution: what was done, by whom, under which rule and why.

    ``by`` is empty for what nobody decided: words that wait because of slow
    mode, words taken back.  ``version`` is that of the words it speaks of,
    ``before`` their state, ``waiting_since`` since when they had waited.
    """

    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="rulings")
    act = models.CharField(max_length=10, choices=Act)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    version = models.PositiveSmallIntegerField(default=1)
    before = models.CharField(max_length=10, choices=State)
    waiting_since = models.DateTimeField(null=True, blank=True)
    bulk = models.ForeignKey(Bulk, on_delete=models.PROTECT, null=True, blank=True, related_name="rulings")

    class Meta:
        verbose_name = _("moderator’s decision")
        verbose_name_plural = _("moderators’ decisions")
        ordering = ["-at", "-id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=~Q(act__in=[Act.HOLD, Act.HIDE]) | (~Q(rule="") & ~Q(sentence="") & Q(by__isnull=False)),
                name="what_is_hidden_has_a_rule_and_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["contribution", "-at", "-id"], name="ruling_by_contribution"),
            models.Index(fields=["at"], name="ruling_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.contribution_id}"

    @property
    def appeal_until(self) -> datetime:
        """When the time to appeal ends."""
        return self.at + APPEAL_TIME


class Report(Ruled):
    """One person says that words break a house rule; ``ruling`` is what became of it."""

    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="reports")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    version = models.PositiveSmallIntegerField(default=1)
    ruling = models.ForeignKey(Ruling, on_delete=models.PROTECT, null=True, blank=True, related_name="reports")

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["at", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["reporter", "contribution"], name="one_report_per_person_and_contribution"),
            models.CheckConstraint(condition=~Q(rule="") & ~Q(sentence=""), name="a_report_names_a_rule_and_says_why"),
        ]
        indexes = [models.Index(fields=["at"], name="report_by_time")]

    def __str__(self) -> str:
        return f"{self.rule} on {self.contribution_id}"


class Appeal(models.Model):
    """The author asks for a second look at a decision; somebody other than ``first`` gives it."""

    ruling = models.OneToOneField(Ruling, on_delete=models.PROTECT, related_name="appeal")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("why the decision is wrong"), max_length=MAX_APPEAL)
    at = models.DateTimeField()
    first = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    result = models.CharField(max_length=10, choices=Result, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    sentence = models.CharField(_("in a sentence"), max_length=MAX_SENTENCE, blank=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ["at", "id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("first")), name="another_moderator_decides_an_appeal"
            ),
            models.CheckConstraint(
                condition=Q(result="", decided_at=None, decided_by=None)
                | Q(result=Result.OVERTAKEN, decided_at__isnull=False, decided_by=None)
                | Q(
                    result__in=[Result.RESTORED, Result.CONFIRMED],
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                ),
                name="a_decided_appeal_was_decided_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="an_appeal_says_something"),
        ]
        indexes = [
            models.Index(fields=["at"], condition=Q(result=""), name="appeal_waiting"),
            models.Index(fields=["decided_at"], name="appeal_by_decision"),
        ]

    def __str__(self) -> str:
        return f"appeal against {self.ruling_id}"


class SlowModeQuerySet(models.QuerySet["SlowMode"]):
    def in_force(self, at: datetime) -> "SlowModeQuerySet":
        """Return those that hold at an instant."""
        return self.filter(starts_at__lte=at, ends_at__gt=at).filter(Q(stopped_at=None) | Q(stopped_at__gt=at))


class SlowMode(models.Model):
    """A time in which the words of new accounts wait for a moderator; half-open, with a public reason."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="slow_modes")
    reason = models.CharField(_("reason"), max_length=MAX_SENTENCE)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = SlowModeQuerySet.as_manager()

    class Meta:
        verbose_name = _("slow mode")
        verbose_name_plural = _("slow modes")
        ordering = ["-starts_at", "-id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="slow_mode_ends_after_it_starts"),
            models.CheckConstraint(condition=~Q(reason=""), name="slow_mode_has_a_reason"),
        ]
        indexes = [models.Index(fields=["consultation", "ends_at"], name="slow_mode_by_consultation")]

    def __str__(self) -> str:
        return f"slow mode of {self.consultation_id}"

    def is_in_force(self, at: datetime) -> bool:
        """Tell whether it holds at an instant."""
        return self.starts_at <= at < self.ends_at and (self.stopped_at is None or at < self.stopped_at)
