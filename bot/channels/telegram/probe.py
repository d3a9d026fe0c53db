"""A look from outside, for ``main.py check``: is the token good, does the webhook stand?"""

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
