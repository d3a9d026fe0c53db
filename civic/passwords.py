"""Passwords: which are good enough, and how they are kept. Both take CPU: not for the event loop."""

import hashlib
import secrets
import unicodedata
from collections.abc import Sequence

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from civic.errors import Refused

SHORTEST, LONGEST = 10, 200  # characters
STRENGTH = 3  # of zxcvbn's 0 to 4: safely unguessable, offline attack on a slow hash included
CODES = 10  # recovery codes at a time
GROUP = 4  # signs between two dashes of one
# Somebody whom we do not know costs as much time as somebody whom we do: this stands in for their hash.
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$B9j5upbiXyws0VYEL45qkw$jdSoVskeQM5hndQ68GAW0BHo2uJyk7DHKTCmaqO0ZCM"
HASHER = PasswordHasher()  # Argon2id with the library's parameters (RFC 9106, low memory): 64 MiB, a tenth of a second


def hashed(password: str) -> str:
    """A password as it is kept."""
    return HASHER.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether it is the password; as slow when nothing is ``kept``."""
    try:
        HASHER.verify(kept or NOBODY, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def check(password: str, known: Sequence[str]) -> None:
    """Whether a new password is good enough; ``known`` are words that anybody would try first: names, the city.

    Raises Refused (staff.password_short, staff.password_long, staff.password_weak).
    """
    from zxcvbn import zxcvbn  # thirty thousand words: read when somebody chooses a password

    if len(password) < SHORTEST:
        raise Refused("staff.password_short", shortest=SHORTEST)
    if len(password) > LONGEST:
        raise Refused("staff.password_long", longest=LONGEST)
    if zxcvbn(password[:72], user_inputs=[word for word in known if word])["score"] < STRENGTH:
        raise Refused("staff.password_weak")


def token() -> str:
    """A new secret for a link or a cookie: 256 bits of chance."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """How a token or a recovery code is kept: long chance needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def recovery_codes() -> list[str]:
    """New recovery codes: 80 bits each, in letters and digits that are not mistaken for one another."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return [_grouped("".join(secrets.choice(letters) for _ in range(4 * GROUP))) for _ in range(CODES)]


def typed(code: str) -> str:
    """A code as it is compared: keyboards write full-width digits, long dashes and capitals, and people leave out the
    dashes of a recovery code."""
    signs = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", code))).casefold()
    return signs if signs.isascii() and signs.isdigit() else _grouped(signs)


def _grouped(signs: str) -> str:
    return "-".join(signs[at : at + GROUP] for at in range(0, len(signs), GROUP))
