"""Actions on policies and site pages, and the entries they leave."""

from django.utils.translation import gettext_lazy as _

from civic.access.backends import open_permission
from civic.access.registry import Rule, Scope, declare, declare_scope
from civic.audit import types
from civic.people.models import Level
from civic.policies.models import PolicyPage

EDIT = declare(Rule("civic:policy:edit", _("draft and change policies"), level=Level.CONTACT, mandate=True))
PUBLISH = declare(Rule("civic:policy:publish", _("approve and publish policies"), level=Level.CONTACT, mandate=True))
VIEW_DRAFT = declare(
    Rule("civic:policy:view-draft", _("read policies before they are published"), level=Level.CONTACT, mandate=True)
)
TOPICS = declare(Rule("civic:policy:topics", _("keep the list of topics"), level=Level.CONTACT, mandate=True))

declare_scope(PolicyPage, Scope(place="place", body="issuing_body_id"))

open_permission("wagtailadmin.access_admin", EDIT, PUBLISH, VIEW_DRAFT, TOPICS)
for _verb in ("add", "change", "delete"):
    open_permission(f"civic_policies.{_verb}_topic", TOPICS)

SUBMITTED = types.declare(
    "civic:policy:submitted", _("%(actor)s asked for “%(subject)s” to be published."), "page", "revision"
)
APPROVED = types.declare(
    "civic:policy:approved", _("%(actor)s approved the text of “%(subject)s”. %(note)s"), "page", "revision", "note",
    personal={"note"}, forgotten=_("%(actor)s approved the text of “%(subject)s”."),
)  # fmt: skip
RETURNED = types.declare(
    "civic:policy:returned", _("%(actor)s sent “%(subject)s” back: %(note)s"), "page", "revision", "note",
    personal={"note"}, forgotten=_("%(actor)s sent “%(subject)s” back."),
)  # fmt: skip
WITHDRAWN = types.declare(
    "civic:policy:withdrawn", _("%(actor)s took back the request to publish “%(subject)s”."), "page", "revision"
)
SCHEDULED = types.declare(
    "civic:policy:scheduled", _("“%(subject)s” will be published on %(due)s."), "page", "revision", "due"
)
PUBLISHED = types.declare(
    "civic:policy:published", _("“%(subject)s” was published, version %(version)s."), "page", "revision", "version",
    public=True,
)  # fmt: skip
