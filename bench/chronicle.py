"""A journal of many lines in 300 communities over 90 days, made by the database itself and always the same one.

Its days end yesterday. A tenth of the residents do a third of all deeds; every day's tip has its topic; to each
hundred lines there is one report, most of which are closed, and to each question an answer.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from content.city import City, Community, District
from content.library import Library
from db.tables import journal, report_moves, reports
from db.tx import Tx

AREAS, DISTRICTS, DAYS = 300, 15, 90
LINES_EACH = 100  # lines for a resident, and for a report
DAY, HOUR = 86_400_000, 3_600_000
INDEXES = ("ix_journal_day_deed", "ix_journal_resident_id_day", "ix_answers_resident_id_question_id")
_NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many)",
    "postgresql": "WITH n(i) AS (SELECT generate_series(CAST(1 AS BIGINT), CAST(:many AS BIGINT)))",
}
_WHOLE = {"sqlite": "CAST({} AS INTEGER)", "postgresql": "CAST(floor({}) AS BIGINT)"}
# Multiplied by odd numbers and taken modulo 2³², line numbers look thrown.
_THROWN = ", ".join(
    f"((i + {shift}) * {odd} % 4294967296) * CAST('2.3283064365386963e-10' AS DOUBLE PRECISION) AS {name}"
    for name, shift, odd in (("a", 0, 2654435761), ("b", 77, 3266489917), ("c", 991, 668265263))
)
_LINES = """
INSERT INTO journal (at, day, resident_id, deed, subject, topic, area, channel, source, "right", points)
{numbers},
thrown AS (SELECT i, {resident} AS who, {percent} AS p, {topic} AS t, {question} AS q, {k} AS k, c
  FROM ({thrown_from}) AS lots)
SELECT CAST(:first AS BIGINT) + i, days.day, who,
  CASE WHEN p < 30 THEN 'visit' WHEN p < 50 THEN 'tip_delivered' WHEN p < 62 THEN 'tip_read'
    WHEN p < 95 THEN 'quiz_answer' WHEN p < 96 THEN 'arrive' WHEN p < 97 THEN 'survey_asked'
    WHEN p < 98 THEN 'report_rated' WHEN p < 99 THEN 'report_satisfied' ELSE 'report_accepted' END,
  CASE WHEN p >= 62 AND p < 95 THEN 'q' || (t * 20 + q) WHEN p = 95 THEN 'poster-c' || (who * 7919 % {areas}) END,
  CASE WHEN p < 30 OR p = 95 THEN NULL WHEN p < 62 THEN 't' || (k % 12) WHEN p < 95 THEN 't' || t
    ELSE 'r' || (t % 8) END,
  'c' || (who * 7919 % {areas}),
  CASE WHEN who % 10 < 6 THEN 'wechat' WHEN who % 10 < 9 THEN 'web' ELSE 'telegram' END, NULL,
  CASE WHEN p >= 62 AND p < 95 OR p IN (97, 98) THEN CASE WHEN c < 0.7 THEN 1 ELSE 0 END END,
  CASE WHEN p >= 50 AND p < 95 THEN 1 ELSE 0 END
