"""Which cells of a piece (civic.pieces) the public is not told, remembered for as long as nothing behind them changes.

Figures of deeds change by late lines of the journal and by corrections of its sums, which both raise the version of
its mark; those of reports also by moves of reports that were there in the piece. Figures of residents, who are counted
as they are, are not remembered.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

import orjson
from sqlalchemy import bindparam, delete, func, select

from civic.figures import STOCKS, Figure
from civic.levels import WEEK, first_day, last_day
from civic.periods import Period
from civic.pieces import Hidden
from db.casebook import COUNTED
from db.marks import Mark, advance, correct, mark, reach
from db.report_sets import MOVES
from db.returning import WEEKS
from db.rollups import JOURNAL
from db.tables import hidden_cells as table
from db.tables import journal, report_moves, reports
from db.tally import NEWEST
from db.tx import Hot, Tx

Kind = Literal["deeds", "reports"]
LOOKED = "pieces"  # the mark's name: up to which move of a report it was seen what it changes
AFTER = timedelta(days=2)  # so long after its week a piece is remembered: until then deadlines pass
Span = tuple[str, str]  # first and last day, ISO
_c = table.c
_KNOWN = Hot(
    select(_c.first_day, _c.last_day, _c.kind, _c.cells).where(
        _c.first_day.between(bindparam("first"), bindparam("last")),
        _c.stamp.in_((bindparam("deeds"), bindparam("reports"))),
    )
)
_NEXT = Hot(select(func.min(journal.c.day)).where(journal.c.id > bindparam("seen"), journal.c.id <= bindparam("upto")))


class Stamps(NamedTuple):
    """Which sums, and which definitions, something was found by."""

    deeds: str
    reports: str


class Found(NamedTuple):
    """What a piece does not tell of figures of a kind, by which sums, and up to which move."""

    piece: Period
    kind: Kind
    stamps: Stamps
    looked: Mark
    cells: Hidden


def kind(figure: Figure) -> Kind | None:
    """What changes a figure of a piece that is over; None: it is not remembered."""
    if figure.sets & {"newcomers", *STOCKS, *WEEKS}:
        return None
    return "reports" if figure.sets.intersection(COUNTED) else "deeds"


def stamps(tx: Tx, grounds: str) -> Stamps:
    """Those of now; ``grounds`` stands for the definitions."""
    deeds = f"{grounds} {mark(tx, JOURNAL).version}"
    return Stamps(deeds, f"{deeds} {mark(tx, MOVES).version}")


def read(
    tx: Tx, pieces: Sequence[Period], kinds: Collection[Kind | None], grounds: str
) -> Mapping[tuple[date, date], Hidden]:
    """What is remembered of pieces and still true, by their first and last days; a figure that is not there has to be
    counted. Only of figures of some kinds."""
    spans = [_span(one) for one in pieces]
    now, found = stamps(tx, grounds), dict[tuple[date, date], Hidden]()
    first, last = min(first for first, _ in spans), max(first for first, _ in spans)
    wanted = {kind: stamp if kind in kinds else "" for kind, stamp in now._asdict().items()}
    if not (rows := tx.hot(_KNOWN, first=first, last=last, **wanted)):
        return found
    newest, touched = _newest(tx), _touched(tx, mark(tx, LOOKED).line)
    for first, last, of, cells in rows:
        span = (str(first), str(last))
        if span in spans and span[1] < newest and not (of == "reports" and _meets(span, touched)):
            key = (date.fromisoformat(span[0]), date.fromisoformat(span[1]))
            found[key] = {**found.get(key, {}), **orjson.loads(cells)}
    return found


def behind(tx: Tx, grounds: str) -> bool:
    """Whether something may not be true any more."""
    old = select(_c.kind).where(_c.stamp.not_in(stamps(tx, grounds))).limit(1)
    return mark(tx, LOOKED).line != mark(tx, MOVES).line or tx.execute(old).first() is not None


def refresh(tx: Tx, grounds: str) -> None:
    """Forget what is not true any more, for later moves to be looked at alone."""
    tx.execute(delete(table).where(_c.stamp.not_in(stamps(tx, grounds))))
    seen, upto = mark(tx, LOOKED), mark(tx, MOVES).line
    if not advance(tx, LOOKED, seen, Mark(upto, seen.version)):
        return
    reports_of = select(_c.first_day, _c.last_day).where(_c.kind == "reports")
    spans = [(str(first), str(last)) for first, last in tx.execute(reports_of)]
    touched = _touched(tx, seen.line) if spans else ()
    for first, last in spans:
        if _meets((first, last), touched):
            same = (_c.kind == "reports", _c.first_day == first, _c.last_day == last)
            tx.execute(delete(table).where(*same))


def lacking(tx: Tx, pieces: Sequence[Period]) -> list[tuple[Period, Kind]]:
    """The pieces since the journal began of which something could be remembered and is not."""
    begins = tx.execute(select(func.min(journal.c.day))).scalar() or "9"
    known = {(first, last, of) for first, last, of in tx.execute(select(_c.first_day, _c.last_day, _c.kind))}
    newest, touched, waits = _newest(tx), _touched(tx, mark(tx, LOOKED).line), _undecided(tx)
    found = list[tuple[Period, Kind]]()
    for one in pieces:
        span = _span(one)
        over = last_day(WEEK, first_day(WEEK, one.end)) + AFTER < one.today
        if not over or not begins <= span[1] < newest:
            continue
        if (*span, "deeds") not in known:
            found.append((one, "deeds"))
        if (*span, "reports") not in known and not _meets(span, [*touched, *waits]):
            found.append((one, "reports"))
    return found


def keep(tx: Tx, found: Found, grounds: str) -> bool:
    """Remember; False when what it was found by has changed meanwhile."""
    if found.stamps != stamps(tx, grounds) or mark(tx, LOOKED, lock=True) != found.looked:
        return False
    first, last = _span(found.piece)
    cells = {figure: {name: sorted(some) for name, some in by.items()} for figure, by in found.cells.items()}
    stamp = found.stamps.deeds if found.kind == "deeds" else found.stamps.reports
    values = {"stamp": stamp, "cells": orjson.dumps(cells).decode()}
    row = tx.insert(table).values(first_day=first, last_day=last, kind=found.kind, **values)
    tx.execute(row.on_conflict_do_update(index_elements=["first_day", "last_day", "kind"], set_=values))
    return True


def forget_reports(tx: Tx, since: str) -> None:
    """A report of this day lost its people: what is known from then on has to be found again."""
    correct(tx, LOOKED)
    tx.execute(delete(table).where(_c.kind == "reports", _c.last_day >= since))


def looked(tx: Tx) -> Mark:
    """Up to which move it was seen what it changes; its version rises when reports lose their people."""
    return mark(tx, LOOKED)


def _span(piece: Period) -> Span:
    return piece.start.isoformat(), piece.end.isoformat()


def _newest(tx: Tx) -> str:
    """The first day of which lines are not added up yet; the end of time, if there are none."""
    seen = mark(tx, JOURNAL).line
    [[first]] = tx.hot(_NEXT, seen=seen, upto=seen + NEWEST)
    return str(first or "9")


def _touched(tx: Tx, after: int) -> list[Span]:
    """The days in which the reports of later moves were there: from the first day to the last move or the deadline."""
    if reach(tx, report_moves).line <= after:
        return []
    m, r = report_moves.c, reports.c
    moved = select(m.report_id).where(m.id > after)
    days = select(r.created_day, func.max(r.due_day), func.max(m.day)).join_from(reports, report_moves)
    rows = tx.execute(days.where(r.id.in_(moved)).group_by(r.id, r.created_day))
    return [(str(first), max(str(due), str(last))) for first, due, last in rows]


def _undecided(tx: Tx) -> list[Span]:
    """The days of reports that are to be dispatched when a time is over, without any move."""
    r = reports.c
    waits = (r.status == "accepted", r.department.is_(None), r.closed_at.is_(None), r.step_due_at > tx.ms)
    return [(str(day), str(day)) for day in tx.execute(select(r.created_day).where(*waits).distinct()).scalars()]


def _meets(span: Span, others: Collection[Span]) -> bool:
    return any(first <= span[1] and last >= span[0] for first, last in others)
