"""``main.py check``: settings, content, database, channels, each with what is wrong and what to do."""

import asyncio
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from assembly import desk_path
from content.checks import due
from content.library import ContentError, Library, load
from db.database import DatabaseInUse, open_database
from db.letters import counts, dead
from db.migrate import current, newest
from db.tx import Tx
from settings import Settings
from web.desk import DeskCall


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
    ]


def _content(settings: Settings) -> list[Finding]:
    today = datetime.now(settings.zone).date()
    try:
        library = load(settings.content_dir, settings.city, today)
    except ContentError as error:
        return [Finding("content", "wrong", str(problem)) for problem in error.problems]
    found = [Finding("content", "ok", _inventory(library))]
    overdue = due(library, today)
    if overdue:
        found.append(Finding("content", "note", f"{len(overdue)} due for review, first: {overdue[0]}"))
    return found


def _inventory(library: Library) -> str:
    return (
        f"{len(library.tips)} tips, {len(library.questions)} questions, {len(library.categories)} categories, "
        f"{len(library.instruments)} instruments, {len(library.texts.keys('zh'))} texts in two languages"
    )


async def _database(settings: Settings) -> list[Finding]:
    call = await DeskCall.to(desk_path(settings))
    if call is not None:
        state = await call.do("state", {})
        await call.close()
        return [Finding("server", "ok", "running"), *_state(state["revision"], state["letters"], state["dead"])]
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


def _look(tx: Tx) -> tuple[str | None, dict[str, int], list[tuple[int, str, str]]]:
    return current(tx), counts(tx), dead(tx)


def _state(revision: str | None, letters: dict[str, int], dead_letters: list[tuple[int, str, str]]) -> list[Finding]:
    words = ", ".join(f"{count} {state}" for state, count in sorted(letters.items())) or "none yet"
    found = [Finding("database", "ok", f"tables at {revision}"), Finding("letters", "ok", words)]
    for number, channel, error in dead_letters[:5]:
        found.append(Finding("letters", "note", f"dead letter {number} on {channel}: {error}"))
    return found


def _channels(settings: Settings) -> list[Finding]:
    found = [Finding("web chat", "ok", f"{settings.public_url}/chat")]
    if settings.wechat_token.get_secret_value():
        if settings.wechat_aes_key.get_secret_value() or settings.wechat_profile != "unverified":
            found.append(Finding("wechat", "note", "served in plain mode as an unverified account"))
        else:
            found.append(Finding("wechat", "ok", f"plain mode at {settings.public_url}/wechat"))
    if settings.telegram_token.get_secret_value():
        found.append(Finding("telegram", "note", "a token is set, but this version does not serve Telegram yet"))
    return found
