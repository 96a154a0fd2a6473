"""Standing: is this person signed in, verified far enough, not suspended?"""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from civic.core.asking import Question
from civic.core.refusals import SIGN_IN, Reason
from civic.people.models import Level, Person, Suspension, Verification
from civic.places.models import Place
from civic.ui.dates import when_text

SUSPENDED = Reason("suspended", _("Your account may not write until %(until)s: %(why)s"))
SUSPENDED_OPEN = Reason("suspended", _("Your account may not write for now: %(why)s"))
VERIFY_CONTACT = Reason("verify-contact", _("Confirm your e-mail or mobile number first: it takes one code."))
VERIFY_RESIDENT = Reason(
    "verify-resident", _("This is for verified residents. Any help station can verify you, free of charge.")
)
VERIFY_IN_PERSON = Reason("verify-in-person", _("This needs you to have been verified in person at a help station."))
RESIDENCE_VERIFIED = Reason(
    "residence-verified",
    _("A clerk has checked where you live. If you have moved, any help station changes it for you."),
)
PLACE_TOO_WIDE = Reason("place-too-wide", _("Choose your township, or better your community or village."))
NAME_IN_LINES = Reason("name-in-lines", _("A name is one line."))

NAME_LENGTH = 40
MEANS_OF_CONTACT = (Verification.Method.EMAIL, Verification.Method.PHONE)

_IN_FORCE: Question[Suspension] = Question(
    lambda at, person: Suspension.objects.in_force(at).filter(person_id=person).order_by("-ends_at")[:1],
    at=datetime, person=int,
)  # fmt: skip
_SUSPENSION = "_suspension_at"
_BY_LEVEL = {
    Level.CONTACT: VERIFY_CONTACT,
    Level.RESIDENT: VERIFY_RESIDENT,
    Level.IN_PERSON: VERIFY_IN_PERSON,
}


def is_person(user: object) -> bool:
    """Tell whether this is a signed-in person rather than an anonymous visitor."""
    return isinstance(user, Person) and user.is_active


def standing(person: object, *, level: int, at: datetime) -> Reason | None:
    """Return why the person may not act at all at ``level``, or None when they may."""
    if not isinstance(person, Person) or not person.is_active:
        return SIGN_IN
    suspension = suspension_of(person, at=at)
    if suspension is not None:
        if suspension.ends_at is None:
            return SUSPENDED_OPEN.with_(why=suspension.reason)
        return SUSPENDED.with_(until=when_text(suspension.ends_at, at), why=suspension.reason)
    if person.level < level:
        return _BY_LEVEL[Level(level)]
    return None


def suspension_of(person: Person, *, at: datetime) -> Suspension | None:
    """Return the suspension in force; asked once per person object and instant."""
    # On the person itself, not on the lazy object a request holds it in.
    cached: dict[datetime, Suspension | None] = getattr(person, _SUSPENSION, {})
    if at not in cached:
        cached = {at: _IN_FORCE.one(at=at, person=person.pk)}
        setattr(person, _SUSPENSION, cached)
    return cached[at]


def note_unsuspended(person: Person, *, at: datetime) -> None:
    """Remember that this person, as just read, has no suspension in force."""
    setattr(person, _SUSPENSION, {at: None})


def may_choose_residence(person: Person, place: Place | None) -> Reason | None:
    """Return why the person may not say that they live there, or None when they may."""
    if person.level >= Level.RESIDENT and person.residence_id is not None:
        return RESIDENCE_VERIFIED
    if place is not None and place.level < Place.Level.TOWNSHIP:
        return PLACE_TOO_WIDE
    return None


def name_fault(name: str) -> Reason | None:
    """Return why a name cannot be shown to others, or None when it can."""
    return NAME_IN_LINES if "\n" in name or "\t" in name else None
