"""Reports whose time is over, and how they are cleared."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, case, delete, select, update

from db import hidden_cells, report_words
from db.photos import KEYS, discard
from db.tables import journal, photos, report_followers, report_moves, report_photos, reports, supervisions, surveys
from db.tx import Tx


def over(
    tx: Tx, before: int, limit: int, *, only: Sequence[str] = (), but: Sequence[str] = ()
) -> list[tuple[int, str]]:
    """Id and number of reports closed before a moment that were not cleared, of these categories or of all but some."""
    r = reports.c
    which: list[ColumnElement[bool]] = [r.category.in_(only)] if only else [r.category.not_in(but)] if but else []
    looked = select(r.id, r.number).where(r.closed_at < before, r.cleared_at.is_(None), *which)
    return [(row[0], row[1]) for row in tx.execute(looked.order_by(r.id).limit(limit))]


def clear(tx: Tx, report_id: int, number: str) -> None:
    """Photos (unless another report shows them, too), resident, followers, words, place and position go; category,
    community, states and moments stay, for what is counted."""
    own = select(report_photos.c.photo_id).where(report_photos.c.report_id == report_id)
    shared = select(report_photos.c.photo_id).where(report_photos.c.report_id != report_id)
    gone = list(tx.execute(select(photos.c.id, *KEYS).where(photos.c.id.in_(own), photos.c.id.not_in(shared))))
    tx.execute(delete(report_photos).where(report_photos.c.report_id == report_id))
    tx.execute(delete(photos).where(photos.c.id.in_([row[0] for row in gone])))
    discard(tx, [key for row in gone for key in row[1:] if key])
    words = {"note": "", "target": case((report_moves.c.move != "resolve", report_moves.c.target))}  # why no photo
    tx.execute(update(report_moves).where(report_moves.c.report_id == report_id).values(words))
    tx.execute(update(supervisions).where(supervisions.c.report_id == report_id).values(words="", answer=None))
    tx.execute(update(surveys).where(surveys.c.report_id == report_id).values(words=""))
    # What its resident and its followers did with it stays counted, but no longer says with which.
    people = [
        *tx.execute(select(reports.c.resident_id).where(reports.c.id == report_id)).scalars(),
        *tx.execute(select(report_followers.c.resident_id).where(report_followers.c.report_id == report_id)).scalars(),
    ]
    theirs = (journal.c.resident_id.in_(people), journal.c.subject == number)
    tx.execute(update(journal).where(*theirs).values(subject=None))
    tx.execute(delete(report_followers).where(report_followers.c.report_id == report_id))
    hidden_cells.forget_reports(
        tx, tx.execute(select(reports.c.created_day).where(reports.c.id == report_id)).scalar_one()
    )
    values = {"resident_id": None, "note": "", "answers": "{}", "place": ""}
    values |= {"lat": None, "lon": None, "square": None, "spot": None}
    tx.execute(update(reports).where(reports.c.id == report_id).values(**values, cleared_at=tx.ms))
    report_words.put(tx, report_id, number)
