"""In random worlds, the questions of access agree with each other, action by action, person by person, thing by thing.

``may`` is the yardstick.  ``holders`` are exactly those whom ``may`` lets act
because of a power, before it looks at what they themselves had to do with the
thing; ``visible`` lists everything that ``may`` allows, and nothing else where
the rule can be said to the database in full.
"""

import os
import random
import subprocess
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import models

from civic.access.decisions import no, yes
from civic.access.questions import holders, may, visible
from civic.access.registry import Rule, all_rules, declare
from civic.core.refusals import NOT_FOUND
from civic.people.models import Person
from civic.places.models import Place
from consult.consultations.models import Consultation
from consult.discussion.models import Contribution
from consult.moderation.models import Ruling
from consult.replies.models import Reply
from consult.voting.models import Poll
from orgs.bodies.models import Membership, Organisation
from orgs.grants.models import Grant
from tests.factories.bodies import a_body
from tests.factories.people import a_person, a_suspension
from tests.factories.places import a_place

AT = datetime(2026, 11, 12, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
#: Begun and not over, over, not begun, ending and beginning at this very instant.
WINDOWS = ((-9, 9), (-9, 9), (-9, 9), (-9, -1), (1, 9), (-9, 0), (0, 9))
#: What an action is asked of, by the beginning of its name: the longest that fits.
ASKED_OF: dict[str, tuple[type[Any], ...]] = {
    "": (Place, Organisation, Consultation),
    "tests:": (Place,),
    "consult:consultation:": (Consultation,),
    "consult:contribution:": (Contribution,),
    "consult:contribution:appeal": (Ruling,),
    "consult:contribution:comment": (Consultation,),
    "consult:contribution:key": (Consultation,),
    "consult:contribution:propose": (Consultation,),
    "consult:moderation:": (Contribution,),
    "consult:poll:": (Poll,),
    "consult:moderation:slow": (Consultation,),
    "consult:reply:draft": (Consultation, Reply),
    "consult:reply:": (Reply,),
}

#: Reading that is open to all some day, and before that to holders of a power: in no office of ours yet without a level.
declare(
    Rule(
        "tests:random:peek", "peek", level=None, mandate=True, open_to_all=True,
        moment=lambda place, at: yes() if place.level == Place.Level.TOWNSHIP else no(NOT_FOUND),
        where=lambda at: models.Q(level=Place.Level.TOWNSHIP),
    )
)  # fmt: skip


@dataclass
class RandomWorld:
    """Places, bodies, people, memberships, powers and matters, thrown with dice."""

    dice: random.Random
    places: list[Place] = field(default_factory=list)
    bodies: list[Organisation] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    matters: list[Consultation] = field(default_factory=list)

    def build(self) -> None:
        """Throw the dice."""
        county = a_place()
        self.places = [county, *(a_place(inside=county) for _ in range(2))]
        self.places += [a_place(inside=self.dice.choice(self.places[1:])) for _ in range(2)]
        self.places.append(a_place())  # another county
        self.bodies = [
            a_body(place=self.dice.choice(self.places), admitted_until=AT + self.dice.choice((-1, 0, 9)) * DAY),
            *(a_body(place=self.dice.choice(self.places)) for _ in range(2)),
        ]
        self.people = [
            a_person(level=self.dice.randrange(4), residence=self.dice.choice([None, *self.places])) for _ in range(8)
        ]
        a_suspension(self.people[0], starts_at=AT - DAY)
        a_suspension(self.people[1], starts_at=AT - 2 * DAY, ends_at=AT)
        Person.objects.filter(pk=self.people[2].pk).update(is_active=False)
        for person in self.people:
            for body in self.dice.sample(self.bodies, self.dice.randrange(3)):
                starts, ends = self._window()
                role = self.dice.choice(Membership.Role.values)[:12]
                Membership.objects.create(body=body, person=person, role=role, starts_at=starts, ends_at=ends)
        self._matters()
        powers = [rule.action for rule in all_rules() if rule.mandate]
        # whoever may not act at all holds every power there is
        Grant.objects.bulk_create(
            Grant(action=action, scope="site", person=person, starts_at=AT - DAY, ends_at=AT + DAY, reason="骰子")
            for action in powers
            for person in self.people[:3]
        )
        Grant.objects.bulk_create(
            self._grant(rule) for rule in all_rules() if rule.mandate for _ in range(self.dice.randrange(6, 11))
        )

    def _window(self) -> tuple[datetime, datetime]:
        starts, ends = self.dice.choice(WINDOWS)
        return AT + starts * DAY, AT + ends * DAY

    def _grant(self, rule: Rule) -> Grant:
        starts, ends = self._window()
        if self.dice.random() < 0.5:
            holder: dict[str, Any] = {"person": self.dice.choice(self.people)}
        else:
            member = self.dice.choice([*Membership.objects.all()]) if Membership.objects.exists() else None
            body = member.body if member else self.bodies[0]
            holder = {"body": body, "role": member.role if member else Membership.Role.HEAD}
        kind = self.dice.choice(Grant.ScopeKind.values)
        reaches: dict[str, dict[str, Any]] = {
            "site": {},
            "place": {"scope_place": self.dice.choice(self.places)},
            "body": {"scope_body": self.dice.choice(self.bodies)},
            "matter": {"scope_matter": self.dice.choice(self.matters).pk},
        }
        reach = reaches[kind]
        ended = self.dice.choice((None, None, None, AT - SECOND, AT, AT + DAY))
        return Grant(
            action=rule.action, scope=kind, starts_at=starts, ends_at=ends, reason="骰子", ended_at=ended,
            **holder, **reach,
        )  # fmt: skip

    def _matters(self) -> None:
        for number in range(4):
            opens, closes = AT + self.dice.choice((-20, -5, 2)) * DAY, None
            closes = opens + 10 * DAY
            draft = self.dice.random() < 0.3
            matter = Consultation.objects.create(
                slug=f"matter-{number}", template="general", state="draft" if draft else "announced", title="事",
                summary="事", question="？", place=self.dice.choice(self.places), sponsor=self.dice.choice(self.bodies),
                open_to=self.dice.choice(self.places), level=self.dice.randrange(4), opens_at=opens, closes_at=closes,
                answer_due_at=closes + DAY, rules_hash="x",
            )  # fmt: skip
            self.matters.append(matter)
            Poll.objects.create(
                slug=f"poll-{number}", preset="advisory", title="投", question="？", method="yes-no", place=matter.place,
                sponsor=matter.sponsor, consultation=self.dice.choice((matter, None)), opens_at=opens, closes_at=closes,
                roll_rule={"kind": "residents", "place": matter.open_to.code, "level": matter.level},
                state=self.dice.choice(("draft", "announced", "withdrawn")),
            )  # fmt: skip
            said = Contribution.objects.create(
                consultation=matter, author=self.dice.choice(self.people), kind="comment", text="话", created_at=AT,
                submission=uuid.UUID(int=self.dice.getrandbits(128)),
                state=self.dice.choice(("published", "published", "held")),
            )  # fmt: skip
            Reply.objects.create(
                consultation=matter, body=matter.sponsor, author=self.dice.choice(self.people), outcome="adopted",
                text="答", created_at=AT, state=self.dice.choice(("draft", "submitted")),
            )  # fmt: skip
            Ruling.objects.create(
                contribution=said, act="hide", rule="r1", sentence="因为", by=self.dice.choice(self.people), at=AT - DAY,
                before="published",
            )  # fmt: skip

    def targets(self, rule: Rule) -> Sequence[type[Any]]:
        """Return what the action is asked of."""
        return ASKED_OF[max((start for start in ASKED_OF if rule.action.startswith(start)), key=len)]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [20261121, 7, 42])
