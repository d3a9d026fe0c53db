"""Looking at an account from outside, for ``main.py check``: does WeChat know us, and what may we do?"""

import hashlib
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping

import httpx

from bot.channel import TryLater
from bot.channels.wechat import MASS, TEMPLATE, Account
from bot.channels.wechat.api import NO_RIGHT, Api, Refusal
from bot.channels.wechat.envelope import Envelope, between
from bot.channels.wechat.notices import template

# What the operator does about the errors of the first call (WeChat's documentation of stable_token).
WAYS_OUT = {
    40013: "YOULI_WECHAT_APP_ID is not an account WeChat knows; copy it from the console (设置与开发 → 基本配置)",
    40125: "YOULI_WECHAT_APP_SECRET is wrong, or was reset; make a new one in the console and set it here",
    40164: "this server's address{address} is not on the account's list; add it in the console (基本配置 → IP白名单)",
    40243: "the AppSecret is frozen; unfreeze it in the console (基本配置)",
    41004: "YOULI_WECHAT_APP_SECRET is empty",
    45009: "today's calls are used up; they begin anew at midnight, or reset them in the console",
    50007: "the account is frozen: see the message in its console",
    50002: "the account is restricted: see the message in its console",
}
NO_MENU = 46003
NO_RIGHT_TO_MENU = (
    "WeChat says this account has no right to a menu: is it verified? If not, set YOULI_WECHAT_PROFILE=unverified"
)
EVENT = (
    b"<xml><ToUserName>youli</ToUserName><FromUserName>check</FromUserName><CreateTime>1</CreateTime>"
    b"<MsgType>event</MsgType><Event>youli_check</Event></xml>"
)
SEALED = (("msg_signature", "MsgSignature"), ("nonce", "Nonce"))  # what a sealed body tells of itself
Found = tuple[str, str]  # ok, note or wrong, and the words


async def probe(account: Account, public_url: str, api: Api) -> AsyncIterator[Found]:
    """What is right and wrong, in the order in which one would set it up. Never raises for what WeChat says."""
    safe = "safe or compatible mode" if account.aes_key else "plain mode"
    yield "ok", f"messages come to {public_url}/wechat, {safe}, profile {account.profile}"
    if not public_url.startswith(("https://", "http://")) or "127.0.0.1" in public_url:
        yield "note", "WeChat can't reach this address: set YOULI_BASE_URL to the public one (port 80 or 443)"
    elif not public_url.startswith("https://"):
        yield "note", "pictures are told in words only: cards with pictures need an https address in YOULI_BASE_URL"
    for wrong in _wrong_templates(account):
        yield "wrong", wrong
    if not account.kind.rights:
        yield "ok", "an unverified account answers; what is not an answer waits for the person's next message"
        return
    if not (account.app_id and account.app_secret):
        needs = "YOULI_WECHAT_APP_ID and YOULI_WECHAT_APP_SECRET"
        yield "wrong", f"profile {account.profile} needs {needs}; until then we only answer"
        return
    known = await _known(account, api)
    yield known
    if known[0] == "ok":
        yield await _menu(api)
    if TEMPLATE in account.kind.rights and not (account.status_template or account.notice_template):
        settings = "YOULI_WECHAT_STATUS_TEMPLATE or YOULI_WECHAT_NOTICE_TEMPLATE"
        yield "note", f"news for people who have not written lately waits for their next message: set {settings}"
    if MASS in account.kind.rights and not account.mass_tag:
        yield "note", "the daily tip goes by the allowance of each person only: set YOULI_WECHAT_MASS_TAG"


def _wrong_templates(account: Account) -> Iterator[str]:
    """With these settings no server starts."""
    for name, written in (("STATUS", account.status_template), ("NOTICE", account.notice_template)):
        try:
            template(f"YOULI_WECHAT_{name}_TEMPLATE", written)
        except ValueError as error:
            yield str(error)


def way_out(refusal: Refusal, otherwise: str) -> str:
    """What the operator does about a refusal, or what is said ``otherwise``."""
    address = f" ({refusal.address})" if refusal.address else ""
    return WAYS_OUT[refusal.code].format(address=address) if refusal.code in WAYS_OUT else otherwise


async def _known(account: Account, api: Api) -> Found:
    """Whether WeChat takes our credentials."""
    try:
        await api.get("get_api_domain_ip")
    except Refusal as refusal:
        return "wrong", way_out(refusal, f"WeChat refuses our credentials: {refusal}")
    except TryLater as error:
        return "wrong", f"WeChat's API can't be reached at {account.api_base}: {error}"
    return "ok", "WeChat's API takes our credentials"


async def _menu(api: Api) -> Found:
    """Whether there is a menu; asking for it also tells whether the account is verified."""
    missing = "note", "no menu yet: main.py wechat menu --publish"
    try:
        found = await api.get("menu/get")
    except Refusal as refusal:
        if refusal.code in NO_RIGHT:
            return "wrong", NO_RIGHT_TO_MENU
        return missing if refusal.code == NO_MENU else ("note", f"the menu can't be read: {refusal}")
    except TryLater as error:
        return "note", f"the menu can't be read: {error}"
    return ("ok", "a menu is published") if found.get("menu") else missing


async def door(public_url: str, token: str, account: Account, http: httpx.AsyncClient) -> Found:
    """Knock at our own door as WeChat does: shake hands as when the server's address is submitted, then bring an
    event that changes nothing, in the account's mode."""
    url, timestamp, nonce, word = f"{public_url}/wechat", "1700000000", secrets.token_hex(8), secrets.token_hex(8)
    query = {"signature": _signature(token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
    try:
        answer = await http.get(url, params={**query, "echostr": word})
        if answer.status_code == 403:
            why = "has another YOULI_WECHAT_TOKEN than this command; give both the same and restart it"
            return "wrong", f"{url} {why}"
        if answer.status_code != 200 or answer.text != word:
            why = "the server there was not started with YOULI_WECHAT_TOKEN, or the proxy does not pass /wechat on"
            return "wrong", f"{url} says {answer.status_code}: {why}"
        return await _event(url, query, Envelope(token, account.app_id, account.aes_key), http)
    except httpx.HTTPError as error:
        return "wrong", f"{url} can't be reached from here ({type(error).__name__})"


async def _event(url: str, query: Mapping[str, str], envelope: Envelope, http: httpx.AsyncClient) -> Found:
    """Whether an event of a kind that nobody knows is read there."""
    body = envelope.seal(EVENT, query["timestamp"])
    if envelope.encrypted:
        named = {name: between(body, f"<{mark}>".encode(), f"</{mark}>".encode()) for name, mark in SEALED}
        query = {"timestamp": query["timestamp"], "encrypt_type": "aes", **named}
    answer = await http.post(url, params=query, content=body)
    match answer.status_code, envelope.encrypted:
        case 200, _:
            return "ok", f"{url} is reached, shakes hands and reads messages"
        case ((400 | 403), True):
            why = "another YOULI_WECHAT_AES_KEY or YOULI_WECHAT_APP_ID than this command, or no key"
            return "wrong", f"{url} can't read encrypted messages: the server there has {why}; restart it with the same"
        case ((400 | 403), False):
            return "wrong", f"{url} reads encrypted messages only: it has a YOULI_WECHAT_AES_KEY, this command has none"
        case code, _:
            return "wrong", f"{url} says {code} to a message: the log of the server there tells why"


def _signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # nosec B324 # noqa: S324 - WeChat's protocol
