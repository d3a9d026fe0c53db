"""A request's number: the proxy's, or ours. It stands in the log beside what went wrong, and in the answer."""

import re
import secrets

from bot.asgi import Scope, header

NAME = b"x-request-id"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
_KEPT = "youli.request"


def request_number(scope: Scope) -> str:
    """What the proxy called this request in ``X-Request-ID``, if it is 8 to 64 harmless signs; else a number of ours,
    the same however often it is asked for."""
    if _KEPT not in scope:
        given = header(scope, NAME)
        scope[_KEPT] = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
    return str(scope[_KEPT])
