"""Who is measured: Youli through its doors, and its peers, in contests of those that do the same."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from bench.account import AES_KEY, APP_ID, BOT_TOKEN, SECRET, TOKEN
from bench.residents import Door
from bench.servers import ROOT, Recipe

PYTHON = (sys.executable, "-m")
PEERS = ROOT / "build" / "peers" / "bin" / "python"  # an environment of its own, for aiogram
QUIET = ("--log-level", "warning")


@dataclass(frozen=True)
class Subject:
    """A row of the result: a door of a server."""

    name: str
    title: str
    server: str  # a name in RECIPES
    wire: Door = "wechat"

    @property
    def ours(self) -> bool:
        """Whether it is Youli."""
        return self.server.startswith("youli")


@dataclass(frozen=True)
class Goal:
    """How many times as fast as a peer Youli is to be; without ``least`` the ratio is only told."""

    peer: str
    title: str  # of its column
    least: float | None = None


@dataclass(frozen=True)
class Contest:
    """Subjects that do the same. Those to be outrun stand after Youli, so that the rounds of a comparison lie close
    together in time."""

    title: str
    subjects: Sequence[Subject]
    goals: Sequence[Goal]


@dataclass(frozen=True)
class Ledger:
    """Where a server keeps what it was told, to see that no answered turn is missing."""

    file: str
    count: str  # SQL


CONTESTS = (
    Contest(
        "WeChat in safe mode",
        (
            Subject("youli-safe", "Youli /wechat", "youli", "wechat-safe"),
            Subject("row-safe", "wechatpy+Starlette, a row per message", "row-safe", "wechat-safe"),
            Subject("robot-safe", "WeRoBot, SQLite session, gunicorn", "robot-safe", "wechat-safe"),
        ),
        (Goal("row-safe", "row per message", 2), Goal("robot-safe", "WeRoBot", 5)),
    ),
    Contest(
        "Telegram by webhook",
        (
            Subject("youli-telegram", "Youli /telegram", "youli", "telegram"),
            Subject("reply", "aiogram, state in memory, webhook reply", "reply", "telegram"),
            Subject("talk", "python-telegram-bot, conversations", "talk", "telegram"),
        ),
        (Goal("reply", "aiogram", 1), Goal("talk", "python-telegram-bot", 4)),
    ),
    Contest(
        "WeChat in plain mode, and the web chat",
        (
            Subject("youli-wechat", "Youli /wechat", "youli-plain"),
            Subject("youli-web", "Youli /chat/messages", "youli-plain", "web"),
            Subject("row", "wechatpy+Starlette, a row per message", "row"),
            Subject("robot", "WeRoBot, SQLite session, gunicorn", "robot"),
            Subject("echo", "wechatpy+Starlette, stores nothing", "echo"),
        ),
        (Goal("row", "row per message", 2), Goal("robot", "WeRoBot", 5), Goal("echo", "echo")),
    ),
)
SUBJECTS = tuple(subject for contest in CONTESTS for subject in contest.subjects)

_EXCHANGES = Ledger("youli.db", "SELECT count(*) FROM exchanges WHERE said IS NOT NULL")
_ROWS = Ledger("messages.db", "SELECT count(*) FROM messages")
_SESSIONS = Ledger("sessions.db", "SELECT sum(json_extract(value, '$.count')) FROM WeRoBot")
LEDGERS = {
    "youli": _EXCHANGES,
    "youli-plain": _EXCHANGES,
    "row": _ROWS,
    "row-safe": _ROWS,
    "robot": _SESSIONS,
    "robot-safe": _SESSIONS,
}

UVICORN = (*PYTHON, "uvicorn", "--port", "{port}", "--loop", "uvloop", "--http", "httptools", *QUIET)
# One thread that keeps connections: gunicorn's sync worker would have to be connected to for each message.
GTHREAD = ("--workers", "1", "--worker-class", "gthread", "--threads", "1")
SAFE = {"BENCH_SAFE": "1"}
_ROW = (*UVICORN, "--no-access-log", "--factory", "bench.peers.row:build")
_ROBOT = (*PYTHON, "gunicorn", "--bind", "127.0.0.1:{port}", *GTHREAD, *QUIET, "bench.peers.robot:build()")
_SERVE = (sys.executable, str(ROOT / "main.py"))
# As an operator starts it, but without the limit on how fast one resident may write.
_PLAIN = {
    "YOULI_DATA_DIR": "{data}",
    "YOULI_PORT": "{port}",
    "YOULI_WECHAT_TOKEN": TOKEN,
    "YOULI_WECHAT_PROFILE": "unverified",
    "YOULI_RATE_LIMIT": "off",
}
_WHOLE = {
    "YOULI_WECHAT_AES_KEY": AES_KEY,
    "YOULI_WECHAT_APP_ID": APP_ID,
    "YOULI_TELEGRAM_TOKEN": BOT_TOKEN,
    "YOULI_TELEGRAM_MODE": "webhook",
    "YOULI_TELEGRAM_WEBHOOK_SECRET": SECRET,
    "YOULI_TELEGRAM_API_BASE": "{api}",
}

RECIPES = {
    "youli": Recipe((*_SERVE, "run"), _PLAIN | _WHOLE, health="/healthz"),
    "youli-plain": Recipe((*_SERVE, "serve"), _PLAIN, health="/healthz"),
    "row": Recipe(_ROW),
    "row-safe": Recipe(_ROW, SAFE),
    "robot": Recipe(_ROBOT),
    "robot-safe": Recipe(_ROBOT, SAFE),
    "echo": Recipe((*UVICORN, "--no-access-log", "--factory", "bench.peers.echo:build")),
    "talk": Recipe((*UVICORN, "--no-access-log", "--factory", "bench.peers.talk:build"), {"BENCH_API": "{api}"}),
    "reply": Recipe((str(PEERS), "-m", "bench.peers.reply", "{port}"), {"BENCH_API": "{api}"}),
}
