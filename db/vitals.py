"""How the house is doing: what waits, since when, what failed, what ran last. Shown by metrics and console."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Table, func, select

from db import letters as outbox
from db.letters import WAITING
from db.marks import mark
from db.moments import to_ms
from db.rollups import JOURNAL
from db.tables import journal, letters, photos, ticks, updates
from db.tx import Tx
from db.wechat_account import mass_since


@dataclass(frozen=True, slots=True)
class Vitals:
    """A moment's state. Ages are seconds."""

    letters: Mapping[str, int]  # by state
    overdue: Mapping[str, float]  # channel → how long its oldest due letter waits, beyond when it was due
    photos: Mapping[str, int]  # by state
    photos_overdue: float
    updates: Mapping[str, int]  # Telegram's, by state
    jobs: Mapping[str, int]  # what the clock finished → when last, ms
    behind: int  # lines of the journal that the rollups do not hold yet
    mass: int  # WeChat's mass messages since the month began


def vitals(tx: Tx, zone: ZoneInfo) -> Vitals:
    """Take them; months are those of the city's ``zone``. All by index, some milliseconds."""
    now = tx.ms
    month = to_ms(tx.local(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0))
    due = tx.execute(
        select(letters.c.channel, func.min(letters.c.due_at))
        .where(letters.c.state == WAITING, letters.c.due_at <= now)
        .group_by(letters.c.channel)
    )
    fetching = (photos.c.state == "waiting", photos.c.due_at <= now)
    oldest = tx.execute(select(func.min(photos.c.due_at)).where(*fetching)).scalar_one()
    jobs = select(ticks.c.what, func.max(ticks.c.done_at)).group_by(ticks.c.what)
    return Vitals(
        letters=outbox.counts(tx),
        overdue={channel: (now - since) / 1000 for channel, since in due},
        photos=_by_state(tx, photos),
        photos_overdue=(now - oldest) / 1000 if oldest is not None else 0.0,
        updates=_by_state(tx, updates),
        jobs={what: int(at) for what, at in tx.execute(jobs)},
        behind=_last_line(tx) - mark(tx, JOURNAL).line,
        mass=mass_since(tx, month),
    )


def _last_line(tx: Tx) -> int:
    return int(tx.execute(select(func.coalesce(func.max(journal.c.id), 0))).scalar_one())


def _by_state(tx: Tx, table: Table) -> dict[str, int]:
    counted = select(table.c.state, func.count()).group_by(table.c.state)
    return {state: int(count) for state, count in tx.execute(counted)}
