"""Adding bodies, and who acts in them: for the operator's commands."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from civic.events.bus import publish
from civic.people.models import Level, Person
from civic.places.models import Place
from orgs.bodies import actions
from orgs.bodies.models import Membership, Organisation


def put(*, slug: str, place: str, at: datetime, **fields: object) -> bool:
    """Add a body working for a place (its code), or change what is known of it; return whether anything changed.

    Raises ``ValueError`` with one sentence for what cannot be kept, an unknown
    place, and a body that would move: powers hang on where it works.
    """
    with transaction.atomic():
        where = Place.objects.filter(code=place).first()
        if where is None:
            raise ValueError(f"there is no place {place}: bring places in first.")
        body = Organisation.objects.select_for_update(of=("self",)).filter(slug=slug).first()
        if body is not None and body.place_id != where.pk:
            raise ValueError(f"{slug} works for another place: a body is never moved.")
        is_new, body = body is None, body or Organisation(slug=slug, place=where)
        if not is_new and all(getattr(body, name) == value for name, value in fields.items()):
            return False
        for name, value in fields.items():
            setattr(body, name, value)
        try:
            body.full_clean(validate_unique=False)
        except ValidationError as fault:
            name, said = next(iter(fault.message_dict.items()))
            raise ValueError(f"{name}: {said[0]}") from None
        body.save()
        publish(actions.ADDED if is_new else actions.CHANGED, subject=body, actor=None, at=at, facts={"slug": slug})
        return True


def join(*, person: Person, body: Organisation, role: str, until: datetime | None, at: datetime) -> Membership:
    """Let a person act in a body, in a role, from now on; return the membership.

    What they may do there follows from the grants of that role.  Raises
    ``ValueError`` for an account that is closed or has confirmed no address, an
    end that is past, and somebody who has this role already.
    """
    if not person.is_active or person.level < Level.CONTACT:
        raise ValueError("this account is closed, or has not confirmed its address yet.")
    if until is not None and until <= at:
        raise ValueError("the end lies before now.")
    with transaction.atomic():
        Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)  # one at a time for a person
        if Membership.objects.in_force(at).filter(person=person, body=body, role=role).exists():
            raise ValueError("this person has this role there already.")
        made = Membership.objects.create(body=body, person=person, role=role, starts_at=at, ends_at=until)
        publish(actions.JOINED, subject=made, actor=None, at=at, facts={"slug": body.slug, "role": role})
        return made


def leave(*, person: Person, body: Organisation, role: str, at: datetime) -> None:
    """End a person's role in a body now, and with it the powers it brought.  Raises ``ValueError`` where there is none."""
    with transaction.atomic():
        held = (
            Membership.objects.in_force(at).select_for_update(of=("self",)).filter(person=person, body=body, role=role)
        )
        found = held.first()
        if found is None:
            raise ValueError("this person has no such role there now.")
        Membership.objects.filter(pk=found.pk).update(ends_at=at)
        publish(actions.LEFT, subject=found, actor=None, at=at, facts={"slug": body.slug, "role": role})
