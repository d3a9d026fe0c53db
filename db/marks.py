"""How far a history has been added up, and how far it is complete.

On PostgreSQL a row may become visible after rows with higher ids: ids are given out before the commit. So a mark only
moves to an id when whoever was writing rows at that moment has ended; whoever comes later gets a higher id.
"""

from functools import cache
from typing import NamedTuple

from sqlalchemy import Table, bindparam, func, select, text, update

from db.tables import marks
from db.tx import Hot, Tx

# Whoever is about to write a row holds this lock on the table, from before the row gets its id until the commit.
_WRITING = text(
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted"
    " AND relation = CAST(CAST(:name AS text) AS regclass)"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)

_MARK = select(marks.c.line, marks.c.version).where(marks.c.name == bindparam("name"))
_READ = Hot(_MARK)


class Mark(NamedTuple):
    """Everything up to the row ``line`` is in. ``version`` rises when what was added up was corrected."""

    line: int = 0
    version: int = 0


class Reach(NamedTuple):
    """A table's last row, and the transactions that may still bring rows before it."""

    line: int
    writers: frozenset[str]


def mark(tx: Tx, name: str, *, lock: bool = False) -> Mark:
    """Where it stands; ``lock``: until the end of the unit."""
    rows = tx.execute(_MARK.with_for_update(), {"name": name}).all() if lock else tx.hot(_READ, name=name)
    return Mark(int(rows[0][0]), int(rows[0][1])) if rows else Mark()


def advance(tx: Tx, name: str, seen: Mark, to: Mark) -> bool:
    """Set a mark from where it was seen; False when somebody else set it meanwhile, and nothing may be written."""
    _begin(tx, name)
    where = (marks.c.name == name, marks.c.line == seen.line, marks.c.version == seen.version)
    return tx.execute(update(marks).where(*where).values(line=to.line, version=to.version)).rowcount == 1


def correct(tx: Tx, name: str) -> Mark:
    """Announce a correction: the mark with its next version, locked until the end of the unit."""
    _begin(tx, name)
    tx.execute(update(marks).where(marks.c.name == name).values(version=marks.c.version + 1))
    return mark(tx, name)


def restart(tx: Tx, name: str) -> None:
    """Back to the beginning; whoever is adding up meanwhile finds the mark moved."""
    seen = mark(tx, name, lock=True)
    advance(tx, name, seen, Mark(0, seen.version + 1))


def reach(tx: Tx, table: Table) -> Reach:
    """How far a table's rows go. On SQLite nobody else writes: what is there is complete."""
    [[last]] = tx.hot(_last(table))
    return Reach(int(last or 0), frozenset() if tx.connection.dialect.name == "sqlite" else writing(tx, table))


def writing(tx: Tx, table: Table) -> frozenset[str]:
    """Transactions that write rows of a table at this moment (PostgreSQL)."""
    return frozenset(str(row[0]) for row in tx.execute(_WRITING, {"name": table.name}))


@cache
def _last(table: Table) -> Hot:
    return Hot(select(func.max(table.c.id)))


def _begin(tx: Tx, name: str) -> None:
    row = tx.insert(marks).values(name=name, line=0, version=0)
    tx.execute(row.on_conflict_do_nothing(index_elements=["name"]))
