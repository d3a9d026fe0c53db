"""Who looks at a list of reports or people leaves a line in the audit log."""

from actions.audit import listed, note_listed
from civic.staff import Staff
from web.parts import Parts


async def note(parts: Parts, staff: Staff, what: str, asked: str, count: int) -> None:
    """See ``actions.audit.note_listed``. A page that is drawn anew every few seconds only asks whether it was noted."""
    zone = parts.house.zone
    if not await parts.database.read(listed, staff, zone, what, asked):
        await parts.database.write(note_listed, staff, zone, what, asked, count)
