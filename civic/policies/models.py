"""Pages of the library, and the list of what was published when.

Texts stand side by side in two languages on one page; there are no page trees
per language.  Nothing personal belongs here: pages and their revisions are
public, and are kept.
"""

from datetime import date, timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.fields import StreamField
from wagtail.models import Page, Task
from wagtail.snippets.models import register_snippet

from civic.core.languages import localised
from civic.policies.blocks import TextBlock
from civic.policies.states import Stage


@register_snippet
class Topic(models.Model):
    """What a policy is about, as residents look for it."""

    name = models.CharField(_("name"), max_length=30, unique=True)
    name_en = models.CharField(_("name in English"), max_length=60, blank=True)
    slug = models.SlugField(_("word in addresses"), unique=True)

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["name"]

    def __str__(self) -> str:
        return localised(self, "name")


class LocalPage(Page):
    """Base of our pages: the title in English beside the official one."""

    title_en = models.CharField(_("title in English"), max_length=255, blank=True)

    class Meta:
        abstract = True

    @property
    def local_title(self) -> str:
        """The title in the reader's language."""
        return localised(self, "title")


class HomePage(LocalPage):
    """The one page at ``/``.  What other parts show on it comes from ``civic.policies.sections``."""

    lead = models.CharField(_("sentence under the title"), max_length=120, blank=True)
    lead_en = models.CharField(_("sentence under the title, in English"), max_length=200, blank=True)

    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    subpage_types: ClassVar[list[str]] = ["civic_policies.PolicyIndexPage", "civic_policies.InformationPage"]
    max_count = 1

    class Meta:
        verbose_name = _("home page")


class PolicyIndexPage(LocalPage):
    """The library, at ``/policies/``."""

    lead = models.CharField(_("sentence under the title"), max_length=120, blank=True)
    lead_en = models.CharField(_("sentence under the title, in English"), max_length=200, blank=True)

    parent_page_types: ClassVar[list[str]] = ["civic_policies.HomePage"]
    subpage_types: ClassVar[list[str]] = ["civic_policies.PolicyPage"]
    max_count = 1

    class Meta:
        verbose_name = _("policy library")


class InformationPage(LocalPage):
    """A page of plain words about the site itself: accessibility, how to tell the real site, and so on."""

    lead = models.CharField(_("sentence under the title"), max_length=120, blank=True)
    lead_en = models.CharField(_("sentence under the title, in English"), max_length=200, blank=True)
    body = models.TextField(_("text"), help_text=_("An empty line begins a new paragraph."))
    body_en = models.TextField(_("text in English"), blank=True)

    parent_page_types: ClassVar[list[str]] = ["civic_policies.HomePage", "civic_policies.InformationPage"]
    subpage_types: ClassVar[list[str]] = ["civic_policies.InformationPage"]

    class Meta:
        verbose_name = _("information page")


