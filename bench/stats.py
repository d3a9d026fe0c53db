"""``python -m bench stats``: what the dashboards' figures cost over a journal of one to ten million lines.

Each dashboard is a selection of the catalogue's figures with breakdowns, for 90 days and 300 communities. Beside it
stands what the database takes to deliver the rows of sums and sets that it read («rows»), without anything being made
of them; the same question by GROUP BY over the journal, on the same database; and by DuckDB, which keeps columns.
"""

import argparse
import asyncio
import csv
import gc
import json
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unittest.mock import patch

from sqlalchemy import TextClause, text

from actions.statistics import statistics as figures
from bench import chronicle
from bench.filled import Filled, filled
from bench.servers import ROOT
from bench.subjects import PEERS
from civic.catalogue import FIGURES
from civic.figures import Figure
from civic.periods import Period
from content.library import Library, load
from db.database import Database
from db.tx import Tx
from web.figures.views import VIEWS, chosen

TITLES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
TIMES, SLOW_TIMES = 15, 2
LIMIT, RATIO = 100, 3  # milliseconds at the median, and times the rows alone: as promised
DASHBOARDS = {  # as staff see them: name → figures with the breakdowns that are drawn, and a district
    **{view: (chosen(FIGURES, view, None, None), None) for view in VIEWS if view != "areas"},
    "areas: active": (chosen(FIGURES, "areas", None, "active"), None),
    "areas: on time": (chosen(FIGURES, "areas", None, "on_time_rate"), None),
    "people, district": (chosen(FIGURES, "people", None, None), "d3"),
}
WITHIN = "day BETWEEN '{first}' AND '{last}'"
QUIZ = "deed = 'quiz_answer'"
OWN = "deed NOT IN ('tip_delivered', 'report_accepted', 'survey_asked')"
RAW = {  # the heart of a dashboard's question, asked of the journal itself
    "people": f"SELECT day, count(DISTINCT resident_id) FROM journal WHERE {WITHIN} AND {OWN} GROUP BY day",
    "learning": f'SELECT topic, count(*), sum("right") FROM journal WHERE {WITHIN} AND {QUIZ} GROUP BY topic',
    "areas: active": f"SELECT area, count(DISTINCT resident_id) FROM journal WHERE {WITHIN} AND {OWN} GROUP BY area",
}
COLUMNS = ("day", "resident_id", "deed", "topic", "area", "channel", "right")


class Took(NamedTuple):
    """Milliseconds: by the clock, and of processor time, PostgreSQL's included. On a busy machine only the second says
    anything."""

    wall: float
    cpu: float


Cost = Callable[[], float]


async def measure(base: Filled, library: Library, raw: bool) -> dict[str, Any]:
    """Ask. By dashboard: (whole, rows alone, by GROUP BY)."""
    database = await base.open()
    try:
        today = base.state.today
        period = Period("", today - timedelta(days=chronicle.DAYS), today - timedelta(days=1), today)
        cost = await costs(database, base.kind)
        found: dict[str, Any] = {"asked": {}}
        for name, (wanted, area) in DASHBOARDS.items():
            whole = await median(database, cost, asking(library, period, wanted, area))
            rows = await median(database, cost, await reading(database, library, period, wanted, area))
            by_hand = None
            if raw and name in RAW:
                sql = text(RAW[name].format(first=period.start, last=period.end))
                by_hand = await median(database, cost, partial(_rows, sql=sql), SLOW_TIMES)
            found["asked"][name] = (whole, rows, by_hand)
        if raw and base.kind == "sqlite" and PEERS.exists():
            found["columns"] = await columns(database, base.folder, period)
        return found
    finally:
        await database.close()


async def costs(database: Database, kind: str) -> Cost:
    """What tells the processor seconds spent so far: ours, and those of PostgreSQL's processes that work for us."""
    if kind == "sqlite":
        return time.process_time
    theirs = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
    pids = await database.read(lambda tx: [*tx.execute(text("SELECT pg_backend_pid()")).scalars()])
    pids += await database.read(lambda tx: [*tx.execute(theirs).scalars()])
    # proc(5), schedstat: the first number are nanoseconds on a processor.
    files = [Path(f"/proc/{pid}/schedstat") for pid in pids]
    return lambda: time.process_time() + sum(int(file.read_text().split()[0]) for file in files) / 1e9


def _rows(tx: Tx, sql: TextClause) -> None:
    tx.execute(sql).all()


def asking(library: Library, period: Period, wanted: Sequence[Figure], area: str | None) -> Callable[[Tx], Any]:
    """The unit behind a dashboard."""

    def unit(tx: Tx) -> Any:
        return figures(tx, library, period, area=area, chosen=wanted)

    return unit


