"""Reports, their photos, their moves, and what residents say of them."""

from typing import Any

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, SmallInteger, String, Table, Text, text

from db.sealing import Sealed
from db.tables.ground import Identity, identity, metadata

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
