"""Bringing a Polis conversation in, as often as one likes, with nothing twice."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import override

from civic.events.bus import publish
from civic.people.models import Person
from civic.places.models import Place
from consult.consultations.domain import frozen_rules, hash_of
from consult.consultations.kinds import PhaseKind
from consult.consultations.models import Consultation, Participation, Phase
from consult.consultations.states import State as ConsultationState
from consult.discussion.models import Contribution
from consult.discussion.states import State
from consult.opinions import actions, bulk, reading
from consult.opinions.models import ImportedParticipant, ImportedStatement, Opinion, StatementTally
from consult.opinions.reading import Complain, Statement, Votes
from orgs.bodies.models import Organisation
from search.indexing import index_many
from search.words import fold, is_han

BATCH = 25_000
_NAMES = uuid.UUID("6f2b6c6e-7f0c-4c84-9a57-0d3b6d3f2b11")
OTHER_WORDS = "statement %s is already here with other words; it was left as it is"


@dataclass(frozen=True)
class Totals:
    """What is stored of a conversation."""

    participants: int
    statements: int
    votes: int


@dataclass
class Conversation:
    """A folder, read."""

    statements: list[Statement]
    listed: list[int]
    votes: Votes
    summary: dict[str, str]

    @property
    def participants(self) -> dict[int, int]:
        """Everybody who took part and their first act, in milliseconds (0: none known)."""
        first = dict.fromkeys(self.listed, 0)
        for statement in self.statements:
            known = first.get(statement.author, 0)
            first[statement.author] = min(known or statement.milliseconds, statement.milliseconds)
        for voter, place in self.votes.voters.items():
            known, voted = first.get(voter, 0), self.votes.first[place]
            first[voter] = min(known or voted, voted)
        return first


def read(folder: Path, complain: Complain, progress: Callable[[str], None]) -> Conversation:
    """Read a folder that ``reading.check`` found to be one."""
    statements = reading.statements(folder, complain)
    listed = list(reading.participants(folder, complain))
    votes = reading.votes(
        folder, {statement.id for statement in statements}, complain, lambda line: progress(f"votes: line {line:,}")
    )
    return Conversation(statements, listed, votes, reading.summary(folder))


def store(
    conversation: Conversation, *, slug: str, at: datetime, complain: Complain, progress: Callable[[str], None]
) -> Totals:
    """Store a conversation under a consultation's slug, creating it when there is none.

    Each batch is a transaction of its own; run again after a stop, it goes on
    where it was.  A vote that is already there is changed only by a later one.
    """
    with transaction.atomic():
        consultation = Consultation.objects.filter(slug=slug).first() or _create(conversation, slug)
        people = _people(consultation, conversation)
        statements = _statements(consultation, conversation, people, at, complain)
    voters = [people[voter] for voter in conversation.votes.voters]
    done = 0
    for some in _batches(statements, len(voters)):
        with transaction.atomic():
            Consultation.objects.select_for_update().get(pk=consultation.pk)
            done += _opinions(consultation, conversation.votes, some, voters)
        progress(f"opinions: {done:,}")
    index_many("contribution", list(statements.values()), progress=progress)
    return totals(consultation)


def totals(consultation: Consultation) -> Totals:
    """Count what is stored of an imported conversation."""
    return Totals(
        participants=ImportedParticipant.objects.filter(consultation=consultation).count(),
        statements=ImportedStatement.objects.filter(consultation=consultation).count(),
        votes=Opinion.objects.filter(statement__imported_as__consultation=consultation).count(),
    )


def _create(conversation: Conversation, slug: str) -> Consultation:
    """Make an archived consultation around a conversation that took place elsewhere."""
    times = [statement.milliseconds for statement in conversation.statements]
    times += [moment for moment in (conversation.votes.earliest, conversation.votes.latest) if moment]
    opens_at, closes_at = _moment(min(times, default=1)), _moment(max(times, default=1)) + timedelta(seconds=1)
    topic = conversation.summary.get("topic") or slug
    description = conversation.summary.get("conversation-description", "")
    lines = [line.strip() for line in description.splitlines() if line.strip()]
    sponsor = _sponsor()
    consultation = Consultation(
        slug=slug, template="general", state=ConsultationState.ARCHIVED, title=topic[:120],
        question=(lines or [topic])[0][:200], background="\n\n".join(lines), place=sponsor.place, open_to=sponsor.place,
        sponsor=sponsor, opens_at=opens_at, closes_at=closes_at, answer_due_at=closes_at, announced_at=opens_at,
    )  # fmt: skip
    consultation.summary, consultation.summary_en = _both(
        lambda: _("A conversation brought in from Polis, to read and to learn from.")
    )
    phase = Phase(kind=PhaseKind.DISCUSS, opens_at=opens_at, closes_at=closes_at)
    consultation.rules = frozen_rules(consultation, [phase])
    consultation.rules_hash = hash_of(consultation.rules)
    consultation.save(force_insert=True)
    phase.consultation = consultation
    phase.save()
    return consultation


def _sponsor() -> Organisation:
    """Return the body that stands for conversations held elsewhere, so that no office seems to have asked."""
    found = Organisation.objects.filter(slug="imported-conversations").select_related("place").first()
    if found is not None:
        return found
    place = Place.objects.filter(level=Place.Level.COUNTY).order_by("pk").first()
    if place is None:
        names = settings.SITE
        place = Place.objects.create(code="0", level=Place.Level.COUNTY, name=names["place"], name_en=names["place_en"])
    name, name_en = _both(lambda: _("Conversations from elsewhere"))
    return Organisation.objects.create(
        slug="imported-conversations", kind=Organisation.Kind.DEPARTMENT, name=name, name_en=name_en, place=place
    )


def _people(consultation: Consultation, conversation: Conversation) -> dict[int, int]:
    """Return the person's id for every participant, making pseudonymous people for the new ones."""
    known = dict(ImportedParticipant.objects.filter(consultation=consultation).values_list("external_id", "person_id"))
    everybody = conversation.participants
    new = [participant for participant in everybody if participant not in known]
    joined = [
        _moment(everybody[participant]) if everybody[participant] else consultation.opens_at for participant in new
    ]
    people = [
        Person(display_name=f"№ {participant}", is_imported=True, is_active=False, joined_at=when)
        for participant, when in zip(new, joined, strict=True)
    ]
    for person in people:
        person.set_unusable_password()
    Person.objects.bulk_create(people, batch_size=1000)
    ImportedParticipant.objects.bulk_create(
        [
            ImportedParticipant(consultation=consultation, external_id=participant, person=person)
            for participant, person in zip(new, people, strict=True)
        ],
        batch_size=1000,
    )
    Participation.objects.bulk_create(
        [
            Participation(consultation=consultation, person=person, first_at=when)
            for person, when in zip(people, joined, strict=True)
        ],
        batch_size=1000,
    )
    Consultation.objects.filter(pk=consultation.pk).update(participant_count=F("participant_count") + len(people))
    return known | {participant: person.pk for participant, person in zip(new, people, strict=True)}


