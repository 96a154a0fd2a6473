"""``rebuild_search``: a new index from the database, while everything goes on."""

from time import monotonic
from typing import Any

from civic.core import clock
from civic.core.commands import BadInput
from civic.core.commands import Command as BaseCommand
from search.engines.base import Superseded
from search.indexing import rebuild


class Command(BaseCommand):
    help = "Build the search index anew from the database and switch to it. Run it as often as you like."

    def handle(self, *args: Any, **options: Any) -> None:
        began = monotonic()
        counts: dict[str, int] = {}
        try:
            for kind, number in rebuild(at=clock.now()):
                counts[kind] = number
                self.progress(f"{kind}: {number}")
        except Superseded:
            raise BadInput("rebuild_search: a newer rebuild has begun; this one stopped and changed nothing.") from None
        self.progress("")
        listed = ", ".join(f"{kind} {number}" for kind, number in counts.items())
        self.stdout.write(f"Indexed {sum(counts.values())} documents ({listed}) in {monotonic() - began:.1f} s.")
