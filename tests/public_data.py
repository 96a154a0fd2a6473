"""Where the real elections and conversations lie that some tests count again.

They stay beside the repository, in ``../shared/data`` or where ``GONGYI_DATA`` says: their licences let them be
used, not all of them be shipped with the product.  What needs them says so: ``@pytest.mark.needs("public-data")``.
"""

import os
from pathlib import Path

DATA = Path(os.environ.get("GONGYI_DATA") or Path(__file__).parents[2] / "shared" / "data")
