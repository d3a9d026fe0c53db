"""Who does something, where and when: what most actions need beside their subject."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from civic import records
from civic.people import Resident
from civic.points import worth
from content.library import Library
from db import journal
from db.tx import Tx


@records.record(frozen=True, slots=True)
class Scene:
    """A resident acting on a channel, inside a transaction."""

    tx: Tx
    library: Library
    zone: ZoneInfo
    resident: Resident
    channel: str

    @property
    def local(self) -> datetime:
        """The moment on the city's clocks."""
        return self.tx.local(self.zone)

    @property
    def day(self) -> date:
        """The city's date."""
        return self.local.date()

    @property
    def iso_day(self) -> str:
        """The city's date as the tables keep it."""
        return self.tx.day(self.zone)


def record(
    scene: Scene,
    deed: str,
    *,
    subject: str | None = None,
    topic: str | None = None,
    area: str | None = None,
    right: bool | None = None,
    earns: bool = True,
) -> int:
    """Write a deed into the journal with the points it brings (civic.points); returns those points.

    Points are voluntary: who switched them off earns none, and nothing else changes for them.
    """
    day = scene.iso_day
    points = 0
    if earns and scene.resident.points_on:
        times, _ = journal.done_today(scene.tx, scene.resident.id, deed, day)
        points = worth(deed, times, right)
    journal.write_line(
        scene.tx,
        day=day,
        resident_id=scene.resident.id,
        deed=deed,
        channel=scene.channel,
        subject=subject,
        topic=topic,
        area=area or scene.resident.area,
        source=scene.resident.source,
        right=right,
        points=points,
    )
    return points