class PolicyPage(LocalPage):
    """A policy: its official text in numbered clauses, what it means in plain words, and when it holds.

    The fields are those of the newest published text; earlier texts are
    ``PublishedVersion`` rows.  ``in_force_until`` is the first day on which it
    no longer holds (half-open, like every window here).
    """

    summary = models.TextField(
        _("in plain words"),
        help_text=_("First line: what it governs, at most 80 characters. Then one point a line."),
    )
    summary_en = models.TextField(_("in plain words, in English"), blank=True)
    number = models.CharField(_("document number"), max_length=60, blank=True)
    issuing_body = models.ForeignKey(
        "orgs_bodies.Organisation", on_delete=models.PROTECT, related_name="policies", verbose_name=_("issued by")
    )
    place = models.ForeignKey(
        "civic_places.Place", on_delete=models.PROTECT, related_name="policies", verbose_name=_("place"),
        help_text=_("Whose policy it is. Who may edit it follows from this place and the issuing body."),
    )  # fmt: skip
    places = ParentalManyToManyField(
        "civic_places.Place", blank=True, related_name="policies_for_parts", verbose_name=_("only in these parts"),
        help_text=_("Leave empty when it holds in the whole place."),
    )  # fmt: skip
    topics = ParentalManyToManyField(Topic, blank=True, related_name="policies", verbose_name=_("topics"))
    stage = models.CharField(_("stage"), max_length=10, choices=Stage, default=Stage.PROPOSED)
    under_review = models.BooleanField(
        _("being reviewed"), default=False, help_text=_("In force, but being looked at again.")
    )
    in_force_from = models.DateField(_("in force from"), null=True, blank=True)
    in_force_until = models.DateField(
        _("in force until"), null=True, blank=True, help_text=_("The first day on which it no longer holds.")
    )
    supersedes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by",
        verbose_name=_("replaces"),
    )  # fmt: skip
    basis = models.CharField(_("legal basis"), max_length=200, blank=True)
    basis_en = models.CharField(_("legal basis in English"), max_length=300, blank=True)
    change_note = models.CharField(
        _("what changed in this version"), max_length=200, blank=True, help_text=_("Public, one sentence.")
    )
    change_note_en = models.CharField(_("what changed, in English"), max_length=300, blank=True)
    clauses = StreamField(TextBlock(), verbose_name=_("clauses"), blank=True)

    parent_page_types: ClassVar[list[str]] = ["civic_policies.PolicyIndexPage"]
    subpage_types: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(in_force_until=None)
                | models.Q(in_force_from__isnull=False, in_force_until__gt=models.F("in_force_from")),
                name="policy_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=~models.Q(supersedes=models.F("page_ptr")), name="policy_does_not_supersede_itself"
            ),
        ]
        indexes = [
            # the library's filters
            models.Index(fields=["stage", "in_force_from", "in_force_until"], name="policy_by_force"),
        ]

    @cached_property
    def lead(self) -> str:
        """The one sentence that says what the policy governs, in the reader's language."""
        return next(iter(self._summary_lines()), "")

    @cached_property
    def points(self) -> list[str]:
        """The points of the plain-words summary, in the reader's language."""
        return self._summary_lines()[1:]

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds, None when no end is set."""
        return self.in_force_until - timedelta(days=1) if self.in_force_until else None

    def _summary_lines(self) -> list[str]:
        return [line.strip() for line in localised(self, "summary").splitlines() if line.strip()]


class PublishedVersion(models.Model):
    """One text of a policy as it was published: the row behind versions, comparison and "as of".

    ``effective_from`` is the first day this text counted: the day the policy
    comes into force when this version says so for the first time, otherwise the
    day it was published.  None for drafts put up for comment.
    """

    page = models.ForeignKey(PolicyPage, on_delete=models.PROTECT, related_name="versions")
    revision = models.OneToOneField("wagtailcore.Revision", on_delete=models.PROTECT, related_name="published_version")
    number = models.PositiveSmallIntegerField(_("version"))
    published_at = models.DateTimeField()
    stage = models.CharField(max_length=10, choices=Stage)
    in_force_from = models.DateField(null=True)
    in_force_until = models.DateField(null=True)
    effective_from = models.DateField(null=True)
    note = models.CharField(max_length=200, blank=True)
    note_en = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("published version")
        verbose_name_plural = _("published versions")
        ordering = ["page", "number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["page", "number"], name="one_version_per_number"),
        ]
        indexes = [
            # "as of date"
            models.Index(fields=["page", "effective_from"], name="version_by_effect"),
        ]

    def __str__(self) -> str:
        return f"{self.page_id} v{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A published version is never changed.")
        super().save(*args, **kwargs)


class SecondPersonTask(Task):
    """The one step of the editorial workflow: somebody else reads it and approves it.

    Who that may be is decided by ``civic.policies.rules``, from grants.
    """

    class Meta:
        verbose_name = _("approval by a second person")
        verbose_name_plural = _("approvals by a second person")
        default_permissions = ()
