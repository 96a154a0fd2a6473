"""Fifty people at the same moment: every row exists once, every counter is right, one wins and the others are told.

Each promise is also shown to rest on its lock or its constraint: without it the
same acts end wrong.
"""

import time
from collections.abc import Callable
from functools import partial
from uuid import uuid4

import pytest
from django.db import models, transaction

from civic.audit.models import Entry
from civic.core.clock import Window
from civic.core.refusals import Refused
from civic.events.models import Delivery
from civic.notify.domain import tell
from civic.notify.models import Message, Notice
from civic.people.models import Person
from consult.consultations import domain as consultations
from consult.consultations.models import Consultation, Participation
from consult.discussion import actions as discussion_actions
from consult.discussion import domain as discussion
from consult.discussion.models import Contribution, Support
from consult.discussion.states import Outcome
from consult.moderation import actions as moderation_actions
from consult.moderation import domain as moderation
from consult.moderation.models import Appeal, Case, Ruling
from consult.moderation.states import Act
from consult.replies import actions as reply_actions
from consult.replies import domain as replies
from consult.replies.models import Reply
from consult.reports import actions as report_actions
from consult.reports import domain as reports
from consult.reports.models import Report
from orgs.bodies.models import Organisation
from orgs.grants import actions as grant_actions
from orgs.grants import domain as grants
from orgs.grants.models import Grant
from tests.consult.conftest import APPROVER_ACTIONS, AT, DAY, County, Opener, person, say
from tests.consult.moderation.conftest import Moderators, moderator
from tests.consult.moderation.test_judging import judge
from tests.consult.moderation.test_reporting import report
from tests.faults.together import all_at_once, faults, take_constraint_away, take_locks_away, while_halfway

pytestmark = [pytest.mark.needs("postgresql"), pytest.mark.django_db(transaction=True)]
MANY = 50
PARTICIPATION = 'INSERT INTO "consult_consultations_participation"'


def fresh(contribution: Contribution) -> Contribution:
    return Contribution.objects.select_related("consultation").get(pk=contribution.pk)


def crowd(county: County, count: int = MANY) -> list[Person]:
    return [person(f"p{number}", county.here) for number in range(count)]


def supporting(said: Contribution, who: Person, *, is_counted: bool = False) -> Callable[[], object]:
    return lambda: discussion.support(contribution=fresh(said), person=who, at=AT, is_counted=is_counted)


# --- supports ------------------------------------------------------------------------------------------------------


def test_one_person_supporting_fifty_times_at_once_supports_once(said: Contribution, county: County) -> None:
    ended = all_at_once([supporting(said, county.official)] * MANY)

    said.refresh_from_db()
    assert ended == {"done": MANY}
    assert (Support.objects.count(), said.num_vote_up, said.vote_score) == (1, 1, 1)
    assert Entry.objects.filter(type=discussion_actions.SUPPORTED).count() == 1
    assert faults() == []


def test_fifty_people_supporting_at_once_are_fifty(said: Contribution, county: County) -> None:
    ended = all_at_once([supporting(said, who) for who in crowd(county)])

    said.refresh_from_db()
    said.consultation.refresh_from_db()
    assert ended == {"done": MANY}
    assert (Support.objects.count(), said.num_vote_up, said.vote_score) == (MANY, MANY, MANY)
    assert said.consultation.participant_count == Participation.objects.count() == MANY + 1
    assert faults() == []


def test_fifty_who_take_part_already_need_no_lock_to_be_fifty(
    said: Contribution, county: County, consultation: Consultation
) -> None:
    people = crowd(county)
    for who in people:
        consultations.note_participation(consultation_id=consultation.pk, person_id=who.pk, at=AT)
    ended = all_at_once([supporting(said, who, is_counted=True) for who in people * 2])

    said.refresh_from_db()
    assert ended == {"done": 2 * MANY}
    assert (Support.objects.count(), said.num_vote_up, said.vote_score) == (MANY, MANY, MANY)
    assert faults() == []


