import pytest

from civic.audit import types


@pytest.fixture(scope="session")
def tested() -> str:
    """An entry type that only these tests know."""
    return types.declare("tests:thing:happened", "%(actor)s did %(what)s to %(subject)s.", "what")
