"""The codes on a poster: one for each channel, each telling which poster brought somebody."""

import re
from dataclasses import dataclass
from pathlib import Path

from bot.channel import TryLater
from bot.channels.wechat.api import Api, Refusal
from civic.errors import Refused

_TELEGRAM_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{4,31}")


@dataclass(frozen=True)
class Code:
    """A code to scan: drawn from ``link``, or a ready ``picture`` (PNG). ``note`` is the address in words."""

    channel: str
    link: str = ""
    picture: bytes = b""
    note: str = ""


@dataclass(frozen=True)
class Doors:
    """Where codes may lead: ``base_url`` is ours, ``telegram`` the bot's name (empty: none).

    ``wechat`` is an account that makes codes with a payload, or the picture of one that can't.
    """

    base_url: str
    telegram: str = ""
    wechat: Api | bytes | None = None

    async def codes(self, payload: str) -> tuple[Code, ...]:
        """The codes that bring a payload along. Raises Refused when WeChat makes none."""
        found = []
        if isinstance(self.wechat, Api):
            found.append(Code("wechat", await scene(self.wechat, payload)))
        elif self.wechat is not None:
            found.append(Code("wechat", picture=self.wechat))
        chat = f"{self.base_url}/chat"
        found.append(Code("web", f"{chat}?start={payload}", note=chat.partition("://")[2]))
        if self.telegram:
            found.append(Code("telegram", f"https://t.me/{self.telegram}?start={payload}", note=f"@{self.telegram}"))
        return tuple(found)

    async def aclose(self) -> None:
        """Let go of the connections."""
        if isinstance(self.wechat, Api):
            await self.wechat.http.aclose()


async def scene(account: Api, payload: str) -> str:
    """What WeChat's code for a payload holds; it stays valid (one of 100,000 an account may have).

    The same payload gives the same code again. Only verified service accounts may ask (protocols B4).
    """
    wanted = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": payload}}}
    try:
        answer = await account.post("qrcode/create", wanted)
    except Refusal as refusal:
        raise Refused("poster.wechat_refused", code=refusal.code) from None
    except TryLater:
        raise Refused("poster.wechat_silent") from None
    return str(answer["url"])


async def telegram_name(token: str, api_base: str, remembered: Path) -> str:
    """The bot's name, asked for once and kept in a file. Raises Refused when Telegram does not tell it."""
    number = token.partition(":")[0]  # of the bot: with another bot the name is asked for again
    try:
        known, _, name = remembered.read_text("utf-8").strip().partition(" ")
    except OSError:
        known = name = ""
    if known != number or not name:
        name = await _ask_name(token, api_base)
        remembered.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        remembered.write_text(f"{number} {name}\n", "utf-8")
    return name


async def _ask_name(token: str, api_base: str) -> str:
    from telegram import Bot
    from telegram.error import InvalidToken, TelegramError

    try:
        async with Bot(token, base_url=f"{api_base.rstrip('/')}/bot") as bot:  # entering asks getMe
            return bot.username
    except InvalidToken:  # its words hold the token
        raise Refused("poster.telegram_token") from None
    except TelegramError as error:
        raise Refused("poster.telegram_silent", why=type(error).__name__) from None


def checked_name(name: str) -> str:
    """A bot's name as an operator wrote it, also as @name or as its link. Raises Refused."""
    plain = re.sub(r"^(?:https?://)?t\.me/|^@", "", name.strip())
    if not _TELEGRAM_NAME.fullmatch(plain):
        raise Refused("poster.bad_telegram", name=name[:40])
    return plain
