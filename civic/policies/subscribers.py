"""What follows from an editor's step: the other person is told."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, Revision

from civic.access.questions import holders
from civic.audit.models import Entry
from civic.events.bus import subscribe
from civic.notify import kinds, webhooks
from civic.notify.domain import tell
from civic.policies import actions, rules

WAITS = kinds.declare(
    "civic:policy:waits",
    title=_("A text waits for your approval: “%(title)s”"),
    body=_("Somebody has asked for it to be published. Read it, then approve it or send it back with a reason."),
    group=kinds.WORK,
    label=_("A text waits for your approval"),
)
SENT_BACK = kinds.declare(
    "civic:policy:sent-back",
    title=_("Your text came back: “%(title)s”"),
    body=_("What has to change: %(note)s"),
    group=kinds.WORK,
    label=_("Your text came back"),
)


@subscribe(actions.SUBMITTED)
def tell_approvers(entry: Entry) -> None:
    """Tell everybody who may approve the text and had no hand in it; nobody when it was decided at once."""
    revision = Revision.objects.filter(pk=entry.facts["revision"]).first()
    page = Page.objects.filter(pk=entry.facts["page"]).first()
    if revision is None or page is None or not page.workflow_in_progress:
        return
    people = holders(actions.PUBLISH, page.specific, at=entry.at).exclude(pk__in=rules.authors_of(page, revision))
    _tell(WAITS, entry, page, people.values_list("pk", flat=True))


@subscribe(actions.RETURNED)
def tell_author(entry: Entry) -> None:
    """Tell whoever submitted the text."""
    submitted = Entry.objects.filter(
        type=actions.SUBMITTED, subject_type=entry.subject_type, subject_id=entry.subject_id, pk__lt=entry.pk
    ).order_by("-pk")
    page = Page.objects.filter(pk=entry.facts["page"]).first()
    before = submitted.first()
    if page is not None and before is not None and before.actor_id is not None:
        _tell(SENT_BACK, entry, page, [before.actor_id], note=entry.facts.get("note", ""))


def _tell(kind: str, entry: Entry, page: Page, people: Iterable[int], **params: str) -> None:
    page = page.specific
    known = {"title": page.title, "title_en": getattr(page, "title_en", ""), **params}
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    tell(kind=kind, entry=entry, recipients=((person, known, url) for person in people), at=entry.at)


def public_facts(entry: Entry) -> Mapping[str, Any] | None:
    """Return what other systems may hear of a published text."""
    page = Page.objects.filter(pk=entry.facts["page"], live=True).first()
    if page is None:
        return None
    policy = page.specific
    return {
        "url": urljoin(settings.BASE_URL, page.get_url() or "/"),
        "title": policy.title,
        "title_en": getattr(policy, "title_en", ""),
        "version": entry.facts["version"],
    }


webhooks.declare("policy.published", _("A policy is published"), entry=actions.PUBLISHED, facts=public_facts)
