"""The journal added up: what is counted from it equals a slow count of every line, whatever happened meanwhile."""

import asyncio
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap
from sqlalchemy import select

from actions.rolling import Roller
from civic.figures import DONE_FOR_THEM, SMALL
from civic.levels import LEVELS, Run, first_day, last_day, runs, spans
from db import joining, residents
from db.database import Database, open_database
from db.tables import answers, journal, marks, report_moves, report_sets, reports, rollup_spans, talks
from db.tables import residents as people
from db.tables import rollups as table
from db.tally import Tally
from db.tx import Tx
from tests.db.test_casework import Office
from tests.db.test_casework import stored as stored_sets
from tests.play import KEYS

ROOT = Path(__file__).parents[2]
ZONE = ZoneInfo("Asia/Shanghai")
FIRST, TODAY = date(2026, 9, 10), date(2026, 11, 23)
AREAS = (None, "hefeng", "guihuali", "songtao")
CHANNELS = ("web", "telegram", "wechat")
TOPICS = ("waste", "dogs")
DIMENSIONS = ("", "day", "area", "channel", "about")
Found = dict[tuple[str, str], list[Any]]  # (deed, cell) → lines, right, graded, points, people

days = st.integers(0, (TODAY - FIRST).days).map(lambda offset: FIRST + timedelta(days=offset))
whom = st.integers(1, 6)
lines = st.tuples(
    st.sampled_from(("visit", "tip_delivered", "tip_read", "quiz_answer", "quiz_answer", "arrive", "report_rated")),
    st.one_of(st.just(TODAY), st.just(TODAY - timedelta(days=1)), days),
    whom,
    st.sampled_from(AREAS),
    st.sampled_from(CHANNELS),
    st.sampled_from(TOPICS),
    st.booleans(),
)
steps = st.lists(
    st.one_of(
        *[lines] * 8,
        st.tuples(st.just("roll"), st.integers(1, 7)),
        st.tuples(st.just("erase"), whom),
        st.tuples(st.just("join"), whom, whom),
    ),
    max_size=40,
)
stretches = st.tuples(days, days).map(lambda two: (min(two), max(two)))


@dataclass
class History:
    """Lets things happen as the house does. ``names``: who somebody is by now."""

    database: Database
    names: dict[int, int] = field(default_factory=dict)
    at: int = 0

    @property
    def roller(self) -> Roller:
        return Roller(self.database, ZONE)

    async def happen(self, happened: Iterable[tuple[Any, ...]]) -> None:
        for kind, some in groupby(happened, lambda step: step[0] if step[0] in {"roll", "erase", "join"} else "lines"):
            if kind == "lines":
                await self.database.write(self._lines, list(some))
                continue
            for step in some:
                if kind == "roll":
                    await self.roller.run(step[1])
                else:
                    await self.database.write(self._erase if kind == "erase" else self._join, *step[1:])

    def _lines(self, tx: Tx, some: list[tuple[Any, ...]]) -> None:
        for step in some:
            self._line(tx, *step)

    def _line(
        self, tx: Tx, deed: str, day: date, who: int, area: str | None, channel: str, topic: str, right: bool
    ) -> None:
        self.at += 1
        row = {"at": self.at, "resident_id": self.names[who]}
        graded = deed in {"quiz_answer", "report_rated"}
        if deed == "quiz_answer":
            given = {"question_id": f"{topic}-1", "given": "A", "right": int(right)}
            tx.execute(answers.insert().values(row | given))
        subject = {"arrive": f"poster-{topic}", "quiz_answer": f"{topic}-1"}.get(deed)
        values = {
            "day": day.isoformat(),
            "deed": deed,
            "subject": subject,
            "topic": None if deed in {"visit", "arrive"} else topic,
            "area": area,
            "channel": channel,
            "right": int(right) if graded else None,
            "points": 2 if right else 0,
        }
        tx.execute(journal.insert().values(row | values))

    def _erase(self, tx: Tx, who: int) -> None:
        talk = tx.execute(select(talks.c.id).where(talks.c.resident_id == self.names[who])).scalars().first()
        if talk is not None:
            blank = residents.erase(tx, self.names[who], talk, "zh", TODAY.isoformat())
            for name, resident in self.names.items():
                if resident == self.names[who] and name != who:
                    self.names[name] = blank
            self.names[who] = blank

    def _join(self, tx: Tx, one: int, other: int) -> None:
        stays, goes = self.names[one], self.names[other]
        if stays != goes:
            joining.join(tx, stays, goes)
            self.names = {name: stays if resident == goes else resident for name, resident in self.names.items()}


