"""``remove_factor``: for somebody who stands at the counter without their telephone and without recovery codes."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import CommandParser
from django.db import transaction

from civic.access import sessions
from civic.audit.commands import RecordingCommand
from civic.core import clock
from civic.core.commands import BadInput
from civic.events.bus import publish
from civic.people import actions
from civic.people.models import Person


class Command(RecordingCommand):
    help = "Remove a person's second factor, after they showed who they are. They set up a new one at the next sign-in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="the account's e-mail address or mobile number")

    def handle(self, *args: Any, **options: Any) -> None:
        address = options["address"].strip().lower()
        person = Person.objects.filter(email=address).first() or Person.objects.filter(phone=address).first()
        if person is None:
            raise BadInput(f"remove_factor: no account has the address {address}.")
        with transaction.atomic():
            count, _rows = Authenticator.objects.filter(user=person).delete()
            if not count:
                raise BadInput("remove_factor: this account has no second factor.")
            facts = {"method": "counter"}
            publish(actions.FACTOR_REMOVED, subject=person, actor=None, at=clock.now(), facts=facts)
            sessions.end_others(person=person, keep=None)
        self.stdout.write(
            "Removed; every session of the account has ended. Powers stay closed until a new one is set up."
        )
