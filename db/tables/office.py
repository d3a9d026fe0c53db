"""Who works on the city's side, how they come in, and what they did."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from db.sealing import Sealed
from db.tables.ground import Identity, identity, metadata

staff = Table(  # who works on the city's side
    "staff",
    metadata,
    identity(),
    Column("login", String(64), nullable=False, unique=True),  # what they type to sign in, in lower case
    Column("name", String(64), nullable=False),  # what colleagues read
    Column("role", String(16), nullable=False),
    Column("departments", Text, nullable=False, server_default="[]"),  # theirs to see; none: not limited
    Column("areas", Text, nullable=False, server_default="[]"),
    Column("language", String(8), nullable=False),
    Column("password", String(160)),  # Argon2's own text; empty until the invitation is accepted
    Column("totp", Sealed("staff.totp")),  # the second factor's key, when it is on
    Column("totp_step", BigInteger, nullable=False, server_default="0"),  # the last step used: a code is good once
    Column("recovery", Text, nullable=False, server_default="[]"),  # hashes of the recovery codes that are left
    Column("disabled_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    sqlite_autoincrement=True,
)

staff_invitations = Table(  # one-time links, to come in the first time or again
    "staff_invitations",
    metadata,
    Column("staff_id", Identity, ForeignKey("staff.id"), primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("expires_at", BigInteger, nullable=False),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    identity(),
    Column("hash", String(64), nullable=False, unique=True),  # of what the cookie holds
    Column("staff_id", Identity, ForeignKey("staff.id"), nullable=False),
    Column("began_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("origin", String(64), nullable=False),  # the address it began at
    Column("agent", String(200), nullable=False),  # what the browser calls itself
    Index("ix_staff_sessions_staff_id", "staff_id"),
    sqlite_autoincrement=True,
)

staff_absences = Table(  # who is away, and who sees their work meanwhile
    "staff_absences",
    metadata,
    identity(),
    Column("staff_id", Identity, ForeignKey("staff.id"), nullable=False),
    Column("deputy_id", Identity, ForeignKey("staff.id"), nullable=False),
    Column("from_day", String(10), nullable=False),
    Column("until_day", String(10), nullable=False),
    Index("ix_staff_absences_staff_id", "staff_id"),
    Index("ix_staff_absences_deputy_id_until_day", "deputy_id", "until_day"),
    sqlite_autoincrement=True,
)

staff_notices = Table(  # what somebody of the staff is to know of a report
    "staff_notices",
    metadata,
    identity(),
    Column("staff_id", Identity, ForeignKey("staff.id"), nullable=False),
    Column("report_id", Identity, ForeignKey("reports.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("read_at", BigInteger),
    Index("ix_staff_notices_staff_id_id", "staff_id", "id"),
    Index("ix_staff_notices_report_id", "report_id"),
    sqlite_autoincrement=True,
)

staff_codes = Table(  # one-time codes with which staff bind a chat
    "staff_codes",
    metadata,
    Column("staff_id", Identity, ForeignKey("staff.id"), primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("expires_at", BigInteger, nullable=False),
)

staff_tokens = Table(  # with which the office's own programs read as somebody of the staff
    "staff_tokens",
    metadata,
    identity(),
    Column("staff_id", Identity, ForeignKey("staff.id"), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("name", String(64), nullable=False),  # what it is for
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_day", String(10)),
    Index("ix_staff_tokens_staff_id", "staff_id"),
    sqlite_autoincrement=True,
)

staff_talks = Table(  # chats in which staff get their tasks and work on them
    "staff_talks",
    metadata,
    Column("talk_id", Identity, ForeignKey("talks.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("staff_id", Identity, ForeignKey("staff.id"), nullable=False),
    Column("bound_at", BigInteger, nullable=False),
    Index("ix_staff_talks_staff_id", "staff_id"),
)

supervisions = Table(  # 督办: drafted by the clock, signed (or dropped) by a person
    "supervisions",
    metadata,
    identity(),
    Column("report_id", Identity, ForeignKey("reports.id"), nullable=False),
    Column("words", Sealed("supervisions.words"), nullable=False),
    Column("drafted_at", BigInteger, nullable=False),
    Column("outcome", String(8)),  # signed, dropped; empty: it waits
    Column("decided_at", BigInteger),
    Column("staff_id", Identity),  # who decided; nothing: at the machine itself
    Column("name", String(64)),
    Column("answer", Sealed("supervisions.answer")),  # of the department
    Column("answered_at", BigInteger),
    Column("answered_by", String(64)),
    Index("ix_supervisions_report_id", "report_id"),
    sqlite_autoincrement=True,
)

knocks = Table(  # attempts to sign in that failed, by account, browser and address
    "knocks",
    metadata,
    Column("key", String(160), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
)

audit = Table(  # every act of staff: who, what, on what, from where, when; never what a report says
    "audit",
    metadata,
    identity(),
    Column("at", BigInteger, nullable=False),
    Column("staff_id", Identity, ForeignKey("staff.id")),  # nothing: at the machine itself, or not signed in
    Column("name", String(64), nullable=False),
    Column("act", String(32), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("detail", String(200), nullable=False, server_default=""),
    Column("origin", String(64), nullable=False),
    Index("ix_audit_staff_id_id", "staff_id", "id"),
    Index("ix_audit_act_id", "act", "id"),
    Index("ix_audit_subject_id", "subject", "id"),
    sqlite_autoincrement=True,
)
