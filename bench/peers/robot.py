"""WeRoBot with its SQLite session, as its documentation shows it, to be served by gunicorn; in safe mode where
BENCH_SAFE is set."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from werobot import WeRoBot
from werobot.session.sqlitestorage import SQLiteStorage

from bench.account import AES_KEY, APP_ID, MENU, TOKEN


def build() -> Callable[..., Any]:
    """The WSGI application; its session is sessions.db in the folder BENCH_DATA."""
    storage = SQLiteStorage(filename=str(Path(os.environ["BENCH_DATA"]) / "sessions.db"))
    safe = {"encoding_aes_key": AES_KEY, "app_id": APP_ID} if os.environ.get("BENCH_SAFE") else {}
    robot = WeRoBot(token=TOKEN, enable_session=True, session_storage=storage, **safe)

    def answer(message: Any, session: dict[str, Any]) -> str:
        session["count"] = session.get("count", 0) + 1
        session["last"] = message.content
        return MENU

    robot.add_handler(answer, type="text")
    application: Callable[..., Any] = robot.wsgi
    return application
