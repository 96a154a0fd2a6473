"""What the tests of signing up and in look at."""

from django.test import Client

from civic.people.models import Person


def signed_in(client: Client) -> Person | None:
    """Return whoever this browser is signed in as."""
    key = client.session.get("_auth_user_id")
    return Person.objects.get(pk=key) if key else None
