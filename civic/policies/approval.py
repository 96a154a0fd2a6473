"""The second person's decision about a submitted text."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, TaskState, WorkflowState

from civic.core import clock
from civic.core.refusals import STALE, Refused
from civic.policies import bridge, rules
from civic.policies.models import SecondPersonTask


def decide(task_state: TaskState, action: str, *, person: Any, note: str) -> None:
    """Check and record a decision, in the caller's transaction.  Raises ``Refused``.

    ``action`` is Wagtail's: ``approve`` or ``reject``.
    """
    revision = task_state.revision
    # The lock keeps a revision saved at this moment from slipping in beside the decision.
    page = Page.objects.select_for_update().get(pk=task_state.workflow_state.content_object.pk).specific
    if action != "reject" and page.latest_revision_id != revision.pk:
        # Somebody saved after the submission: what the second person sees is not what would be published.
        # Sending back is still open: who submitted it may have left, and nobody else could take it back.
        raise Refused(STALE, conflict=True)
    if task_state.status != TaskState.STATUS_IN_PROGRESS:
        raise Refused(rules.NOT_SUBMITTED, conflict=True)
    decision = rules.may_approve(person, page, revision, at=clock.now())
    if not decision:
        raise Refused(decision.reason or rules.SECOND_PERSON)
    if action == "reject":
        if not note.strip():
            raise Refused(rules.RETURN_NOTE)
        bridge.returned(page, revision, actor=person, note=note.strip())
    else:
        bridge.approved(page, revision, actor=person, note=note.strip())


def publish_approved(workflow_state: WorkflowState, user: Any = None) -> None:
    """Publish exactly the revision a second person approved (or let it wait for its day).

    Wagtail calls this when a workflow is through; by itself it would publish
    the latest revision, and ask for its own "publish", which nobody has.
    Raises ``Refused`` when no second person stands behind the revision.
    """
    state = workflow_state.current_task_state
    if state is None or state.status != TaskState.STATUS_APPROVED or state.finished_by_id is None:
        raise Refused(rules.NOT_SUBMITTED)
    page = workflow_state.content_object
    if state.finished_by_id in rules.authors_of(page, state.revision):
        raise Refused(rules.SECOND_PERSON)
    state.revision.publish(user=user, skip_permission_checks=True)


def choices(page: Page, person: Any) -> list[tuple[str, Any, bool]]:
    """Return Wagtail's list of (action, label, asks for words) for a person; empty when they may not decide."""
    state = page.current_workflow_task_state
    if state is None or not rules.may_approve(person, page, state.revision, at=clock.now()):
        return []
    return [
        ("reject", _("Send back with a reason"), True),
        ("approve", _("Approve and publish"), False),
        ("approve", _("Approve with a note"), True),
    ]


def waiting_for(task: SecondPersonTask, person: Any) -> "QuerySet[TaskState]":
    """Return the submitted texts a person may decide on.

    Reads the waiting texts one by one: there are never many, and authorship
    lies in their revisions.
    """
    states = task.task_states.filter(status=TaskState.STATUS_IN_PROGRESS).select_related("revision", "workflow_state")
    at = clock.now()
    mine = [
        state.pk
        for state in states
        if rules.may_approve(person, state.workflow_state.content_object, state.revision, at=at)
    ]
    return task.task_states.filter(pk__in=mine)
