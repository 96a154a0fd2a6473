"""``appoint EMAIL``: the first powers of an installation, from which all others are given."""

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils.timezone import localtime

from civic.access.registry import all_rules
from civic.audit.commands import RecordingCommand
from civic.core import clock
from civic.core.clock import Window
from civic.core.commands import BadInput
from civic.people.models import Level, Person
from orgs.grants.domain import Holder, Scope, found

MOST_DAYS = 365


class Command(RecordingCommand):
    help = (
        "Give an existing, confirmed account every power over the whole site, for some days, in the public record. "
        "For the first administrator: whoever comes later receives powers from somebody who holds them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="the address the account signs in with")
        parser.add_argument("--days", type=int, default=90, help="until the powers end by themselves (default: 90)")
        parser.add_argument("--reason", required=True, help="what the record says; no personal data")

    def handle(self, *args: Any, email: str, days: int, reason: str, **options: Any) -> None:
        """Give the powers, all or none."""
        if not 1 <= days <= MOST_DAYS:
            raise BadInput(f"appoint: --days must be from 1 to {MOST_DAYS}.")
        if not reason.strip() or len(reason) > 300:
            raise BadInput("appoint: --reason must say in at most 300 characters why.")
        person = Person.objects.filter(email__iexact=email, is_active=True).first() if "\0" not in email else None
        if person is None:
            raise BadInput("appoint: nobody has an account with this address; sign up first.")
        if person.level < Level.CONTACT:
            raise BadInput("appoint: this account has not confirmed its address yet.")
        at = clock.now()
        window = Window(at, at + timedelta(days=days))
        actions = sorted(rule.action for rule in all_rules() if rule.mandate)
        with transaction.atomic():
            for action in actions:
                found(holder=Holder(person=person), action=action, scope=Scope(), window=window, reason=reason, at=at)
        self.stdout.write(f"Gave {len(actions)} powers until {localtime(window.closes_at):%Y-%m-%d %H:%M}.")
