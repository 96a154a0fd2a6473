"""``prepare_site``: the first pages of a new installation."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from civic.core import clock, commands
from civic.policies import domain


class Command(commands.Command):
    help = "Make home page, policy library and editorial workflow where they are missing. Run it after migrate."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing; what is there stays as it is."""
        base = urlsplit(settings.BASE_URL)
        port = base.port or (443 if base.scheme == "https" else 80)
        domain.ensure_site(at=clock.now(), hostname=base.hostname or "localhost", port=port)
        self.stdout.write(f"Home page and policy library stand at {settings.BASE_URL}/.")
