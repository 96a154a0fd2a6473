"""``ballot_owners --site-role ROLE``: the SQL by which an administrator gives roll and box to their owners."""

from typing import Any

from django.core.management.base import CommandParser

from civic.core.commands import BadInput
from civic.core.commands import Command as BaseCommand
from consult.voting import roles


class Command(BaseCommand):
    help = "Print the statements that give the roll and the ballot box to roles nobody signs in as."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--site-role", required=True, help="the role the site signs in to the database as")

    def handle(self, *args: Any, **options: Any) -> None:
        role: str = options["site_role"]
        if not role.replace("_", "").isalnum():
            raise BadInput(f"{role!r} is no name of a role")
        for statement in [*roles.creating(), *roles.owning(), *roles.grants_to(role)]:
            self.stdout.write(f"{statement};")
