"""Answers that are none of the Bot API's: what a proxy says, half of one, what nobody expects."""

import json

import httpx
import pytest

from bot.channel import Away, SendFailure, Unsure
from bot.channels.telegram.api import Api
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
