"""The console's cookies, and marks that only we can make."""

import hashlib
import hmac
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response


@dataclass(frozen=True)
class Cookies:
    """With https (``secure``) the names say that no other site and no plain page may set them."""

    secure: bool
    secret: bytes = field(repr=False)

    def name(self, what: str) -> str:
        """A cookie's name."""
        return f"__Host-{what}" if self.secure else what

    def read(self, request: Request, what: str) -> str:
        """A cookie's value, or nothing."""
        return request.cookies.get(self.name(what), "")

    def set(self, response: Response, what: str, value: str, lasts: int | None = None) -> None:
        """Have the browser keep it, for so many seconds or until it is closed."""
        kept = {"max_age": lasts, "path": "/", "secure": self.secure, "httponly": True, "samesite": "lax"}
        response.set_cookie(self.name(what), value, **kept)  # type: ignore[arg-type]

    def drop(self, response: Response, what: str) -> None:
        """Have the browser forget it."""
        response.delete_cookie(self.name(what), path="/", secure=self.secure, httponly=True, samesite="lax")

    def mark(self, purpose: str, subject: str) -> str:
        """A token for a subject, good for one purpose."""
        return hmac.new(self.secret, f"console {purpose}|{subject}".encode(), hashlib.sha256).hexdigest()[:40]

    def marked(self, purpose: str, subject: str, mark: str) -> bool:
        """Whether it is ours."""
        return hmac.compare_digest(mark.encode(), self.mark(purpose, subject).encode())
