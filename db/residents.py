"""What we hold about one person: to show, to hand over, to erase."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, and_, case, delete, func, or_, select, update

from civic.reports import INSIDE, RESIDENT
from db import report_words
from db.history import said_in
from db.moments import from_ms
from db.photos import keys_of, used_keys
from db.rolling import leave
from db.sealing import position
from db.tables import (
    answers,
    bulletin_readers,
    discards,
    exchanges,
    join_codes,
    journal,
    letters,
    mutes,
    photos,
    report_followers,
    report_moves,
    report_photos,
    reports,
    residents,
    reviews,
    surveys,
    talks,
    telegram_polls,
    ticks,
    tips_seen,
    updates,
    wechat_followers,
    wechat_pages,
    wechat_tickets,
)
from db.tx import Tx

HELD = {"talks": talks, "photos": photos, "reports": reports, "answers": answers, "deeds": journal}


def holdings(tx: Tx, resident_id: int) -> dict[str, int]:
    """Kind → how many rows."""
    counts = {
        name: int(
            tx.execute(select(func.count()).select_from(table).where(table.c.resident_id == resident_id)).scalar_one()
        )
        for name, table in HELD.items()
    }
    counts["messages"] = int(
        tx.execute(select(func.count()).select_from(said_in(talks.c.resident_id == resident_id))).scalar_one()
    )
    return counts


def export(tx: Tx, resident_id: int) -> dict[str, Any]:
    """Rows of every table that knows this person, with moments in words; without keys of sealed files."""
    out: dict[str, Any] = {}
    out["resident"] = _rows(tx, select(residents).where(residents.c.id == resident_id))
    for name, table in HELD.items():
        out[name] = _rows(tx, select(table).where(table.c.resident_id == resident_id).order_by(table.c.id))
    out["mutes"] = _rows(tx, select(mutes).where(mutes.c.resident_id == resident_id))
    out["reviews"] = _rows(tx, select(reviews).where(reviews.c.resident_id == resident_id))
    out["bulletin"] = _rows(tx, select(bulletin_readers).where(bulletin_readers.c.resident_id == resident_id))
    out["follows"] = _rows(tx, select(report_followers).where(report_followers.c.resident_id == resident_id))
    out["tips_seen"] = _rows(tx, select(tips_seen).where(tips_seen.c.resident_id == resident_id))
    mine = select(reports.c.id).where(reports.c.resident_id == resident_id)
    out["report_moves"] = _rows(
        tx,
        select(report_moves)
        .where(report_moves.c.report_id.in_(mine), report_moves.c.move.not_in(INSIDE))
        .order_by(report_moves.c.id),
    )
    out["surveys"] = _rows(tx, select(surveys).where(surveys.c.report_id.in_(mine)).order_by(surveys.c.asked_at))
    out["messages"] = _rows(
        tx,
        select(exchanges.c.id, exchanges.c.at, exchanges.c.said, exchanges.c.answer, talks.c.channel)
        .join(said := said_in(talks.c.resident_id == resident_id), said.c.id == exchanges.c.id)
        .join(talks, talks.c.id == exchanges.c.talk_id)
        .order_by(exchanges.c.id),
    )
    for table in (wechat_followers, wechat_tickets):
        out[table.name] = _rows(tx, select(table).join(talks).where(talks.c.resident_id == resident_id))
    return out


HIDDEN = frozenset({"sealed_key", "large_key", "small_key", "options", "actor_name", "staff_id", "person_id", "ref"})
JSON_COLUMNS = frozenset({"answers", "reasons", "said", "answer", "card", "data", "paused"})


def _rows(tx: Tx, query: Any) -> list[dict[str, Any]]:
    rows = []
    for row in tx.execute(query).mappings():
        values = {key: value for key, value in row.items() if key not in HIDDEN and value is not None}
        for key, value in list(values.items()):
            if key == "at" or key.endswith("_at"):
                values[key] = from_ms(value).isoformat() if isinstance(value, int) else value
            elif key == "spot":
                values["lat"], values["lon"] = position(values.pop(key)) or (None, None)
            elif key in JSON_COLUMNS and isinstance(value, str):
                values[key] = json.loads(value)
        rows.append(values)
    return rows


def erase(tx: Tx, resident_id: int, talk_id: int, language: str, day: str) -> int:
    """Remove the person; what the city acts on stays without them. Returns the id of a blank resident.

    The talk in which they asked goes on with that blank resident; all others are gone. Of a report stay what is
    the matter, where (in words, and on the map if they sent it) and its photos without owner, until its retention
    ends; their free words go, and the position that was read from a photo.
    """
    leave(tx, [resident_id])
    attached = select(report_photos.c.photo_id)
    tx.execute(
        update(photos)
        .where(photos.c.resident_id == resident_id, photos.c.id.in_(attached))
        .values(
            resident_id=None,
            lat=None,
            lon=None,
            spot=None,
            ref=case((photos.c.state == "waiting", photos.c.ref), else_=None),
        )
    )
    for key in keys_of(tx, resident_id):
        tx.execute(tx.insert(discards).values(key=key).on_conflict_do_nothing(index_elements=["key"]))
    tx.execute(delete(photos).where(photos.c.resident_id == resident_id))
    my_talks = select(talks.c.id).where(talks.c.resident_id == resident_id)
    my_names = select(talks.c.user).where(talks.c.resident_id == resident_id, talks.c.channel == "telegram")
    tx.execute(update(updates).where(updates.c.user.in_(my_names)).values(user=None, raw=None, state="done"))
    tx.execute(delete(exchanges).where(exchanges.c.id.in_(select(said_in(talks.c.resident_id == resident_id).c.id))))
    for table in (letters, telegram_polls, wechat_pages):
        tx.execute(delete(table).where(table.c.talk_id.in_(my_talks)))
    for table in (answers, reviews, tips_seen, join_codes, mutes, report_followers, bulletin_readers):
        tx.execute(delete(table).where(table.c.resident_id == resident_id))
    mine = select(reports.c.id).where(reports.c.resident_id == resident_id)
    own_words = (report_moves.c.report_id.in_(mine), report_moves.c.actor == RESIDENT)
    tx.execute(update(report_moves).where(*own_words).values(note=""))
    tx.execute(update(surveys).where(surveys.c.report_id.in_(mine)).values(words=""))
    kept = select(reports.c.id, reports.c.number, reports.c.place).where(reports.c.resident_id == resident_id)
    for report in tx.execute(kept).all():
        report_words.put(tx, *report)
    tx.execute(
        update(reports).where(reports.c.resident_id == resident_id).values(resident_id=None, anonymous=1, note="")
    )
    tx.execute(update(journal).where(journal.c.resident_id == resident_id).values(resident_id=None))
    now = tx.ms
    blank = tx.execute(
        residents.insert()
        .values(language=language, joined_at=now, joined_day=day, seen_day=day, points_on=1, anonymous=0)
        .returning(residents.c.id)
    ).scalar_one()
    tx.execute(delete(talks).where(talks.c.resident_id == resident_id, talks.c.id != talk_id))
    anew = {"resident_id": blank, "paused": "{}", "last_id": None, "read_id": 0}
    tx.execute(update(talks).where(talks.c.id == talk_id).values(anew))
    tx.execute(
        update(residents)
        .where(residents.c.id == resident_id)
        .values(area=None, tip_hour=None, source=None, seen_day=None, erased_at=now)
    )
    return int(blank)


def discarded(tx: Tx, limit: int) -> tuple[list[str], set[str]]:
    """Media keys that were given up, and those of them that a photo needs (again): these must not be deleted."""
    keys = list(tx.execute(select(discards.c.key).limit(limit)).scalars())
    return keys, used_keys(tx, keys)


def forget_discarded(tx: Tx, keys: list[str]) -> None:
    """They are dealt with."""
    tx.execute(delete(discards).where(discards.c.key.in_(keys)))


def due_for_tip(tx: Tx, hour: int, after: int, limit: int) -> int | None:
    """The last id of a page of residents who want the daily tip at this hour; None when there are no more."""
    page = _want_tip(hour, after).order_by(residents.c.id).limit(limit).subquery()
    last = tx.execute(select(func.max(page.c.id))).scalar()
    return None if last is None else int(last)


def tip_page(
    hour: int,
    after: int,
    last: int,
    language: str,
    areas: Collection[str] | None,
    but: Collection[str],
    unseen: tuple[str, str] | None,
) -> Select[tuple[int]]:
    """Those of the page who read this language, of some areas or of all (and of none) ``but`` some; with ``unseen``
    (a tip, today) only who did not see that tip on another day."""
    page = _want_tip(hour, after).where(residents.c.id <= last, residents.c.language == language)
    if areas is not None:
        page = page.where(residents.c.area.in_(areas))
    elif but:
        page = page.where(or_(residents.c.area.is_(None), residents.c.area.not_in(but)))
    if unseen is not None:
        tip, today = unseen
        mine = and_(tips_seen.c.resident_id == residents.c.id, tips_seen.c.tip_id == tip)
        page = page.where(~select(tips_seen.c.day).where(mine, tips_seen.c.day != today).exists())
    return page


def how_many(tx: Tx, chosen: Select[tuple[int]]) -> int:
    """How many residents these are."""
    return int(tx.execute(select(func.count()).select_from(chosen.subquery())).scalar_one())


def _want_tip(hour: int, after: int) -> Select[tuple[int]]:
    return select(residents.c.id).where(
        residents.c.tip_hour == hour, residents.c.id > after, residents.c.erased_at.is_(None)
    )


BULLETIN = "bulletin"  # a period whose bulletin fell due, and who signs was told: kept as long as it may wait


def ticked(tx: Tx, what: str, at: str) -> bool:
    """Whether a periodic task was finished for this time."""
    return tx.execute(select(ticks.c.what).where(ticks.c.what == what, ticks.c.at == at)).first() is not None


def tick(tx: Tx, what: str, at: str) -> bool:
    """Note that it is finished; whether nobody had before."""
    noted = tx.insert(ticks).values(what=what, at=at, done_at=tx.ms)
    return tx.execute(noted.on_conflict_do_nothing(index_elements=["what", "at"])).rowcount == 1