def _statements(
    consultation: Consultation, conversation: Conversation, people: dict[int, int], at: datetime, complain: Complain
) -> dict[int, int]:
    """Return the contribution's id for every statement, storing the new ones."""
    stored = {
        external_id: (pk, text)
        for external_id, pk, text in ImportedStatement.objects.filter(consultation=consultation).values_list(
            "external_id", "contribution_id", "contribution__text"
        )
    }
    ids: dict[int, int] = {}
    new: list[Statement] = []
    for statement in conversation.statements:
        if statement.id not in stored:
            new.append(statement)
        elif stored[statement.id][1] == statement.text:
            ids[statement.id] = stored[statement.id][0]
        else:
            complain(reading.COMMENTS, 0, OTHER_WORDS % statement.id)
    made = Contribution.objects.bulk_create(
        [_contribution(consultation, statement, people[statement.author]) for statement in new], batch_size=500
    )
    ImportedStatement.objects.bulk_create(
        [
            ImportedStatement(consultation=consultation, external_id=statement.id, contribution=contribution)
            for statement, contribution in zip(new, made, strict=True)
        ],
        batch_size=1000,
    )
    StatementTally.objects.bulk_create(
        [StatementTally(statement=contribution, consultation=consultation) for contribution in made], batch_size=1000
    )
    if new:
        publish(
            actions.IMPORTED, subject=consultation, actor=None, at=at,
            facts={
                "participants": len(people), "statements": len(conversation.statements),
                "votes": sum(1 for statement in conversation.votes.last for _vote in conversation.votes.on(statement)),
            },
        )  # fmt: skip
    return ids | {statement.id: contribution.pk for statement, contribution in zip(new, made, strict=True)}


