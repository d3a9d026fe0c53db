"""Where each photo lies; fetched or not yet."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select, update

from db.sealing import position, spot
from db.tables import discards, photos, report_followers, report_photos, reports, talks
from db.tx import Tx

FACES, ALL, FAILED = "faces", "all", "failed"  # what is veiled on a photo's copies; it could not be done
SIZES = ("large", "small", "public")
KEYS = (photos.c.sealed_key, photos.c.large_key, photos.c.small_key)


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """A photo as steps see it. ``place`` (lat, lon) and ``taken_at`` were read from the file itself."""

    id: int
    ready: bool
    taken_at: str | None
    place: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class WaitingPhoto:
    """A photo that is still at its channel; ``attempts`` counts this one."""

    id: int
    channel: str
    ref: str
    attempts: int
    resident_id: int | None


def add_photo(
    tx: Tx, resident_id: int | None, channel: str, ref: str, developed: dict[str, object] | None
) -> StoredPhoto:
    """Keep a photo: with its developed facts (columns of the table), or as one to be fetched."""
    values: dict[str, object] = {
        "resident_id": resident_id,
        "channel": channel,
        "ref": ref,
        "created_at": tx.ms,
        "attempts": 0,
        "state": "ready" if developed else "waiting",
        "due_at": None if developed else tx.ms,
        **(_kept(developed) if developed else {}),
    }
    photo_id = tx.execute(photos.insert().values(values).returning(photos.c.id)).scalar_one()
    found = find_photos(tx, [photo_id])
    return found[0]


def _kept(developed: dict[str, object]) -> dict[str, object]:
    """A photo's facts as the table has them: where it was taken is sealed."""
    facts = dict(developed)
    lat, lon = facts.pop("lat", None), facts.pop("lon", None)
    return {**facts, "spot": spot(lat, lon) if isinstance(lat, float) and isinstance(lon, float) else None}


def _place(sealed_spot: str | None, lat: float | None, lon: float | None) -> tuple[float, float] | None:
    """Where a photo was taken; ``lat`` and ``lon`` until the clock has sealed them."""
    return position(sealed_spot) or ((lat, lon) if lat is not None and lon is not None else None)


def find_photos(tx: Tx, ids: list[int]) -> list[StoredPhoto]:
    """Photos by id, in the order asked."""
    rows = tx.execute(
        select(photos.c.id, photos.c.state, photos.c.taken_at, photos.c.spot, photos.c.lat, photos.c.lon).where(
            photos.c.id.in_(ids)
        )
    ).all()
    by_id = {row[0]: StoredPhoto(row[0], row[1] == "ready", row[2], _place(*row[3:])) for row in rows}
    return [by_id[number] for number in ids if number in by_id]


def owner(tx: Tx, photo_id: int) -> int | None:
    """The resident whose photo it is; nobody's if staff took it."""
    return tx.execute(select(photos.c.resident_id).where(photos.c.id == photo_id)).scalar()


def copy_key(tx: Tx, photo_id: int, size: str) -> str | None:
    """The key of a copy: large or small, as it is now; or «public»: the large one, once anybody may see it."""
    p = photos.c
    query = select(p.small_key if size == "small" else p.large_key).where(p.id == photo_id)
    if size == "public":
        query = query.where(p.veiled == ALL, p.withheld == 0)
    return tx.execute(query).scalar() if size in SIZES else None


def ref_in(tx: Tx, photo_id: int, channel: str) -> str | None:
    """Where a photo lies at a channel, while it is in no report and so only its owner's: there nothing is veiled."""
    p = photos.c
    own = (p.id == photo_id, p.channel == channel, p.veiled.is_(None), p.veil_at.is_(None))
    return tx.execute(select(p.ref).where(*own)).scalar()


def unveiled(tx: Tx, photo_ids: Sequence[int]) -> bool:
    """Whether one of these photos is soon to be public, but not yet."""
    waiting = select(photos.c.id).where(photos.c.id.in_(photo_ids), photos.c.veiled.is_(None))
    return tx.execute(waiting.where(photos.c.veil_at.is_not(None))).first() is not None


def sealed(tx: Tx, photo_id: int) -> tuple[str, str] | None:
    """Key and MIME type of the original, once it is there."""
    row = tx.execute(select(photos.c.sealed_key, photos.c.mime).where(photos.c.id == photo_id)).first()
    return (row[0], row[1]) if row and row[0] else None


