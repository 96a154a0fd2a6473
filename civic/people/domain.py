"""What changes about a person: verification, residence, preferences."""

from datetime import datetime

from django.db import transaction

from civic.audit.models import Entry
from civic.core import texts
from civic.core.refusals import Refused
from civic.events.bus import publish
from civic.people import actions
from civic.people.models import Level, Person, Verification
from civic.people.rules import MEANS_OF_CONTACT, NAME_LENGTH, may_choose_residence, name_fault
from civic.places.models import Place


def register(*, person: Person, method: str, at: datetime) -> Entry:
    """Record that an account was opened with an e-mail address or a number (``method``)."""
    with transaction.atomic():
        return publish(actions.REGISTERED, subject=person, actor=person, at=at, facts={"method": method})


def confirm_contact(*, person: Person, method: str, at: datetime) -> bool:
    """Record that a code sent to the person's address came back; return whether this raised the level.

    Every confirmation leaves a ``Verification``.  Nobody is ever lowered by it.
    """
    if method not in MEANS_OF_CONTACT:
        raise ValueError(f"{method} does not confirm a contact.")
    with transaction.atomic():
        Verification.objects.create(person=person, level=Level.CONTACT, method=method, at=at)
        raised = Person.objects.filter(pk=person.pk, level__lt=Level.CONTACT).update(level=Level.CONTACT)
        person.level = max(person.level, Level.CONTACT)
        publish(actions.CONTACT_VERIFIED, subject=person, actor=person, at=at, facts={"method": method})
    return bool(raised)


def record_residence_check(
    *, person: Person, place: Place, level: int, method: str, actor: Person, at: datetime
) -> Verification:
    """Write down that ``actor`` has checked where a person lives.

    The power to do this is asked one floor up: call ``civic.access.verifying``.
    """
    with transaction.atomic():
        current = Person.objects.select_for_update().get(pk=person.pk)
        current.residence = place
        current.level = max(current.level, level)
        current.save(update_fields=["residence", "level"])
        person.residence, person.level = place, current.level
        verification = Verification.objects.create(person=person, level=level, method=method, verified_by=actor, at=at)
        publish(actions.RESIDENT_VERIFIED, subject=person, actor=actor, at=at, facts={"method": method, "level": level})
    return verification


def set_residence(*, person: Person, place: Place | None, at: datetime) -> None:
    """Store where a person says they live; this verifies nothing.

    Raises ``Refused`` for a place too wide to live in, and for people whose
    residence a clerk has verified.
    """
    with transaction.atomic():
        current = Person.objects.select_for_update().get(pk=person.pk)
        reason = may_choose_residence(current, place)
        if reason is not None:
            raise Refused(reason)
        if current.residence_id == (place.pk if place else None):
            return
        current.residence = person.residence = place
        current.save(update_fields=["residence"])
        publish(actions.RESIDENCE_CHOSEN, subject=person, actor=person, at=at)


def update_profile(*, person: Person, display_name: str, language: str, elder_mode: bool, at: datetime) -> None:
    """Store the name others see and how the person wants pages.

    An empty name is a choice: others then see a neighbour.  Raises ``Refused``
    for a name that cannot be shown.
    """
    try:
        name = texts.plain(display_name, limit=NAME_LENGTH) if display_name.strip() else ""
    except ValueError as fault:
        raise Refused(fault.args[0]) from None
    reason = name_fault(name)
    if reason is not None:
        raise Refused(reason)
    with transaction.atomic():
        person.display_name, person.language, person.elder_mode = name, language, elder_mode
        person.save(update_fields=["display_name", "language", "elder_mode"])
        publish(actions.PROFILE_CHANGED, subject=person, actor=person, at=at)


def forget_password(*, person: Person) -> None:
    """Drop a password that somebody set before anyone had confirmed the account's address."""
    person.set_unusable_password()
    person.save(update_fields=["password"])
