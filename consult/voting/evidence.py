"""The evidence of a poll as files: what an outsider recounts, byte for byte as the chain has it hashed.

``rules.json``, ``ballots.json``, ``replaced.json``, ``turnout.json`` are hashed into the chain's ``bundle`` entry,
``result.json`` into ``result``; ``chain.json`` is the chain itself.  All are canonical JSON (``hashing``).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from consult.voting import chain, closing
from consult.voting.hashing import canonical_json
from consult.voting.methods import registry, thresholds
from consult.voting.methods.ballots import read
from consult.voting.models import BoxPlacing, BulletinEntry, Grade, Poll, RollEntry


def counted(poll: Poll) -> Iterable[tuple[str, str]]:
    """Return commitment and content of every ballot that counts."""
    return closing.counted_ballots(poll)


def result_of(poll: Poll, ballots: Mapping[bytes, int]) -> dict[str, Any]:
    """Count ballots by the poll's frozen rules; the outcome and its verdict as JSON values."""
    rules = poll.counting_rules
    seed = bytes.fromhex(chain.last_of(poll, BulletinEntry.Kind.CLOSED).hash)
    outcome = registry.count(rules, ballots, seed)
    on_roll = RollEntry.objects.filter(poll=poll).count()
    return {
        "outcome": outcome.to_json(),
        "verdict": thresholds.verdict(rules, outcome, on_roll).to_json(),
        "roll": on_roll,
    }


def files(poll: Poll, *, full: bool | None = None) -> dict[str, bytes]:
    """Return the evidence files of a closed poll that the ``bundle`` entry hashes.

    ``full`` asks for every ballot whatever the grade, for the auditor.  Under the auditor's grade the published
    ``ballots.json`` lists commitments and batches without content.
    """
    batches = dict(BoxPlacing.objects.filter(poll=poll.pk).values_list("commitment", "batch"))
    with_content = poll.grade == Grade.PUBLIC if full is None else full
    ballots = [
        {"commitment": commitment, "batch": batches[commitment]}
        | ({"content": read(content.encode())} if with_content else {})
        for commitment, content in counted(poll)
    ]
    replaced = [{"commitment": each, "batch": batches[each]} for each in closing.replaced_ballots(poll)]
    marks = chain.last_of(poll, BulletinEntry.Kind.ROLL_COUNT).content
    opened = chain.last_of(poll, BulletinEntry.Kind.OPENED).content
    closed = chain.last_of(poll, BulletinEntry.Kind.CLOSED).content
    turnout = {
        "roll": RollEntry.objects.filter(poll=poll).count(), "roll_by_place": opened["roll"]["by_place"],
        "marks": marks["marks"], "marks_by_place": marks["by_place"], "groups": closed["groups"],
    }  # fmt: skip
    return {
        "rules.json": canonical_json(poll.rules),
        "ballots.json": canonical_json({"grade": poll.grade, "ballots": ballots}),
        "replaced.json": canonical_json(replaced),
        "turnout.json": canonical_json(turnout),
    }


def chain_file(poll: Poll) -> bytes:
    """Return the chain as far as it goes now."""
    return canonical_json([entry.to_json() for entry in BulletinEntry.objects.filter(poll=poll).order_by("number")])


def result_file(poll: Poll) -> bytes:
    """Return the frozen result of a counted poll."""
    return canonical_json(poll.result)


def published(poll: Poll) -> dict[str, bytes]:
    """Return every evidence file of a counted poll, as anybody may have it."""
    return files(poll) | {"chain.json": chain_file(poll), "result.json": result_file(poll)}
