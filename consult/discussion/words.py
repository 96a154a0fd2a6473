"""The hash of somebody's words, which proves them unchanged and survives them.

Salted with the number of the form they came by, which nobody but their author's
browser ever saw and which is thrown away with the words: afterwards the hash
stands for them, and nobody can try out what they may have been.
"""

import hashlib
import json
from typing import Any


def hash_of(*, submission: Any, title: str, text: str) -> str:
    """Return the SHA-256 of a contribution's words."""
    canonical = json.dumps([str(submission), title, text], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
