"""A small Bot API: keeps chats, refuses what Telegram refuses, and fails on demand.

The rules that it enforces, by the names they have in the notes «protocols»; each is named again where it is enforced:

* A1 webhook: only to https; a secret of 1 to 256 letters, digits, - and _; never beside getUpdates (409)
* A2 durable polling: an update comes again until an offset beyond it is asked for
* A3 allowed_updates: kinds that nobody asked for are not sent
* A4 limits of speed: about 30 messages a second, one a second to one person with short bursts; else 429, retry_after
* A5 error mapping: 401 token, 403 blocked, 400 with migrate_to_chat_id, not modified, 404 unknown method
* A6 content limits: 4096 and 1024 UTF-16 units after parsing, 1-64 bytes a button, known marks only, albums of 2 to 10
  without buttons, files up to 20 MB, names of commands, positions asked for in private chats only; a quiz of 1 to 300
  characters with 2 to 12 options of 1 to 100 and right ones by position, whose answers tell the person and no chat

What it lacks, the emulator of test_peer.py plays.
"""

import asyncio
import contextlib
import html
import itertools
import json
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "123456:a-token-of-the-test"
BOT = 123456
SECRET = "s" * 64
TAG = re.compile(r"</?([a-z]+)[^>]*>")
TAGS = frozenset({"b", "i", "u", "s", "a", "code", "pre", "blockquote", "tg-spoiler"})
KINDS = frozenset({"message", "edited_message", "callback_query", "my_chat_member", "chat_member", "poll_answer"})
EDITABLE = frozenset({"inline_keyboard"})


class Refusal(Exception):
    """An error answer of the Bot API."""

    def __init__(self, code: int, description: str, **parameters: object) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


@dataclass
class Bubble:
    """A message in a chat, as the person sees it."""

    id: int
    chat: int
    text: str
    markup: dict[str, Any] = field(default_factory=dict)
    photos: list[str] = field(default_factory=list)
    edits: int = 0
    poll: dict[str, Any] = field(default_factory=dict)

    @property
    def buttons(self) -> list[tuple[str, str]]:
        """Label and data of what can be tapped under it."""
        return [(one["text"], one["callback_data"]) for row in self.markup.get("inline_keyboard", []) for one in row]

    @property
    def keyboard(self) -> list[str]:
        """Labels of the keyboard that came with it."""
        return [one["text"] for row in self.markup.get("keyboard", []) for one in row]

    def data(self, label: str) -> str:
        """What the button with this label carries."""
        return next(data for text, data in self.buttons if label in text)


