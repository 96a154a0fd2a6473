"""The entries that changes of bodies and their members leave."""

from django.utils.translation import gettext_lazy as _

from civic.audit import types
from orgs.bodies.models import Membership

ADDED = types.declare("orgs:body:added", _("The organisation %(slug)s was added."), "slug", public=True)
CHANGED = types.declare(
    "orgs:body:changed", _("What is known of the organisation %(slug)s was changed."), "slug", public=True
)
JOINED = types.declare(
    "orgs:membership:began", _("Somebody joined the organisation %(slug)s (%(role)s)."), "slug", "role",
    words={"role": types.choice_of(Membership.Role)},
)  # fmt: skip
LEFT = types.declare(
    "orgs:membership:ended", _("Somebody left the organisation %(slug)s (%(role)s)."), "slug", "role",
    words={"role": types.choice_of(Membership.Role)},
)  # fmt: skip
