"""The county, the consultation and the moderators of other tests, and a way to act at once."""

from tests.consult.conftest import consultation, county, open_consultation
from tests.consult.moderation.conftest import moderators, office, said

__all__ = ["consultation", "county", "moderators", "office", "open_consultation", "said"]
