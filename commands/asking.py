"""How a command reaches the house: the running server by its local socket, or a house opened for as long."""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

from commands.terminal import fail, read_settings
from settings import Settings


def ask(task: str, **arguments: Any) -> Any:
    """Have a task done by the running server, or here when none runs."""
    answer: list[Any] = []

    async def once(do: Callable[..., Awaitable[Any]]) -> None:
        answer.append(await do(task, arguments))

    with_desk(once)
    return answer[0]


def with_desk(talk: Callable[[Callable[..., Awaitable[Any]]], Awaitable[None]]) -> None:
    """Talk to the running server's desk, or to one that is opened here for as long."""
    from assembly import open_house
    from civic.errors import Refused
    from opening import desk_path, read_library
    from web.desk import DeskCall

    async def reach(settings: Settings) -> None:
        call = await DeskCall.to(desk_path(settings))
        try:
            if call is not None:
                async with aclosing(call):
                    await talk(call.do)
            else:
                async with open_house(settings, upgrade=True) as built:
                    await talk(built.desk.do)
        except Refused as refused:
            texts = read_library(settings).texts
            fail(texts.render(settings.language, refused.key, **refused.params))
        except (ConnectionError, RuntimeError) as error:
            fail(str(error))

    safely(reach)


def safely(do: Callable[[Settings], Awaitable[None]]) -> None:
    """Run; turn what can be expected to go wrong into one clear line."""
    from bot.media import MediaUnavailable
    from content.library import ContentError
    from db.database import DatabaseInUse, passing, reason
    from db.disk import obstacle
    from opening import NotReady

    settings = read_settings()
    logging.getLogger().setLevel(logging.WARNING)
    try:
        asyncio.run(_awaited(do, settings))
    except (DatabaseInUse, NotReady, MediaUnavailable, ValueError) as error:
        fail(str(error))
    except ContentError as error:
        fail("The content is not right:\n" + "\n".join(str(problem) for problem in error.problems))
    except Exception as error:
        if not passing(error) and not isinstance(error, sqlite3.DatabaseError):
            raise
        fail(f"The database can't be opened: {obstacle(error, settings.data_dir) or reason(error)}")


async def _awaited(do: Callable[[Settings], Awaitable[None]], settings: Settings) -> None:
    await do(settings)
