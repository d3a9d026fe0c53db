"""A small WeChat: its HTTP API with rights, quotas, tokens and faults.

The rules that it enforces, by the names they have in the notes «protocols»; each is named again where it is enforced,
and none is here that we made up:

* B2 stable_token: the same token until five minutes before its end, by force a new one; 512 characters; 40001 for an
  old one, 40013, 40125, 40164 for who may not ask
* B2 mass send by tag: ``tag_id``, not ``group_id``
* B3 media: three days, then 40007; a picture's address needs no token
* B4 account rights: the table of kinds of account; 48001
* B4 customer-service quota: 5 in 48 hours after a message, 3 in a minute after a tap, a menu click, following, a scan;
  not added up; 45015, 45047, 45002 above 2,048 bytes
* B4 one consent, one notification: 43101; fields typed and never empty: 47003; 43004 who does not follow
* B4 mass messages: one a day or four a month (45028), one for each clientmsgid (45065)
* B4 menus: 3 buttons with 5 below, names of 16 and 60 bytes, keys of 128; QR scenes of 1 to 64 characters

What comes from WeChat (three tries, five seconds, signatures, encryption) is played by channels/wechat/platform.py.
"""

import asyncio
import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.parser import BytesParser
from typing import Any

import httpx

Answer = dict[str, Any]
RIGHTS = {  # B4, the table of account rights
    "unverified": set(),
    "verified-subscription": {"custom", "media", "menu", "mass"},
    "verified-service": {"custom", "media", "menu", "mass", "template", "notice", "code"},
}
NEEDS = {
    "message/custom/send": "custom",
    "media/upload": "media",
    "media/get": "media",
    "menu/create": "menu",
    "menu/get": "menu",
    "message/mass/sendall": "mass",
    "tags/members/batchtagging": "mass",
    "tags/members/batchuntagging": "mass",
    "message/template/send": "template",
    "message/subscribe/bizsend": "notice",
    "qrcode/create": "code",
}


ERRMSG = {40164: "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 1-2-3"}


