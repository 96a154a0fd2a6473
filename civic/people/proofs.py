"""What must be true of accounts."""

from civic.core import proofs
from civic.people import factors

proofs.register("second-factors", factors.unreadable)
