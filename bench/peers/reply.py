"""aiogram with its state machine in memory, on aiohttp and uvloop; it answers in the webhook's own response
(``handle_in_background=False``), as its documentation shows it. Runs in an environment of its own: ``make bench``
makes it, since aiogram wants an older pydantic than Youli."""

import asyncio
import os
import sys

import uvloop
from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.methods import TelegramMethod
from aiogram.types import Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

from bench.account import BOT_TOKEN, MENU, SECRET


class _Talk(StatesGroup):  # type: ignore[misc]
    talking = State()


async def _begins(message: Message, state: FSMContext) -> TelegramMethod[Message]:
    await state.set_state(_Talk.talking)
    return await _goes_on(message, state)


async def _goes_on(message: Message, state: FSMContext) -> TelegramMethod[Message]:
    known = await state.get_data()
    await state.update_data(count=known.get("count", 0) + 1)
    return message.answer(MENU)  # not awaited: then it leaves in the response


async def _registers(bot: Bot) -> None:
    await bot.set_webhook("https://bench.example/telegram", secret_token=SECRET)


def main(port: int) -> None:
    """Serve until stopped. Its Bot API is BENCH_API."""
    router = Router()
    router.message.register(_goes_on, _Talk.talking, F.text)
    router.message.register(_begins, F.text)
    dispatcher = Dispatcher()
    dispatcher.include_router(router)
    dispatcher.startup.register(_registers)
    bot = Bot(BOT_TOKEN, AiohttpSession(api=TelegramAPIServer.from_base(os.environ["BENCH_API"])))
    app = web.Application()
    hook = SimpleRequestHandler(dispatcher, bot, handle_in_background=False, secret_token=SECRET)
    hook.register(app, path="/telegram")
    setup_application(app, dispatcher, bot=bot)
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


if __name__ == "__main__":
    main(int(sys.argv[1]))
