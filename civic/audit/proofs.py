"""What must be true of the record."""

from civic.audit import chain
from civic.core import proofs

proofs.register("record-chain", chain.broken_links)
proofs.register("record-sealed", chain.unsealed)
proofs.register("record-forgotten", chain.unexplained_gaps)
proofs.register("record-guards", chain.missing_guards)
