"""A SQLite city moves to PostgreSQL: its rows page by page in the order of their keys, and how far the copy is.

The copy's progress stands in a table of its own on the new side, written with each page in one transaction: whoever
kills the move loses nothing and finds it where it was. The table goes when both sides were compared; as long as it is
there, nobody serves from that database.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    MetaData,
    Row,
    String,
    Table,
    Text,
    delete,
    inspect,
    select,
    text,
    tuple_,
    update,
)

from db.sealing import Sealed
from db.tables import journal, metadata, residents
from db.tx import Tx

PAGE = 2000  # rows in one transaction


def _as_stored(table: Table) -> Table:
    """The same table, whose sealed values stay as they are: the copy needs no keys."""
    types = {column.name: Text() if isinstance(column.type, Sealed) else column.type for column in table.columns}
    columns = [Column(one.name, types[one.name], primary_key=one.primary_key) for one in table.columns]
    return Table(table.name, MetaData(), *columns)


TABLES: Sequence[Table] = [_as_stored(table) for table in metadata.sorted_tables]  # what is referred to comes first
CITY = "*"  # the row that says whose copy it is
WHOLE = 1 << 128

_moving = Table(
    "moving",
    MetaData(),
    Column("name", String(64), primary_key=True),
    Column("last", Text, nullable=False),  # the key of the last row that is here
    Column("rows", BigInteger, nullable=False),
)
Key = tuple[Any, ...]


class Occupied(Exception):
    """The new database is not empty, and what is in it is no unfinished copy of this city."""


class Stand(NamedTuple):
    """How far a table is: the key of its last row, and how many rows."""

    last: Key | None
    rows: int


class Sum(NamedTuple):
    """What a table holds: how many rows, and the sum of their checksums, which knows no order."""

    rows: int
    check: int


def mark(tx: Tx) -> str:
    """What tells this city from another one: its first resident and the first line of its journal."""
    first = select(residents.c.id, residents.c.joined_at).order_by(residents.c.id).limit(1)
    line = select(journal.c.id, journal.c.at).order_by(journal.c.id).limit(1)
    return json.dumps([list(row) for one in (first, line) for row in tx.execute(one)])


def unfinished(tx: Tx) -> bool:
    """Whether this database is a copy that is not complete."""
    return inspect(tx.connection).has_table(_moving.name)


def look(tx: Tx, city: str) -> None:
    """Raises Occupied unless the database is empty or an unfinished copy of the city. Changes nothing."""
    if unfinished(tx):
        whose = tx.execute(select(_moving.c.last).where(_moving.c.name == CITY)).scalar_one()
        if whose != city:
            raise Occupied("holds an unfinished copy of another city, or of this one as it was")
        return
    there = set(inspect(tx.connection).get_table_names())
    for table in TABLES:
        if table.name in there and tx.execute(select(table).limit(1)).first() is not None:
            raise Occupied(f"is not empty ({table.name} has rows)")


def begin(tx: Tx, city: str) -> Mapping[str, Stand]:
    """Begin a copy, or go on with it; how far each table is."""
    if not unfinished(tx):
        _moving.create(tx.connection)
        rows = [{"name": table.name, "last": "null", "rows": 0} for table in TABLES]
        tx.execute(_moving.insert(), [{"name": CITY, "last": city, "rows": 0}, *rows])
    found = tx.execute(select(_moving).where(_moving.c.name != CITY)).all()
    return {name: Stand(_key(last), rows) for name, last, rows in found}


def clear(tx: Tx) -> None:
    """Undo an unfinished copy. A database that is none stays as it is."""
    if unfinished(tx):
        for table in reversed(TABLES):
            tx.execute(delete(table))
        _moving.drop(tx.connection)


def read(tx: Tx, table: Table, after: Key | None) -> Sequence[Row[*tuple[Any, ...]]]:
    """The next page of rows after a key."""
    columns = tuple(table.primary_key)
    query = select(table).order_by(*columns).limit(PAGE)
    if after is not None:
        query = query.where(tuple_(*columns) > tuple_(*after) if len(after) > 1 else columns[0] > after[0])
    return tx.execute(query).all()


def write(tx: Tx, table: Table, rows: Sequence[Row[*tuple[Any, ...]]]) -> None:
    """Take a page in and note how far the table is."""
    tx.execute(table.insert(), [dict(row._mapping) for row in rows])
    stand = {"last": json.dumps(key(table, rows[-1])), "rows": _moving.c.rows + len(rows)}
    tx.execute(update(_moving).where(_moving.c.name == table.name).values(stand))


def key(table: Table, row: Row[*tuple[Any, ...]]) -> Key:
    """A row's place in the order of its table."""
    return tuple(row._mapping[column.name] for column in table.primary_key)


def _key(kept: str) -> Key | None:
    found = json.loads(kept)
    return None if found is None else tuple(found)


def unfit(table: Table, rows: Sequence[Row[*tuple[Any, ...]]]) -> str | None:
    """The first value of a page that PostgreSQL won't take although SQLite did: text that is longer than its column
    says, or with a zero character in it."""
    for row in rows:
        for column, value in zip(table.columns, row, strict=True):
            longest = getattr(column.type, "length", None)
            if isinstance(value, str) and ("\0" in value or (longest and len(value) > longest)):
                why = "has a zero character" if "\0" in value else f"is longer than {longest}"
                return f"{table.name}.{column.name} {why}, in the row {key(table, row)}"
    return None


def added(sum_: Sum, rows: Sequence[Row[*tuple[Any, ...]]]) -> Sum:
    """A table's sum with another page in it."""
    checks = (int.from_bytes(blake2b(repr(tuple(row)).encode(), digest_size=16).digest()) for row in rows)
    return Sum(sum_.rows + len(rows), (sum_.check + sum(checks)) % WHOLE)


def numbers(tx: Tx) -> Mapping[str, int]:
    """The last number that each table of a SQLite city gave out: also of rows that are gone."""
    return {row[0]: row[1] for row in tx.execute(text("SELECT name, seq FROM sqlite_sequence"))}


def go_on_counting(tx: Tx, given: Mapping[str, int]) -> None:
    """Number new rows on PostgreSQL from where SQLite was."""
    serial = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)")
    for table in TABLES:
        if (last := given.get(table.name, 0)) > 0:
            tx.execute(serial, {"name": table.name, "last": last})


def finish(tx: Tx) -> None:
    """The copy is complete and may be served from."""
    _moving.drop(tx.connection)
