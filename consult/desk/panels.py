"""What each page of consulting is about, for the page that says what one may do there."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from civic.access.panel import Subject, declare_page
from civic.access.questions import visible
from civic.core.languages import localised
from civic.policies import actions as policies
from civic.policies.models import PolicyPage
from consult.consultations.actions import CONCLUDE, FOLLOW, MANAGE, VIEW
from consult.consultations.models import Consultation
from consult.discussion import actions as discussion
from consult.discussion.models import Contribution
from consult.moderation.actions import JUDGE, REPORT, SLOW
from consult.replies.actions import APPROVE, DRAFT, PUBLISH
from consult.replies.models import Reply

IN_A_CONSULTATION = (
    VIEW, FOLLOW, discussion.COMMENT, discussion.PROPOSE, discussion.KEY, MANAGE, DRAFT, CONCLUDE, SLOW,
)  # fmt: skip
ON_A_CONTRIBUTION = (
    discussion.SUPPORT, discussion.RESPOND, discussion.EDIT, discussion.TAKE_BACK, REPORT, JUDGE,
)  # fmt: skip
ON_AN_ANSWER = (DRAFT, APPROVE, PUBLISH)
ON_A_POLICY = (policies.VIEW_DRAFT, policies.EDIT, policies.PUBLISH)


def consultation(parts: Mapping[str, Any], person: Any, at: datetime) -> Subject | None:
    """The consultation of the address, when the reader may read it."""
    found = visible(person, VIEW, Consultation.objects.for_pages(), at=at).filter(slug=parts.get("slug")).first()
    return Subject(localised(found, "title"), found, IN_A_CONSULTATION) if found is not None else None


def contribution(parts: Mapping[str, Any], person: Any, at: datetime) -> Subject | None:
    """The words of the address, when they are shown, or the reader's own."""
    around = consultation(parts, person, at)
    if around is None:
        return None
    said = Contribution.objects.filter(consultation=around.target, pk=parts["pk"]).select_related("root").first()
    if said is None or not (said.is_public or said.author_id == person.pk):
        return None
    said.consultation = around.target
    return Subject(_("Words in “%(title)s”") % {"title": around.title}, said, ON_A_CONTRIBUTION)


def answer(parts: Mapping[str, Any], person: Any, at: datetime) -> Subject | None:
    """The office's answer of the address, for those who write or approve answers there."""
    rows = Reply.objects.select_related("consultation__place", "consultation__sponsor")
    found = rows.filter(pk=parts["pk"]).first()
    if found is None or not any(visible(person, action, rows.filter(pk=found.pk), at=at) for action in ON_AN_ANSWER):
        return None
    return Subject(
        _("An answer in “%(title)s”") % {"title": localised(found.consultation, "title")}, found, ON_AN_ANSWER
    )


def policy(parts: Mapping[str, Any], person: Any, at: datetime) -> Subject | None:
    """The published policy of the address; other pages of the library are for reading."""
    slug = parts.get("slug") or str((parts.get("args") or ("",))[0]).strip("/").rsplit("/", 1)[-1]
    found = PolicyPage.objects.live().filter(slug=slug).select_related("place").first()
    return Subject(localised(found, "title"), found, ON_A_POLICY) if found is not None else Subject(_("This page"))


for name in (
    "consultation", "consultation-text", "consultation-clause", "consultation-say", "consultation-statements",
    "consultation-result", "desk-consultation", "desk-consultation-edit", "desk-conclude",
):  # fmt: skip
    declare_page(name, consultation)
for name in ("contribution", "contribution-respond", "contribution-versions", "contribution-edit"):
    declare_page(name, contribution)
declare_page("desk-reply", answer)
for name in ("wagtail_serve", "policy-versions", "policy-version"):
    declare_page(name, policy)
