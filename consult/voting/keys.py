"""A poll's signing key: Ed25519, kept sealed under the site's ballot key."""

import base64
import hashlib
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings


class WrongBallotKey(Exception):
    """BALLOT_KEY is not the one the poll's key was sealed with."""

    def __str__(self) -> str:
        return "BALLOT_KEY is not the one this poll's signing key was sealed with: set the former one."


@dataclass(frozen=True)
class NewKey:
    """A key pair as it is stored: what everybody reads, and what only this site opens."""

    public: str
    sealed: str


def new(poll: int) -> NewKey:
    """Make a poll's key."""
    private = Ed25519PrivateKey.generate()
    nonce = secrets.token_bytes(12)
    box = nonce + AESGCM(_ballot_key()).encrypt(nonce, private.private_bytes_raw(), _label(poll))
    return NewKey(private.public_key().public_bytes_raw().hex(), base64.b64encode(box).decode())


def sign(poll: int, sealed: str, hash_: str) -> str:
    """Sign the 32 bytes of a hash; return the signature in hexadecimal.

    Raises ``WrongBallotKey`` when the site's key was changed since the poll opened.
    """
    box = base64.b64decode(sealed)
    try:
        private = AESGCM(_ballot_key()).decrypt(box[:12], box[12:], _label(poll))
    except InvalidTag:
        raise WrongBallotKey from None
    return Ed25519PrivateKey.from_private_bytes(private).sign(bytes.fromhex(hash_)).hex()


def _label(poll: int) -> bytes:
    return f"gongyi poll {poll}".encode()


def _ballot_key() -> bytes:
    return hashlib.sha256(f"ballot key|{settings.BALLOT_KEY}".encode()).digest()
