"""One act on many contributions, and taking it back as a whole."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from civic.access.questions import may_each
from civic.core.refusals import WRONG_STATE, Reason, Refused
from civic.events.bus import publish
from civic.people.models import Person
from consult.moderation import actions
from consult.moderation.models import Bulk, Case, Ruling
from consult.moderation.rulings import grounds, lock_all, rule_on_each
from consult.moderation.states import BULK_ACTS, MACHINE, UNDO

# None is seen before all are done: the most that are locked at once.
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
    rule, note = grounds(act, rule, sentence)
    fits = MACHINE.transition(act).sources
    with transaction.atomic():
        locked = lock_all(picks)
        versions = dict(Case.objects.filter(contribution__in=locked).values_list("contribution", "version"))
        able = [each for each in locked if each.state in fits and versions.get(each.pk, 0) == picks[each.pk]]
        allowed = may_each(actor, actions.JUDGE, able, at=at)
        able = [each for each, decision in zip(able, allowed, strict=True) if decision]
        if not able:
            raise Refused(NOTHING_LEFT, conflict=True)
        bulk = Bulk.objects.create(act=act, by=actor, at=at, rule=rule, sentence=note, count=len(able))
        rule_on_each(able, actor=actor, act=act, at=at, versions=picks, rule=rule, sentence=note, bulk=bulk)
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
        locked = lock_all(ids)
        fresh = Bulk.objects.select_for_update(no_key=True).get(pk=bulk.pk)
        if not fresh.can_be_undone(at):
            raise Refused(UNDO_OVER, conflict=True)
        made = {ruling.contribution_id: ruling for ruling in Ruling.objects.filter(bulk=bulk)}
        reached = MACHINE.transition(fresh.act).target
        newest = Ruling.objects.filter(contribution__in=ids).order_by().values("contribution").annotate(last=Max("pk"))
        last = dict(newest.values_list("contribution", "last"))
        left = [each for each in locked if last[each.pk] == made[each.pk].pk and each.state == reached]
        for before, act in UNDO.items():
            group = [each for each in left if made[each.pk].before == before]
            if group:
                undoing = {each.pk: made[each.pk] for each in group}
                rule_on_each(group, actor=actor, act=act, at=at, undoing=undoing)
        undone = len(left)
        Bulk.objects.filter(pk=bulk.pk).update(undone_at=at, undone_by=actor)
        publish(actions.UNDONE, subject=fresh, actor=actor, at=at, facts={"act": str(fresh.act), "count": undone})
    bulk.refresh_from_db()
    return undone
