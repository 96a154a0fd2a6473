from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from civic.core.languages import localised


class Organisation(models.Model):
    """A department or one of the five societies."""

    class Kind(models.TextChoices):
        DEPARTMENT = "department", _("department")
        COMMUNITY = "community", _("community")
        SOCIAL_ORGANISATION = "social_organisation", _("social organisation")
        SOCIAL_WORK_STATION = "social_work_station", _("social-work station")
        VOLUNTEER_TEAM = "volunteer_team", _("volunteer team")
        CHARITABLE_RESOURCE = "charitable_resource", _("charitable resource")

    slug = models.SlugField(unique=True)
    kind = models.CharField(_("kind"), max_length=24, choices=Kind)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    place = models.ForeignKey("civic_places.Place", on_delete=models.PROTECT, related_name="organisations")
    about = models.TextField(_("what it does"), blank=True)
    about_en = models.TextField(_("what it does, in English"), blank=True)
    phone = models.CharField(_("public telephone"), max_length=40, blank=True)
    admitted_until = models.DateTimeField(
        null=True, blank=True, help_text=_("The day its admission ends; empty for departments.")
    )

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name"]
        default_permissions = ()

    def __str__(self) -> str:
        return localised(self, "name")


class MembershipQuerySet(models.QuerySet["Membership"]):
    def in_force(self, at: datetime) -> "MembershipQuerySet":
        """Return the memberships that hold at an instant."""
        return self.filter(starts_at__lte=at).filter(models.Q(ends_at=None) | models.Q(ends_at__gt=at))


class Membership(models.Model):
    """A person acting in a body, in one role, for a time.  Ended, never deleted."""

    class Role(models.TextChoices):
        MEMBER = "member", _("member")
        HANDLER = "handler", _("handles matters")
        APPROVER = "approver", _("approves")
        EDITOR = "editor", _("edits policies")
        MODERATOR = "moderator", _("moderates")
        COORDINATOR = "coordinator", _("coordinates")
        HEAD = "head", _("head")

    body = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role, default=Role.MEMBER)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at=None) | models.Q(ends_at__gt=models.F("starts_at")),
                name="membership_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["body", "person", "role"],
                condition=models.Q(ends_at=None),
                name="one_open_membership_per_person_and_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.body_id} as {self.role}"


class Channel(models.TextChoices):
    """How an act of participation reached us; every channel has equal effect."""

    WEB = "web", _("web")
    PHONE = "phone", _("phone")
    PAPER = "paper", _("paper form")
    STATION = "station", _("help station")
    MEETING = "meeting", _("meeting")


class Act(models.Model):
    """Base of every act of participation: its channel and, where somebody else keyed it, who and for which body."""

    channel = models.CharField(_("channel"), max_length=8, choices=Channel, default=Channel.WEB)
    # Nobody lists acts by who keyed them, and an index is written with every act.
    keyed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    keyed_for = models.ForeignKey(
        "orgs_bodies.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(keyed_by=None, keyed_for=None)
                | models.Q(keyed_by__isnull=False, keyed_for__isnull=False),
                name="%(app_label)s_%(class)s_keyed_for_a_body",
            ),
        ]
