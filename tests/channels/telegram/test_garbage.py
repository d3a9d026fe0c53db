"""What errors mean (protocols A5), and answers that are none of the Bot API's: a proxy's, half of one, a surprise."""

import json

import httpx
import pytest

from bot.channel import Away, Gone, Moved, Rejected, SendFailure, TooMany, Unsure
from bot.channels.telegram.api import Api, BadToken, Elsewhere
from tests.fakes.telegram import TOKEN


async def asked(content: bytes, status: int = 200) -> None:
    """A file is asked for, and all answers are this one."""
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=content))
    api = Api(TOKEN, "https://telegram.test", transport)
    async with api.file("a"):
        pass


@pytest.mark.parametrize("status", [200, 400, 403, 404, 409, 429, 500, 502])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>maintenance</html>",
        b"\xff\xfe",
        b"[" * 100_000,
        b"null",
        b"[]",
        b"1",
        b'"ok"',
        b"{}",
        b'{"ok": true}',
        b'{"ok": false, "parameters": []}',
        b'{"ok": false, "description": 1, "parameters": {"retry_after": "soon"}}',
        b'{"ok": false, "parameters": {"retry_after": 1e999}}',
        b'{"ok": false, "parameters": {"retry_after": 1' + b"0" * 400 + b"}}",
        b'{"ok": false, "parameters": {"migrate_to_chat_id": []}}',
        b'{"ok": false, "description": null}',
    ],
)
async def test_an_answer_that_is_none_ended_in_an_error_of_the_library(status: int, content: bytes) -> None:
    with pytest.raises(SendFailure):
        await asked(content, status)


@pytest.mark.parametrize("result", [None, [], "a", 1, {}, {"file_path": None}, {"file_path": 1}, {"file_path": ["a"]}])
async def test_a_file_whose_place_can_not_be_read_is_asked_for_again(result: object) -> None:
    with pytest.raises(Away, match="not understood"):
        await asked(json.dumps({"ok": True, "result": result}).encode())


async def test_whether_a_message_left_is_unknown_when_the_answer_is_garbage() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=b"[]"))
    with pytest.raises(Unsure):
        await Api(TOKEN, "https://telegram.test", transport).call("sendMessage", {"chat_id": 1, "text": "a"})


@pytest.mark.parametrize(
    ("status", "words", "more", "kind"),
    [
        (401, "Unauthorized", {}, BadToken),
        (404, "Not Found", {}, BadToken),
        (403, "Forbidden: bot was blocked by the user", {}, Gone),
        (403, "Forbidden: user is deactivated", {}, Gone),
        (403, "Forbidden: bot can't initiate conversation with a user", {}, Gone),
        (400, "Bad Request: chat not found", {}, Gone),
        (400, "Bad Request: group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": -1009}, Moved),
        (400, "Bad Request: message is not modified", {}, Rejected),
        (400, "Bad Request: can't parse entities", {}, Rejected),
        (409, "Conflict: terminated by other getUpdates request", {}, Elsewhere),
        (413, "Request Entity Too Large", {}, Rejected),
        (429, "Too Many Requests: retry after 7", {"retry_after": 7}, TooMany),
        (500, "Internal Server Error", {}, Away),
        (502, "Bad Gateway", {}, Away),
        (504, "Gateway Timeout", {}, Unsure),
    ],
)
async def test_each_error_says_what_to_do(
    status: int, words: str, more: dict[str, int], kind: type[SendFailure]
) -> None:
    content = {"ok": False, "error_code": status, "description": words} | ({"parameters": more} if more else {})
    transport = httpx.MockTransport(lambda _: httpx.Response(status, json=content))
    with pytest.raises(SendFailure) as raised:
        await Api(TOKEN, "https://telegram.test", transport).call("sendMessage", {"chat_id": 1, "text": "a"})
    assert type(raised.value) is kind
    assert getattr(raised.value, "after", None) == (7.0 if kind is TooMany else None)
    assert getattr(raised.value, "user", None) == ("-1009" if kind is Moved else None)
