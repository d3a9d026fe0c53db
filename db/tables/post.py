"""What is to be told to whom, and which chats it leaves through."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, SmallInteger, String, Table, Text

from db.sealing import Guarded
from db.tables.ground import Identity, identity, metadata

circulars = Table(  # words that many letters carry: kept once
    "circulars",
    metadata,
    identity(),
    Column("name", String(120), nullable=False, unique=True),
    Column("say", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

letters = Table(
    "letters",
    metadata,
    identity(),
    Column("talk_id", Identity, ForeignKey("talks.id"), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("say", Guarded("letters.say"), nullable=False),  # empty where a circular says it
    Column("circular_id", Identity, ForeignKey("circulars.id")),
    Column("deed", String(96)),  # what delivery means for the journal: deed|topic|subject
    Column("urgency", SmallInteger, nullable=False),  # -1 an answer, 0 news of one's own affairs, 1 broadcast
    Column("once", String(120), unique=True),
    Column("collapse", String(120)),  # a newer letter with the same mark replaces an older one that waits
    Column("state", String(8), nullable=False),  # waiting, sent, unsure, dead, expired, replaced
    Column("attempts", SmallInteger, nullable=False, default=0),
    Column("parts", SmallInteger, nullable=False, server_default="0"),  # how many of its messages have left
    Column("trying", SmallInteger, nullable=False, server_default="0"),  # a message leaves that must not double
    Column("due_at", BigInteger, nullable=False),
    Column("leased_by", String(32)),
    Column("expires_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("sent_at", BigInteger),
    Column("error", String(200)),
    Index("ix_letters_state_channel_urgency_due_at_id", "state", "channel", "urgency", "due_at", "id"),
    Index("ix_letters_state_expires_at", "state", "expires_at"),
    Index("ix_letters_circular_id", "circular_id"),
    Index("ix_letters_talk_id_state", "talk_id", "state"),
    sqlite_autoincrement=True,
)
