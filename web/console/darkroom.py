"""Photos that staff add: received to disk, examined, developed, like a resident's."""

from collections.abc import AsyncIterator
from pathlib import Path

from starlette.datastructures import UploadFile

from bot.messages import Photo
from bot.photos import receive
from civic.errors import Refused
from web.console.visit import Visit
from web.parts import Parts

PHOTOS = 6  # with one move
LARGEST = 20_000_000  # bytes of one


async def developed(visit: Visit, parts: Parts, folder: Path) -> tuple[Photo, ...]:
    """The photos of a form, in the store. Raises Refused: too many, too large, no picture."""
    uploads = visit.uploads("photo")
    if len(uploads) > PHOTOS:
        raise Refused("bot.too_many_photos", limit=PHOTOS)
    found = []
    for upload in uploads:
        staged = await receive(_chunks(upload), LARGEST, folder)
        picture = await parts.darkroom.develop(staged, parts.media)
        found.append(Photo(picture.sha256, picture))
    return tuple(found)


async def _chunks(upload: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await upload.read(256 * 1024):
        yield chunk
