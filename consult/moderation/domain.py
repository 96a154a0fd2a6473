"""Reporting, judging, appealing."""

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from civic.access.machines import advance
from civic.access.questions import require
from civic.core.refusals import Reason, Refused, Unfit
from civic.core.texts import plain
from civic.events.bus import publish
from civic.people.models import Person
from consult.consultations.models import Consultation
from consult.discussion import showing
from consult.discussion.models import Contribution
from consult.discussion.states import State
from consult.moderation import actions
from consult.moderation.house import BY_CODE
from consult.moderation.models import MAX_APPEAL, MAX_SENTENCE, Appeal, Bulk, Case, Report, Ruling
from consult.moderation.rules import ALREADY_APPEALED, can_come_back
from consult.moderation.states import MACHINE, NEEDS_GROUNDS, Act, Result

ALREADY_REPORTED = Reason("already-reported", _("You reported this already. We tell you what becomes of it."))
RULE_NEEDED = Reason("rule-needed", _("Choose the house rule that is broken."))
SENTENCE_NEEDED = Reason("sentence-needed", _("Say in a sentence why: the author reads it."))
FASTER = Reason("faster", _("A colleague was faster: %(act)s. Look at the case again."))


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
        ruling = rule_on(current, actor=actor, act=act, at=at, version=version, rule=rule, sentence=note)
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
    note = _sentence(sentence)
    with transaction.atomic():
        [current] = lock_all([Ruling.objects.values_list("contribution", flat=True).get(pk=appeal.ruling_id)])
        fresh = Appeal.objects.select_for_update(no_key=True).get(pk=appeal.pk)
        if fresh.result:
            raise Refused(FASTER.with_(act=fresh.get_result_display()), conflict=True)
        require(actor, actions.DECIDE, current, at=at)
        if restore:
            rule_on(current, actor=actor, act=Act.GIVE_BACK, at=at, version=None, sentence=note)
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
        pending = Appeal.objects.filter(ruling__contribution=current, result="")
        if case.waiting_since is None and not pending.exists():
            return None
        ruling = Ruling.objects.create(
            contribution=current, act=Act.GONE, by=None, at=at, version=current.version, before=current.state,
            waiting_since=case.waiting_since,
        )  # fmt: skip
        _settle(case, ruling)
        return ruling


# --- what acts on one and on many share --------------------------------------------------------------------------


def grounds(act: str, rule: str, sentence: str) -> tuple[str, str]:
    """Return the rule and the sentence of an act as they are kept; raises ``Unfit`` when one is missing."""
    if act in NEEDS_GROUNDS and rule not in BY_CODE:
        raise Unfit(RULE_NEEDED)
    if act in NEEDS_GROUNDS or act == Act.RESTORE or sentence.strip():
        sentence = _sentence(sentence)
    return (rule if act in NEEDS_GROUNDS else ""), sentence.strip()


def lock_all(ids: Collection[int]) -> list[Contribution]:
    """Lock contributions by number, then their consultations; return the contributions in that order."""
    locked = showing.lock(ids)
    asked = Consultation.objects.filter(pk__in={each.consultation_id for each in locked.values()})
    rows = asked.select_related("sponsor", "place").order_by("pk")
    consultations = {each.pk: each for each in rows.select_for_update(of=("self",), no_key=True)}
    for each in locked.values():
        each.consultation = consultations[each.consultation_id]
    return [locked[pk] for pk in sorted(locked)]


def rule_on(
    current: Contribution,
    *,
    actor: Person,
    act: str,
    at: datetime,
    version: int | None,
    rule: str = "",
    sentence: str = "",
    bulk: Bulk | None = None,
    undoing: Ruling | None = None,
) -> Ruling:
    """Write one decision on a contribution that ``lock_all`` returned; ``undoing`` is the one it takes back.

    Refusals as for ``judge``.
    """
    case, _is_new = Case.objects.get_or_create(contribution=current)
    if version is not None and version != case.version:
        raise Refused(_faster(current), conflict=True)
    before = State(current.state)
    ruling = Ruling.objects.create(
        contribution=current, act=act, by=actor, at=at, version=current.version, rule=rule, sentence=sentence,
        before=before, waiting_since=case.waiting_since, bulk=bulk,
    )  # fmt: skip
    consultation = current.consultation
    advance(
        current, MACHINE, act, actor=actor, at=at, note=sentence, facts={"rule": rule, "ruling": ruling.pk}
    )  # fmt: skip
    shown_now = current.state == State.PUBLISHED
    if shown_now and before != State.PUBLISHED:
        back = can_come_back(current)
        if not back and back.reason is not None:
            raise Refused(back.reason)
    if shown_now != (before == State.PUBLISHED):
        showing.count(current, 1 if shown_now else -1)
    current.consultation = consultation
    _settle(case, ruling, undoing=undoing)
    return ruling


def _settle(case: Case, ruling: Ruling, *, undoing: Ruling | None = None) -> None:
    """Bring the queue, the reports and the appeals up to date with a decision."""
    reports = Report.objects.filter(contribution_id=ruling.contribution_id)
    if undoing is not None:
        reports.filter(ruling=undoing).update(ruling=None)
    elif ruling.act != Act.HOLD:
        reports.filter(ruling=None).update(ruling=ruling)
    codes = list(reports.filter(ruling=None).values_list("rule", flat=True))
    waiting_since = None
    if undoing is not None:
        waiting_since = undoing.waiting_since
    elif ruling.act == Act.HOLD:
        waiting_since = case.waiting_since or ruling.at
    Case.objects.filter(pk=case.pk).update(
        version=F("version") + 1,
        waiting_since=waiting_since,
        reporters=len(codes),
        severity=max((BY_CODE[code].severity for code in codes if code in BY_CODE), default=0),
        in_slow_mode=waiting_since is not None and ruling.act == Act.HOLD_AGAIN and not codes,
    )
    if ruling.act != Act.GIVE_BACK:
        pending = Appeal.objects.filter(ruling__contribution=ruling.contribution_id, result="")
        pending.update(result=Result.OVERTAKEN, decided_at=ruling.at)


def _faster(contribution: Contribution) -> Reason:
    last = Ruling.objects.filter(contribution=contribution).first()
    return FASTER.with_(act=last.get_act_display() if last is not None else "")


def _sentence(text: str) -> str:
    if not text.strip():
        raise Unfit(SENTENCE_NEEDED)
    return plain(text, limit=MAX_SENTENCE)
