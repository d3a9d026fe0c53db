"""What this account may do: its profile says, and WeChat's refusals (48001) teach otherwise for a while."""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial

from bot.channels.wechat import Account
from bot.rounds import rounds
from db import wechat_account
from db.database import Database

log = logging.getLogger("youli.wechat")
FORGET = 24 * 3600.0  # seconds
EVERY = 60.0  # seconds until what one process learned is known to all


class Rights:
    """Asked before each use of the API. What one process learned lies in the database, where all read it; it is tried
    again after a day, or when ``main.py check`` finds nothing wrong: accounts get verified."""

    def __init__(self, account: Account, database: Database) -> None:
        self._app_id, self._database = account.app_id, database
        self._given = account.kind.rights if account.app_id and account.app_secret else frozenset()
        self._refused: Mapping[str, int] = {}
        self._stop = asyncio.Event()

    def may(self, api: str) -> bool:
        """Whether a group of the API can be used, as far as we know."""
        return api in self._given and api not in self._refused

    async def run(self) -> None:
        """Read what others learned every minute, until stopped."""
        await rounds(self.load, EVERY, self._stop, partial(log.exception, "WeChat's refusals not read"))

    def stop(self) -> None:
        """Read no more."""
        self._stop.set()

    async def load(self) -> Mapping[str, int]:
        """Read what WeChat refused within a day, here or elsewhere: each group's moment in milliseconds."""
        self._refused = await self._database.read(wechat_account.refusals, self._app_id, FORGET)
        return self._refused

    async def refused(self, api: str) -> None:
        """WeChat said no: do without from now on, and after a restart, and in all processes. With a code behind the
        group («template 47003») only what was asked was wrong: the group stays."""
        self._refused = {**self._refused, api: 0}
        await self._database.write(wechat_account.refuse, self._app_id, api)
        log.warning("WeChat refuses this account a right", extra={"api": api})

    async def forget(self) -> None:
        """Try everything again."""
        await self._database.write(wechat_account.forget_refusals, self._app_id)
        await self.load()
