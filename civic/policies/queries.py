"""Reading the library: lists, versions, what was in force on a day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import (
    PROTECT,
    BooleanField,
    Case,
    CharField,
    Exists,
    F,
    ForeignObjectRel,
    Model,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.base import ModelBase
from django.db.models.functions import Cast, Coalesce
from django.utils.timezone import localdate
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Page, ReferenceIndex, Revision, WorkflowState

from civic.access.questions import visible
from civic.people.models import Person
from civic.policies import consultations
from civic.policies.actions import PUBLISH
from civic.policies.models import InformationPage, PolicyPage, PublishedVersion, Topic
from civic.policies.states import Stage, Status


def status_of(policy: PolicyPage | PublishedVersion, *, at: datetime, consulting: bool = False) -> Status:
    """Return where a published policy stands at an instant; ``consulting``: somebody is asking about it now."""
    if consulting:
        return Status.CONSULTING
    if policy.stage == Stage.PROPOSED:
        return Status.PROPOSED
    today = localdate(at)
    if policy.in_force_until is not None and today >= policy.in_force_until:
        return Status.REPEALED
    if policy.in_force_from is None or today < policy.in_force_from:
        return Status.DECIDED
    return Status.UNDER_REVIEW if getattr(policy, "under_review", False) else Status.IN_FORCE


def in_status(status: str, *, at: datetime) -> Q:
    """Return the same as a condition on ``PolicyPage``; an unknown status selects nothing."""
    today = localdate(at)
    asked = consultations.running(at=at)
    decided = Q(stage=Stage.DECIDED) & ~asked
    over = Q(in_force_until__lte=today)
    begun = Q(in_force_from__lte=today)
    conditions = {
        Status.CONSULTING: asked,
        Status.PROPOSED: Q(stage=Stage.PROPOSED) & ~asked,
        Status.REPEALED: decided & over,
        Status.DECIDED: decided & ~over & ~begun,
        Status.IN_FORCE: decided & ~over & begun & Q(under_review=False),
        Status.UNDER_REVIEW: decided & ~over & begun & Q(under_review=True),
    }
    return conditions.get(Status(status), Q(pk__in=[])) if status in Status.values else Q(pk__in=[])


def published() -> "QuerySet[PolicyPage]":
    """Return the published policies with what a list shows of each."""
    return PolicyPage.objects.live().select_related("issuing_body", "place").prefetch_related("topics")


def library(filters: dict[str, Any], *, at: datetime) -> "QuerySet[PolicyPage]":
    """Return the published policies the filters leave: those not yet decided, then the newest in force first.

    Filters: ``q`` (title or number), ``status``, ``topic``, ``body``, ``place``
    (policies that hold there: of the place, of one that contains it, or of one
    inside it), ``year`` (in force since).  Each carries ``is_consulting``.
    """
    policies = published().annotate(
        is_consulting=Case(
            When(consultations.running(at=at), then=Value(True)), default=Value(False), output_field=BooleanField()
        )
    )
    if words := filters.get("q"):
        policies = policies.filter(
            Q(title__icontains=words) | Q(title_en__icontains=words) | Q(number__icontains=words)
        )
    if status := filters.get("status"):
        policies = policies.filter(in_status(status, at=at))
    if topic := filters.get("topic"):
        policies = policies.filter(topics=topic)
    if body := filters.get("body"):
        policies = policies.filter(issuing_body=body)
    if place := filters.get("place"):
        around = Q(place__path__in=place.ancestor_paths()) | Q(place__path__startswith=place.path)
        part = Q(places__path__in=place.ancestor_paths()) | Q(places__path__startswith=place.path)
        whole = ~Q(pk__in=PolicyPage.places.through.objects.values("policypage"))
        policies = policies.filter(pk__in=PolicyPage.objects.filter(around & whole | part).values("pk"))
    if year := filters.get("year"):
        policies = policies.filter(in_force_from__year=year)
    # Left to themselves, one database puts the undecided first and the other last.
    return policies.order_by(F("in_force_from").desc(nulls_first=True), "-first_published_at", "pk")


def choices() -> dict[str, Any]:
    """Return what the library's filters offer: only what some published policy has."""
    live = PolicyPage.objects.live()
    body = PolicyPage._meta.get_field("issuing_body").related_model
    place = PolicyPage._meta.get_field("place").related_model
    return {
        "bodies": body._default_manager.filter(pk__in=live.values("issuing_body")).order_by("name"),
        "places": place._default_manager.filter(
            Q(pk__in=live.values("place")) | Q(pk__in=live.values("places"))
        ).order_by("path"),
        "years": [day.year for day in live.exclude(in_force_from=None).dates("in_force_from", "year", order="DESC")],
    }


