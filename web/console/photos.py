"""The public copies of photos, for staff who see a report they belong to."""

from starlette.responses import Response
from starlette.routing import Route

from bot.media import MediaMissing
from civic.errors import Refused
from db import photos
from web.console.doorman import Doorman
from web.console.visit import Visit
from web.parts import Parts


class Photos:
    """GET /console/photos/ID/SIZE.jpg."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self, doorman: Doorman) -> list[Route]:
        """All doors."""
        return [doorman.page("/console/photos/{photo:int}/{size}.jpg", self._photo)]

    async def _photo(self, visit: Visit) -> Response:
        """The public copy of a photo of a report that is theirs to see."""
        photo, size = min(visit.request.path_params["photo"], 2**62), visit.request.path_params["size"]
        key, seen = await self._parts.database.read(
            lambda tx: (photos.copy_key(tx, photo, size), photos.seen_in(tx, photo))
        )
        if key is None or not any(visit.staff.sees(*place) for place in seen):
            raise Refused("bot.not_found")
        try:
            picture = await self._parts.media.get(key)
        except MediaMissing:
            raise Refused("bot.not_found") from None
        return Response(picture, media_type="image/jpeg", headers={"cache-control": "private, max-age=86400"})
