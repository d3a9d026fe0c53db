"""A look from outside, for ``main.py check``: is the token good, does the webhook stand, is our door reached?"""

import httpx

from bot.channel import SendFailure
from bot.channels.telegram import TOKEN, Hook
from bot.channels.telegram.api import Api
from bot.channels.telegram.attend import Status, about, explain

PATIENCE = 8.0  # seconds


async def probe(token: str, base: str, hook: Hook | None) -> list[Status]:
    """Ask Telegram about the bot and its webhook. Nothing is changed, and a running bot is not disturbed."""
    if not TOKEN.fullmatch(token):
        return [Status("wrong", "YOULI_TELEGRAM_TOKEN is no token: it looks like 123456789:ABC-def…")]
    api = Api(token, base)
    try:
        me = await api.call("getMe", {}, PATIENCE)
        found = [Status("ok", f"@{me.get('username', me['id'])} answers")]
        return [*found, about(await api.call("getWebhookInfo", {}, PATIENCE), hook)]
    except SendFailure as failure:
        return [explain(failure, hook)]
    finally:
        await api.close()


async def door(hook: Hook, http: httpx.AsyncClient) -> Status:
    """Knock at our own webhook as Telegram would, with an update that is none."""
    try:
        answer = await http.post(hook.url, content=b"{}", headers={"x-telegram-bot-api-secret-token": hook.secret})
    except httpx.HTTPError as error:
        return Status("wrong", f"{hook.url} can't be reached from here ({type(error).__name__})")
    match answer.status_code:
        case 400:
            return Status("ok", f"{hook.url} is reached and knows the secret")
        case 403:
            return Status(
                "wrong",
                f"{hook.url} expects another secret: the server there runs with another YOULI_SECRET_KEY or "
                "YOULI_TELEGRAM_WEBHOOK_SECRET than this command; give both the same and restart it",
            )
        case code:
            return Status(
                "wrong",
                f"{hook.url} says {code}: the server there was not started with YOULI_TELEGRAM_MODE=webhook, or the "
                "proxy does not pass POST /telegram on",
            )
