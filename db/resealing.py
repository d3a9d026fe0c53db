"""Everything that is sealed, sealed with the newest key: after an upgrade what was written before, after a new key all.

Page by page in the order of ids; what is done already is left alone, so it may be stopped and begun again.
"""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Text, select, type_coerce, update

from civic.discretion import about
from db.sealing import Sealed, keys_of, spot
from db.tables import metadata, photos, reports, staff
from db.tx import Tx

PAGE = 200  # rows in one unit: some ten milliseconds
TABLES = tuple(table.name for table in metadata.sorted_tables if any(isinstance(c.type, Sealed) for c in table.columns))
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
    columns = [column for column in table.columns if isinstance(column.type, Sealed)]
    stored = [type_coerce(column, Text).label(f"stored_{column.name}") for column in columns]
    bare = [table.c.lat, table.c.lon] if name in POSITIONS else []
    looked = select(table.c.id, *columns, *stored, *bare).where(table.c.id > after).order_by(table.c.id).limit(PAGE)
    rows = tx.execute(looked.with_for_update()).mappings().all()
    begins, done = keys_of(tx.connection.dialect).newest, 0
    for row in rows:
        old = [c.name for c in columns if row[f"stored_{c.name}"] and not row[f"stored_{c.name}"].startswith(begins)]
        values: dict[str, object] = {column: row[column] for column in old}
        if bare and row["spot"] is None and row["lat"] is not None:
            values |= {"spot": spot(row["lat"], row["lon"]), **_left(name, row["lat"], row["lon"])}
        if values:
            tx.execute(update(table).where(table.c.id == row["id"]).values(values))
            done += 1
    return Page(rows[-1]["id"], len(rows), done) if rows else None


def _left(name: str, lat: float, lon: float) -> Mapping[str, float | None]:
    """What stays of a position in the open: of a report roughly where it is, of a photo nothing."""
    if name == photos.name:
        return {"lat": None, "lon": None}
    return dict(zip(("lat", "lon"), about(lat, lon), strict=True))


def strange(tx: Tx) -> str | None:
    """The name of the key that sealed the newest report, or a second factor, where that key is not here; or None."""
    keys = keys_of(tx.connection.dialect)
    answers, totp = type_coerce(reports.c.answers, Text), type_coerce(staff.c.totp, Text)
    last = select(answers).order_by(reports.c.id.desc()).limit(1)
    found = [*tx.execute(last).scalars(), *tx.execute(select(totp).where(totp.is_not(None))).scalars()]
    return next((stored.split("~")[1] for stored in found if not keys.knows(stored)), None)
