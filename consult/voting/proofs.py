"""What must be true of polls: one ballot per mark, a whole chain, batches that are what was published."""

from collections.abc import Iterator

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import connection

from civic.core import proofs
from consult.voting import meetings, roles
from consult.voting.closing import counted_ballots
from consult.voting.guards import missing
from consult.voting.hashing import NOTHING_BEFORE, ballots_root, batch_root, canonical_json, entry_hash, sha256
from consult.voting.models import BoxBallot, BoxPlacing, BulletinEntry, Objection, Poll, Secrecy

_TOKENS = """
SELECT p.slug, m.n, b.n FROM consult_voting_poll p
LEFT JOIN (SELECT poll_id, count(*) AS n FROM "ballot_roll"."mark" WHERE channel <> 'paper' OR assisted
           GROUP BY poll_id) m ON m.poll_id = p.id
LEFT JOIN (SELECT poll, count(DISTINCT token_hash) AS n FROM "ballot_box"."ballot"
           WHERE "group" NOT IN ('meeting', 'paper') GROUP BY poll) b ON b.poll = p.id
WHERE coalesce(m.n, 0) <> coalesce(b.n, 0) ORDER BY p.id"""
# A slip that was handed out need not come back.
_PAPER = """
SELECT p.slug, m.n, b.n FROM consult_voting_poll p
JOIN (SELECT poll, count(DISTINCT token_hash) AS n FROM "ballot_box"."ballot" WHERE "group" = 'paper' GROUP BY poll) b
  ON b.poll = p.id
LEFT JOIN (SELECT poll_id, count(*) AS n FROM "ballot_roll"."mark" WHERE channel = 'paper' AND NOT assisted
           GROUP BY poll_id) m ON m.poll_id = p.id
WHERE b.n > coalesce(m.n, 0) ORDER BY p.id"""
# What two keyings or a third agreed on, beside the paper ballots in the box.
_SLIPS = """
WITH keyed AS (
  SELECT s.poll, s.token_hash, coalesce(k3.content, k1.content) AS content FROM "ballot_box"."slip" s
  JOIN "ballot_box"."keying" k1 ON k1.slip = s.id AND k1.turn = 1
  JOIN "ballot_box"."keying" k2 ON k2.slip = s.id AND k2.turn = 2
  LEFT JOIN "ballot_box"."keying" k3 ON k3.slip = s.id AND k3.turn = 3
  WHERE (k1.content = k2.content OR k3.id IS NOT NULL) AND coalesce(k3.content, k1.content) <> '')
SELECT p.slug,
  (SELECT count(*) FROM keyed k WHERE k.poll = p.id AND NOT EXISTS (
     SELECT 1 FROM "ballot_box"."ballot" b
     WHERE b.poll = k.poll AND b.token_hash = k.token_hash AND b.turn = 1 AND b.content = k.content AND b."group" = 'paper')),
  (SELECT count(*) FROM "ballot_box"."ballot" b WHERE b.poll = p.id AND b."group" = 'paper' AND b.turn = 1 AND NOT EXISTS (
     SELECT 1 FROM keyed k WHERE k.poll = b.poll AND k.token_hash = b.token_hash))
FROM consult_voting_poll p WHERE EXISTS (SELECT 1 FROM consult_voting_paperpack k WHERE k.poll_id = p.id) ORDER BY p.id"""
_STRANGERS = """
SELECT p.slug, count(*) FROM consult_voting_poll p JOIN "ballot_roll"."mark" m ON m.poll_id = p.id
WHERE NOT EXISTS (SELECT 1 FROM "ballot_roll"."entry" e WHERE e.poll_id = m.poll_id AND e.person_id = m.person_id)
GROUP BY p.id, p.slug ORDER BY p.id"""
_TURNS = """
SELECT p.slug, count(*) FROM consult_voting_poll p JOIN (
  SELECT poll FROM "ballot_box"."ballot" GROUP BY poll, token_hash HAVING max(turn) <> count(*)) t ON t.poll = p.id
GROUP BY p.id, p.slug ORDER BY p.id"""


def every_mark_has_its_ballot() -> Iterator[str]:
    """As many tokens in the box as marks on the roll, on paper at most as many; every mark is of somebody on it."""
    with connection.cursor() as cursor:
        cursor.execute(_TOKENS)
        for slug, marks, tokens in cursor.fetchall():
            yield f"{slug}: {marks or 0} marks on the roll, {tokens or 0} tokens in the box"
        cursor.execute(_PAPER)
        for slug, marks, tokens in cursor.fetchall():
            yield f"{slug}: {tokens} paper ballots in the box, {marks or 0} people marked for paper"
        cursor.execute(_STRANGERS)
        for slug, count in cursor.fetchall():
            yield f"{slug}: {count} marks of people who are not on the roll"
        cursor.execute(_TURNS)
        for slug, count in cursor.fetchall():
            yield f"{slug}: {count} ballots lack one they replaced"


def paper_is_as_keyed() -> Iterator[str]:
    """Every slip read the same by two people, or settled by a third, is one ballot, and no paper ballot is another's."""
    with connection.cursor() as cursor:
        cursor.execute(_SLIPS)
        for slug, lost, strange in cursor.fetchall():
            if lost:
                yield f"{slug}: {lost} slips were keyed and are not in the box as they were keyed"
            if strange:
                yield f"{slug}: {strange} paper ballots in the box were never keyed"


def chains_are_whole() -> Iterator[str]:
    """Every entry follows the one before, has its hash, and is signed with the poll's key."""
    for poll in Poll.objects.filter(key__isnull=False).select_related("key").order_by("pk").iterator():
        yield from _broken_links(poll)


