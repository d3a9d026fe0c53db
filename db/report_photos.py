"""Photos as part of reports: which are whose, what they prove, and who may see them for it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update

from db.photos import spot_of
from db.tables import photos, report_followers, report_photos, reports, talks
from db.tx import Tx


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
        Shot(id_, kind, sha256, phash, taken_at, spot_of(*where), at)
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
