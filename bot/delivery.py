"""What it means that a letter arrived: it is done, and for some letters a line in the journal."""

from zoneinfo import ZoneInfo

from civic.people import Resident
from db import journal, sending
from db.letters import Letter
from db.tx import Tx


def delivered(tx: Tx, letter: Letter, resident: Resident, zone: ZoneInfo) -> None:
    """The unit that follows a delivery."""
    sending.sent(tx, letter.id)
    if letter.deed:
        deed, topic, subject = letter.deed.split("|")
        journal.write_line(
            tx,
            day=tx.day(zone),
            resident_id=resident.id,
            deed=deed,
            channel=letter.channel,
            topic=topic or None,
            subject=subject or None,
            area=resident.area,
            source=resident.source,
        )
