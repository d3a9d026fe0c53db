"""The statistics of a small town, counted by hand, on both databases."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import update

from actions.behind import Part, behind
from actions.figure_sheets import breakdown, document, rows, table
from actions.figure_words import fraction, unit, words
from actions.statistics import compared, drawn, statistics
from civic.catalogue import BY_KEY, FIGURES
from civic.errors import Refused
from civic.figures import Cell, Value, grade
from civic.periods import Period, parse_period
from civic.staff import Staff
from content.library import Library
from db.casebook import COUNTED
from db.database import Database
from db.moments import to_ms
from db.tables import answers, journal, report_moves, reports, residents, talks
from db.tx import Tx

TODAY = date(2026, 11, 23)  # as in tests.play: a Monday, noon in the city
WEEK = parse_period("last-7", TODAY)
HEFENG, GUIHUALI, SONGTAO = "hefeng", "guihuali", "songtao"  # two communities of tinghe, one of wangshan


@dataclass
class Town:
    """Writes rows as the engine would."""

    tx: Tx

    def resident(
        self, number: int, area: str | None, channel: str = "web", joined: str = "2026-10-01", **more: object
    ) -> None:
        values = {
            "id": number,
            "language": "zh",
            "area": area,
            "points_on": 1,
            "anonymous": 0,
            "joined_at": 0,
            "joined_day": joined,
            **more,
        }
        self.tx.execute(residents.insert().values(values))
        self.talk(number, channel)

    def talk(self, number: int, channel: str) -> None:
        values = {
            "channel": channel,
            "user": f"user-{number}",
            "resident_id": number,
            "data": "{}",
            "paused": "{}",
            "options": "[]",
            "serial": 0,
            "read_id": 0,
            "reachable": 1,
            "seen_at": 0,
        }
        self.tx.execute(talks.insert().values(values))

    def deed(
        self,
        day: str,
        who: int | None,
        deed: str,
        area: str | None = HEFENG,
        channel: str = "web",
        **more: object,
    ) -> None:
        values = {
            "at": 0,
            "day": day,
            "resident_id": who,
            "deed": deed,
            "area": area,
            "channel": channel,
            "points": 0,
            **more,
        }
        self.tx.execute(journal.insert().values(values))

    def report(
        self,
        number: int,
        who: int | None,
        status: str,
        *,
        created: datetime,
        due: datetime,
        resolved: datetime | None = None,
        category: str = "litter",
        area: str = HEFENG,
        channel: str = "web",
    ) -> None:
        values = {
            "id": number,
            "number": f"N-{number}",
            "resident_id": who,
            "channel": channel,
            "area": area,
            "category": category,
            "place": "",
            "place_origin": "typed",
            "note": "",
            "answers": "{}",
            "anonymous": 0,
            "status": status,
            "priority": "normal",
            "rounds": 0,
            "version": 0,
            "created_at": to_ms(created),
            "created_day": day_of(created),
            "due_at": to_ms(due),
            "due_day": day_of(due),
            "resolved_at": to_ms(resolved) if resolved else None,
        }
        self.tx.execute(reports.insert().values(values))
        self.move(number, "receive", created)

    def answer(self, who: int, question: str, right: int, at: int) -> None:
        values = {"resident_id": who, "question_id": question, "given": "a", "right": right, "at": at}
        self.tx.execute(answers.insert().values(values))

    def move(self, report: int, name: str, at: datetime, status: str = "", **more: object) -> None:
        values = {
            "report_id": report,
            "at": to_ms(at),
            "day": day_of(at),
            "move": name,
            "actor": "staff",
            "to_status": status or {"receive": "received"}.get(name, name),
            "note": "",
            **more,
        }
        self.tx.execute(report_moves.insert().values(values))


def at(day: int, hour: int = 9) -> datetime:
    """An hour of a day in November, on the city's clocks (UTC+8)."""
    return datetime(2026, 11, day, hour - 8, tzinfo=UTC)


def day_of(moment: datetime) -> str:
    return moment.date().isoformat()


