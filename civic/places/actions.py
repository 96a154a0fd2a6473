"""The entries that changes of the tree leave."""

from django.utils.translation import gettext_lazy as _

from civic.audit import types

ADDED = types.declare("civic:place:added", _("The place %(code)s was added."), "code", public=True)
RENAMED = types.declare("civic:place:renamed", _("The place %(code)s got another name."), "code", public=True)
