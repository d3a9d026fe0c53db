"""Figures about reports come from sets: they equal a slow look at every report and its history."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap
from sqlalchemy import select, update

from actions.rolling import Roller
from civic.cases import KINDS
from civic.catalogue import FIGURES
from civic.figures import FEW, SMALL, UNCOUNTED, Wanted, rank
from civic.periods import Period
from civic.reports import OPEN, STANDS, WORKED_ON
from db.casebook import note_backlog
from db.casework import counted
from db.counting import View
from db.database import Database
from db.durations import Durations
from db.moments import to_ms
from db.report_sets import LOOKS, Unpacked
from db.tables import marks, report_moves, report_sets, reports, residents
from db.tx import Tx

ZONE = ZoneInfo("Asia/Shanghai")
TODAY, NOW = date(2026, 11, 23), datetime(2026, 11, 23, 4, tzinfo=UTC)  # noon in the city
FIRST = date(2026, 11, 10)
MINUTE, DAY = 60_000, 24 * 3_600_000
DIMENSIONS = (*KINDS, "day")
EVERYTHING = frozenset({FEW, *(measure for figure in FIGURES for _, measure in figure.counts)})
MOVES = {  # what a generated move leads to
    "accept": "accepted",
    "start": "in_progress",
    "hold": "on_hold",
    "extend": None,
    "resolve": "resolved",
    "close": "closed",
    "reopen": "accepted",
    "verify": None,
    "rework": "in_progress",
    "reject": "rejected",
    "return": "returned",
}
numbers = st.integers(0, 7)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("roll"), st.integers(1, 5)),
        *[st.tuples(st.just("send"), numbers, st.sampled_from(("litter", "noise")), st.integers(1, 6))] * 2,
        *[
            st.tuples(
                st.sampled_from((*sorted(MOVES), "resolve", "resolve", "reopen", "close")),
                numbers,
                st.integers(0, 9),
                st.integers(0, 2),
            )
        ]
        * 6,
    ),
    min_size=12,
    max_size=60,
)
days = st.integers(0, 13).map(lambda offset: FIRST + timedelta(days=offset))
views = st.tuples(
    days,
    days,
    st.one_of(st.none(), st.sets(st.sampled_from(("hefeng", "songtao", "")))),
    st.sampled_from((None, "web")),
)

TWO_ROUNDS = [  # resolved on the first day, checked the day after, reopened, resolved again on the fourth
    ("send", 1, "litter", 1),
    ("resolve", 0, 5, 0),
    ("verify", 0, 30, 0),
    ("reopen", 0, 5, 0),
    ("resolve", 0, 40, 0),
]


@dataclass
class Office:
    """Sends and moves reports; each step a little later than the one before."""

    database: Database
    people: list[int]
    at: int = to_ms(datetime(2026, 11, 10, 1, tzinfo=UTC))
    known: list[int] = field(default_factory=list)

    async def happen(self, happened: list[tuple[Any, ...]]) -> None:
        for rolls, some in groupby(happened, lambda step: step[0] == "roll"):
            if rolls:
                for _, size in some:
                    await Roller(self.database, ZONE).run(size)
            else:
                await self.database.write(self._act, list(some))

    def _act(self, tx: Tx, some: list[tuple[Any, ...]]) -> None:
        for name, *step in some:
            if name == "send":
                self._send(tx, *step)
            elif self.known:
                self._move(tx, name, *step)

    def _send(self, tx: Tx, number: int, category: str, who: int) -> None:
        self.at += 7 * MINUTE
        due = self.at + number * DAY
        values = {
            "number": f"N-{len(self.known)}-{self.at}",
            "resident_id": self.people[who - 1],
            "channel": ("web", "telegram")[number % 2],
            "area": (None, "hefeng", "songtao")[number % 3],
            "category": category,
            "place": "",
            "place_origin": "typed",
            "note": "",
            "answers": "{}",
            "anonymous": 0,
            "status": "received",
            "department": (None, "urban")[number % 2],
            "priority": "normal",
            "created_at": self.at,
            "created_day": day_of(self.at),
            "due_at": due,
            "due_day": day_of(due),
            "step_due_at": self.at + 8 * 60 * MINUTE if number % 3 else None,
        }
        self.known.append(tx.execute(reports.insert().values(values).returning(reports.c.id)).scalar_one())
        self._write(tx, self.known[-1], "receive", "received")

    def _move(self, tx: Tx, name: str, number: int, hours: int, more: int) -> None:
        self.at += hours * 60 * MINUTE
        one = self.known[number % len(self.known)]
        report = tx.execute(select(reports).where(reports.c.id == one)).mappings().one()
        status = MOVES[name] or report["status"]
        step_due = self.at + (more - 1) * 60 * MINUTE if more else None
        values: dict[str, Any] = {"status": status, "closed_at": None if status in OPEN else self.at}
        values["step_due_at"] = step_due
        if name == "resolve":
            values["resolved_at"] = self.at
        elif name in {"reopen", "rework"}:
            values |= {"resolved_at": None, "reworks": report["reworks"] + (name == "rework")}
        elif name == "return":
            values |= {"department": None, "returns": report["returns"] + 1}
        elif name == "extend":
            due = report["due_at"] + more * DAY
            values |= {"due_at": due, "due_day": day_of(due)}
        tx.execute(update(reports).where(reports.c.id == one).values(values))
        self._write(tx, one, name, status, report["step_due_at"])

    def _write(self, tx: Tx, one: int, name: str, status: str, step_due: int | None = None) -> None:
        department = tx.execute(select(reports.c.department).where(reports.c.id == one)).scalar()
        row = {"report_id": one, "at": self.at, "day": day_of(self.at), "move": name, "actor": "staff"}
        row |= {"to_status": status, "note": "", "department": department, "step_due_at": step_due}
        tx.execute(report_moves.insert().values(row))


def day_of(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, ZONE).date().isoformat()


def begin(tx: Tx) -> list[int]:
    for table in (report_sets, marks, report_moves, reports, residents):
        tx.execute(table.delete())
    row = {"language": "zh", "joined_at": 0, "joined_day": "2026-11-01"}
    return [tx.execute(residents.insert().values(row).returning(residents.c.id)).scalar_one() for _ in range(6)]


def by_hand(tx: Tx, view: View) -> dict[tuple[str, str, str], dict[str, Any]]:
    """(dimension, set, cell) → measures, looking at one report after the other."""
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    first, last = view.period.start.isoformat(), view.period.end.isoformat()
    for report in tx.execute(select(reports)).mappings():
        history = list(
            tx.execute(
                select(report_moves).where(report_moves.c.report_id == report["id"]).order_by(report_moves.c.id)
            ).mappings()
        )
        within = [move for move in history if first <= move["day"] <= last]
        area = report["area"] or ""
        if (view.areas is not None and area not in view.areas) or view.channel not in {None, report["channel"]}:
            continue
        facts: dict[str, Any] = {"resident": report["resident_id"]}
        facts["met"] = report["resolved_at"] is not None and report["resolved_at"] <= report["due_at"]
        facts["closed"] = report["status"] == "closed"
        facts["on_time"] = facts["met"] and facts["closed"]
        facts["filed"] = any(move["to_status"] in WORKED_ON for move in history)
        working = [move for move in history if move["to_status"] in WORKED_ON]
        for name, some in (("filing", working[:1]), ("dispatch", [move for move in working if move["department"]][:1])):
            limits = [(move["at"], move["step_due_at"]) for move in some if move["step_due_at"] is not None]
            facts[f"{name}_timed"] = bool(limits)
            facts[{"filing": "filed_in_time", "dispatch": "dispatch_in_time"}[name]] = any(a <= b for a, b in limits)
        forgotten = report["status"] == "accepted" and report["department"] is None
        forgotten = forgotten and report["step_due_at"] is not None and report["step_due_at"] <= to_ms(NOW)
        facts["to_dispatch"] = facts["dispatch_timed"] or forgotten
        facts["dispatched_well"] = facts["to_dispatch"] and not report["reworks"]
        facts["responded"] = any(move["to_status"] not in {"received", "withdrawn"} for move in history)
        facts["handed"] = report["department"] is not None or report["returns"] > 0
        facts["returned"] = report["returns"] > 0
        facts["right_first"] = facts["handed"] and not facts["returned"]
        facts["reworked"] = report["reworks"] > 0
        facts["extended"] = any(move["move"] == "extend" for move in history)
        rounds = [move for move in within if move["move"] == "resolve"]
        if rounds:
            facts["minutes"] = (max(move["at"] for move in rounds) - report["created_at"]) // MINUTE
        again = [move["id"] for move in history if move["move"] == "reopen"]
        facts["reopened"] = bool(rounds) and any(one > rounds[0]["id"] for one in again)
        checks = [move for move in within if move["move"] in {"verify", "rework"}]
        facts["passed"] = any(move["move"] == "verify" for move in checks)
        waits = report["closed_at"] is None and report["due_at"] > to_ms(NOW)
        in_sets = {
            "received": [report["created_day"]] if first <= report["created_day"] <= last else [],
            "due": [report["due_day"]]
            if first <= report["due_day"] <= last and report["status"] not in UNCOUNTED and not waits
            else [],
            "resolved": [move["day"] for move in rounds],
            "checked": [move["day"] for move in checks],
        }
        if report["status"] in OPEN and view.period.end >= TODAY:
            in_sets["waiting"] = [""]
            facts["late"] = report["due_at"] <= to_ms(NOW) and report["status"] not in STANDS
        for name, on in in_sets.items():
            cells = {("", ""), *(("day", day) for day in on if name != "waiting")} if on else set()
            cells |= {(kind, report[kind] or "") for kind in KINDS if on}
            for dimension, cell in cells:
                found.setdefault((dimension, name, cell), []).append(facts)
    return {key: summed(key[1], rows) for key, rows in found.items()}


def summed(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    flags = {
        "received": (
            *("responded", "filed", "handed", "returned", "right_first", "met", "filing_timed", "filed_in_time"),
            *("to_dispatch", "dispatch_in_time", "dispatched_well"),
        ),
        "due": ("closed", "on_time", "met", "reworked", "extended"),
        "resolved": ("reopened", "met"),
        "checked": ("passed",),
        "waiting": ("late",),
    }[name]
    numbers: dict[str, Any] = {flag: sum(row[flag] for row in rows) for flag in flags}
    numbers |= {"lines": len(rows), "few": len({row["resident"] for row in rows} - {None}) < SMALL}
    if name == "resolved":
        took = sorted(row["minutes"] for row in rows)
        numbers |= {"median": median(took) / 60, "p90": took[rank(len(took), 0.9)] / 60}
    return numbers


def every(areas: Collection[str] | None, channel: str | None, start: date, end: date) -> View:
    names = ("received", "due", "resolved", "checked", "waiting")
    wanted = dict.fromkeys(((dimension, name) for dimension in ("", *DIMENSIONS) for name in names), EVERYTHING)
    del wanted["day", "waiting"]
    return View(Period("", min(start, end), max(start, end), TODAY), areas, channel, wanted)


def all_counted(tx: Tx, view: View) -> dict[tuple[str, str, str], dict[str, float]]:
    """(dimension, set, cell) → measure → number."""
    found: dict[tuple[str, str, str], dict[str, float]] = {}
    for dimension, column, cells in counted(tx, view):
        name, _, measure = column.partition(".")
        for cell, number in cells.items():
            found.setdefault((dimension, name, cell), {})[measure] = number
    return found


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(happened=steps, seen=views)
@example(happened=TWO_ROUNDS, seen=(FIRST, FIRST + timedelta(days=2), None, None))
@example(happened=TWO_ROUNDS, seen=(FIRST + timedelta(days=1), FIRST + timedelta(days=2), None, None))
async def test_counts_equal_a_slow_look_at_every_report(
    database: Database, time: Any, happened: list[tuple[Any, ...]], seen: tuple[Any, ...]
) -> None:
    time.now = NOW
    office = Office(database, await database.write(begin))
    await office.happen(happened)
    early = every(None, None, FIRST, FIRST + timedelta(days=2))
    for view in (every(None, None, FIRST, TODAY), early, every(seen[2], seen[3], seen[0], seen[1])):
        await agrees(database, view)


async def agrees(database: Database, view: View) -> None:
    expected = await database.read(by_hand, view)
    found = {key: measures for key, measures in (await database.read(all_counted, view)).items() if measures["lines"]}
    assert found.keys() == expected.keys()
    for key, numbers in expected.items():
        few = numbers.pop("few")
        assert {name: found[key][name] for name in numbers} == numbers, key
        assert (found[key]["people"] < SMALL) == few, key


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(happened=steps)
async def test_sets_made_anew_are_the_same(database: Database, time: Any, happened: list[tuple[Any, ...]]) -> None:
    time.now = NOW
    office = Office(database, await database.write(begin))
    await office.happen(happened)
    await Roller(database, ZONE).run(3)
    kept = await database.read(stored)
    await Roller(database, ZONE).rebuild(4)
    assert await database.read(stored) == kept


def stored(tx: Tx) -> dict[tuple[str, str], set[int]]:
    """All sets that are not empty."""
    rows = tx.execute(select(report_sets.c.name, report_sets.c.key, report_sets.c.reports))
    return {(name, key): ids for name, key, packed in rows if (ids := set(BitMap.deserialize(packed)))}


def waiting_by(dimension: str) -> Wanted:
    return {("", "waiting"): EVERYTHING, (dimension, "waiting"): EVERYTHING}


async def test_the_backlog_of_a_day_stays_as_it_was_noted(database: Database, time: Any) -> None:
    time.now = NOW
    office = Office(database, await database.write(begin))
    await office.happen([("send", number, "litter", 1) for number in (0, 1, 7)])
    await database.write(note_backlog, "2026-11-22")
    await office.happen([("resolve", 0, 1, 0), ("close", 0, 1, 0), ("roll", 9)])
    yesterday = View(Period("", FIRST, date(2026, 11, 22), TODAY), None, None, waiting_by("day"))
    today = View(Period("", FIRST, TODAY, TODAY), None, None, waiting_by("area"))
    by_day = View(Period("", FIRST, TODAY, TODAY), None, None, waiting_by("day"))
    for view, waiting, late in ((yesterday, 3, 3), (today, 2, 2)):
        head = (await database.read(all_counted, view))["", "waiting", ""]
        assert (head["lines"], head["late"]) == (waiting, late)
    days = await database.read(all_counted, by_day)
    for day, number in (("2026-11-22", 3), (str(TODAY), 2)):
        assert (days["day", "waiting", day]["lines"], days["day", "waiting", day]["late"]) == (number, number)


@given(
    st.lists(st.integers(0, 5000), min_size=1), st.lists(st.integers(0, 5000)), st.sampled_from((0.1, 0.5, 0.9, 1.0))
)
def test_durations_from_digits_equal_sorted_ones(inside: list[int], more: list[int], part: float) -> None:
    digits = {
        f"{digit:02}": BitMap(number for number, minutes in enumerate(inside) if minutes >> digit & 1)
        for digit in range(13)
    }
    later = dict(enumerate(more, len(inside) // 2))  # some of them have digits of another time
    minutes = dict(enumerate(inside)) | later
    found, even = Durations(digits, BitMap(minutes), later), BitMap(one for one in minutes if one % 2 == 0)
    for ids in (BitMap(minutes), even):
        took = sorted(minutes[one] for one in ids)
        assert found.median(ids) == median(took) / 60
        assert found.percentile(part, ids) == took[rank(len(took), part)] / 60
    assert found.median(BitMap()) == found.percentile(part, BitMap()) == 0


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.dictionaries(st.sampled_from("xyz"), st.sets(st.integers(0, 9)))),
        min_size=2,
    ),
    st.sampled_from((0, 30, 1 << 20)),
)
def test_what_is_kept_of_sets_never_stands_for_others(looks: list[tuple[str, dict[str, set[int]]]], most: int) -> None:
    unpacked = Unpacked(most)
    for name, sets in looks:
        rows = [(name, key, BitMap(ids).serialize()) for key, ids in sets.items()]
        for _ in range(2):
            found = unpacked.sets((name,), rows)
            assert found.get(name, {}) == {key: BitMap(ids) for key, ids in sets.items()}


def test_looks_at_ever_other_days_are_forgotten_even_where_nothing_is() -> None:
    unpacked, before = Unpacked(1 << 20), 0
    for day in range(10 * LOOKS):
        unpacked.sets(("received", str(day)), [])
        before = max(before, unpacked.remembered)
    assert 1 < before <= LOOKS
