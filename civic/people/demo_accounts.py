"""The accounts of the demo, shown on its sign-in page so that a newcomer can try every part."""

import os

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from civic.people.models import Person

DOMAIN = "demo.example"

# Who each account is, in the order in which a newcomer would try them.
ROLES: dict[str, str | Promise] = {
    "resident": _("a resident: reads, gives opinions, supports"),
    "elder": _("a resident who uses elder mode"),
    "neighbour": _("a resident of another district"),
    "official": _("a clerk of the transport bureau: opens consultations and writes answers"),
    "approver": _("a colleague at the same bureau: approves answers"),
    "editor": _("writes and publishes policies"),
    "moderator": _("looks at what was reported"),
    "moderator2": _("a second moderator: decides appeals"),
    "coordinator": _("coordinates a social organisation"),
    "volunteer": _("a volunteer who helps neighbours"),
    "socialworker": _("a social worker at a station"),
    "grid": _("a grid worker"),
    "clerk": _("a community clerk who also answers the hotline"),
    "supervisor": _("follows deadlines and promises"),
    "auditor": _("reads the record"),
    "admin": _("runs the installation"),
}


def shown() -> list[tuple[str, str | Promise]]:
    """Return address and role of each demo account that exists; nothing outside the demo (one query)."""
    if not settings.DEMO:
        return []
    addresses = {f"{name}@{DOMAIN}": role for name, role in ROLES.items()}
    there = set(Person.objects.filter(email__in=addresses, is_active=True).values_list("email", flat=True))
    return [(address, role) for address, role in addresses.items() if address in there]


def password() -> str:
    """Return the password all demo accounts share."""
    return os.environ.get("GONGYI_DEMO_PASSWORD") or "gongyi-demo"
