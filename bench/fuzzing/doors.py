"""The doors of a city, which anybody can knock at: no answer of 500 or more, nothing in the log that is an error, and
what is refused leaves no message behind."""

import asyncio
import hashlib
import itertools
import logging
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

from pydantic import SecretStr
from sqlalchemy import func, select

from actions import people, signing, tokens
from arrangements import telegram_hook
from assembly import open_house
from bench.console import rows
from bench.fuzzing import APP, Found, Target
from bench.fuzzing.seeds import FORMS, PAGES, SERIAL
from bot.asgi import Scope
from bot.channels.wechat.envelope import Envelope
from bot.house import House
from civic import passwords
from civic.staff import ADMINISTRATOR, Staff
from content.library import Library
from db.tables import exchanges, report_moves, report_words, reports
from db.tx import Tx
from settings import Settings
from web.console.cookies import Cookies
from web.visitors import Visitors

TOKEN, KEY = "a token", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
VISITOR = "AAAAAAAAAAAAAAAAAAAAAA"
URLENCODED = {"content-type": "application/x-www-form-urlencoded"}
DEAD_LETTER = ("update can't be handled", "Unreadable")  # kept, told and answered: as it is meant


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage(), getattr(record, "kind", "")
        if said != DEAD_LETTER:
            self.lines.append(" ".join(said))


class City:
    """A house that is open, without anybody working in it."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        secret = SecretStr("the same for all of the processes")
        self.settings = Settings(data_dir=folder, rate_limit="off", secret_key=secret, **settings)
        self._loop, self._stack = asyncio.new_event_loop(), AsyncExitStack()
        self._errors = _Errors()
        logging.getLogger("youli").addHandler(self._errors)
        opened = open_house(self.settings, upgrade=True)
        self._built = self._loop.run_until_complete(self._stack.enter_async_context(opened))

    def ask(self, method: str, path: str, query: bytes, headers: Mapping[str, str], body: bytes) -> int:
        """Send it: the answer's status. Raises Found."""
        before = self._stored()
        status = self._loop.run_until_complete(self._asked(method, path, query, headers, body))
        errors, self._errors.lines = self._errors.lines, []
        if status >= 500 or errors:
            raise Found(f"{status}: {errors}")
        if status >= 400 and self._stored() != before:
            raise Found(f"{status}, and something is stored")
        return status

    @property
    def house(self) -> House:
        """What every turn needs."""
        return self._built.dispatch.house

    def staffed(self) -> tuple[str, str]:
        """With a report, a public list of reports, and an administrator: their session, and a token for programs."""
        library = self.house.library
        public = library.city.public.model_copy(update={"listed": True})
        self.house.library = replace(library, city=library.city.model_copy(update={"public": public}))
        self.write(_report, library)
        found: tuple[str, str] = self.write(_enter, library)
        return found

    def write(self, unit: Callable[..., Any], *given: Any) -> Any:
        """Do something to the database."""
        return self._loop.run_until_complete(self._built.database.write(unit, *given))

    def _stored(self) -> int:
        return int(self.write(lambda tx: tx.connection.scalar(select(func.max(exchanges.c.id)))) or 0)

    async def _asked(self, method: str, path: str, query: bytes, headers: Mapping[str, str], body: bytes) -> int:
        scope: Scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": query, "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        }  # fmt: skip
        left, status = [body], 0

        async def receive() -> dict[str, Any]:
            if left:
                return {"type": "http.request", "body": left.pop(), "more_body": False}
            return {"type": "http.disconnect"}

        async def send(message: Mapping[str, Any]) -> None:
            nonlocal status
            status = message.get("status", status)

        async with asyncio.timeout(10):
            await self._built.site(scope, receive, send)
        return status


def _signed(*more: str) -> str:
    return hashlib.sha1("".join(sorted((TOKEN, "1", "2", *more))).encode()).hexdigest()  # nosec B324 # noqa: S324 - its rule


def _to(city: City, path: str, headers: Mapping[str, str], query: bytes = b"") -> Target:
    def target(raw: bytes) -> None:
        city.ask("POST", path, query, headers, raw)

    return target


def wechat(folder: Path) -> Target:
    """WeChat's plain messages with the right signature."""
    city = City(folder, wechat_token=SecretStr(TOKEN))
    query = f"signature={_signed()}&timestamp=1&nonce=2".encode()
    return _to(city, "/wechat", {}, query)


