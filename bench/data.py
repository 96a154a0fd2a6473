"""The bench data: ``python -m bench.data TIMES`` fills an empty database and prints where things are, as JSON.

One times is 2,000 people and, in one consultation, 500 contributions, 5,000
responses (500 of them under one) and 20,000 supports; nine more consultations
stand around it.  Written in bulk and kept consistent: ``prove`` finds nothing.
"""

import json
import sys
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import chain, islice
from typing import Any

import django

django.setup()

from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY as METHODS_OF  # noqa: E402
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as METHODS  # noqa: E402
from allauth.account.models import EmailAddress  # noqa: E402 - Django must be set up first
from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.auth.hashers import make_password  # noqa: E402
from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.db import transaction  # noqa: E402

from civic.access.models import SignIn  # noqa: E402
from civic.access.registry import all_rules  # noqa: E402
from civic.audit import sealing  # noqa: E402
from civic.audit.models import Entry  # noqa: E402
from civic.core import clock  # noqa: E402
from civic.core.clock import Window  # noqa: E402
from civic.people.models import Level, Person  # noqa: E402
from civic.places.models import Place  # noqa: E402
from civic.policies import domain as policies  # noqa: E402
from consult.consultations import domain as consultations  # noqa: E402
from consult.consultations.domain import PhasePlan  # noqa: E402
from consult.consultations.kinds import PhaseKind  # noqa: E402
from consult.consultations.models import ClauseTally, Consultation, Participation  # noqa: E402
from consult.demo.reading import read  # noqa: E402
from consult.discussion import actions  # noqa: E402
from consult.discussion.models import Contribution, Support  # noqa: E402
from consult.voting import casting, closing, counting, stores  # noqa: E402
from consult.voting import domain as voting  # noqa: E402
from consult.voting.domain import ChoicePlan  # noqa: E402
from consult.voting.models import Poll  # noqa: E402
from orgs.bodies.models import Membership, Organisation  # noqa: E402
from orgs.grants.domain import Holder, Scope, found  # noqa: E402
from search.indexing import rebuild  # noqa: E402

PASSWORD = "bench-bench-bench"  # noqa: S105 - of people who exist only here
DAY = timedelta(days=1)
PEOPLE, ROOTS, RESPONSES, SUPPORTS, LONG_THREAD = 2_000, 500, 5_000, 20_000, 500
SIGNED_IN = 300
POLLS = 5  # each person votes once in each: enough for every round
BATCH = 2_000
CHOICES = (
    ChoicePlan("park", "修公园", "A park"),
    ChoicePlan("road", "修道路", "A road"),
    ChoicePlan("bus", "加公交", "A bus"),
)


def build(times: int) -> dict[str, Any]:
    """Fill the database; return the addresses and sessions the bench uses."""
    at = clock.now()
    with transaction.atomic():
        county, townships, bureau = _ground()
        people = _people(times, townships, at)
        official, approver = people[:2]
        _powers(official, approver, bureau, county, at)
        policy = _policy(official, approver, bureau, county, at)
        asked = [_consultation(number, official, bureau, county, policy, at) for number in range(10)]
        main = asked[0]
        roots = _roots(main, people, times, policy)
        responses = _responses(main, roots, people, times)
        supports = _supports(roots, people, times)
        _record([*roots, *responses])
        _count(main, roots, responses, supports)
        polls = [_poll(f"bench-{number}", official, bureau, county, at) for number in range(POLLS)]
        over = _poll("bench-over", official, bureau, county, at, voters=people[:500])
    for _progress in rebuild(at=clock.now()):
        pass
    sealing.seal_waiting(at=clock.now())
    return {
        "consultation": main.get_absolute_url(),
        "contribution": roots[0].get_absolute_url(),
        "say": f"{main.get_absolute_url()}say/",
        # nobody supports their own words: these are not by those who are signed in
        "support": [f"{root.get_absolute_url()}support/" for root in roots[2 + SIGNED_IN : ROOTS]],
        "residents": _sessions(people[2 : 2 + SIGNED_IN], at),
        "polls": [f"{poll.get_absolute_url()}check/" for poll in polls],
        "choices": [choice.key for choice in CHOICES],
        "voters": _sessions(people[2:PEOPLE], at),
        "result": f"{over.get_absolute_url()}result/",
        "officials": _sessions([official], at),
        "emails": [person.email for person in people[2 : 2 + SIGNED_IN]],
        "password": PASSWORD,
    }


