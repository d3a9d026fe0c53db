"""A bulletin of a small town: its sentences are those that the numbers justify."""

import json
from dataclasses import replace

import pytest

from actions.bulletins import Bulletin, Drawing, Setting, bulletin, from_json, to_json
from actions.statistics import published
from civic.bulletins import Words
from civic.errors import Refused
from civic.periods import Period, parse_period
from content.library import Library
from db.database import Database
from db.tx import Tx
from tests.actions.test_statistics import GUIHUALI, HEFENG, SONGTAO, TODAY, Town, people_and_learning, reporting

WEEK = parse_period("2026-W47", TODAY)  # the 16th to the 22nd


async def composed(
    database: Database,
    library: Library,
    period: Period = WEEK,
    language: str = "zh",
    area: str | None = None,
    made_up: bool = False,
) -> Bulletin:
    def unit(tx: Tx) -> Bulletin:
        around = Setting(area, "2026-11-23 12:00", "https://x.example", made_up)
        return bulletin(tx, library, period, language, around)

    return await database.read(unit)


def said(found: Bulletin) -> str:
    return "\n".join(part.text for part in found.parts if isinstance(part, Words))


async def test_an_empty_week_says_so_and_draws_nothing(database: Database, library: Library) -> None:
    found = await composed(database, library)
    assert found.title == "云汀市文明行动周报"
    assert "2026年11月16日至2026年11月22日" in said(found)
    for words in ("还没有人来", "还没有人答题", "还没有收到上报"):
        assert words in said(found)
    assert "结案率" not in said(found) and "满意" not in said(found)
    assert [part for part in found.parts if isinstance(part, Drawing)] == []
    [numbers] = [part for part in found.parts if isinstance(part, tuple)]
    assert [one.words for one in numbers] == ["0 人", "0 次", "0 件", "—", "—"]


async def test_numbers_stand_in_sentences_with_their_change(database: Database, library: Library) -> None:
    def town(tx: Tx) -> None:
        built = Town(tx)
        people = 0
        for area, count in ((HEFENG, 8), (GUIHUALI, 6), (SONGTAO, 5)):
            for _ in range(count):
                people += 1
                built.resident(people, area, joined="2026-11-10")
                built.deed("2026-11-18", people, "visit", area)
                for right in (1, 1, 0):
                    built.deed("2026-11-19", people, "quiz_answer", area, topic="waste", right=right)
        for one in range(1, 11):
            built.deed("2026-11-11", one, "visit", HEFENG)

    await database.write(town)
    found = await composed(database, library)
    assert "19 人来做过事，比上周增加 9。来得最多的社区是荷风社区（8 人）。" in said(found)
    assert "一共答了 57 次题" in said(found) and "答对 66.7%" in said(found)
    assert "最难的是" not in said(found)  # one topic has no hardest
    days = next(part for part in found.parts if isinstance(part, Drawing) and part.days)
    assert [cell.value for cell in days.cells] == [0, 0, 19, 19, 0, 0, 0]


async def test_a_month_draws_places_of_its_whole_weeks_as_the_public_sees_them(
    database: Database, library: Library
) -> None:
    def town(tx: Tx) -> None:
        built = Town(tx)
        for who in range(1, 25):
            built.resident(who, (HEFENG, GUIHUALI, SONGTAO)[who % 3])
            for day in ("2026-10-02", "2026-10-08", "2026-10-14", "2026-10-22", "2026-10-29"):
                built.deed(day, who, "quiz_answer", (HEFENG, GUIHUALI, SONGTAO)[who % 3], topic="waste", right=who % 2)

    await database.write(town)
    month, inner = parse_period("2026-10", TODAY), parse_period("2026-10-05..2026-10-25", TODAY)
    found = await composed(database, library, month)
    shown = {one.key: one for one in await database.read(published, library, inner)}
    [drawing] = [part for part in found.parts if isinstance(part, Drawing) and part.dimension == "topic"]
    assert drawing.title == "答题正确率（按主题，2026年10月5日至2026年10月25日）"
    assert [cell.value for cell in drawing.cells] == [cell.value for cell in (shown["accuracy"].by or {})["topic"]]
    assert "过完的整周" in said(found)
    assert "过完的整周" not in said(await composed(database, library))  # an empty week
    days = await composed(database, library, parse_period("2026-10-06..2026-10-09", TODAY))  # no whole week in it
    assert [part.dimension for part in days.parts if isinstance(part, Drawing)] == ["day"]


async def test_reports_are_told_with_numerator_and_denominator(database: Database, library: Library) -> None:
    await database.write(reporting)
    found = await composed(database, library, parse_period("last-7", TODAY))
    assert "收到上报 8 件" in said(found)
    assert "到期该办结的 4 件里，办结了 2 件，结案率 50.0%" in said(found)
    assert "还有" in said(found)


async def test_a_day_alone_has_one_date_and_no_chart_of_one_bar(database: Database, library: Library) -> None:
    await database.write(reporting)
    found = await composed(database, library, parse_period("2026-11-18", TODAY))
    assert "2026年11月18日。" in said(found)
    assert not [part for part in found.parts if isinstance(part, Drawing) and part.days]


async def test_english_says_the_same(database: Database, library: Library) -> None:
    await database.write(reporting)
    found = await composed(database, library, parse_period("last-7", TODAY), "en")
    assert "Of 4 that were due, 2 were closed, 50.0%" in said(found)


async def test_one_area_with_few_people_hides_them(database: Database, library: Library) -> None:
    await database.write(people_and_learning)
    found = await composed(database, library, area=GUIHUALI)
    assert "桂花里" in found.title
    assert found.name == "bulletin-2026-W47-guihuali-zh"
    [numbers] = [part for part in found.parts if isinstance(part, tuple)]
    assert numbers[0].words == "不显示"
    assert "这里人太少" in said(found) and "还没有人来" not in said(found)


async def test_what_cannot_be_written_is_told(database: Database, library: Library) -> None:
    with pytest.raises(Refused) as unknown:
        await composed(database, library, area="nowhere")
    assert unknown.value.key == "stats.unknown_area"
    without = replace(library, bulletins={})
    with pytest.raises(Refused) as none:
        await composed(database, without)
    assert none.value.key == "bulletin.none"


async def test_a_demo_says_first_that_it_is_one(database: Database, library: Library) -> None:
    found = await composed(database, library, made_up=True)
    assert found.parts[0] == Words("small", library.texts.render("zh", "demo.banner"))


async def test_what_an_edition_keeps_of_it_comes_back_the_same(database: Database, library: Library) -> None:
    await database.write(reporting)
    found = await composed(database, library, parse_period("last-7", TODAY))
    kept = json.loads(json.dumps(to_json(found)))
    assert from_json(kept, found.period, "zh", found.values) == found
