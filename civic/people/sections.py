"""What the accounts themselves hold about people, and what the record below them does."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from civic.audit.models import Entry
from civic.events.models import Delivery
from civic.people import erasing
from civic.people.models import Person, Suspension, Verification
from civic.people.personal import Fact, Record, Section, declare

SIGNED_IN_AS = "_auth_user_id"


def _account(person: Person) -> Sequence[Person]:
    return [person]


def _tell_account(person: Person) -> Record:
    return Record(
        (
            Fact("id", _("number of the account"), person.pk),
            Fact("display_name", _("name shown to others"), person.display_name),
            Fact("email", _("e-mail"), person.email),
            Fact("phone", _("mobile number"), person.phone),
            Fact("phone_verified", _("mobile number confirmed"), person.phone_verified),
            Fact("language", _("language"), person.get_language_display() if person.language else ""),
            Fact("elder_mode", _("elder mode"), person.elder_mode),
            Fact("has_password", _("has a password"), person.has_usable_password()),
            Fact("joined_at", _("opened"), person.joined_at),
            Fact("last_login", _("last sign-in"), person.last_login),
        )
    )


def _forget_account(person: Person, at: datetime) -> None:
    # The deliveries' errors may quote what a server said about an address.
    for mark in _marks(person):
        Delivery.objects.filter(error__contains=mark).update(error="")
    end_sessions(person)
    EmailConfirmation.objects.filter(email_address__user=person).delete()
    EmailAddress.objects.filter(user=person).delete()
    Authenticator.objects.filter(user=person).delete()
    person.groups.clear()
    person.user_permissions.clear()
    erasing.make_nameless(person, at)


def end_sessions(person: Person) -> None:
    """Throw away every session this person is signed in with, or has begun to sign in with."""
    marks = _marks(person)
    lost = [
        session.session_key
        for session in Session.objects.iterator(chunk_size=500)
        if _is_of(session.get_decoded(), person.pk, marks)
    ]
    Session.objects.filter(session_key__in=lost).delete()


def _is_of(data: dict[str, Any], person_id: int, marks: Sequence[str]) -> bool:
    return data.get(SIGNED_IN_AS) == str(person_id) or any(mark in str(data) for mark in marks)


def _marks(person: Person) -> list[str]:
    """Return what gives a person away wherever it stands: each address and number."""
    return sorted(erasing.addresses(person)) + ([person.phone] if person.phone else [])


declare(
    Section(
        "account", _("Your account"),
        _("Your name here, how to reach you, and how you want the pages."),
        rows=_account, tell=_tell_account, erase=_forget_account, correct_at="me-preferences",
        goes=_("Your account, with its name, addresses, password and second factor. Every device is signed out."),
        stays=_("An empty, nameless account number, so that what others said to you keeps its place."),
        keeps={
            "civic_people.Person_groups.person": "cleared with the account",
            "civic_people.Person_user_permissions.person": "cleared with the account",
            "civic_people.Verification.verified_by": "who answers for a check is not the checked person's secret",
            "civic_people.Suspension.imposed_by": "an act of the office, on record under a number",
        },
    )
)  # fmt: skip


def _tell_address(address: EmailAddress) -> Record:
    return Record(
        (
            Fact("email", _("e-mail"), address.email),
            Fact("verified", _("confirmed"), address.verified),
            Fact("primary", _("used for letters"), address.primary),
        )
    )


declare(
    Section(
        "addresses", _("E-mail addresses"),
        _("Addresses you gave us; only you and the programs that send to you see them."),
        rows=lambda person: EmailAddress.objects.filter(user=person).order_by("pk"), tell=_tell_address,
        correct_at="account_email",
        reaches=("account.EmailAddress.user", "account.EmailConfirmation.email_address__user"),
    )
)  # fmt: skip


def _tell_factor(factor: Authenticator) -> Record:
    return Record(
        (
            Fact("type", _("kind"), factor.get_type_display()),
            Fact("created_at", _("set up"), factor.created_at),
            Fact("last_used_at", _("last used"), factor.last_used_at),
        )
    )


declare(
    Section(
        "factors", _("Second factor"),
        _("What you sign in with besides a password. The secret itself is shown to nobody, not even here."),
        rows=lambda person: Authenticator.objects.filter(user=person).order_by("pk"), tell=_tell_factor,
        correct_at="mfa_index", reaches=("mfa.Authenticator.user",),
    )
)  # fmt: skip


def _verifications(person: Person) -> Sequence[Any]:
    return [person, *Verification.objects.filter(person=person).order_by("-at", "-pk")]


def _tell_verification(row: Person | Verification) -> Record:
    if isinstance(row, Person):
        return Record(
            (
                Fact("residence", _("where you live"), str(row.residence) if row.residence else ""),
                Fact("level", _("verification"), row.get_level_display()),
            )
        )
    return Record(
        (
            Fact("level", _("verification"), row.get_level_display()),
            Fact("method", _("how"), row.get_method_display()),
            Fact("at", _("when"), row.at),
            Fact("by_clerk", _("checked by a clerk"), row.verified_by_id is not None),
        )
    )


def _forget_verifications(person: Person, at: datetime) -> None:
    Verification.objects.filter(person=person).delete()
    Suspension.objects.filter(person=person).delete()


declare(
    Section(
        "residence", _("Where you live, and how we know"),
        _("Decides what you are asked about and may take part in. We keep no copy of any document."),
        rows=_verifications, tell=_tell_verification, erase=_forget_verifications, correct_at="me-preferences",
        goes=_("Where you live, and every check of it."),
        reaches=("civic_people.Verification.person",),
    )
)  # fmt: skip


def _tell_suspension(suspension: Suspension) -> Record:
    return Record(
        (
            Fact("starts_at", _("from"), suspension.starts_at),
            Fact("ends_at", _("until"), suspension.ends_at),
            Fact("reason", _("reason"), suspension.reason),
        )
    )


declare(
    Section(
        "suspensions", _("Times you could only read"),
        _("When somebody stopped your account from writing, and why."),
        rows=lambda person: Suspension.objects.filter(person=person).order_by("-starts_at", "-pk"),
        tell=_tell_suspension, reaches=("civic_people.Suspension.person",),
        goes=_("Times you could only read, and the reasons."),
    )
)  # fmt: skip


def _entries(person: Person) -> Any:
    about = Q(subject_type=Person._meta.label_lower, subject_id=str(person.pk))
    return Entry.objects.filter(Q(actor=person) | about).order_by("-pk")


def _tell_entry(entry: Entry) -> Record:
    about_me = entry.subject_type == Person._meta.label_lower
    me = about_me and entry.actor_id is not None and str(entry.actor_id) == entry.subject_id
    other = gettext("Somebody of an office") if entry.actor_id is not None else ""
    actor = gettext("You") if me or not about_me else other
    return Record(
        (
            Fact("at", _("when"), entry.at),
            Fact("type", _("kind of entry"), entry.type),
            Fact("sentence", _("what happened"), entry.sentence(actor=actor, subject=pgettext("of an entry", "this"))),
            Fact("channel", _("channel"), entry.channel),
        )
    )


declare(
    Section(
        "record", _("The record"),
        _("What you did here and what was done about you, line by line; nobody can change a line afterwards."),
        rows=_entries, tell=_tell_entry,
        stays=_(
            "The lines of the record, which say that something was done here, without saying by whom: "
            "the law asks for them, and without them nobody could check a count."
        ),
        keeps={"civic_audit.Entry.actor": "append-only; names its actor by number, which leads to a nameless row"},
    )
)  # fmt: skip
