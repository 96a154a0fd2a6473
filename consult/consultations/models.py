from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from civic.core.clock import Window
from civic.core.languages import localised
from civic.people.models import Level
from consult.consultations.kinds import PARTICIPATION, PhaseKind
from consult.consultations.presets import PRESETS
from consult.consultations.states import Stage, State


class ConsultationQuerySet(models.QuerySet["Consultation"]):
    def public(self) -> "ConsultationQuerySet":
        """Return what everybody may read: all but drafts."""
        return self.exclude(state=State.DRAFT)

    def running(self, at: datetime) -> "ConsultationQuerySet":
        """Return those open for participation at an instant."""
        return self.filter(state=State.ANNOUNCED, opens_at__lte=at, closes_at__gt=at)

    def upcoming(self, at: datetime) -> "ConsultationQuerySet":
        """Return those announced that have not opened."""
        return self.filter(state=State.ANNOUNCED, opens_at__gt=at)

    def awaiting_answer(self, at: datetime) -> "ConsultationQuerySet":
        """Return those that closed and have not been answered."""
        return self.filter(state=State.ANNOUNCED, closes_at__lte=at)

    def for_pages(self) -> "ConsultationQuerySet":
        """Join what every page shows of a consultation, in two queries."""
        return self.select_related("place", "open_to", "sponsor", "policy").prefetch_related("phases")


class Consultation(models.Model):
    """A question put to the public, on a policy's exact revision or standing alone.

    ``opens_at`` and ``closes_at`` bound participation (half-open) and follow
    from the phases; ``rules`` holds who, how and when as frozen at announcing.
    Counters are kept by ``consult.discussion`` and ``consult.replies``.
    """

    slug = models.SlugField(_("address"), max_length=80, unique=True)
    template = models.CharField(_("template"), max_length=20, choices=[(p.key, p.name) for p in PRESETS.values()])
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)

    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    summary = models.CharField(_("what this is, in one sentence"), max_length=80)
    summary_en = models.CharField(_("what this is, in English"), max_length=240, blank=True)
    question = models.CharField(_("the question"), max_length=200)
    question_en = models.CharField(_("the question in English"), max_length=300, blank=True)
    background = models.TextField(_("background"), blank=True)
    background_en = models.TextField(_("background in English"), blank=True)

    place = models.ForeignKey("civic_places.Place", on_delete=models.PROTECT, related_name="+")
    sponsor = models.ForeignKey("orgs_bodies.Organisation", on_delete=models.PROTECT, related_name="consultations")
    policy = models.ForeignKey(
        "civic_policies.PolicyPage", on_delete=models.PROTECT, null=True, blank=True, related_name="consultations"
    )
    revision = models.ForeignKey(
        "wagtailcore.Revision", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    open_to = models.ForeignKey(
        "civic_places.Place", on_delete=models.PROTECT, related_name="+", verbose_name=_("open to people living in")
    )
    level = models.PositiveSmallIntegerField(_("verification needed"), choices=Level, default=Level.CONTACT)
    shorter_because = models.CharField(_("reason for a shorter period"), max_length=300, blank=True)
    rules = models.JSONField(default=dict, blank=True)
    rules_hash = models.CharField(max_length=64, blank=True)

    opens_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    answer_due_at = models.DateTimeField(null=True)
    announced_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    withdrawn_because = models.CharField(_("reason for withdrawing"), max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    contribution_count = models.PositiveIntegerField(default=0)
    response_count = models.PositiveIntegerField(default=0)
    participant_count = models.PositiveIntegerField(default=0)
    answered_count = models.PositiveIntegerField(default=0)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        ordering = ["-opens_at", "-id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft")
                | Q(opens_at__isnull=False, closes_at__isnull=False, answer_due_at__isnull=False),
                name="announced_consultation_has_dates",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | ~Q(rules_hash=""), name="announced_consultation_has_rules"
            ),
            models.CheckConstraint(
                condition=Q(closes_at=None) | Q(closes_at__gt=F("opens_at")), name="consultation_closes_after_it_opens"
            ),
            models.CheckConstraint(
                condition=Q(policy=None, revision=None) | Q(policy__isnull=False, revision__isnull=False),
                name="a_policy_is_pinned_to_a_revision",
            ),
            models.CheckConstraint(
                condition=~Q(state="answered") | Q(answered_count__gte=F("contribution_count")),
                name="answered_means_every_contribution",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "closes_at"], name="consultation_by_closing"),
        ]

    def __str__(self) -> str:
        return localised(self, "title")

    def get_absolute_url(self) -> str:
        return reverse("consultation", args=[self.slug])

    @property
    def window(self) -> Window:
        """When people may take part."""
        return Window(self.opens_at, self.closes_at)  # type: ignore[arg-type]  # announced ones have dates

    @property
    def unanswered_count(self) -> int:
        """Contributions still waiting for an answer."""
        return max(0, self.contribution_count - self.answered_count)

    def stage(self, at: datetime) -> Stage:
        """Return what the consultation is at an instant; no worker need have run."""
        if self.state != State.ANNOUNCED:
            return Stage(self.state)
        if at < self.opens_at:  # type: ignore[operator]
            return Stage.ANNOUNCED
        if at < self.closes_at:  # type: ignore[operator]
            return Stage.RUNNING
        return Stage.CLOSED if at < self.answer_due_at else Stage.OVERDUE  # type: ignore[operator]

    def phase_at(self, at: datetime) -> "Phase | None":
        """Return the phase that is on at an instant (uses prefetched phases)."""
        return next((phase for phase in self.timetable if phase.window.contains(at)), None)

    @property
    def timetable(self) -> "Sequence[Phase]":
        """The phases in order, without a manager where they were fetched along: rules ask for them again and again."""
        fetched: Sequence[Phase] | None = self.__dict__.get("_prefetched_objects_cache", {}).get("phases")
        return list(self.phases.all()) if fetched is None else fetched


