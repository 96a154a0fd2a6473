"""Reading what waits for moderators, and what stands in the way of closing a consultation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civic.access.questions import may, visible
from civic.core.asking import Question
from civic.core.languages import localised
from civic.core.refusals import Reason
from civic.people.models import Person
from civic.ui.dates import day_text
from civic.ui.shell import address
from consult.consultations.models import Consultation
from consult.consultations.queries import scope_of
from consult.discussion.models import Contribution
from consult.discussion.states import Outcome, State
from consult.discussion.withheld import Withheld
from consult.moderation.actions import APPEAL, DECIDE, JUDGE
from consult.moderation.models import APPEAL_TIME, Appeal, Bulk, Case, Report, Ruling, SlowMode
from consult.moderation.states import Act, Result

_SLOW: Question[SlowMode] = Question(
    lambda at, consultation: SlowMode.objects.in_force(at).filter(consultation_id=consultation)[:1],
    at=datetime, consultation=int,
)  # fmt: skip
_SLOW_MODES: Question[SlowMode] = Question(
    lambda consultation: SlowMode.objects.filter(consultation_id=consultation), consultation=int
)
PAGE_SIZE = 20
HELD_TOO_LONG = timedelta(hours=24)
APPEAL_TOO_LONG = timedelta(days=3)
NOT_FINAL = Reason(
    "not-final",
    gettext_lazy(
        "%(count)s contributions are with the moderators, or their authors may still appeal. "
        "Close it when that is over, so that words shown again still get their answer."
    ),
)


# --- the queue ---------------------------------------------------------------------------------------------------


def queue(person: Person, *, at: datetime) -> "QuerySet[Case]":
    """Return the cases that wait and this person may judge, the greatest risk first, then the oldest."""
    rows = _not_of_own_office(visible(person, JUDGE, Case.objects.waiting(), at=at), person, at, "contribution")
    own_report = Report.objects.filter(contribution=OuterRef("contribution"), reporter=person, ruling=None)
    return rows.exclude(contribution__author=person).filter(~Exists(own_report))


def for_lines(cases: "QuerySet[Case]") -> "QuerySet[Case]":
    """Join what a line of the queue shows."""
    return cases.select_related("contribution__consultation", "contribution__author")


def of_account(person: Person, author: int, *, at: datetime) -> "QuerySet[Contribution]":
    """Return everything one account says that is shown or held, newest first: where this person may judge it."""
    rows = Contribution.objects.filter(author=author, state__in=[State.PUBLISHED, State.HELD])
    rows = rows.exclude(kind=Contribution.Kind.STATEMENT).select_related("consultation", "author", "case")
    return _not_of_own_office(visible(person, JUDGE, rows, at=at), person, at, "").order_by("-created_at", "-pk")


def hidden(person: Person, *, at: datetime) -> "QuerySet[Case]":
    """Return the cases of words that are hidden now, the latest first."""
    rows = visible(person, JUDGE, Case.objects.filter(contribution__state=State.HIDDEN), at=at)
    return rows.order_by("-contribution__rulings__at", "-pk").filter(
        contribution__rulings__pk__in=_latest_rulings().values("pk")
    )


def _latest_rulings() -> "QuerySet[Ruling]":
    later = Ruling.objects.filter(contribution=OuterRef("contribution"), pk__gt=OuterRef("pk"))
    return Ruling.objects.filter(~Exists(later)).order_by()


def appeals(person: Person, *, at: datetime) -> "QuerySet[Appeal]":
    """Return the appeals that wait for this person, the oldest first: never those against their own decisions."""
    rows = visible(person, DECIDE, Appeal.objects.filter(result=""), at=at).exclude(first=person)
    return _not_of_own_office(rows, person, at, "ruling__contribution").select_related(
        "ruling__contribution__consultation", "ruling__contribution__author"
    )


def bulks(*, at: datetime) -> "QuerySet[Bulk]":
    """Return the acts on many of the last week, newest first."""
    return Bulk.objects.filter(at__gt=at - timedelta(days=7)).select_related("by", "undone_by")


def waiting_count(person: Any, at: datetime) -> int:
    """Return how much waits for a moderator: the number in the staff bar."""
    if not isinstance(person, Person):
        return 0
    # Hidden words under appeal wait in no queue, so nothing is counted twice: one query.
    cases = queue(person, at=at).order_by().values("contribution")
    return cases.union(appeals(person, at=at).order_by().values("ruling__contribution")).count()


def _not_of_own_office(rows: Any, person: Person, at: datetime, path: str) -> Any:
    sponsor = f"{path}__consultation__sponsor" if path else "consultation__sponsor"
    return rows.exclude(**{f"{sponsor}__in": person.memberships.in_force(at).values("body")})


# --- one case ----------------------------------------------------------------------------------------------------


def case_of(contribution: Contribution) -> Case:
    """Return what the moderators know of words; a new, empty case where they know nothing."""
    return Case.objects.filter(contribution=contribution).first() or Case(contribution=contribution)


def reports_of(contribution: Contribution) -> list[Report]:
    """Return the reports of words, without anybody's name, oldest first (at most a hundred)."""
    return list(Report.objects.filter(contribution=contribution).defer("reporter")[:100])


