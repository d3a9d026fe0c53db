"""The daily tip as one mass message to those who carry its tag, where the account may and the operator wants it.

A mass message does not need a person's recent word, but there are few: one a day for subscription accounts, four a
month for service accounts (protocols B4), which therefore send on Mondays. Sent by a raw call: wechatpy's still
sends the ``group_id`` of years ago.
"""

import asyncio
import logging
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from bot.channel import TryLater
from bot.channels.wechat import MASS, Account
from bot.channels.wechat.api import LOST, NO_RIGHT, Api, Refusal
from bot.channels.wechat.render import LIMIT, size, within
from bot.channels.wechat.rights import Rights
from bot.delivery import delivered
from bot.house import House
from bot.letters import say_from_json
from bot.rendering import render
from bot.rounds import rounds
from db import reach, talks, wechat_account
from db.database import Database
from db.moments import to_ms
from db.tx import Tx

log = logging.getLogger("youli.wechat")
EVERY = 60.0  # seconds between looks
AT_ONCE = 50  # people in one call for tags
BATCHES = 20  # calls for tags in one look
PAGE = 200  # letters settled in one unit
KNOWN = 45065  # «clientmsgid exist»: it was sent before


class Mass:
    """Keeps the tag as people want it, and sends the message when its hour has come."""

    def __init__(self, database: Database, house: House, api: Api, rights: Rights, account: Account) -> None:
        self._database, self._house, self._api, self._rights = database, house, api, rights
        self._account = account
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Look every minute, until stopped."""
        await rounds(self._calm_round, EVERY, self._stop, partial(log.exception, "mass message's round failed"))

    def stop(self) -> None:
        """Finish the round and go."""
        self._stop.set()

    async def _calm_round(self) -> None:
        try:
            await self.round()
        except (Refusal, TryLater) as error:
            log.warning("mass message: WeChat can't be used now", extra={"why": str(error)})

    async def round(self) -> None:
        """Bring the tag up to date; send if it is time. Raises Refusal and TryLater."""
        if not self._rights.may(MASS):
            return
        await self._tag(True, "tags/members/batchtagging")
        await self._tag(False, "tags/members/batchuntagging")
        local = await self._local()
        mark = f"tip:{local:%Y-%m-%d}"
        if not self._day(local) or local.hour < self._account.mass_hour:
            return
        found = await self._database.read(wechat_account.waiting_tip, mark)
        month = to_ms(local.replace(day=1, hour=0, minute=0, second=0, microsecond=0))
        most = self._account.kind.mass_a_month
        if found is not None and await self._database.write(wechat_account.begin_mass, mark, month, most):
            await self._send(mark, *found)
        while await self._database.write(_settle, mark, self._house.zone) == PAGE:
            continue

    async def covers(self, mark: str, talk_id: int) -> bool:
        """Whether this person got the broadcast by mass message. Raises TryLater while it is still to come."""
        if await self._database.read(wechat_account.had_mass, mark, talk_id):
            return True
        local = await self._local()
        if (
            self._rights.may(MASS)
            and self._day(local)
            and mark == f"tip:{local:%Y-%m-%d}"
            and await self._database.read(wechat_account.mass_state, mark) in {None, "sending"}
        ):
            raise TryLater("the mass message comes first", EVERY, counted=False)
        return False

    def _day(self, local: datetime) -> bool:
        """Whether the account's few messages allow one today."""
        return self._account.kind.mass_a_month >= 28 or local.weekday() == 0

    async def _send(self, mark: str, say: str, language: str) -> None:
        library = self._house.library
        hint = library.texts.render(language, "wechat.mass_hint")
        text = render(say_from_json(say), language, library, 0).text
        content = f"{within(text, LIMIT - size(hint) - 2)}\n\n{hint}"
        try:
            answer = await self._api.post(
                "message/mass/sendall",
                {
                    "filter": {"is_to_all": False, "tag_id": self._account.mass_tag},
                    "text": {"content": content},
                    "msgtype": "text",
                    "clientmsgid": mark,
                },
            )
        except Refusal as refusal:
            if refusal.code in NO_RIGHT:
                await self._rights.refused(MASS)
            state = "sent" if refusal.code == KNOWN else "refused"
            told = "WeChat had it before" if state == "sent" else str(refusal)
            await self._database.write(wechat_account.end_mass, mark, state, told=told)
            log.log(logging.INFO if state == "sent" else logging.WARNING, "mass message", extra={"why": str(refusal)})
        else:
            await self._database.write(wechat_account.end_mass, mark, "sent", str(answer.get("msg_id", "")))
            log.info("mass message sent", extra={"mark": mark})

    async def _tag(self, wanted: bool, path: str) -> None:
        for _ in range(BATCHES):
            people = await self._database.read(wechat_account.to_tag, wanted, AT_ONCE)
            if not people:
                return
            try:
                await self._api.post(path, self._members([user for _, user in people]))
            except Refusal as refusal:
                if refusal.code not in LOST:
                    raise
                people = [person for person in people if await self._tagged_alone(path, *person)]
            await self._database.write(wechat_account.set_tagged, [talk for talk, _ in people], wanted)

    async def _tagged_alone(self, path: str, talk_id: int, user: str) -> bool:
        """One at a time, to find out who of them is gone."""
        try:
            await self._api.post(path, self._members([user]))
        except Refusal as refusal:
            if refusal.code not in LOST:
                raise
            await self._database.write(reach.lose, talk_id)
            return False
        return True

    def _members(self, users: list[str]) -> dict[str, object]:
        return {"openid_list": users, "tagid": self._account.mass_tag}

    async def _local(self) -> datetime:
        return (await self._database.read(_now)).astimezone(self._house.zone)


def _settle(tx: Tx, mark: str, zone: ZoneInfo) -> int:
    """Letters whose readers got the mass message have arrived; how many this settled."""
    found = wechat_account.covered(tx, mark, PAGE)
    for letter in found:
        reader = talks.talk_of_id(tx, letter.talk_id)
        if reader is not None:
            delivered(tx, letter, reader[2], zone)
    return len(found)


def _now(tx: Tx) -> datetime:
    return tx.now
