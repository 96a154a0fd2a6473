"""Setting the site up, bringing texts in, and publishing what is due.

Editors work in the CMS, where ``civic.policies.approval`` watches over the
second person.  The functions here are for commands run by the operator and for
imports; no view reaches them.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypedDict, Unpack, cast
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from wagtail.models import (
    Locale,
    Page,
    PageLogEntry,
    Revision,
    Site,
    Workflow,
    WorkflowContentType,
    WorkflowPage,
    WorkflowTask,
)  # fmt: skip

from civic.core import turns
from civic.core.refusals import Refused
from civic.people.models import Person
from civic.places.models import Place
from civic.policies import bridge, rules, seed
from civic.policies.models import HomePage, PolicyIndexPage, PolicyPage, SecondPersonTask, Topic


class PolicyFields(TypedDict, total=False):
    """The fields of a policy that ``create_policy`` and ``revise_policy`` may set."""

    title: str
    title_en: str
    summary: str
    summary_en: str
    number: str
    issuing_body: Any
    place: Place
    places: list[Place]
    topics: list[Topic]
    stage: str
    under_review: bool
    in_force_from: date | None
    in_force_until: date | None
    supersedes: PolicyPage | None
    basis: str
    basis_en: str
    change_note: str
    change_note_en: str
    clauses: Iterable[Mapping[str, Any]]


def ensure_site(*, at: datetime, hostname: str = "localhost", port: int = 80) -> PolicyIndexPage:
    """Make sure that home page, library, site and editorial workflow exist; return the library.

    Can be run again at any time and changes nothing that exists.  Wagtail's
    welcome page is removed.
    """
    with transaction.atomic():
        home = HomePage.objects.first() or _make_home(at)
        library = PolicyIndexPage.objects.first()
        if library is None:
            library = PolicyIndexPage(
                **seed.LIBRARY,
                slug="policies",
                first_published_at=at, last_published_at=at,
            )  # fmt: skip
            home.add_child(instance=library)
        site, _made = Site.objects.update_or_create(is_default_site=True, defaults={"root_page": home})
        if not site.site_name:  # the CMS would greet people with the host's name
            Site.objects.filter(pk=site.pk).update(site_name=settings.WAGTAIL_SITE_NAME)
        if (site.hostname, site.port) == ("localhost", 80) != (hostname, port):
            Site.objects.filter(pk=site.pk).update(hostname=hostname, port=port)
        for page in Page.objects.child_of(Page.get_first_root_node()).exclude(pk=home.pk).filter(numchild=0):
            page.delete()
        _ensure_workflow(home)
    Site.clear_site_root_paths_cache()
    return library


def create_policy(
    *, author: Person, approver: Person | None, at: datetime, slug: str, **fields: Unpack[PolicyFields]
) -> PolicyPage:
    """Bring in a policy, published at ``at`` through a real revision; a draft when ``approver`` is None.

    ``clauses`` are mappings with ``number``, ``text`` and perhaps ``id`` (a
    UUID; keep it the same in every version), ``heading``, ``note`` and their
    ``_en``; one with ``type="chapter"`` is a chapter title.  Raises ``Refused``
    when the approver is the author: texts have two people everywhere.
    """
    library = PolicyIndexPage.objects.get()
    with transaction.atomic():
        page = PolicyPage(slug=slug, live=False, has_unpublished_changes=True, owner=author)
        many = _fill(page, fields)
        library.add_child(instance=page)
        _fill_many(page, many)
        _save(page, author=author, approver=approver, at=at)
    return PolicyPage.objects.get(pk=page.pk)


def revise_policy(
    *, page: PolicyPage, author: Person, approver: Person | None, at: datetime, **fields: Unpack[PolicyFields]
) -> PolicyPage:
    """Change a policy, published at ``at`` as its next version; a draft when ``approver`` is None.

    Fields not named stay as in the latest revision, except the change note.
    Raises ``Refused`` when the approver is the author.
    """
    with transaction.atomic():
        draft = page.get_latest_revision_as_object()
        draft.change_note = draft.change_note_en = ""
        _fill_many(draft, _fill(draft, fields))
        _save(draft, author=author, approver=approver, at=at)
    return PolicyPage.objects.get(pk=page.pk)


def publish_due(*, at: datetime) -> int:
    """Publish every approved text whose day has come; return how many.

    Each in a transaction of its own, recorded as having happened when it was
    due.  Two workers may run this at once.  One that cannot be published holds
    up no other; its error is raised when all have been tried.
    """
    due = Revision.page_revisions.filter(approved_go_live_at__lte=at).order_by("approved_go_live_at")
    return turns.each(list(due.values_list("pk", flat=True)), _publish_one)


def blocks_of(clauses: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return clauses as the raw blocks of a stream, which keep their ids."""
    blocks = []
    for clause in clauses:
        kind = str(clause.get("type", "clause"))
        names: tuple[str, ...] = ("number", "heading", "heading_en")
        if kind == "clause":
            names += ("text", "text_en", "note", "note_en")
        unknown = set(clause) - set(names) - {"id", "type"}
        if unknown:
            raise ValueError(f"A {kind} has no {', '.join(sorted(unknown))}.")
        value = {name: str(clause.get(name) or "") for name in names}
        blocks.append({"type": kind, "id": str(UUID(str(clause.get("id") or uuid4()))), "value": value})
    return blocks


