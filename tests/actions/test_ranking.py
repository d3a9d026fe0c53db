"""Communities and departments in the order of a figure: peers, samples, changes, and who would gain by padding."""

from typing import Any

import pytest

from actions.ranking import document, ranking, rows
from civic.errors import Refused
from civic.periods import parse_period
from content.library import Library
from db.database import Database
from db.tables import staff, staff_talks
from db.tx import Tx
from tests.actions.test_statistics import HEFENG, SONGTAO, TODAY, Town, at

WEEK = parse_period("2026-11-17..2026-11-23", TODAY)
GUIHUALI, XINYUAN = "guihuali", "xinyuan"  # guihuali and hefeng are of the old town, songtao and xinyuan of the new


def reporting(tx: Tx) -> None:
    """Hefeng: 12 of 12 in time. Guihuali: 28 of 30. Songtao: 3 of 3. The week before: hefeng 5 of 10, guihuali 10."""
    town = Town(tx)
    for number in (1, 2, 3):
        town.resident(number, HEFENG)
    numbers = iter(range(1, 1000))
    for area, day, late, of in (
        (HEFENG, 17, 0, 12),
        (GUIHUALI, 17, 2, 30),
        (SONGTAO, 17, 0, 3),
        (HEFENG, 10, 5, 10),
        (GUIHUALI, 10, 0, 10),
    ):
        for at_ in range(of):
            resolved = at(day + 2 + 2 * (at_ < late))
            number = next(numbers)
            who = 1 if area == HEFENG and at_ < 6 else 2
            town.report(number, who, "closed", created=at(day), due=at(day + 3), resolved=resolved, area=area)
            town.move(number, "resolve", resolved, "resolved")


def binding(tx: Tx) -> None:
    """The first resident is one of the staff."""
    values = {"login": "li", "name": "Li", "role": "grid", "language": "zh", "created_at": 0}
    number = tx.execute(staff.insert().values(values).returning(staff.c.id)).scalar_one()
    tx.execute(staff_talks.insert().values(talk_id=1, staff_id=number, bound_at=0))


async def test_communities_are_ranked_among_their_peers(database: Database, library: Library) -> None:
    await database.write(reporting)
    found = await database.read(ranking, library, "on_time_rate", "area", WEEK)
    groups = {group.key: {one.unit.key: one for one in group.places} for group in found.groups}
    old, new = groups["old-town"], groups["new-town"]
    # All of 12 is less sure than 28 of 30; but chance leaves it open.
    assert (old[GUIHUALI].place, old[HEFENG].place) == (1, 2)
    assert (old[GUIHUALI].between, old[HEFENG].between) == ((1, 2), (1, 2))
    assert (old[GUIHUALI].moved, old[HEFENG].moved) == (0, 0)
    assert new[SONGTAO].place is None  # three are too few
    assert new[XINYUAN].place is None  # none at all
    assert all(not some for group in found.groups for some in group.gains.values())


async def test_who_would_gain_by_reports_of_their_own_is_told_before_it_is_published(
    database: Database, library: Library
) -> None:
    await database.write(reporting)
    await database.write(binding)
    found = await database.read(ranking, library, "reports_per_head", "area", WEEK)
    [old] = [group for group in found.groups if group.key == "old-town"]
    assert {one.unit.key: one.place for one in old.places if one.place} == {GUIHUALI: 1, HEFENG: 2}
    assert old.gains == {"staff": {HEFENG: (2, None)}}  # six of its twelve are by staff: too few are left
    [gain] = next(group["gains"] for group in document(library, found, "zh")["groups"] if group["key"] == "old-town")
    assert gain["words"].startswith("荷风社区：去掉工作人员自己报的，名次从第 2 变成不够数、不排")
    certain = [(line[2], line[1], line[4]) for line in rows(library, found, "zh") if line[1] in {"1", "2"}]
    assert certain == [("桂花里社区", "1", "1"), ("荷风社区", "2", "2")]  # not «1–1»


async def test_districts_and_departments_are_ranked_too(database: Database, library: Library) -> None:
    await database.write(reporting)
    districts = await database.read(ranking, library, "on_time_rate", "district", WEEK)
    tinghe = districts.groups[0].places[0]
    assert (tinghe.unit.key, tinghe.unit.numerator, tinghe.unit.denominator) == ("tinghe", 40, 42)
    departments = await database.read(ranking, library, "on_time_rate", "department", WEEK)
    assert {one.unit.key for one in departments.groups[0].places} == set(library.city.department_ids)


@pytest.mark.parametrize(
    ("figure", "of"), [("participants", "area"), ("active_weekly", "district"), ("accuracy", "department")]
)
async def test_what_is_neither_good_nor_bad_or_not_of_such_units_is_refused(
    database: Database, library: Library, figure: str, of: Any
) -> None:
    with pytest.raises(Refused, match=r"ranking\.none"):
        await database.read(ranking, library, figure, of, WEEK)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_ranking_says_how_it_was_made(database: Database, library: Library, language: str) -> None:
    await database.write(reporting)
    for figure in ("on_time_rate", "reports_per_head", "hours_median"):
        found = await database.read(ranking, library, figure, "area", WEEK)
        assert "10" in document(library, found, language)["how"]
        heading, *lines = rows(library, found, language)
        assert len(lines) == len(library.city.communities)
        assert all(len(line) == len(heading) for line in lines)
