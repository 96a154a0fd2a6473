"""The door through which ``consult.replies`` shows its answers beside the words they answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from civic.core.changes import EVERYTHING


@dataclass(frozen=True)
class Answer:
    """A published answer as readers of a contribution see it.

    ``clause_number`` and ``new_text`` are set when a clause changes because of
    it; ``together`` is how many contributions it answers.
    """

    office: str
    outcome: str
    outcome_label: str
    text: str
    text_en: str
    published_at: datetime
    url: str
    reason: str = ""
    reason_en: str = ""
    together: int = 1
    clause_number: str = ""
    clause_number_en: str = ""
    new_text: str = ""
    new_text_en: str = ""
    pk: int | None = None


Provider = Callable[[Iterable[int], str], dict[int, Answer]]
_providers: list[Provider] = []


def plug_in(provider: Provider) -> None:
    """Add the source of answers."""
    _providers.append(provider)


def answers_to(ids: Iterable[int], *, scope: str = EVERYTHING) -> dict[int, Answer]:
    """Return the published answers to these contributions, in one query; ``scope`` is where all of them are."""
    wanted = list(ids)
    found: dict[int, Answer] = {}
    for provider in _providers:
        found |= provider(wanted, scope)
    return found
