"""What this account may do: its profile says, and WeChat's refusals (48001) teach otherwise for a while."""

import logging
from time import monotonic

from bot.channels.wechat import Account
from db import wechat_account
from db.database import Database

log = logging.getLogger("youli.wechat")
FORGET = 24 * 3600.0  # seconds


class Rights:
    """Asked before each use of the API. What was learned is stored, so that a restart does not forget it, and tried
    again after a day: accounts get verified."""

    def __init__(self, account: Account) -> None:
        self._app_id = account.app_id
        self._given = account.kind.rights if account.app_id and account.app_secret else frozenset()
        self._refused_until: dict[str, float] = {}

    def may(self, api: str) -> bool:
        """Whether a group of the API can be used, as far as we know."""
        if api not in self._given:
            return False
        return api not in self._refused_until or self._refused_until[api] < monotonic()

    async def load(self, database: Database) -> None:
        """Remember what WeChat refused before this start."""
        for api in await database.read(wechat_account.refusals, self._app_id, FORGET):
            self._refused_until[api] = monotonic() + FORGET

    async def refused(self, database: Database, api: str) -> None:
        """WeChat said no: do without from now on, and after a restart."""
        self._refused_until[api] = monotonic() + FORGET
        await database.write(wechat_account.refuse, self._app_id, api)
        log.warning("WeChat refuses this account a right", extra={"api": api})
