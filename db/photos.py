"""Where each photo lies; fetched or not yet."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select, update

from db.sealing import position, spot
from db.tables import discards, photos, report_photos, reports
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


def spot_of(sealed_spot: str | None, lat: float | None, lon: float | None) -> tuple[float, float] | None:
    """Where a photo was taken; ``lat`` and ``lon`` until the clock has sealed them."""
    return position(sealed_spot) or ((lat, lon) if lat is not None and lon is not None else None)


def find_photos(tx: Tx, ids: list[int]) -> list[StoredPhoto]:
    """Photos by id, in the order asked."""
    rows = tx.execute(
        select(photos.c.id, photos.c.state, photos.c.taken_at, photos.c.spot, photos.c.lat, photos.c.lon).where(
            photos.c.id.in_(ids)
        )
    ).all()
    by_id = {row[0]: StoredPhoto(row[0], row[1] == "ready", row[2], spot_of(*row[3:])) for row in rows}
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