class FakeTelegram:
    """The server. ``bubbles`` are all messages that arrived, in order; ``calls`` all methods that were called."""

    def __init__(self, clock: Callable[[], float] = lambda: 0.0) -> None:
        self.clock = clock
        self.bubbles: list[Bubble] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.updates: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.answered: list[str] = []
        self.blocked: set[int] = set()
        self.moved: dict[int, int] = {}
        self.webhook: dict[str, Any] = {}
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.troubles: defaultdict[str, list[Refusal]] = defaultdict(list)
        self.limited = False
        self.arrivals: list[tuple[float, int]] = []
        self.token = TOKEN
        self._ids = itertools.count(1)
        self._numbers = itertools.count(1000)
        self.app = Starlette(
            routes=[
                Route("/bot{token}/{method}", self._serve, methods=["POST"]),
                Route("/file/bot{token}/{path:path}", self._download),
            ]
        )

    # What people do

    def update(self, **content: Any) -> dict[str, Any]:
        """A new update; Telegram keeps it until an offset beyond it is asked for (A2)."""
        made = {"update_id": next(self._numbers), **content}
        self.updates.append(made)
        return made

    def says(self, user: int, text: str = "", **content: Any) -> dict[str, Any]:
        """Somebody writes in private; ``content`` is any other part of a message."""
        said = {"text": text} if text else {}
        message = {"message_id": next(self._ids), "date": 1_795_406_400, **person(user), **said, **content}
        return self.update(message=message)

    def taps(self, user: int, label: str) -> dict[str, Any]:
        """Somebody taps a button of the last message that has it."""
        bubble = next(one for one in reversed(self.chat(user)) if any(label in text for text, _ in one.buttons))
        shown: dict[str, Any] = {"photo": [{}]} if bubble.photos else {"text": bubble.text}
        message = {"message_id": bubble.id, "date": 1_795_406_400, "chat": person(user)["chat"], **shown}
        query = {"id": f"q{next(self._ids)}", "from": person(user)["from"], "chat_instance": "1"}
        return self.update(callback_query={**query, "message": message, "data": bubble.data(label)})

    def picks(self, user: int, label: str, by: int | None = None) -> dict[str, Any]:
        """Somebody answers the last quiz sent to ``user``: they themselves, or one to whom it was passed on."""
        poll = next(one.poll for one in reversed(self.chat(user)) if one.poll)
        position = next(at for at, option in enumerate(poll["options"]) if label in option)
        picked = {"option_ids": [position], "option_persistent_ids": [f"o{position}"]}
        return self.update(poll_answer={"poll_id": poll["id"], "user": person(by or user)["from"], **picked})

    def chat(self, user: int) -> list[Bubble]:
        """What somebody sees from us."""
        return [bubble for bubble in self.bubbles if bubble.chat == user]

    def last(self, user: int) -> Bubble:
        """The newest message to somebody."""
        return self.chat(user)[-1]

    def trouble(self, method: str, code: int, description: str, times: int = 1, **parameters: object) -> None:
        """The next calls of a method fail."""
        self.troubles[method] += [Refusal(code, description, **parameters)] * times

    async def deliver(self, client: httpx.AsyncClient, update: dict[str, Any]) -> httpx.Response:
        """Post an update to the webhook; what its response asks for is done, its outcome told to nobody."""
        headers = {"x-telegram-bot-api-secret-token": SECRET}
        response = await client.post("/telegram", content=json.dumps(update), headers=headers)
        if response.status_code == 200 and response.content:
            call = response.json()
            with contextlib.suppress(Refusal):
                self.do(call.pop("method"), call)
        return response

    # The server's side

    async def _serve(self, request: Request) -> Response:
        if request.path_params["token"] != self.token:  # A5: 401 for a token that is none
            return JSONResponse({"ok": False, "error_code": 401, "description": "Unauthorized"}, 401)
        fields: dict[str, Any] = {}
        async with request.form() as form:
            for name, value in form.multi_items():
                fields[name] = await value.read() if isinstance(value, UploadFile) else _decoded(name, value)
        method = request.path_params["method"]
        if method == "getUpdates" and not self.updates:
            await asyncio.sleep(0.02)  # a long wait, made short
        try:
            return JSONResponse({"ok": True, "result": self.do(method, fields)})
        except Refusal as refusal:
            body = {"ok": False, "error_code": refusal.code, "description": refusal.description}
            return JSONResponse(body | ({"parameters": refusal.parameters} if refusal.parameters else {}), refusal.code)

    async def _download(self, request: Request) -> Response:
        content = self.files.get(request.path_params["path"].removeprefix("photos/"))
        return Response(status_code=404) if content is None else Response(content)

    def do(self, method: str, fields: dict[str, Any]) -> Any:
        """Carry out a method. Raises Refusal."""
        self.calls.append((method, fields))
        if self.troubles[method]:
            raise self.troubles[method].pop(0)
        done = getattr(self, f"_do_{_snake(method)}", None)
        if done is None:  # A5
            raise Refusal(404, "Not Found")
        return done(fields)

    def _do_get_me(self, fields: dict[str, Any]) -> dict[str, Any]:
        return {"id": BOT, "is_bot": True, "first_name": "Youli", "username": "youli_test_bot"}

    def _do_get_updates(self, fields: dict[str, Any]) -> list[dict[str, Any]]:
        if self.webhook.get("url"):  # A1: mutually exclusive
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = int(fields.get("offset") or 0)  # A2
        unasked = KINDS - set(fields["allowed_updates"])  # A3
        self.updates = [
            update for update in self.updates if update.get("update_id", 0) >= offset and not unasked & set(update)
        ]
        return self.updates[: int(fields.get("limit", 100))]

    def _do_set_webhook(self, fields: dict[str, Any]) -> bool:
        if not fields["url"].startswith("https://"):  # A1: only https
            raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", fields["secret_token"]):  # A1
            raise Refusal(400, "Bad Request: secret token contains unallowed characters")
        self.webhook = {"url": fields["url"], "secret": fields["secret_token"], "allowed": fields["allowed_updates"]}
        return True

    def _do_delete_webhook(self, fields: dict[str, Any]) -> bool:
        self.webhook = {}
        return True

    def _do_get_webhook_info(self, fields: dict[str, Any]) -> dict[str, Any]:
        return {"url": self.webhook.get("url", ""), "pending_update_count": 0, **self.webhook.get("trouble", {})}

    def _do_set_my_commands(self, fields: dict[str, Any]) -> bool:
        for command in fields["commands"]:  # A6: 100, name 1-32 [a-z0-9_], description 1-256
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise Refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        assert len(fields["commands"]) <= 100  # A6
        self.commands[fields.get("language_code", "")] = fields["commands"]
        return True

    def _do_answer_callback_query(self, fields: dict[str, Any]) -> bool:
        self.answered.append(fields["callback_query_id"])
        return True

    def _do_get_file(self, fields: dict[str, Any]) -> dict[str, Any]:
        content = self.files.get(fields["file_id"])
        if content is None:
            raise Refusal(400, "Bad Request: invalid file_id")
        if len(content) > 20_000_000:  # A6: 20 MB
            raise Refusal(400, "Bad Request: file is too big")
        return {"file_id": fields["file_id"], "file_unique_id": "u", "file_path": f"photos/{fields['file_id']}"}

    def _do_send_message(self, fields: dict[str, Any]) -> dict[str, Any]:
        return self._shown(self._bubble(fields, _text(fields, "text", 4096)))

    def _do_send_photo(self, fields: dict[str, Any]) -> dict[str, Any]:
        text = _text(fields, "caption", 1024) if fields.get("caption") else ""
        return self._shown(self._bubble(fields, text, [self._picture(fields["photo"])]))

    def _do_send_poll(self, fields: dict[str, Any]) -> dict[str, Any]:
        options = [option["text"] for option in fields["options"]]
        if not 1 <= units(fields["question"]) <= 300:  # A6: also the options' number and length
            raise Refusal(400, "Bad Request: poll question length must not exceed 300")
        if not 2 <= len(options) <= 12 or not all(1 <= units(option) <= 100 for option in options):
            raise Refusal(400, "Bad Request: poll must have from 2 to 12 options of 1 to 100 characters")
        if fields["type"] != "quiz" or not set(fields["correct_option_ids"]) < set(range(len(options))):
            raise Refusal(400, "Bad Request: wrong correct option ID specified")
        assert fields["is_anonymous"] is False, "nobody would tell us the answers (A6)"
        bubble = self._bubble(fields, fields["question"])
        right = [options[position] for position in fields["correct_option_ids"]]
        bubble.poll = {"id": str(5_000_000_000_000_000_000 + bubble.id), "options": options, "right": right}
        return self._shown(bubble) | {"poll": {"id": bubble.poll["id"]}}

    def _do_send_media_group(self, fields: dict[str, Any]) -> list[dict[str, Any]]:
        if not 2 <= len(fields["media"]) <= 10 or "reply_markup" in fields:  # A6: 2-10 items, no buttons on albums
            raise Refusal(400, "Bad Request: wrong album")
        photos = [fields.get(item["media"].removeprefix("attach://"), item["media"]) for item in fields["media"]]
        return [self._shown(self._bubble(fields, "", [self._picture(photo) for photo in photos]))]

    def _do_edit_message_text(self, fields: dict[str, Any]) -> dict[str, Any]:
        found = [one for one in self.chat(int(fields["chat_id"])) if one.id == int(fields["message_id"])]
        if not found:
            raise Refusal(400, "Bad Request: message to edit not found")
        bubble, text = found[0], _text(fields, "text", 4096)
        if bubble.photos:  # A5
            raise Refusal(400, "Bad Request: there is no text in the message to edit")
        markup = _markup(fields)
        if set(bubble.markup) - EDITABLE:  # only messages with buttons, or nothing, can be edited
            raise Refusal(400, "Bad Request: message can't be edited")
        if (bubble.text, bubble.markup) == (text, markup):  # A5
            raise Refusal(400, "Bad Request: message is not modified: specified new message content and reply markup")
        bubble.text, bubble.markup, bubble.edits = text, markup, bubble.edits + 1
        return self._shown(bubble)

    def _picture(self, source: str | bytes) -> str:
        if isinstance(source, str):
            return source
        name = f"file{next(self._ids)}"
        self.files[name] = source
        return name

    def _bubble(self, fields: dict[str, Any], text: str, photos: list[str] | None = None) -> Bubble:
        chat = int(fields["chat_id"])
        if chat in self.moved:  # A5
            raise Refusal(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=self.moved[chat])
        if chat in self.blocked:  # A5
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        markup = _markup(fields)
        if any("request_location" in one for row in markup.get("keyboard", []) for one in row) and chat < 0:
            raise Refusal(400, "Bad Request: location can be requested in private chats only")  # A6
        if self.limited:
            self._limit(chat)
        self.arrivals.append((self.clock(), chat))
        bubble = Bubble(next(self._ids), chat, text, markup, photos or [])
        self.bubbles.append(bubble)
        return bubble

    def _limit(self, chat: int) -> None:
        """A4: about 30 messages a second in all, one a second to one person with short bursts."""
        now = self.clock()
        recent = [(at, to) for at, to in self.arrivals if at > now - 1.0]
        mine = [at for at, to in self.arrivals if to == chat and at > now - 3.0]
        if len(recent) >= 30 or len(mine) >= 6:
            raise Refusal(429, "Too Many Requests: retry after 2", retry_after=2)

    def _shown(self, bubble: Bubble) -> dict[str, Any]:
        sizes = [{"file_id": bubble.photos[-1], "width": 1, "height": 1}] if bubble.photos else []
        return {"message_id": bubble.id, "date": 1_795_406_400, "text": bubble.text, "photo": sizes}


