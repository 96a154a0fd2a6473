"""How long a stranger's own program takes over the bundle of a large poll: ``gongyi_verify.py`` as it is handed out."""

import io
import random
import resource
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consult.voting.hashing import (
    NOTHING_BEFORE,
    ballots_root,
    batch_root,
    canonical_json,
    commitment,
    entry_hash,
    sha256,
)
from consult.voting.methods.ballots import canonical, read
from consult.voting.methods.registry import count
from consult.voting.methods.rules import Option, Rules
from consult.voting.methods.thresholds import verdict
from dev.paths import ROOT

VERIFIER = ROOT / "consult" / "voting" / "verifier" / "gongyi_verify.py"
BALLOTS, NAMES, BATCH = 50_000, 12, 20
POLL = 1


@dataclass
class Chain:
    """A poll's bulletin as the site would have signed it."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    entries: list[dict[str, Any]] = field(default_factory=list)

    def append(self, kind: str, content: Mapping[str, Any]) -> str:
        """Add an entry; return its hash."""
        previous, number = self.entries[-1]["hash"] if self.entries else NOTHING_BEFORE, len(self.entries) + 1
        hash_ = entry_hash(previous, number, kind, dict(content))
        signature = self.key.sign(bytes.fromhex(hash_)).hex()
        self.entries.append(
            {"number": number, "kind": kind, "content": content, "previous": previous, "hash": hash_, "signature": signature}
        )  # fmt: skip
        return hash_


def seconds() -> float:
    """Return how many seconds of a processor the verifier takes, by itself in a process; raises when it finds fault."""
    with tempfile.TemporaryDirectory(prefix="gongyi-verify-") as folder:
        path = Path(folder, "bundle.zip")
        path.write_bytes(bundle(BALLOTS))
        before = _of_children()
        done = subprocess.run(
            [sys.executable, "-I", str(VERIFIER), str(path)], capture_output=True, text=True, check=False
        )
        took = _of_children() - before
    if done.returncode:
        raise RuntimeError(f"The verifier found fault with a good bundle:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return took


def bundle(ballots: int) -> bytes:
    """Return the bundle of a ranked poll of so many ballots, all by the web: batches of twenty, every entry signed."""
    dice = random.Random(2026)
    names = [f"c{number}" for number in range(NAMES)]
    rules = Rules("irv", tuple(map(Option, names)))
    frozen = canonical_json({"poll": POLL, "counting": rules.to_json()})
    written = [
        canonical({"ranking": [[name] for name in dice.sample(names, dice.randint(1, NAMES))]}) for _ in range(ballots)
    ]
    box = [(commitment(POLL, f"receipt {n}", f"nonce {n}", ballot), ballot) for n, ballot in enumerate(written)]
    chain = Chain()
    chain.append(
        "opened",
        {
            "poll": POLL, "public_key": chain.key.public_key().public_bytes_raw().hex(), "rules_hash": sha256(frozen),
            "roll": {"size": ballots, "by_place": []},
        },
    )  # fmt: skip
    batches = [[made for made, _ballot in box[start : start + BATCH]] for start in range(0, ballots, BATCH)]
    for number, batch in enumerate(batches, 1):
        chain.append("batch", {"batch": number, "count": len(batch), "group": "web", "root": batch_root(batch)})
    chain.append("roll-count", {"marks": ballots, "by_place": []})
    closed = {
        "ballots": ballots, "ballots_root": ballots_root(box), "batches": len(batches), "groups": {"web": ballots},
        "replaced": 0,
    }  # fmt: skip
    outcome = count(rules, Counter(written), bytes.fromhex(chain.append("closed", closed)))
    result = canonical_json(
        {"outcome": outcome.to_json(), "verdict": verdict(rules, outcome, ballots).to_json(), "roll": ballots}
    )
    listed = [
        {"commitment": made, "batch": n // BATCH + 1, "content": read(ballot)} for n, (made, ballot) in enumerate(box)
    ]
    files = {
        "rules.json": frozen,
        "ballots.json": canonical_json({"grade": "public", "ballots": listed}),
        "replaced.json": canonical_json([]),
        "turnout.json": canonical_json({"roll": ballots, "marks": ballots}),
    }
    chain.append("bundle", {"files": {name: sha256(data) for name, data in files.items()}})
    said = outcome.to_json()
    chain.append("result", {"result": sha256(result), **{name: said[name] for name in ("winners", "valid", "blank")}})
    return _zipped(files | {"result.json": result, "chain.json": canonical_json(chain.entries)})


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _zipped(files: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()
