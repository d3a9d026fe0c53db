"""Photos for staff who see a report they belong to: their copies, and what is veiled on them."""

from collections.abc import Sequence

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from actions import casework
from actions.audit import note_opened, opened
from bot.media import MediaMissing
from civic.errors import Refused
from civic.staff import VIEWER
from db import photos, report_photos, veils
from db.tx import Tx
from db.veils import Part, Veil
from web.console.doorman import Doorman
from web.console.pages import Pages
from web.console.visit import Visit
from web.parts import Parts

SIDES = ("left", "top", "width", "height")
EMPTY = 3  # rows for new parts where there is no script to add them


class Photos:
    """GET /console/photos/ID/SIZE.jpg, and /console/reports/NUMBER/photos/ID, where more is veiled."""

    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts, self._pages = parts, pages

    def routes(self, doorman: Doorman) -> list[Route]:
        """All doors."""
        return [
            doorman.page("/console/photos/{photo:int}/{size}.jpg", self._photo),
            doorman.page("/console/reports/{number}/photos/{photo:int}", self._page),
            doorman.form("/console/reports/{number}/photos/{photo:int}", self._veil, "veil"),
        ]

    async def _photo(self, visit: Visit) -> Response:
        """A copy of a photo of a report that is theirs to see. A large one by its address alone is a look into the
        report, too."""
        photo, size, zone = _id(visit), visit.request.path_params["size"], self._parts.house.zone

        def look(tx: Tx) -> tuple[str | None, list[str], list[str]]:
            numbers = casework.with_photo(tx, visit.staff, photo)
            fresh = [] if size == "small" else [one for one in numbers if not opened(tx, visit.staff, zone, one)]
            return photos.copy_key(tx, photo, size), numbers, fresh

        key, numbers, fresh = await self._parts.database.read(look)
        if key is None or not numbers:
            raise Refused("console.not_found")
        await self._note(visit, fresh)
        try:
            picture = await self._parts.media.get(key)
        except MediaMissing:
            raise Refused("console.not_found") from None
        return Response(picture, media_type="image/jpeg", headers={"cache-control": "private, max-age=86400"})

    async def _note(self, visit: Visit, numbers: Sequence[str]) -> None:
        def unit(tx: Tx) -> None:
            for number in numbers:
                note_opened(tx, visit.staff, self._parts.house.zone, number)

        if numbers:
            await self._parts.database.write(unit)

    async def _page(self, visit: Visit) -> Response:
        number, zone = visit.request.path_params["number"], self._parts.house.zone
        if not await self._parts.database.read(opened, visit.staff, zone, number):
            await self._note(visit, [(await self._parts.database.read(casework.visible, visit.staff, number)).number])
        return await self._show(visit)

    async def _show(self, visit: Visit, status: int = 200, said: str | None = None) -> Response:
        photo, number = _id(visit), visit.request.path_params["number"]

        def look(tx: Tx) -> tuple[str, Veil]:
            report = casework.visible(tx, visit.staff, number)
            if photo not in report_photos.photos_of(tx, report.id):
                raise Refused("console.not_found")
            return report.number, veils.of(tx, [photo])[photo]

        found, veil = await self._parts.database.read(look)
        rows: list[dict[str, object]] = [
            dict(zip(SIDES, (f"{side / 10:g}" for side in part), strict=True)) for part in veil.parts
        ]
        if visit.form:  # what was refused stands as it was typed
            rows = [dict(zip(SIDES, row, strict=True)) for row in _typed(visit)]
        view = {
            "number": found,
            "photo": photo,
            "veil": veil,
            "rows": rows,
            "empty": EMPTY,
            "most": casework.MOST_PARTS,
            "may_veil": visit.staff.may("veil") and visit.staff.role != VIEWER,
        }
        return self._pages.show(visit, "photo.html", status, room="queue", said=said, **view)

    async def _veil(self, visit: Visit) -> Response:
        photo, number = _id(visit), visit.request.path_params["number"]
        try:
            parts = _parts(visit)
            withheld = not visit.text("shown")
            await self._parts.database.write(casework.veil, visit.staff, number, photo, parts, withheld=withheld)
        except Refused as refused:
            if not refused.key.startswith("veil."):
                raise
            return await self._show(visit, 422, self._pages.why(refused, visit.language))
        return RedirectResponse(f"/console/reports/{number}/photos/{photo}#sent", 303)


def _id(visit: Visit) -> int:
    return min(int(visit.request.path_params["photo"]), 2**62)


def _typed(visit: Visit) -> list[tuple[str, ...]]:
    """The rows of the form that are not empty, side by side."""
    columns = [visit.texts(side) for side in SIDES]
    if len({len(column) for column in columns}) > 1:
        raise Refused("bot.bad_request")
    return [row for row in zip(*columns, strict=True) if any(row)]


def _parts(visit: Visit) -> list[Part]:
    """Percents, with one figure behind the point, as thousandths. Raises Refused."""
    found: list[Part] = []
    for row in _typed(visit):
        try:
            left, top, width, height = (round(float(side.replace(",", ".")) * 10) for side in row)
        except (ValueError, OverflowError):
            raise Refused("veil.bad_part") from None
        found.append((left, top, width, height))
    return found
