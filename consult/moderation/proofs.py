"""What must be true of the moderators' queue and of what they hid."""

from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from civic.core import proofs
from consult.discussion.models import Contribution
from consult.discussion.states import State
from consult.moderation.models import Appeal, Case, Report, Ruling
from consult.moderation.states import Act, Result


def reports_are_counted() -> Iterator[str]:
    """A case's ``reporters`` counts the reports nobody has settled, and a case with such a report waits."""
    open_ = Report.objects.filter(contribution=OuterRef("contribution"), ruling=None).order_by()
    rows = Coalesce(Subquery(open_.values("contribution").annotate(n=Count("pk")).values("n")), 0)
    wrong = Case.objects.annotate(rows=rows).filter(~Q(reporters=F("rows")) | Q(rows__gt=0, waiting_since=None))
    for pk, kept, counted in wrong.order_by("pk").values_list("contribution", "reporters", "rows").iterator():
        yield f"contribution {pk}: its case counts {kept} open reports, the rows are {counted}"


def what_is_hidden_was_decided() -> Iterator[str]:
    """Words are held or hidden by the latest decision on them, and by nothing else."""
    last = Ruling.objects.filter(contribution=OuterRef("pk")).order_by("-pk").values("act")[:1]
    gone = Contribution.objects.exclude(kind=Contribution.Kind.STATEMENT).annotate(act=Subquery(last))
    fitting = Q(state=State.HIDDEN, act=Act.HIDE) | Q(state=State.HELD, act__in=[Act.HOLD, Act.HOLD_AGAIN, Act.QUEUE])
    wrong = gone.filter(state__in=[State.HELD, State.HIDDEN]).exclude(fitting)
    for pk, state, act in wrong.order_by("pk").values_list("pk", "state", "act").iterator():
        yield f"contribution {pk}: it is {state}, the last decision was {act}"
    waits = Case.objects.filter(contribution=OuterRef("pk"), waiting_since__isnull=False)
    forgotten = gone.filter(~Exists(waits), state=State.HELD)
    for pk in forgotten.order_by("pk").values_list("pk", flat=True).iterator():
        yield f"contribution {pk}: it is held and waits in no queue"


def appeals_were_decided_by_others() -> Iterator[str]:
    """``first`` is who made the decision, and words restored by an appeal were shown by its decision."""
    wrong = Appeal.objects.exclude(first=F("ruling__by"))
    for pk in wrong.order_by("pk").values_list("pk", flat=True).iterator():
        yield f"appeal {pk}: it names somebody else as the first moderator"
    given_back = Ruling.objects.filter(
        contribution=OuterRef("ruling__contribution"), act=Act.GIVE_BACK, by=OuterRef("decided_by")
    )
    lost = Appeal.objects.filter(~Exists(given_back), result=Result.RESTORED)
    for pk in lost.order_by("pk").values_list("pk", flat=True).iterator():
        yield f"appeal {pk}: it ended well and the words were never given back"


proofs.register("moderation-reports", reports_are_counted)
proofs.register("moderation-hidden", what_is_hidden_was_decided)
proofs.register("moderation-appeals", appeals_were_decided_by_others)
