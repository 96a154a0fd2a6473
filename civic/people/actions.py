"""The entries that changes to an account leave.  None holds an address, a name or a place."""

from django.utils.translation import gettext_lazy as _

from civic.audit import types
from civic.people.models import Verification

REGISTERED = types.declare("civic:person:registered", _("%(actor)s opened an account."), "method", own=True)
CONTACT_VERIFIED = types.declare(
    "civic:person:contact-verified", _("%(actor)s confirmed an address with a code (%(method)s)."), "method",
    own=True, words={"method": types.choice_of(Verification.Method)},
)  # fmt: skip
RESIDENT_VERIFIED = types.declare(
    "civic:person:resident-verified", _("%(actor)s verified a resident (%(method)s)."), "method", "level",
    words={"method": types.choice_of(Verification.Method)},
)  # fmt: skip
RESIDENCE_CHOSEN = types.declare("civic:person:residence-chosen", _("%(actor)s said where they live."), own=True)
ERASURE_ASKED = types.declare(
    "civic:person:erasure-asked", _("%(actor)s asked to have their account deleted."), own=True
)
ERASURE_STOPPED = types.declare("civic:person:erasure-stopped", _("%(actor)s kept their account after all."), own=True)
ERASED = types.declare("civic:person:erased", _("An account was deleted with all that was personal in it."))
PROFILE_CHANGED = types.declare("civic:person:profile-changed", _("%(actor)s changed their preferences."), own=True)
FACTOR_ADDED = types.declare(
    "civic:person:factor-added", _("%(actor)s set up a second factor (%(method)s)."), "method", own=True
)
FACTOR_REMOVED = types.declare(
    "civic:person:factor-removed", _("%(actor)s removed a second factor (%(method)s)."), "method", own=True
)
