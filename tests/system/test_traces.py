"""Traces by OTLP, as a collector receives them: what happened and when, and nothing of what people said or are."""

import asyncio
import subprocess
import sys

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import checkup
from telemetry import MISSING, PACKAGES, installed
from tests.fakes.served import served
from tests.play import ROOT
from tests.system import wechat
from tests.system.conftest import Starter
from tests.system.server import TOKEN
from tests.system.test_logs import PERSONAL, dialogue, wechat_too
from tests.system.visitor import Visitor, browser


async def test_a_collector_gets_requests_turns_and_commits_and_nothing_personal(
    starter: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    came: list[tuple[bytes, str]] = []

    async def take(request: Request) -> Response:
        came.append((await request.body(), request.headers.get("x-key", "")))
        return Response(b"", media_type="application/x-protobuf")

    with served(Starlette(routes=[Route("/v1/traces", take, methods=["POST"])])) as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=of-the-collector")
        monkeypatch.setenv("OTEL_SERVICE_NAME", "youli-hefeng")
        server = starter()
        await asyncio.to_thread(server.start)
        async with browser(server.url) as client:
            visitor = Visitor(client)
            await dialogue(visitor)
            await wechat_too(client)
            cookie = visitor.cookie
        await asyncio.to_thread(server.stop)  # what waits is sent
    assert {key for _, key in came} == {"of-the-collector"}
    sent = [resource for body, _ in came for resource in ExportTraceServiceRequest.FromString(body).resource_spans]
    names = {one.key: one.value.string_value for one in sent[0].resource.attributes}
    assert names["service.name"] == "youli-hefeng" and names["service.version"]
    spans = [span for resource in sent for scope in resource.scope_spans for span in scope.spans]
    requests = {span.span_id: span for span in spans if span.name.startswith(("GET ", "POST "))}
    turns = [span for span in spans if span.name == "turn"]
    assert {"POST /chat/messages", "POST /wechat", "GET Chat._history"} <= {span.name for span in requests.values()}
    assert any(span.name == "commit" for span in spans)
    assert turns and all(turn.parent_span_id in requests for turn in turns)
    assert all(any(one.key == "youli.request" for one in span.attributes) for span in requests.values())
    secret = (server.data / "secret.key").read_text("utf-8")
    told = b"".join(body for body, _ in came)
    access = (TOKEN, secret, cookie, cookie.partition(".")[0], wechat.signed()["signature"], wechat.FOLLOWER)
    assert [word for word in (*PERSONAL, *access, "127.0.0.1") if word.encode() in told] == []


def test_without_the_variable_nothing_of_it_is_imported() -> None:
    asked = "import sys, assembly, checkup, serving; print([name for name in sys.modules if 'opentelemetry' in name])"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert done.stdout.strip() == "[]"


def test_check_says_what_is_missing_for_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    assert checkup.traces() == []
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    assert [one.state for one in checkup.traces()] == ["ok"]
    assert installed(PACKAGES) and not installed(("opentelemetry_missing.sdk",))
    assert [(one.state, one.words) for one in checkup.traces(("nowhere.sdk",))] == [("wrong", MISSING)]
