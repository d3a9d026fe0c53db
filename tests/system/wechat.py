"""WeChat's side of the wire, as far as plain mode goes: signed requests and their XML (protocols B)."""

import hashlib
from collections.abc import Mapping

import httpx

from tests.system.server import TOKEN

ACCOUNT, FOLLOWER = "gh_123456789abc", "oABC-def_1234567890abcdefghi"


def signed(token: str = TOKEN, timestamp: str = "1763870400", nonce: str = "1372623149") -> dict[str, str]:
    """The query of a genuine request."""
    signature = hashlib.sha1("".join(sorted((token, timestamp, nonce))).encode()).hexdigest()  # noqa: S324 - WeChat's protocol
    return {"signature": signature, "timestamp": timestamp, "nonce": nonce}


def xml(elements: Mapping[str, str]) -> bytes:
    """A body with these elements, as CDATA."""
    inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in elements.items())
    return f"<xml>{inner}</xml>".encode()


def message(kind: str, number: str, user: str = FOLLOWER, **elements: str) -> bytes:
    """A message of a follower."""
    head = {"ToUserName": ACCOUNT, "FromUserName": user, "CreateTime": "1763870400", "MsgType": kind}
    return xml(head | elements | {"MsgId": number})


def event(kind: str, user: str = FOLLOWER, **elements: str) -> bytes:
    """Something a follower did, always in the same second."""
    head = {"ToUserName": ACCOUNT, "FromUserName": user, "CreateTime": "1763870400", "MsgType": "event"}
    return xml(head | {"Event": kind} | elements)


async def posted(client: httpx.AsyncClient, body: bytes, query: Mapping[str, str] | None = None) -> httpx.Response:
    """POST it to the door."""
    return await client.post("/wechat", params=signed() if query is None else query, content=body)