def people_and_learning(tx: Tx) -> None:
    town = Town(tx)
    town.resident(1, HEFENG)
    town.resident(2, GUIHUALI, "telegram", joined="2026-11-18", source="poster-7")
    town.resident(3, SONGTAO, joined="2026-11-23")
    town.resident(4, None, "wechat")
    town.talk(4, "web")  # on two channels
    town.resident(5, None, joined="2026-11-20", erased_at=1)  # the day they left
    town.resident(6, HEFENG, joined="2026-11-24")  # after the period
    for day in ("2026-11-17", "2026-11-18"):
        town.deed(day, 1, "visit")
        town.deed(day, 1, "tip_delivered", topic="waste")
    town.deed("2026-11-17", 1, "tip_read", topic="waste", points=1)
    town.deed("2026-11-17", 2, "tip_read", GUIHUALI, "telegram", topic="waste")  # asked for, not delivered
    town.deed("2026-11-19", 4, "tip_delivered", None, "wechat", topic="dogs")  # sent to, did nothing
    for right in (1, 1, 0):
        town.deed("2026-11-18", 1, "quiz_answer", topic="waste", right=right, points=2 if right else 1)
    town.deed("2026-11-20", 2, "quiz_answer", GUIHUALI, "telegram", topic="dogs", right=0, points=1)
    town.deed("2026-11-21", None, "quiz_answer", topic="dogs", right=1, points=2)  # by somebody erased since
    town.deed("2026-11-23", 3, "visit", SONGTAO)
    town.deed("2026-11-16", 4, "visit", None, "wechat")  # the day before the period
    town.deed("2026-10-20", 4, "quiz_answer", None, "wechat", topic="dogs", right=1)


def reporting(tx: Tx) -> None:
    town = Town(tx)
    for number in (1, 2, 3):
        town.resident(number, HEFENG)
    # Closed on time; closed late; overdue; not due yet; not confirmed yet; three that nobody has to close.
    town.report(1, 1, "closed", created=at(17), due=at(19), resolved=at(18))
    town.report(2, 1, "closed", created=at(17), due=at(18), resolved=at(19), category="ebike")
    town.report(3, 2, "in_progress", created=at(17), due=at(20), area=SONGTAO, channel="telegram")
    town.report(4, 2, "accepted", created=at(22), due=at(23, 18))
    town.report(5, 3, "resolved", created=at(18), due=at(21), resolved=at(20))
    for number, status in ((6, "rejected"), (7, "withdrawn"), (8, "duplicate")):
        town.report(number, 3, status, created=at(18), due=at(20))
    town.report(9, None, "closed", created=at(10), due=at(12), resolved=at(11))  # before the period
    for number, moment in ((1, at(18)), (2, at(18, 21)), (5, at(20)), (9, at(11))):
        town.move(number, "resolve", moment)
    town.move(2, "reopen", at(19, 8))
    town.move(2, "resolve", at(19))
    for _ in range(4):
        town.deed("2026-11-19", 1, "survey_asked", topic="ebike")
    town.deed("2026-11-20", 1, "report_satisfied", topic="ebike", right=0)
    town.deed("2026-11-20", 1, "report_partly", topic="ebike")
    town.deed("2026-11-20", 1, "report_satisfied", topic="litter", right=1)
    town.deed("2026-11-19", 1, "report_rated", topic="ebike", right=0, points=1)
    town.deed("2026-11-20", 1, "report_rated", topic="ebike", right=1, points=1)
    town.deed("2026-11-20", 1, "report_rated", topic="litter", right=1, points=1)
    town.deed("2026-11-20", 3, "report_accepted", topic="litter", points=5)


async def figures(
    database: Database,
    library: Library,
    period: Period = WEEK,
    *,
    area: str | None = None,
    channel: str | None = None,
) -> Mapping[str, Value]:
    values = await database.read(statistics, library, period, area=area, channel=channel)
    return {value.key: value for value in values}


def cells(value: Value, dimension: str) -> dict[str, float | None]:
    assert value.by is not None
    return {cell.key: cell.value for cell in value.by[dimension]}


def parts(value: Value) -> tuple[object, object, object]:
    return value.value, value.numerator, value.denominator