@pytest.mark.parametrize("before", ["Contribution", "Participation"])
def test_who_supports_the_same_twice_need_not_know_both_times_that_they_take_part(
    said: Contribution, county: County, before: str
) -> None:
    consultations.note_participation(consultation_id=said.consultation_id, person_id=county.official.pk, at=AT)
    start = {"Contribution": 'UPDATE "consult_discussion_contribution"', "Participation": PARTICIPATION}[before]
    first, second = (
        supporting(said, county.official, is_counted=before == "Contribution"),
        supporting(said, county.official),
    )

    assert while_halfway(first, second, before=start) == ("done", "done")
    assert Support.objects.count() == 1
    assert faults() == []


@pytest.mark.parametrize("speak", ["contribute", "respond"])
def test_a_newcomer_speaks_and_supports_in_two_windows(said: Contribution, county: County, speak: str) -> None:
    other = say(said.consultation, county.approver)
    spoken: dict[str, Callable[[], object]] = {
        "contribute": lambda: say(said.consultation, county.official),
        "respond": lambda: discussion.respond(
            person=county.official, parent=fresh(said), text="我也是。", submission=uuid4(), at=AT
        ),
    }

    assert while_halfway(spoken[speak], supporting(other, county.official), before=PARTICIPATION) == ("done", "done")
    assert Participation.objects.filter(person=county.official).count() == 1
    assert faults() == []


def test_supporting_and_taking_back_at_once_end_in_what_the_counter_says(said: Contribution, county: County) -> None:
    people = crowd(county, 12)
    back = [partial(discussion.unsupport, contribution=fresh(said), person=who, at=AT) for who in people]
    ended = all_at_once([*(supporting(said, who) for who in people), *back, *back])

    said.refresh_from_db()
    assert ended == {"done": 36}
    assert said.num_vote_up == Support.objects.count()
    assert faults() == []


def test_without_its_constraint_no_support_is_written_at_all(said: Contribution, county: County) -> None:
    take_constraint_away(Support, "one_support_per_person_and_object")
    ended = all_at_once([supporting(said, county.official)] * 12)

    assert sum(ended.values()) == 12
    assert all("ON CONFLICT" in how for how in ended)
    assert not Support.objects.exists()


# --- words ---------------------------------------------------------------------------------------------------------


def sending_once_more(consultation: Consultation, who: Person) -> Callable[[], object]:
    submission = uuid4()
    return lambda: discussion.contribute(
        person=who, consultation=Consultation.objects.for_pages().get(pk=consultation.pk), kind="comment",
        text="末班车能不能晚一点？", at=AT, submission=submission,
    )  # fmt: skip


def test_a_form_sent_fifty_times_at_once_says_it_once(consultation: Consultation, county: County) -> None:
    ended = all_at_once([sending_once_more(consultation, county.resident)] * MANY)

    consultation.refresh_from_db()
    assert ended == {"done": MANY}
    assert (Contribution.objects.count(), consultation.contribution_count, consultation.participant_count) == (1, 1, 1)
    assert Entry.objects.filter(type=discussion_actions.MADE).count() == 1
    assert faults() == []


def test_fifty_people_speaking_at_once_are_all_heard(consultation: Consultation, county: County) -> None:
    ended = all_at_once([sending_once_more(consultation, who) for who in crowd(county)])

    consultation.refresh_from_db()
    assert ended == {"done": MANY}
    assert (Contribution.objects.count(), consultation.contribution_count) == (MANY, MANY)
    assert consultation.participant_count == MANY
    assert faults() == []


def test_without_its_constraint_a_form_sent_at_once_says_it_more_than_once(
    consultation: Consultation, county: County
) -> None:
    take_constraint_away(Contribution, "submission")
    all_at_once([sending_once_more(consultation, county.resident)] * 12)

    assert Contribution.objects.count() > 1


# --- answers -------------------------------------------------------------------------------------------------------


def waiting_answer(county: County, consultation: Consultation) -> Reply:
    said = say(consultation, county.resident)
    return replies.save_draft(
        actor=county.official, consultation=consultation, contributions=[said], outcome=Outcome.ADOPTED,
        text="照办。", at=AT, version=0, send=True,
    )  # fmt: skip


