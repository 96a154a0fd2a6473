"""What ``prove`` checks of opinions."""

from civic.core import proofs
from consult.opinions.queries import wrong_tallies

proofs.register("statement-tallies", wrong_tallies)
