"""Pages for everybody that say something: the privacy notice."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from web.door import reader_language
from web.parts import Parts


def public_pages(parts: Parts) -> list[BaseRoute]:
    """GET /privacy."""

    async def privacy(request: Request) -> Response:
        language = reader_language(request, parts)
        library = parts.house.library
        html = parts.templates.get_template("privacy.html").render(
            words=lambda key, **params: library.texts.render(language, key, **params),
            language=language,
            city=library.city.in_language(language).name,
        )
        return Response(html, media_type="text/html")

    return [Route("/privacy", privacy)]
