"""``main.py wechat``: the Official Account's menu."""

from typing import Annotated

import typer

from commands.asking import safely
from commands.terminal import fail
from settings import Settings

wechat = typer.Typer(help="The WeChat Official Account: its menu.", no_args_is_help=True)


@wechat.command("menu")
def wechat_menu(
    publish: Annotated[bool, typer.Option("--publish", help="Make it the account's menu.")] = False,
    language: Annotated[str, typer.Option(help="zh or en; the city's language if left out.")] = "",
) -> None:
    """Show and check content/wechat_menu.toml; with --publish, make it the account's menu."""
    from arrangements import wechat_account
    from bot.channel import TryLater
    from bot.channels.wechat import menu as menus
    from bot.channels.wechat.api import NO_RIGHT, Api, Refusal
    from bot.channels.wechat.probe import NO_RIGHT_TO_MENU, way_out
    from bot.engine import COMMANDS
    from content.wechat_menu import read_menu
    from handlers import CONVERSATIONS

    async def do(settings: Settings) -> None:
        commands = COMMANDS.union(*(conversation.opens for conversation in CONVERSATIONS))
        base, spoken = settings.public_url, language or settings.language
        menu = menus.as_sent(read_menu(settings.content_dir, commands, base), spoken, base)
        for button in menu["button"]:
            for item in (button, *button.get("sub_button", ())):
                does = item.get("key") or item.get("url") or ""
                typer.echo(f"{'  ' if item is not button else ''}{item['name']}{'  → ' if does else ''}{does}")
        if not publish:
            typer.echo("\nIt is right. «main.py wechat menu --publish» makes it the account's menu.")
            return
        account = wechat_account(settings)
        if not (account.app_id and account.app_secret):
            fail("Publishing needs YOULI_WECHAT_APP_ID and YOULI_WECHAT_APP_SECRET.", 2)
        api = Api(account.api_base, account.app_id, account.app_secret)
        try:
            await menus.publish(api, menu)
        except Refusal as refusal:
            refused = NO_RIGHT_TO_MENU if refusal.code in NO_RIGHT else f"WeChat refuses the menu: {refusal}"
            fail(way_out(refusal, refused))
        except TryLater as error:
            fail(f"WeChat can't be reached at {account.api_base}: {error}")
        finally:
            await api.close()
        typer.echo("\nPublished. People see it within five minutes, or at once when they open the chat anew.")

    safely(do)
