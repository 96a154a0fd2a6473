"""The second person's decision about a submitted text."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, TaskState

from civic.access.questions import may
from civic.core import clock
from civic.core.refusals import Refused
from civic.policies import actions, bridge, rules
from civic.policies.models import PolicyPage, SecondPersonTask


def decide(task_state: TaskState, action: str, *, person: Any, note: str) -> None:
    """Check and record a decision, in the caller's transaction.  Raises ``Refused``.

    ``action`` is Wagtail's: ``approve`` or ``reject``.
    """
    revision = task_state.revision
    page = task_state.workflow_state.content_object
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


def may_edit(person: Any, page: Page) -> bool:
    """Tell whether a person's grants cover a page as it would be saved."""
    target: Any = page.specific if not isinstance(page, PolicyPage) else page
    return bool(may(person, actions.EDIT, target, at=clock.now()))
