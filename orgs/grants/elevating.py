"""A power beyond one's own: for one hour, with a written purpose, under somebody else's eyes."""

from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from civic.access.questions import holders, require
from civic.access.registry import rule_of
from civic.core import texts
from civic.core.refusals import Reason, Refused, Unfit
from civic.events.bus import publish
from civic.people.models import Person
from orgs.grants import actions
from orgs.grants.domain import Scope
from orgs.grants.models import Grant

HOUR = timedelta(hours=1)
SHORTEST, LONGEST = 10, 300
# Whoever could take these for an hour could keep them for ever.
NEVER = frozenset({actions.ISSUE, actions.ELEVATE, actions.OVERSEE})

NOT_FOR_AN_HOUR = Reason("not-for-an-hour", _("This power is not taken for an hour; somebody gives it, for longer."))
STILL_OPEN = Reason("hour-still-open", _("You hold this power already. The hour ends by itself."))
SAME_PURPOSE = Reason(
    "same-purpose", _("You gave this purpose before. An hour is not renewed: say what it is for now.")
)
NOBODY_TOLD = Reason("nobody-told", _("Nobody else would be told: first somebody has to hold the power to watch this."))
SAY_WHY = Reason("say-why", _("Write down what you take it for, in at least %(least)s characters: it will be public."))


def elevate(*, actor: Person, action: str, scope: Scope, purpose: str, at: datetime) -> Grant:
    """Take a power for one hour; it ends by computation.

    The actor must hold ``orgs:grant:elevate`` there, and somebody else must be
    there to be told.  The same purpose serves once.  Raises ``Refused``;
    ``LookupError`` for an undeclared action.
    """
    rule = rule_of(action)
    target = scope.place or scope.body
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=actor.pk)
        require(actor, actions.ELEVATE, target, at=at)
        if not rule.mandate or action in NEVER:
            raise Refused(NOT_FOR_AN_HOUR)
        words = _words(purpose)
        earlier = Grant.objects.filter(person=actor, action=action, for_an_hour=True)
        same_scope = earlier.filter(scope=scope.kind, scope_place=scope.place, scope_body=scope.body)
        if same_scope.in_force(at).exists():
            raise Refused(STILL_OPEN)
        if any(_alike(words, said) for said in earlier.values_list("reason", flat=True)):
            raise Refused(SAME_PURPOSE)
        if not witnesses(target, but=actor, at=at).exists():
            raise Refused(NOBODY_TOLD)
        grant = Grant.objects.create(
            person=actor, action=action, scope=scope.kind, scope_place=scope.place, scope_body=scope.body,
            starts_at=at, ends_at=at + HOUR, granted_by=actor, reason=words, for_an_hour=True,
        )  # fmt: skip
        facts = {"action": action, "until": (at + HOUR).isoformat(), "reason": words}
        publish(actions.ELEVATED, subject=grant, actor=actor, at=at, facts=facts)
    actor.__dict__.pop("_mandates_at", None)
    return grant


def witnesses(target: models.Model | None, *, but: Person, at: datetime) -> "models.QuerySet[Person]":
    """Return who is told of an hour taken over ``target``: whoever watches, and whoever could do the same."""
    watching = holders(actions.OVERSEE, target, at=at).values("pk")
    could = holders(actions.ELEVATE, target, at=at).values("pk")
    return Person.objects.filter(models.Q(pk__in=watching) | models.Q(pk__in=could)).exclude(pk=but.pk)


def _words(purpose: str) -> str:
    words = " ".join(purpose.split())
    if len(words) < SHORTEST:
        raise Refused(SAY_WHY.with_(least=SHORTEST))
    try:
        return texts.plain(words, limit=LONGEST)
    except Unfit as unfit:
        raise Refused(unfit.reason) from None


def _alike(one: str, other: str) -> bool:
    def bare(words: str) -> str:
        return "".join(letter for letter in words.casefold() if letter.isalnum())

    return bare(one) == bare(other)