def seen_in(tx: Tx, photo_id: int) -> list[tuple[str, str | None, str | None]]:
    """Number, department and area of each report that a photo belongs to."""
    query = select(reports.c.number, reports.c.department, reports.c.area).select_from(report_photos.join(reports))
    return [(row[0], row[1], row[2]) for row in tx.execute(query.where(report_photos.c.photo_id == photo_id))]


def due_photos(tx: Tx, channels: Sequence[str], limit: int) -> list[WaitingPhoto]:
    """Photos that wait at one of these channels to be fetched now; each is leased for two minutes."""
    now = tx.ms
    query = (
        select(photos.c.id, photos.c.channel, photos.c.ref, photos.c.attempts, photos.c.resident_id)
        .where(photos.c.state == "waiting", photos.c.due_at <= now, photos.c.channel.in_(channels))
        .order_by(photos.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = tx.execute(query).all()
    if rows:
        tx.execute(
            update(photos)
            .where(photos.c.id.in_([row[0] for row in rows]))
            .values(due_at=now + 120_000, attempts=photos.c.attempts + 1)
        )
    return [WaitingPhoto(row[0], row[1], row[2], row[3] + 1, row[4]) for row in rows]


def photo_developed(tx: Tx, photo_id: int, developed: dict[str, object]) -> None:
    """A waiting photo has arrived. When its owner erased themselves meanwhile, it is to be deleted again."""
    found = update(photos).where(photos.c.id == photo_id).values(state="ready", due_at=None, **_kept(developed))
    if tx.execute(found).rowcount == 0:
        for column in KEYS:
            tx.execute(tx.insert(discards).values(key=developed[column.name]).on_conflict_do_nothing())


def photo_failed(tx: Tx, photo_id: int) -> None:
    """A waiting photo can't be had any more."""
    tx.execute(update(photos).where(photos.c.id == photo_id).values(state="failed", due_at=None))


def retry_photo(tx: Tx, photo_id: int, after: float, counted: bool = True) -> None:
    """Try to fetch it again after so many seconds. Not ``counted``: as if it had not been tried."""
    tried = {} if counted else {"attempts": photos.c.attempts - 1}
    tx.execute(update(photos).where(photos.c.id == photo_id).values(due_at=tx.ms + int(after * 1000), **tried))


def attach(tx: Tx, report_id: int, photo_ids: list[int], kind: str) -> None:
    """Photos of a report: before, after or added. Their copies are veiled from now on, as its category wants it."""
    for photo_id in photo_ids:
        tx.execute(
            tx.insert(report_photos)
            .values(report_id=report_id, photo_id=photo_id, kind=kind, at=tx.ms)
            .on_conflict_do_nothing(index_elements=["report_id", "photo_id"])
        )
    to_veil = update(photos).where(photos.c.id.in_(photo_ids))
    tx.execute(to_veil.values(veiled=None, veil_at=tx.ms, veil_tries=0))


def photos_of(tx: Tx, report_id: int, kind: str | None = None) -> list[int]:
    """Ids of a report's photos, oldest first."""
    query = select(report_photos.c.photo_id).where(report_photos.c.report_id == report_id)
    if kind is not None:
        query = query.where(report_photos.c.kind == kind)
    return list(tx.execute(query.order_by(report_photos.c.at, report_photos.c.photo_id)).scalars())


def count_since(tx: Tx, report_id: int, kind: str, since: int) -> int:
    """How many photos of a kind a report got since a moment."""
    r = report_photos.c
    which = (r.report_id == report_id, r.kind == kind, r.at >= since)
    return int(tx.execute(select(func.count()).select_from(report_photos).where(*which)).scalar_one())


def hashes(tx: Tx, report_ids: Sequence[int], kind: str) -> dict[int, list[str]]:
    """Report -> the perceptual hashes of its photos of a kind."""
    rows = tx.execute(
        select(report_photos.c.report_id, photos.c.phash)
        .join_from(report_photos, photos)
        .where(report_photos.c.report_id.in_(report_ids), report_photos.c.kind == kind, photos.c.phash.is_not(None))
    )
    gathered: dict[int, list[str]] = {}
    for report_id, phash in rows:
        gathered.setdefault(report_id, []).append(phash)
    return gathered


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo of a report as evidence: what it shows, when (local time, as the camera wrote it) and where it was
    taken."""

    id: int
    kind: str
    sha256: str | None
    phash: str | None
    taken_at: str | None
    place: tuple[float, float] | None
    at: int


def shots(tx: Tx, report_id: int) -> list[Shot]:
    """All photos of a report, oldest first; ``at`` is when it got them."""
    p, r = photos.c, report_photos.c
    columns = (p.id, r.kind, p.sha256, p.phash, p.taken_at, r.at, p.spot, p.lat, p.lon)
    looked = select(*columns).join_from(report_photos, photos)
    rows = tx.execute(looked.where(r.report_id == report_id).order_by(r.at, p.id))
    return [
        Shot(id_, kind, sha256, phash, taken_at, _place(*where), at)
        for id_, kind, sha256, phash, taken_at, at, *where in rows
    ]


def elsewhere(tx: Tx, report_id: int, sha256: Sequence[str]) -> set[str]:
    """Those of these pictures, by what their files hold, that belong to another report, too."""
    p, r = photos.c, report_photos.c
    looked = select(p.sha256).join_from(report_photos, photos).where(p.sha256.in_(sha256), r.report_id != report_id)
    return set(tx.execute(looked).scalars())


def latest_after(tx: Tx, report_id: int, limit: int) -> list[str]:
    """The perceptual hashes of the last photos with which other reports were resolved."""
    p, r = photos.c, report_photos.c
    looked = select(p.phash).join_from(report_photos, photos)
    looked = looked.where(r.kind == "after", r.report_id != report_id, p.phash.is_not(None))
    return list(tx.execute(looked.order_by(p.id.desc()).limit(limit)).scalars())


def keys_in(facts: dict[str, object] | None) -> list[str]:
    """The media keys among a developed photo's facts."""
    return [str(facts[column.name]) for column in KEYS] if facts else []


def discard(tx: Tx, keys: Sequence[str]) -> None:
    """Files that may not be needed any more; the clock deletes those that no photo uses."""
    for key in keys:
        tx.execute(tx.insert(discards).values(key=key).on_conflict_do_nothing(index_elements=["key"]))


def keys_of(tx: Tx, resident_id: int) -> list[str]:
    """Media keys of a resident's photos. Others may use them too: equal photos share one file."""
    rows = tx.execute(select(*KEYS).where(photos.c.resident_id == resident_id)).all()
    return sorted({key for row in rows for key in row if key})


def used_keys(tx: Tx, keys: Sequence[str]) -> set[str]:
    """Those of these media keys that some photo needs."""
    rows = tx.execute(select(*KEYS).where(or_(*(column.in_(keys) for column in KEYS)))).all()
    return {key for row in rows for key in row if key in keys}


def offered_in(tx: Tx, talk_id: int, photo_id: int) -> bool:
    """Whether a talk is being asked about a report with this photo: is it the same?"""
    data = tx.execute(select(talks.c.data).where(talks.c.id == talk_id)).scalar()
    numbers = json.loads(data or "{}").get("d", {}).get("near", [])
    query = select(reports.c.number).select_from(report_photos.join(reports))
    mine = (report_photos.c.photo_id == photo_id, report_photos.c.kind == "before", reports.c.number.in_(numbers))
    return tx.execute(query.where(*mine)).first() is not None


def after_of_followed(tx: Tx, photo_id: int, resident_id: int) -> bool:
    """Whether it shows how a report looks after the work that this resident follows."""
    linked = report_photos.join(report_followers, report_followers.c.report_id == report_photos.c.report_id)
    mine = (report_photos.c.photo_id == photo_id, report_photos.c.kind == "after")
    query = select(report_photos.c.photo_id).select_from(linked)
    return tx.execute(query.where(*mine, report_followers.c.resident_id == resident_id)).first() is not None


def in_report_of(tx: Tx, photo_id: int, resident_id: int) -> bool:
    """Whether a photo belongs to a report of this resident (the after-photos of their report do)."""
    query = (
        select(report_photos.c.photo_id)
        .select_from(report_photos.join(reports))
        .where(report_photos.c.photo_id == photo_id, reports.c.resident_id == resident_id)
    )
    return tx.execute(query).first() is not None
