"""Two moderators at the same moment: one wins, the other is told; nothing hangs, nothing is miscounted."""

import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connections

from civic.core.refusals import Refused
from consult.consultations.models import Consultation
from consult.discussion import domain as discussion
from consult.discussion.models import Contribution
from consult.moderation import bulk, domain
from consult.moderation.models import Appeal, Case, Ruling
from consult.moderation.states import Act
from tests.consult.conftest import AT, County, person, say
from tests.consult.moderation.conftest import Moderators
from tests.consult.moderation.test_judging import faults, judge
from tests.consult.moderation.test_reporting import report

pytestmark = [pytest.mark.needs("postgresql"), pytest.mark.django_db(transaction=True)]


def all_at_once(*acts: Callable[[], object]) -> list[str]:
    """Do everything in threads that start together; return how each ended, sorted."""
    results: list[str] = []
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        try:
            start.wait()
            act()
            results.append("won")
        except Refused as refusal:
            results.append("conflict" if refusal.conflict else refusal.reason.code)
        except Exception as error:
            results.append(repr(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(180)
    return sorted(results)


def fresh(said: Contribution) -> Contribution:
    return Contribution.objects.select_related("consultation").get(pk=said.pk)


def test_of_two_moderators_one_wins_and_the_other_is_told(
    said: Contribution, county: County, moderators: Moderators
) -> None:
    report(said, county.neighbour)
    pairs = [(moderators.first, Act.HIDE), (moderators.second, Act.LEAVE)] * 2
    results = all_at_once(*(lambda who=who, act=act: judge(fresh(said), who, act, version=0) for who, act in pairs))
    assert results == ["conflict"] * 3 + ["won"]
    assert Ruling.objects.count() == 1
    assert faults() == []


def test_an_appeal_is_decided_once(said: Contribution, county: County, moderators: Moderators, office: object) -> None:
    from tests.consult.moderation.conftest import moderator

    third = moderator("third", county, office)
    ruling = judge(said, moderators.first, Act.HIDE)
    appeal = domain.appeal(ruling=ruling, person=county.resident, text="不对。", at=AT)

    def decide(who: object, restore: bool) -> None:
        domain.decide_appeal(
            appeal=Appeal.objects.get(pk=appeal.pk), actor=who, restore=restore, sentence="看过了。", at=AT
        )

    results = all_at_once(
        lambda: decide(moderators.second, True), lambda: decide(third, False), lambda: decide(third, True)
    )
    assert results == ["conflict", "conflict", "won"]
    assert faults() == []


def test_reports_supports_responses_and_decisions_neither_hang_nor_miscount(
    consultation: Consultation, county: County, moderators: Moderators
) -> None:
    words = [say(consultation, county.resident, f"第{number}句") for number in range(3)]
    first = discussion.respond(person=county.official, parent=words[0], text="回应", at=AT, submission=uuid4())
    people = [person(f"p{number}", county.here) for number in range(6)]
    picks = {each.pk: 0 for each in (*words, first)}

    def many() -> None:
        bulk.act_on(picks=picks, actor=moderators.first, act=Act.HIDE, rule="H6", sentence="广告。", at=AT)

    def again() -> None:
        bulk.act_on(
            picks=dict(reversed(picks.items())),
            actor=moderators.second,
            act=Act.HIDE,
            rule="H6",
            sentence="刷屏。",
            at=AT,
        )

    results = all_at_once(
        many,
        again,
        lambda: discussion.take_back(contribution=fresh(first), person=county.official, at=AT),
        *(
            lambda who=who, said=words[number % 3]: discussion.support(contribution=fresh(said), person=who, at=AT)
            for number, who in enumerate(people)
        ),
        *(lambda who=who: report(fresh(words[1]), who) for who in people[:3]),
        *(
            lambda who=who: discussion.respond(
                person=who, parent=fresh(words[0]), text="也回应", at=AT, submission=uuid4()
            )
            for who in people[3:]
        ),
    )
    assert set(results) <= {"won", "conflict", "not-public", "not-shown"}, results
    assert not Case.objects.filter(waiting_since__isnull=False).exists()
    assert faults() == []
