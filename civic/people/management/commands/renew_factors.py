"""``renew_factors``: after a new ``SECRET_KEY``, second factors no longer need the former one."""

from typing import Any

from civic.core.commands import Command as BaseCommand
from civic.people import factors


class Command(BaseCommand):
    help = (
        "Write the secrets of all second factors anew under SECRET_KEY. "
        "Run it after a rotation, before SECRET_KEY_FALLBACKS is emptied; run again, it does no harm."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Renew them; name the accounts whose key is gone, they need ``remove_factor``."""
        renewed, lost = factors.renew(progress=self.progress)
        self.progress("")
        self.stdout.write(f"Wrote {renewed} second factors under the present key.")
        for person in lost:
            self.stdout.write(
                f"Person {person}: the key of this factor is gone; remove_factor lets them set up a new one."
            )
