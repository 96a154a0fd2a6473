"""What a person takes part in and follows."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from civic.people.models import Person
from civic.people.personal import Fact, Record, Section, declare
from consult.consultations.models import Follow, Participation


def _tell_participation(participation: Participation) -> Record:
    asked = participation.consultation
    return Record(
        (
            Fact("consultation", _("consultation"), str(asked)),
            Fact("first_at", _("took part since"), participation.first_at),
        ),
        url=asked.get_absolute_url(),
    )


def _tell_follow(follow: Follow) -> Record:
    asked = follow.consultation
    return Record(
        (Fact("consultation", _("consultation"), str(asked)), Fact("since", _("followed since"), follow.since)),
        url=asked.get_absolute_url(),
    )


def _forget_follows(person: Person, at: datetime) -> None:
    Follow.objects.filter(person=person).delete()


declare(
    Section(
        "participations", _("What you took part in"),
        _("Each consultation you said or supported something in: you are counted once, and told what becomes of it."),
        rows=lambda person: (
            Participation.objects.filter(person=person).select_related("consultation").order_by("-first_at", "-pk")
        ),
        tell=_tell_participation,
        stays=_("That one more person took part, without saying who: the number of participants stays true."),
        keeps={
            "consult_consultations.Participation.person": "counted once; leads to a nameless row",
            "consult_consultations.Consultation.created_by": "an act of the office, on record under a number",
        },
    )
)  # fmt: skip

declare(
    Section(
        "follows", _("What you follow"),
        _("Consultations you want to hear about."),
        rows=lambda person: Follow.objects.filter(person=person).select_related("consultation").order_by("-since", "-pk"),
        tell=_tell_follow, erase=_forget_follows,
        goes=_("What you follow."), reaches=("consult_consultations.Follow.person",),
    )
)  # fmt: skip
