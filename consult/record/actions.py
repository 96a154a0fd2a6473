"""Who reads the record, and why staff look at personal data."""

from django.utils.translation import gettext_lazy as _

from civic.access.registry import Rule, declare
from civic.audit.reads import declare_purpose
from civic.people.models import Level

READ = declare(
    Rule("civic:record:read", _("read the record of everything that happened"), level=Level.CONTACT, mandate=True)
)

AUDIT = declare_purpose("audit", _("checking the record"))
VERIFYING = declare_purpose("verify-residence", _("verifying where you live"))
