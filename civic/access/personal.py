"""Where a person is signed in, as their own data."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from civic.access.models import SignIn
from civic.people.models import Person
from civic.people.personal import Fact, Record, Section, declare


def _tell(sign_in: SignIn) -> Record:
    return Record(
        (
            Fact("device", _("device"), sign_in.device_words()),
            Fact("began_at", _("since"), sign_in.began_at),
            Fact("used_at", _("last used"), sign_in.used_at),
        )
    )


def _forget(person: Person, at: datetime) -> None:
    SignIn.objects.filter(person=person).delete()


declare(
    Section(
        "sign-ins", _("Where you are signed in"),
        _("The kind of browser, since when, and the day it was last used; no network address."),
        rows=lambda person: SignIn.objects.filter(person=person).order_by("-used_at", "-pk"), tell=_tell,
        erase=_forget, correct_at="me-sessions", reaches=("civic_access.SignIn.person",),
    )
)  # fmt: skip