async def test_people_are_counted_once(database: Database, library: Library) -> None:
    await database.write(people_and_learning)
    found = await figures(database, library)
    assert parts(found["participants"]) == (4, 4, None)
    assert cells(found["participants"], "channel") == {"web": 3, "telegram": 1, "wechat": 1}
    assert cells(found["participants"], "area") == {"": 1, HEFENG: 1, GUIHUALI: 1, SONGTAO: 1}
    assert found["newcomers"].value == 2
    assert cells(found["newcomers"], "source") == {"": 1, "poster-7": 1}
    assert cells(found["newcomers"], "day")["2026-11-20"] == 0


def arriving(tx: Tx) -> None:
    town = Town(tx)
    for number in (1, 2):
        town.resident(number, HEFENG, source="poster-hefeng")
    for day in ("2026-11-17", "2026-11-18"):  # twice by the same poster
        town.deed(day, 1, "arrive", subject="poster-hefeng")
    town.deed("2026-11-18", 1, "arrive", channel="telegram", subject="poster-tinghe_autumn")
    town.deed("2026-11-18", 2, "arrive", subject="poster-hefeng")
    town.deed("2026-11-18", 2, "arrive", subject="friends-link")
    town.deed("2026-11-24", 2, "arrive", subject="poster_spring")  # after the period


async def test_arrivals_are_counted_by_what_brought_people(database: Database, library: Library) -> None:
    await database.write(arriving)
    arrivals = (await figures(database, library))["arrivals"]
    assert arrivals.value == 2
    assert cells(arrivals, "source") == {"poster-hefeng": 2, "friends-link": 1, "poster-tinghe_autumn": 1}
    assert cells(arrivals, "channel") == {"web": 2, "telegram": 1}
    assert breakdown(arrivals, library, "zh")[1:5] == [
        ("扫码来的", "2 人", ""),
        ("按来源 · 海报：荷风社区", "2 人", ""),
        ("按来源 · friends-link", "1 人", ""),
        ("按来源 · 海报：听荷区 · autumn", "1 人", ""),
    ]


async def test_somebody_is_active_by_what_they_do_themselves(database: Database, library: Library) -> None:
    await database.write(people_and_learning)
    found = await figures(database, library)
    assert found["active"].value == 3
    assert cells(found["active"], "day") == {
        "2026-11-17": 2,
        "2026-11-18": 1,
        "2026-11-19": 0,
        "2026-11-20": 1,
        "2026-11-21": 0,
        "2026-11-22": 0,
        "2026-11-23": 1,
    }
    assert cells(found["active"], "area") == {HEFENG: 1, GUIHUALI: 1, SONGTAO: 1}
    assert parts(found["active_daily"]) == (pytest.approx(5 / 7), 5, 7)
    assert found["active_weekly"].value == 3
    assert found["active_monthly"].value == 4


async def test_a_week_and_a_month_reach_back_beyond_a_short_period(database: Database, library: Library) -> None:
    await database.write(people_and_learning)
    found = await figures(database, library, parse_period("2026-11-22", TODAY))
    assert [found[key].value for key in ("active", "active_weekly", "active_monthly")] == [0, 3, 3]


async def test_the_read_rate_counts_only_what_was_delivered(database: Database, library: Library) -> None:
    await database.write(people_and_learning)
    found = await figures(database, library)
    assert [found[key].value for key in ("tips_delivered", "tips_read")] == [3, 2]
    assert parts(found["read_rate"]) == (pytest.approx(1 / 3), 1, 3)
    assert cells(found["read_rate"], "topic") == {"waste": 0.5, "dogs": 0}


async def test_accuracy_by_topic(database: Database, library: Library) -> None:
    await database.write(people_and_learning)
    found = await figures(database, library)
    assert parts(found["accuracy"]) == (0.6, 3, 5)
    assert cells(found["accuracy"], "topic") == {"waste": pytest.approx(2 / 3), "dogs": 0.5}
    assert cells(found["quiz_answers"], "day")["2026-11-18"] == 3
    assert parts(found["answer_rate"]) == (pytest.approx(2 / 3), 2, 3)
    assert cells(found["answer_rate"], "area") == {HEFENG: 1, GUIHUALI: 1, SONGTAO: 0}


