"""``main.py poster``: printable sheets with codes."""

from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.asking import safely
from commands.terminal import fail
from settings import Settings

if TYPE_CHECKING:
    from web.codes import Doors


def poster(
    area: Annotated[str | None, typer.Option(help="A community or district, by id or name.")] = None,
    campaign: Annotated[str | None, typer.Option(help="A campaign's id: letters, digits, - and _.")] = None,
    title: Annotated[str, typer.Option(help="The campaign's name, as printed.")] = "",
    everywhere: Annotated[bool, typer.Option("--all", help="One sheet for each community.")] = False,
    png: Annotated[bool, typer.Option("--png", help="A picture as well, to show in chats and on screens.")] = False,
    folder: Annotated[
        Path | None, typer.Option("--to", help="Where to; posters in the data directory if left out.")
    ] = None,
    telegram_name: Annotated[
        str | None, typer.Option(help="The Telegram bot's name, instead of asking for it.")
    ] = None,
    wechat_qr: Annotated[
        Path | None, typer.Option(help="A picture of the WeChat account's own code.", exists=True, dir_okay=False)
    ] = None,
) -> None:
    """Printable A4 sheets with codes for the web chat, Telegram and WeChat; who comes is counted by sheet."""
    from civic.errors import Refused
    from opening import read_library
    from web.poster import KINDS, draw, orders

    async def make(settings: Settings) -> None:
        library = read_library(settings)

        def words(key: str, **params: object) -> str:
            return library.texts.render(settings.language, key, **params)

        try:
            wanted = orders(library.city, area, campaign, title, everywhere)
            target = folder or settings.data_dir / "posters"
            async with aclosing(await _doors(settings, telegram_name, wechat_qr)) as doors:
                if doors.wechat is None and settings.wechat_token.get_secret_value():
                    typer.secho(words("poster.wechat_left_out"), fg=typer.colors.YELLOW, err=True)
                target.mkdir(parents=True, exist_ok=True)
                with typer.progressbar(wanted, label=words("poster.making")) as watched:
                    for order in watched:
                        codes = await doors.codes(order.payload)
                        for kind in KINDS[: 1 + png]:
                            (target / f"{order.payload}.{kind}").write_bytes(draw(library, order, codes, kind))
        except Refused as refused:
            fail(words(refused.key, **refused.params))
        typer.echo(words("poster.made", n=len(wanted), folder=target))

    safely(make)


async def _doors(settings: Settings, telegram_name: str | None, wechat_qr: Path | None) -> "Doors":
    """Where a poster's codes lead: every channel that is configured, and what the operator gave."""
    from bot.channels.wechat import CODE, PROFILES
    from bot.channels.wechat.api import Api
    from civic.errors import Refused
    from web import codes
    from web.poster import picture

    if not settings.base_url:
        raise Refused("poster.no_address")
    token = settings.telegram_token.get_secret_value()
    telegram = codes.checked_name(telegram_name) if telegram_name else ""
    if token and not telegram:
        telegram = await codes.telegram_name(token, settings.telegram_api_base, settings.data_dir / "telegram-name")
    if wechat_qr is not None:
        return codes.Doors(settings.public_url, telegram, picture(wechat_qr.read_bytes()))
    secret = settings.wechat_app_secret.get_secret_value()
    if settings.wechat_app_id and secret and CODE in PROFILES[settings.wechat_profile].rights:
        return codes.Doors(settings.public_url, telegram, Api(settings.wechat_api_base, settings.wechat_app_id, secret))
    return codes.Doors(settings.public_url, telegram)
