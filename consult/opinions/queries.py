"""Reading statements and what people think of them, from kept numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models
from django.db.models import Count, ExpressionWrapper, F, FloatField, Q, QuerySet
from django.db.models.functions import Abs, NullIf
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from civic.ui.components import Bar
from consult.consultations.models import Consultation
from consult.discussion.models import Contribution
from consult.discussion.states import State
from consult.opinions.models import Opinion, StatementTally

PAGE_SIZE = 20


class Sort(models.TextChoices):
    VOTED = "voted", gettext_lazy("Most opinions")
    AGREED = "agreed", gettext_lazy("Most agreed with")
    DIVIDED = "divided", pgettext_lazy("statements", "Most divided")


@dataclass(frozen=True)
class Card:
    """A statement with its three bars."""

    statement: Contribution
    voters: int
    bars: list[Bar]


def shown(consultation: Consultation) -> "QuerySet[StatementTally]":
    """Return the tallies of a consultation's public statements; hidden ones never."""
    return StatementTally.objects.filter(consultation=consultation, statement__state=State.PUBLISHED).select_related(
        "statement"
    )


def sorted_by(tallies: "QuerySet[StatementTally]", sort: str) -> "QuerySet[StatementTally]":
    """Order tallies; shares are of all who gave an opinion, passes included, and need five of them."""
    share = ExpressionWrapper(F("agrees") * 1.0 / NullIf(F("voters"), 0), output_field=FloatField())
    gap = ExpressionWrapper(Abs(F("agrees") - F("disagrees")) * 1.0 / NullIf(F("voters"), 0), output_field=FloatField())
    enough = models.Case(models.When(voters__gte=5, then=0), default=1)
    match sort:
        case Sort.AGREED:
            return tallies.order_by(enough, share.desc(nulls_last=True), "-voters", "statement")
        case Sort.DIVIDED:
            return tallies.order_by(enough, gap.asc(nulls_last=True), "-voters", "statement")
        case _:
            return tallies.order_by("-voters", "statement")


def card(tally: StatementTally) -> Card:
    """Return a statement with its bars; each share is of those who gave an opinion on it."""
    base = max(1, tally.voters)
    return Card(
        tally.statement,
        tally.voters,
        [
            Bar(_("agree"), tally.agrees, tally.agrees / base, tone="c1"),
            Bar(_("disagree"), tally.disagrees, tally.disagrees / base, tone="c2"),
            Bar(_("pass"), tally.passes, tally.passes / base, tone="c4"),
        ],
    )


def wrong_tallies() -> Iterator[str]:
    """Yield a line for every kept number that differs from the opinions it stands for."""
    counted = Contribution.objects.filter(kind=Contribution.Kind.STATEMENT).values_list("pk").annotate(
        agrees=Count("opinions", filter=Q(opinions__value=Opinion.Value.AGREE)),
        disagrees=Count("opinions", filter=Q(opinions__value=Opinion.Value.DISAGREE)),
        passes=Count("opinions", filter=Q(opinions__value=Opinion.Value.PASS)),
    )  # fmt: skip
    kept = {tally.pk: (tally.agrees, tally.disagrees, tally.passes) for tally in StatementTally.objects.iterator()}
    for pk, *numbers in counted.order_by("pk").iterator():
        if kept.pop(pk, (0, 0, 0)) != tuple(numbers):
            yield f"statement {pk}: its tally does not equal its opinions {tuple(numbers)}"
    for pk in sorted(kept):
        yield f"statement {pk}: a tally without a statement"
