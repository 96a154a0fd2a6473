"""Writing decisions, on one contribution or on many: the same few statements either way."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from civic.access.machines import advance_each
from civic.core.refusals import Reason, Refused, Unfit
from civic.core.texts import plain
from civic.people.models import Person
from consult.consultations.models import Consultation
from consult.discussion import showing
from consult.discussion.models import Contribution
from consult.discussion.states import State
from consult.moderation.house import BY_CODE
from consult.moderation.models import MAX_SENTENCE, Appeal, Bulk, Case, Report, Ruling
from consult.moderation.rules import can_come_back
from consult.moderation.states import MACHINE, NEEDS_GROUNDS, Act, Result
from search.indexing import forget_now

RULE_NEEDED = Reason("rule-needed", _("Choose the house rule that is broken."))
SENTENCE_NEEDED = Reason("sentence-needed", _("Say in a sentence why: the author reads it."))
FASTER = Reason("faster", _("A colleague was faster: %(act)s. Look at the case again."))


def grounds(act: str, rule: str, sentence: str) -> tuple[str, str]:
    """Return the rule and the sentence of an act as they are kept; raises ``Unfit`` when one is missing."""
    if act in NEEDS_GROUNDS and rule not in BY_CODE:
        raise Unfit(RULE_NEEDED)
    if act in NEEDS_GROUNDS or act == Act.RESTORE or sentence.strip():
        sentence = sentence_of(sentence)
    return (rule if act in NEEDS_GROUNDS else ""), sentence.strip()


def sentence_of(text: str) -> str:
    """Return a moderator's sentence as it is kept; raises ``Unfit`` when there is none."""
    if not text.strip():
        raise Unfit(SENTENCE_NEEDED)
    return plain(text, limit=MAX_SENTENCE)


def lock_all(ids: Collection[int]) -> list[Contribution]:
    """Lock contributions by number, then their consultations; return the contributions in that order."""
    locked = showing.lock(ids)
    asked = Consultation.objects.filter(pk__in={each.consultation_id for each in locked.values()})
    rows = asked.select_related("sponsor", "place").order_by("pk")
    consultations = {each.pk: each for each in rows.select_for_update(of=("self",), no_key=True)}
    for each in locked.values():
        each.consultation = consultations[each.consultation_id]
    return [locked[pk] for pk in sorted(locked)]


def rule_on_each(
    words: Sequence[Contribution],
    *,
    actor: Person,
    act: str,
    at: datetime,
    versions: Mapping[int, int] | None = None,
    rule: str = "",
    sentence: str = "",
    bulk: Bulk | None = None,
    undoing: Mapping[int, Ruling] | None = None,
) -> list[Ruling]:
    """Write one decision on each of the contributions, which ``lock_all`` returned; return them in that order.

    ``versions`` are the cases' as the moderator was shown them, ``undoing`` the
    decisions these take back, both by contribution.  About 20 statements,
    however many the contributions.  Refusals as for ``domain.judge``: all are
    decided on, or none.  What is not shown any more is not found any more either.
    """
    cases = _cases_of(words)
    for each in words:
        if versions is not None and versions[each.pk] != cases[each.pk].version:
            raise Refused(_faster(each), conflict=True)
    rulings = Ruling.objects.bulk_create(
        Ruling(
            contribution=each, act=act, by=actor, at=at, version=each.version, rule=rule, sentence=sentence,
            before=each.state, waiting_since=cases[each.pk].waiting_since, bulk=bulk,
        )
        for each in words
    )  # fmt: skip
    advance_each(
        words, MACHINE, act, actor=actor, at=at, note=sentence,
        facts=[{"rule": rule, "ruling": ruling.pk} for ruling in rulings],
    )  # fmt: skip
    shown = MACHINE.transition(act).target == State.PUBLISHED
    moved = [each for each, made in zip(words, rulings, strict=True) if shown != (made.before == State.PUBLISHED)]
    for each in moved if shown else []:
        back = can_come_back(each)
        if not back and back.reason is not None:
            raise Refused(back.reason)
    showing.count_each(moved, 1 if shown else -1)
    if not shown:
        forget_now("contribution", [each.pk for each in moved])
    settle(cases, rulings, undoing=undoing or {})
    return rulings


def settle(cases: Mapping[int, Case], rulings: Sequence[Ruling], *, undoing: Mapping[int, Ruling]) -> None:
    """Bring the queue, the reports and the appeals up to date with decisions of one kind, one for each case."""
    act = rulings[0].act
    reports = Report.objects.filter(contribution__in=cases)
    if undoing:
        reports.filter(ruling__in=[ruling.pk for ruling in undoing.values()]).update(ruling=None)
    elif act != Act.HOLD:
        made = Ruling.objects.filter(pk__in=[ruling.pk for ruling in rulings], contribution=OuterRef("contribution"))
        reports.filter(ruling=None).update(ruling=Subquery(made.values("pk")))
    codes: dict[int, list[str]] = {pk: [] for pk in cases}
    for contribution, code in reports.filter(ruling=None).values_list("contribution", "rule"):
        codes[contribution].append(code)
    for ruling in rulings:
        case, open_ = cases[ruling.contribution_id], codes[ruling.contribution_id]
        if case.contribution_id in undoing:
            # Who reported the words since then waits as before.
            case.waiting_since = undoing[case.contribution_id].waiting_since or (case.waiting_since if open_ else None)
        else:
            case.waiting_since = (case.waiting_since or ruling.at) if act == Act.HOLD else None
        case.version += 1
        case.reporters = len(open_)
        case.severity = max((BY_CODE[code].severity for code in open_ if code in BY_CODE), default=0)
        case.in_slow_mode = case.waiting_since is not None and act == Act.HOLD_AGAIN and not open_
    Case.objects.bulk_update(cases.values(), ["version", "waiting_since", "reporters", "severity", "in_slow_mode"])
    if act != Act.GIVE_BACK:
        pending = Appeal.objects.filter(ruling__contribution__in=cases, result="")
        pending.update(result=Result.OVERTAKEN, decided_at=rulings[0].at)


def _cases_of(words: Sequence[Contribution]) -> dict[int, Case]:
    """Return the cases of contributions, made where there was none; whoever writes one holds its contribution's lock."""
    ids = [each.pk for each in words]
    missing = set(ids) - set(Case.objects.filter(contribution__in=ids).values_list("contribution", flat=True))
    Case.objects.bulk_create([Case(contribution_id=pk) for pk in sorted(missing)], ignore_conflicts=True)
    return {case.contribution_id: case for case in Case.objects.filter(contribution__in=ids)}


def _faster(contribution: Contribution) -> Reason:
    last = Ruling.objects.filter(contribution=contribution).first()
    return FASTER.with_(act=last.get_act_display() if last is not None else "")
