"""Giving and ending powers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from civic.access.mandates import mandates_of
from civic.access.questions import require
from civic.access.registry import rule_of
from civic.audit.record import Happening
from civic.core.clock import Window
from civic.core.refusals import Reason, Refused
from civic.events.bus import publish, publish_each
from civic.people.models import Person
from civic.places.models import Place
from orgs.bodies.models import Organisation
from orgs.grants import actions
from orgs.grants.models import Grant, GrantQuerySet

BEGUN = Reason("grant-begun", _("A power begins now or later: what was done before it was done without it."))
OWN_GIFT = Reason(
    "grant-to-oneself", _("Nobody gives a power to themselves: a colleague who holds it can give it to you.")
)
TOO_WIDE = Reason("grant-too-wide", _("You can give only what you hold: not more, not wider, not longer."))

HELD_ALREADY = Reason(
    "grant-held-already",
    _("They hold this very power there already, for as long: ending it once must be enough to end it."),
)


@dataclass(frozen=True)
class Scope:
    """What a grant reaches: nothing set means the whole site."""

    place: Place | None = None
    body: Organisation | None = None
    matter: int | None = None

    @property
    def kind(self) -> str:
        """The stored kind of this scope."""
        for kind in ("place", "body", "matter"):
            if getattr(self, kind) is not None:
                return kind
        return Grant.ScopeKind.SITE


@dataclass(frozen=True)
class Holder:
    """Who receives a grant: one person, or a body's members in one role."""

    person: Person | None = None
    body: Organisation | None = None
    role: str = ""


def issue(
    *, actor: Person, holder: Holder, action: str, scope: Scope, window: Window, reason: str, at: datetime
) -> Grant:
    """Give a power.  Raises ``Refused`` when the actor may not, holds less than this, or gives it to themselves; and
    with ``conflict`` when the same power is held there already, from then on and for as long.

    Raises ``LookupError`` for an undeclared action and ``ValueError`` for a
    window without end: powers expire.  Nothing is given on from a power that
    was taken for an hour.
    """
    rule_of(action)
    if window.closes_at is None:
        raise ValueError("A grant has an end.")
    with transaction.atomic():
        _take_turns(holder)
        target = scope.place or scope.body
        require(actor, actions.ISSUE, target, at=at)
        # What comes by an office ends with the membership, whenever that is; given to oneself it would outlast it.
        if holder.person == actor:
            raise Refused(OWN_GIFT)
        if window.opens_at < at:
            raise Refused(BEGUN)
        if not _holds(actor, action, scope, window, at):
            raise Refused(TOO_WIDE)
        held = _same(holder, action, scope).in_force(window.opens_at).filter(for_an_hour=False)
        if held.filter(ends_at__gte=window.closes_at).exists():
            raise Refused(HELD_ALREADY, conflict=True)
        return _write(holder, action, scope, window, actor=actor, reason=reason, at=at)


def found(*, holder: Holder, action: str, scope: Scope, window: Window, reason: str, at: datetime) -> Grant:
    """Write a founding grant, given by nobody: how an installation's first powers begin.

    For commands run by the operator; no view reaches it.
    """
    [grant] = found_each(holder=holder, powers=[action], scope=scope, window=window, reason=reason, at=at)
    return grant


def found_each(
    *, holder: Holder, powers: Sequence[str], scope: Scope, window: Window, reason: str, at: datetime
) -> list[Grant]:
    """Write a founding grant for each of an office's powers, as ``found`` does for one, in a few statements."""
    for action in powers:
        rule_of(action)
    if window.closes_at is None:
        raise ValueError("A grant has an end.")
    with transaction.atomic():
        grants = Grant.objects.bulk_create(
            [_row(holder, action, scope, window, actor=None, reason=reason) for action in powers]
        )
        publish_each(actions.ISSUED, [Happening(grant, _facts(grant)) for grant in grants], actor=None, at=at)
        return grants


def end(*, grant: Grant, actor: Person, note: str, at: datetime) -> None:
    """End a power now.  Ending an ended one changes nothing.  Raises ``Refused``."""
    with transaction.atomic():
        require(actor, actions.ISSUE, grant.scope_place or grant.scope_body, at=at)
        if Grant.objects.filter(pk=grant.pk, ended_at=None).update(ended_at=at, ended_by=actor):
            publish(actions.ENDED, subject=grant, actor=actor, at=at, facts={"note": note})


def _write(
    holder: Holder, action: str, scope: Scope, window: Window, *, actor: Person | None, reason: str, at: datetime
) -> Grant:
    grant = _row(holder, action, scope, window, actor=actor, reason=reason)
    grant.save()
    publish(actions.ISSUED, subject=grant, actor=actor, at=at, facts=_facts(grant))
    return grant


def _take_turns(holder: Holder) -> None:
    """Let one power at a time be given to a holder: one form sent twice, or two givers of the same, give it once."""
    if holder.person is not None:
        Person.objects.select_for_update(no_key=True).get(pk=holder.person.pk)
    elif holder.body is not None:
        Organisation.objects.select_for_update(no_key=True).get(pk=holder.body.pk)


def _same(holder: Holder, action: str, scope: Scope) -> GrantQuerySet:
    return Grant.objects.filter(
        person=holder.person, body=holder.body, role=holder.role, action=action,
        scope=scope.kind, scope_place=scope.place, scope_body=scope.body, scope_matter=scope.matter,
    )  # fmt: skip


def _row(holder: Holder, action: str, scope: Scope, window: Window, *, actor: Person | None, reason: str) -> Grant:
    assert window.closes_at is not None  # a grant has an end
    return Grant(
        person=holder.person, body=holder.body, role=holder.role, action=action,
        scope=scope.kind, scope_place=scope.place, scope_body=scope.body, scope_matter=scope.matter,
        starts_at=window.opens_at, ends_at=window.closes_at, granted_by=actor, reason=reason,
    )  # fmt: skip


def _facts(grant: Grant) -> dict[str, Any]:
    return {"action": grant.action, "until": grant.ends_at.isoformat(), "reason": grant.reason}


def _holds(actor: Person, action: str, scope: Scope, window: Window, at: datetime) -> bool:
    for mandate in mandates_of(actor, action, at=at):
        if mandate.lent:
            continue
        everywhere = mandate.place_path is None and mandate.body_id is None and mandate.matter_id is None
        wide = everywhere or (
            (
                scope.place is not None
                and mandate.place_path is not None
                and scope.place.path.startswith(mandate.place_path)
            )
            or (scope.body is not None and mandate.body_id == scope.body.pk)
            or (scope.matter is not None and mandate.matter_id == scope.matter)
        )
        long = mandate.until is None or (window.closes_at is not None and window.closes_at <= mandate.until)
        if wide and long:
            return True
    return False
