"""``POST /telegram``: the webhook. One update, one unit; where one call suffices, the response is the answer."""

import hmac
import json
import logging
from typing import Any

import orjson

from bot.asgi import Gone, Receive, Scope, Send, TooBig, body, header, respond
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.parse import Unreadable
from db.database import Busy

log = logging.getLogger("youli.telegram")
LARGEST = 1024 * 1024  # bytes; the longest message with all its marks stays far below
TEXT, JSON = b"text/plain; charset=utf-8", b"application/json; charset=utf-8"


class WebhookDoor:
    """ASGI. A wrong secret 403, unreadable 400, too big 413, busy or not stored 503: then Telegram sends it again."""

    def __init__(self, intake: Intake, secret: str) -> None:
        self._intake, self._secret = intake, secret.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = header(scope, b"x-telegram-bot-api-secret-token").encode()
        if not hmac.compare_digest(given, self._secret):
            return await respond(send, 403, b"secret token", TEXT)
        try:
            self._intake.admit()
            call = await self._intake.take(_read(await body(receive, LARGEST)), responds=True)
        except TooBig:
            return await respond(send, 413, b"too big", TEXT)
        except (Unreadable, ValueError, RecursionError):
            return await respond(send, 400, b"no update", TEXT)
        except Gone:
            return None
        except Busy:  # Telegram's server keeps to Retry-After
            return await respond(send, 503, b"busy", TEXT, [(b"retry-after", b"2")])
        except Exception as error:
            log.error("update not stored", extra={"kind": type(error).__name__})
            return await respond(send, 503, b"not stored", TEXT, [(b"retry-after", b"5")])
        answer = b"" if call is None else orjson.dumps({"method": call.method, **call.fields})
        return await respond(send, 200, answer, JSON)


def _read(content: bytes) -> Any:
    """The body's JSON. Raises ValueError, RecursionError."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:  # half a character: the other reader takes it, and it is kept as a dead letter
        return json.loads(content)
