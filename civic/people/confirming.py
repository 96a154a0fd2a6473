"""Six digits sent to people without a password, before something that cannot be undone.

The session keeps only a keyed hash; a code lasts ten minutes and five tries.
"""

import secrets
from collections.abc import MutableMapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.module_loading import import_string
from django.utils.translation import gettext

from civic.people import erasing
from civic.people.models import Person

KEPT_AS = "civic_people_code"
LASTS = timedelta(minutes=10)
TRIES = 5
PAUSE = timedelta(seconds=30)


def send(kept: MutableMapping[str, Any], *, person: Person, at: datetime) -> bool:
    """Owe a code to the person; return False when one left a moment ago or there is no address to send it to."""
    before = kept.get(KEPT_AS)
    address = person.phone if person.phone and person.phone_verified else next(iter(erasing.addresses(person)), None)
    if address is None or (before and at < datetime.fromisoformat(before["at"]) + PAUSE):
        return False
    code = f"{secrets.randbelow(10**6):06}"
    kept[KEPT_AS] = {"hash": _hash(code, person), "at": at.isoformat(), "tries": 0}
    post = import_string("civic.notify.domain.post")  # letters live upstairs
    if "@" in address:
        text = render_to_string("emails/erasure_code.txt", {"code": code})
        content = {"subject": gettext("Code to delete your account"), "text": text, "html": ""}
        post(channel="email", address=address, content=content, at=at, lasts=LASTS)
    else:
        short = " ".join(render_to_string("sms/erasure_code.txt", {"code": code}).split())
        post(channel="sms", address=address, content={"text": short}, at=at, lasts=LASTS)
    return True


def is_waiting(kept: MutableMapping[str, Any], *, at: datetime) -> bool:
    """Tell whether a code is out and still good."""
    found = kept.get(KEPT_AS)
    if not found:
        return False
    return at < datetime.fromisoformat(found["at"]) + LASTS and found["tries"] < TRIES


def fits(kept: MutableMapping[str, Any], code: str, *, person: Person, at: datetime) -> bool:
    """Tell whether this is the code that was sent; each question counts as a try, a right one uses it up."""
    if not is_waiting(kept, at=at):
        return False
    found = kept[KEPT_AS]
    kept[KEPT_AS] = found | {"tries": found["tries"] + 1}
    if not constant_time_compare(found["hash"], _hash(code, person)):
        return False
    del kept[KEPT_AS]
    return True


def _hash(code: str, person: Person) -> str:
    return salted_hmac(f"civic.people.confirming/{person.pk}", code, secret=settings.SECRET_KEY).hexdigest()
