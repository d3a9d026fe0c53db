"""What residents learn: tips, questions, and when each comes again."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, SmallInteger, String, Table, Text

from db.tables.ground import Identity, identity, metadata

answers = Table(
    "answers",
    metadata,
    identity(),
    Column("resident_id", Identity, ForeignKey("residents.id")),
    Column("question_id", String(64), nullable=False),
    Column("given", String(32), nullable=False),
    Column("right", SmallInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_answers_resident_id_question_id", "resident_id", "question_id"),
    sqlite_autoincrement=True,
)

reviews = Table(
    "reviews",
    metadata,
    Column("resident_id", Identity, ForeignKey("residents.id"), primary_key=True),
    Column("question_id", String(64), primary_key=True),
    Column("topic", String(16), nullable=False),
    Column("card", Text, nullable=False),
    Column("due_day", String(10), nullable=False),
)

tips_seen = Table(
    "tips_seen",
    metadata,
    Column("resident_id", Identity, ForeignKey("residents.id"), primary_key=True),
    Column("tip_id", String(64), primary_key=True),
    Column("day", String(10), nullable=False),
)

area_tips = Table(  # the day's tip of an area where it is not the city's
    "area_tips",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("area", String(64), primary_key=True),
    Column("tip_id", String(64), nullable=False),
)

unanswered = Table(  # questions that no answer fitted: words without a person, for editors
    "unanswered",
    metadata,
    Column("words", String(60), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last_day", String(10), nullable=False),
)
