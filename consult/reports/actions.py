"""The entry a result leaves.  Who may conclude a consultation is declared by ``consult.consultations``."""

from django.utils.translation import gettext_lazy as _

from civic.audit import types

FROZEN = types.declare(
    "consult:report:frozen",
    _("%(actor)s published the result of “%(subject)s”; its figures are frozen under %(sources_hash)s."),
    "sources_hash", "contributions", "participants",
    public=True,
)  # fmt: skip