async def reading(
    database: Database, library: Library, period: Period, wanted: Sequence[Figure], area: str | None
) -> Callable[[Tx], Any]:
    """Only the statements of that unit that read sums and sets, their rows fetched and thrown away."""
    written: list[tuple[Any, Any]] = []
    execute = Tx.execute

    def noting(tx: Tx, statement: Any, values: Any = None) -> Any:
        if any(table in str(statement) for table in ("rollups", "report_sets")):
            written.append((statement, values))
        return execute(tx, statement, values)

    with patch.object(Tx, "execute", noting):
        await database.read(asking(library, period, wanted, area))

    def unit(tx: Tx) -> None:
        for statement, values in written:
            tx.execute(statement, values).all()

    return unit


async def median(database: Database, cost: Cost, unit: Callable[[Tx], Any], times: int = TIMES) -> Took:
    """After one time to warm up."""
    took, worked = [], []
    for count in range(times + 1):
        began, spent = time.perf_counter(), cost()
        await database.read(unit)
        if count:
            took.append(time.perf_counter() - began)
            worked.append(cost() - spent)
    return Took(statistics.median(took) * 1000, statistics.median(worked) * 1000)


async def columns(database: Database, folder: Path, period: Period) -> dict[str, float]:
    """The same questions to DuckDB over the same lines, in milliseconds."""
    file = folder / "journal.csv"

    def export(tx: Tx) -> None:
        with file.open("w", encoding="utf-8", newline="") as out:
            names = ", ".join(f'"{name}"' for name in COLUMNS)
            rows = tx.execute(text(f"SELECT {names} FROM journal")).yield_per(20_000)
            csv.writer(out).writerow(COLUMNS)
            csv.writer(out).writerows(rows)

    if not file.exists():
        await database.read(export)
    questions = {name: sql.format(first=period.start, last=period.end) for name, sql in RAW.items()}
    command = [str(PEERS), "-m", "bench.peers.columns", str(file), json.dumps(questions)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=subprocess.PIPE)
    said, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"{PEERS} could not ask DuckDB: make bench brings it up to date")
    return {str(name): float(took) for name, took in json.loads(said).items()}


def tell(title: str, lines: int, found: dict[str, Any]) -> None:
    """One table."""
    print(f"\n{title}, {lines:,} lines")
    heads = ("ms", "CPU ms", "rows ms", "CPU ms", "ratio", "GROUP BY ms", "DuckDB ms")
    print(f"  {'dashboard':16}" + "".join(f"{head:>13}" for head in heads))
    for name, (whole, rows, raw) in found["asked"].items():
        numbers = (whole.wall, whole.cpu, rows.wall, rows.cpu, whole.wall / rows.wall)
        others = (raw and raw.wall, found.get("columns", {}).get(name))
        cells = [f"{number:.1f}" for number in numbers] + ["" if one is None else f"{one:.0f}" for one in others]
        over = [f"over {LIMIT} ms"] if whole.wall > LIMIT else []
        over += [f"over {RATIO} times the rows"] if whole.wall > RATIO * rows.wall else []
        print(f"  {name:16}" + "".join(f"{cell:>13}" for cell in cells) + f"  {', '.join(over)}", flush=True)


def main() -> None:
    """Measure each size on SQLite and PostgreSQL and tell."""
    parser = argparse.ArgumentParser(prog="python -m bench stats", description=__doc__)
    parser.add_argument("stats", help=argparse.SUPPRESS)
    parser.add_argument("--millions", default="1,10", help="sizes, with commas between (default: 1,10)")
    parser.add_argument("--databases", default="sqlite,postgres", help="with commas between")
    parser.add_argument("--folder", type=Path, default=ROOT / "build", help="some 7 GB are needed there")
    parser.add_argument("--keep", action="store_true", help="keep the filled databases there, and use those kept")
    parser.add_argument("--fill", action="store_true", help="only fill, and keep; once more goes on where it stopped")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    library = chronicle.city(load(ROOT / "content", "demo"))
    gc.freeze()  # as serving does
    sizes = [round(1_000_000 * float(size)) for size in options.millions.split(",")]
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for lines in sizes:
        for kind in options.databases.split(","):
            with ExitStack() as stack:
                folder = options.folder
                if not (options.keep or options.fill):
                    folder = Path(stack.enter_context(TemporaryDirectory(dir=folder, prefix="stats-")))
                base = stack.enter_context(filled(kind, lines, folder))
                asyncio.run(base.fill())
                print(f"{TITLES[kind]}: {base.state}", flush=True)
                if not options.fill:
                    told = found.setdefault(kind, {})[lines] = asyncio.run(measure(base, library, lines == max(sizes)))
                    tell(TITLES[kind], lines, told)
    for kind, by_size in found.items():
        curve(TITLES[kind], by_size)


def curve(title: str, by_size: dict[int, dict[str, Any]]) -> None:
    """How the processor time of each dashboard grows with the lines."""
    if len(by_size) < 2:
        return
    print(f"\n{title}, CPU ms by millions of lines")
    print(f"  {'':16}" + "".join(f"{lines / 1e6:>9g}" for lines in by_size))
    for name in DASHBOARDS:
        print(f"  {name:16}" + "".join(f"{one['asked'][name][0].cpu:9.1f}" for one in by_size.values()))
