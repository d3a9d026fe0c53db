"""Everything that is sealed, sealed with the newest key: after an upgrade what was written before, after a new key all.

Page by page in the order of the first column of the key; what is done already is left alone, so it may be stopped and
begun again.
"""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Column, Text, literal, select, update

from civic.discretion import about, personal
from db import report_words
from db.sealing import Guarded, Sealed, keys_of, spot
from db.tables import metadata, photos, reports
from db.tx import Tx, as_stored

PAGE = 200  # rows in one unit: some ten milliseconds
TABLES = tuple(table.name for table in metadata.sorted_tables if any(isinstance(c.type, Sealed) for c in table.columns))
EXTENT = sum(isinstance(c.type, Sealed) for table in metadata.sorted_tables for c in table.columns)  # columns
POSITIONS = (reports.name, photos.name)  # which had them in the open


class Page(NamedTuple):
    """A page of a table that was looked at: the id of its last row, its rows, and how many were sealed anew."""

    last: int
    rows: int
    sealed: int


def newest(tx: Tx) -> str:
    """The name of the key that seals."""
    return keys_of(tx.connection.dialect).newest.strip("~")


def page(tx: Tx, name: str, after: int) -> Page | None:
    """Seal the next page of a table anew; None at the end."""
    table = metadata.tables[name]
    number, *_ = table.primary_key.columns
    next_ones = select(number).where(number > after).order_by(number).limit(PAGE)
    last = max(tx.execute(next_ones).scalars(), default=None)
    if last is None:
        return None
    columns = [column for column in table.columns if isinstance(column.type, Sealed)]
    stored = [as_stored(column).label(f"stored_{column.name}") for column in columns]
    bare = [table.c.lat, table.c.lon] if name in POSITIONS else []
    words = [table.c.number] if name == reports.name else []
    looked = select(*table.primary_key.columns, *columns, *stored, *bare, *words).where(number > after, number <= last)
    rows, done = tx.execute(looked.with_for_update()).mappings().all(), 0
    for row in rows:
        values: dict[str, object] = {
            column.name: literal(tx.seal(column, row[column.name]), Text())
            for column in columns
            if _waits(tx, column, row[f"stored_{column.name}"])
        }
        if bare and row["spot"] is None and row["lat"] is not None:
            values |= {"spot": spot(row["lat"], row["lon"]), **_left(name, row["lat"], row["lon"])}
        if name == reports.name and "place" in values:
            report_words.put(tx, row["id"], row["number"], row["place"], row["note"])
        if values:
            this = [column == row[column.name] for column in table.primary_key.columns]
            tx.execute(update(table).where(*this).values(values))
            done += 1
    return Page(last, len(rows), done)


def _waits(tx: Tx, column: Column[str], stored: str | None) -> bool:
    """Whether a value is to be sealed, or sealed with the newest key."""
    if not stored or stored.startswith(keys_of(tx.connection.dialect).newest):
        return False
    return stored.startswith("~") or not isinstance(column.type, Guarded) or personal(stored)


def _left(name: str, lat: float, lon: float) -> Mapping[str, float | None]:
    """What stays of a position in the open: of a report roughly where it is, of a photo nothing."""
    if name == photos.name:
        return {"lat": None, "lon": None}
    return dict(zip(("lat", "lon"), about(lat, lon), strict=True))


def strange(tx: Tx) -> str | None:
    """The name of a key that sealed one of the newest rows of a table and is not here; or None."""
    keys = keys_of(tx.connection.dialect)
    for name in TABLES:
        table = metadata.tables[name]
        columns = [as_stored(column) for column in table.columns if isinstance(column.type, Sealed)]
        latest = select(*columns).order_by(*(column.desc() for column in table.primary_key.columns)).limit(PAGE)
        for row in tx.execute(latest):
            for stored in row:
                if stored and not keys.knows(stored):
                    return str(stored.split("~")[1])
    return None
