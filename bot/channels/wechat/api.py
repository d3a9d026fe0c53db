"""WeChat's HTTP API, the few calls we need.

Called raw by httpx, not by wechatpy's client: that one blocks the event loop for each round trip, gives the token
request no time-out, lets parallel calls take the token from each other, and recurses without end where WeChat
keeps refusing it (protocols B2). Here: own time-outs, one refresh, one retry.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any

import httpx

from bot import outside
from bot.channel import Away, Gone, NotNow, Rejected, SendFailure, TryLater
from bot.channels.wechat.access import Access
from db.database import Database

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
WHOLE = 12.0  # seconds that a call may take in all: who sends a byte now and then holds nobody up
WRONG_TOKEN = frozenset({40001, 40014, 42001})
NO_RIGHT = frozenset({48001, 50002})
WINDOW_OVER, WINDOW_FULL = 45015, 45047
NO_CONSENT = 43101
# Codes of people who can't be written to: not following, on the account's black list, no such OpenID.
LOST = frozenset({43004, 43019, 40003})
# Not the letter's fault: WeChat is busy, today's calls are used up, or the account's own set-up is wrong.
UNUSABLE = frozenset({-1, 45009, 40013, 40125, 40164, 40243, 41004, 50007}) | WRONG_TOKEN
TOO_FAST, NOT_LISTED = 45011, 40164
OURS = re.compile(r"invalid ip ([0-9a-fA-F.:]{3,45})")  # how WeChat's 40164 begins


class Refusal(Exception):
    """WeChat's own error: ``code`` as in its documentation. Its text is not kept: it may name a person. ``address`` is
    ours, as WeChat saw it, where it says so (40164)."""

    def __init__(self, code: int, address: str = "") -> None:
        super().__init__(f"errcode {code}")
        self.code, self.address = code, address


class Unreachable(TryLater):
    """WeChat can't be reached: nothing was done."""


class Silence(TryLater):
    """No answer came in time: WeChat may have done it or not."""


def failure(refusal: Refusal) -> SendFailure:
    """What the postman does about a refusal (codes: protocols B4)."""
    if refusal.code in LOST:
        return Gone(str(refusal))
    if refusal.code in NO_RIGHT | {WINDOW_OVER, WINDOW_FULL, NO_CONSENT}:
        return NotNow(str(refusal))
    if refusal.code in UNUSABLE:
        return Away(str(refusal))
    if refusal.code == TOO_FAST:
        return TryLater(str(refusal), 60, counted=False)
    return Rejected(str(refusal))


