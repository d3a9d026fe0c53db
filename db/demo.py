"""The demo: that what we remember is made up, and which rows of each numbered table are.

Numbers are given once, so a table's made-up rows are those between two of them. What hangs on such a row goes with it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Table, and_, delete, func, or_, select, update

from db import tables
from db.letters import EXPIRED, WAITING
from db.packing import pack, unpack
from db.photos import ALL, KEYS, discard
from db.tables import demo, metadata
from db.tx import Tx

ONLY = 1  # there is one demo at most
# Sums of other rows, and what was decided and published from them: made anew from what is left.
DERIVED = (
    tables.rollups,
    tables.rollup_spans,
    tables.hidden_cells,
    tables.report_sets,
    tables.area_tips,
    tables.ticks,
    tables.editions,
)
Rows = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Demo:
    """A made-up history; ``rows`` are, by table, the last id before it and its own last id."""

    seed: int
    people: int
    first: date
    last: date
    rows: Rows


def find(tx: Tx) -> Demo | None:
    """The demo, if this is one."""
    d = demo.c
    row = tx.execute(select(d.seed, d.people, d.first_day, d.last_day, d.rows)).first()
    if row is None:
        return None
    rows = {name: (int(before), int(last)) for name, (before, last) in unpack(row[4]).items()}
    return Demo(row[0], row[1], date.fromisoformat(row[2]), date.fromisoformat(row[3]), rows)


def begin(tx: Tx, seed: int, people: int, first: date, last: date) -> None:
    """From here on what is written is made up."""
    now = _last_ids(tx)
    days = {"first_day": first.isoformat(), "last_day": last.isoformat()}
    rows = pack({name: (last_id, last_id) for name, last_id in now.items()})
    tx.execute(demo.insert().values(id=ONLY, seed=seed, people=people, rows=rows, **days))


def extend(tx: Tx) -> None:
    """All that was written until now is made up, too."""
    found = find(tx)
    assert found is not None
    rows = {name: (found.rows[name][0], last_id) for name, last_id in _last_ids(tx).items()}
    tx.execute(update(demo).values(rows=pack(rows)))


def seal(tx: Tx, mailboxes: Collection[str]) -> None:
    """It is finished. Nothing leaves the house for who is made up: on all channels but these they can't be
    reached, and what waits for them there never goes. No face and no plate is on what was drawn."""
    extend(tx)
    found = find(tx)
    assert found is not None
    mine = _made_up(tables.talks, found.rows)
    assert mine is not None
    outside = and_(mine, tables.talks.c.channel.not_in(mailboxes))
    waits = (tables.letters.c.state == WAITING, tables.letters.c.talk_id.in_(select(tables.talks.c.id).where(outside)))
    tx.execute(update(tables.letters).where(*waits).values(state=EXPIRED))
    tx.execute(update(tables.talks).where(outside).values(reachable=0))
    drawn = _made_up(tables.photos, found.rows)
    assert drawn is not None
    tx.execute(update(tables.photos).where(drawn).values(veiled=ALL, veil_at=None))


def real(tx: Tx) -> tuple[int, int]:
    """How many residents and reports there are that are not made up."""
    found = find(tx)
    rows = found.rows if found else {}

    def others(table: Table) -> int:
        counted = select(func.count()).select_from(table)
        before, last = rows.get(table.name, (0, 0))
        return int(tx.execute(counted.where(or_(table.c.id <= before, table.c.id > last))).scalar_one())

    return others(tables.residents), others(tables.reports)


def remove(tx: Tx) -> None:
    """Delete what is made up and what hangs on it; photos' files are given up. The sums have to be made anew."""
    found = find(tx)
    if found is None:
        return
    mine = _made_up(tables.photos, found.rows)
    assert mine is not None
    keys = {key for row in tx.execute(select(*KEYS).where(mine)) for key in row if key}
    discard(tx, sorted(keys))
    for table in DERIVED:
        tx.execute(delete(table))
    signed_before, _ = found.rows[tables.editions.name]
    tx.execute(delete(tables.editions).where(tables.editions.c.id > signed_before))  # figures of made-up people
    tx.execute(delete(tables.unanswered).where(tables.unanswered.c.last_day <= found.last.isoformat()))
    for table in reversed(metadata.sorted_tables):
        mine = _made_up(table, found.rows)
        if mine is not None:
            tx.execute(delete(table).where(mine))
    tx.execute(delete(demo))


def _made_up(table: Table, rows: Rows) -> ColumnElement[bool] | None:
    """Which rows are: by their own number, or by that of a row they refer to."""
    numbered = [(key.parent, rows[key.column.table.name]) for key in table.foreign_keys]
    if table.name in rows:
        numbered.append((table.c.id, rows[table.name]))
    found = [and_(column > before, column <= last) for column, (before, last) in numbered]
    return or_(*found) if found else None


def _last_ids(tx: Tx) -> dict[str, int]:
    numbered = [table for table in metadata.sorted_tables if table.c.get("id") is not None and table is not demo]
    return {str(table.name): int(tx.execute(select(func.max(table.c.id))).scalar_one() or 0) for table in numbered}
