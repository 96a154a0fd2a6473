"""The entries that opinions leave, and where they lie."""

from django.utils.translation import gettext_lazy as _

from civic.access.registry import Scope, declare_scope
from civic.audit import types
from consult.opinions.models import Opinion

declare_scope(
    Opinion,
    Scope(
        place="statement__consultation__place",
        body="statement__consultation__sponsor",
        matter="statement__consultation",
    ),
)

IMPORTED = types.declare(
    "consult:opinions:imported",
    _("%(participants)s participants, %(statements)s statements and %(votes)s opinions were brought in from Polis."),
    "participants", "statements", "votes",
)  # fmt: skip