class Phase(models.Model):
    """One step of a consultation; half-open, so that neighbours share no instant."""

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="phases")
    kind = models.CharField(max_length=10, choices=PhaseKind)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()

    class Meta:
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        ordering = ["opens_at"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="phase_closes_after_it_opens"),
            models.UniqueConstraint(fields=["consultation", "opens_at"], name="one_phase_opens_at_an_instant"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.opens_at:%Y-%m-%d} – {self.closes_at:%Y-%m-%d}"

    @property
    def window(self) -> Window:
        """The phase's stretch of time."""
        return Window(self.opens_at, self.closes_at)

    @property
    def is_participation(self) -> bool:
        """Whether residents act in this phase."""
        return self.kind in PARTICIPATION


class Participation(models.Model):
    """One person took part in one consultation: counted once, told at the end."""

    consultation = models.ForeignKey(  # leads the unique index
        Consultation, on_delete=models.CASCADE, related_name="participations", db_index=False
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="participations")
    first_at = models.DateTimeField()

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["consultation", "person"], name="one_participation_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.consultation_id}"


class Follow(models.Model):
    """A person wants to hear what becomes of a consultation."""

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="follows")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows")
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("follow")
        verbose_name_plural = _("follows")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["consultation", "person"], name="one_follow_per_person")]

    def __str__(self) -> str:
        return f"{self.person_id} follows {self.consultation_id}"


class ClauseTally(models.Model):
    """How many published contributions speak to a clause: kept, not counted per page."""

    consultation = models.ForeignKey(  # leads the unique index
        Consultation, on_delete=models.CASCADE, related_name="clause_tallies", db_index=False
    )
    clause = models.UUIDField()
    contributions = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("clause tally")
        verbose_name_plural = _("clause tallies")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["consultation", "clause"], name="one_tally_per_clause")]

    def __str__(self) -> str:
        return f"{self.clause}: {self.contributions}"
