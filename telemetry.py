"""Traces for OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT asks for them: a span for each request, turn, commit and
letter. They hold kinds, numbers and times: no words, places, people, addresses or links, so no path that somebody made
up and no caller's headers. (The maintained ASGI instrumentation writes whole addresses with their queries, where our
signed links are.) Without the variable nothing is imported and nothing stands in the way of a request.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from bot.asgi import Door, Receive, Scope, Send
from settings import version
from web.tracing import request_number

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

log = logging.getLogger("youli.telemetry")
PACKAGES = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
MISSING = (
    "OTEL_EXPORTER_OTLP_ENDPOINT asks for traces, and the packages for them are not installed:"
    " .venv/bin/python -m pip install --require-hashes --requirement requirements-telemetry.lock"
)
SILENT = {"/healthz", "/readyz", "/metrics", "/chat/events"}  # asked for all the time; open for hours
METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}


def installed(packages: Sequence[str] = PACKAGES) -> bool:
    """Whether what makes and sends traces is there."""
    try:
        return all(find_spec(name) is not None for name in packages)
    except ModuleNotFoundError:  # not even what they lie in
        return False


@asynccontextmanager
async def telling() -> AsyncIterator["Traces | None"]:
    """Traces that are sent while the block lasts and once more at its end; None, and a line in the log, where the
    packages are missing. The SDK reads the usual OTEL_* variables: service name, headers, sampler, batches."""
    if not installed():
        log.error(MISSING)
        yield None
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({"service.version": version()})
    if str(resource.attributes.get("service.name", "")).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": "youli"}))
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    try:
        yield Traces(provider.get_tracer("youli"))
    finally:
        await asyncio.to_thread(provider.shutdown)


class Traces:
    """What is told of, each with the ids and kinds that the log has."""

    def __init__(self, tracer: "Tracer") -> None:
        self._tracer = tracer

    def turn(self, channel: str, seconds: float) -> None:
        """A turn that is over, within the request that brought it."""
        self._over("turn", seconds, {"youli.channel": channel})

    def commit(self, units: int, seconds: float) -> None:
        """A commit of the embedded database, which carries the units of many."""
        self._over("commit", seconds, {"youli.units": units})

    def letter(self, channel: str, number: int, outcome: str, seconds: float) -> None:
        """A letter that a postman had in hand."""
        self._over("letter", seconds, {"youli.channel": channel, "youli.letter": number, "youli.outcome": outcome})

    def _over(self, name: str, seconds: float, attributes: dict[str, Any]) -> None:
        now = time.time_ns()
        span = self._tracer.start_span(name, start_time=now - int(seconds * 1e9), attributes=attributes)
        span.end(now)

    def around(self, site: Door, hot: Callable[[str, str], bool]) -> Door:
        """The application, each request a span. ``hot`` tells whether a method and path are one of our doors'."""
        from opentelemetry.trace import SpanKind, Status, StatusCode

        async def door(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"] in SILENT:
                return await site(scope, receive, send)
            method = scope["method"] if scope["method"] in METHODS else "_OTHER"
            known = hot(scope["method"], scope["path"])
            name = f"{method} {scope['path']}" if known else method
            ids = {"http.request.method": method, "youli.request": request_number(scope)}
            with self._tracer.start_as_current_span(
                name, kind=SpanKind.SERVER, attributes=ids, record_exception=False, set_status_on_exception=False
            ) as span:

                async def seen(message: Any) -> None:
                    if message["type"] == "http.response.start":
                        span.set_attribute("http.response.status_code", message["status"])
                        if message["status"] >= 500:
                            span.set_status(Status(StatusCode.ERROR))
                    await send(message)

                try:
                    await site(scope, receive, seen)
                finally:
                    if not known and (room := getattr(scope.get("endpoint"), "__qualname__", "")):
                        span.update_name(f"{method} {room}")
            return None

        return door