class Refuse(Exception):
    """An errcode."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Follower:
    """A person: whether they follow, and what their last acts allow (B4: 5 in 48 h, 3 in 1 min, not added up)."""

    following: bool = True
    windows: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    got: list[Answer] = field(default_factory=list)
    tags: set[int] = field(default_factory=set)
    consents: dict[str, int] = field(default_factory=dict)


class FakeWechat(httpx.AsyncBaseTransport):
    """Give it to ``httpx.AsyncClient(transport=…)``. ``faults`` are used up one a call: an errcode, or an
    exception class raised before (ConnectError) or after (ReadTimeout) the call is carried out; TimeoutError: its
    answer drips and never comes to an end."""

    def __init__(self, clock: Callable[[], datetime], kind: str = "verified-service", token_life: int = 7200) -> None:
        self.clock, self.kind, self.token_life = clock, kind, token_life
        self.app_id, self.secret = "wx0123456789abcdef", "5ecre7-of-the-account"
        self.people: dict[str, Follower] = {}
        self.calls: list[str] = []
        self.tokens: list[str] = []
        self.token_ends = clock()
        self.media: dict[str, tuple[bytes, datetime]] = {}
        self.pictures: dict[str, bytes] = {}
        self.menu: Answer | None = None
        self.mass: dict[str, Answer] = {}
        self.mass_at: list[datetime] = []
        self.seen: set[str] = set()
        self.faults: deque[tuple[str, int | type[Exception]]] = deque()
        self.refused: list[int] = []
        self.whitelisted = True
        self.down = False

    # What the platform does when people act

    def acts(self, user: str, act: str) -> Follower:
        """B4: a message allows 5 in 48 h; a menu click, a tap on a menu message, following, scanning 3 in 1 min."""
        person = self.people.setdefault(user, Follower())
        if act == "message":
            person.windows["message"] = (self.clock() + timedelta(hours=48), 5)
        elif act in {"tap", "click", "subscribe", "scan"}:
            person.windows["tap"] = (self.clock() + timedelta(minutes=1), 3)
        person.following = act != "unsubscribe"
        return person

    def texts(self, user: str) -> list[str]:
        """The texts of customer-service messages that reached somebody."""
        return [item["text"]["content"] for item in self.people[user].got if item.get("msgtype") == "text"]

    # HTTP

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raw = await request.aread()
        if request.url.host.endswith(".qpic.cn"):  # B3: PicUrl can be fetched without a token
            found = self.pictures.get(str(request.url))
            return httpx.Response(200 if found else 404, stream=httpx.ByteStream(found or b""), request=request)
        path = request.url.path.removeprefix("/cgi-bin/")
        self.calls.append(path)
        fault = httpx.ConnectError if self.down else self._fault(path)
        if isinstance(fault, type) and issubclass(fault, httpx.ConnectError):
            raise fault("no way there")
        try:
            if isinstance(fault, int):
                raise Refuse(fault)
            answer = self._answer(path, request, raw)
        except Refuse as refused:
            self.refused.append(refused.code)
            answer = {"errcode": refused.code, "errmsg": ERRMSG.get(refused.code, "refused rid: 1-2-3")}
        if fault is TimeoutError:
            await asyncio.Event().wait()
        if isinstance(fault, type):
            raise fault("no answer in time")
        if isinstance(answer, bytes):
            return httpx.Response(200, content=answer, headers={"content-type": "image/jpeg"}, request=request)
        return httpx.Response(200, json=answer, request=request)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI: the same over a real connection, where a connection that fails is told by 502."""
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part["body"], part.get("more_body", False)
        headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
        url = f"https://api.weixin.qq.com{scope['path']}?{scope['query_string'].decode()}"
        try:
            answer = await self.handle_async_request(httpx.Request(scope["method"], url, headers=headers, content=body))
        except httpx.TransportError:
            answer = httpx.Response(502)
        await send({"type": "http.response.start", "status": answer.status_code, "headers": answer.headers.raw})
        await send({"type": "http.response.body", "body": answer.content})

    def _fault(self, path: str) -> int | type[Exception] | None:
        if self.faults and path.startswith(self.faults[0][0]):
            return self.faults.popleft()[1]
        return None

    def _answer(self, path: str, request: httpx.Request, raw: bytes) -> Answer | bytes:
        if path == "stable_token":
            return self._stable_token(json.loads(raw))
        if request.url.params.get("access_token") not in self.tokens[-1:] or self.clock() >= self.token_ends:
            raise Refuse(40001)
        if NEEDS.get(path, "") and NEEDS[path] not in RIGHTS[self.kind]:
            raise Refuse(48001)  # B4
        if path == "media/upload":
            return self._upload(request, raw)
        if path == "media/get":
            return self._medium(request.url.params["media_id"])[0]
        if request.method == "GET":
            return {"menu": self.menu} if path == "menu/get" else {"ip_list": ["192.0.2.1"]}
        assert b"\\u" not in raw, "escaped characters would be shown as they are written"
        done: Answer | None = getattr(self, "_" + path.replace("/", "_"))(json.loads(raw))
        return done or {"errcode": 0, "errmsg": "ok"}

    def _stable_token(self, asked: Answer) -> Answer:
        """B2: asking again gives the same token, until five minutes before its end; by force a new one."""
        if not self.whitelisted:
            raise Refuse(40164)
        if asked["appid"] != self.app_id:
            raise Refuse(40013)
        if asked["secret"] != self.secret:
            raise Refuse(40125)
        left = (self.token_ends - self.clock()).total_seconds()
        if not self.tokens or left < 300 or asked["force_refresh"]:
            self.tokens.append(f"token-{len(self.tokens) + 1}-" + "x" * 500)  # B2: 512 characters must be kept
            self.token_ends, left = self.clock() + timedelta(seconds=self.token_life), self.token_life
        return {"access_token": self.tokens[-1], "expires_in": int(left)}

    def _message_custom_send(self, message: Answer) -> None:
        person = self.people.get(message["touser"])
        if person is None:
            raise Refuse(40003)
        kind = message["msgtype"]
        if kind == "text" and len(message["text"]["content"].encode()) > 2048:  # B3, B4: 45002 content too long
            raise Refuse(45002)
        if kind == "image":
            self._medium(message["image"]["media_id"])
        open_now = {act: left for act, (until, left) in person.windows.items() if until > self.clock()}
        if not person.following or not open_now:
            raise Refuse(45015)  # B4: out of the window, or no longer following
        act = next((act for act in ("tap", "message") if open_now.get(act, 0) > 0), None)
        if act is None:
            raise Refuse(45047)  # B4: too many
        person.windows[act] = (person.windows[act][0], open_now[act] - 1)
        person.got.append(message)

    def _upload(self, request: httpx.Request, raw: bytes) -> Answer:
        head = b"content-type: " + request.headers["content-type"].encode() + b"\r\n\r\n"
        content = next(part for part in BytesParser().parsebytes(head + raw).walk() if not part.is_multipart())
        found = f"media-{len(self.media) + 1}"
        # B3: three days
        self.media[found] = (bytes(content.get_payload(decode=True)), self.clock() + timedelta(days=3))
        return {"type": "image", "media_id": found, "created_at": 1}

    def _medium(self, media_id: str) -> tuple[bytes, datetime]:
        content, until = self.media.get(media_id, (b"", self.clock()))
        if until <= self.clock():
            raise Refuse(40007)
        return content, until

    def _message_template_send(self, message: Answer) -> Answer | None:
        person = self.people.get(message["touser"])
        if person is None or not person.following:
            raise Refuse(43004)
        _short(message["data"])
        if message["client_msg_id"] not in self.seen:
            self.seen.add(message["client_msg_id"])
            person.got.append(message)
        return {"errcode": 0, "msgid": len(self.seen)}

    def _message_subscribe_bizsend(self, message: Answer) -> None:
        """B4: one consent, one notification; without one 43101."""
        person = self.people[message["touser"]]
        _short(message["data"])
        if person.consents.get(message["template_id"], 0) <= 0:
            raise Refuse(43101)
        person.consents[message["template_id"]] -= 1
        person.got.append(message)

    def _tags_members_batchtagging(self, asked: Answer) -> None:
        assert len(asked["openid_list"]) <= 50
        if any(user not in self.people for user in asked["openid_list"]):
            raise Refuse(40003)
        for user in asked["openid_list"]:
            self.people[user].tags.add(asked["tagid"])

    def _tags_members_batchuntagging(self, asked: Answer) -> None:
        for user in asked["openid_list"]:
            self.people[user].tags.discard(asked["tagid"])

    def _message_mass_sendall(self, message: Answer) -> Answer:
        """B2: today's API wants ``tag_id``; B4: one a day or four a month; a clientmsgid is taken once."""
        tag = message["filter"]["tag_id"]
        if message["clientmsgid"] in self.mass:
            raise Refuse(45065)
        period, most = ("%Y-%m-%d", 1) if self.kind == "verified-subscription" else ("%Y-%m", 4)
        if sum(f"{at:{period}}" == f"{self.clock():{period}}" for at in self.mass_at) >= most:
            raise Refuse(45028)
        self.mass[message["clientmsgid"]] = message
        self.mass_at.append(self.clock())
        for person in self.people.values():
            if tag in person.tags and person.following:
                person.got.append(message)
        return {"errcode": 0, "msg_id": 1000 + len(self.mass)}

    def _menu_create(self, menu: Answer) -> None:
        """B4: 3 buttons with 5 below each, names of 16 and 60 bytes, keys of 128."""
        if not 1 <= len(menu["button"]) <= 3:
            raise Refuse(40016)
        for top in menu["button"]:
            below = top.get("sub_button", [])
            if len(below) > 5:
                raise Refuse(40017)
            for item, longest in [(top, 16), *((one, 60) for one in below)]:
                if not 0 < len(item["name"].encode()) <= longest or len(item.get("key", "").encode()) > 128:
                    raise Refuse(40018)
        self.menu = menu

    def _qrcode_create(self, asked: Answer) -> Answer:
        scene = asked["action_info"]["scene"]["scene_str"]
        assert 1 <= len(scene) <= 64  # B4
        return {"ticket": f"ticket-{scene}", "url": f"http://weixin.qq.com/q/{scene}"}


def _short(data: Answer) -> None:
    """B4: fields are typed; none may be empty or have two lines, a «thing» has 20 characters at most, a «phrase» 5 and
    only Chinese ones, a «time» is a moment, a «character_string» ASCII."""
    for name, value in data.items():
        text = value["value"]
        wrong = (
            not text
            or "\n" in text
            or (name.startswith("character_string") and not re.fullmatch("[!-~]{1,32}", text))
            or (name.startswith("thing") and len(text) > 20)
            or (name.startswith("phrase") and not re.fullmatch("[\u4e00-\u9fff]{1,5}", text))
            or (name.startswith(("time", "date")) and not re.fullmatch(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?", text))
        )
        if wrong:
            raise Refuse(47003)