def publishing(reply: Reply, who: Person) -> Callable[[], object]:
    def act() -> None:
        found = Reply.objects.select_related("consultation").get(pk=reply.pk)
        replies.approve_and_publish(reply=found, version=1, actor=who, at=found.consultation.closes_at + DAY)

    return act


def second_approver(county: County) -> Person:
    who = person("approver2", county.here)
    for action in APPROVER_ACTIONS:
        grants.found(
            holder=grants.Holder(person=who), action=action, scope=grants.Scope(body=county.bureau),
            window=Window(AT - 100 * DAY, AT + 265 * DAY), reason="test", at=AT - 100 * DAY,
        )  # fmt: skip
    return who


def test_of_two_officials_approving_the_same_answer_one_wins_and_the_other_is_told(
    county: County, consultation: Consultation
) -> None:
    other = second_approver(county)
    reply = waiting_answer(county, consultation)
    ended = all_at_once([publishing(reply, who) for who in [county.approver, other] * 10])

    consultation.refresh_from_db()
    assert ended == {"done": 1, "conflict": 19}
    assert consultation.answered_count == 1
    assert Entry.objects.filter(type=reply_actions.PUBLISHED).count() == 1
    assert faults() == []


def test_without_locks_two_officials_both_believe_they_published(
    county: County, consultation: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = second_approver(county)
    reply = waiting_answer(county, consultation)
    meeting = take_locks_away(monkeypatch, people=8)
    ended = all_at_once([publishing(reply, who) for who in [county.approver, other] * 4], meeting)

    assert ended["done"] != 1 or Entry.objects.filter(type=reply_actions.PUBLISHED).count() != 1


@pytest.mark.parametrize("head_start", [0, 0.004, 0.012, 0.03], ids=str)
def test_an_answer_published_while_its_consultation_closes_ends_in_one_state(
    county: County, open_consultation: Opener, head_start: float
) -> None:
    asked = [open_consultation(slug=f"lines-{number}") for number in range(3)]
    waiting = [waiting_answer(county, consultation) for consultation in asked]
    acts: list[Callable[[], object]] = []

    def closing(consultation: Consultation) -> Callable[[], object]:
        def act() -> None:
            time.sleep(head_start)
            found = Consultation.objects.for_pages().get(pk=consultation.pk)
            reports.conclude(consultation=found, actor=county.official, at=found.closes_at + DAY)

        return act

    for consultation, reply in zip(asked, waiting, strict=True):
        acts += [publishing(reply, county.approver), closing(consultation), closing(consultation)]
    ended = all_at_once(acts)

    assert set(ended) <= {"done", "conflict", "unanswered"}, ended
    for consultation, reply in zip(asked, waiting, strict=True):
        consultation.refresh_from_db()
        reply.refresh_from_db()
        # Publishing always wins: nothing closes before its answer, and nobody is left without one.
        assert (reply.state, consultation.answered_count) == ("published", 1)
        assert reply.items.get().contribution.outcome == Outcome.ADOPTED
        closed = consultation.state == "answered"
        assert consultation.state in {"announced", "answered"}
        assert Report.objects.filter(consultation=consultation).count() == int(closed)
        for type_name, expected in ((reply_actions.PUBLISHED, 1), (report_actions.FROZEN, int(closed))):
            subject: models.Model = reply if type_name == reply_actions.PUBLISHED else consultation
            assert Entry.objects.about(subject).filter(type=type_name).count() == expected
    assert faults() == []
    deliver_everything()
    told = Notice.objects.values_list("person", "entry", "kind")
    assert len(set(told)) == len(told) > 0
    assert faults() == []


def deliver_everything() -> None:
    from civic.core import clock
    from civic.events import bus

    while ids := bus.waiting(at=clock.now()):
        all_at_once([partial(bus.deliver, pk, at=clock.now()) for pk in ids for _twin in range(2)])
        assert not Delivery.objects.exclude(error="").exists()


def test_an_answer_published_while_its_consultation_is_withdrawn_ends_in_one_state(
    county: County, open_consultation: Opener
) -> None:
    asked = [open_consultation(slug=f"lines-{number}") for number in range(6)]
    waiting = [waiting_answer(county, consultation) for consultation in asked]

    def withdrawing(consultation: Consultation) -> Callable[[], object]:
        return lambda: consultations.withdraw(
            consultation=Consultation.objects.get(pk=consultation.pk), actor=county.official, note="另议",
            at=consultation.closes_at + DAY,
        )  # fmt: skip

    ended = all_at_once(
        [publishing(reply, county.approver) for reply in waiting]
        + [withdrawing(consultation) for consultation in asked]
    )

    assert not [how for how in ended if "(" in how], ended
    for consultation, reply in zip(asked, waiting, strict=True):
        consultation.refresh_from_db()
        reply.refresh_from_db()
        published = reply.state == "published"
        assert consultation.answered_count == int(published)
        assert (reply.items.get().contribution.outcome == Outcome.ADOPTED) is published
    assert faults() == []


# --- moderation ----------------------------------------------------------------------------------------------------


def test_of_many_moderators_acting_on_one_report_one_wins_and_the_others_are_told(
    said: Contribution, county: County, moderators: Moderators
) -> None:
    report(said, county.neighbour)
    pairs = [(moderators.first, Act.HIDE), (moderators.second, Act.LEAVE)] * 10
    ended = all_at_once([partial(judge, fresh(said), who, act, version=0) for who, act in pairs])

    assert ended == {"done": 1, "conflict": 19}
    assert Ruling.objects.count() == 1
    assert faults() == []


def test_without_locks_more_than_one_moderator_decides(
    said: Contribution, county: County, moderators: Moderators, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(said, county.neighbour)
    meeting = take_locks_away(monkeypatch, people=8)
    pairs = [(moderators.first, Act.HIDE), (moderators.second, Act.LEAVE)] * 4
    ended = all_at_once([partial(judge, fresh(said), who, act, version=0) for who, act in pairs], meeting)

    # Several decide, or the last counter below zero stops them with an error nobody was told of.
    assert ended != {"done": 1, "conflict": 7}


def test_fifty_people_reporting_at_once_make_one_case_of_fifty(said: Contribution, county: County) -> None:
    ended = all_at_once([partial(report, fresh(said), who) for who in crowd(county)])

    assert ended == {"done": MANY}
    assert Case.objects.get(contribution=said).reporters == MANY
    assert faults() == []


def deciding(appeal: Appeal, who: Person, *, restore: bool) -> Callable[[], object]:
    return lambda: moderation.decide_appeal(
        appeal=Appeal.objects.get(pk=appeal.pk), actor=who, restore=restore, sentence="看过了。", at=AT
    )


def appealed(said: Contribution, county: County, moderators: Moderators) -> Appeal:
    ruling = judge(said, moderators.first, Act.HIDE)
    return moderation.appeal(ruling=ruling, person=county.resident, text="不对。", at=AT)


def test_of_two_people_deciding_an_appeal_one_wins_and_the_other_is_told(
    said: Contribution, county: County, moderators: Moderators, office: Organisation
) -> None:
    third = moderator("third", county, office)
    appeal = appealed(said, county, moderators)
    acts = [deciding(appeal, moderators.second, restore=True), deciding(appeal, third, restore=False)] * 10
    ended = all_at_once(acts)

    assert ended == {"done": 1, "conflict": 19}
    assert Entry.objects.filter(type=moderation_actions.DECIDED).count() == 1
    assert faults() == []


def test_without_locks_an_appeal_is_decided_more_than_once(
    said: Contribution, county: County, moderators: Moderators, office: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    third = moderator("third", county, office)
    appeal = appealed(said, county, moderators)
    meeting = take_locks_away(monkeypatch, people=8)
    acts = [deciding(appeal, moderators.second, restore=False), deciding(appeal, third, restore=False)] * 4
    all_at_once(acts, meeting)

    assert Entry.objects.filter(type=moderation_actions.DECIDED).count() > 1


# --- powers --------------------------------------------------------------------------------------------------------


def test_a_power_given_and_ended_at_once_is_ended_once_and_gives_nothing_afterwards(county: County) -> None:
    head, window = person("head", county.here), Window(AT - DAY, AT + 30 * DAY)
    own = [
        grants.found(
            holder=grants.Holder(person=head), action=action, scope=grants.Scope(place=county.place),
            window=window, reason="test", at=AT - DAY,
        )
        for action in (grant_actions.ISSUE, "consult:reply:draft")
    ]  # fmt: skip

    people = [person(f"deputy{n}", county.here) for n in range(10)]

    def give(to: Person = county.stranger) -> object:
        return grants.issue(
            actor=Person.objects.get(pk=head.pk), holder=grants.Holder(person=to),
            action="consult:reply:draft", scope=grants.Scope(place=county.place), window=Window(AT, AT + DAY),
            reason="代班", at=AT,
        )  # fmt: skip

    def end() -> None:
        grants.end(grant=Grant.objects.get(pk=own[1].pk), actor=head, note="调离", at=AT)

    before = Grant.objects.count()
    ended = all_at_once([act for each in people for act in (partial(give, each), end)])

    given = Grant.objects.count() - before
    assert set(ended) <= {"done", grants.TOO_WIDE.code}, ended
    assert ended["done"] == 10 + given
    assert Entry.objects.filter(type=grant_actions.ENDED).count() == 1
    with pytest.raises(Refused):
        give()
    assert faults() == []


def giving(county: County, *names: str) -> list[Callable[[], object]]:
    """Return how each of these, who hold the same power, gives it to the same person."""
    scope, window = grants.Scope(place=county.place), Window(AT - DAY, AT + 30 * DAY)

    def give(pk: int) -> object:
        return grants.issue(
            actor=Person.objects.get(pk=pk), holder=grants.Holder(person=county.stranger),
            action="consult:reply:draft", scope=scope, window=Window(AT, AT + DAY), reason="代班", at=AT,
        )  # fmt: skip

    heads = [person(name, county.here) for name in names]
    for head in heads:
        for action in (grant_actions.ISSUE, "consult:reply:draft"):
            grants.found(
                holder=grants.Holder(person=head), action=action, scope=scope, window=window, reason="test", at=AT - DAY
            )
    return [partial(give, head.pk) for head in heads]


@pytest.mark.parametrize("names", [("head",), ("head", "deputy")], ids=["by one", "by two"])
def test_a_power_sent_many_times_at_once_is_given_once(county: County, names: tuple[str, ...]) -> None:
    assert all_at_once(giving(county, *names) * 10) == {"done": 1, "conflict": 10 * len(names) - 1}
    assert Grant.objects.filter(person=county.stranger).count() == 1


def test_without_locks_a_power_sent_many_times_at_once_is_given_more_than_once(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts = giving(county, "head", "deputy") * 4
    all_at_once(acts, take_locks_away(monkeypatch, people=len(acts)))
    assert Grant.objects.filter(person=county.stranger).count() > 1


# --- notices -------------------------------------------------------------------------------------------------------


def telling(people: list[Person], entry: Entry) -> Callable[[], object]:
    def act() -> None:
        with transaction.atomic():
            tell(kind="consult:outcome", entry=entry, recipients=[(p, {}, "/x/") for p in people], at=AT)

    return act


def test_people_told_of_one_thing_by_many_at_once_are_told_once(said: Contribution, county: County) -> None:
    people = crowd(county, 20)
    entry = Entry.objects.about(said).get()
    ended = all_at_once([telling(people[:: 1 - 2 * (number % 2)], entry) for number in range(MANY // 2)])

    assert ended == {"done": MANY // 2}
    assert (Notice.objects.count(), Message.objects.values("notice").distinct().count()) == (20, 20)


def test_without_its_constraint_people_are_told_twice(said: Contribution, county: County) -> None:
    people, entry = crowd(county, 3), Entry.objects.about(said).get()
    take_constraint_away(Notice, "one_notice_per_person_and_entry")
    all_at_once([telling(people, entry)] * 12)

    assert Notice.objects.count() > 3
