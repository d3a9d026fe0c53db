"""What Telegram and WeChat make us remember."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from db.sealing import Guarded, Sealed
from db.tables.ground import Identity, identity, metadata

updates = Table(  # what Telegram sent, stored before it is told that we have it
    "updates",
    metadata,
    identity(),
    Column("bot", BigInteger, nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("state", String(8), nullable=False),  # done, held (part of an album), dead (could not be read)
    Column("user", String(128)),  # whose it is, so that erasing them finds it
    Column("album", String(64)),
    Column("raw", Sealed("updates.raw")),  # as it came; emptied once handled: what was said is in the transcript
    Column("error", String(200)),
    Column("at", BigInteger, nullable=False),
    Column("due_at", BigInteger),  # when an album is taken to be complete
    UniqueConstraint("bot", "update_id"),
    Index("ix_updates_state_due_at", "state", "due_at"),
    Index("ix_updates_at", "at"),
    sqlite_autoincrement=True,
)

telegram_polls = Table(  # native quiz polls: whose each is and what its options mean
    "telegram_polls",
    metadata,
    Column("poll", String(64), primary_key=True),
    Column("talk_id", Identity, ForeignKey("talks.id", ondelete="CASCADE"), nullable=False),
    Column("options", Text, nullable=False),  # their values, in order
    Column("made_at", BigInteger, nullable=False),
    Index("ix_telegram_polls_talk_id", "talk_id"),
)

wechat_followers = Table(  # what a person's last acts allow us to send them (customer-service messages)
    "wechat_followers",
    metadata,
    Column("talk_id", Identity, ForeignKey("talks.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("message_at", BigInteger, nullable=False, default=0),
    Column("message_left", SmallInteger, nullable=False, default=0),
    Column("tap_at", BigInteger, nullable=False, default=0),
    Column("tap_left", SmallInteger, nullable=False, default=0),
    Column("tagged_at", BigInteger, nullable=False, default=0),  # since when they get the daily tip's mass message
)

wechat_tickets = Table(  # consents: each good for one subscription notification
    "wechat_tickets",
    metadata,
    Column("talk_id", Identity, ForeignKey("talks.id", ondelete="CASCADE"), primary_key=True),
    Column("template", String(64), primary_key=True),
    Column("left", Integer, nullable=False),
)

wechat_pages = Table(  # further pages of an answer that was too long, until «更多»
    "wechat_pages",
    metadata,
    identity(),
    Column("talk_id", Identity, ForeignKey("talks.id", ondelete="CASCADE"), nullable=False),
    Column("text", Sealed("wechat_pages.text"), nullable=False),
    Column("options", Guarded("wechat_pages.options"), nullable=False),  # of the whole answer: its numbers stay good
    Column("made_at", BigInteger, nullable=False),
    Index("ix_wechat_pages_talk_id", "talk_id"),
    sqlite_autoincrement=True,
)

wechat_tokens = Table(
    "wechat_tokens",
    metadata,
    Column("app_id", String(32), primary_key=True),
    Column("token", Text, nullable=False, default=""),  # 512 characters and more
    Column("expires_at", BigInteger, nullable=False, default=0),
    Column("owner", String(32)),  # who is renewing it
    Column("owned_until", BigInteger, nullable=False, default=0),
    Column("forced_at", BigInteger, nullable=False, default=0),
)

wechat_media = Table(  # pictures that lie at WeChat: they stay there for three days
    "wechat_media",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("media_id", String(128), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

wechat_refusals = Table(  # what WeChat told us this account has no right to (48001)
    "wechat_refusals",
    metadata,
    Column("app_id", String(32), primary_key=True),
    Column("api", String(16), primary_key=True),
    Column("at", BigInteger, nullable=False),
)

wechat_mass = Table(  # mass messages by what they carried
    "wechat_mass",
    metadata,
    Column("mark", String(64), primary_key=True),
    Column("state", String(8), nullable=False),  # sending, sent, refused
    Column("at", BigInteger, nullable=False),
    Column("number", String(32), nullable=False, default=""),  # WeChat's msg_id
    Column("told", String(200), nullable=False, default=""),  # what WeChat said of it
)
