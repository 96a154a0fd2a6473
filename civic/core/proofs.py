"""What must always be true of the rows, and how to find where it is not.

Packages register a proof for every counter they keep and every promise no
constraint of the database can hold; ``manage.py prove`` runs them all.
"""

from collections.abc import Callable, Iterable, Iterator

Proof = Callable[[], Iterable[str]]

_proofs: dict[str, Proof] = {}


def register(name: str, proof: Proof) -> None:
    """Add a proof: called without arguments, it yields one line per fault and changes nothing.

    A proof asks the database for what is wrong instead of reading every row, and
    compares within one statement, so that writes going on meanwhile are no
    faults.  Registering a name twice raises ``ValueError``.
    """
    if name in _proofs:
        raise ValueError(f"The proof {name} is registered twice.")
    _proofs[name] = proof


def names() -> list[str]:
    """Return the names of all proofs."""
    return sorted(_proofs)


def faults(name: str) -> Iterator[str]:
    """Run one proof and yield its faults; an unknown name raises ``LookupError``."""
    try:
        proof = _proofs[name]
    except KeyError:
        raise LookupError(f"No proof is called {name}.") from None
    yield from proof()