def batches_are_as_published() -> Iterator[str]:
    """The box holds what the chain's batches and its closing entry say; rules and result fit their hashes."""
    for poll in Poll.objects.filter(key__isnull=False).order_by("pk").iterator():
        yield from _not_as_published(poll)


def faults_of(poll: Poll) -> Iterator[str]:
    """What ``prove`` finds about one opened poll, and about the guards that keep all of them."""
    begins = f"{poll.slug}: "
    for found in (
        *every_mark_has_its_ballot(), *paper_is_as_keyed(), *minutes_are_witnessed(), *objections_are_what_was_entered(),
        *_broken_links(poll), *_not_as_published(poll),
    ):  # fmt: skip
        if found.startswith(begins):
            yield found.removeprefix(begins)
    yield from guards_are_there()


def _broken_links(poll: Poll) -> Iterator[str]:
    previous = NOTHING_BEFORE
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(poll.key.public))
    for number, entry in enumerate(BulletinEntry.objects.filter(poll=poll).order_by("number"), start=1):
        made = entry_hash(previous, number, entry.kind, entry.content)
        if (entry.number, entry.previous, entry.hash) != (number, previous, made):
            yield f"{poll.slug}: entry {entry.number} of the chain does not follow the one before"
            break
        try:
            public.verify(bytes.fromhex(entry.signature), bytes.fromhex(entry.hash))
        except (InvalidSignature, ValueError):
            yield f"{poll.slug}: entry {entry.number} of the chain is not signed with the poll's key"
        previous = entry.hash


def _not_as_published(poll: Poll) -> Iterator[str]:
    if sha256(canonical_json(poll.rules)) != poll.rules_hash:
        yield f"{poll.slug}: rules_hash does not fit the rules"
    if poll.result_hash and sha256(canonical_json(poll.result)) != poll.result_hash:
        yield f"{poll.slug}: result_hash does not fit the result"
    yield from _wrong_batches(poll)
    for entry in BulletinEntry.objects.filter(poll=poll, kind=BulletinEntry.Kind.CLOSED):
        counted = counted_ballots(poll)
        if ballots_root((c, content.encode()) for c, content in counted) != entry.content["ballots_root"]:
            yield f"{poll.slug}: the ballots are not those the box was closed with"
        if poll.ballot_count != entry.content["ballots"]:
            yield f"{poll.slug}: ballot_count is not what the chain says"


def _wrong_batches(poll: Poll) -> Iterator[str]:
    placed: dict[int, list[str]] = {}
    in_box = set(BoxBallot.objects.filter(poll=poll.pk).values_list("commitment", flat=True))
    for commitment, batch in BoxPlacing.objects.filter(poll=poll.pk).values_list("commitment", "batch"):
        placed.setdefault(batch, []).append(commitment)
    for entry in BulletinEntry.objects.filter(poll=poll, kind=BulletinEntry.Kind.BATCH).order_by("number"):
        batch = entry.content["batch"]
        found = placed.pop(batch, [])
        if batch_root(found) != entry.content["root"] or not in_box.issuperset(found):
            yield f"{poll.slug}: batch {batch} is not in the box as it was published"
    if placed:
        yield f"{poll.slug}: batches {sorted(placed)} are not in the chain"


def guards_are_there() -> Iterator[str]:
    """The triggers that keep the roll, the box, the rules and the chain."""
    for name in missing():
        yield f"the trigger {name} is missing or switched off"


def rooms_have_owners() -> Iterator[str]:
    """Where it counts, the site owns neither the roll nor the box: it could switch the triggers off."""
    if settings.BALLOTS_NEED_OWNERS and (rooms := roles.undivided()):
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            (me,) = cursor.fetchone()
        yield (
            f"{' and '.join(rooms)} are not owned by the roles that keep them from the site: an administrator runs "
            f"what `ballot_owners --site-role {me}` prints"
        )


def minutes_are_witnessed() -> Iterator[str]:
    """What a meeting decided is what its published minutes say, and two people besides the clerk stand for them."""
    counted = Poll.objects.filter(secrecy=Secrecy.OPEN).exclude(result_hash="").order_by("pk")
    for poll in counted.select_related("meeting").iterator():
        meeting = getattr(poll, "meeting", None)
        if meeting is None or not meeting.is_confirmed or meeting.published_at is None:
            yield f"{poll.slug}: published without two witnesses"
        elif meetings.confirmed_part(meetings.result_of(poll, meeting)) != meetings.confirmed_part(poll.result):
            yield f"{poll.slug}: the result is not what the witnesses confirmed"


def objections_are_what_was_entered() -> Iterator[str]:
    """The words of objections, where they are still there, are those whose hash is in the chain."""
    kept = Objection.objects.exclude(salt="").select_related("poll", "entry").order_by("pk")
    for objection in kept.iterator():
        if sha256(f"{objection.salt}|{objection.text}".encode()) != objection.entry.content["words"]:
            yield f"{objection.poll.slug}: the objection in entry {objection.entry.number} does not have its words"


proofs.register("votes", every_mark_has_its_ballot)
proofs.register("paper-ballots", paper_is_as_keyed)
proofs.register("ballot-chains", chains_are_whole)
proofs.register("ballot-batches", batches_are_as_published)
proofs.register("ballot-guards", guards_are_there)
proofs.register("ballot-owners", rooms_have_owners)
proofs.register("meeting-minutes", minutes_are_witnessed)
proofs.register("poll-objections", objections_are_what_was_entered)
