"""What an auditor does with a poll: recounts its box, looks for faults, samples receipts, takes the sealed ballots.

Nothing here leads from a voter to a ballot: what is kept of all this are numbers.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from civic.audit.models import Entry
from civic.core.refusals import Reason, Refused, Unfit
from civic.events.bus import publish
from civic.people.models import Person
from consult.voting import actions, casting, chain, counting, evidence, meetings, proofs, queries, receipts
from consult.voting.casting import Found, Standing
from consult.voting.hashing import ballots_root, canonical_json, entry_hash, sha256
from consult.voting.models import BulletinEntry, Meeting, Method, Poll
from consult.voting.rules import NOT_COUNTED, in_a_meeting

logger = logging.getLogger(__name__)

MOST_RECEIPTS = 50
NO_RECEIPTS = Reason("no-receipts", _("Enter at least one receipt, one a line."))
TOO_MANY_RECEIPTS = Reason("too-many-receipts", _("Enter at most %(most)s receipts at a time."))
#: From so many ballots on, equal shares take longer to count than a page may wait.
MANY = 5_000
#: A recount that has not answered for so long was lost with its process: it may be asked for anew.
LOST = timedelta(hours=1)
UNDER_WAY = Reason("recount-under-way", _("A recount is under way: its outcome is shown here when it is done."))


@dataclass(frozen=True)
class Recount:
    """What a recount found: what of the published evidence the box no longer gives, and what is broken besides."""

    ballots: int
    differs: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Whether the box gives the published result and nothing is broken."""
        return not self.differs and not self.faults


@dataclass(frozen=True)
class Sampled:
    """One receipt as it was typed, and where its ballot is; None for one that nobody was given."""

    typed: str
    found: Found | None


@dataclass(frozen=True)
class Link:
    """An entry of the chain, and whether it follows the one before."""

    entry: BulletinEntry
    holds: bool


def recount(*, poll: Poll, actor: Person, at: datetime) -> Recount:
    """Count a poll's box anew and compare everything published with it; leaves an entry with what was found.

    Raises ``Refused`` for whoever may not audit the poll or belongs to its office, and before it is counted.
    """
    queries.require_auditor(poll, actor, at=at)
    if poll.result is None:
        raise Refused(NOT_COUNTED)
    tally, differs = (Counter[bytes](), _compare_minutes(poll)) if poll.is_meeting else _compare(poll)
    found = Recount(sum(tally.values()), tuple(differs), tuple(proofs.faults_of(poll)))
    facts = {
        "ballots": found.ballots, "same": not differs, "differs": list(found.differs), "faults": list(found.faults),
    }  # fmt: skip
    with transaction.atomic():
        publish(actions.RECOUNTED, subject=poll, actor=actor, at=at, facts=facts)
    return found


def takes_long(poll: Poll) -> bool:
    """Tell whether a recount is left to a worker: equal shares of very many ballots."""
    return poll.method == Method.EQUAL_SHARES and (poll.ballot_count or 0) >= MANY


def ask_for_recount(*, poll: Poll, actor: Person, at: datetime) -> None:
    """Have a worker recount a poll (``recount``); the entry it leaves then is the outcome.

    Raises ``Refused`` as ``recount`` does, and while one is under way.
    """
    queries.require_auditor(poll, actor, at=at)
    if poll.result is None:
        raise Refused(NOT_COUNTED)
    with transaction.atomic():
        current = Poll.objects.select_for_update().get(pk=poll.pk)
        if under_way(queries.acts_of_auditors(current), at=at) is not None:
            raise Refused(UNDER_WAY, conflict=True)
        publish(actions.RECOUNT_ASKED, subject=current, actor=actor, at=at, facts={"ballots": current.ballot_count})


def under_way(acts: Iterable[Entry], *, at: datetime) -> Entry | None:
    """Return the recount that was asked for and has not answered yet; ``acts`` are an auditor's, newest first."""
    answered = set()
    for act in acts:
        if act.type == actions.RECOUNTED:
            answered.add(act.actor_id)
        elif act.type == actions.RECOUNT_ASKED and act.actor_id not in answered and act.at > at - LOST:
            return act
    return None


def recount_asked(*, at: datetime) -> int:
    """Do the recounts that were asked for and are not under way in another process; return how many."""
    done = 0
    for asked in queries.recounts_asked(since=at - LOST):
        poll = Poll.objects.get(pk=asked.subject_id)
        waits = under_way(queries.acts_of_auditors(poll), at=at)
        if waits is None or waits.pk != asked.pk or not isinstance(asked.actor, Person):
            continue
        if not cache.add(f"voting:recount:{asked.pk}", True, LOST.total_seconds()):
            continue
        try:
            recount(poll=poll, actor=asked.actor, at=at)
            done += 1
        except Refused as refusal:
            # Whoever asked may not audit it any more: nobody waits for the outcome.
            logger.warning("recount of poll %s: %s", poll.pk, refusal.reason.code)
    return done