def _publish_one(revision_id: int) -> bool:
    with transaction.atomic():
        revision = (
            Revision.objects.select_for_update(skip_locked=True)
            .filter(pk=revision_id, approved_go_live_at__isnull=False)
            .first()
        )
        if revision is None:
            return False
        with bridge.moment(revision.approved_go_live_at):
            revision.publish(log_action="wagtail.publish.scheduled")
        return True


def _make_home(at: datetime) -> HomePage:
    root = Page.get_first_root_node()
    if root is None:
        root = Page.add_root(instance=Page(title="Root", slug="root", locale=Locale.get_default()))
    # The welcome page holds the slug "home"; its site moves to ours, and it is deleted after that.
    home = HomePage(
        **seed.HOME,
        slug="front",
        first_published_at=at, last_published_at=at,
    )  # fmt: skip
    root.add_child(instance=home)
    return home


def _ensure_workflow(home: HomePage) -> None:
    task = SecondPersonTask.objects.first() or SecondPersonTask.objects.create(name=seed.WORKFLOW)
    workflow, _made = Workflow.objects.get_or_create(name=seed.WORKFLOW)
    WorkflowTask.objects.get_or_create(workflow=workflow, task=task, defaults={"sort_order": 0})
    WorkflowPage.objects.update_or_create(page=home, defaults={"workflow": workflow})
    WorkflowContentType.objects.filter(content_type=ContentType.objects.get_for_model(Topic)).delete()
    # What Wagtail ships: approval by a group, which would ask for nothing.
    WorkflowPage.objects.exclude(workflow=workflow).delete()
    Workflow.objects.exclude(pk=workflow.pk).update(active=False)


def _fill(page: PolicyPage, fields: PolicyFields) -> dict[str, Any]:
    """Set the plain fields; return those that need a saved page."""
    many: dict[str, Any] = {}
    for name, value in fields.items():
        if name in {"topics", "places"}:
            many[name] = value
        elif name == "clauses":
            page.clauses = json.dumps(blocks_of(cast("Iterable[Mapping[str, Any]]", value)))
        else:
            setattr(page, name, value)
    return many


def _fill_many(page: PolicyPage, many: dict[str, Any]) -> None:
    for name, value in many.items():
        getattr(page, name).set(value)


def _save(page: PolicyPage, *, author: Person, approver: Person | None, at: datetime) -> None:
    """Save a revision as of ``at`` and publish it when somebody else approves."""
    if approver is not None and approver.pk == author.pk:
        raise Refused(rules.SECOND_PERSON)
    page.full_clean()
    revision = page.save_revision(user=author, log_action=True)
    Revision.objects.filter(pk=revision.pk).update(created_at=at)
    revision.refresh_from_db()
    written = {"latest_revision_created_at": at, "draft_title": page.title}
    if approver is not None:
        with bridge.moment(at, actor=approver):
            bridge.submitted(page, revision, actor=author)
            bridge.approved(page, revision, actor=approver, note="")
            first = Page.objects.filter(pk=page.pk).values_list("first_published_at", flat=True).get()
            revision.publish(user=approver, skip_permission_checks=True)
        written |= {"last_published_at": at, "first_published_at": first or at}
    Page.objects.filter(pk=page.pk).update(**written)
    PageLogEntry.objects.filter(page=page.pk, revision=revision).update(timestamp=at)
