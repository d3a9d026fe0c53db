"""The echo, but each message is on disk before it is answered: one SQLite row, one commit, synchronous=FULL.

The commit runs on the event loop: a hop to a thread and back costs more than it frees on one core.
"""

import os
import sqlite3
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.peers.echo import Account


def build() -> Starlette:
    """The application for uvicorn; its file is messages.db in the folder BENCH_DATA."""
    account = Account()
    database = sqlite3.connect(Path(os.environ["BENCH_DATA"]) / "messages.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, source TEXT, content TEXT)")

    async def wechat(request: Request) -> Response:
        message = await account.message(request)
        if message is None:
            return Response(status_code=403)
        # Without a transaction of our own, each statement is its own durable commit.
        row = (message.id, message.source, message.content)
        database.execute("INSERT OR IGNORE INTO messages VALUES (?, ?, ?)", row)
        return account.answer(request, message)

    return Starlette(routes=[Route("/wechat", wechat, methods=["POST"])])