async def test_points_by_what_they_were_given_for(database: Database, library: Library) -> None:
    await database.write(people_and_learning)
    found = await figures(database, library)
    assert found["points"].value == 9
    assert cells(found["points"], "deed") == {"quiz_answer": 8, "tip_read": 1}
    assert cells(found["points"], "area") == {HEFENG: 8, GUIHUALI: 1}


@pytest.mark.parametrize(
    ("area", "channel", "participants", "answers", "active"),
    [
        ("tinghe", None, 2, 5, 2),
        (HEFENG, None, 1, 4, 1),
        (None, "telegram", 1, 1, 1),
        (SONGTAO, "telegram", 0, 0, 0),
    ],
)
async def test_one_district_community_or_channel(
    database: Database,
    library: Library,
    area: str | None,
    channel: str | None,
    participants: int,
    answers: int,
    active: int,
) -> None:
    await database.write(people_and_learning)
    found = await figures(database, library, area=area, channel=channel)
    assert [found[key].value for key in ("participants", "quiz_answers", "active")] == [
        participants,
        answers,
        active,
    ]


async def test_an_unknown_area_is_refused(database: Database, library: Library) -> None:
    with pytest.raises(Refused, match=r"stats\.unknown_area"):
        await figures(database, library, area="atlantis")


async def test_reports_by_category_status_and_area(database: Database, library: Library) -> None:
    await database.write(reporting)
    found = await figures(database, library)
    assert found["reports_received"].value == 8
    assert cells(found["reports_received"], "category") == {"litter": 7, "ebike": 1}
    assert cells(found["reports_received"], "area") == {HEFENG: 7, SONGTAO: 1}
    assert cells(found["reports_received"], "status") == {
        "closed": 2,
        "accepted": 1,
        "duplicate": 1,
        "in_progress": 1,
        "rejected": 1,
        "resolved": 1,
        "withdrawn": 1,
    }


async def test_the_closing_rate_divides_by_what_had_to_be_closed(database: Database, library: Library) -> None:
    await database.write(reporting)
    found = await figures(database, library)
    assert parts(found["closing_rate"]) == (0.5, 2, 4)
    assert parts(found["on_time_rate"]) == (0.25, 1, 4)
    assert cells(found["closing_rate"], "category") == {"litter": pytest.approx(1 / 3), "ebike": 1}
    assert cells(found["on_time_rate"], "channel") == {"web": pytest.approx(1 / 3), "telegram": 0}


async def test_the_time_to_resolution_is_a_median_of_the_last_round(database: Database, library: Library) -> None:
    await database.write(reporting)
    found = await figures(database, library)
    assert parts(found["hours_median"]) == (48, None, 3)
    assert parts(found["hours_p90"]) == (48, None, 3)
    assert cells(found["hours_median"], "category") == {"litter": 36, "ebike": 48}


async def test_reopened_and_satisfied(database: Database, library: Library) -> None:
    await database.write(reporting)
    found = await figures(database, library)
    assert parts(found["reopened_rate"]) == (pytest.approx(1 / 3), 1, 3)
    assert parts(found["survey_rate"]) == (0.75, 3, 4)
    assert parts(found["solved_rate"]) == (pytest.approx(2 / 3), 2, 3)
    assert cells(found["solved_rate"], "category") == {"ebike": 0.5, "litter": 1}
    assert parts(found["satisfaction"]) == (0.5, 1, 2)
    assert parts(found["fairly_satisfied"]) == (0.95, 1.9, 2)
    assert fraction(found["fairly_satisfied"]) == "1.9 / 2"
    assert parts(found["response_rate"]) == (0.375, 3, 8)
    score = 0.1 * 3 / 8 + 0.5 * 2 / 3 + 0.4 * 1.9 / 2
    assert parts(found["overall_score"]) == (pytest.approx(score), None, 2)
    assert words(found["overall_score"], "overall_score", library.texts, "zh") == "75.1%"
    assert cells(found["overall_score"], "category") == {
        "ebike": pytest.approx(0.1 + 0.5 / 2 + 0.4 * 0.9),
        "litter": pytest.approx(0.1 * 2 / 7 + 0.5 + 0.4),
    }


