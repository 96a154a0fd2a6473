"""Nobody gives more, wider or longer than they hold: thousands of random offers by givers with random powers."""

import random
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction

from civic.access.mandates import mandates_of
from civic.access.registry import Rule, declare
from civic.core.clock import Window
from civic.core.refusals import Refused
from civic.people.models import Person
from civic.places.models import Place
from consult.consultations.models import Consultation
from orgs.bodies.models import Organisation
from orgs.grants import actions, domain
from orgs.grants.models import Grant
from tests.factories.bodies import a_body, a_grant, a_member
from tests.factories.people import a_person
from tests.factories.places import a_place

DAY = timedelta(days=1)
ACTIONS = [
    declare(Rule("tests:random:sweep", "sweep", mandate=True)),
    declare(Rule("tests:random:plant", "plant", mandate=True)),
    actions.ISSUE,
]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_new_power_never_reaches_where_or_when_its_giver_could_not(seed: int, at: datetime) -> None:
    dice = random.Random(seed)
    places, bodies, matters = _ground(dice, at)
    things: list[Any] = [*places, *bodies, *Consultation.objects.all()]
    given = refused = 0
    for _giver in range(6):
        giver, receiver = a_person(), a_person()
        if dice.random() < 0.7:
            a_grant(actions.ISSUE, to=giver, at=at)
        for _power in range(dice.randrange(5, 10)):
            begins = at + dice.choice((-9, -9, 0, 2)) * DAY
            window = Window(begins, at + dice.choice((1, 3, 9)) * DAY if begins <= at else begins + 4 * DAY)
            a_grant(dice.choice(ACTIONS), to=giver, at=at, window=window, **_reach(dice, places, bodies, matters))
        for _offer in range(25):
            reach = _reach(dice, places, bodies, matters)
            scope = domain.Scope(place=reach.get("place"), body=reach.get("over"), matter=reach.get("matter"))
            opens = at + dice.choice((-1, 0, 0, 1, 2)) * DAY
            window = Window(opens, opens + dice.choice((1, 2, 3, 8)) * DAY)
            action = dice.choice(ACTIONS)
            try:
                with transaction.atomic():
                    grant = domain.issue(
                        actor=Person.objects.get(pk=giver.pk), holder=domain.Holder(person=receiver), action=action,
                        scope=scope, window=window, reason="试试", at=at,
                    )  # fmt: skip
            except Refused:
                refused += 1
                continue
            given += 1
            _is_covered(grant, giver, receiver, things, at)
            grant.delete()
    assert given >= 5, "dice that give nothing prove nothing"
    assert refused >= 20


def _ground(dice: random.Random, at: datetime) -> tuple[list[Place], list[Organisation], list[int]]:
    county = a_place()
    places = [county, a_place(inside=county), a_place(inside=county)]
    places.append(a_place(inside=places[1]))
    bodies = [a_body(place=place) for place in (county, places[2])]
    matters = [
        Consultation.objects.create(
            slug=f"m{number}", template="general", title="事", summary="事", question="？",
            place=dice.choice(places), sponsor=dice.choice(bodies), open_to=county,
        ).pk
        for number in range(2)
    ]  # fmt: skip
    return places, bodies, matters


def _reach(dice: random.Random, places: list[Place], bodies: list[Organisation], matters: list[int]) -> dict[str, Any]:
    kind = dice.choice(("site", "place", "place", "body", "matter"))
    reaches: dict[str, dict[str, Any]] = {
        "site": {}, "place": {"place": dice.choice(places)}, "body": {"over": dice.choice(bodies)},
        "matter": {"matter": dice.choice(matters)},
    }  # fmt: skip
    return reaches[kind]


def _is_covered(grant: Grant, giver: Person, receiver: Person, things: list[Any], at: datetime) -> None:
    """At every instant the new power holds, over everything it reaches, its giver holds the same from other sources."""
    assert grant.starts_at >= at
    ends = sorted({grant.starts_at, grant.ends_at, *Grant.objects.values_list("ends_at", flat=True)})
    moments = [early for early, late in pairwise(ends) if grant.starts_at <= early < grant.ends_at]
    for moment in [*moments, grant.ends_at - timedelta(seconds=1)]:
        theirs = mandates_of(Person.objects.get(pk=receiver.pk), grant.action, at=moment)
        own = mandates_of(Person.objects.get(pk=giver.pk), grant.action, at=moment)
        assert theirs, "the power holds"
        for thing in [None, *things]:
            if any(mandate.covers(thing) for mandate in theirs):
                assert any(mandate.covers(thing) for mandate in own), f"{grant} reaches {thing!r} at {moment}"


@pytest.mark.django_db
def test_what_a_body_lends_its_member_ends_for_the_receiver_when_the_membership_ends(at: datetime) -> None:
    county = a_place()
    body, giver, receiver = a_body(place=county), a_person(), a_person()
    a_member(body, giver, role="head", at=at, days=3)
    for action in (actions.ISSUE, ACTIONS[0]):
        a_grant(action, body=body, role="head", place=county, at=at)
    offer: dict[str, Any] = {
        "actor": giver, "holder": domain.Holder(person=receiver), "action": ACTIONS[0],
        "scope": domain.Scope(place=county), "reason": "代班", "at": at,
    }  # fmt: skip
    with pytest.raises(Refused) as refusal:
        domain.issue(window=Window(at, at + 3 * DAY + timedelta(seconds=1)), **offer)
    assert refusal.value.reason == domain.TOO_WIDE
    assert domain.issue(window=Window(at, at + 3 * DAY), **offer).pk
