import uuid
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from vote.managers import VotableManager
from vote.models import VoteManager, VoteModel

from civic.policies.numbers import in_english
from consult.consultations.models import Consultation
from consult.discussion.states import Outcome, State
from consult.discussion.supports import UP, SupportManager
from orgs.bodies.models import Act

MAX_DEPTH = 2
MAX_LENGTH = 3000
MAX_TITLE = 60


class Support(Act):
    """One person backs one object, publicly.  The row behind django-vote's manager."""

    ACTION_FIELD = {UP: "num_vote_up", 1: "num_vote_down"}

    # Both lead an index below.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="supports", db_index=False
    )
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, db_index=False)
    object_id = models.PositiveBigIntegerField()
    content_object = GenericForeignKey()
    action = models.PositiveSmallIntegerField(default=UP)
    create_at = models.DateTimeField()

    objects = VoteManager()

    class Meta(Act.Meta):
        verbose_name = _("support")
        verbose_name_plural = _("supports")
        default_permissions = ()
        constraints = [
            *Act.Meta.constraints,
            models.UniqueConstraint(
                fields=["content_type", "object_id", "user"], name="one_support_per_person_and_object"
            ),
            models.CheckConstraint(condition=Q(action=UP), name="supports_are_one_sided"),
        ]
        indexes = [
            # what I supported, newest first
            models.Index(fields=["user", "-create_at"], name="support_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} supports {self.content_type_id}:{self.object_id}"

    @classmethod
    def votes_for(cls, model: type[models.Model], instance: models.Model | None = None, action: int = UP) -> Any:
        """Return the rows for a model or one instance; part of django-vote's contract."""
        rows = cls.objects.filter(content_type=ContentType.objects.get_for_model(model), action=action)
        return rows if instance is None else rows.filter(object_id=instance.pk)


def family() -> Coalesce:
    """Return, of a response, the number of the one right under the root that it is or hangs on.

    Without a value in it, so that an index holds it and a kept plan knows that index.
    """
    return Coalesce(NullIf("parent_id", "root_id"), "id")


class ContributionQuerySet(models.QuerySet["Contribution"]):
    def published(self) -> "ContributionQuerySet":
        """Return what everybody may read."""
        return self.filter(state=State.PUBLISHED)

    def roots(self) -> "ContributionQuerySet":
        """Return comments and proposals themselves, without the responses under them."""
        return self.filter(parent=None).exclude(kind=Contribution.Kind.STATEMENT)

    def for_pages(self) -> "ContributionQuerySet":
        """Join what every card shows."""
        return self.select_related("author", "author__residence", "keyed_for", "consultation")


class Contribution(VoteModel, Act):
    """Something a person said in a consultation.

    Counters (``num_vote_up``, ``vote_score``, ``response_count``) are written
    only by their own domain functions; ``save()`` leaves them alone.
    """

    COUNTERS = frozenset({"vote_score", "num_vote_up", "num_vote_down", "response_count"})

    class Kind(models.TextChoices):
        COMMENT = "comment", _("comment")
        PROPOSAL = "proposal", _("proposal")
        RESPONSE = "response", _("response")
        STATEMENT = "statement", _("statement")

    # A support writes this row, and with it every index it is in: what leads one below has none of its own, and
    # of the library's counters nobody is found by.
    vote_score = models.IntegerField(default=0)
    num_vote_up = models.PositiveIntegerField(default=0)
    num_vote_down = models.PositiveIntegerField(default=0)

    consultation = models.ForeignKey(
        Consultation, on_delete=models.PROTECT, related_name="contributions", db_index=False
    )
    kind = models.CharField(max_length=10, choices=Kind)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="contributions", db_index=False
    )
    clause = models.UUIDField(null=True, blank=True)
    clause_number = models.CharField(max_length=40, blank=True)
    root = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="thread", db_index=False
    )
    parent = models.ForeignKey(  # responses are found by their root
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="responses", db_index=False
    )
    depth = models.PositiveSmallIntegerField(default=0)

    title = models.CharField(_("title"), max_length=MAX_TITLE, blank=True)
    text = models.TextField(_("text"), max_length=MAX_LENGTH)
    language = models.CharField(max_length=10, default="zh-hans")
    state = models.CharField(max_length=10, choices=State, default=State.PUBLISHED)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.WAITING)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveSmallIntegerField(default=1)
    submission = models.UUIDField(default=uuid.uuid4, unique=True, help_text=_("One form, one contribution."))
    response_count = models.PositiveIntegerField(default=0)
    erased_at = models.DateTimeField(null=True, blank=True, help_text=_("Since when its author is forgotten."))
    words_hash = models.CharField(
        max_length=64,
        blank=True,
        db_default="",
        help_text=_("What ``consult.discussion.words`` made of the words that are erased."),
    )

    votes = VotableManager(through=Support, manager=SupportManager)

    objects = ContributionQuerySet.as_manager()

    class Meta(Act.Meta):
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        default_permissions = ()
        constraints = [
            *Act.Meta.constraints,
            models.CheckConstraint(condition=Q(depth__lte=MAX_DEPTH), name="threads_are_two_levels_deep"),
            models.CheckConstraint(
                condition=Q(parent=None, root=None, depth=0) | Q(parent__isnull=False, root__isnull=False, depth__gt=0),
                name="a_response_has_parent_and_root",
            ),
            models.CheckConstraint(
                condition=Q(parent=None) & ~Q(kind="response") | Q(parent__isnull=False, kind="response"),
                name="only_responses_have_a_parent",
            ),
            models.CheckConstraint(
                condition=~Q(kind="proposal") | ~Q(title="") | Q(erased_at__isnull=False), name="a_proposal_has_a_title"
            ),
            models.CheckConstraint(
                condition=~Q(text="") | Q(erased_at__isnull=False), name="a_contribution_says_something"
            ),
            models.CheckConstraint(
                condition=Q(erased_at=None, words_hash="")
                | (Q(erased_at__isnull=False, text="", title="") & ~Q(words_hash="")),
                name="erased_words_leave_their_hash",
            ),
        ]
        indexes = [
            # the three sort orders of a consultation's page
            models.Index(
                fields=["consultation", "-created_at", "-id"],
                condition=Q(parent=None, state="published"),
                name="contribution_newest",
            ),
            models.Index(
                fields=["consultation", "-num_vote_up", "-id"],
                condition=Q(parent=None, state="published"),
                name="contribution_supported",
            ),
            models.Index(fields=["consultation", "clause"], name="contribution_by_clause"),
            # a thread in reading order (queries.thread)
            models.Index("root", family(), "depth", "created_at", "id", name="contribution_reading_order"),
            # what I said, newest first
            models.Index(fields=["author", "-created_at"], name="contribution_by_author"),
        ]

    def __str__(self) -> str:
        return self.title or self.wording[:40]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save without the counters: a stale copy must never reset them."""
        if not self._state.adding and kwargs.get("update_fields") is None:
            kwargs["update_fields"] = [
                field.name for field in self._meta.concrete_fields if field.name not in self.COUNTERS | {"id"}
            ]
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        if self.kind == self.Kind.STATEMENT:
            return reverse("consultation-statement", args=[self.consultation.slug, self.pk])
        return reverse("contribution", args=[self.consultation.slug, self.root_id or self.pk]) + (
            f"#c{self.pk}" if self.root_id else ""
        )

    @property
    def clause_number_en(self) -> str:
        """The clause's number for English readers."""
        return in_english(self.clause_number)

    @property
    def is_public(self) -> bool:
        """Whether its words are shown."""
        return self.state == State.PUBLISHED

    @property
    def wording(self) -> str:
        """The words, or that they are gone with their author's account."""
        return gettext("Deleted together with its author’s account.") if self.erased_at is not None else self.text

    @property
    def wording_language(self) -> str:
        """The language ``wording`` is in."""
        return (get_language() or "") if self.erased_at is not None else self.language

    @property
    def needs_answer(self) -> bool:
        """Whether the office owes it an outcome: responses share that of the words they hang on."""
        return self.parent_id is None and self.kind != self.Kind.STATEMENT and self.state == State.PUBLISHED


class Version(models.Model):
    """What a contribution said before it was edited."""

    contribution = models.ForeignKey(Contribution, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=MAX_TITLE, blank=True)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("earlier version")
        verbose_name_plural = _("earlier versions")
        ordering = ["-number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["contribution", "number"], name="one_earlier_version_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.contribution_id} v{self.number}"


class Draft(models.Model):
    """What somebody is writing: survives a reload, and a sign-in.

    Belongs to a person, or to a browser's ``token`` until its owner signs in.
    ``box`` names the box it was typed into; ``version`` grows with each save,
    so that two tabs cannot overwrite each other unseen.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="drafts"
    )
    token = models.CharField(max_length=64, blank=True)
    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="drafts")
    box = models.CharField(max_length=80)
    title = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["person", "consultation", "box"],
                condition=Q(person__isnull=False),
                name="one_draft_per_person_and_box",
            ),
            models.UniqueConstraint(
                fields=["token", "consultation", "box"], condition=Q(person=None), name="one_draft_per_browser_and_box"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, token="") | (Q(person=None) & ~Q(token="")),
                name="a_draft_has_one_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"draft for {self.box}"
