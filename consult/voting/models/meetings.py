"""What a clerk writes down of a meeting that decides by a show of hands, and who stands for it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from civic.people.models import Person
from consult.voting.models.polls import Poll


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def witnessed_by(self, person: Any) -> "MeetingQuerySet":
        """Return the meetings a person was named a witness of."""
        return self.filter(Q(first_witness=person) | Q(second_witness=person))


class Meeting(models.Model):
    """The meeting that decides a poll: announced with place and size, then written down and confirmed by two witnesses.

    ``version`` counts what the clerk wrote; witnesses confirm one version, and a change takes their confirmations
    back.  Once published nothing of it changes, and what was published is the poll's frozen result.
    """

    poll = models.OneToOneField(Poll, on_delete=models.CASCADE, primary_key=True, related_name="meeting")
    venue = models.CharField(_("where people meet"), max_length=120)
    venue_en = models.CharField(_("where people meet, in English"), max_length=200, blank=True)
    entitled = models.PositiveIntegerField(_("how many are entitled"))
    households = models.PositiveIntegerField(_("how many households there are"), null=True, blank=True)
    advisory = models.ForeignKey(
        Poll, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("advisory poll")
    )

    version = models.PositiveIntegerField(default=0)
    recorder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    present = models.PositiveIntegerField(_("how many came"), null=True, blank=True)
    households_present = models.PositiveIntegerField(_("how many households were there"), null=True, blank=True)
    hands = models.JSONField(default=dict, blank=True)
    hands_raised = models.PositiveIntegerField(null=True, blank=True)
    points = models.TextField(_("what was said"), blank=True)
    follow_up = models.TextField(_("what follows"), blank=True)
    executor = models.CharField(_("who does it"), max_length=120, blank=True)
    due = models.DateField(_("until when"), null=True, blank=True)
    photo = models.ForeignKey(
        "wagtailimages.Image", on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("photo of the tally sheet"),
    )  # fmt: skip
    photo_hash = models.CharField(max_length=64, blank=True)

    first_witness = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    second_witness = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    first_confirmed_at = models.DateTimeField(null=True, blank=True)
    second_confirmed_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(present=None) | Q(present__lte=F("entitled")), name="no_more_came_than_are_entitled"
            ),
            models.CheckConstraint(
                condition=Q(households_present=None) | Q(households_present__lte=F("households")),
                name="no_more_households_came_than_there_are",
            ),
            models.CheckConstraint(
                condition=Q(hands_raised=None) | Q(hands_raised__lte=F("present")), name="no_more_hands_than_came"
            ),
            models.CheckConstraint(
                condition=Q(first_witness=None) | ~Q(first_witness=F("second_witness")),
                name="witnesses_are_two_people",
            ),
            models.CheckConstraint(
                condition=Q(recorder=None)
                | ((Q(first_witness=None) | ~Q(first_witness=F("recorder")))
                & (Q(second_witness=None) | ~Q(second_witness=F("recorder")))),
                name="no_witness_is_the_clerk",
            ),
            models.CheckConstraint(
                condition=(Q(first_confirmed_at=None) | Q(first_witness__isnull=False, hands_raised__isnull=False))
                & (Q(second_confirmed_at=None) | Q(second_witness__isnull=False, hands_raised__isnull=False)),
                name="witnesses_confirm_what_is_written",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None)
                | Q(first_confirmed_at__isnull=False, second_confirmed_at__isnull=False, present__isnull=False),
                name="published_minutes_have_two_witnesses",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.poll_id}: {self.venue}"

    @property
    def is_written(self) -> bool:
        """Whether the clerk wrote down what came of it."""
        return self.version > 0

    @property
    def is_confirmed(self) -> bool:
        """Whether both witnesses stand for what is written now."""
        return self.first_confirmed_at is not None and self.second_confirmed_at is not None

    def witnesses(self) -> list[tuple[Person, Any]]:
        """Return the witnesses with when each confirmed."""
        pairs = ((self.first_witness, self.first_confirmed_at), (self.second_witness, self.second_confirmed_at))
        return [(person, at) for person, at in pairs if person is not None]
