"""The environment of the suite, set before Django reads it.

``make test`` brings servers of its own; plain ``python -m pytest`` runs on the
embedded database and skips, by name, what needs more.
"""

import atexit
import os
import shutil
import tempfile

os.environ.setdefault("GONGYI_ENV", "test")
# Playwright's loop makes Django believe it is called from asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
if "GONGYI_HOME" not in os.environ:
    # Never the developer's own data or queue.
    os.environ["GONGYI_HOME"] = tempfile.mkdtemp(prefix="gongyi-test-")
    atexit.register(shutil.rmtree, os.environ["GONGYI_HOME"], ignore_errors=True)
