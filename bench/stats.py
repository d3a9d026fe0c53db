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
from bench import chronicle, ingest
from bench.console import postgres
from bench.costs import Cost, costs
from bench.filled import Filled, filled
from bench.servers import ROOT
from bench.subjects import PEERS
from civic.catalogue import FIGURES
from civic.figures import Figure
from civic.periods import Period
from content.library import Library, load
from db.database import Database
from db.line import SqliteTx
from db.tx import Hot, Tx
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
STORED = ("rollups", "report_sets", "residents", "reports")
COLUMNS = ("day", "resident_id", "deed", "topic", "area", "channel", "right")


class Took(NamedTuple):
    """Milliseconds: by the clock, and of processor time, PostgreSQL's included. On a busy machine only the second says
    anything."""

    wall: float
    cpu: float


async def measure(base: Filled, library: Library) -> dict[str, Any]:
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
            if name in RAW:
                sql = text(RAW[name].format(first=period.start, last=period.end))
                by_hand = await median(database, cost, partial(_rows, sql=sql), SLOW_TIMES)
            found["asked"][name] = (whole, rows, by_hand)
        if base.kind == "sqlite" and PEERS.exists():
            found["columns"] = await columns(database, base.folder, period)
        return found
    finally:
        await database.close()


def _rows(tx: Tx, sql: TextClause) -> None:
    tx.execute(sql).all()


def asking(library: Library, period: Period, wanted: Sequence[Figure], area: str | None) -> Callable[[Tx], Any]:
    """The unit behind a dashboard."""

    def unit(tx: Tx) -> Any:
        return figures(tx, library, period, area=area, chosen=wanted, hiding=False)

    return unit


async def reading(
    database: Database, library: Library, period: Period, wanted: Sequence[Figure], area: str | None
) -> Callable[[Tx], Any]:
    """Only the statements of that unit that read what its numbers are made of, their rows fetched and thrown away."""
    written: list[Callable[[Tx], Any]] = []
    execute = Tx.execute

    def noting(tx: Tx, statement: Any, values: Any = None) -> Any:
        if _stored(str(statement)):
            written.append(lambda tx: tx.execute(statement, values).all())
        return execute(tx, statement, values)

    def hot(kind: type[Tx]) -> Any:
        run = kind.hot

        def noting_hot(tx: Tx, statement: Hot, **values: Any) -> Any:
            if _stored(str(statement.postgres)):
                written.append(lambda tx: tx.hot(statement, **values))
            return run(tx, statement, **values)

        return patch.object(kind, "hot", noting_hot)

    with patch.object(Tx, "execute", noting), hot(Tx), hot(SqliteTx):
        await database.read(asking(library, period, wanted, area))

    def unit(tx: Tx) -> None:
        for read in written:
            read(tx)

    return unit


def _stored(sql: str) -> bool:
    """Whether a statement reads rows of which numbers are made: sums, sets, people, open reports. Not how far they go,
    nor which deeds there are."""
    return "RECURSIVE" not in sql and any(f"FROM {table}" in sql for table in STORED)


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
    """One table, as bench/README.md has it, and what was promised."""
    print(f"\n{title}, {lines:,} lines\n")
    heads = ("view", "ms", "CPU ms", "rows ms", "rows CPU ms", "× rows", "GROUP BY ms", "DuckDB ms")
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    verdicts = []
    for name, (whole, rows, raw) in found["asked"].items():
        ratio = whole.wall / rows.wall
        others = (raw and raw.wall, found.get("columns", {}).get(name))
        cells = [f"{one:.1f}" for one in (*whole, *rows, ratio)] + [
            "" if one is None else f"{one:,.0f}" for one in others
        ]
        print(f"| {name} | {' | '.join(cells)} |")
        verdicts.append(verdict(whole.wall < LIMIT, f"{name}: {whole.wall:.0f} ms at the median, < {LIMIT} ms"))
        verdicts.append(verdict(ratio <= RATIO, f"{name}: {ratio:.1f} × reading the rows, ≤ {RATIO}"))
    print("\n" + "\n".join(verdicts), flush=True)


def verdict(reached: bool, promise: str) -> str:
    """A promise, and whether it was kept."""
    return f"  {'reached' if reached else 'MISSED':8} {promise}"


def curve(title: str, by_size: dict[int, dict[str, Any]]) -> None:
    """How the processor time of each view grows with the lines, and that of other ways to ask."""
    if len(by_size) < 2:
        return
    print(f"\n{title}, ms by millions of lines: processor time of a view, time by the clock of other ways\n")
    print(
        "| | "
        + " | ".join(f"{lines / 1e6:g}" for lines in by_size)
        + " | growth |\n|---|"
        + "---|" * (len(by_size) + 1)
    )
    ways: list[tuple[str, Callable[[dict[str, Any]], float | None]]] = [
        (name, partial(lambda one, name: one["asked"][name][0].cpu, name=name)) for name in DASHBOARDS
    ]
    for name in RAW:
        ways.append((f"{name}, GROUP BY", partial(lambda one, name: one["asked"][name][2].wall, name=name)))
        ways.append((f"{name}, DuckDB", partial(lambda one, name: one.get("columns", {}).get(name), name=name)))
    for name, number in ways:
        numbers = [number(one) for one in by_size.values()]
        known = [one for one in numbers if one is not None]
        if len(known) == len(numbers):
            print(f"| {name} | " + " | ".join(f"{one:,.1f}" for one in known) + f" | × {known[-1] / known[0]:.1f} |")


def main() -> None:
    """Measure each size on SQLite and PostgreSQL and tell."""
    parser = argparse.ArgumentParser(prog="python -m bench stats", description=__doc__)
    parser.add_argument("stats", help=argparse.SUPPRESS)
    parser.add_argument("--millions", default="1,10", help="sizes, with commas between (default: 1,10)")
    parser.add_argument("--databases", default="sqlite,postgres", help="with commas between")
    parser.add_argument("--folder", type=Path, default=ROOT / "build", help="some 7 GB are needed there")
    parser.add_argument("--keep", action="store_true", help="keep the filled databases there, and use those kept")
    parser.add_argument("--fill", action="store_true", help="only fill, and keep; once more goes on where it stopped")
    parser.add_argument("--ingest", action="store_true", help="only tell what keeping the sums costs those who talk")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.ingest:
        for kind in options.databases.split(","):
            print(f"{TITLES[kind]}, processor time, medians of {ingest.ROUNDS} rounds of each kind", flush=True)
            with TemporaryDirectory(dir=options.folder, prefix="ingest-") as home, ExitStack() as stack:
                url = stack.enter_context(postgres()) if kind == "postgres" else ""
                asyncio.run(ingest.measure(kind, url, Path(home)))
        return
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
                    told = found.setdefault(kind, {})[lines] = asyncio.run(measure(base, library))
                    tell(TITLES[kind], lines, told)
    for kind, by_size in found.items():
        curve(TITLES[kind], by_size)
