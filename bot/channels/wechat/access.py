"""The access token of WeChat's API: one refresh at a time, shared through the database by all processes.

From ``cgi-bin/stable_token``: asking again gives the same token until it is about to end, so that two who ask
do not take it from each other (protocols B2).
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable

from bot.channel import TryLater
from db import wechat_account
from db.database import Database

log = logging.getLogger("youli.wechat")
Ask = Callable[[bool], Awaitable[tuple[str, int]]]  # «by force?» → the token and how many seconds it is good
PATIENCE = 10.0  # seconds to wait for another's refresh
REFRESH = 15.0  # seconds after which a refresh that did not come back is taken over
AGAIN = 5.0  # seconds after which a letter that found no token is tried again
EARLY = 60  # seconds before its end at which a token is no longer used


class Access:
    """Holds the token. Without a database (the command line) it is this process's own; that disturbs nobody."""

    def __init__(self, database: Database | None, app_id: str, ask: Ask) -> None:
        self._database, self._app_id, self._ask = database, app_id, ask
        self._owner = secrets.token_hex(8)
        self._lock = asyncio.Lock()
        self._token, self._until = "", 0.0

    async def token(self, wrong: str | None = None) -> str:
        """A token that is good; ``wrong`` is one that WeChat has just refused. Raises TryLater."""
        if self._good(wrong):
            return self._token
        async with self._lock:
            if not self._good(wrong):
                await self._renew(wrong)
            return self._token

    def _good(self, wrong: str | None) -> bool:
        return bool(self._token) and self._token != wrong and asyncio.get_running_loop().time() < self._until

    async def _renew(self, wrong: str | None) -> None:
        if self._database is None:
            return self._keep(*await self._asked(wrong, may_force=True))
        waited = 0.0
        while waited < PATIENCE:
            asked = (self._app_id, self._owner, wrong, REFRESH, EARLY)
            turn = await self._database.write(wechat_account.token_turn, *asked)
            if turn.token:
                return self._keep(turn.token, turn.seconds)
            if turn.mine:
                return await self._refresh(wrong, turn.may_force)
            await asyncio.sleep(0.1)
            waited += 0.1
        raise TryLater("another process is renewing the access token", AGAIN, counted=False)

    async def _refresh(self, wrong: str | None, may_force: bool) -> None:
        assert self._database is not None
        try:
            token, seconds = await self._asked(wrong, may_force)
        except BaseException:
            await self._database.write(wechat_account.leave_turn, self._app_id, self._owner)
            raise
        forced = may_force and wrong is not None
        await self._database.write(wechat_account.save_token, self._app_id, token, seconds, forced)
        self._keep(token, seconds)

    async def _asked(self, wrong: str | None, may_force: bool) -> tuple[str, int]:
        """Ask for the token; only where the one that was refused comes back, by force (20 times a day)."""
        token, seconds = await self._ask(False)
        if token == wrong and may_force:
            log.warning("access token renewed by force")
            token, seconds = await self._ask(True)
        if token == wrong:
            raise TryLater("WeChat refuses the token that it gave", 60, counted=False)
        return token, seconds

    def _keep(self, token: str, seconds: int) -> None:
        self._token = token
        self._until = asyncio.get_running_loop().time() + max(0, seconds - EARLY)
