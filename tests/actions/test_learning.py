"""Tips and questions: what comes next, what is counted, what comes again."""

from datetime import date, timedelta

import pytest

from actions import daily, learning, residents
from actions.scene import Scene
from content.items import Question
from content.library import Library
from tests.actions.town import Town
from tests.play import Person, Time, everything, rows_of


@pytest.fixture
async def town(person: Person) -> Town:
    """A town with one resident, in the web chat."""
    await person.say("/start")
    rows = await rows_of(person.database, "residents")
    return Town(person.database, person.dispatch.house, rows[0]["id"])


async def reads(town: Town, another: bool = False) -> str:
    """The id of the tip that was read."""
    tip = await town.as_resident(lambda scene: learning.read_tip(scene, another=another))
    assert tip is not None
    return tip.id


async def asked(town: Town, topic: str | None = None, without: tuple[str, ...] = ()) -> Question:
    """The next question."""
    found = await town.as_resident(learning.next_question, topic, without)
    assert found is not None
    return found


async def answers(town: Town, question: Question, right: bool) -> learning.Graded:
    """Answer a question rightly or wrongly."""
    wrong = {0, 1} - set(question.right) or {0}
    return await town.as_resident(learning.answer, question, set(question.right) if right else wrong)


# Tips


async def test_everybody_reads_the_same_tip_on_a_day_and_another_the_next(town: Town, time: Time) -> None:
    first = await reads(town)
    assert await reads(town) == first
    time.passes(days=1)
    assert await reads(town) != first


async def test_reading_counts_once_a_day_for_each_tip(town: Town, time: Time) -> None:
    for _ in range(3):
        await reads(town)
    await reads(town, another=True)
    lines = [points for deed, points in await town.deeds() if deed == "tip_read"]
    assert lines == [1, 1]
    tip = town.house.library.tips[await reads(town)]
    time.passes(days=1)
    await town.as_resident(learning.note_tip, tip)
    assert len([deed for deed, _ in await town.deeds() if deed == "tip_read"]) == 3


async def test_another_is_new_until_all_were_seen(town: Town) -> None:
    seen = [await reads(town, another=bool(number)) for number in range(30)]
    assert len(set(seen)) == len(seen)


async def test_points_for_tips_are_capped_for_each_day(town: Town) -> None:
    for _ in range(6):
        await reads(town, another=True)
    assert [points for deed, points in await town.deeds() if deed == "tip_read"] == [1, 1, 1, 0, 0, 0]


async def test_on_a_solemn_day_tips_are_solemn(town: Town, time: Time) -> None:
    solemn = date(2026, 12, 13)  # the national memorial day
    assert town.house.library.calendar.solemn(solemn)
    time.now += timedelta(days=20)
    library = town.house.library
    for tip in (await reads(town), await reads(town, another=True), await reads(town, another=True)):
        assert library.tips[tip].tone == "solemn"


def test_there_is_a_fitting_tip_for_every_day_of_two_years(library: Library) -> None:
    for number in range(731):
        day = date(2026, 1, 1) + timedelta(days=number)
        tip = daily.city_tip(library, day)
        assert tip is not None
        assert tip.tone == "solemn" or not library.calendar.solemn(day)


# Questions


async def test_what_was_wrong_comes_back_the_next_day_and_before_anything_new(town: Town, time: Time) -> None:
    missed = await asked(town, "dogs")
    graded = await answers(town, missed, right=False)
    assert (graded.right, graded.back_in) == (False, 1)
    assert (await asked(town, "dogs")).id != missed.id  # not on the same day
    time.passes(days=1)
    assert (await asked(town, "dogs")).id == missed.id


async def test_what_was_right_comes_back_later_and_later(town: Town, time: Time) -> None:
    question, waits = await asked(town, "dogs"), []
    for _ in range(4):
        graded = await answers(town, question, right=True)
        waits.append(graded.back_in)
        time.passes(days=graded.back_in)
    assert waits[0] >= 2
    assert waits == sorted(set(waits))


