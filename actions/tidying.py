"""Files that nobody needs any more: deleted after the commit that gave them up."""

from bot.media import Media
from db import residents
from db.database import Database

PAGE = 100  # files


async def delete_files(database: Database, media: Media) -> None:
    """Delete what was given up, unless a photo uses it after all."""
    while (found := await database.read(residents.discarded, PAGE))[0]:
        keys, needed = found
        for key in keys:
            if key not in needed:
                await media.delete(key)
        await database.write(residents.forget_discarded, keys)
