"""``main.py demo``: a made-up history for the fictional city, and its end."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from commands.asking import safely
from commands.terminal import fail
from content.library import Library
from settings import Settings

MONTH = 30  # days


def demo(
    months: Annotated[int, typer.Option(min=1, max=12, help="So many months up to now.")] = 3,
    people: Annotated[int, typer.Option(min=1, max=5000, help="So many residents.")] = 300,
    seed: Annotated[int, typer.Option(min=0, help="The same number makes the same people.")] = 7,
    remove: Annotated[bool, typer.Option("--remove", help="Delete all that was made up, and nothing else.")] = False,
) -> None:
    """Fill the fictional demo city with months of made-up activity. Refused beside real data."""
    from civic.errors import Refused

    async def do(settings: Settings) -> None:
        from opening import desk_path, read_library
        from web.desk import DeskCall

        call = await DeskCall.to(desk_path(settings))
        library = read_library(settings)
        try:
            if call is not None:
                await call.aclose()
                raise Refused("demo.server_runs")
            await (_remove(settings) if remove else _fill(settings, library, months, people, seed))
        except Refused as refused:
            fail(library.texts.render(settings.language, refused.key, **refused.params))

    safely(do)


async def _fill(settings: Settings, library: Library, months: int, people: int, seed: int) -> None:
    from assembly import the_house
    from bot.media import Media
    from bot.photos import Darkroom
    from civic.errors import Refused
    from demo.album import Album
    from demo.city import MadeUpCity, Plan
    from demo.days import Hands
    from demo.script import read_script
    from opening import open_store

    script, now = read_script(settings.content_dir), datetime.now(UTC)
    if not library.city.fictional:
        raise Refused("demo.real_city", city=library.city.id)
    hands, darkroom = Hands(now), Darkroom()
    try:
        async with open_store(settings, upgrade=True, clock=hands) as database:
            media = Media.open(settings.media_url, settings.data_dir / "media", settings.media_hosts)
            city = MadeUpCity(
                database,
                the_house(settings, library),
                media,
                Album(media, darkroom, settings.data_dir / "incoming"),
                script,
            )
            first = now.astimezone(settings.zone).date() - timedelta(days=MONTH * months)
            with typer.progressbar(length=MONTH * months + 1, label="living the days") as bar:
                await city.fill(Plan(seed, people, first, now), hands, lambda days: bar.update(days - bar.pos))
    finally:
        darkroom.close()
    typer.echo("The demo city is there: «main.py run», then /chat, /stats, /console. «main.py demo --remove» ends it.")


async def _remove(settings: Settings) -> None:
    from actions.rolling import Roller
    from actions.tidying import delete_files
    from bot.media import Media
    from civic.errors import Refused
    from db import demo as rows
    from opening import open_store

    async with open_store(settings, upgrade=True) as database:
        if await database.read(rows.find) is None:
            raise Refused("demo.none")
        await database.write(rows.remove)
        await delete_files(database, Media.open(settings.media_url, settings.data_dir / "media", settings.media_hosts))
        await Roller(database, settings.zone).rebuild()
    typer.echo("What was made up is gone.")