def begin(tx: Tx) -> dict[int, int]:
    """Nothing has happened; six residents with a talk each."""
    for one in (table, rollup_spans, marks, answers, journal, report_sets, report_moves, reports, talks, people):
        tx.execute(one.delete())
    row = {"language": "zh", "joined_at": 0, "joined_day": FIRST.isoformat()}
    names = {}
    for who in range(1, 7):
        names[who] = tx.execute(people.insert().values(row).returning(people.c.id)).scalar_one()
        talk = {"channel": "web", "user": f"user-{names[who]}", "resident_id": names[who], "seen_at": 0}
        tx.execute(talks.insert().values(talk))
    return names


def by_hand(rows: Mapping[str, list[dict[str, Any]]], by: str, view: "View") -> Found:
    """The same counts line by line, as the definitions in db.sums say."""
    found: Found = defaultdict(lambda: [0, 0, 0, 0, set()])

    def add(line: dict[str, Any], deed: str, right: int | None, points: int) -> None:
        if not view.shows(line):
            return
        about = line["subject"] if line["deed"] == "arrive" else line["topic"]
        cells = {"": "", "day": line["day"], "area": line["area"], "channel": line["channel"], "about": about}
        total = found[deed, "" if deed == "active" and by == "about" else cells[by] or ""]
        total[0] += 1
        total[1] += right or 0
        total[2] += right is not None
        total[3] += points
        total[4] |= {line["resident_id"]} - {None}

    for line in rows["journal"]:
        add(line, line["deed"], line["right"], line["points"])
        if line["deed"] not in DONE_FOR_THEM:
            add(line, "active", line["right"], line["points"])
        if line["resident_id"] is None:
            continue
        same = (line["resident_id"], line["day"], line["topic"])
        reads = [one for one in rows["journal"] if one["deed"] == "tip_read"]
        if line["deed"] == "tip_delivered" and any(
            (one["resident_id"], one["day"], one["topic"]) == same for one in reads
        ):
            add(line, "tip_followed", None, 0)
        if line["deed"] == "quiz_answer":
            mine = [a for a in rows["answers"] if a["resident_id"] == line["resident_id"] and a["at"] < line["at"]]
            before = [a for a in mine if a["question_id"] == line["subject"]]
            if not before:
                add(line, "answered_first", line["right"], 0)
            else:
                add(line, "answered_again", line["right"], 0)
                add(line, "answered_before", min(before, key=lambda a: (a["at"], a["id"]))["right"], 0)
    return found


@dataclass(frozen=True)
class View:
    """What is looked at."""

    start: date
    end: date
    areas: Collection[str] | None
    channel: str | None

    def shows(self, line: dict[str, Any]) -> bool:
        within = self.start.isoformat() <= line["day"] <= self.end.isoformat()
        place = self.areas is None or (line["area"] or "") in self.areas
        return within and place and self.channel in {None, line["channel"]}


views = st.tuples(
    stretches,
    st.one_of(st.none(), st.sets(st.sampled_from(("", *AREAS[1:])), min_size=1)),
    st.sampled_from((None, "web")),
).map(lambda parts: View(*parts[0], *parts[1:]))


def count(tx: Tx, view: View, by: str, exact: Collection[str] = ()) -> dict[tuple[str, str], dict[str, float]]:
    found = Tally(tx, view.areas, view.channel).counts(by, view.start, view.end, exact=exact)
    return {
        (deed, cell): {name: cells[cell] for name, cells in columns.items()}
        for deed, columns in found.items()
        for cell in columns["lines"]
    }


