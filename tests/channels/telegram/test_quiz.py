"""Questions as native quizzes, where the operator wants them."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from assembly import MANNERS
from bot.house import House
from db import polls
from db.tables import answers, telegram_polls
from tests.channels.telegram.conftest import Town
from tests.fakes.telegram import Bubble

ANNA, BEN = 501, 502


@pytest.fixture
def house(house: House) -> House:
    """The operator wants them."""
    return replace(house, manners=MANNERS | {"telegram": replace(MANNERS["telegram"], quizzes=True)})


async def asked(town: Town, words: str = "/quiz one") -> Bubble:
    """Anna is asked a question that has one right answer."""
    for _ in range(20):
        shown = await town.says(ANNA, words)
        if shown.poll:
            return shown
    raise AssertionError("no question has one right answer")


async def graded(town: Town) -> int:
    """How many answers were counted."""
    return int(await town.database.read(lambda tx: tx.execute(select(func.count()).select_from(answers)).scalar_one()))


async def test_a_right_answer_is_graded_and_explained(town: Town) -> None:
    quiz = await asked(town)
    await town.hears(town.fake.picks(ANNA, quiz.poll["right"][0]))
    assert town.fake.last(ANNA).text.startswith("对。") and town.fake.last(ANNA).buttons
    assert await graded(town) == 1


async def test_a_wrong_one_says_which_was_right_and_a_round_goes_on(town: Town) -> None:
    quiz = await asked(town, "/quiz five")
    wrong = next(option for option in quiz.poll["options"] if option not in quiz.poll["right"])
    update = town.fake.picks(ANNA, wrong)
    await town.hears(update)
    told = town.fake.chat(ANNA)[-2:]
    assert told[0].text.startswith("差一点") and told[1].text.startswith("2/5")
    await town.hears(update)  # Telegram repeats itself
    assert await graded(town) == 1


async def test_it_can_be_answered_by_typing_too(town: Town) -> None:
    quiz = await asked(town)
    typed = quiz.poll["right"][0].partition(".")[0]
    assert (await town.says(ANNA, typed)).text.startswith("对。")
    await town.hears(town.fake.picks(ANNA, quiz.poll["right"][0]))  # tapped as well, and late
    assert await graded(town) == 1
    assert town.words("bot.stale") in [one.text for one in town.fake.chat(ANNA)]


async def test_who_got_it_passed_on_is_not_answered(town: Town) -> None:
    quiz = await asked(town)
    await town.says(BEN, "菜单")
    seen = len(town.fake.bubbles)
    await town.hears(town.fake.picks(ANNA, quiz.poll["right"][0], by=BEN))
    assert len(town.fake.bubbles) == seen and await graded(town) == 0


async def test_where_telegram_takes_no_quiz_there_are_buttons(town: Town) -> None:
    town.fake.trouble("sendPoll", 400, "Bad Request: POLL_QUESTION_INVALID", times=50)
    await town.says(ANNA, "/quiz one")
    shown = town.fake.last(ANNA)
    assert shown.buttons and not shown.poll
    assert (await town.says(ANNA, "A")).text.startswith(("对。", "差一点"))


async def test_polls_are_forgotten_after_a_month_and_with_the_person(town: Town) -> None:
    await asked(town)

    async def kept() -> int:
        count = select(func.count()).select_from(telegram_polls)
        return int(await town.database.read(lambda tx: tx.execute(count).scalar_one()))

    assert await kept() > 0
    await town.says(ANNA, "/erase")
    await town.taps(ANNA, "确定删除")
    assert await kept() == 0
    await asked(town)
    town.time.passes(days=31)
    await town.database.write(polls.forget)
    assert await kept() == 0
