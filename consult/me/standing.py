"""How far we know somebody, and how to get further."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from civic.people.models import Level, Person
from civic.ui.shell import address


@dataclass(frozen=True)
class Further:
    """What one more step of verification opens, and where to take it (``url`` may be empty: at a station)."""

    opens: str | Promise
    how: str | Promise
    label: str | Promise = ""
    url: str = ""


def further(person: Person) -> list[Further]:
    """Return the steps still open to a person, the nearest first."""
    steps = []
    if person.level < Level.CONTACT:
        steps.append(
            Further(
                _("Say your opinion and support others’"),
                _("Confirm your e-mail or mobile number: it takes one code."),
                _("Confirm now"),
                address("account_email"),
            )
        )
    if person.residence_id is None:
        steps.append(
            Further(
                _("Take part in what is asked where you live"),
                _("Say where you live: the township is enough to begin with."),
                _("Say where you live"),
                address("me-preferences"),
            )
        )
    if person.level < Level.RESIDENT:
        steps.append(
            Further(
                _("Take part where only verified residents may"),
                _("Any help station can verify you, free of charge; bring any document that shows your address."),
                _("Find a station"),
                address("help"),
            )
        )
    return steps
