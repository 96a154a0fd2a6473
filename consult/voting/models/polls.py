"""Polls and what can be chosen in them."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from civic.core.clock import Window
from civic.core.languages import localised
from consult.voting.methods.rules import Option, Rules
from consult.voting.presets import MEETINGS, PRESETS
from consult.voting.states import Stage, State


class Method(models.TextChoices):
    YES_NO = "yes-no", _("yes, no or abstain")
    CHOOSE = "choose", _("choose one or several")
    APPROVAL = "approval", _("approval")
    SCORE = "score", _("score")
    IRV = "irv", _("ranking: instant run-off")
    STV = "stv", _("ranking: single transferable vote")
    SCHULZE = "schulze", _("ranking: each against each")
    GREEDY_SKIP = "greedy-skip", _("budget: most votes first, skip what is too dear")
    GREEDY_STOP = "greedy-stop", _("budget: most votes first, stop at what is too dear")
    GREEDY_MINIMUM = "greedy-minimum", _("budget: most votes first, with a minimum")
    EQUAL_SHARES = "equal-shares", _("budget: equal shares")


class Secrecy(models.TextChoices):
    OPEN = "open", _("open")
    BY_PROCEDURE = "secret-by-procedure", _("secret by procedure")
    BY_BLIND_TOKEN = "secret-by-blind-token", _("secret by blind token")


class Grade(models.TextChoices):
    """How much of the ballots is published, fixed before anybody votes."""

    PUBLIC = "public", _("every ballot is published")
    AUDITOR = "auditor", _("tables are published, the auditor gets every ballot")


class PollQuerySet(models.QuerySet["Poll"]):
    def public(self) -> "PollQuerySet":
        """Return what everybody may read: all but drafts."""
        return self.exclude(state=State.DRAFT)

    def running(self, at: datetime) -> "PollQuerySet":
        """Return those people may vote in at an instant; in a meeting one votes there."""
        return self.by_ballots().filter(state=State.OPEN, opens_at__lte=at, closes_at__gt=at)

    def over(self, at: datetime) -> "PollQuerySet":
        """Return those whose time has run out and that are still to be counted."""
        done = Q(closes_at__lte=at) & (Q(paper_until=None) | Q(paper_until__lte=at))
        return self.by_ballots().filter(done, state__in=[State.OPEN, State.CLOSED])

    def by_ballots(self) -> "PollQuerySet":
        """Return those that have a ballot box: all but meetings."""
        return self.exclude(secrecy=Secrecy.OPEN)

    def for_pages(self) -> "PollQuerySet":
        """Join what every page shows of a poll, in two queries."""
        return self.select_related("place", "sponsor", "consultation").prefetch_related("choices")


class Poll(models.Model):
    """A question people decide by ballots.

    ``counting`` holds the method's own rules and the thresholds, ``roll_rule`` who may vote; at opening all
    of it is frozen into ``rules`` and hashed, and the database refuses every later change of it.
    """

    slug = models.SlugField(_("address"), max_length=80, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    preset = models.CharField(
        _("kind of decision"), max_length=20, choices=[(p.key, p.name) for p in (PRESETS | MEETINGS).values()]
    )

    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    question = models.CharField(_("the question"), max_length=200)
    question_en = models.CharField(_("the question in English"), max_length=300, blank=True)
    about = models.TextField(_("what it is about"), blank=True)
    about_en = models.TextField(_("what it is about, in English"), blank=True)

    consultation = models.ForeignKey(
        "consult_consultations.Consultation", on_delete=models.PROTECT, null=True, blank=True, related_name="polls"
    )
    place = models.ForeignKey("civic_places.Place", on_delete=models.PROTECT, related_name="+")
    sponsor = models.ForeignKey("orgs_bodies.Organisation", on_delete=models.PROTECT, related_name="polls")

    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))
    paper_until = models.DateTimeField(
        _("paper ballots are keyed until"), null=True, blank=True,
        help_text=_("Ballots handed in on paper before closing may be typed in until then; empty: until closing."),
    )  # fmt: skip
    method = models.CharField(_("how it is counted"), max_length=16, choices=Method)
    counting = models.JSONField(default=dict, blank=True)
    roll_rule = models.JSONField(default=dict, blank=True)
    secrecy = models.CharField(_("secrecy"), max_length=24, choices=Secrecy, default=Secrecy.BY_PROCEDURE)
    grade = models.CharField(_("publication of ballots"), max_length=8, choices=Grade, default=Grade.PUBLIC)
    results_hidden = models.BooleanField(_("numbers are hidden until the end"), default=True)
    may_replace = models.BooleanField(_("a ballot may be replaced until the end"), default=True)
    random_order = models.BooleanField(_("choices in random order"), default=True)

    rules = models.JSONField(default=dict, blank=True)
    rules_hash = models.CharField(max_length=64, blank=True)
    roll_size = models.PositiveIntegerField(null=True, blank=True)
    roll_by_place = models.JSONField(default=list, blank=True)
    #: How many were put on the roll after it was drawn; noted at closing.
    roll_added = models.PositiveIntegerField(default=0, db_default=0)
    ballot_count = models.PositiveIntegerField(null=True, blank=True)
    result = models.JSONField(null=True, blank=True)
    result_hash = models.CharField(max_length=64, blank=True)
    unique_ballots = models.PositiveIntegerField(null=True, blank=True)

    announced_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_because = models.CharField(_("reason for withdrawing"), max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = PollQuerySet.as_manager()

    class Meta:
        verbose_name = _("poll")
        verbose_name_plural = _("polls")
        ordering = ["-opens_at", "-id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="poll_closes_after_it_opens"),
            models.CheckConstraint(
                condition=Q(paper_until=None) | Q(paper_until__gte=F("closes_at")), name="paper_is_keyed_after_closing"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "announced", "withdrawn"])
                | (~Q(rules_hash="") & Q(roll_size__isnull=False)),
                name="open_poll_has_rules_and_roll",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["counted", "certified"])
                | (Q(result__isnull=False, ballot_count__isnull=False) & ~Q(result_hash="")),
                name="counted_poll_has_a_result",
            ),
            models.CheckConstraint(
                condition=Q(ballot_count=None) | Q(ballot_count__lte=F("roll_size") + F("roll_added")),
                name="no_more_ballots_than_people",
            ),
        ]
        indexes = [
            # what the clock opens and closes, and the list of what is on
            models.Index(fields=["state", "closes_at"], name="poll_by_closing"),
        ]

    def __str__(self) -> str:
        return localised(self, "title")

    def get_absolute_url(self) -> str:
        return f"/polls/{self.slug}/"

    @property
    def is_meeting(self) -> bool:
        """Whether hands decide in a meeting: there is no roll of names, no ballot box and nothing to cast here."""
        return self.secrecy == Secrecy.OPEN

    @property
    def is_shuffled(self) -> bool:
        """Whether every voter sees the choices in an order of their own; yes and no keep theirs."""
        return self.random_order and self.method != Method.YES_NO

    @property
    def everybody_alone(self) -> bool:
        """Whether nobody's ballot may be written by a helper."""
        return bool(self.roll_rule.get("alone", False))

    @property
    def points(self) -> int | None:
        """How many points each voter spreads over the projects of a budget; None where they are ticked."""
        counting = self.rules["counting"] if self.rules else self.counting
        points: int | None = counting.get("points")
        return points

    @property
    def window(self) -> Window:
        """When people may vote."""
        return Window(self.opens_at, self.closes_at)

    @property
    def seals_at(self) -> datetime:
        """When the box is sealed: at closing, or when the time for typing in paper ballots ends."""
        return self.paper_until or self.closes_at

    def stage(self, at: datetime) -> Stage:
        """Return what the poll is at an instant; no worker need have run."""
        if self.state == State.ANNOUNCED or (self.state == State.OPEN and at < self.opens_at):
            return Stage.ANNOUNCED
        if self.state == State.OPEN and self.is_meeting:
            return Stage.MEETING
        if self.state == State.OPEN:
            return Stage.RUNNING if at < self.closes_at else Stage.COUNTING
        return Stage.COUNTING if self.state == State.CLOSED else Stage(self.state)

    @property
    def counting_rules(self) -> Rules:
        """The rules ballots are checked and counted by: frozen ones once open (asks for the choices before that)."""
        if self.rules:
            return Rules.from_json(self.rules["counting"])
        options = [Option(choice.key, choice.cost).to_json() for choice in self.choices.all()]
        return Rules.from_json({**self.counting, "method": self.method, "options": options})


class Choice(models.Model):
    """One thing a ballot may name.  ``key`` stands on ballots and in the bundle."""

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="choices")
    key = models.SlugField(max_length=30)
    title = models.CharField(_("choice"), max_length=120)
    title_en = models.CharField(_("choice in English"), max_length=200, blank=True)
    text = models.TextField(_("explanation"), blank=True)
    text_en = models.TextField(_("explanation in English"), blank=True)
    picture = models.ForeignKey(
        "wagtailimages.Image", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    cost = models.PositiveBigIntegerField(_("cost in yuan"), null=True, blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        ordering = ["position"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["poll", "key"], name="one_choice_per_key"),
            models.UniqueConstraint(fields=["poll", "position"], name="one_choice_per_position"),
        ]

    def __str__(self) -> str:
        return localised(self, "title")

    @property
    def price(self) -> str:
        """The cost as people read it."""
        return f"{self.cost or 0:,}"
