"""Who is measured: Youli through two doors, and its peers."""

import sys
from dataclasses import dataclass
from typing import Literal

from bench.residents import TOKEN
from bench.servers import ROOT, Recipe

PYTHON = (sys.executable, "-m")
QUIET = ("--log-level", "warning")


@dataclass(frozen=True)
class Subject:
    """A row of the result: a door of a server."""

    name: str
    title: str
    server: str  # a name in RECIPES
    wire: Literal["wechat", "web"] = "wechat"


@dataclass(frozen=True)
class Ledger:
    """Where a server keeps what it was told, to see that no answered turn is missing."""

    file: str
    count: str  # SQL


# The two to be outrun stand after Youli, so that the rounds of a comparison lie close together in time.
SUBJECTS = (
    Subject("youli-wechat", "Youli /wechat", "youli"),
    Subject("youli-web", "Youli /chat/messages", "youli", "web"),
    Subject("row", "wechatpy+Starlette, a row per message", "row"),
    Subject("robot", "WeRoBot, SQLite session, gunicorn", "robot"),
    Subject("echo", "wechatpy+Starlette, stores nothing", "echo"),
)

LEDGERS = {
    "youli": Ledger("youli.db", "SELECT count(*) FROM exchanges WHERE said IS NOT NULL"),
    "row": Ledger("messages.db", "SELECT count(*) FROM messages"),
    "robot": Ledger("sessions.db", "SELECT sum(json_extract(value, '$.count')) FROM WeRoBot"),
}


UVICORN = (*PYTHON, "uvicorn", "--port", "{port}", "--loop", "uvloop", "--http", "httptools", *QUIET)
# One thread that keeps connections: gunicorn's sync worker would have to be connected to for each message.
GTHREAD = ("--workers", "1", "--worker-class", "gthread", "--threads", "1")

RECIPES = {
    # As an operator starts it, but without the limit on how fast one resident may write.
    "youli": Recipe(
        (sys.executable, str(ROOT / "main.py"), "serve"),
        {
            "YOULI_DATA_DIR": "{data}",
            "YOULI_PORT": "{port}",
            "YOULI_WECHAT_TOKEN": TOKEN,
            "YOULI_WECHAT_PROFILE": "unverified",
            "YOULI_RATE_LIMIT": "off",
        },
        health="/healthz",
    ),
    "row": Recipe((*UVICORN, "--no-access-log", "--factory", "bench.peers.row:build")),
    "robot": Recipe((*PYTHON, "gunicorn", "--bind", "127.0.0.1:{port}", *GTHREAD, *QUIET, "bench.peers.robot:build()")),
    "echo": Recipe((*UVICORN, "--no-access-log", "--factory", "bench.peers.echo:build")),
}
