"""How many queries each page costs once the process is warm: ``python -m bench.queries`` reads a job, writes counts."""

import json
import sys
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 - Django must be set up first
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402


def count(job: dict[str, dict[str, Any]]) -> dict[str, int]:
    """Return the queries of each page: of a visitor's when it is drawn, of a reader's when nothing has changed."""
    counts = {}
    for name, page in job.items():
        settings.PAGE_CACHE = bool(page["session"])
        client = Client(headers={"host": "localhost"})
        if page["session"]:
            client.cookies["sessionid"] = page["session"]
        for _ in range(2):
            with CaptureQueriesContext(connection) as asked:
                answer = client.get(page["path"])
        assert answer.status_code == 200, (name, answer.status_code)
        counts[name] = len(asked)
    return counts


if __name__ == "__main__":
    json.dump(count(json.load(sys.stdin)), sys.stdout)
