from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from orgs.bodies.models import Act


class Opinion(Act):
    """What one person thinks of one statement: the last thing they said counts."""

    class Value(models.IntegerChoices):
        DISAGREE = -1, _("disagree")
        PASS = 0, _("pass")
        AGREE = 1, _("agree")

    # The unique constraint below leads with the person.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="opinions", db_index=False
    )
    statement = models.ForeignKey("consult_discussion.Contribution", on_delete=models.PROTECT, related_name="opinions")
    value = models.SmallIntegerField(choices=Value)
    at = models.DateTimeField()

    class Meta(Act.Meta):
        verbose_name = _("opinion")
        verbose_name_plural = _("opinions")
        default_permissions = ()
        constraints = [
            *Act.Meta.constraints,
            models.UniqueConstraint(fields=["person", "statement"], name="one_opinion_per_person_and_statement"),
            models.CheckConstraint(condition=Q(value__in=[-1, 0, 1]), name="an_opinion_is_one_of_three"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.statement_id}: {self.value}"


class StatementTally(models.Model):
    """How many people agree, disagree and pass: kept beside the opinions, never counted per page."""

    statement = models.OneToOneField(
        "consult_discussion.Contribution", on_delete=models.CASCADE, primary_key=True, related_name="tally"
    )
    consultation = models.ForeignKey(
        "consult_consultations.Consultation", on_delete=models.CASCADE, related_name="statement_tallies"
    )
    agrees = models.PositiveIntegerField(default=0)
    disagrees = models.PositiveIntegerField(default=0)
    passes = models.PositiveIntegerField(default=0)
    voters = models.GeneratedField(
        expression=F("agrees") + F("disagrees") + F("passes"), output_field=models.IntegerField(), db_persist=True
    )

    class Meta:
        verbose_name = _("statement tally")
        verbose_name_plural = _("statement tallies")
        default_permissions = ()
        indexes = [
            # a consultation's statements, those with most opinions first
            models.Index(fields=["consultation", "-voters", "statement"], name="tally_by_voters"),
        ]

    def __str__(self) -> str:
        return f"{self.statement_id}: +{self.agrees} -{self.disagrees} ={self.passes}"


class ImportedParticipant(models.Model):
    """Which person stands for a participant of an imported conversation."""

    consultation = models.ForeignKey(
        "consult_consultations.Consultation", on_delete=models.CASCADE, related_name="imported_participants"
    )
    external_id = models.BigIntegerField()
    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="imported_as")

    class Meta:
        verbose_name = _("imported participant")
        verbose_name_plural = _("imported participants")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["consultation", "external_id"], name="one_person_per_imported_participant"),
        ]

    def __str__(self) -> str:
        return f"{self.consultation_id}/{self.external_id}"


class ImportedStatement(models.Model):
    """Which contribution is a statement of an imported conversation."""

    consultation = models.ForeignKey(
        "consult_consultations.Consultation", on_delete=models.CASCADE, related_name="imported_statements"
    )
    external_id = models.BigIntegerField()
    contribution = models.OneToOneField(
        "consult_discussion.Contribution", on_delete=models.CASCADE, related_name="imported_as"
    )

    class Meta:
        verbose_name = _("imported statement")
        verbose_name_plural = _("imported statements")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "external_id"], name="one_contribution_per_imported_statement"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consultation_id}/{self.external_id}"
