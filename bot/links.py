"""Links that nobody can guess, on our own site: signed; those that stand for a person expire, a report's page stays."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime

LASTS = 15 * 60  # seconds; long enough to tap, short enough to be useless in a screenshot


@dataclass(frozen=True)
class Links:
    """Makes and reads signed links. ``secret`` signs, ``base_url`` is where the public reaches us, ``telegram`` the
    bot's name, as soon as it is known."""

    base_url: str
    secret: bytes = field(repr=False)
    telegram: str = ""

    def export(self, resident_id: int, now: datetime) -> str:
        """Where a resident downloads what we hold about them, for a quarter of an hour."""
        return f"{self.base_url}/export/{self.seal('export', str(resident_id), now)}"

    def joining(self, code: str) -> str:
        """What opens our bot with a code for linking; empty where there is no bot."""
        return f"https://t.me/{self.telegram}?start=link_{code}" if self.telegram else ""

    def report(self, number: str) -> str:
        """Where anyone who is given this address sees how a report goes."""
        return f"{self.base_url}/r/{number}.{self._mark('report', number)}"

    def report_of(self, token: str) -> str | None:
        """The number of the report whose page this is, or None for a token that we never gave."""
        number, _, mark = token.rpartition(".")
        return number if hmac.compare_digest(mark.encode(), self._mark("report", number).encode()) else None

    def seal(self, purpose: str, subject: str, now: datetime, lasts: int = LASTS) -> str:
        """A token for a subject, good for one purpose for so many seconds."""
        body = f"{subject}.{int(now.timestamp()) + lasts}"
        return f"{body}.{self._mark(purpose, body)}"

    def open(self, purpose: str, token: str, now: datetime) -> str | None:
        """The subject, or None when the token is forged, for another purpose, or over."""
        body, _, mark = token.rpartition(".")
        subject, _, ends = body.rpartition(".")
        if not hmac.compare_digest(mark.encode(), self._mark(purpose, body).encode()):
            return None
        return subject if int(ends) >= now.timestamp() else None

    def _mark(self, purpose: str, body: str) -> str:
        digest = hmac.new(self.secret, f"{purpose}|{body}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:18]).decode()
