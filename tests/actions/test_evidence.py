"""What staff are shown to think twice: reports that may be the same, photos that may prove nothing; and what ends:
what is kept of a report, who may send reports."""

import pytest

from actions import duplicates, evidence, muting
from actions.muting import DAILY, SLOWED
from actions.retention import clear
from bot.messages import Place
from civic.errors import Refused
from civic.staff import Staff
from content.library import Library
from db import photos, report_photos
from db.tx import Tx
from tests.actions.staff import MACHINE, hire
from tests.actions.town import HERE, Town
from tests.play import Person, Time, everything, picture, rows_of


@pytest.fixture
async def town(person: Person) -> Town:
    """A town with one resident, in the web chat."""
    await person.say("/start")
    rows = await rows_of(person.database, "residents")
    return Town(person.database, person.dispatch.house, rows[0]["id"])


async def shown(town: Town, number: str, kind: str, name: str, **facts: object) -> int:
    """A photo of a report with other facts than it has by itself."""
    report = await town.report(number)

    def unit(tx: Tx) -> int:
        kept = photos.add_photo(tx, None, "console", name, {**(picture(name).facts() or {}), **facts}).id
        report_photos.attach(tx, report.id, [kept], kind)
        return kept

    return await town.database.write(unit)


async def doubts(town: Town, number: str) -> list[str]:
    return await town.database.read(evidence.doubts, town.house.zone, await town.report(number))


async def test_candidates_for_merging_are_what_is_close_alike_and_seen(town: Town) -> None:
    one = await town.submit(place=HERE)
    near = await town.submit(place=Place(30.2703, 120.15, "旁边"))
    await town.submit(place=Place(30.2725, 120.1525, "远一点"), category="firelane", answers={})
    await town.submit(place=Place(30.29, 120.15, "另一条街"))
    closed = await town.submit(place=HERE)
    await town.move(closed.number, "reject")
    for report in (one, near):
        await shown(town, report.number, "before", report.number, phash="ff00ff00ff00ff00")
    found = await town.database.read(duplicates.candidates, MACHINE, one)
    assert [candidate.report.number for candidate in found] == [near.number]
    assert 30 < (found[0].metres or 0) < 40 and found[0].bits == 0 and found[0].score > 0.9
    stranger = Staff("x", "lead", 9, frozenset({"health"}))
    assert await town.database.read(duplicates.candidates, stranger, one) == []
    elsewhere = await town.submit(area="matou")
    again = await town.submit(area="matou")  # no position: its community and category
    found = await town.database.read(duplicates.candidates, MACHINE, again)
    assert [candidate.report.number for candidate in found] == [elsewhere.number]


async def test_photos_that_may_prove_nothing_are_pointed_out_and_refused_by_nobody(town: Town, time: Time) -> None:
    number = (await town.submit(place=HERE)).number
    handler = await hire(town, "handler", ("urban",))
    await shown(town, number, "before", "dirty", sha256="a" * 64, phash="ff00ff00ff00ff00")
    time.passes(hours=1)
    await town.move(number, "assign")
    assert await doubts(town, number) == []
    good = {"taken_at": "2026-11-23T13:30:00", "lat": HERE.lat, "lon": HERE.lon, "phash": "00ff123456789abc"}
    await shown(town, number, "after", "clean", sha256="b" * 64, **good)
    assert await doubts(town, number) == []
    await shown(town, number, "after", "again", sha256="c" * 64, **{**good, "phash": "ff00ff00ff00ff01"})
    await shown(town, number, "after", "old", sha256="d" * 64, **{**good, "taken_at": "2026-11-23T11:00:00"})
    await shown(town, number, "after", "far", sha256="e" * 64, **{**good, "lat": HERE.lat + 0.01})
    other = (await town.submit()).number
    await shown(town, other, "after", "used", sha256="b" * 64, phash="0123456789abcdef")
    assert await doubts(town, number) == ["same_as_before", "used_elsewhere", "taken_before", "far_away"]
    assert (await town.move(number, "resolve", "清走了", staff=handler)).status == "resolved"


async def test_what_is_kept_of_a_report_ends_and_what_is_counted_stays(town: Town, time: Time) -> None:
    photo = await town.photo("kept")
    number = (await town.submit(photos=(photo,), note="SECRET", place=HERE, address="SECRET 12 号")).number
    still_open = (await town.submit(note="还开着")).number
    for step in ("accept", "resolve", "close"):
        await town.move(number, step, "SECRET 王先生")
    library = town.house.library
    time.passes(days=364)
    assert await town.database.write(clear, library) == 0
    time.passes(days=2)
    assert (await town.database.write(clear, library), await town.database.write(clear, library)) == (1, 0)
    cleared = await town.report(number)
    assert (cleared.status, cleared.category, cleared.resident_id, cleared.lat) == ("closed", "litter", None, None)
    rows = await everything(town.database)
    kept = [row for table in ("reports", "report_moves", "report_words", "photos") for row in rows[table]]
    assert "SECRET" not in str(kept) and rows["photos"] == [] and len(rows["discards"]) == 3
    assert len([row for row in rows["report_moves"] if row["report_id"] == cleared.id]) == 4
    assert (await town.report(still_open)).note == "还开着"


async def test_a_category_may_be_kept_for_a_shorter_time(town: Town, time: Time) -> None:
    number = (await town.submit()).number
    await town.move(number, "reject", "不在本市")
    library = town.house.library
    short = library.categories["litter"].model_copy(update={"keep_days": 10})
    fields = {name: getattr(library, name) for name in library.__dataclass_fields__}
    time.passes(days=11)
    assert await town.database.write(clear, library) == 0
    assert await town.database.write(clear, Library(**fields | {"categories": {"litter": short}})) == 1


async def test_who_is_muted_is_told_why_and_until_when_and_can_report_again_after_it(town: Town, time: Time) -> None:
    number = (await town.submit()).number
    house, office, lead = town.house, await hire(town, "office"), await hire(town, "lead", ("urban",))

    async def mute(staff: Staff, days: int, reason: str) -> int | None:
        return await town.database.write(muting.mute, house.library, house.zone, staff, number, days, reason)

    for staff, days, reason, why in (
        (lead, 7, "反复报同一辆车", "may_not"),
        (office, 7, " ", "needs_note"),
        (office, 999, "x", "bad_days"),
    ):
        with pytest.raises(Refused, match=why):
            await mute(staff, days, reason)
    await mute(office, 7, "反复报同一辆车")
    assert "11 月 30 日前" in (await town.heard())[-1] and "反复报同一辆车" in (await town.heard())[-1]
    with pytest.raises(Refused) as refused:
        await town.submit()
    assert (refused.value.key, refused.value.params["reason"]) == ("report.muted", "反复报同一辆车")
    await mute(office, 0, "")
    await town.submit()
    await mute(office, 7, "又来了")
    time.passes(days=7)
    await town.submit()


async def test_who_is_rejected_again_and_again_is_slowed_down_and_told(town: Town, time: Time) -> None:
    assert SLOWED < DAILY
    for _ in range(3):
        await town.move((await town.submit()).number, "reject", "没有看到")
    with pytest.raises(Refused) as refused:
        await town.submit()
    assert (refused.value.key, refused.value.params["limit"]) == ("report.slowed", SLOWED)
    time.passes(days=31)
    for _ in range(SLOWED + 1):
        await town.submit()
