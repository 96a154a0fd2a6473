"""The one bridge from Wagtail's signals to our record and events.

Whatever door a text was published through, the ``page_published`` signal comes
here; nothing else writes ``PublishedVersion`` rows or publication entries.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.timezone import localdate, localtime
from wagtail.models import Page, Revision, TaskState, WorkflowState

from civic.core import clock
from civic.events.bus import publish
from civic.people.models import Person
from civic.policies import actions
from civic.policies.models import PolicyPage, PublishedVersion
from civic.policies.states import Stage

_moment: ContextVar[datetime | None] = ContextVar("policies_moment", default=None)
_actor: ContextVar[Person | None] = ContextVar("policies_actor", default=None)


@contextmanager
def moment(at: datetime, *, actor: Person | None = None) -> Iterator[None]:
    """Let what Wagtail signals inside this block have happened at ``at``, by ``actor``."""
    token, actor_token = _moment.set(at), _actor.set(actor)
    try:
        yield
    finally:
        _moment.reset(token)
        _actor.reset(actor_token)


def submitted(page: Page, revision: Revision, *, actor: Person | None) -> None:
    """Record that a text waits for a second person."""
    _publish(actions.SUBMITTED, page, revision, actor=actor)


def approved(page: Page, revision: Revision, *, actor: Person | None, note: str) -> None:
    """Record that a second person approved a text."""
    _publish(actions.APPROVED, page, revision, actor=actor, note=note)


def returned(page: Page, revision: Revision, *, actor: Person | None, note: str) -> None:
    """Record that a second person sent a text back."""
    _publish(actions.RETURNED, page, revision, actor=actor, note=note)


def scheduled(page: Page, revision: Revision, *, actor: Person | None) -> None:
    """Record that an approved text waits for its day."""
    due = revision.approved_go_live_at
    if due is not None:
        _publish(actions.SCHEDULED, page, revision, actor=actor, due=f"{localtime(due):%Y-%m-%d %H:%M}")


def on_page_published(sender: Any, instance: Page, revision: Revision | None = None, **_signal: Any) -> None:
    """Keep the version and tell everybody, in the transaction of the publication where there is one."""
    if revision is None:
        return
    at = _now()
    with transaction.atomic():
        number = 0
        if isinstance(instance, PolicyPage):
            number = _keep_version(instance, revision, at)
        _publish(actions.PUBLISHED, instance, revision, actor=_actor.get(), version=number)


def on_workflow_approved(sender: Any, instance: WorkflowState, user: Any = None, **_signal: Any) -> None:
    """Record the day an approved text waits for."""
    state = instance.current_task_state
    if state is not None and isinstance(instance.content_object, Page):
        revision = Revision.objects.get(pk=state.revision_id)
        scheduled(instance.content_object, revision, actor=user)


def on_task_cancelled(sender: Any, instance: TaskState, user: Any = None, **_signal: Any) -> None:
    """Record that the author took a text back."""
    page = instance.workflow_state.content_object
    if isinstance(page, Page):
        _publish(actions.WITHDRAWN, page, instance.revision, actor=user)


def _publish(entry: str, page: Page, revision: Revision, *, actor: Any, **facts: Any) -> None:
    with transaction.atomic():
        publish(
            entry,
            subject=page.specific_deferred,
            actor=actor if isinstance(actor, Person) else None,
            at=_now(),
            facts={"page": page.pk, "revision": revision.pk, **facts},
        )


def _keep_version(page: PolicyPage, revision: Revision, at: datetime) -> int:
    # Two publications at once would count the same number; the page's row lets one wait.
    PolicyPage.objects.select_for_update(of=("self",)).get(pk=page.pk)
    existing = PublishedVersion.objects.filter(revision=revision).first()
    if existing is not None:
        return existing.number
    versions = PublishedVersion.objects.filter(page=page)
    number = (versions.aggregate(last=Max("number"))["last"] or 0) + 1
    PublishedVersion.objects.create(
        page=page, revision=revision, number=number, published_at=at,
        stage=page.stage, in_force_from=page.in_force_from, in_force_until=page.in_force_until,
        effective_from=_effective_from(page, versions.filter(stage=Stage.DECIDED).order_by("-number").first(), at),
        note=page.change_note, note_en=page.change_note_en,
    )  # fmt: skip
    return number


def _effective_from(page: PolicyPage, previous: PublishedVersion | None, at: datetime) -> date | None:
    """Return the first day this text counts.

    A text that names a new day of coming into force counts from that day, even
    one long past (old rules are entered late).  One that keeps the day is a
    correction: it counts from its publication, but not before that day.
    """
    if page.stage != Stage.DECIDED or page.in_force_from is None:
        return None
    if previous is None or previous.in_force_from != page.in_force_from:
        return page.in_force_from
    return max(localdate(at), page.in_force_from)


def _now() -> datetime:
    return _moment.get() or clock.now()