def _ground() -> tuple[Place, list[Place], Organisation]:
    county = Place.objects.create(code="1", name="云澜县", name_en="Yunlan County", level=Place.Level.COUNTY)
    townships = [
        Place.objects.create(
            code=f"1{n:02}", name=f"第{n}镇", name_en=f"Township {n}", level=Place.Level.TOWNSHIP, parent=county
        )
        for n in range(10)
    ]
    bureau = Organisation.objects.create(
        slug="transport", kind=Organisation.Kind.DEPARTMENT, place=county, name="云澜县交通运输局",
        name_en="Yunlan Transport Bureau",
    )  # fmt: skip
    return county, townships, bureau


def _people(times: int, townships: list[Place], at: datetime) -> list[Person]:
    password = make_password(PASSWORD)
    people = Person.objects.bulk_create(
        [
            Person(
                email=f"p{n}@bench.example", password=password, display_name=f"居民{n}", level=Level.RESIDENT,
                residence=townships[n % len(townships)], language="zh-hans", joined_at=at - 100 * DAY,
            )
            for n in range(PEOPLE * times)
        ],
        batch_size=BATCH,
    )  # fmt: skip
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=p, email=p.email, verified=True, primary=True) for p in people[: 2 + SIGNED_IN]]
    )
    return people


def _powers(official: Person, approver: Person, bureau: Organisation, county: Place, at: datetime) -> None:
    for person, role in ((official, Membership.Role.HANDLER), (approver, Membership.Role.APPROVER)):
        Membership.objects.create(body=bureau, person=person, role=role, starts_at=at - 300 * DAY)
        for rule in all_rules():
            if rule.mandate:
                found(
                    holder=Holder(person=person), action=rule.action, scope=Scope(place=county),
                    window=Window(at - 300 * DAY, at + 300 * DAY), reason="bench", at=at - 300 * DAY,
                )  # fmt: skip


def _policy(official: Person, approver: Person, bureau: Organisation, county: Place, at: datetime) -> Any:
    policies.ensure_site(at=at - 200 * DAY)
    return policies.create_policy(
        slug="buses", author=official, approver=approver, at=at - 100 * DAY, title="城乡公交条例",
        title_en="Bus Ordinance", summary="管公交线路、票价和班次。", issuing_body=bureau, place=county, stage="decided",
        in_force_from=date(2026, 1, 1),
        clauses=[
            {"number": f"第{number}条", "text": "公共汽车的线路、站点和班次，由交通运输主管部门听取乘客意见后确定。" * 2}
            for number in "一二三四五六七八九十"
        ],
    )  # fmt: skip


def _consultation(
    number: int, official: Person, bureau: Organisation, county: Place, policy: Any, at: datetime
) -> Consultation:
    # The main one has been running for five days; of the others some run, some wait for their answer.
    opens_at = at - 5 * DAY if number < 6 else at - 40 * DAY
    made = consultations.create(
        actor=official, at=opens_at - DAY, slug=f"bench-{number}", template="general", place=county, sponsor=bureau,
        title=f"第{number}路公交怎么走", title_en=f"Where should bus {number} go", summary="线路、站点和班次。",
        question="您每天怎么坐车？", open_to=county, level=Level.CONTACT, policy=policy, revision=policy.live_revision,
        phases=[
            PhasePlan(PhaseKind.COLLECT, Window(opens_at, opens_at + 20 * DAY)),
            PhasePlan(PhaseKind.DISCUSS, Window(opens_at + 20 * DAY, opens_at + 30 * DAY)),
            PhasePlan(PhaseKind.REPLY, Window(opens_at + 30 * DAY, opens_at + 60 * DAY)),
        ],
    )  # fmt: skip
    consultations.announce(consultation=made, actor=official, at=opens_at - DAY)
    return Consultation.objects.get(pk=made.pk)


