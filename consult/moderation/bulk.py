"""One act on many contributions, and taking it back as a whole."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from civic.access.questions import may
from civic.core.refusals import WRONG_STATE, Reason, Refused
from civic.events.bus import publish
from civic.people.models import Person
from consult.discussion.states import State
from consult.moderation import actions, domain
from consult.moderation.models import Bulk, Case, Ruling
from consult.moderation.states import BULK_ACTS, MACHINE, UNDO

# Each costs as many statements as if it were judged alone, about 22 (its own ruling, entry, deliveries, counters and
# reports), and none is seen before all are done: the most that are locked at once, for about three seconds.
MOST = 200
NOTHING_PICKED = Reason("nothing-picked", _("Tick at least one contribution."))
TOO_MANY = Reason("too-many", _("At most %(most)s contributions at once."))
NOTHING_LEFT = Reason(
    "nothing-left", _("None of these can be acted on now: colleagues were faster, or they concern you.")
)
UNDO_OVER = Reason("undo-over", _("This can no longer be undone as a whole: the 24 hours are over, or it was undone."))


def act_on(
    *, picks: Mapping[int, int], actor: Person, act: str, at: datetime, rule: str = "", sentence: str = ""
) -> tuple[Bulk, int]:
    """Do one act on many contributions (their numbers, each with its case's version); return it and how many were left out.

    Left out is what a colleague decided meanwhile, what the act does not fit
    and what concerns the actor.  Raises ``Refused`` when nothing remains.
    """
    if not picks:
        raise Refused(NOTHING_PICKED)
    if len(picks) > MOST:
        raise Refused(TOO_MANY.with_(most=MOST))
    if act not in BULK_ACTS:
        raise Refused(WRONG_STATE)
    rule, note = domain.grounds(act, rule, sentence)
    fits = MACHINE.transition(act).sources
    with transaction.atomic():
        locked = domain.lock_all(picks)
        versions = dict(Case.objects.filter(contribution__in=locked).values_list("contribution", "version"))
        able = [
            each
            for each in locked
            if each.state in fits
            and versions.get(each.pk, 0) == picks[each.pk]
            and may(actor, actions.JUDGE, each, at=at)
        ]
        if not able:
            raise Refused(NOTHING_LEFT, conflict=True)
        bulk = Bulk.objects.create(act=act, by=actor, at=at, rule=rule, sentence=note, count=len(able))
        for each in able:
            domain.rule_on(
                each, actor=actor, act=act, at=at, version=picks[each.pk], rule=rule, sentence=note, bulk=bulk
            )
        publish(actions.DONE_AT_ONCE, subject=bulk, actor=actor, at=at, facts={"act": str(act), "count": len(able)})
    return bulk, len(picks) - len(able)


def undo(*, bulk: Bulk, actor: Person, at: datetime) -> int:
    """Take an act on many back; return how many contributions are as they were before.

    What was decided anew since then (by an appeal, for example) stays so.
    Raises ``Refused`` after 24 hours, a second time, and when the actor may not
    judge one of them.
    """
    with transaction.atomic():
        ids = list(Ruling.objects.filter(bulk=bulk).values_list("contribution", flat=True))
        locked = domain.lock_all(ids)
        fresh = Bulk.objects.select_for_update(no_key=True).get(pk=bulk.pk)
        if not fresh.can_be_undone(at):
            raise Refused(UNDO_OVER, conflict=True)
        made = {ruling.contribution_id: ruling for ruling in Ruling.objects.filter(bulk=bulk)}
        undone = 0
        for each in locked:
            last = Ruling.objects.filter(contribution=each).order_by("-pk").first()
            ruling = made[each.pk]
            if last != ruling or each.state != MACHINE.transition(ruling.act).target:
                continue
            domain.rule_on(each, actor=actor, act=UNDO[State(ruling.before)], at=at, version=None, undoing=ruling)
            undone += 1
        Bulk.objects.filter(pk=bulk.pk).update(undone_at=at, undone_by=actor)
        publish(actions.UNDONE, subject=fresh, actor=actor, at=at, facts={"act": str(fresh.act), "count": undone})
    bulk.refresh_from_db()
    return undone
