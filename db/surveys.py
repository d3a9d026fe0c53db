"""What residents say of each round of their reports: one row for each time that one was resolved."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, or_, select, update

from db.reports import Report, found, query
from db.tables import mutes, reports, surveys
from db.tx import Tx

_S = surveys.c


@dataclass(frozen=True, slots=True)
class Survey:
    """A row of surveys. Moments are milliseconds; what was said first stays apart from what was said last."""

    report_id: int
    round: int
    asked_at: int
    reminded_at: int | None
    answered_at: int | None
    first_solved: int | None
    first_satisfaction: str | None
    solved: int | None
    satisfaction: str | None
    reasons: tuple[str, ...]
    words: str


_COLUMNS = tuple(_S[name] for name in Survey.__dataclass_fields__)
_REASONS = [*Survey.__dataclass_fields__].index("reasons")


def _survey(row: Any) -> Survey:
    values: list[Any] = list(row)
    values[_REASONS] = tuple(json.loads(values[_REASONS]))
    return Survey(*values)


def ask(tx: Tx, report_id: int, number: int) -> bool:
    """The resident is asked about this round; False when they were before."""
    row = tx.insert(surveys).values(report_id=report_id, round=number, asked_at=tx.ms)
    return tx.execute(row.on_conflict_do_nothing(index_elements=["report_id", "round"])).rowcount == 1


def find(tx: Tx, report_id: int, number: int) -> Survey | None:
    """What was asked about a round."""
    row = tx.execute(select(*_COLUMNS).where(_S.report_id == report_id, _S.round == number)).first()
    return _survey(row) if row else None


def of_report(tx: Tx, report_id: int) -> list[Survey]:
    """All of a report, the first round first."""
    rows = tx.execute(select(*_COLUMNS).where(_S.report_id == report_id).order_by(_S.round))
    return [_survey(row) for row in rows]


def note(tx: Tx, survey: Survey, **values: object) -> None:
    """Write down what was said: columns of the table, ``reasons`` as a tuple."""
    if "reasons" in values:
        values["reasons"] = json.dumps(values["reasons"], ensure_ascii=False)
    mine = (_S.report_id == survey.report_id, _S.round == survey.round)
    tx.execute(update(surveys).where(*mine).values(**values))


def unanswered(tx: Tx, asked_before: int, closed_after: int, limit: int) -> list[Report]:
    """Reports whose resident was asked that long ago, said nothing and was not reminded. None that is hidden, was
    withdrawn, goes on already or was closed too long ago, and none of somebody who is muted."""
    r = reports.c
    waits = (_S.answered_at.is_(None), _S.reminded_at.is_(None), _S.asked_at <= asked_before)
    stands = or_(r.status == "resolved", and_(r.status == "closed", r.closed_at > closed_after))
    muted = exists().where(mutes.c.resident_id == r.resident_id, mutes.c.until_at > tx.ms)
    asked = query().join(surveys, and_(_S.report_id == r.id, _S.round == r.rounds))
    asked = asked.where(*waits, stands, r.hidden == 0, r.resident_id.is_not(None), ~muted)
    return found(tx, asked.order_by(_S.asked_at, r.id).limit(limit))


def reminded(tx: Tx, report: Report) -> None:
    """The one reminder of this round."""
    mine = (_S.report_id == report.id, _S.round == report.rounds)
    tx.execute(update(surveys).where(*mine).values(reminded_at=tx.ms))
