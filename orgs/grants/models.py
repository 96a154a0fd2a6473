from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from civic.access.registry import action_in_words
from orgs.bodies.models import Membership


class GrantQuerySet(models.QuerySet["Grant"]):
    def in_force(self, at: datetime) -> "GrantQuerySet":
        """Return the grants that hold at an instant: begun, not run out, not ended."""
        return self.filter(starts_at__lte=at, ends_at__gt=at).filter(
            models.Q(ended_at=None) | models.Q(ended_at__gt=at)
        )

    def for_pages(self) -> "GrantQuerySet":
        """Return the grants with what a list shows of each."""
        return self.select_related("person", "body", "scope_place", "scope_body", "granted_by", "ended_by")


class Grant(models.Model):
    """One action, in one scope, for a time, given to a person or to the members of a body in a role.

    Never deleted, only ended; extending one is a new row.
    """

    class ScopeKind(models.TextChoices):
        SITE = "site", _("everywhere")
        PLACE = "place", _("a place and all it contains")
        BODY = "body", _("the matters of a body")
        MATTER = "matter", _("one matter")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="grants"
    )
    body = models.ForeignKey(
        "orgs_bodies.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="grants"
    )
    role = models.CharField(max_length=12, choices=Membership.Role, blank=True)

    action = models.CharField(max_length=80)
    scope = models.CharField(max_length=8, choices=ScopeKind)
    scope_place = models.ForeignKey(
        "civic_places.Place", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    scope_body = models.ForeignKey(
        "orgs_bodies.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    scope_matter = models.PositiveBigIntegerField(null=True, blank=True)

    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    for_an_hour = models.BooleanField(
        default=False,
        db_default=False,
        help_text=_("Taken by its holder for one hour, with a written purpose; see elevating."),
    )

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person__isnull=False, body=None, role="")
                | (models.Q(person=None, body__isnull=False) & ~models.Q(role="")),
                name="grant_has_one_holder",
            ),
            models.CheckConstraint(
                condition=models.Q(scope="site", scope_place=None, scope_body=None, scope_matter=None)
                | models.Q(scope="place", scope_place__isnull=False, scope_body=None, scope_matter=None)
                | models.Q(scope="body", scope_place=None, scope_body__isnull=False, scope_matter=None)
                | models.Q(scope="matter", scope_place=None, scope_body=None, scope_matter__isnull=False),
                name="grant_has_one_scope",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="grant_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=models.Q(for_an_hour=False) | models.Q(person=models.F("granted_by")),
                name="an_hour_is_taken_for_oneself",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "ends_at"], name="grant_by_person"),
            models.Index(fields=["body", "role", "ends_at"], name="grant_by_body"),
            models.Index(fields=["action", "ends_at"], name="grant_by_action"),
        ]

    @property
    def over_at(self) -> datetime:
        """When it stops to hold: its end, or the moment somebody ended it before."""
        return min(self.ends_at, self.ended_at) if self.ended_at else self.ends_at

    @property
    def label(self) -> str:
        """What it lets its holder do, in words; an action the program no longer knows is named."""
        return action_in_words(self.action)

    def __str__(self) -> str:
        return f"{self.action} ({self.get_scope_display()}) until {self.ends_at:%Y-%m-%d}"
