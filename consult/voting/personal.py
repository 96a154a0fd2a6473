"""What the site holds about a person's voting: that they may, and on which day they did.  Never what."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from civic.people.models import Person
from civic.people.personal import Fact, Record, Section, declare
from consult.voting.models import RollEntry, RollMark


def _rows(person: Person) -> "QuerySet[Any]":
    mine = RollMark.objects.filter(poll=OuterRef("poll"), person=OuterRef("person"))
    return (
        RollEntry.objects.filter(person=person)
        .select_related("poll", "place")
        .annotate(
            voted=Exists(mine), voted_on=mine.values("voted_on")[:1], channel=mine.values("channel")[:1]
        )
        .order_by("-poll_id")
    )  # fmt: skip


def _tell(entry: Any) -> Record:
    return Record(
        (
            Fact("poll", _("poll"), str(entry.poll)),
            Fact("place", _("place you were put on the roll for"), str(entry.place or "")),
            Fact("voted", _("voted"), entry.voted),
            Fact("voted_on", _("on this day"), entry.voted_on),
            Fact("channel", _("channel"), entry.channel or ""),
        ),
        url=entry.poll.get_absolute_url(),
    )


declare(
    Section(
        "votes", _("Polls you may vote in"),
        _("That you are on a poll's roll, and on which day you voted. What you chose is stored without your name and cannot be found by it."),
        rows=_rows,
        tell=_tell,
        stays=_(
            "That somebody on the roll voted, without saying who; and your ballots, which nobody can tell from others."
        ),
        keeps={
            "consult_voting.RollEntry.person": "the size of the roll was published; leads to a nameless row",
            "consult_voting.RollMark.person": "ballots must not outnumber marks; leads to a nameless row",
            "consult_voting.Poll.created_by": "drafted for an office; leads to a nameless row",
        },
    )
)  # fmt: skip