def _contribution(consultation: Consultation, statement: Statement, author_id: int) -> Contribution:
    return Contribution(
        consultation=consultation,
        kind=Contribution.Kind.STATEMENT,
        author_id=author_id,
        text=statement.text,
        language=_language_of(statement.text),
        state=State.PUBLISHED if statement.shown else State.HIDDEN,
        created_at=_moment(statement.milliseconds),
        submission=uuid.uuid5(_NAMES, f"{consultation.pk}/{statement.id}"),
    )


def _batches(statements: dict[int, int], voters: int) -> Iterator[list[tuple[int, int]]]:
    """Yield (statement, contribution's id) in groups of at most ``BATCH`` possible opinions."""
    at_once = max(1, BATCH // max(1, voters))
    rest = iter(statements.items())
    while some := list(islice(rest, at_once)):
        yield some


def _opinions(
    consultation: Consultation, votes: Votes, statements: Sequence[tuple[int, int]], voters: Sequence[int]
) -> int:
    """Make the stored opinions on some statements those of the votes; return how many votes there were."""
    stored = {
        (person, statement): (pk, value, at)
        for pk, person, statement, value, at in Opinion.objects.filter(
            statement__in=[contribution for _id, contribution in statements]
        ).values_list("pk", "person_id", "statement_id", "value", "at")
    }
    new: list[bulk.Row] = []
    changed: list[Opinion] = []
    counts = {contribution: {-1: 0, 0: 0, 1: 0} for _id, contribution in statements}
    for (_person, contribution), (_pk, value, _at) in stored.items():
        counts[contribution][value] += 1
    done = 0
    for external_id, contribution in statements:
        for place, value, milliseconds in votes.on(external_id):
            done += 1
            at = _moment(milliseconds)
            before = stored.get((voters[place], contribution))
            if before is None:
                new.append((voters[place], contribution, value, at))
                counts[contribution][value] += 1
            elif at > before[2] and value != before[1]:
                changed.append(Opinion(pk=before[0], value=value, at=at))
                counts[contribution][before[1]] -= 1
                counts[contribution][value] += 1
    bulk.insert(new)
    if changed:
        Opinion.objects.bulk_update(changed, ["value", "at"], batch_size=1000)
    if new or changed:
        _keep(consultation, counts)
    return done


def _keep(consultation: Consultation, counts: dict[int, dict[int, int]]) -> None:
    StatementTally.objects.bulk_create(
        [
            StatementTally(
                statement_id=contribution, consultation=consultation, agrees=by[1], disagrees=by[-1], passes=by[0]
            )
            for contribution, by in counts.items()
        ],
        update_conflicts=True,
        unique_fields=["statement"],
        update_fields=["agrees", "disagrees", "passes"],
    )


def _language_of(text: str) -> str:
    if not any(map(is_han, text)):
        return "en"
    return "zh-hans" if _same(fold(char) == char for char in text if is_han(char)) else "zh-hant"


def _same(answers: Iterable[bool]) -> bool:
    return all(answers)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _both(say: Callable[[], str]) -> tuple[str, str]:
    """Return a sentence of ours as it is stored: in Chinese and in English."""
    with override("zh-hans"):
        chinese = say()
    with override("en"):
        return chinese, say()
