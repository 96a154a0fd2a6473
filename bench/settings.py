"""The site as it runs in production, without what keeps one machine from asking thousands of times a minute."""

import os

os.environ.setdefault("GONGYI_ENV", "local")

from civic.settings.local import *  # noqa: F403

DEMO = False
PAGE_CACHE = os.environ.get("PAGE_CACHE", "yes") == "yes"
RATE_LIMIT_FACTOR = 1_000_000  # everything is counted as ever, and nothing is too often
ACCOUNT_RATE_LIMITS = False  # type: ignore[assignment]  # how allauth is told to have none
