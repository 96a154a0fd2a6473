from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from civic.policies.numbers import in_english
from consult.consultations.models import Consultation
from consult.discussion.models import Contribution
from consult.discussion.states import Outcome
from consult.replies.states import EDITABLE, State

MAX_LENGTH = 3000
OUTCOMES = [
    (Outcome.ADOPTED, Outcome.ADOPTED.label),
    (Outcome.PARTLY, Outcome.PARTLY.label),
    (Outcome.NOT, Outcome.NOT.label),
]


class Reply(models.Model):
    """What the office says to one or many contributions, and what follows from it.

    ``clause`` names the clause the answer is about; ``new_text`` is how it will
    read, empty when it stays or goes.
    """

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="replies")
    body = models.ForeignKey("orgs_bodies.Organisation", on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    outcome = models.CharField(_("outcome"), max_length=8, choices=OUTCOMES)
    text = models.TextField(_("words to residents"), max_length=MAX_LENGTH)
    text_en = models.TextField(_("in English"), max_length=MAX_LENGTH, blank=True)
    reason = models.TextField(_("reason"), max_length=MAX_LENGTH, blank=True)
    reason_en = models.TextField(_("reason in English"), max_length=MAX_LENGTH, blank=True)
    clause = models.UUIDField(_("clause"), null=True, blank=True)
    clause_number = models.CharField(max_length=40, blank=True)
    new_text = models.TextField(_("the clause will read"), max_length=MAX_LENGTH, blank=True)
    new_text_en = models.TextField(_("the clause will read, in English"), max_length=MAX_LENGTH, blank=True)
    note = models.CharField(_("why it was sent back"), max_length=300, blank=True)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        ordering = ["-created_at", "-id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(approver=None) | ~Q(approver=F("author")), name="a_second_person_approves"
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(approver__isnull=False, published_at__isnull=False),
                name="a_published_reply_was_approved",
            ),
            models.CheckConstraint(
                condition=Q(outcome="adopted") | ~Q(reason=""), name="what_is_not_adopted_has_a_reason"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="a_reply_says_something"),
        ]
        indexes = [models.Index(fields=["consultation", "state"], name="reply_by_state")]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def clause_number_en(self) -> str:
        """The clause's number for English readers."""
        return in_english(self.clause_number)

    @property
    def is_editable(self) -> bool:
        """Whether its words may still be changed."""
        return self.state in EDITABLE


class ReplyItem(models.Model):
    """One contribution a reply answers; a contribution has at most one reply.

    ``version`` is the one of the words that its writer read.
    """

    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="items")
    contribution = models.OneToOneField(Contribution, on_delete=models.PROTECT, related_name="reply_item")
    version = models.PositiveSmallIntegerField(db_default=1)

    class Meta:
        verbose_name = _("answered contribution")
        verbose_name_plural = _("answered contributions")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.reply_id} answers {self.contribution_id}"
