"""Approval: everybody names all options they could live with; the most approved wins.

The same addition as ``choose``; what differs is what a ballot may hold.
"""

from consult.voting.methods.choose import count

__all__ = ["count"]
