"""What is hashed, and how, down to the byte: an auditor's own program must find the same.

Texts are UTF-8; hashes are SHA-256 and written in lower-case hexadecimal.  JSON is canonical: sorted
keys, no blanks, nothing escaped that need not be.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

NOTHING_BEFORE = "0" * 64


def canonical_json(value: Any) -> bytes:
    """Return the one way a JSON value is written."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def sha256(data: bytes) -> str:
    """Return the hash of bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def in_groups(hash_: str, size: int = 4) -> str:
    """Return a hash as people compare it: in groups with a blank between them."""
    return " ".join(hash_[at : at + size] for at in range(0, len(hash_), size))


def token_hash(poll: int, receipt: str) -> str:
    """Return what the box knows a receipt by: SHA-256("token|" poll "|" receipt)."""
    return sha256(f"token|{poll}|{receipt}".encode())


def nonce(secret: bytes) -> str:
    """Return the nonce of a cast, which only the voter's own file holds: SHA-256("nonce|" secret)."""
    return sha256(b"nonce|" + secret)


def commitment(poll: int, receipt: str, nonce_: str, ballot: bytes) -> str:
    """Return what is published of a ballot: SHA-256(poll "|" receipt "|" nonce "|" canonical ballot)."""
    return sha256(f"{poll}|{receipt}|{nonce_}|".encode() + ballot)


def entry_hash(previous: str, number: int, kind: str, content: dict[str, Any]) -> str:
    """Return a link of the chain: SHA-256(previous "|" canonical JSON of number, kind and content)."""
    return sha256(previous.encode() + b"|" + canonical_json({"number": number, "kind": kind, "content": content}))


def batch_root(commitments: Iterable[str]) -> str:
    """Return the Merkle root of a batch: its leaves are the commitments' bytes, in their own order."""
    return merkle(bytes.fromhex(commitment_) for commitment_ in commitments)


def ballots_root(ballots: Iterable[tuple[str, bytes]]) -> str:
    """Return the Merkle root of what is counted: leaves SHA-256(commitment "|" canonical ballot)."""
    return merkle(hashlib.sha256(commitment_.encode() + b"|" + ballot).digest() for commitment_, ballot in ballots)


def merkle(leaves: Iterable[bytes]) -> str:
    """Return the root over the sorted leaves.

    A leaf is hashed behind the byte 0, a pair behind the byte 1, and an odd one moves up as it is; no
    leaves at all have the hash of nothing.
    """
    row = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in sorted(leaves)]
    if not row:
        return sha256(b"")
    while len(row) > 1:
        pairs = [hashlib.sha256(b"\x01" + row[at] + row[at + 1]).digest() for at in range(0, len(row) - 1, 2)]
        row = pairs + ([row[-1]] if len(row) % 2 else [])
    return row[0].hex()