async def test_where_nothing_happened_rates_are_empty_and_not_zero(database: Database, library: Library) -> None:
    found = await figures(database, library, parse_period("2026-12", TODAY))
    for figure in FIGURES:
        empty = figure.denominator not in {None, "base.people"}
        assert found[figure.key].value == (None if empty else 0), figure.key


def learning(tx: Tx) -> None:
    town = Town(tx)
    for number, joined in ((1, "2026-10-19"), (2, "2026-10-19"), (3, "2026-11-11")):
        town.resident(number, HEFENG, joined=joined, source="friends-link")
    town.deed("2026-10-26", 1, "visit")  # a week after they came
    town.deed("2026-11-02", 2, "visit")  # one day too late for that
    town.deed("2026-11-16", 1, "visit")  # four weeks after they came
    for moment, (day, who, question, right) in enumerate(
        (
            ("2026-11-16", 1, "q1", 0),
            ("2026-11-17", 1, "q2", 1),  # the first time
            ("2026-11-18", 1, "q1", 1),  # again, and now right
            ("2026-11-19", 1, "q1", 1),
            ("2026-11-19", 2, "q1", 0),  # the first time
            ("2026-11-20", 2, "q1", 0),
        )
    ):
        town.deed(day, who, "quiz_answer", subject=question, topic="waste", right=right, at=moment)
        town.answer(who, question, right, moment)


async def test_first_answers_show_what_was_known_and_later_ones_what_was_learned(
    database: Database, library: Library
) -> None:
    await database.write(learning)
    found = await figures(database, library)
    assert parts(found["awareness"]) == (0.5, 1, 2)
    assert grade(BY_KEY["awareness"], found["awareness"].value) == "D"
    assert parts(found["right_before"]) == (0, 0, 3)
    assert parts(found["right_again"]) == (pytest.approx(2 / 3), 2, 3)
    assert parts(found["learning_gain"]) == (pytest.approx(2 / 3), 2, 3)
    assert words(found["learning_gain"], "learning_gain", library.texts, "zh") == "+66.7"
    assert cells(found["learning_gain"], "topic") == {"waste": pytest.approx(2 / 3)}


async def test_retention_asks_who_came_back_in_a_week_that_is_over(database: Database, library: Library) -> None:
    await database.write(learning)
    found = await figures(database, library, parse_period("2026-10-01..2026-11-23", TODAY))
    # The first week of who came on the 11th ends on the 24th: it is still running.
    assert parts(found["retention_week_1"]) == (0.5, 1, 2)
    assert parts(found["retention_week_4"]) == (1, 2, 2)
    assert cells(found["retention_week_4"], "source") == {"friends-link": 1}


async def test_participation_is_divided_by_those_who_live_there_or_by_those_who_take_part(
    database: Database, library: Library
) -> None:
    await database.write(people_and_learning)
    found = await figures(database, library)
    assert parts(found["participation_rate"]) == (3 / 86_400, 3, 86_400)
    assert cells(found["participation_rate"], "area")[HEFENG] == 1 / 9_200
    assert parts(found["active_share"]) == (0.75, 3, 4)
    assert parts((await figures(database, library, area=HEFENG))["participation_rate"]) == (1 / 9_200, 1, 9_200)


async def test_figures_of_reports_one_by_one(database: Database, library: Library) -> None:
    await database.write(reporting)
    await database.write(handling)
    found = await figures(database, library)
    expected = {
        "reports_per_head": (pytest.approx(8 / 8.64), 8, 86_400),
        "filing_rate": (0.5, 4, 8),
        "filing_accuracy": (0.75, 3, 4),
        "filing_on_time": (pytest.approx(2 / 3), 2, 3),
        "dispatch_on_time": (0.6, 3, 5),
        "dispatch_accuracy": (0.8, 4, 5),
        "handled_on_time": (0.5, 2, 4),
        "on_time_of_closed": (0.5, 1, 2),
        "resolved_on_time": (pytest.approx(2 / 3), 2, 3),
        "sla_compliance": (0.25, 2, 8),
        "rework_rate": (0.25, 1, 4),
        "check_pass_rate": (0.5, 1, 2),
        "return_rate": (pytest.approx(1 / 3), 1, 3),
        "first_assignment": (pytest.approx(2 / 3), 2, 3),
        "extension_rate": (0.25, 1, 4),
        "backlog": (3, 3, None),
        "overdue_share": (pytest.approx(1 / 3), 1, 3),
    }
    assert {key: parts(found[key]) for key in expected} == expected
    assert cells(found["closing_rate"], "department") == {"": 0.5, "housing": 0, "urban": 1}


