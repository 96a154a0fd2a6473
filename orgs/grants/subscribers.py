"""What follows from a power taken for an hour: others are told at once."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from civic.audit.models import Entry
from civic.events.bus import subscribe
from civic.notify import kinds
from civic.notify.domain import tell
from orgs.grants import actions
from orgs.grants.elevating import witnesses
from orgs.grants.models import Grant

TAKEN = kinds.declare(
    "orgs:grant:elevated",
    title=_("%(who)s took a power for one hour"),
    body=_("The purpose given: %(reason)s"),
    group=kinds.WORK,
)


@subscribe(actions.ELEVATED)
def tell_witnesses(entry: Entry) -> None:
    """Tell whoever watches, and whoever could do the same."""
    grant = Grant.objects.select_related("person", "scope_place", "scope_body").get(pk=int(entry.subject_id))
    assert grant.person is not None  # an hour is taken by a person
    told = witnesses(grant.scope_place or grant.scope_body, but=grant.person, at=entry.at)
    params = {"who": grant.person.public_name, "reason": grant.reason}
    url = f"{reverse('grants')}?only=hours"
    tell(kind=TAKEN, entry=entry, recipients=[(person, params, url) for person in told], at=entry.at)
