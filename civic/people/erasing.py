"""Closing an account for good: asked for, slept over, done (docs/decisions/0010-forgetting-a-person.md)."""

import logging
import uuid
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext

from civic.audit import forgetting
from civic.core.collisions import again_if_collided
from civic.events.bus import publish
from civic.people import actions, personal
from civic.people.models import Level, Person

logger = logging.getLogger(__name__)

COOL_OFF = timedelta(days=7)
LETTER_LASTS = timedelta(days=2)
BATCH = 100


def ask(*, person: Person, at: datetime) -> datetime:
    """Note that a person wants their account gone; return when it will be.

    Nothing else changes until then.  Every address of the account is told, so
    that whoever did not ask can stop it.  Asked again, the first date stands.
    """
    with transaction.atomic():
        current = Person.objects.select_for_update().get(pk=person.pk)
        if current.erase_after is None:
            current.erase_after = at + COOL_OFF
            current.save(update_fields=["erase_after"])
            publish(actions.ERASURE_ASKED, subject=current, actor=current, at=at)
            _tell(current, current.erase_after, at)
        person.erase_after = current.erase_after
    return current.erase_after


def keep(*, person: Person, at: datetime) -> None:
    """Stop an erasure that was asked for; where none was, nothing changes."""
    with transaction.atomic():
        if Person.objects.filter(pk=person.pk, erased_at=None, erase_after__isnull=False).update(erase_after=None):
            publish(actions.ERASURE_STOPPED, subject=person, actor=person, at=at)
    person.erase_after = None


def due(*, at: datetime) -> list[int]:
    """Return the ids of the people whose time to sleep over it has ended, a batch at a time."""
    waiting = Person.objects.filter(erased_at=None, erase_after__lte=at).order_by("erase_after", "pk")
    return list(waiting.values_list("pk", flat=True)[:BATCH])


@again_if_collided
def erase(*, person_id: int, at: datetime, asked: bool = False) -> bool:
    """Forget a person, wholly or not at all; return whether there was anything to forget.

    What others said, the shape of threads and what was counted stay as they
    are; the person's own row stays as a nameless tombstone that cannot sign
    in.  With ``asked``, only somebody who has not changed their mind meanwhile.
    Raises ``LookupError`` when nobody has this id.
    """
    with transaction.atomic():
        # Who writes takes the key of their own row after the words they change: so does this, or the two would wait
        # for each other (docs/decisions/0007-locks-in-one-order.md).
        for section in reversed(personal.sections()):
            section.hold(person_id)
        person = Person.objects.select_for_update().filter(pk=person_id).first()
        if person is None:
            raise LookupError(f"There is no person {person_id}.")
        if person.erased_at is not None or (asked and (person.erase_after is None or person.erase_after > at)):
            return False
        # What was sent in the moment before, too: nobody may write about it until it is forgotten.
        for section in reversed(personal.sections()):
            section.hold(person_id)
        # The record first: what tells of a person is found by rows that go, or lose their owner, below.
        forgetting.forget(person_id=person.pk, at=at)
        for section in reversed(personal.sections()):
            section.erase(person, at)
        publish(actions.ERASED, subject=person, actor=None, at=at)
    logger.info("person %s was erased", person_id)
    return True


def make_nameless(person: Person, at: datetime) -> None:
    """Turn the person's own row into a tombstone."""
    Person.objects.filter(pk=person.pk).update(
        number=uuid.uuid4(), email=None, phone=None, phone_verified=False, display_name="", level=Level.REGISTERED,
        residence=None, is_active=False, language="", elder_mode=False, joined_at=at,
        last_login=None, password=make_password(None), erase_after=None, erased_at=at,
    )  # fmt: skip


def _tell(person: Person, when: datetime, at: datetime) -> None:
    post = import_string("civic.notify.domain.post")  # letters live upstairs
    day = timezone.localtime(when).date()
    facts = {"day": day, "url": settings.BASE_URL + reverse("me-data"), "days": COOL_OFF.days}
    with translation.override(person.language or settings.LANGUAGE_CODE):
        subject = gettext("Your account will be deleted")
        text = render_to_string("emails/erasure.txt", facts)
        short = " ".join(render_to_string("sms/erasure.txt", facts).split())
        html = render_to_string("emails/erasure.html", facts)
    for address in sorted(addresses(person)):
        content = {"subject": subject, "text": text, "html": html}
        post(channel="email", address=address, content=content, at=at, lasts=LETTER_LASTS)
    if person.phone and person.phone_verified:
        post(channel="sms", address=person.phone, content={"text": short}, at=at, lasts=LETTER_LASTS)


def addresses(person: Person) -> set[str]:
    """Return every e-mail address of an account, confirmed or not."""
    known = set(EmailAddress.objects.filter(user=person).values_list("email", flat=True))
    return known | ({person.email} if person.email else set())
