"""Keeping the bot in attendance: registered with Telegram, its updates asked for or its webhook watched, albums
closed. Whatever fails is told in words and tried again; the rest of the house does not wait for it."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.channel import Rejected, SendFailure, TooMany, Unsure
from bot.channels.telegram import Hook
from bot.channels.telegram.api import Api, BadToken, Elsewhere
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.parse import Raw, number_of, owner
from bot.house import House

log = logging.getLogger("youli.telegram")
# Sent at every start (protocols A3).
WANTED = ["message", "edited_message", "callback_query", "poll_answer", "my_chat_member"]
LONG_POLL = 25  # seconds that Telegram waits for an update before it answers that there is none
BATCH = 100
LOOK = 300.0  # seconds between looks at the webhook
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
REFUSED = 300.0  # seconds between tries with a token or an address that Telegram refuses


@dataclass(frozen=True)
class Status:
    """How the channel does: ok, note or wrong; and in words."""

    state: str
    words: str


class Attendant:
    """One worker per process; with the webhook any number of processes, otherwise one may ask for updates."""

    def __init__(self, api: Api, intake: Intake, house: House, hook: Hook | None) -> None:
        self._api, self._intake, self._house, self._hook = api, intake, house, hook
        self._stopped = asyncio.Event()
        self._name = ""
        self._offset: int | None = None
        self._published: object = None  # the library whose commands Telegram shows
        self._error_at = 0  # of the last webhook error that was told
        self.status = Status("note", "starting")

    async def run(self) -> None:
        """Attend until stopped."""
        albums = asyncio.create_task(self._intake.albums())
        try:
            await self._attend()
        finally:
            albums.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await albums

    def stop(self) -> None:
        """Take nothing new."""
        self._stopped.set()

    async def state(self) -> dict[str, str]:
        """The status for ``check``, as a task of the desk."""
        return {"state": self.status.state, "words": self.status.words}

    async def _attend(self) -> None:
        registered, failed = False, 0
        while not self._stopped.is_set():
            try:
                if not registered:
                    await self._register()
                    registered = True
                await self._publish()
                pause = await self._look() if self._hook else await self._ask()
                failed = 0
            except Exception as error:
                pause = self._failed(error, failed)
                failed += 1
            if pause:
                await self._sleep(pause)

    def _failed(self, error: Exception, failed: int) -> float:
        """Tell it; how long to wait."""
        usual = PAUSES[min(failed, len(PAUSES) - 1)]
        if not isinstance(error, SendFailure):
            log.error("updates not stored", extra={"kind": type(error).__name__})
            return usual
        if isinstance(error, Unsure) and self._name:  # the answer of a long wait got lost: ask again
            return usual if failed else 0.0
        self._tell(explain(error, self._hook))
        if isinstance(error, BadToken | Rejected):
            return REFUSED
        return error.after or usual if isinstance(error, TooMany) else usual

    def _tell(self, status: Status) -> None:
        if status != self.status:
            self.status = status
            log.log(logging.INFO if status.state == "ok" else logging.WARNING, "Telegram: %s", status.words)

    async def _register(self) -> None:
        me = await self._api.call("getMe", {})
        self._name = f"@{me.get('username', me['id'])}"
        self._house.links = replace(self._house.links, telegram=str(me.get("username", "")))
        if self._hook is None:
            await self._api.call("deleteWebhook", {"drop_pending_updates": False})
            return
        fields = {"url": self._hook.url, "secret_token": self._hook.secret, "allowed_updates": WANTED}
        await self._api.call("setWebhook", fields)

    async def _publish(self) -> None:
        """Show the commands of content/commands.toml in Telegram's menu, in both languages."""
        library = self._house.library
        if self._published is library:
            return
        for language in ("", "zh", "en"):
            words = language or self._house.language
            shown = [item for item in library.commands if not item.staff]
            commands = [{"command": item.name, "description": item.describe(words)[:256]} for item in shown]
            fields: dict[str, Any] = {"commands": commands[:100]}
            try:
                await self._api.call("setMyCommands", fields | ({"language_code": language} if language else {}))
            except Rejected as refusal:
                log.warning("Telegram does not take the commands: %s", refusal)
        self._published = library

    async def _ask(self) -> float:
        """One long wait for updates. Each is on disk before the offset moves on: what is not asked for again is
        handled."""
        wait = 0 if self.status.state == "note" else LONG_POLL  # at the start it is known at once whether all is well
        fields: dict[str, Any] = {"timeout": wait, "limit": BATCH, "allowed_updates": WANTED}
        if self._offset is not None:
            fields["offset"] = self._offset
        asking = asyncio.create_task(self._api.call("getUpdates", fields, LONG_POLL + 10.0))
        stopped = asyncio.create_task(self._stopped.wait())
        try:
            await asyncio.wait({asking, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                return 0.0
            fetched: Sequence[Raw] = asking.result()
        finally:
            for task in (asking, stopped):
                task.cancel()
        self._tell(Status("ok", f"{self._name}, asks for updates"))
        found = {number: raw for raw in fetched if (number := number_of(raw)) is not None}
        await self._take(list(found.values()))
        if found:
            self._offset = max(found) + 1
        elif fetched:  # nothing that could be confirmed: it will come again
            log.error("what came for updates are none")
        return PAUSES[-1] if fetched and not found else 0.0

    async def _take(self, found: Sequence[Raw]) -> None:
        """Updates of one person in their order, those of different people beside each other."""
        people: dict[str | None, list[Raw]] = {}
        for raw in found:
            people.setdefault(owner(raw), []).append(raw)
        outcomes = await asyncio.gather(*(self._in_order(raws) for raws in people.values()), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _in_order(self, raws: Sequence[Raw]) -> None:
        for raw in raws:
            await self._intake.take(raw)

    async def _look(self) -> float:
        """See whether the webhook stands and what Telegram says about it."""
        assert self._hook is not None
        info = await self._api.call("getWebhookInfo", {})
        if not info.get("url"):
            await self._register()
        status = about(info, self._hook)
        self._tell(Status("ok", f"{self._name}, {status.words}") if status.state == "ok" else status)
        error_at = int(info.get("last_error_date") or 0)
        if error_at > self._error_at and self._error_at:
            log.warning("Telegram could not deliver to the webhook: %s", info.get("last_error_message"))
        self._error_at = max(error_at, 1)
        return LOOK

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopped.wait()


def about(info: Mapping[str, Any], hook: Hook | None) -> Status:
    """What Telegram's word about the webhook means for us."""
    url, waiting = info.get("url") or "", int(info.get("pending_update_count") or 0)
    if hook is None:
        if url:
            return Status("note", f"a webhook is set ({_host(url)}); starting in polling mode removes it")
        return Status("ok", f"no webhook is set, updates are asked for; {waiting} wait")
    if not url:
        return Status("note", "no webhook is set yet; starting sets it")
    if url != hook.url:
        return Status(
            "wrong",
            f"the webhook points to {_host(url)}, not to us: another installation uses this bot. Stop that one and "
            "start this one again, or give each its own bot",
        )
    if info.get("last_error_message") and waiting:
        return Status("wrong", f"Telegram can't deliver to {hook.url}: {info['last_error_message']}; {waiting} wait")
    return Status("ok", f"webhook at {hook.url}; {waiting} wait")


def explain(failure: SendFailure, hook: Hook | None) -> Status:
    """A failure in words, with the way out."""
    match failure:
        case BadToken():
            return Status(
                "wrong",
                "the token is refused. Copy it again from @BotFather (/mybots, API Token) into YOULI_TELEGRAM_TOKEN; "
                "the web chat works meanwhile",
            )
        case Elsewhere() if "webhook" in str(failure).casefold():
            return Status(
                "wrong",
                "a webhook was set for this bot while we ask for updates: another installation uses it. Stop that one, "
                "or set YOULI_TELEGRAM_MODE=webhook here",
            )
        case Elsewhere():
            return Status(
                "wrong",
                "another instance asks for this bot's updates (409). Only one may: stop the other, or use "
                "YOULI_TELEGRAM_MODE=webhook for several",
            )
        case Rejected() if hook is not None:
            return Status(
                "wrong",
                f"Telegram refuses the webhook {hook.url}: {failure}. YOULI_BASE_URL must be an https address that "
                "Telegram can reach, on port 443, 80, 88 or 8443",
            )
        case Rejected():
            return Status("wrong", f"Telegram refuses: {failure}")
        case TooMany():
            return Status("note", f"Telegram asks to wait {failure.after:.0f} seconds")
        case _:
            return Status(
                "wrong",
                f"Telegram can't be reached ({failure}). Is there a way out to YOULI_TELEGRAM_API_BASE? It is tried "
                "again and again; the web chat works meanwhile",
            )


def _host(url: str) -> str:
    """The address without its path, which may hold a secret of another's."""
    return "/".join(url.split("/")[:3])