@pytest.mark.parametrize("hour", [0, 7, 23])
async def test_the_next_day_is_the_citys_whatever_the_hour(town: Town, time: Time, hour: int) -> None:
    time.passes(hours=hour - 12)
    missed = await asked(town, "fire")
    assert (await answers(town, missed, right=False)).back_in == 1
    time.passes(hours=24 - hour)  # midnight has just passed
    assert (await asked(town, "fire")).id == missed.id


async def test_a_topic_goes_on_when_all_its_questions_were_met(town: Town) -> None:
    all_of_it = town.house.library.questions_of("dogs")
    met = []
    for _ in all_of_it:
        question = await asked(town, "dogs")
        met.append(question.id)
        await answers(town, question, right=True)
    assert sorted(met) == sorted(question.id for question in all_of_it)
    assert (await asked(town, "dogs")).id in met


async def test_a_round_never_asks_the_same_twice(town: Town) -> None:
    met: tuple[str, ...] = ()
    for _ in range(5):
        question = await asked(town, "dogs", met)
        assert question.id not in met
        met = (*met, question.id)


async def test_no_question_left_is_said(town: Town) -> None:
    every = tuple(question.id for question in town.house.library.questions_of("dogs"))
    assert await town.as_resident(learning.next_question, "dogs", every) is None
    assert await town.as_resident(learning.next_question, "no-such-topic", ()) is None


async def test_people_meet_questions_in_different_order(town: Town, person: Person) -> None:
    firsts = set()
    for number in range(8):
        other = Person(person.dispatch, person.database, user=f"person-{number}")
        await other.say("/start")
        rows = await rows_of(person.database, "residents")
        firsts.add((await asked(Town(town.database, town.house, rows[-1]["id"]))).id)
    assert len(firsts) > 4


async def test_an_answer_is_remembered_and_counted(town: Town) -> None:
    question = await asked(town)
    graded = await answers(town, question, right=True)
    assert graded.points == 2
    found = await everything(town.database)
    (row,) = found["answers"]
    assert (row["question_id"], row["right"]) == (question.id, 1)
    assert set(row["given"]) <= set("ABCDEF")
    (line,) = [line for line in found["journal"] if line["deed"] == "quiz_answer"]
    assert (line["topic"], line["subject"], line["right"], line["day"]) == (
        question.topic,
        question.id,
        1,
        "2026-11-23",
    )


async def test_points_for_answers_are_capped_for_each_day_and_wrong_ones_bring_one(town: Town, time: Time) -> None:
    earned = []
    for number in range(12):
        question = await asked(town)
        earned.append((await answers(town, question, right=number != 3)).points)
    assert earned == [2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 0, 0]
    time.passes(days=1)
    assert (await answers(town, await asked(town), right=True)).points == 2


async def test_without_points_everything_else_is_the_same(town: Town, time: Time) -> None:
    await town.as_resident(lambda scene: residents.settle(scene, points_on=0))
    missed = await asked(town, "dogs")
    assert (await answers(town, missed, right=False)).points == 0
    time.passes(days=1)
    assert (await asked(town, "dogs")).id == missed.id


async def test_a_streak_are_the_days_in_a_row_on_which_a_question_was_answered(town: Town, time: Time) -> None:
    async def streak() -> int:
        return await town.as_resident(lambda scene: learning.streak(scene))

    assert await streak() == 0
    for day in range(3):
        await answers(town, await asked(town), right=bool(day))
        await answers(town, await asked(town), right=True)
        assert await streak() == day + 1
        time.passes(days=1)
    assert await streak() == 3  # today is still open
    time.passes(days=1)
    assert await streak() == 0


async def test_reading_alone_is_no_streak(town: Town) -> None:
    await reads(town)

    def streak(scene: Scene) -> int:
        return learning.streak(scene)

    assert await town.as_resident(streak) == 0
