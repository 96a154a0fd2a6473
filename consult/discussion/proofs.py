"""What must be true of the counters a discussion keeps."""

from collections.abc import Iterator
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from civic.audit import guards
from civic.core import proofs
from consult.consultations.models import ClauseTally, Consultation, Participation
from consult.discussion.models import Contribution, Support


def contributions_are_counted() -> Iterator[str]:
    """``contribution_count`` counts the published comments and proposals, ``response_count`` the responses."""
    said = Contribution.objects.published().filter(consultation=OuterRef("pk"))
    counted = (
        ("contribution_count", said.filter(parent=None).exclude(kind=Contribution.Kind.STATEMENT)),
        ("response_count", said.filter(kind=Contribution.Kind.RESPONSE)),
    )
    for counter, rows in counted:
        yield from _differ(Consultation.objects.all(), counter, _count(rows, "consultation"), "slug")


def responses_are_counted() -> Iterator[str]:
    """A contribution's ``response_count`` counts the published responses in its thread."""
    thread = Contribution.objects.published().filter(root=OuterRef("pk"))
    for line in _differ(Contribution.objects.filter(parent=None), "response_count", _count(thread, "root"), "pk"):
        yield f"contribution {line}"


def supports_are_counted() -> Iterator[str]:
    """``num_vote_up`` and ``vote_score`` count the support rows; nobody votes against."""
    supports = Support.objects.filter(
        content_type=ContentType.objects.get_for_model(Contribution), object_id=OuterRef("pk")
    )
    rows = _count(supports, "object_id")
    for counter in ("num_vote_up", "vote_score"):
        for line in _differ(Contribution.objects.all(), counter, rows, "pk"):
            yield f"contribution {line}"
    against = Contribution.objects.filter(num_vote_down__gt=0).order_by("pk")
    for pk, number in against.values_list("pk", "num_vote_down").iterator():
        yield f"contribution {pk}: num_vote_down is {number}, there are no votes against"


def clauses_are_tallied() -> Iterator[str]:
    """Every clause somebody speaks to has its tally, and it is right."""
    roots = Contribution.objects.published().roots().exclude(clause=None)
    said = roots.filter(consultation=OuterRef("consultation"), clause=OuterRef("clause"))
    counted = ClauseTally.objects.annotate(rows=_count(said, "clause")).exclude(contributions=F("rows"))
    tallies = counted.order_by("pk").values_list("consultation__slug", "clause", "contributions", "rows")
    for slug, clause, kept, rows in tallies.iterator():
        yield f"{slug}: the tally of clause {clause} is {kept}, the rows are {rows}"
    known = ClauseTally.objects.filter(consultation=OuterRef("consultation"), clause=OuterRef("clause"))
    missing = roots.filter(~Exists(known)).values_list("consultation__slug", "clause").distinct()
    for slug, untold in missing.order_by("consultation__slug", "clause").iterator():
        yield f"{slug}: clause {untold} has contributions and no tally"


def everybody_who_took_part_is_known() -> Iterator[str]:
    """Whoever said or supported something is among the participants."""
    took_part = Participation.objects.filter(consultation=OuterRef("consultation"), person=OuterRef("author"))
    authors = Contribution.objects.exclude(kind=Contribution.Kind.STATEMENT).filter(~Exists(took_part))
    for slug, person in authors.values_list("consultation__slug", "author").distinct().order_by("author").iterator():
        yield f"{slug}: person {person} said something and is not among the participants"
    backed = Contribution.objects.filter(pk=OuterRef("object_id")).values("consultation")
    known = Participation.objects.filter(consultation=OuterRef("matter"), person=OuterRef("user"))
    supporters = (
        Support.objects.filter(content_type=ContentType.objects.get_for_model(Contribution))
        .annotate(matter=Subquery(backed))
        .filter(~Exists(known))
        .exclude(Q(matter=None))
    )
    for matter, person in supporters.values_list("matter", "user").distinct().order_by("user").iterator():
        yield f"consultation {matter}: person {person} supports something and is not among the participants"


def _count(rows: "QuerySet[Any]", by: str) -> Coalesce:
    """Return how many of ``rows``, which point to the outer row through ``by``, there are: 0 for none."""
    return Coalesce(Subquery(rows.order_by().values(by).annotate(n=Count("pk")).values("n")), 0)


def _differ(models: "QuerySet[Any]", counter: str, rows: Coalesce, name: str) -> Iterator[str]:
    wrong = models.annotate(rows=rows).exclude(**{counter: F("rows")}).order_by("pk")
    for named, kept, counted in wrong.values_list(name, counter, "rows").iterator():
        yield f"{named}: {counter} is {kept}, the rows are {counted}"


def no_drafts_of_the_gone() -> Iterator[str]:
    """The trigger that keeps no draft for somebody who was erased."""
    for name in guards.lost({"consult_discussion_draft_of_nobody_gone"}):
        yield f"the trigger {name} is missing or switched off"


proofs.register("draft-guard", no_drafts_of_the_gone)
proofs.register("contributions", contributions_are_counted)
proofs.register("responses", responses_are_counted)
proofs.register("supports", supports_are_counted)
proofs.register("clause-tallies", clauses_are_tallied)
proofs.register("taking-part", everybody_who_took_part_is_known)