def wechat_safe(folder: Path) -> Target:
    """Messages in safe mode: encrypted and signed as WeChat does, with anything inside; a first byte of 0 leaves the
    encryption to the input."""
    city = City(folder, wechat_token=SecretStr(TOKEN), wechat_app_id=APP, wechat_aes_key=SecretStr(KEY))
    envelope = Envelope(TOKEN, APP, KEY)

    def target(raw: bytes) -> None:
        if raw[:1] == b"\0":
            sealed, inner = b"<xml><Encrypt>" + raw[1:] + b"</Encrypt></xml>", raw[1:].partition(b"</Encrypt>")[0]
            mark = _signed(inner.strip().removeprefix(b"<![CDATA[").removesuffix(b"]]>").decode(errors="replace"))
        else:
            sealed = envelope.seal(raw, "1")
            mark = _signed(sealed.partition(b"<Encrypt><![CDATA[")[2].partition(b"]]>")[0].decode())
        query = f"signature={_signed()}&timestamp=1&nonce=2&msg_signature={mark}".encode()
        city.ask("POST", "/wechat", query, {}, sealed)

    return target


def telegram(folder: Path) -> Target:
    """Updates of the webhook."""
    city = City(folder, telegram_token=SecretStr("42:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), telegram_mode="webhook",
                base_url="https://youli.example", telegram_api_base="http://127.0.0.1:9")  # fmt: skip
    hook = telegram_hook(city.settings)
    assert hook is not None
    headers = {"x-telegram-bot-api-secret-token": hook.secret}
    return _to(city, "/telegram", headers)


def _chat(folder: Path, kind: str) -> Target:
    city = City(folder)
    cookie = Visitors(city.settings.secret(), secure=False).cookie(VISITOR).decode().partition(";")[0]
    headers = {"cookie": cookie, "content-type": kind}
    serial = itertools.count(10_000_000)

    def target(raw: bytes) -> None:
        city.ask("POST", "/chat/messages", b"", headers, raw.replace(SERIAL, b"%d" % next(serial)))

    return target


def chat(folder: Path) -> Target:
    """The web chat's JSON."""
    return _chat(folder, "application/json")


def upload(folder: Path) -> Target:
    """The web chat's forms with photos."""
    return _chat(folder, "multipart/form-data; boundary=x")


def pages(folder: Path) -> Target:
    """Addresses of pages and the API, public ones and those of staff, with whatever behind the question mark; the first
    byte chooses the page."""
    city = City(folder)
    session, key = city.staffed()
    headers = {"accept-language": "en", "cookie": f"staff={session}", "authorization": f"Bearer {key}"}

    def target(raw: bytes) -> None:
        query = quote_from_bytes(raw[1:], safe="&=%+;").encode()
        city.ask("GET", PAGES[(raw or b"\0")[0] % len(PAGES)], query, headers, b"")

    return target


def sign_in(folder: Path) -> Target:
    """The form at which staff sign in."""
    return _to(City(folder), "/console/sign-in", URLENCODED)


def forms(folder: Path) -> Target:
    """The forms of staff, as an administrator sends them; the first byte chooses the form."""
    city = City(folder)
    cookies = Cookies(secure=False, secret=city.settings.secret())
    session, _ = city.staffed()

    def target(raw: bytes) -> None:
        nonlocal session
        headers = URLENCODED | {"cookie": f"staff={session}"}
        token = cookies.mark("form", passwords.digest(session)).encode()
        path = FORMS[(raw or b"\0")[0] % len(FORMS)]
        if city.ask("POST", path, b"", headers, b"token=" + token + b"&" + raw[1:]) == 401:  # as a form may bring about
            session, _ = city.write(_enter, city.house.library)

    return target


def _report(tx: Tx, library: Library) -> None:
    report, words, moves = next(rows(library, tx.ms))
    tx.connection.execute(reports.insert(), [report])
    tx.connection.execute(report_words.insert(), [words])
    tx.connection.execute(report_moves.insert(), moves)


def _enter(tx: Tx, library: Library) -> tuple[str, str]:
    """A new administrator's session, and a token for programs."""
    post, by = people.Post("a", ADMINISTRATOR), Staff("bench", ADMINISTRATOR)
    colleague, secret = people.add(tx, library, by, f"a{tx.ms}", post, "zh")
    session = signing.accept(tx, secret, passwords.NOBODY, "bench", "bench")
    return session, tokens.make(tx, by, colleague.login, "a", 1)
