"""What the house remembers for itself."""

from sqlalchemy import BigInteger, Column, Integer, SmallInteger, String, Table, Text

from db.tables.ground import metadata

ticks = Table(
    "ticks",
    metadata,
    Column("what", String(64), primary_key=True),
    Column("at", String(32), primary_key=True),
    Column("done_at", BigInteger, nullable=False),
)

discards = Table(  # media files that nobody needs any more; the clock deletes them after the commit
    "discards",
    metadata,
    Column("key", String(160), primary_key=True),
)

demo = Table(  # that what we remember is made up (db.demo): one row, or none
    "demo",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("seed", Integer, nullable=False),
    Column("people", Integer, nullable=False),
    Column("first_day", String(10), nullable=False),
    Column("last_day", String(10), nullable=False),
    Column("rows", Text, nullable=False),  # JSON: table -> [the last id before, the last id of what is made up]
)
