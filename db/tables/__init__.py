"""Every table, in rooms by what they are about; the rest of the house takes them from here.

Moments are integers: milliseconds since 1970 in UTC (``db.moments``). ``day`` columns are ISO dates in the
city's time zone, written by Python, so that both databases group alike. JSON is kept as text: it is read
and written whole.
"""

from db.tables.casework import photos, report_followers, report_moves, report_photos, report_words, reports, surveys
from db.tables.ground import metadata
from db.tables.lessons import answers, area_tips, reviews, tips_seen, unanswered
from db.tables.messengers import (
    telegram_polls,
    updates,
    wechat_followers,
    wechat_mass,
    wechat_media,
    wechat_pages,
    wechat_refusals,
    wechat_tickets,
    wechat_tokens,
)
from db.tables.office import (
    audit,
    knocks,
    staff,
    staff_absences,
    staff_codes,
    staff_invitations,
    staff_notices,
    staff_sessions,
    staff_talks,
    staff_tokens,
    supervisions,
)
from db.tables.people import exchanges, join_codes, mutes, paces, residents, talks
from db.tables.post import circulars, letters
from db.tables.sums import (
    bulletin_readers,
    editions,
    hidden_cells,
    journal,
    marks,
    report_sets,
    rollup_spans,
    rollups,
)
from db.tables.upkeep import demo, discards, ticks

__all__ = [
    "answers",
    "area_tips",
    "audit",
    "bulletin_readers",
    "circulars",
    "demo",
    "discards",
    "editions",
    "exchanges",
    "hidden_cells",
    "join_codes",
    "journal",
    "knocks",
    "letters",
    "marks",
    "metadata",
    "mutes",
    "paces",
    "photos",
    "report_followers",
    "report_moves",
    "report_photos",
    "report_sets",
    "report_words",
    "reports",
    "residents",
    "reviews",
    "rollup_spans",
    "rollups",
    "staff",
    "staff_absences",
    "staff_codes",
    "staff_invitations",
    "staff_notices",
    "staff_sessions",
    "staff_talks",
    "staff_tokens",
    "supervisions",
    "surveys",
    "talks",
    "telegram_polls",
    "ticks",
    "tips_seen",
    "unanswered",
    "updates",
    "wechat_followers",
    "wechat_mass",
    "wechat_media",
    "wechat_pages",
    "wechat_refusals",
    "wechat_tickets",
    "wechat_tokens",
]