def rulings_of(contribution: Contribution) -> list[Ruling]:
    """Return what was decided about words, newest first."""
    return list(
        Ruling.objects.filter(contribution=contribution).select_related("by", "bulk", "appeal__decided_by")[:50]
    )


def last_hiding(contribution: Contribution) -> Ruling | None:
    """Return the latest decision to hide words."""
    rows = Ruling.objects.filter(contribution=contribution, act=Act.HIDE).select_related("appeal", "by")
    return rows.order_by("-pk").first()


# --- why words are not shown -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Now:
    person: Any
    at: datetime


def why_withheld(contributions: Sequence[Contribution], person: Any, at: datetime) -> dict[int, Withheld]:
    """Return why words are held or hidden: one query for a page of them, and for their author a little more."""
    latest = _latest_rulings().filter(contribution__in=[each.pk for each in contributions])
    rulings = {ruling.contribution_id: ruling for ruling in latest.select_related("appeal")}
    return {each.pk: _why(each, rulings[each.pk], _Now(person, at)) for each in contributions if each.pk in rulings}


def _why(contribution: Contribution, ruling: Ruling, now: _Now) -> Withheld:
    rule = localised(ruling.house_rule, "name") if ruling.house_rule is not None else ""
    common = {"rule": rule, "rules_url": address("house-rules"), "at": ruling.at}
    if not isinstance(now.person, Person) or contribution.author_id != now.person.pk:
        return Withheld(**common)  # type: ignore[arg-type]
    ruling.contribution = contribution
    may_appeal = ruling.act == Act.HIDE and bool(may(now.person, APPEAL, ruling, at=now.at))
    url = ""
    if ruling.act == Act.HIDE:
        url = address("contribution-appeal", contribution.consultation.slug, str(contribution.pk))
    return Withheld(
        **common, sentence=ruling.sentence, status=_status(contribution, ruling, now.at), url=url, may_appeal=may_appeal  # type: ignore[arg-type]
    )  # fmt: skip


def _status(contribution: Contribution, ruling: Ruling, at: datetime) -> str:
    if contribution.state == State.HELD:
        if ruling.act == Act.QUEUE:
            return _(
                "Slow mode is on here: the words of accounts newer than a week wait until a moderator has read them. "
                "You need do nothing; we tell you."
            )
        return _("A moderator takes a closer look and then decides. You need do nothing; we tell you.")
    appeal = getattr(ruling, "appeal", None)
    if appeal is not None and appeal.result == Result.CONFIRMED:
        return _("Another moderator looked at it: the decision stands. %(reason)s") % {"reason": appeal.sentence}
    if appeal is not None:
        return _("You appealed; another moderator decides.")
    if at < ruling.appeal_until:
        return _("You can appeal until %(day)s; another moderator decides.") % {
            "day": day_text(ruling.appeal_until, at)
        }
    return _("The time to appeal is over.")


# --- slow mode and closing ---------------------------------------------------------------------------------------


def slow_mode_of(consultation: Consultation, *, at: datetime) -> SlowMode | None:
    """Return the slow mode a consultation is in at an instant."""
    return _SLOW.one(at=at, consultation=consultation.pk)


def slow_mode_told(consultation: Consultation, *, at: datetime) -> SlowMode | None:
    """Return what ``slow_mode_of`` does, for those who read."""
    modes = _SLOW_MODES.unchanged(scope_of(consultation.pk), consultation=consultation.pk)
    return next((slow for slow in modes if slow.is_in_force(at)), None)


def why_not_final(consultation: Consultation, at: datetime) -> Reason | None:
    """Say that comments or proposals are with the moderators, or hidden ones may still come back."""
    roots = Contribution.objects.roots().filter(consultation=consultation, outcome=Outcome.WAITING)
    may_come_back = Ruling.objects.filter(contribution=OuterRef("pk"), act=Act.HIDE).filter(
        Q(appeal=None, at__gt=at - APPEAL_TIME) | Q(appeal__result="", appeal__isnull=False)
    )
    open_ = roots.filter(Q(state=State.HELD) | Q(Exists(may_come_back), state=State.HIDDEN)).aggregate(n=Count("pk"))[
        "n"
    ]
    return NOT_FINAL.with_(count=open_) if open_ else None
