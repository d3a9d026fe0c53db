"""Who the residents are, what is said with them, and how their chats belong together."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    text,
)

from db.sealing import Guarded, Sealed
from db.tables.ground import Identity, identity, metadata

_NAMED = text("erased_at IS NULL")
_KNOWN: dict[str, Any] = {"sqlite_where": _NAMED, "postgresql_where": _NAMED}
residents = Table(
    "residents",
    metadata,
    identity(),
    Column("language", String(8), nullable=False),
    Column("area", String(64)),  # a community of the city pack, or nothing
    Column("tip_hour", SmallInteger),  # nothing: no daily tip
    Column("points_on", SmallInteger, nullable=False, default=1),
    Column("anonymous", SmallInteger, nullable=False, default=0),
    Column("source", String(64)),  # the poster or campaign that brought them
    Column("joined_at", BigInteger, nullable=False),
    Column("joined_day", String(10), nullable=False),
    Column("seen_day", String(10)),
    Column("erased_at", BigInteger),
    Index("ix_residents_tip_hour", "tip_hour"),
    # Who came when, from where and by what (db.figures): found without the rows themselves.
    Index("ix_residents_joined_day_source_area_id", "joined_day", "source", "area", "id", **_KNOWN),
    Index("ix_residents_area_joined_day_source_id", "area", "joined_day", "source", "id", **_KNOWN),
    sqlite_autoincrement=True,
)

talks = Table(
    "talks",
    metadata,
    identity(),
    Column("channel", String(16), nullable=False),
    Column("user", String(128), nullable=False),
    Column("resident_id", Identity, ForeignKey("residents.id"), nullable=False),
    Column("conversation", String(32)),
    Column("step", String(32)),
    Column("data", Guarded("talks.data"), nullable=False, default="{}"),  # data of the step, and the trail for «返回»
    Column("paused", Guarded("talks.paused"), nullable=False, default="{}"),  # what was left and can be resumed
    Column("options", Guarded("talks.options"), nullable=False, default="[]"),  # last offered: [[value, label], …]
    Column("serial", Integer, nullable=False, default=0),  # counts offers, so that an old button is known as old
    Column("asks", String(8), nullable=False, server_default=""),  # what the last question asks for: place
    Column("last_id", Identity),  # the latest of its exchanges
    Column("read_id", Identity, nullable=False, default=0),  # the last exchange that was seen (web chat)
    Column("reachable", SmallInteger, nullable=False, default=1),
    Column("seen_at", BigInteger, nullable=False),
    UniqueConstraint("channel", "user"),
    Index("ix_talks_resident_id", "resident_id"),
    sqlite_autoincrement=True,
)

exchanges = Table(
    "exchanges",
    metadata,
    identity(),
    Column("talk_id", Identity, nullable=False),  # no foreign key: to look for a talk's rows would take an index
    Column("before_id", Identity),  # the one before it in the same talk (db.history); it may be forgotten already
    Column("key", String(160), nullable=False),  # the message's id at its channel, or letter:<id>
    Column("at", BigInteger, nullable=False),
    Column("said", Guarded("exchanges.said")),  # what the resident sent; nothing for a pushed notice
    Column("answer", Guarded("exchanges.answer"), nullable=False),  # rendered: a repeated message gets the same words
    UniqueConstraint("key", "talk_id"),  # WeChat's and Telegram's ids grow: with them first it is written at its end
    sqlite_autoincrement=True,
)

join_codes = Table(  # one-time codes with which a person links a second channel
    "join_codes",
    metadata,
    Column("code", String(16), primary_key=True),
    Column("resident_id", Identity, ForeignKey("residents.id"), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

mutes = Table(  # who may not send reports for a while
    "mutes",
    metadata,
    Column("resident_id", Identity, ForeignKey("residents.id"), primary_key=True, autoincrement=False),
    Column("report_id", Identity),  # of theirs, from which it was done
    Column("until_at", BigInteger, nullable=False),
    Column("reason", Sealed("mutes.reason"), nullable=False),  # which they were told
    Column("at", BigInteger, nullable=False),
    Column("staff_id", Identity),
    Column("actor_name", String(64), nullable=False),
)

paces = Table(  # how fast somebody writes, where several processes count (db.paces)
    "paces",
    metadata,
    Column("key", String(160), primary_key=True),
    Column("until_at", BigInteger, nullable=False),
)