async def test_behind_a_number_stand_the_reports_that_somebody_may_see(database: Database, library: Library) -> None:
    await database.write(reporting)
    await database.write(handling)
    everybody, urban = Staff("Li", "office", 1), Staff("Wu", "handler", 2, departments=frozenset({"urban"}))

    async def numbers(staff: Staff, figure: str, part: Part, **more: Any) -> tuple[int, list[str]]:
        found = await database.read(behind, library, staff, figure, part, WEEK, **more)
        return found.counted, [one.number for one in found.reports]

    assert await numbers(everybody, "closing_rate", "denominator") == (4, ["N-5", "N-3", "N-2", "N-1"])
    assert await numbers(everybody, "closing_rate", "numerator") == (2, ["N-2", "N-1"])
    assert await numbers(urban, "closing_rate", "numerator") == (2, ["N-1"])
    assert await numbers(everybody, "hours_p90", "numerator", cell=("category", "ebike")) == (1, ["N-2"])
    assert await numbers(everybody, "reports_received", "numerator", cell=("day", "2026-11-22")) == (1, ["N-4"])
    for figure, cell in (("active", ("", "")), ("closing_rate", ("topic", "waste"))):
        with pytest.raises(Refused, match=r"stats\.no_rows"):
            await numbers(everybody, figure, "numerator", cell=cell)


async def test_as_many_reports_stand_behind_a_number_as_it_says(database: Database, library: Library) -> None:
    await database.write(reporting)
    await database.write(handling)
    office = Staff("Li", "office", 1)
    found = await figures(database, library)
    for figure in (figure for figure in FIGURES if figure.base in COUNTED):
        value = found[figure.key]
        cells: list[tuple[str, str, Value | Cell]] = [("", "", value)]
        cells += [(name, one.key, one) for name, some in (value.by or {}).items() for one in some]
        for dimension, key, shown in cells:
            both: dict[Part, float | None] = {"numerator": shown.numerator, "denominator": shown.denominator}
            for part, number in both.items():
                if number is not None:
                    rows = await database.read(behind, library, office, figure.key, part, WEEK, cell=(dimension, key))
                    assert rows.counted == number, (figure.key, dimension, key, part)


async def test_a_week_beside_the_one_before_and_the_year_before(database: Database, library: Library) -> None:
    await database.write(people_and_learning)
    week = parse_period("2026-W47", TODAY)
    values = await database.read(statistics, library, week)
    others = await database.read(compared, library, week, values)
    found = {one["key"]: one for one in document(library, week, values, "zh", compared=others)["figures"]}
    assert others["previous"][0].key == "2026-W46"
    assert found["active"]["previous"] == {"value": 0, "difference": 3, "ratio": None}
    assert found["participants"]["previous"] == {"value": 2, "difference": 1, "ratio": 0.5}
    assert found["accuracy"]["year_ago"] == {"value": None, "difference": None, "ratio": None}


