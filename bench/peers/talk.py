"""python-telegram-bot with a persistent ConversationHandler, behind Starlette as its documentation shows it
(«customwebhookbot»): an update is acknowledged at once and answered by a call of the Bot API.

Updates are handled one after another: its documentation says that a ConversationHandler wants it so. The pickle is
written at the end only (``on_flush``): written each minute, as it comes, thousands of people cost it seconds each time.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Update
from telegram.ext import Application, ConversationHandler, MessageHandler, PicklePersistence, filters

from bench.account import BOT_TOKEN, MENU, SECRET

TALKING = 0


async def _answer(update: Update, context: Any) -> int:
    context.user_data["count"] = context.user_data.get("count", 0) + 1
    if update.message is not None:
        await update.message.reply_text(MENU)
    return TALKING


def build() -> Starlette:
    """The application for uvicorn; its file is talks.pickle in the folder BENCH_DATA, its Bot API BENCH_API."""
    kept: Any = PicklePersistence(Path(os.environ["BENCH_DATA"]) / "talks.pickle", on_flush=True)
    bot = (
        Application.builder()
        .token(BOT_TOKEN)
        .base_url(f"{os.environ['BENCH_API']}/bot")
        .updater(None)
        .persistence(kept)
        .build()
    )
    speaks: Any = MessageHandler(filters.TEXT, _answer)
    states: dict[object, Any] = {TALKING: [speaks]}
    bot.add_handler(ConversationHandler([speaks], states, [], name="talk", persistent=True))

    async def telegram(request: Request) -> Response:
        if request.headers.get("x-telegram-bot-api-secret-token") != SECRET:
            return Response(status_code=403)
        await bot.update_queue.put(Update.de_json(await request.json(), bot.bot))
        return Response()

    @asynccontextmanager
    async def running(_: Starlette) -> AsyncIterator[None]:
        await bot.bot.set_webhook("https://bench.example/telegram", secret_token=SECRET)
        async with bot:
            await bot.start()
            yield
            await bot.stop()

    return Starlette(routes=[Route("/telegram", telegram, methods=["POST"])], lifespan=running)