def stored(rows: Mapping[str, list[dict[str, Any]]]) -> tuple[Any, ...]:
    """All sums, the weeks and months that are ready, and how far the lines are in."""
    sums = {
        tuple(row[name] for name in ("level", "scope", "deed", "day", "area", "channel", "about")): (
            *(row[name] for name in ("lines", "right", "graded", "points", "people")),
            set(BitMap.deserialize(row["who"])),
        )
        for row in rows["rollups"]
    }
    return sums, rows["rollup_spans"], sum(row["line"] for row in rows["marks"])


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(happened=steps, view=views)
async def test_counts_equal_a_slow_count_of_every_line(
    database: Database, happened: list[tuple[Any, ...]], view: View
) -> None:
    history = History(database, await database.write(begin))
    await history.happen(happened)
    rows = await database_rows(database)
    for by in DIMENSIONS:
        expected = by_hand(rows, by, view)
        every = {deed for deed, _ in expected}
        counted = await database.read(count, view, by, every)
        assert {key: [*list(one.values())[:4], one["people"]] for key, one in counted.items()} == {
            key: [*numbers, len(who)] for key, (*numbers, who) in expected.items()
        }, by
        roughly = await database.read(count, view, by)
        for key, one in roughly.items():
            people = len(expected[key][4])
            assert one["people"] <= people
            assert (one["people"] < SMALL) == (people < SMALL)


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(happened=steps)
async def test_adding_up_anew_gives_the_same(database: Database, happened: list[tuple[Any, ...]]) -> None:
    history = History(database, await database.write(begin))
    await history.happen(happened)
    await history.roller.run(3)
    kept = stored(await database_rows(database))
    told: dict[str, list[tuple[int, int]]] = {}
    await Roller(database, ZONE).rebuild(5, lambda phase, *far: told.setdefault(phase, []).append(far))
    assert stored(await database_rows(database)) == kept
    for far in told.values():
        assert far == sorted(far)
        assert far[-1][0] == far[-1][1]


STOPPED = """
import asyncio, sys
from zoneinfo import ZoneInfo
from actions.rolling import Roller
from db.database import open_database

def told(*far):
    print(*far, flush=True)
    sys.stdin.readline()  # nothing happens before somebody says so

async def main():
    database = await open_database(sys.argv[1])
    await Roller(database, ZoneInfo("Asia/Shanghai")).rebuild(7, told)

asyncio.run(main())
"""


@pytest.mark.parametrize(("phase", "times"), [("moves", 2), ("lines", 2), ("spans", 3)])
async def test_adding_up_anew_that_is_killed_half_way_goes_on_to_the_same(
    database_url: str, phase: str, times: int
) -> None:
    async with opened(database_url) as database:
        history = History(database, await database.write(begin))
        lines = [
            (
                deed,
                FIRST + timedelta(days=7 * number),
                1 + number % 6,
                area,
                "web",
                TOPICS[number % 2],
                bool(number % 3),
            )
            for number in range(10)
            for area, deed in (("hefeng", "quiz_answer"), ("songtao", "tip_read"))
        ]
        await history.happen([*lines, ("erase", 2), ("roll", 9)])
        office = Office(database, list(history.names.values()))
        sent = [("send", number, "litter", 1 + number % 6) for number in range(10)]
        await office.happen([*sent, *(("resolve", number, 3, 0) for number in range(0, 10, 2)), ("roll", 9)])
        kept = await everything(database)
    command = (sys.executable, "-c", STOPPED, database_url)
    child = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert child.stdin is not None
    assert child.stdout is not None
    while times:
        said = (await child.stdout.readline()).decode().split()
        assert said, "it came to an end before"
        times -= said[0] == phase
        if times:
            child.stdin.write(b"\n")
    child.kill()
    await child.wait()
    async with opened(database_url) as database:
        assert await everything(database) != kept
        await Roller(database, ZONE).run(3)
        assert await everything(database) == kept


async def everything(database: Database) -> tuple[Any, ...]:
    """All sums, and all sets of reports."""
    return stored(await database_rows(database)), await database.read(stored_sets)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = await open_database(url, keys=KEYS)
    try:
        yield database
    finally:
        await database.close()


