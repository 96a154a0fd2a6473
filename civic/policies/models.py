"""Pages of the library, and the list of what was published when.

Texts stand side by side in two languages on one page; there are no page trees
per language.  Nothing personal belongs here: pages and their revisions are
public, and are kept.
"""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.fields import StreamField
from wagtail.models import Page, Revision, Task, TaskState
from wagtail.snippets.models import register_snippet

from civic.core.http import HttpRequest
from civic.core.languages import lacking_english, localised
from civic.policies.blocks import TextBlock
from civic.policies.states import Stage

if TYPE_CHECKING:
    from django import forms

    from civic.people.models import Person


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

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Show an editor the page as readers would see it."""
        response: HttpResponse = self.serve(request)
        return response

    def save_revision(self, *args: Any, overwrite_revision: Revision | None = None, **kwargs: Any) -> Revision:
        """Save a revision; one that anybody relies on is never overwritten, a new one follows it instead."""
        if overwrite_revision is not None and is_relied_on(overwrite_revision):
            overwrite_revision = None
        return super().save_revision(*args, overwrite_revision=overwrite_revision, **kwargs)


def is_relied_on(revision: Revision) -> bool:
    """Tell whether a revision was published, submitted, scheduled or pinned: then its words must not change."""
    if revision.approved_go_live_at is not None or revision.task_states.exists():
        return True
    if Page.objects.filter(live_revision=revision).exists():
        return True
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: revision}).exists()
        for relation in Revision._meta.get_fields(include_hidden=True)
        if getattr(relation, "on_delete", None) is models.PROTECT
    )


class HomePage(LocalPage):
    """The one page at ``/``.  What other parts show on it comes from ``civic.policies.sections``."""

    lead = models.CharField(_("sentence under the title"), max_length=120, blank=True)
    lead_en = models.CharField(_("sentence under the title, in English"), max_length=200, blank=True)

    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    subpage_types: ClassVar[list[str]] = ["civic_policies.PolicyIndexPage", "civic_policies.InformationPage"]
    max_count = 1

    class Meta:
        verbose_name = _("home page")

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a reader."""
        from civic.policies import views  # noqa: PLC0415 - views import these models

        return views.home(request, self)


class PolicyIndexPage(LocalPage):
    """The library, at ``/policies/``."""

    lead = models.CharField(_("sentence under the title"), max_length=120, blank=True)
    lead_en = models.CharField(_("sentence under the title, in English"), max_length=200, blank=True)

    parent_page_types: ClassVar[list[str]] = ["civic_policies.HomePage"]
    subpage_types: ClassVar[list[str]] = ["civic_policies.PolicyPage"]
    max_count = 1

    class Meta:
        verbose_name = _("policy library")

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a reader."""
        from civic.policies import views  # noqa: PLC0415 - views import these models

        return views.library(request, self)


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

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a reader."""
        from civic.policies import views  # noqa: PLC0415 - views import these models

        return views.information(request, self)


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

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a reader."""
        from civic.policies import views  # noqa: PLC0415 - views import these models

        return views.policy(request, self)

    @property
    def lead(self) -> str:
        """The one sentence that says what the policy governs, in the reader's language."""
        return next(iter(self._summary_lines()), "")

    @property
    def points(self) -> list[str]:
        """The points of the plain-words summary, in the reader's language."""
        return self._summary_lines()[1:]

    @property
    def summary_language(self) -> str:
        """The summary's language where it is not the reader's: English readers may get Chinese."""
        return lacking_english(self.summary_en)

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

    Who that may be is decided by ``civic.policies.rules``, from grants; what
    happened is told by ``civic.policies.bridge``.
    """

    class Meta:
        verbose_name = _("approval by a second person")
        verbose_name_plural = _("approvals by a second person")
        default_permissions = ()

    def start(self, workflow_state: Any, user: Any = None) -> TaskState:
        """Ask for the approval."""
        from civic.policies import bridge  # noqa: PLC0415 - the bridge imports these models

        state = super().start(workflow_state, user=user)
        bridge.submitted(workflow_state.content_object, state.revision, actor=user)
        return state

    def on_action(self, task_state: TaskState, user: Any, action_name: str, **kwargs: Any) -> Any:
        """Approve or send back, whatever door the request came through.

        Raises ``Refused``; ``PermissionDenied`` for an action there is not.
        """
        from civic.policies import approval  # noqa: PLC0415 - approval imports these models

        if action_name not in {"approve", "reject"}:
            raise PermissionDenied
        with transaction.atomic():
            approval.decide(task_state, action_name, person=user, note=str(kwargs.get("comment") or ""))
            return super().on_action(task_state, user, action_name, **kwargs)

    def user_can_access_editor(self, obj: Any, user: Any) -> bool:
        """Let the second person open the page."""
        return bool(self.get_actions(obj, user))

    def locked_for_user(self, obj: Any, user: Any) -> bool:
        """Keep the text as it was submitted until somebody has decided."""
        return not self.get_actions(obj, user)

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, Any, bool]]:
        """Return what this person may do with the text now."""
        from civic.policies import approval  # noqa: PLC0415

        return approval.choices(obj, user)

    def get_form_for_action(self, action: str) -> "type[forms.Form]":
        """Return the form that asks for the reason: needed to send back, welcome to approve."""
        from civic.policies.forms import ApproveForm, ReturnForm  # noqa: PLC0415

        return ReturnForm if action == "reject" else ApproveForm

    def get_task_states_user_can_moderate(self, user: "Person", **kwargs: Any) -> "models.QuerySet[TaskState]":
        """Return the submitted texts this person may decide on."""
        from civic.policies import approval  # noqa: PLC0415

        return approval.waiting_for(self, user)

    @classmethod
    def get_description(cls) -> Any:
        """Say what this step is for."""
        return _("Somebody with the power to publish, who did not write the text, reads and approves it.")
