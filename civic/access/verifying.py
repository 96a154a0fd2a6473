"""Verifying residents: the one power over people themselves."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from civic.access.questions import require
from civic.access.registry import Rule, declare
from civic.core.refusals import Reason, Refused
from civic.people import domain
from civic.people.models import Level, Person, Verification
from civic.places.models import Place

VERIFY = declare(Rule("civic:person:verify", _("verify residents"), level=Level.CONTACT, mandate=True))

NOT_YOURSELF = Reason("verify-yourself", _("Somebody else has to verify you."))

_LEVELS = {Verification.Method.DOCUMENT: Level.RESIDENT, Verification.Method.STATION: Level.IN_PERSON}


def verify_resident(*, person: Person, place: Place, method: str, actor: Person, at: datetime) -> Verification:
    """Record that ``actor`` saw proof that the person lives in ``place``, and set the residence.

    ``method`` is ``document`` (raises to "resident verified") or ``station``
    (raises to "verified in person"); other methods raise ``KeyError``.  Raises
    ``Refused`` unless the actor holds ``civic:person:verify`` for the place.
    """
    level = _LEVELS[Verification.Method(method)]
    with transaction.atomic():
        require(actor, VERIFY, place, at=at)
        if actor.pk == person.pk:
            raise Refused(NOT_YOURSELF)
        return domain.record_residence_check(person=person, place=place, level=level, method=method, actor=actor, at=at)