def handling(tx: Tx) -> None:
    """Four were taken on, one of which was turned down; one went back, one failed its check, one was extended.

    Two were taken on with a department in time; one late, and then given to one in time; of one no time was known, and
    it was given to one late. A fifth should have got one by yesterday noon.
    """
    town = Town(tx)
    for number in (1, 6):
        town.move(number, "accept", at(17), "accepted", department="urban", step_due_at=to_ms(at(17)))
    town.move(2, "accept", at(17), "accepted", step_due_at=to_ms(at(17)) - 1)
    town.move(3, "accept", at(17), "accepted")
    town.move(2, "assign", at(18), "assigned", department="urban", step_due_at=to_ms(at(18, 12)))
    town.move(3, "assign", at(18), "assigned", department="housing", step_due_at=to_ms(at(17, 17)))
    tx.execute(update(reports).where(reports.c.id == 4).values(step_due_at=to_ms(at(22, 12))))
    tx.execute(update(reports).where(reports.c.id == 1).values(department="urban"))
    tx.execute(update(reports).where(reports.c.id == 3).values(department="housing", returns=1))
    tx.execute(update(reports).where(reports.c.id == 6).values(department="urban"))
    tx.execute(update(reports).where(reports.c.id == 2).values(reworks=1))
    town.move(1, "verify", at(18))
    town.move(2, "rework", at(19))
    town.move(3, "extend", at(19))


async def test_only_the_breakdowns_that_are_asked_for_are_counted(database: Database, library: Library) -> None:
    await database.write(people_and_learning)
    every = await database.read(statistics, library, WEEK)
    some = await database.read(statistics, library, WEEK, chosen=drawn(FIGURES, {"accuracy": ("topic",)}))
    assert [parts(value) for value in some] == [parts(value) for value in every]
    assert [value.key for value in some if value.by] == ["accuracy"]
    shown, complete = (next(value.by for value in values if value.key == "accuracy") for values in (some, every))
    assert shown is not None
    assert complete is not None
    assert shown == {"topic": complete["topic"]}


async def test_as_json_every_figure_says_how_it_is_made(database: Database, library: Library) -> None:
    await database.write(people_and_learning)
    values = await database.read(statistics, library, WEEK, area="tinghe")
    found = document(library, WEEK, values, "zh", area="tinghe")
    assert found["period"] == {"key": "last-7", "from": "2026-11-17", "to": "2026-11-23"}
    assert found["filter"] == {"area": "tinghe", "channel": None}
    accuracy = next(figure for figure in found["figures"] if figure["key"] == "accuracy")
    assert accuracy["label"] == "答题正确率"
    assert "÷" in accuracy["formula"]
    assert (accuracy["unit"], accuracy["value"], accuracy["numerator"], accuracy["denominator"]) == (
        "rate",
        0.6,
        3,
        5,
    )
    assert accuracy["by"]["topic"][0] == {
        "key": "waste",
        "label": "垃圾分类与低碳",
        "value": pytest.approx(2 / 3),
        "numerator": 2,
        "denominator": 3,
    }
    assert next(figure for figure in found["figures"] if figure["key"] == "active_weekly")["by"] is None


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_figure_and_breakdown_has_words(database: Database, library: Library, language: str) -> None:
    await database.write(people_and_learning)
    values = await database.read(statistics, library, WEEK)
    head, *lines = rows(library, WEEK, values, language)
    assert {line[3] for line in lines} == {figure.key for figure in FIGURES}
    assert all(len(line) == len(head) for line in lines)
    assert all(line[4] and line[12] for line in lines)
    for dimension in {name for figure in FIGURES for name in figure.by}:
        assert library.texts.has(language, f"stats.by.{dimension}")
    for figure in FIGURES:
        assert library.texts.has(language, f"stats.section.{figure.section}")


async def test_the_terminal_shows_numbers_with_units_and_a_dash_for_nothing(
    database: Database, library: Library
) -> None:
    await database.write(people_and_learning)
    values = await database.read(statistics, library, WEEK)
    shown = {name: (number, fraction) for name, number, fraction in table(values, library.texts, "zh")[1:]}
    assert shown["参与居民"] == ("4 人", "")
    assert shown["答题正确率"] == ("60.0%", "3 / 5")
    assert shown["结案率"] == ("—", "0 / 0")
    assert shown["处理用时中位数"] == ("—", "n = 0")


@pytest.mark.parametrize(("number", "english"), [(1, "person"), (0, "people"), (2, "people")])
def test_one_is_no_people(library: Library, number: int, english: str) -> None:
    active = Value("active", number, number, None, None)
    assert unit(active, "active", library.texts, "en") == english
    assert unit(active, "active", library.texts, "zh") == "人"
