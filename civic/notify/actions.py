"""Powers over what leaves the site, and the entries these steps leave."""

from django.utils.translation import gettext_lazy as _

from civic.access.registry import Rule, Scope, declare, declare_scope
from civic.audit import types
from civic.notify.models import WebhookEndpoint
from civic.people.models import Level

declare_scope(WebhookEndpoint, Scope(place="owner__place", body="owner_id"))

WEBHOOKS = declare(
    Rule("civic:notify:webhooks", _("connect other systems by webhook"), level=Level.CONTACT, mandate=True)
)
OPERATE = declare(
    Rule(
        "civic:notify:operate",
        _("see what could not be delivered and send it again"),
        level=Level.CONTACT,
        mandate=True,
    )
)

STOPPED = types.declare(
    "civic:notify:stopped", _("%(subject)s gets nothing by %(channel)s for now: it came back."), "channel"
)
AGAIN = types.declare("civic:notify:again", _("%(actor)s had %(what)s %(number)s sent again."), "what", "number")
WEBHOOK_ADDED = types.declare("civic:webhook:added", _("%(actor)s added a webhook to %(host)s."), "host", "kinds")
WEBHOOK_CHANGED = types.declare(
    "civic:webhook:changed", _("%(actor)s changed the webhook to %(host)s."), "host", "kinds", "active"
)
WEBHOOK_ROTATED = types.declare(
    "civic:webhook:rotated", _("%(actor)s changed the secret of the webhook to %(host)s."), "host"
)
WEBHOOK_TESTED = types.declare("civic:webhook:tested", _("%(actor)s sent a test to the webhook to %(host)s."), "host")
WEBHOOK_REFUSED = types.declare(
    "civic:webhook:refused", _("The webhook to %(host)s was switched off: its receiver wants nothing more."), "host"
)