class Api:
    """One account's API. Calls raise Refusal for what WeChat refuses, and TryLater: Unreachable when nothing was
    done, Silence when a call may have been carried out."""

    def __init__(
        self,
        base: str,
        app_id: str,
        secret: str,
        database: Database | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self._base, self._app_id, self._secret = base.rstrip("/"), app_id, secret
        self._http, self._pictures = http, http
        self._access = Access(database, app_id, self._stable_token)

    @property
    def http(self) -> httpx.AsyncClient:
        """The client. Made when it is needed: it brings certificates."""
        if self._http is None:
            self._http = outside.HttpClient(timeout=TIMEOUT, follow_redirects=False, verify=outside.trusted())
        return self._http

    @property
    def pictures(self) -> httpx.AsyncClient:
        """The client for what lies at an address that somebody sent."""
        if self._pictures is None:
            verify, transport = outside.trusted(), outside.transport()
            self._pictures = outside.HttpClient(
                timeout=TIMEOUT, follow_redirects=False, verify=verify, transport=transport
            )
        return self._pictures

    async def close(self) -> None:
        """Let go of the connections."""
        for client in (self._http, self._pictures):
            if client is not None:
                await client.aclose()

    async def post(self, path: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """A call with a JSON body. Characters stay characters: WeChat would show «\\u4f60» as written."""
        raw = json.dumps(content, ensure_ascii=False).encode()
        return await self._called("POST", path, content=raw, headers={"content-type": "application/json"})

    async def get(self, path: str, **parameters: str) -> dict[str, Any]:
        """A call without a body."""
        return await self._called("GET", path, params=parameters)

    async def say(self, user: str, text: str) -> None:
        """A customer-service text message."""
        await self.post("message/custom/send", {"touser": user, "msgtype": "text", "text": {"content": text}})

    async def show(self, user: str, media_id: str) -> None:
        """A customer-service picture."""
        await self.post("message/custom/send", {"touser": user, "msgtype": "image", "image": {"media_id": media_id}})

    async def upload(self, name: str, picture: bytes, mime: str) -> str:
        """Put a picture among the temporary media: its MediaId, good for three days."""
        files = {"media": (name, picture, mime)}
        answer = await self._called("POST", "media/upload", params={"type": "image"}, files=files)
        if not isinstance(found := answer.get("media_id"), str):
            raise TryLater("no media_id", 60)
        return found

    async def download(self, media_id: str) -> httpx.Response:
        """A temporary medium, read."""
        answer = await self._sent("GET", "media/get", params={"media_id": media_id})
        if answer.headers.get("content-type", "").startswith(("application/json", "text/plain")):
            _checked(answer)
            raise Refusal(0)
        return answer

    async def _called(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        return _checked(await self._sent(method, path, **request))

    async def _sent(self, method: str, path: str, **request: Any) -> httpx.Response:
        """One call; a refused token is renewed and the call repeated, once."""
        token = await self._access.token()
        answer = await self._once(method, path, token, request)
        if _code(answer) not in WRONG_TOKEN:
            return answer
        return await self._once(method, path, await self._access.token(wrong=token), request)

    async def _once(self, method: str, path: str, token: str, request: Mapping[str, Any]) -> httpx.Response:
        parameters = {**request.get("params", {}), "access_token": token}
        return await self._exchange(method, f"{self._base}/cgi-bin/{path}", **{**request, "params": parameters})

    async def _exchange(self, method: str, url: str, **request: Any) -> httpx.Response:
        try:
            async with asyncio.timeout(WHOLE):
                answer = await self.http.request(method, url, **request)
        except TimeoutError:
            raise Silence("no end of the answer") from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unreachable(type(error).__name__) from None  # not «from error»: the address holds the token
        except httpx.HTTPError as error:
            raise Silence(type(error).__name__) from None
        if answer.status_code >= 500:
            raise Silence(f"HTTP {answer.status_code}")
        if answer.status_code != 200:
            raise TryLater(f"HTTP {answer.status_code}", 60)
        return answer

    async def _stable_token(self, force: bool) -> tuple[str, int]:
        """Ask for the token; one retry of its own. Raises TryLater, or Refusal for wrong credentials."""
        wanted = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._secret,
            "force_refresh": force,
        }
        for last in (False, True):
            try:
                answer = _checked(await self._exchange("POST", f"{self._base}/cgi-bin/stable_token", json=wanted))
                return str(answer["access_token"]), int(answer["expires_in"])
            except (KeyError, ValueError, TypeError, OverflowError):
                raise Unreachable("the answer holds no token") from None
            except TryLater as error:
                if last:
                    raise Unreachable(str(error)) from None  # whatever wanted the token was not done
        raise AssertionError("the loop returns or raises")


def _code(answer: httpx.Response) -> int:
    """The errcode of a JSON answer; 0 for all others."""
    if answer.content[:1] != b"{":
        return 0
    try:
        return int(answer.json().get("errcode") or 0)
    except (ValueError, AttributeError, TypeError, OverflowError, RecursionError):
        return 0


def _checked(answer: httpx.Response) -> dict[str, Any]:
    try:
        content = answer.json()
        code = int(content.get("errcode") or 0)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        raise TryLater("no JSON object", 60) from None
    if code:
        ours = OURS.match(str(content.get("errmsg"))) if code == NOT_LISTED else None
        raise Refusal(code, ours[1] if ours else "")
    found: dict[str, Any] = content
    return found
