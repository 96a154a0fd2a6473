"""The kinds of objects that show their history, and who may see which."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civic.core.languages import localised
from civic.policies.models import PolicyPage
from consult.consultations.queries import readable
from consult.discussion.models import Contribution
from consult.replies.models import Reply
from consult.replies.states import State
from orgs.grants import queries as grants

Find = Callable[[Any, datetime], "models.QuerySet[Any]"]


@dataclass(frozen=True)
class Kind:
    """One kind of object: its name in addresses, its word, which rows somebody may see, and how one is called."""

    name: str
    word: str | Promise
    model: str
    seen_by: Find
    title: Callable[[Any], str]
    url: Callable[[Any], str]
    shows_reasons: bool = True


def _replies(person: Any, at: datetime) -> "models.QuerySet[Reply]":
    rows = Reply.objects.filter(state=State.PUBLISHED, consultation__in=readable(person, at=at).order_by().values("pk"))
    return rows.select_related("consultation")


def _contributions(person: Any, at: datetime) -> "models.QuerySet[Contribution]":
    rows = Contribution.objects.filter(consultation__in=readable(person, at=at).order_by().values("pk"))
    return rows.exclude(kind=Contribution.Kind.STATEMENT).select_related("consultation", "author", "root")


def _policies(person: Any, at: datetime) -> "models.QuerySet[PolicyPage]":
    return PolicyPage.objects.live().public()


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "consultation", gettext_lazy("Consultation"), "consult_consultations.consultation",
            lambda person, at: readable(person, at=at), lambda each: localised(each, "title"),
            lambda each: str(each.get_absolute_url()),
        ),
        Kind(
            "contribution", gettext_lazy("Contribution"), "consult_discussion.contribution", _contributions,
            lambda each: _("A contribution to “%(title)s”") % {"title": localised(each.consultation, "title")},
            lambda each: str(each.get_absolute_url()),
            shows_reasons=False,  # what a moderator wrote is for the author
        ),
        Kind(
            "answer", gettext_lazy("Answer"), "consult_replies.reply", _replies,
            lambda each: _("An answer in “%(title)s”") % {"title": localised(each.consultation, "title")},
            lambda each: str(each.consultation.get_absolute_url()),
        ),
        Kind(
            "policy", gettext_lazy("Policy"), "civic_policies.policypage", _policies,
            lambda each: localised(each, "title"), lambda each: f"/policies/{each.slug}/",
        ),
        Kind(
            "grant", gettext_lazy("Power"), "orgs_grants.grant", lambda person, at: grants.in_public(),
            lambda each: _("The power to %(action)s") % {"action": each.label}, lambda each: "",
        ),
    )
}  # fmt: skip
OF_MODEL = {kind.model: kind for kind in KINDS.values()}