def test_the_questions_of_access_agree_in_a_random_world(seed: int) -> None:
    world = RandomWorld(random.Random(seed))
    world.build()
    # read again, as a request would: suspended, closed and lapsed people among them
    people = list(Person.objects.select_related("residence").order_by("pk"))
    yeses = 0
    for rule in all_rules():
        for model in world.targets(rule):
            things = list(model._default_manager.order_by("pk"))
            said = {(p.pk, thing.pk): bool(may(p, rule.action, thing, at=AT)) for p in people for thing in things}
            yeses += sum(said.values())
            _visible_agrees(rule, model, people, things, said)
            if rule.mandate:
                _holders_agree(rule, people, things, said)
            else:
                with pytest.raises(ValueError, match=rule.action):
                    holders(rule.action, things[0], at=AT)
    assert yeses > 100, "dice that never say yes prove nothing"


def _visible_agrees(
    rule: Rule, model: type[Any], people: list[Person], things: list[Any], said: dict[tuple[int, int], bool]
) -> None:
    in_full = rule.eligible is None and (rule.moment is None or rule.where is not None)
    for person in people:
        listed = set(visible(person, rule.action, model._default_manager.all(), at=AT).values_list("pk", flat=True))
        allowed = {thing.pk for thing in things if said[person.pk, thing.pk]}
        assert allowed <= listed, f"{rule.action}: {person.pk} may do it to {allowed - listed}, which no list shows"
        assert not in_full or allowed == listed, f"{rule.action}: {person.pk} is shown {listed - allowed}, but may not"


def _holders_agree(rule: Rule, people: list[Person], things: list[Any], said: dict[tuple[int, int], bool]) -> None:
    for thing in things:
        held = set(holders(rule.action, thing, at=AT).values_list("pk", flat=True))
        for person in people:
            because_of_a_power = person.pk in held
            if rule.open_to_all:
                because_of_a_power = because_of_a_power or bool(rule.moment and rule.moment(thing, AT))
            elif rule.eligible is not None:
                because_of_a_power = because_of_a_power and bool(rule.eligible(person, thing, AT))
            assert said[person.pk, thing.pk] == because_of_a_power, f"{rule.action}: {person.pk} of {thing!r}"


@pytest.mark.needs("postgresql")
def test_they_agree_on_sqlite_too(tmp_path: Path) -> None:
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path}/agree.sqlite3", "GONGYI_HOME": str(tmp_path)}
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"),
            *("--ds", "tests.search.settings_without_migrations", __file__, "-k", "random_world"),
        ],
        cwd=Path(__file__).parents[2],
        env={name: value for name, value in environment.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]
