"""Fields that are sealed at rest: plates, positions, free words about a report, second factors; and of what was said,
answered and drafted whatever may hold such things.

AES-256-GCM (NIST SP 800-38D) with a fresh nonce of 96 bits for each value; where a value belongs is authenticated with
it, so that none can be moved elsewhere. Stored is «~KEY~…»: the key's name, then nonce and sealed text in base64. What
does not begin with «~» was written before there were keys; it is read as it stands, and sealed by db.resealing.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from civic.discretion import personal

NONCE = 12  # bytes
_INFO = b"youli field key"


class Locked(Exception):
    """A value is sealed with a key that is not here; the text names the key, never the value."""


@dataclass(frozen=True)
class Key:
    """One key and its name, by which a sealed value tells what opens it."""

    name: str
    secret: bytes = field(repr=False)

    @classmethod
    def made_of(cls, secret: str | bytes) -> "Key":
        """The key derived from what an operator set: HKDF with SHA-256 (RFC 5869), one block, no salt."""
        given = secret.encode() if isinstance(secret, str) else secret
        extracted = hmac.digest(bytes(32), given, "sha256")
        made = hmac.digest(extracted, _INFO + b"\x01", "sha256")
        return cls(hashlib.sha256(made).hexdigest()[:8], made)


class Keyring:
    """The keys of a city, the newest first: it seals, each of them opens."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self.keys = tuple(keys)
        self._by_name = {key.name: key for key in keys}

    @property
    def newest(self) -> str:
        """What a value begins with that the newest key sealed."""
        return f"~{self.keys[0].name}~" if self.keys else "~~"

    def knows(self, stored: str) -> bool:
        """Whether one of the keys opens it, or it is not sealed."""
        return not stored.startswith("~") or stored.split("~", 2)[1] in self._by_name

    def seal(self, text: str, where: str) -> str:
        """A value as it is stored; nothing for nothing."""
        if not text:
            return text
        if not self.keys:
            raise Locked("there is no key to seal with")
        key, nonce = self.keys[0], secrets.token_bytes(NONCE)
        sealed = _cipher(key.secret).encrypt(nonce, text.encode(), where.encode())
        return self.newest + base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, stored: str, where: str) -> str:
        """The value. Raises Locked: no such key, or it was changed or moved."""
        if not stored.startswith("~"):
            return stored
        name, _, body = stored[1:].partition("~")
        key = self._by_name.get(name)
        if key is None:
            raise Locked(f"{where} is sealed with the key {name[:8]}, which is not among YOULI_FIELD_KEYS")
        from cryptography.exceptions import InvalidTag

        try:
            raw = base64.urlsafe_b64decode(body)
            return str(_cipher(key.secret).decrypt(raw[:NONCE], raw[NONCE:], where.encode()).decode())
        except (InvalidTag, ValueError):
            raise Locked(f"{where} was changed after it was sealed, or moved") from None


@cache
def _cipher(secret: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # with the first value: conversations need none

    return AESGCM(secret)


NO_KEYS = Keyring(())


class Sealed(TypeDecorator[str]):
    """Text that is sealed on its way into the database and opened on its way out, with the keys of ``lend``."""

    impl = Text
    cache_ok = True

    def __init__(self, where: str) -> None:
        """``where`` is table and column: what is sealed there opens nowhere else."""
        super().__init__()
        self.where = where

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Towards the database."""
        return None if value is None else keys_of(dialect).seal(value, self.where)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Out of it."""
        return None if value is None else keys_of(dialect).open(value, self.where)


class Guarded(Sealed):
    """JSON (which never begins with «~») that is sealed when something personal is in it; the rest stays as it is.

    What is sealed already passes: where the values of a row belong together, they are sealed together.
    """

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Towards the database."""
        return super().process_bind_param(value, dialect) if self.wants(value) else value

    @staticmethod
    def wants(value: str | None) -> bool:
        """Whether it is to be sealed."""
        return value is not None and value[:1] != "~" and personal(value)


def lend(dialect: Dialect, keys: Keyring) -> None:
    """All that goes through this dialect is sealed with these keys."""
    dialect.youli_keys = keys  # type: ignore[attr-defined]


def keys_of(dialect: Dialect) -> Keyring:
    """The keys it has; a dialect without any can neither seal nor open."""
    found: Keyring = getattr(dialect, "youli_keys", NO_KEYS)
    return found


def spot(lat: float | None, lon: float | None) -> str | None:
    """A position as it is sealed: WGS-84 degrees, JSON."""
    return None if lat is None or lon is None else json.dumps([lat, lon])


def position(stored: str | None) -> tuple[float, float] | None:
    """A position that was sealed."""
    if not stored:
        return None
    lat, lon = json.loads(stored)
    return float(lat), float(lon)
