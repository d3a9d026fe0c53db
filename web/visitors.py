"""Who is in the browser: a signed cookie, no login."""

import base64
import hashlib
import hmac
import secrets

COOKIE = "youli"
LASTS = 400 * 24 * 3600  # seconds; the longest that browsers keep a cookie


class Visitors:
    """Makes and reads the cookie. ``secure`` when the public reaches us by https."""

    def __init__(self, secret: bytes, secure: bool) -> None:
        self._key = hmac.new(secret, b"visitor", hashlib.sha256)
        self._secure = secure
        self._known: dict[str, str] = {}  # cookie → visitor, so that a busy one is checked once

    def new(self) -> str:
        """A name for somebody who comes the first time: 128 bits of chance."""
        return base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")

    def cookie(self, visitor: str) -> bytes:
        """The Set-Cookie header."""
        flags = "; Secure" if self._secure else ""
        value = f"{COOKIE}={visitor}.{self._mark(visitor)}; Path=/; Max-Age={LASTS}; HttpOnly; SameSite=Lax{flags}"
        return value.encode()

    def read(self, header: str) -> str | None:
        """The visitor of a Cookie header, or None when there is none or it is forged."""
        # By hand: the standard library's parser gives up all cookies when another one of the site is unusual.
        for item in header.split(";"):
            name, _, value = item.strip().partition("=")
            if name == COOKIE and (visitor := self._known.get(value) or self._checked(value)):
                return visitor
        return None

    def _checked(self, value: str) -> str | None:
        visitor, _, mark = value.partition(".")
        if not visitor or not hmac.compare_digest(mark.encode(), self._mark(visitor).encode()):
            return None
        if len(self._known) >= 10_000:
            self._known.clear()
        self._known[value] = visitor
        return visitor

    def _mark(self, visitor: str) -> str:
        mac = self._key.copy()
        mac.update(visitor.encode())
        return base64.urlsafe_b64encode(mac.digest()[:18]).decode()
