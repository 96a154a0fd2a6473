"""What must be true of answers, results and those who were told."""

from collections.abc import Iterator

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Coalesce

from civic.audit.models import Entry
from civic.core import proofs
from civic.events.models import Delivery
from civic.notify.models import Notice
from consult.consultations import actions as consultations
from consult.consultations.models import Consultation, Participation
from consult.consultations.states import State
from consult.discussion.models import Contribution
from consult.discussion.states import Outcome
from consult.replies.models import ReplyItem
from consult.replies.states import State as ReplyState
from consult.reports import kinds, sources
from consult.reports.models import Report


def answers_are_counted() -> Iterator[str]:
    """``answered_count`` counts the published comments and proposals with a published answer."""
    answered = ReplyItem.objects.filter(contribution=OuterRef("pk"), reply__state=ReplyState.PUBLISHED)
    roots = Contribution.objects.published().roots().filter(Exists(answered), consultation=OuterRef("pk"))
    rows = Coalesce(Subquery(roots.order_by().values("consultation").annotate(n=Count("pk")).values("n")), 0)
    wrong = Consultation.objects.annotate(rows=rows).exclude(answered_count=F("rows")).order_by("pk")
    for slug, kept, counted in wrong.values_list("slug", "answered_count", "rows").iterator():
        yield f"{slug}: answered_count is {kept}, the rows are {counted}"


def outcomes_are_those_of_the_answers() -> Iterator[str]:
    """A contribution's outcome is that of its published answer, and none means waiting."""
    items = ReplyItem.objects.filter(contribution=OuterRef("pk"), reply__state=ReplyState.PUBLISHED)
    told = Coalesce(Subquery(items.values("reply__outcome")), Value(str(Outcome.WAITING)))
    said = Contribution.objects.roots().annotate(told=told)
    wrong = said.exclude(outcome=F("told")).order_by("pk")
    for pk, kept, told in wrong.values_list("pk", "outcome", "told").iterator():
        yield f"contribution {pk}: outcome is {kept}, its answer says {told}"


def results_stand_on_their_sources() -> Iterator[str]:
    """Every result's sources still have the hash it was frozen with, and every concluded consultation has its result."""
    for report in Report.objects.select_related("consultation").order_by("pk").iterator(chunk_size=100):
        if sources.can_be_recounted(report) and sources.recount(report) != report.sources_hash:
            yield f"{report.consultation.slug}: the sources of the result have changed since it was frozen"
    # Imported conversations are archived without ever having been answered here.
    concluded = Consultation.objects.filter(Q(state=State.ANSWERED) | Q(answered_at__isnull=False), report=None)
    for slug in concluded.order_by("pk").values_list("slug", flat=True).iterator():
        yield f"{slug}: it is answered and has no result"


def everybody_was_told() -> Iterator[str]:
    """Where the outcome was delivered, everybody who took part and can sign in has a notice."""
    subject = Cast(OuterRef("consultation"), CharField())
    entries = Entry.objects.filter(
        type=consultations.ANSWERED, subject_type=Consultation._meta.label_lower, subject_id=subject
    )
    delivered = Delivery.objects.filter(
        entry=OuterRef("pk"), status=Delivery.Status.DONE, subscriber="consult.reports.subscribers.tell_the_outcome"
    )
    told = Notice.objects.filter(
        entry=OuterRef("entry"), person=OuterRef("person"), kind__in=[kinds.OUTCOME, kinds.ENDED]
    )
    forgotten = (
        Participation.objects.filter(person__is_active=True, consultation__state__in=[State.ANSWERED, State.ARCHIVED])
        .annotate(entry=Subquery(entries.filter(Exists(delivered)).values("pk")[:1]))
        .exclude(entry=None)
        .filter(~Exists(told))
    )
    for slug, person in forgotten.order_by("pk").values_list("consultation__slug", "person").iterator():
        yield f"{slug}: person {person} took part and was not told what became of it"


proofs.register("answered", answers_are_counted)
proofs.register("outcomes", outcomes_are_those_of_the_answers)
proofs.register("results", results_stand_on_their_sources)
proofs.register("told", everybody_was_told)
