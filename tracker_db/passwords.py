"""Password hashes by scrypt, with everything needed to check one inside it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Self

from tracker_db.errors import InvalidInputError

_FORMAT = re.compile(r"\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)")
_SALT_BYTES = 16
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class _Cost:
    """How much work a guess is: 2**log_n rounds over blocks of 128 * r bytes, p times."""

    log_n: int = 17
    r: int = 8
    p: int = 1

    def derive(self, password: str, salt: bytes) -> bytes:
        """The hash of a password; one person's é is the same as another's e with an accent."""
        return hashlib.scrypt(
            unicodedata.normalize("NFC", password).encode(),
            salt=salt,
            n=2**self.log_n,
            r=self.r,
            p=self.p,
            maxmem=2**self.log_n * self.r * 256,
            dklen=_HASH_BYTES,
        )


#: The least that OWASP advises for scrypt.
_COST = _Cost()


@dataclass(frozen=True, slots=True)
class _Stored:
    cost: _Cost
    salt: bytes
    digest: bytes

    @classmethod
    def read(cls, text: str) -> Self:
        match = _FORMAT.fullmatch(text)
        if match is None:
            raise InvalidInputError("The stored password hash is not one of scrypt's.")
        log_n, r, p, salt, digest = match.groups()
        return cls(_Cost(int(log_n), int(r), int(p)), _bytes(salt), _bytes(digest))

    def __str__(self) -> str:
        cost = f"ln={self.cost.log_n},r={self.cost.r},p={self.cost.p}"
        return f"$scrypt${cost}${_text(self.salt)}${_text(self.digest)}"


def hash_password(password: str, *, salt: bytes | None = None) -> str:
    """`$scrypt$ln=..,r=..,p=..$salt$hash`, half a second of work; the salt is random if None."""
    salt = salt or secrets.token_bytes(_SALT_BYTES)
    return str(_Stored(_COST, salt, _COST.derive(password, salt)))


def verify_password(password: str, stored: str | None) -> bool:
    """Whether this is the password. Without a stored hash it takes as long, and is not.

    Raises InvalidInputError when `stored` is no hash of `hash_password`.
    """
    if stored is None:
        _COST.derive(password, b"nobody's own salt")
        return False
    known = _Stored.read(stored)
    return hmac.compare_digest(known.cost.derive(password, known.salt), known.digest)


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with another cost than new ones are."""
    return _Stored.read(stored).cost != _COST


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4))
