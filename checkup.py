"""``main.py check``: settings, content, database, channels, each with what is wrong and what to do."""

import asyncio
import sqlite3
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime

from assembly import desk_path, telegram_hook, wechat_account
from civic.errors import Refused
from content.due import due
from content.library import ContentError, Library, load
from db import updates
from db.database import DatabaseInUse, open_database
from db.letters import counts, dead
from db.migrate import current, newest
from db.tx import Tx
from settings import Settings
from web.desk import DeskCall

SHOWN = 20  # notes about the content that are listed one by one


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; ``state`` is ok, note (look at it some day) or wrong."""

    what: str
    state: str
    words: str


async def checkup(settings: Settings) -> list[Finding]:
    """Look at everything; never raises for what is wrong with the house itself."""
    return [
        Finding("settings", "ok", f"{settings.public_url}, {settings.timezone}, city pack «{settings.city}»"),
        *await asyncio.to_thread(_content, settings),
        *await _database(settings),
        *_channels(settings),
        *await _wechat(settings),
        *await _telegram(settings),
    ]


def _content(settings: Settings) -> list[Finding]:
    today = datetime.now(settings.zone).date()
    try:
        library = load(settings.content_dir, settings.city, today)
    except ContentError as error:
        return [Finding("content", "wrong", str(problem)) for problem in error.problems]
    found = [Finding("content", "ok", inventory(library))]
    todo = [*due(library, today), *library.notes]
    found += [Finding("content", "note", str(problem)) for problem in todo[:SHOWN]]
    if len(todo) > SHOWN:
        found.append(Finding("content", "note", f"and {len(todo) - SHOWN} more: main.py content check"))
    return found


def inventory(library: Library) -> str:
    """What the content holds, in numbers."""
    return (
        f"{len(library.tips)} tips, {len(library.questions)} questions, {len(library.answers)} answers, "
        f"{len(library.categories)} categories, "
        f"{len(library.instruments)} instruments, {len(library.texts.keys('zh'))} texts in two languages"
    )


async def _database(settings: Settings) -> list[Finding]:
    call = await DeskCall.to(desk_path(settings))
    if call is not None:
        async with aclosing(call):
            state = await call.do("state", {})
        known = state["revision"], state["letters"], state["dead"], state["unread"]
        return [Finding("server", "ok", "running"), *_state(*known)]
    try:
        database = await open_database(settings.database)
    except (DatabaseInUse, ValueError, OSError, sqlite3.DatabaseError) as error:
        return [Finding("database", "wrong", str(error))]
    try:
        revision = await database.read(current)
        if revision != newest():
            state = "note" if revision is None else "wrong"
            return [
                Finding(
                    "database", state, f"tables are at {revision or 'nothing yet'}, needed {newest()}: main.py migrate"
                )
            ]
        return _state(*await database.read(_look))
    except Exception as error:
        return [Finding("database", "wrong", f"can't be reached: {error}")]
    finally:
        await database.close()


def _look(tx: Tx) -> tuple[str | None, dict[str, int], list[tuple[int, str, str]], list[tuple[int, str]]]:
    return current(tx), counts(tx), dead(tx), updates.dead(tx)


def _state(
    revision: str | None,
    letters: dict[str, int],
    dead_letters: list[tuple[int, str, str]],
    unread: list[tuple[int, str]],
) -> list[Finding]:
    words = ", ".join(f"{count} {state}" for state, count in sorted(letters.items())) or "none yet"
    found = [Finding("database", "ok", f"tables at {revision}"), Finding("letters", "ok", words)]
    for number, channel, error in dead_letters[:5]:
        found.append(Finding("letters", "note", f"dead letter {number} on {channel}: {error}"))
    for update, error in unread[:5]:
        found.append(Finding("telegram", "note", f"update {update} could not be handled: {error}; it is kept 30 days"))
    return found


def _channels(settings: Settings) -> list[Finding]:
    return [Finding("web chat", "ok", f"{settings.public_url}/chat")]


async def _wechat(settings: Settings) -> list[Finding]:
    """What WeChat says of the account, and whether its menu can be published."""
    if not settings.wechat_token.get_secret_value():
        return []
    from bot.channels.wechat.api import Api
    from bot.channels.wechat.probe import probe

    account = wechat_account(settings)
    api = Api(account.api_base, account.app_id, account.app_secret)
    try:
        return [Finding("wechat", state, words) async for state, words in probe(account, settings.public_url, api)]
    finally:
        await api.close()


async def _telegram(settings: Settings) -> list[Finding]:
    """What Telegram says of the bot; and when a server runs here, how it does."""
    token = settings.telegram_token.get_secret_value()
    if not token:
        return []
    from bot.channels.telegram.probe import probe

    told = await probe(token, settings.telegram_api_base.rstrip("/"), telegram_hook(settings))
    found = [Finding("telegram", status.state, status.words) for status in told]
    call = await DeskCall.to(desk_path(settings))
    if call is not None:
        async with aclosing(call):
            with suppress(Refused, RuntimeError, ConnectionError):  # it was started without the token
                running = await call.do("telegram", {})
                found.append(Finding("telegram", running["state"], f"here: {running['words']}"))
    return found
