"""What the tests of signing up and in look at."""

import re
from typing import Any

from django.test import Client

from civic.people.models import Person


def signed_in(client: Client) -> Person | None:
    """Return whoever this browser is signed in as."""
    key = client.session.get("_auth_user_id")
    return Person.objects.get(pk=key) if key else None


def without(response: Any, address: str) -> str:
    """Return a page without what differs by right: the token, and the address the visitor typed."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    grouped = f"{address[:3]} {address[3:7]} {address[7:]}"
    return page.replace(address, "…").replace(grouped, "…")