def _roots(main: Consultation, people: list[Person], times: int, policy: Any) -> list[Contribution]:
    words = [row["text"] for row in read("contributions") if len(row["text"]) > 20]
    clauses = [uuid.UUID(str(block.id)) for block in policy.clauses]
    numbers = dict(zip(clauses, (f"第{n}条" for n in "一二三四五六七八九十"), strict=False))
    total = ROOTS * times
    opened = main.opens_at or clock.now()
    rows = []
    for n in range(total):
        clause = clauses[n % len(clauses)] if n % 2 else None
        rows.append(
            Contribution(
                consultation=main, author=people[n % len(people)],
                kind=Contribution.Kind.PROPOSAL if n % 5 == 0 else Contribution.Kind.COMMENT,
                title=f"提议{n}：多开一班车" if n % 5 == 0 else "", text=f"{words[n % len(words)]}（{n}）",
                clause=clause, clause_number=numbers.get(clause, "") if clause else "",
                created_at=opened + timedelta(seconds=n), submission=uuid.uuid4(),
            )
        )  # fmt: skip
    return Contribution.objects.bulk_create(rows, batch_size=BATCH)


def _responses(main: Consultation, roots: list[Contribution], people: list[Person], times: int) -> list[Contribution]:
    long, total = LONG_THREAD * times, RESPONSES * times
    opened = main.opens_at or clock.now()
    rows = []
    for n in range(total):
        root = roots[0] if n < long else roots[1 + n % (len(roots) - 1)]
        rows.append(
            Contribution(
                consultation=main, author=people[(7 * n) % len(people)], kind=Contribution.Kind.RESPONSE, root=root,
                parent=root, depth=1, clause=root.clause, clause_number=root.clause_number,
                text=f"同意，我们村也是这样，早晚班都赶不上。（{n}）", created_at=opened + timedelta(hours=3, seconds=n),
                submission=uuid.uuid4(),
            )
        )  # fmt: skip
    return Contribution.objects.bulk_create(rows, batch_size=BATCH)


