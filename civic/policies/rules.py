"""Who may approve a text: somebody with the power, and not one of its authors."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, Revision

from civic.access.decisions import Decision, no
from civic.access.questions import may
from civic.core.refusals import Reason
from civic.policies import actions

SECOND_PERSON = Reason(
    "second-person", _("You wrote or submitted this text. Somebody else has to read it and approve it.")
)
RETURN_NOTE = Reason("return-note", _("Write what has to change: the author will read it."))
NOT_SUBMITTED = Reason(
    "not-submitted", _("This text is not waiting for approval: only a submitted text can be published.")
)


def may_approve(person: Any, page: Page, revision: Revision, *, at: datetime) -> Decision:
    """Decide whether ``person`` may approve this revision of ``page``.

    They need the power over the page as it stands and as the revision would
    make it, and must have no part in the text: not its submitter, not the
    author of any revision since the last one published.
    """
    decision = may(person, actions.PUBLISH, page.specific, at=at)
    if decision:
        decision &= may(person, actions.PUBLISH, revision.as_object(), at=at)
    if decision and person.pk in authors_of(page, revision):
        return no(SECOND_PERSON)
    return decision


def authors_of(page: Page, revision: Revision) -> set[int]:
    """Return the ids of everybody who had a hand in a revision since the last published one."""
    revisions = page.revisions.filter(pk__lte=revision.pk).exclude(user=None)
    if page.live_revision_id and page.live_revision_id != revision.pk:
        revisions = revisions.filter(pk__gt=page.live_revision_id)
    authors = set(revisions.values_list("user", flat=True))
    states = revision.task_states.exclude(workflow_state__requested_by=None)
    return authors | set(states.values_list("workflow_state__requested_by", flat=True))
