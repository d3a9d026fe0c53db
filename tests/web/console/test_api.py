"""The office's own programs read with a token what its owner sees; and the public takes files of figures away."""

import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from arro3.io import read_parquet
from starlette.applications import Starlette

from actions import people, tokens
from actions.people import Post
from bot.dispatch import Dispatch
from civic.staff import ADMINISTRATOR, Staff
from db.database import Database
from db.tokens import end
from tests.actions.test_statistics import reporting
from tests.play import Time
from tests.web.console.office import Office
from tests.web.test_stats import quiz_week
from web import stats
from web.api import PACE, Programs
from web.throttle import Alone

MACHINE = Staff("terminal", ADMINISTRATOR)


@pytest.fixture
async def program(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    """A program without a token yet."""
    routes = [*Programs(office.parts, Alone()).routes(), *stats.routes(office.parts)]
    transport = httpx.ASGITransport(Starlette(routes=routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://youli.example") as client:
        yield client


async def token(office: Office, role: str, departments: tuple[str, ...] = (), login: str = "chen") -> dict[str, str]:
    post = Post("Chen", role, frozenset(departments), frozenset())
    await office.database.write(people.add, office.parts.house.library, MACHINE, login, post, "zh")
    made = await office.database.write(tokens.make, MACHINE, login, "dashboard", 30)
    return {"authorization": f"Bearer {made}"}


async def test_a_program_reads_figures_that_the_public_does_not_see(
    office: Office, program: httpx.AsyncClient, database: Database
) -> None:
    await database.write(reporting)
    answer = await program.get("/api/figures.json?period=last-7", headers=await token(office, "viewer"))
    assert answer.status_code == 200
    found = {one["key"]: one for one in answer.json()["figures"]}
    assert found["rework_rate"]["denominator"] == found["closing_rate"]["denominator"] == 4
    assert "department" in found["closing_rate"]["by"]
    assert answer.headers["cache-control"] == "no-store"


async def test_reports_come_page_by_page_without_people_and_words(
    office: Office, program: httpx.AsyncClient, database: Database
) -> None:
    await database.write(reporting)
    headers, seen, after = await token(office, "viewer"), [], 0
    while after is not None:
        page: Any = (await program.get(f"/api/reports.json?after={after}&limit=4", headers=headers)).json()
        seen += [one["id"] for one in page["reports"]]
        after = page["next"]
        assert page["reports"][0].keys() & {"note", "place", "lat", "lon", "resident_id", "answers"} == set()
    assert seen == list(range(1, 10))


async def test_it_sees_no_more_than_its_owner(office: Office, program: httpx.AsyncClient, database: Database) -> None:
    await database.write(reporting)
    headers = await token(office, "handler", ("urban",))
    assert (await program.get("/api/reports.json", headers=headers)).json() == {"reports": [], "next": None}


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer nonsense", "Basic eDp5", "Bearer youli_\u00e9"])
async def test_without_a_good_token_nothing_is_told(program: httpx.AsyncClient, given: str | None) -> None:
    headers = {} if given is None else {b"authorization": given.encode("latin-1")}
    for path in ("/api/figures.json", "/api/reports.json"):
        answer = await program.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["error"]["code"] == "token.unknown"


async def test_a_token_ends_with_its_time_its_owner_or_by_hand(
    office: Office, program: httpx.AsyncClient, time: Time
) -> None:
    headers = await token(office, "viewer")
    [kept] = await office.database.read(tokens.listed, MACHINE, "chen")
    assert (kept.name, kept.used_day) == ("dashboard", None)
    assert (await program.get("/api/reports.json", headers=headers)).status_code == 200
    [kept] = await office.database.read(tokens.listed, MACHINE, "chen")
    assert kept.used_day == "2026-11-23"
    await office.database.write(end, kept.staff_id, kept.id)
    assert (await program.get("/api/reports.json", headers=headers)).status_code == 401
    headers = await token(office, "viewer", login="liu")
    time.passes(days=31)
    assert (await program.get("/api/reports.json", headers=headers)).status_code == 401
    headers = await token(office, "viewer", login="sun")
    [kept] = await office.database.read(tokens.listed, MACHINE, "sun")
    await office.database.write(people.disable, MACHINE, kept.staff_id)
    assert (await program.get("/api/reports.json", headers=headers)).status_code == 401


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "after=-1", "after=" + "9" * 30])
async def test_what_makes_no_sense_is_refused(office: Office, program: httpx.AsyncClient, query: str) -> None:
    answer = await program.get(f"/api/reports.json?{query}", headers=await token(office, "viewer"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bot.bad_request")
    answer = await program.get("/api/figures.json?period=sometime", headers=await token(office, "viewer", login="liu"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "stats.bad_period")


async def test_a_program_that_asks_too_often_waits(office: Office, program: httpx.AsyncClient) -> None:
    headers = await token(office, "viewer")
    answers = [await program.get("/api/reports.json", headers=headers) for _ in range(PACE.amount + 1)]
    assert [one.status_code for one in answers].count(200) == PACE.amount
    assert (answers[-1].status_code, answers[-1].headers["retry-after"]) == (429, "60")


async def test_parquet_holds_the_same_numbers_and_says_what_is_hidden(
    program: httpx.AsyncClient, database: Database, dispatch: Dispatch
) -> None:
    await database.write(quiz_week)
    answer = await program.get("/stats.parquet?period=2026-W47")
    assert answer.headers["content-disposition"] == 'attachment; filename="youli-stats-2026-W47.parquet"'
    table = read_parquet(io.BytesIO(answer.content)).read_all()
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    lines = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    answers = {one["key"]: one for one in lines if one["figure"] == "quiz_answers" and one["by"] in {"", "area"}}
    assert (answers[""]["value"], answers["hefeng"]["value"]) == (12.0, 6.0)
    assert (answers["songtao"]["value"], answers["songtao"]["hidden"]) == (None, "c")
    empty = next(one for one in lines if one["figure"] == "closing_rate" and not one["by"])
    assert (empty["value"], empty["hidden"]) == (None, "")
    words = (await program.get("/stats/dictionary.json?lang=en")).json()
    assert {one["name"] for one in words["columns"]} == set(columns)
    page = (await program.get("/stats?period=2026-W47")).text
    for door in (".csv", ".json", ".parquet", "/dictionary.json"):
        assert f'href="/stats{door}?' in page  # whoever looks at the figures finds what there is to download
    assert {one["key"] for one in words["figures"]} == {one["figure"] for one in lines}