def recent(count: int) -> list[PolicyPage]:
    """Return the policies published last."""
    return list(published().order_by("-last_published_at", "pk")[:count])


def waiting_for(person: Person, *, at: datetime) -> "QuerySet[PolicyPage]":
    """Return the submitted texts a person may approve, the longest waiting first: with the power, and no hand in them.

    Found without reading revision by revision, for counting and listing; ``rules.may_approve`` decides on each,
    and may still say no where a text would move to a place or body beyond the person's powers.
    """
    page_id = Cast(OuterRef("pk"), CharField())
    asked = WorkflowState.objects.filter(
        status=WorkflowState.STATUS_IN_PROGRESS, object_id=page_id,
        content_type=ContentType.objects.get_for_model(PolicyPage),
    )  # fmt: skip
    written = Revision.objects.filter(
        base_content_type=ContentType.objects.get_for_model(Page), object_id=page_id, user=person,
        pk__gt=Coalesce(OuterRef("live_revision"), 0),
    )  # fmt: skip
    rows = visible(person, PUBLISH, PolicyPage.objects.select_related("issuing_body"), at=at)
    mine = rows.filter(Exists(asked.exclude(requested_by=person))).exclude(Exists(written))
    return mine.order_by("latest_revision_created_at", "pk")


def versions_of(page: PolicyPage) -> list[PublishedVersion]:
    """Return every published text of a policy with its revision, newest first, in one query."""
    return list(page.versions.select_related("revision").order_by("-number"))


def in_force_on(versions: Sequence[PublishedVersion], day: date) -> PublishedVersion | None:
    """Return the version whose text held on a day, None when none did."""
    decided = [v for v in versions if v.effective_from is not None and v.effective_from <= day]
    if not decided:
        return None
    newest = max(decided, key=lambda v: (v.effective_from or date.min, v.number))
    if newest.in_force_until is not None and day >= newest.in_force_until:
        return None
    return newest


def text_of(version: PublishedVersion) -> PolicyPage:
    """Return the policy as that version had it: for reading only, never save it.

    Wagtail gives the typed page with the old content; ids of rows deleted
    since (a topic, say) are simply missing.
    """
    old: PolicyPage = version.revision.as_object()
    return old


def topics() -> "QuerySet[Topic]":
    """Return the topics some published policy has."""
    return Topic.objects.filter(policies__live=True).distinct()


def public_pages() -> "QuerySet[Page]":
    """Return every page a stranger may read, for the sitemap."""
    return Page.objects.live().public().filter(depth__gt=1).order_by("path")


def is_attached(file: Document | Image) -> bool:
    """Tell whether a page that everybody may read leads to a file: by a link, or by a document's address in the text."""
    pages = ContentType.objects.get_for_model(Page)
    uses = ReferenceIndex.get_references_to(file).filter(base_content_type=pages)
    found = [Page.objects.filter(pk__in=[int(pk) for pk in uses.values_list("object_id", flat=True)])]
    if isinstance(file, Document):
        address = file.url.rpartition("/")[0] + "/"
        found.append(InformationPage.objects.filter(Q(body__contains=address) | Q(body_en__contains=address)))
        words = PolicyPage.objects.annotate(words=Cast("clauses", TextField()))
        found.append(words.filter(words__contains=address))
    return any(each.live().public().exists() for each in found)


def is_held(file: Document | Image) -> bool:
    """Tell whether a published page leads to a file, or a record of another sub-app holds it (a protecting key)."""
    return any(held.filter(**{key: file.pk}).exists() for key, held in _holders(type(file))) or is_attached(file)


def for_pages(files: "QuerySet[Any]") -> "QuerySet[Any]":
    """Leave out the files that records of other sub-apps hold: they are theirs, and may not be public yet."""
    for key, held in _holders(files.model):
        files = files.exclude(pk__in=held.exclude(**{key: None}).values(key))
    return files


def _holders(of: type[Model]) -> "list[tuple[str, QuerySet[Any]]]":
    keys = (each for each in of._meta.get_fields(include_hidden=True) if isinstance(each, ForeignObjectRel))
    return [
        (key.field.name, key.related_model._default_manager.all())
        for key in keys
        if key.on_delete is PROTECT and isinstance(key.related_model, ModelBase)
    ]