def person(user: int, language: str = "zh-hans") -> dict[str, Any]:
    """A private chat and who speaks in it."""
    return {
        "chat": {"id": user, "type": "private", "first_name": "居民"},
        "from": {"id": user, "is_bot": False, "first_name": "居民", "language_code": language},
    }


def photo(name: str, width: int = 1280) -> list[dict[str, Any]]:
    """A photo in the sizes that Telegram makes of it."""
    return [
        {"file_id": f"{name}-small", "file_unique_id": "s", "width": 90, "height": 60, "file_size": 1_000},
        {"file_id": name, "file_unique_id": "l", "width": width, "height": 960, "file_size": 150_000},
    ]


def _decoded(name: str, value: str) -> Any:
    structured = {
        "reply_markup", "commands", "media", "allowed_updates", "link_preview_options", "options", "correct_option_ids",
        "is_anonymous",
    }  # fmt: skip
    return json.loads(value) if name in structured else value


def units(text: str) -> int:
    """A text's length as Telegram counts it (A6)."""
    return len(text.encode("utf-16-le")) // 2


def _snake(method: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", method).lower()


def _text(fields: dict[str, Any], name: str, longest: int) -> str:
    """The words as people see them. A6: limits count after entities are parsed; unknown marks are refused."""
    words = str(fields.get(name, ""))
    if fields.get("parse_mode") == "HTML":
        opened: list[str] = []
        for tag in TAG.finditer(words):
            if tag[1] not in TAGS or (tag[0].startswith("</") and (not opened or opened.pop() != tag[1])):
                raise Refusal(400, "Bad Request: can't parse entities: Unsupported start tag")
            if not tag[0].startswith("</"):
                opened.append(tag[1])
        bare = TAG.sub("", words)
        if opened or "<" in bare or re.search(r"&(?!lt;|gt;|amp;|quot;)", bare):
            raise Refusal(400, "Bad Request: can't parse entities")
        words = html.unescape(bare)
    if not words.strip():  # A5
        raise Refusal(400, "Bad Request: message text is empty")
    if units(words) > longest:
        raise Refusal(400, f"Bad Request: message {'caption' if name == 'caption' else ''} is too long")
    return words


def _markup(fields: dict[str, Any]) -> dict[str, Any]:
    markup: dict[str, Any] = fields.get("reply_markup") or {}
    for row in markup.get("inline_keyboard", []):
        for button in row:  # A6: 1-64 bytes
            if not 1 <= len(button["callback_data"].encode()) <= 64:
                raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
    return markup


class Wire(httpx.AsyncBaseTransport):
    """The way to the server, which can be cut: ``down`` before a call gets there, ``mute`` after it was carried out
    (nobody hears the answer), ``endless`` when its answer drips and never comes to an end. ``before`` is called with
    each request's method."""

    def __init__(self, app: Any) -> None:
        self._through = httpx.ASGITransport(app)
        self.down = False
        self.gateway = False
        self.mute: list[str] = []
        self.endless: list[str] = []
        self.before: Callable[[str], Awaitable[None]] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        method = request.url.path.rpartition("/")[2]
        if self.down:
            raise httpx.ConnectError("no way")
        if self.gateway:
            return httpx.Response(502, text="<html>Bad Gateway</html>", request=request)
        if self.before is not None:
            await self.before(method)
        response = await self._through.handle_async_request(request)
        if method in self.mute:
            self.mute.remove(method)
            raise httpx.ReadTimeout("no answer")
        if method in self.endless:
            self.endless.remove(method)
            await asyncio.Event().wait()
        return response

    @contextlib.contextmanager
    def cut(self) -> Iterator[None]:
        """No way to the server while the block lasts."""
        self.down = True
        yield
        self.down = False
