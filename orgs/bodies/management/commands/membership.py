"""``membership EMAIL BODY ROLE``: who acts in which body; what a role may do there is given on the desk."""

from datetime import datetime, time
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from civic.audit.commands import RecordingCommand
from civic.core import clock
from civic.core.commands import BadInput
from civic.people.models import Person
from orgs.bodies import domain
from orgs.bodies.models import Membership, Organisation


class Command(RecordingCommand):
    help = "Let an existing, confirmed account act in an organisation in one role, or end that. Leaves an entry."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="the address the account signs in with")
        parser.add_argument("body", metavar="BODY", help="the organisation's slug, as in import_bodies")
        parser.add_argument("role", metavar="ROLE", help=", ".join(Membership.Role.values))
        parser.add_argument(
            "--until", metavar="DAY", help="the first day on which it no longer holds, such as 2027-01-01"
        )
        parser.add_argument("--end", action="store_true", help="end it now")

    def handle(self, *args: Any, email: str, body: str, role: str, **options: Any) -> None:
        """Begin or end it."""
        if role not in Membership.Role.values:
            raise BadInput(f"membership: there is no role {role!r}; there are: {', '.join(Membership.Role.values)}.")
        person = Person.objects.filter(email__iexact=email).first() if "\0" not in email else None
        if person is None:
            raise BadInput("membership: nobody has an account with this address; they sign up first.")
        where = Organisation.objects.filter(slug=body).first() if "\0" not in body else None
        if where is None:
            raise BadInput(f"membership: there is no organisation {body!r}; see import_bodies.")
        at = clock.now()
        try:
            if options["end"]:
                domain.leave(person=person, body=where, role=role, at=at)
            else:
                domain.join(person=person, body=where, role=role, until=_day(options["until"]), at=at)
        except ValueError as fault:
            raise BadInput(f"membership: {fault}") from None
        self.stdout.write("Ended." if options["end"] else "Begun.")


def _day(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 - made aware below
    except ValueError:
        raise ValueError(f"{text!r} is no day: write it like 2027-01-01.") from None
    return timezone.make_aware(datetime.combine(day, time.min))
