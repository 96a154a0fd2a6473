"""What the site holds about a person's voting: that they may, and on which day they did.  Never what."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from civic.people.models import Person
from civic.people.personal import Fact, Record, Section, declare
from consult.voting import paper_report
from consult.voting.models import Meeting, Objection, Observer, Poll, RollEntry, RollMark


def _rows(person: Person) -> "QuerySet[Any]":
    mine = RollMark.objects.filter(poll=OuterRef("poll"), person=OuterRef("person"))
    return (
        RollEntry.objects.filter(person=person)
        .select_related("poll", "place")
        .annotate(
            voted=Exists(mine), voted_on=mine.values("voted_on")[:1], channel=mine.values("channel")[:1],
            assisted=mine.values("assisted")[:1],
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
            Fact("assisted", _("a helper wrote the ballot for you"), bool(entry.assisted)),
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


def _meetings(person: Person) -> "QuerySet[Any]":
    found = Meeting.objects.filter(Q(first_witness=person) | Q(second_witness=person) | Q(recorder=person))
    return found.select_related("poll").order_by("-poll_id")


def _tell_meeting(meeting: Any) -> Record:
    return Record(
        (
            Fact("meeting", _("meeting"), str(meeting.poll)),
            Fact("held_on", _("held on"), meeting.poll.opens_at.date()),
            Fact("confirmed", _("confirmed by both witnesses"), meeting.is_confirmed),
        ),
        url=meeting.poll.get_absolute_url(),
    )


declare(
    Section(
        "meetings", _("Meetings you stood for"),
        _("Meetings whose minutes you wrote, or confirmed as a witness. Your name stands under the published minutes."),
        rows=_meetings,
        tell=_tell_meeting,
        stays=_("That two people confirmed the minutes of a meeting, without saying who you were."),
        keeps={
            "consult_voting.Meeting.recorder": "minutes are the office's; leads to a nameless row",
            "consult_voting.Meeting.first_witness": "that two people stood for the minutes must stay provable; nameless",
            "consult_voting.Meeting.second_witness": "that two people stood for the minutes must stay provable; nameless",
        },
    )
)  # fmt: skip


def _tell_objection(objection: Objection) -> Record:
    return Record(
        (
            Fact("poll", _("poll"), str(objection.poll)),
            Fact("made_at", _("when"), objection.made_at),
            Fact("text", _("objection"), objection.text),
            Fact("answer", _("answer"), objection.answer),
            Fact("hidden_because", _("why the words are hidden"), objection.hidden_because),
        ),
        url=f"{objection.poll.get_absolute_url()}result/",
    )


def _forget_objections(person: Person, at: datetime) -> None:
    Objection.objects.filter(person=person).update(text="", salt="")
    Objection.objects.filter(person=person, hidden_at__isnull=False).update(hidden_because="—")


declare(
    Section(
        "objections", _("Objections you made to votes"),
        _("Your words are public beside the result, without your name; the bulletin holds their date and a salted hash."),
        rows=lambda person: Objection.objects.filter(person=person).select_related("poll").order_by("-made_at", "-pk"),
        tell=_tell_objection, erase=_forget_objections,
        goes=_("The words of your objections, and what could prove them."),
        stays=_("That somebody objected, on which day, and the answer."),
        reaches=("consult_voting.Objection.person",),
        keeps={
            "consult_voting.Objection.answered_by": "an act of the office, on record under a number",
            "consult_voting.Objection.hidden_by": "an act of the office, on record under a number",
        },
    )
)  # fmt: skip


def _tell_observing(observer: Observer) -> Record:
    return Record(
        (Fact("poll", _("poll"), str(observer.poll)), Fact("since", _("observed since"), observer.since)),
        url=observer.poll.get_absolute_url(),
    )


def _forget_observing(person: Person, at: datetime) -> None:
    Observer.objects.filter(person=person).delete()


declare(
    Section(
        "observed", _("Votes you observe"),
        _("Votes whose bulletin is sent to you every day."),
        rows=lambda person: Observer.objects.filter(person=person).select_related("poll").order_by("-since", "-pk"),
        tell=_tell_observing, erase=_forget_observing,
        goes=_("Which votes you observe."), reaches=("consult_voting.Observer.person",),
    )
)  # fmt: skip


def _keyed(person: Person) -> "list[tuple[Poll, int]]":
    counts = {row["poll"]: row["n"] for row in paper_report.keyed_by(person)}
    return [(poll, counts[poll.pk]) for poll in Poll.objects.filter(pk__in=counts).order_by("-pk")]


def _tell_keyed(row: tuple[Poll, int]) -> Record:
    poll, count = row
    return Record(
        (Fact("poll", _("poll"), str(poll)), Fact("slips", _("paper ballots you keyed"), count)),
        url=poll.get_absolute_url(),
    )


declare(
    Section(
        "paper-ballots", _("Paper ballots you keyed"),
        _("For an office, out of slips that name nobody: how many, in which poll."),
        rows=_keyed,
        tell=_tell_keyed,
        stays=_("That somebody of the office keyed these slips and printed the packs, without saying who."),
        keeps={
            "consult_voting.PaperKeying.keyed_by": "two people keyed each slip; leads to a nameless row",
            "consult_voting.PaperPack.made_by": "printed for an office; leads to a nameless row",
            "consult_voting.PaperPack.cancelled_by": "cancelled for an office; leads to a nameless row",
        },
    )
)  # fmt: skip