async def database_rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    def look(tx: Tx) -> dict[str, list[dict[str, Any]]]:
        return {
            one.name: [dict(row) for row in tx.execute(select(one).order_by(*one.primary_key.columns)).mappings()]
            for one in (journal, answers, table, rollup_spans, marks)
        }

    return await database.read(look)


async def test_two_that_add_up_at_once_count_each_line_once(database: Database) -> None:
    history = History(database, await database.write(begin))
    days = (TODAY - timedelta(days=number) for number in range(30))
    await history.happen(("visit", day, 1 + day.day % 6, "hefeng", "web", "waste", True) for day in days)
    await asyncio.gather(*(Roller(database, ZONE).run(4) for _ in range(3)))
    await Roller(database, ZONE).run()
    rows = await database_rows(database)
    assert sum(row["lines"] for row in rows["rollups"] if (row["level"], row["scope"]) == ("day", "*")) == 60
    assert rows["marks"][0]["line"] == rows["journal"][-1]["id"]


async def test_a_line_that_comes_when_its_month_was_added_up_is_counted(database: Database) -> None:
    history = History(database, await database.write(begin))
    line = ("visit", date(2026, 10, 15), 1, "hefeng", "web", "waste", True)
    for _ in range(2):
        await history.happen([line, ("roll", 10)])
    rows = await database_rows(database)
    months = [row for row in rows["rollups"] if (row["level"], row["scope"], row["deed"]) == ("month", "*", "visit")]
    assert [(row["day"], row["lines"], row["people"]) for row in months] == [("2026-10-01", 2, 1)]
    assert {"level": "month", "day": "2026-10-01"} in rows["rollup_spans"]


async def test_a_line_committed_after_later_ones_is_neither_missed_nor_counted_twice(
    postgres_tables: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actions.rolling.PATIENCE", 1)
    database = await open_database(postgres_tables)
    slow, quick = [await asyncpg.connect(postgres_tables) for _ in range(2)]
    insert = "INSERT INTO journal (at, day, deed, channel, points) VALUES (0, '2026-11-23', 'visit', 'web', 0)"
    try:
        await database.write(lambda tx: [tx.execute(one.delete()) for one in (table, rollup_spans, marks, journal)])
        writing = slow.transaction()
        await writing.start()
        await slow.execute(insert)  # has the lower id, and nobody sees it yet
        await quick.execute(insert)
        await Roller(database, ZONE).run()  # waits for the writer in vain
        assert await quick.fetchval("SELECT count(*) FROM rollups") == 0
        await writing.commit()
        await Roller(database, ZONE).run()
        assert await quick.fetchval("SELECT lines FROM rollups WHERE scope = '*' AND deed = 'visit'") == 2
    finally:
        for connection in (slow, quick):
            await connection.close()
        await database.close()


@given(two=stretches, built=st.sets(st.tuples(st.sampled_from(("week", "month")), days)))
def test_a_period_is_made_of_spans_without_gap_or_overlap(two: tuple[date, date], built: set[tuple[str, date]]) -> None:
    ready = {(level, first_day(level, day).isoformat()) for level, day in built}
    covered: list[date] = []
    for level, first, last in runs(spans(*two, ready)):
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            assert level == "day" or (level, day.isoformat()) in ready
            end = last_day(level, day)
            covered += [day + timedelta(days=n) for n in range((end - day).days + 1)]
            day = end + timedelta(days=1)
    assert covered == [two[0] + timedelta(days=n) for n in range((two[1] - two[0]).days + 1)]


def test_ninety_days_are_read_as_months_weeks_and_few_days() -> None:
    first, last = date(2026, 8, 26), date(2026, 11, 23)
    every = {
        (level, first_day(level, first + timedelta(days=n)).isoformat()) for n in range(90) for level in LEVELS[1:]
    }
    assert runs(spans(first, last, every)) == [
        Run("day", "2026-08-26", "2026-08-31"),
        Run("month", "2026-09-01", "2026-10-01"),
        Run("day", "2026-11-01", "2026-11-01"),
        Run("week", "2026-11-02", "2026-11-16"),
        Run("day", "2026-11-23", "2026-11-23"),
    ]
