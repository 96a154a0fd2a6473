"""Reporting, judging, appealing."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from civic.access.questions import require
from civic.core.refusals import Reason, Refused, Unfit
from civic.core.texts import plain
from civic.events.bus import publish
from civic.people.models import Person
from consult.discussion.models import Contribution
from consult.discussion.states import State
from consult.moderation import actions
from consult.moderation.house import BY_CODE
from consult.moderation.models import MAX_APPEAL, MAX_SENTENCE, Appeal, Case, Report, Ruling
from consult.moderation.rules import ALREADY_APPEALED, can_come_back
from consult.moderation.rulings import FASTER, RULE_NEEDED, grounds, lock_all, rule_on_each, sentence_of, settle
from consult.moderation.states import Act, Result

ALREADY_REPORTED = Reason("already-reported", _("You reported this already. We tell you what becomes of it."))


def report(*, contribution: Contribution, person: Person, rule: str, sentence: str, at: datetime) -> Report:
    """Say that words break a house rule; return the report.

    However many reports there are, nothing is hidden by them.  Raises
    ``Refused`` for one's own words, words not shown, and a second report;
    ``Unfit`` without a rule or a sentence.
    """
    if rule not in BY_CODE:
        raise Unfit(RULE_NEEDED)
    cleaned = plain(sentence, limit=MAX_SENTENCE)
    with transaction.atomic():
        locked = Contribution.objects.select_for_update(of=("self",), no_key=True).select_related("consultation")
        current = locked.get(pk=contribution.pk)
        require(person, actions.REPORT, current, at=at)
        try:
            with transaction.atomic():
                made = Report.objects.create(
                    contribution=current, reporter=person, rule=rule, sentence=cleaned, at=at, version=current.version
                )
        except IntegrityError as error:
            raise Refused(ALREADY_REPORTED) from error
        Case.objects.get_or_create(contribution=current)
        Case.objects.filter(contribution=current).update(
            reporters=F("reporters") + 1,
            severity=Greatest(F("severity"), Value(BY_CODE[rule].severity)),
            waiting_since=Coalesce(F("waiting_since"), Value(at)),
        )
        publish(actions.REPORTED, subject=made, actor=person, at=at, facts={"rule": rule})
        return made


def judge(
    *,
    contribution: Contribution,
    actor: Person,
    act: str,
    at: datetime,
    version: int,
    rule: str = "",
    sentence: str = "",
) -> Ruling:
    """Decide on a contribution: leave, hold, release, hide or restore it; return the decision.

    ``version`` is the case's as the moderator was shown it (0 where there was
    none).  Counters, the queue and pending appeals follow in the same
    transaction.  Raises ``Refused`` without the power, for one's own matter,
    and with ``conflict`` when a colleague was faster; ``Unfit`` when the rule
    or the sentence is missing.
    """
    rule, note = grounds(act, rule, sentence)
    with transaction.atomic():
        [current] = lock_all([contribution.pk])
        [ruling] = rule_on_each(
            [current], actor=actor, act=act, at=at, versions={current.pk: version}, rule=rule, sentence=note
        )
    contribution.refresh_from_db()
    return ruling


def appeal(*, ruling: Ruling, person: Person, text: str, at: datetime) -> Appeal:
    """Ask for a second look at a decision, once; return the appeal.

    Raises ``Refused`` for other people's words, after the time to appeal, when
    the decision no longer stands, or for a second appeal.
    """
    cleaned = plain(text, limit=MAX_APPEAL)
    with transaction.atomic():
        [current] = lock_all([ruling.contribution_id])
        fresh = Ruling.objects.get(pk=ruling.pk)
        fresh.contribution = current
        require(person, actions.APPEAL, fresh, at=at)
        back = can_come_back(current)
        if not back and back.reason is not None:
            raise Refused(back.reason)
        assert fresh.by_id is not None  # a constraint says so of what is hidden
        try:
            with transaction.atomic():
                made = Appeal.objects.create(ruling=fresh, person=person, text=cleaned, at=at, first_id=fresh.by_id)
        except IntegrityError as error:
            raise Refused(ALREADY_APPEALED) from error
        publish(actions.APPEALED, subject=made, actor=person, at=at, facts={"ruling": fresh.pk})
        return made


def decide_appeal(*, appeal: Appeal, actor: Person, restore: bool, sentence: str, at: datetime) -> None:
    """Decide a colleague's decision anew: show the words again, or let it stand.

    Raises ``Refused`` for one's own decision and, with ``conflict``, when the
    appeal is settled already; ``Unfit`` without a sentence.
    """
    note = sentence_of(sentence)
    with transaction.atomic():
        [current] = lock_all([Ruling.objects.values_list("contribution", flat=True).get(pk=appeal.ruling_id)])
        fresh = Appeal.objects.select_for_update(no_key=True).get(pk=appeal.pk)
        if fresh.result:
            raise Refused(FASTER.with_(act=fresh.get_result_display()), conflict=True)
        require(actor, actions.DECIDE, current, at=at)
        if restore:
            rule_on_each([current], actor=actor, act=Act.GIVE_BACK, at=at, sentence=note)
        result = Result.RESTORED if restore else Result.CONFIRMED
        Appeal.objects.filter(pk=fresh.pk).update(result=result, decided_by=actor, decided_at=at, sentence=note)
        publish(actions.DECIDED, subject=fresh, actor=actor, at=at, facts={"result": str(result), "note": note})
    appeal.refresh_from_db()


def note_taken_back(*, contribution: Contribution, at: datetime) -> Ruling | None:
    """Settle what was open about words their author took back, or left behind; return the note of it, if any."""
    with transaction.atomic():
        [current] = lock_all([contribution.pk])
        case = Case.objects.filter(contribution=current).first()
        if case is None or (current.state != State.WITHDRAWN and current.erased_at is None):
            return None
        if current.state in {State.HELD, State.HIDDEN}:
            return None  # a moderator decided on what was left of them since: they wait, or are settled, by that
        pending = Appeal.objects.filter(ruling__contribution=current, result="")
        if case.waiting_since is None and not pending.exists():
            return None
        ruling = Ruling.objects.create(
            contribution=current, act=Act.GONE, by=None, at=at, version=current.version, before=current.state,
            waiting_since=case.waiting_since,
        )  # fmt: skip
        settle({current.pk: case}, [ruling], undoing={})
        return ruling
