"""What was done, added up, and what was published of it."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from db.tables.ground import Identity, identity, metadata

journal = Table(
    "journal",
    metadata,
    identity(),
    Column("at", BigInteger, nullable=False),
    Column("day", String(10), nullable=False),
    Column("resident_id", Identity, ForeignKey("residents.id")),
    Column("deed", String(32), nullable=False),
    Column("subject", String(64)),
    Column("topic", String(32)),
    Column("area", String(64)),
    Column("channel", String(16), nullable=False),
    Column("source", String(64)),
    Column("right", SmallInteger),
    Column("points", SmallInteger, nullable=False, default=0),
    Index("ix_journal_day_deed", "day", "deed"),
    Index("ix_journal_resident_id_day", "resident_id", "day"),
    sqlite_autoincrement=True,
)

rollups = Table(  # the journal added up (db.rollups): how often, how many people
    "rollups",
    metadata,
    Column("level", String(5), primary_key=True),  # day, week, month
    Column("scope", String(64), primary_key=True),  # the city, areas side by side, or one area by itself
    Column("deed", String(32), primary_key=True),
    Column("day", String(10), primary_key=True),  # the first of the span
    Column("area", String(64), primary_key=True),
    Column("channel", String(16), primary_key=True),
    Column("about", String(64), primary_key=True),  # topic, category or what brought somebody
    Column("lines", BigInteger, nullable=False),
    Column("right", BigInteger, nullable=False),
    Column("graded", BigInteger, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("people", BigInteger, nullable=False),
    Column("who", LargeBinary, nullable=False),  # their ids: a roaring bitmap
    sqlite_with_rowid=False,
)

rollup_spans = Table(  # weeks and months that are added up
    "rollup_spans",
    metadata,
    Column("level", String(5), primary_key=True),
    Column("day", String(10), primary_key=True),
)

hidden_cells = Table(  # what the public is not told of a piece (civic.pieces), until something behind it changes
    "hidden_cells",
    metadata,
    Column("first_day", String(10), primary_key=True),
    Column("last_day", String(10), primary_key=True),
    Column("kind", String(8), primary_key=True),  # of which figures: deeds, reports
    Column("stamp", String(64), nullable=False),  # which sums and which definitions it was found by
    Column("cells", Text, nullable=False),  # JSON: figure → dimension → hidden values; what is left out is not there
    sqlite_with_rowid=False,
)

report_sets = Table(  # which reports belong together (civic.cases): what figures about reports are made of
    "report_sets",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("reports", LargeBinary, nullable=False),  # their ids: a roaring bitmap
    sqlite_with_rowid=False,
)

marks = Table(  # how far a history has been added up
    "marks",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("line", BigInteger, nullable=False),  # everything up to this id is in
    Column("version", BigInteger, nullable=False),  # rises with every change to what was added up
)

editions = Table(  # figures of a period as they were signed: never changed
    "editions",
    metadata,
    identity(),
    Column("period", String(64), nullable=False),  # as people write it
    Column("first_day", String(10), nullable=False),
    Column("last_day", String(10), nullable=False),
    Column("number", Integer, nullable=False),  # of the same days, from 1
    Column("at", BigInteger, nullable=False),
    Column("staff_id", Identity),  # nothing: at the machine itself
    Column("name", String(64), nullable=False),  # who signed
    Column("text", Text, nullable=False),
    Column("note", Text, nullable=False),  # what this edition corrects
    Column("content", Text, nullable=False),  # JSON: numbers, and the words that explain them
    UniqueConstraint("first_day", "last_day", "number"),
    sqlite_autoincrement=True,
)

bulletin_readers = Table(  # residents who want each bulletin when it is signed
    "bulletin_readers",
    metadata,
    Column("resident_id", Identity, ForeignKey("residents.id"), primary_key=True, autoincrement=False),
    Column("since", BigInteger, nullable=False),
)
