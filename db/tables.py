"""Every table on one page.

Moments are integers: milliseconds since 1970 in UTC (``db.moments``). ``day`` columns are ISO dates in the
city's time zone, written by Python, so that both databases group alike. JSON is kept as text: it is read
and written whole.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from db.sealing import Guarded, Sealed

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Identity = BigInteger().with_variant(Integer, "sqlite")


def identity() -> Column[int]:
    """A numbered primary key; never reused on SQLite, because history is paged by it."""
    return Column("id", Identity, primary_key=True, autoincrement=True)


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
    Column("talk_id", Identity, ForeignKey("talks.id"), nullable=False),
    Column("key", String(160), nullable=False),  # the message's id at its channel, or letter:<id>
    Column("at", BigInteger, nullable=False),
    Column("said", Guarded("exchanges.said")),  # what the resident sent; nothing for a pushed notice
    Column("answer", Guarded("exchanges.answer"), nullable=False),  # rendered: a repeated message gets the same words
    UniqueConstraint("talk_id", "key"),
    Index("ix_exchanges_talk_id_id", "talk_id", "id"),
    Index("ix_exchanges_at", "at"),
    sqlite_autoincrement=True,
)

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

_VEIL: dict[str, Any] = {"sqlite_where": text("veil_at IS NOT NULL"), "postgresql_where": text("veil_at IS NOT NULL")}

photos = Table(
    "photos",
    metadata,
    identity(),
    Column("resident_id", Identity, ForeignKey("residents.id")),
    Column("state", String(8), nullable=False),  # ready, waiting (still at its channel), failed
    Column("ref", Text),  # where the channel keeps it while it waits
    Column("channel", String(16), nullable=False),
    Column("attempts", SmallInteger, nullable=False, default=0),
    Column("due_at", BigInteger),
    Column("sha256", String(64)),
    Column("mime", String(32)),
    Column("bytes", BigInteger),
    Column("width", Integer),
    Column("height", Integer),
    Column("taken_at", String(32)),  # local time as the camera wrote it
    Column("lat", Float),  # only until it is sealed: photos from before
    Column("lon", Float),
    Column("spot", Sealed("photos.spot")),  # where it was taken
    Column("phash", String(16)),
    Column("sealed_key", String(120)),
    Column("large_key", String(120)),
    Column("small_key", String(120)),
    Column("veiled", String(8)),  # what is veiled on the copies: faces, all (plates, too); failed: it could not be done
    Column("veil_at", BigInteger),  # when the copies are to be made anew; empty: nothing to do
    Column("veil_tries", SmallInteger, nullable=False, server_default="0"),
    Column("boxes", Text),  # what staff had veiled: [left, top, width, height] each, in thousandths
    Column("withheld", SmallInteger, nullable=False, server_default="0"),  # staff do not want it to be public
    Column("created_at", BigInteger, nullable=False),
    Index("ix_photos_veil_at", "veil_at", **_VEIL),
    Index("ix_photos_resident_id", "resident_id"),
    Index("ix_photos_state_due_at", "state", "due_at"),
    Index("ix_photos_sha256", "sha256"),
    sqlite_autoincrement=True,
)

_OPEN: dict[str, Any] = {"sqlite_where": text("closed_at IS NULL"), "postgresql_where": text("closed_at IS NULL")}
_SHUT = text("closed_at IS NOT NULL")
_CLOSED: dict[str, Any] = {"sqlite_where": _SHUT, "postgresql_where": _SHUT}
_HIDDEN: dict[str, Any] = {"sqlite_where": text("hidden = 1"), "postgresql_where": text("hidden = 1")}

reports = Table(
    "reports",
    metadata,
    identity(),
    Column("number", String(24), nullable=False, unique=True),
    Column("resident_id", Identity, ForeignKey("residents.id")),  # empty once they erased themselves
    Column("channel", String(16), nullable=False),
    Column("source", String(64)),
    Column("category", String(32), nullable=False),
    Column("area", String(64)),
    Column("lat", Float),  # to 100 metres (civic.discretion.about): what maps and neighbours are found by
    Column("lon", Float),
    Column("square", BigInteger),  # of about 100 metres, around its position: civic.discretion
    Column("spot", Sealed("reports.spot")),  # exactly
    Column("place", Sealed("reports.place"), nullable=False),
    Column("place_origin", String(16), nullable=False),  # typed, browser, photo, wechat…
    Column("note", Sealed("reports.note"), nullable=False),
    Column("answers", Sealed("reports.answers"), nullable=False),  # the category's own questions
    Column("anonymous", SmallInteger, nullable=False),
    Column("status", String(16), nullable=False),
    Column("department", String(64)),
    Column("priority", String(8), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_day", String(10), nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("due_day", String(10), nullable=False),
    Column("resolved_at", BigInteger),
    Column("closed_at", BigInteger),
    Column("rounds", SmallInteger, nullable=False, default=0),  # how often it was resolved
    Column("person_id", Identity),  # who of the staff works on it
    Column("returns", SmallInteger, nullable=False, server_default="0"),  # how often it was the wrong department
    Column("reworks", SmallInteger, nullable=False, server_default="0"),  # how often a check sent it back
    Column("extensions", SmallInteger, nullable=False, server_default="0"),  # of the present round
    Column("reopens", SmallInteger, nullable=False, server_default="0"),  # how often the resident sent it back
    Column("asked", String(8)),  # what the office has to decide: time, hold
    Column("asked_until", BigInteger),
    Column("checking", SmallInteger, nullable=False, server_default="0"),  # an independent check waits
    Column("supervised", SmallInteger, nullable=False, server_default="0"),  # a signed supervision waits for an answer
    Column("hidden", SmallInteger, nullable=False, server_default="0"),  # from the public
    Column("merged_into", Identity),  # the report that it is the same as
    Column("resumes", String(16)),  # while paused: the state it goes back to
    Column("paused_at", BigInteger),  # since when the deadline stands still
    Column("hold_until", BigInteger),
    Column("round_at", BigInteger, nullable=False, server_default="0"),  # when the present round began
    Column("step_due_at", BigInteger),  # by when the present step should be left
    Column("chased", SmallInteger, nullable=False, server_default="0"),  # of what staff were reminded: db.reminders
    Column("cleared_at", BigInteger),  # its time was over: photos, words and resident are gone
    Column("version", Integer, nullable=False, default=0),
    Index("ix_reports_merged_into", "merged_into"),
    Index("ix_reports_person_id", "person_id"),
    Index("ix_reports_closed_at", "closed_at", **_CLOSED),
    Index("ix_reports_resident_id", "resident_id"),
    Index("ix_reports_status_due_at", "status", "due_at"),
    Index("ix_reports_created_day", "created_day"),
    Index("ix_reports_due_day", "due_day"),
    # The queue of staff: what is open, most urgent first.
    Index("ix_reports_open_due_at_id", "due_at", "id", **_OPEN),
    Index("ix_reports_open_department_due_at_id", "department", "due_at", "id", **_OPEN),
    Index("ix_reports_open_status_due_at_department_area", "status", "due_at", "department", "area", **_OPEN),
    Index("ix_reports_department_id", "department", "id"),
    Index("ix_reports_area_id", "area", "id"),
    Index("ix_reports_category_id", "category", "id"),
    Index("ix_reports_hidden_id", "id", **_HIDDEN),
    # Maps: counted from the index alone, square after square.
    Index(
        "ix_reports_square_status_department_area_category_id",
        *("square", "status", "department", "area", "category", "id"),
    ),
    sqlite_autoincrement=True,
)

report_words = Table(  # by which staff find a report
    "report_words",
    metadata,
    Column("report_id", Identity, ForeignKey("reports.id"), primary_key=True, autoincrement=False),
    Column("words", Text, nullable=False),
)

report_photos = Table(
    "report_photos",
    metadata,
    Column("report_id", Identity, ForeignKey("reports.id"), primary_key=True),
    Column("photo_id", Identity, ForeignKey("photos.id"), primary_key=True),
    Column("kind", String(8), nullable=False),  # before, after, added
    Column("at", BigInteger, nullable=False),
    Index("ix_report_photos_photo_id", "photo_id"),
)

report_moves = Table(
    "report_moves",
    metadata,
    identity(),
    Column("report_id", Identity, ForeignKey("reports.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("day", String(10), nullable=False),
    Column("move", String(16), nullable=False),
    Column("actor", String(16), nullable=False),  # resident, staff, clock
    Column("actor_name", String(64)),
    Column("from_status", String(16)),
    Column("to_status", String(16), nullable=False),
    Column("note", Sealed("report_moves.note"), nullable=False, default=""),
    Column("staff_id", Identity),
    Column("from_department", String(64)),
    Column("department", String(64)),  # after it; of a return: the one it was thought to belong to
    Column("target", String(64)),  # the other report, the hotline, the reason for having no photo
    Column("step_due_at", BigInteger),  # by when the step that it left should have been left
    Index("ix_report_moves_report_id", "report_id"),
    Index("ix_report_moves_day_move", "day", "move"),
    sqlite_autoincrement=True,
)

_WAITS = text("answered_at IS NULL AND reminded_at IS NULL")
surveys = Table(  # what the resident says of each round
    "surveys",
    metadata,
    Column("report_id", Identity, ForeignKey("reports.id"), primary_key=True, autoincrement=False),
    Column("round", SmallInteger, primary_key=True, autoincrement=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("reminded_at", BigInteger),
    Column("answered_at", BigInteger),  # for the first time
    Column("first_solved", SmallInteger),  # 1 solved, 0 not
    Column("first_satisfaction", String(12)),  # satisfied, partly, unsatisfied
    Column("solved", SmallInteger),
    Column("satisfaction", String(12)),
    Column("reasons", Text, nullable=False, server_default="[]"),  # ids of content/reasons.toml
    Column("words", Sealed("surveys.words"), nullable=False, server_default=""),
    Index("ix_surveys_asked_at", "asked_at", sqlite_where=_WAITS, postgresql_where=_WAITS),
)
report_followers = Table(  # whom a report also concerns: they hear how it goes
    "report_followers",
    metadata,
    Column("report_id", Identity, ForeignKey("reports.id"), primary_key=True, autoincrement=False),
    Column("resident_id", Identity, ForeignKey("residents.id"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_report_followers_resident_id", "resident_id"),
)

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
    Index("ix_reviews_resident_id_due_day", "resident_id", "due_day"),
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

report_sets = Table(  # which reports belong together (civic.cases): what figures about reports are made of
    "report_sets",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("reports", LargeBinary, nullable=False),  # their ids: a roaring bitmap
    sqlite_with_rowid=False,
)

bulletin_readers = Table(  # residents who want each bulletin when it is signed
    "bulletin_readers",
    metadata,
    Column("resident_id", Identity, ForeignKey("residents.id"), primary_key=True, autoincrement=False),
    Column("since", BigInteger, nullable=False),
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

marks = Table(  # how far a history has been added up
    "marks",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("line", BigInteger, nullable=False),  # everything up to this id is in
    Column("version", BigInteger, nullable=False),  # rises with every change to what was added up
)

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

join_codes = Table(  # one-time codes with which a person links a second channel
    "join_codes",
    metadata,
    Column("code", String(16), primary_key=True),
    Column("resident_id", Identity, ForeignKey("residents.id"), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

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

telegram_polls = Table(  # native quiz polls: whose each is and what its options mean
    "telegram_polls",
    metadata,
    Column("poll", String(64), primary_key=True),
    Column("talk_id", Identity, ForeignKey("talks.id", ondelete="CASCADE"), nullable=False),
    Column("options", Text, nullable=False),  # their values, in order
    Column("made_at", BigInteger, nullable=False),
    Index("ix_telegram_polls_talk_id", "talk_id"),
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

unanswered = Table(  # questions that no answer fitted: words without a person, for editors
    "unanswered",
    metadata,
    Column("words", String(60), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last_day", String(10), nullable=False),
)

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

knocks = Table(  # attempts to sign in that failed, by account, browser and address
    "knocks",
    metadata,
    Column("key", String(160), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
)

paces = Table(  # how fast somebody writes, where several processes count (db.paces)
    "paces",
    metadata,
    Column("key", String(160), primary_key=True),
    Column("until_at", BigInteger, nullable=False),
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
