"""The page of one report, GET /r/TOKEN: for whoever the resident gives its address."""

from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from actions.publishing import PublicReport, published
from bot.media import MediaMissing
from content.library import Library
from db import photos
from db.moments import from_ms
from web.door import reader_language, refusal
from web.parts import Parts

HEADERS = {"cache-control": "private, no-cache", "x-robots-tag": "noindex, nofollow"}


def report_pages(parts: Parts) -> list[BaseRoute]:
    """GET /r/TOKEN and GET /r/TOKEN/PHOTO.jpg."""

    async def find(request: Request) -> PublicReport | None:
        number = parts.house.links.report_of(request.path_params["token"])
        return await parts.database.read(published, parts.house.library, number) if number else None

    async def page(request: Request) -> Response:
        report = await find(request)
        if report is None:
            return refusal(request, parts, 404, "bot.not_found")
        language = reader_language(request, parts)
        html = parts.templates.get_template("report.html").render(_view(parts, report, language), base=request.url.path)
        return Response(html, media_type="text/html", headers=HEADERS | {"content-language": language})

    async def photo(request: Request) -> Response:
        """The small public copy of a photo that is on the page."""
        report, number = await find(request), request.path_params["photo"]
        if report is None or number not in report.before + report.after:
            return refusal(request, parts, 404, "bot.not_found")
        key = await parts.database.read(photos.copy_key, number, "small")
        try:
            picture = await parts.media.get(key) if key else None
        except MediaMissing:
            picture = None
        if picture is None:
            return refusal(request, parts, 404, "bot.not_found")
        return Response(picture, media_type="image/jpeg", headers=HEADERS)

    return [Route("/r/{token}", page), Route("/r/{token}/{photo:int}.jpg", photo)]


def _view(parts: Parts, report: PublicReport, language: str) -> dict[str, object]:
    """What report.html needs, in words."""
    house = parts.house
    library = house.library
    category = library.categories.get(report.category)
    moves = [
        {"when": _moment(library, house.zone, language, move.at), "words": _words(library, language, move.move)}
        for move in report.moves
    ]
    return {
        "words": lambda key, **params: library.texts.render(language, key, **params),
        "language": language,
        "city": library.city.in_language(language).name,
        "report": report,
        "category": category.in_language(language).name if category else report.category,
        "emoji": category.emoji if category else "",
        "status": library.texts.render(language, f"shared.status.{report.status}"),
        "steps": library.city.progress(report.status, language),
        "department": library.city.department_name(report.department or "", language),
        "created": _moment(library, house.zone, language, report.created_at),
        "due": _moment(library, house.zone, language, report.due_at),
        "area": _area(library, report.area, language),
        "moves": moves,
    }


def _moment(library: Library, zone: ZoneInfo, language: str, at: int) -> str:
    moment = from_ms(at).astimezone(zone)
    return library.texts.render(
        language, "shared.moment", year=moment.year, month=moment.month, day=moment.day, time=f"{moment:%H:%M}"
    )


def _words(library: Library, language: str, move: str) -> str:
    return library.texts.render(language, f"shared.move.{move}")


def _area(library: Library, area: str | None, language: str) -> str:
    """District and community by name; a community that the city no longer has is not told."""
    community = library.city.communities.get(area or "")
    if community is None:
        return ""
    district = library.city.district_of[community.id].in_language(language)
    return library.texts.render(language, "shared.area", district=district, community=community.in_language(language))
