"""What is veiled on the copies of photos, and what is still to be veiled."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from sqlalchemy import select, update

from db.photos import ALL, FAILED, discard
from db.tables import photos, report_photos, reports
from db.tx import Tx

LEASE = 300_000  # milliseconds

Part = tuple[int, int, int, int]  # left, top, width, height in thousandths of the picture's width and height


@dataclass(frozen=True, slots=True)
class Bare:
    """A photo whose copies are to be made anew; ``parts`` as staff drew them, ``tries`` counts this one."""

    id: int
    sealed_key: str
    parts: tuple[Part, ...]
    categories: tuple[str, ...]
    tries: int


def due(tx: Tx, limit: int) -> list[Bare]:
    """Photos to veil now, the newest first: behind what is older somebody may wait. Leased for five minutes."""
    p = photos.c
    query = select(p.id, p.sealed_key, p.boxes, p.veil_tries).where(p.veil_at <= tx.ms, p.sealed_key.is_not(None))
    rows = tx.execute(query.order_by(p.veil_at.desc()).limit(limit).with_for_update(skip_locked=True)).all()
    ids = [row.id for row in rows]
    leased = update(photos).where(p.id.in_(ids))
    tx.execute(leased.values(veil_at=tx.ms + LEASE, veil_tries=p.veil_tries + 1))
    where = select(report_photos.c.photo_id, reports.c.category).select_from(report_photos.join(reports))
    found: dict[int, list[str]] = {}
    for photo_id, category in tx.execute(where.where(report_photos.c.photo_id.in_(ids))):
        found.setdefault(photo_id, []).append(category)
    return [
        Bare(row.id, row.sealed_key, _parts(row.boxes), tuple(found.get(row.id, ())), row.veil_tries + 1)
        for row in rows
    ]


def done(tx: Tx, photo: Bare, veiled: str, large_key: str, small_key: str) -> None:
    """New copies take the place of the old ones. Where staff drew other parts meanwhile, it stays due."""
    p = photos.c
    before = tx.execute(select(p.large_key, p.small_key, p.boxes).where(p.id == photo.id).with_for_update()).first()
    if before is None or _parts(before.boxes) != photo.parts:
        discard(tx, [large_key, small_key])
        return
    values = {"large_key": large_key, "small_key": small_key, "veiled": veiled, "veil_at": None}
    tx.execute(update(photos).where(p.id == photo.id).values(values))
    discard(tx, [key for key in before[:2] if key and key not in {large_key, small_key}])


def later(tx: Tx, photo_id: int, after: float, *, counted: bool = True) -> None:
    """Try again after so many seconds; not ``counted``: it was not the photo's fault."""
    tries = photos.c.veil_tries if counted else photos.c.veil_tries - 1
    again = {"veil_at": tx.ms + int(after * 1000), "veil_tries": tries}
    tx.execute(update(photos).where(photos.c.id == photo_id).values(again))


def give_up(tx: Tx, photo_id: int) -> None:
    """It can't be done: nobody else will see it, until staff have it tried again."""
    tx.execute(update(photos).where(photos.c.id == photo_id).values(veiled=FAILED, veil_at=None))


def public(tx: Tx, photo_ids: Sequence[int]) -> list[int]:
    """Those of these photos that anybody may see, in this order."""
    p = photos.c
    found = set(tx.execute(select(p.id).where(p.id.in_(photo_ids), p.veiled == ALL, p.withheld == 0)).scalars())
    return [photo for photo in photo_ids if photo in found]


@dataclass(frozen=True, slots=True)
class Veil:
    """How a photo stands: ``veiled`` as in the table, empty while it is to be done; ``mark`` is another one for
    other copies."""

    veiled: str
    parts: tuple[Part, ...]
    withheld: bool
    mark: str = ""


def of(tx: Tx, photo_ids: Sequence[int]) -> dict[int, Veil]:
    """Photo → how it stands."""
    p = photos.c
    rows = tx.execute(select(p.id, p.veiled, p.boxes, p.withheld, p.large_key).where(p.id.in_(photo_ids)))
    return {
        row.id: Veil(
            row.veiled or "", _parts(row.boxes), bool(row.withheld), PurePosixPath(row.large_key or "").stem[:12]
        )
        for row in rows
    }


def draw(tx: Tx, photo_id: int, parts: Sequence[Part], *, withheld: bool) -> None:
    """What staff want veiled besides what is found, and whether it may be public at all."""
    stored = json.dumps(parts) if parts else None
    anew = {"veiled": None, "veil_at": tx.ms, "veil_tries": 0}
    changed = update(photos).where(photos.c.id == photo_id)
    tx.execute(changed.values(boxes=stored, withheld=int(withheld), **anew))


def _parts(stored: str | None) -> tuple[Part, ...]:
    return tuple((left, top, width, height) for left, top, width, height in json.loads(stored or "[]"))
