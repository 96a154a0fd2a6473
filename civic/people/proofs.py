"""What must be true of accounts."""

from collections.abc import Iterator

from civic.audit import guards
from civic.core import proofs
from civic.people import factors

#: Where the database lets nobody write who was erased (``0004_gone_people_write_nothing``).
GUARDED = frozenset({"civic_audit_entry", "account_emailaddress"})


def nobody_gone_writes() -> Iterator[str]:
    """The triggers that refuse what is written in the name of somebody who was erased."""
    for name in guards.lost({f"{table}_of_nobody_gone" for table in GUARDED}):
        yield f"the trigger {name} is missing or switched off"


proofs.register("second-factors", factors.unreadable)
proofs.register("gone-people", nobody_gone_writes)