def sample(*, poll: Poll, actor: Person, typed: Sequence[str], at: datetime) -> list[Sampled]:
    """Look up receipts that volunteers read out; keeps how many were found, and none of them.

    Only after the count: while people vote, a receipt can still replace a ballot.
    """
    queries.require_auditor(poll, actor, at=at)
    if poll.result is None:
        raise Refused(NOT_COUNTED)
    lines = [each for each in (line.strip()[:40] for line in typed) if each]
    # A receipt read out twice is one ballot: it is looked up and counted once, however it was written.
    once: dict[str, str] = {}
    for each in lines:
        once.setdefault(receipts.read(each) or each, each)
    asked = list(once.values())
    if not asked:
        raise Unfit(NO_RECEIPTS)
    if len(asked) > MOST_RECEIPTS:
        raise Unfit(TOO_MANY_RECEIPTS.with_(most=MOST_RECEIPTS))
    results = [_looked_up(poll, each) for each in asked]
    counted = sum(1 for each in results if each.found and each.found.standing == Standing.COUNTED)
    mistyped = sum(1 for each in results if each.found is None)
    facts = {"found": counted, "unknown": len(results) - counted - mistyped, "mistyped": mistyped}
    with transaction.atomic():
        publish(actions.SAMPLED, subject=poll, actor=actor, at=at, facts=facts)
    return results


def sealed_ballots(*, poll: Poll, actor: Person, at: datetime) -> bytes:
    """Return ``ballots.json`` with every ballot's content, whatever the grade; each copy taken leaves a public entry."""
    queries.require_auditor(poll, actor, at=at)
    if poll.result is None:
        raise Refused(NOT_COUNTED)
    if poll.is_meeting:
        raise Refused(in_a_meeting(poll))
    with transaction.atomic():
        publish(actions.BALLOTS_TAKEN, subject=poll, actor=actor, at=at)
        return evidence.files(poll, full=True)["ballots.json"]


def links(entries: Sequence[BulletinEntry], before: str) -> list[Link]:
    """Check that each of some consecutive entries follows the one before; ``before`` is the hash ahead of the first."""
    made, previous = [], before
    for entry in entries:
        hash_ = entry_hash(previous, entry.number, entry.kind, entry.content)
        made.append(Link(entry, (entry.previous, entry.hash) == (previous, hash_)))
        previous = entry.hash
    return made


def _compare(poll: Poll) -> tuple[Counter[bytes], list[str]]:
    """Return the ballots as they lie in the box now, and the names of what is published otherwise."""
    ballots = [(commitment, content.encode()) for commitment, content in evidence.counted(poll)]
    tally = Counter(content for _commitment, content in ballots)
    differs = []
    if ballots_root(ballots) != chain.last_of(poll, BulletinEntry.Kind.CLOSED).content["ballots_root"]:
        differs.append("ballots")
    named = chain.last_of(poll, BulletinEntry.Kind.RESULT).content["result"]
    again = sha256(canonical_json(counting.result_of(poll, tally)))
    if not again == named == poll.result_hash == sha256(canonical_json(poll.result)):
        differs.append("result")
    files = chain.last_of(poll, BulletinEntry.Kind.BUNDLE).content["files"]
    differs += [name for name, data in sorted(evidence.files(poll).items()) if files.get(name) != sha256(data)]
    return tally, differs


def _compare_minutes(poll: Poll) -> list[str]:
    """Return what is published otherwise than two witnesses confirmed it; there are no ballots to count."""
    named = chain.last_of(poll, BulletinEntry.Kind.RESULT).content["result"]
    again = meetings.confirmed_part(meetings.result_of(poll, Meeting.objects.get(poll=poll)))
    same = again == meetings.confirmed_part(poll.result) and named == poll.result_hash == sha256(
        canonical_json(poll.result)
    )
    return [] if same else ["result"]


def _looked_up(poll: Poll, typed: str) -> Sampled:
    try:
        return Sampled(typed, casting.look_up(poll=poll, receipt=typed))
    except Unfit:
        return Sampled(typed, None)


def receipts_in(text: str) -> Iterable[str]:
    """Return the lines of a text as receipts, commas and semicolons parting them too."""
    return text.replace(",", "\n").replace("，", "\n").replace(";", "\n").replace("；", "\n").splitlines()
