"""Reading somebody's personal data is an entry, which that person can see."""

from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from civic.audit import types
from civic.audit.models import Entry
from civic.audit.record import record

ONE_LOOK = timedelta(hours=1)

_purposes: dict[str, str | Promise] = {}


def declare_purpose(code: str, words: str | Promise) -> str:
    """Declare why staff look at personal data, in words the person reads, and return the code."""
    if code in _purposes:
        raise ValueError(f"The purpose {code} is declared twice.")
    _purposes[code] = words
    return code


def purpose_in_words(code: str) -> str:
    """Return a purpose in the reader's language; one of an older release is shown by its code."""
    return str(_purposes.get(code, code))


READ = types.declare(
    "civic:audit:personal-data-read",
    _("%(actor)s looked at somebody’s personal data (%(purpose)s)."),
    "purpose", "about_type", "about_id",
    words={"purpose": purpose_in_words},
)  # fmt: skip


def note_read(
    *, reader: models.Model, person: models.Model, purpose: str, subject: models.Model | None = None, at: datetime
) -> Entry | None:
    """Note that ``reader`` looked at ``person``'s data, for a declared purpose, and on which object.

    Looking at the same again within an hour is the same look and leaves nothing
    new, and looking at oneself leaves nothing at all: both return None.  Raises
    ``LookupError`` for an undeclared purpose.
    """
    if purpose not in _purposes:
        raise LookupError(f"No purpose is called {purpose}: declare it first.")
    if reader.pk == person.pk:
        return None
    facts = {"purpose": purpose}
    if subject is not None:
        facts |= {"about_type": subject._meta.label_lower, "about_id": str(subject.pk)}
    with transaction.atomic():
        before = Entry.objects.about(person).filter(type=READ, actor_id=reader.pk, at__gt=at - ONE_LOOK, at__lte=at)
        if any(facts == each for each in before.values_list("facts", flat=True)):
            return None
        return record(READ, subject=person, actor=reader, at=at, facts=facts)