def _supports(roots: list[Contribution], people: list[Person], times: int) -> Counter[int]:
    kind = ContentType.objects.get_for_model(Contribution)
    total, counted = SUPPORTS * times, Counter[int]()
    at = clock.now() - DAY
    each = -(-total // len(people))
    rows = []
    # The people who are signed in support nothing yet: what they press is new.
    backers = people[2 + SIGNED_IN :]
    pairs = (
        (person, (place * 37 + k * 101) % len(roots)) for k in range(2 * each) for place, person in enumerate(backers)
    )
    seen: set[tuple[int, int]] = set()
    for person, place in pairs:
        root = roots[place]
        if len(seen) == total:
            break
        if root.author_id == person.pk or (person.pk, root.pk) in seen:
            continue
        seen.add((person.pk, root.pk))
        counted[root.pk] += 1
        rows.append(Support(user=person, content_type=kind, object_id=root.pk, create_at=at))
        if len(rows) == BATCH:
            Support.objects.bulk_create(rows)
            rows = []
    Support.objects.bulk_create(rows)
    return counted


def _record(said: list[Contribution]) -> None:
    """Write the entry of everything that was said and supported, as the acts themselves would have."""
    kind = Contribution._meta.label_lower
    made = (
        Entry(
            type=actions.MADE, subject_type=kind, subject_id=str(row.pk), actor_id=row.author_id, at=row.created_at,
            channel=row.channel, facts={"kind": str(row.kind)},
        )
        for row in said
    )  # fmt: skip
    supported = (
        Entry(type=actions.SUPPORTED, subject_type=kind, subject_id=str(subject), actor_id=actor, at=at)
        for subject, actor, at in Support.objects.values_list("object_id", "user_id", "create_at").iterator()
    )
    entries = chain(made, supported)
    while batch := list(islice(entries, BATCH)):
        Entry.objects.bulk_create(batch)


def _count(
    main: Consultation, roots: list[Contribution], responses: list[Contribution], supports: Counter[int]
) -> None:
    """Set the counters and the participants as if everything had been said one by one."""
    threads = Counter(response.root_id for response in responses)
    for root in roots:
        root.response_count = threads[root.pk]
        root.num_vote_up = root.vote_score = supports[root.pk]
    Contribution.objects.bulk_update(roots, ["response_count", "num_vote_up", "vote_score"], batch_size=500)
    clauses = Counter(root.clause for root in roots if root.clause)
    ClauseTally.objects.bulk_create(
        [ClauseTally(consultation=main, clause=clause, contributions=n) for clause, n in clauses.items()]
    )
    took_part = {row.author_id for row in [*roots, *responses]} | set(
        Support.objects.values_list("user_id", flat=True).distinct()
    )
    Participation.objects.bulk_create(
        [Participation(consultation=main, person_id=pk, first_at=clock.now()) for pk in took_part], batch_size=BATCH
    )
    Consultation.objects.filter(pk=main.pk).update(
        contribution_count=len(roots), response_count=len(responses), participant_count=len(took_part)
    )


def _poll(
    slug: str, official: Person, bureau: Organisation, county: Place, at: datetime, voters: Sequence[Person] = ()
) -> Poll:
    """Open a poll of everybody; with voters, one that they voted in, closed and counted."""
    opens_at, closes_at = at - 5 * DAY, at - DAY if voters else at + 5 * DAY
    poll = voting.draft_poll(
        actor=official, at=opens_at - DAY, choices=CHOICES, slug=slug, preset="advisory", title="先修什么",
        title_en="What to build first", question="先修什么？", method="choose", place=county, sponsor=bureau,
        opens_at=opens_at, closes_at=closes_at, may_replace=False,
        roll_rule={"kind": "residents", "place": county.code, "level": 1},
    )  # fmt: skip
    voting.announce(poll=poll, actor=official, at=opens_at - DAY)
    voting.draw_roll(poll=poll, actor=official, at=opens_at - DAY)
    voting.open_poll(poll=poll, actor=official, at=opens_at - DAY)
    if voters:
        with stores.time_is_given():
            for number, person in enumerate(voters):
                content = {"choices": [CHOICES[number % len(CHOICES)].key]}
                casting.cast(poll=poll, person=person, content=content, at=opens_at + DAY)
            closing.close_due(at=closes_at)
        counting.count_due(at=closes_at)
    poll.refresh_from_db()
    return poll


def _sessions(people: list[Person], at: datetime) -> list[str]:
    """Sign people in, second factor included, and return their sessions."""
    store, keys, rows, sign_ins = SessionStore(), [], [], []
    for person in people:
        key = uuid.uuid4().hex
        data = {
            SESSION_KEY: str(person.pk),
            BACKEND_SESSION_KEY: "allauth.account.auth_backends.AuthenticationBackend",
            HASH_SESSION_KEY: person.get_session_auth_hash(),
            METHODS_OF: str(person.pk),
            METHODS: [
                {"method": "password", "at": at.timestamp(), "email": person.email},
                {"method": "mfa", "at": at.timestamp(), "type": "totp"},
            ],
        }
        rows.append(Session(session_key=key, session_data=store.encode(data), expire_date=at + 14 * DAY))
        sign_ins.append(SignIn(person=person, session_key=key, began_at=at, used_at=at))
        keys.append(key)
    Session.objects.bulk_create(rows)
    SignIn.objects.bulk_create(sign_ins)
    return keys


if __name__ == "__main__":
    assert settings.DATABASES["default"]["NAME"]
    json.dump(build(int(sys.argv[1])), sys.stdout)
