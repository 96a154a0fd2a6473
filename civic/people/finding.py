"""Whose an address is: the one place where somebody is looked up by what they type or say at a counter."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower

from civic.people.models import Level, Person


def owner_of(address: str) -> Person | None:
    """Return who has confirmed an address and can sign in: an e-mail address in small letters, or a number in E.164.

    Never who only typed it: a neighbour's address would find the wrong one of two people.
    """
    owners = owners_of_emails([address]) if "@" in address else owners_of_numbers([address])
    return Person.objects.filter(pk=owners[address], is_imported=False).first() if address in owners else None


def of_account(number: UUID) -> Person | None:
    """Return whose account has this number, as it stands on their own page, if they can sign in."""
    return Person.objects.filter(number=number, is_active=True, is_imported=False).first()


def owners_of_emails(addresses: Sequence[str]) -> dict[str, int]:
    """Return who has confirmed these e-mail addresses (in small letters), by address."""
    kept = EmailAddress.objects.filter(email__in=addresses, user__is_active=True)
    rows = {
        (email.lower(), person): verified for email, person, verified in kept.values_list("email", "user", "verified")
    }
    owners = {email: person for (email, person), verified in rows.items() if verified}
    # allauth keeps no row of an account's address before it needs one; a confirmed account's is confirmed.
    if rest := [address for address in addresses if address not in owners]:
        accounts = Person.objects.annotate(address=Lower("email")).filter(
            address__in=rest, is_active=True, level__gte=Level.CONTACT
        )
        found = accounts.values_list("pk", "address")
        owners |= {address: person for person, address in found if rows.get((address, person)) is not False}
    return owners


def owners_of_numbers(numbers: Sequence[str]) -> dict[str, int]:
    """Return who has confirmed these mobile numbers (in E.164), by number."""
    confirmed = Person.objects.filter(phone__in=numbers, phone_verified=True, is_active=True)
    return {str(number): person for number, person in confirmed.values_list("phone", "pk")}


def confirmed_addresses(*, batch: int) -> Iterator[tuple[int, str]]:
    """Yield every confirmed number and e-mail address with its owner, so many rows at a time."""
    numbers = Person.objects.filter(phone__isnull=False, phone_verified=True).values_list("pk", "phone")
    yield from ((pk, str(phone)) for pk, phone in numbers.iterator(chunk_size=batch))
    yield from EmailAddress.objects.filter(verified=True).values_list("user_id", "email").iterator(chunk_size=batch)
    rows = EmailAddress.objects.filter(user=OuterRef("pk"), email__iexact=OuterRef("email"))
    accounts = Person.objects.filter(email__isnull=False, level__gte=Level.CONTACT).exclude(Exists(rows))
    yield from ((pk, str(email)) for pk, email in accounts.values_list("pk", "email").iterator(chunk_size=batch))