FROM thrown JOIN bench_days AS days ON days.place = thrown.k
"""


def city(library: Library) -> Library:
    """The library with a city of 300 communities in 15 districts."""
    districts = tuple(
        District(
            id=f"d{number}",
            zh=f"D{number}",
            en=f"D{number}",
            communities=tuple(
                Community(id=f"c{one}", zh=f"C{one}", en=f"C{one}", population=5_000)
                for one in range(number, AREAS, DISTRICTS)
            ),
        )
        for number in range(DISTRICTS)
    )
    facts: dict[str, Any] = {name: getattr(library.city, name) for name in City.model_fields}
    return replace(library, city=City.model_construct(**facts | {"districts": districts, "peers": ()}))


def write(tx: Tx, lines: int, today: date) -> None:
    """Residents, lines, answers and reports."""
    name, people = tx.connection.dialect.name, max(1000, lines // LINES_EACH)
    first = today - timedelta(days=DAYS)
    at = tx.ms - DAYS * DAY
    indexes = {str(one.name): one for table in (journal, journal.metadata.tables["answers"]) for one in table.indexes}
    for index in INDEXES:  # made when all is there: that is what a large import does, too
        indexes[index].drop(tx.connection)
    tx.execute(text("CREATE TEMPORARY TABLE bench_days (place INTEGER PRIMARY KEY, day TEXT)"))
    days = [{"place": k, "day": (first + timedelta(days=k)).isoformat()} for k in range(DAYS)]
    tx.execute(text("INSERT INTO bench_days VALUES (:place, :day)"), days)
    numbers, whole = _NUMBERS[name], _WHOLE[name].format
    early = (first - timedelta(days=60)).isoformat()
    tx.execute(
        text(
            "INSERT INTO residents (id, language, points_on, anonymous, joined_at, joined_day, area, source)"
            f" {numbers} SELECT i, 'zh', 1, 0, 0, CASE WHEN i % 2 = 0 THEN '{early}' ELSE days.day END,"
            f" 'c' || (i * 7919 % {AREAS}), CASE WHEN i % 10 = 0 THEN 'poster-c' || (i % {AREAS}) END"
            f" FROM n JOIN bench_days AS days ON days.place = i * {DAYS} / (:many + 1)"
        ),
        {"many": people},
    )
    tx.execute(
        text(
            'INSERT INTO talks (channel, "user", resident_id, data, paused, options, serial, read_id, reachable,'
            " seen_at)"
            f" {numbers} SELECT CASE WHEN i % 10 < 6 THEN 'wechat' WHEN i % 10 < 9 THEN 'web' ELSE 'telegram' END,"
            " 'u' || i, i, '{}', '{}', '[]', 0, 0, 1, 0 FROM n"
        ),
        {"many": people},
    )
    written = _LINES.format(
        numbers=numbers,
        resident=f"1 + {whole(f'a * a * {people}')}",
        percent=whole("b * 100"),
        topic=whole("c * 12"),
        question=whole("a * 20"),
        k=f"(i - 1) * {DAYS} / {lines}",
        thrown_from=f"SELECT i, {_THROWN} FROM n",
        areas=AREAS,
    )
    tx.execute(text(written), {"many": lines, "first": at})
    tx.execute(
        text(
            'INSERT INTO answers (resident_id, question_id, given, "right", at)'
            " SELECT resident_id, subject, 'A', \"right\", at FROM journal WHERE deed = 'quiz_answer' ORDER BY id"
        )
    )
    _reports(tx, lines // LINES_EACH, first)
    for index in INDEXES:
        indexes[index].create(tx.connection)
    tx.execute(text("ANALYZE"))  # as each database's own housekeeping does


def _reports(tx: Tx, many: int, first: date) -> None:
    """Each is accepted after hours; most are dealt with and closed, a tenth late, some sent back once."""
    start, batch, moves = to_ms_of(first), [], []
    for number in range(1, many + 1):
        created = start + (number - 1) * DAYS * DAY // many
        status = (
            "closed"
            if number % 20 < 15
            else ("in_progress", "accepted", "rejected", "resolved", "received")[number % 5]
        )
        took = (number * 2654435761 % 96 + 1) * HOUR
        due = created + 72 * HOUR
        done = status in {"closed", "resolved"}
        batch.append(
            {
                "id": number,
                "number": f"B-{number}",
                "resident_id": number,
                "channel": ("wechat", "web", "telegram")[number % 3],
                "area": f"c{number * 7919 % AREAS}",
                "category": f"r{number % 8}",
                "place": "",
                "place_origin": "typed",
                "note": "",
                "answers": "{}",
                "anonymous": 0,
                "status": status,
                "department": f"office{number % 9}",
                "priority": "normal",
                "created_at": created,
                "created_day": day_of(created),
                "due_at": due,
                "due_day": day_of(due),
                "resolved_at": created + took if done else None,
                "closed_at": created + took if status in {"closed", "rejected"} else None,
                "rounds": 0,
                "version": 1,
            }
        )
        steps = [("receive", "received", 0), ("accept", "accepted", HOUR)]
        if done:
            steps += [("resolve", "resolved", took)]
        if done and number % 25 == 0:
            steps += [("reopen", "accepted", took + HOUR), ("resolve", "resolved", took + 2 * HOUR)]
        if status == "closed":
            steps += [("close", "closed", took + 3 * HOUR)]
        for name, to, after in steps:
            moment = created + after
            one = {"report_id": number, "at": moment, "day": day_of(moment), "move": name, "actor": "staff"}
            moves.append(one | {"to_status": to, "note": ""})
        if len(batch) == 2000 or number == many:
            tx.execute(reports.insert(), batch)
            tx.execute(report_moves.insert(), moves)
            batch, moves = [], []


def to_ms_of(day: date) -> int:
    """Its midnight in the city (UTC+8), in milliseconds."""
    return (day - date(1970, 1, 1)).days * DAY - 8 * HOUR


def day_of(moment: int) -> str:
    """The city's day of a moment."""
    return (date(1970, 1, 1) + timedelta(days=(moment + 8 * HOUR) // DAY)).isoformat()
