"""How fast a channel speaks, in a time that passes as quickly as we like."""

import asyncio
import random
import selectors
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from assembly import together
from bot.channel import TryLater
from bot.channels.telegram import rates
from bot.pace import Pace
from db.database import Database
from tests.play import Time


class Jump(selectors.SelectSelector):
    """Instead of waiting, the time moves on."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        self.now += timeout or 0.0
        return super().select(0)


class QuickLoop(asyncio.SelectorEventLoop):
    """A loop whose time stands still while anybody has something to do, and jumps to what is next."""

    def __init__(self) -> None:
        self._jump = Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now


def quickly(story: Callable[[Pace, Callable[[], float]], Awaitable[None]], broadcasts: float = 20) -> None:
    """Run a story in its own time."""

    async def told() -> None:
        clock = asyncio.get_running_loop().time
        await story(Pace(rates(broadcasts), clock), clock)

    with asyncio.Runner(loop_factory=QuickLoop) as runner:
        runner.run(told())


def most_in_a_second(times: list[float]) -> int:
    """The largest number of moments that lie within one second."""
    return max(sum(start <= other < start + 1.0 for other in times) for start in times)


def test_one_person_gets_three_at_once_and_then_one_a_second() -> None:
    async def story(pace: Pace, clock: Callable[[], float]) -> None:
        times = []
        for _ in range(6):
            await pace.turn("anna")
            times.append(round(clock(), 3))
        assert times == [0, 0, 0, 1, 2, 3]
        await asyncio.sleep(10)
        assert pace.free("anna")

    quickly(story)


def test_people_do_not_wait_for_each_other() -> None:
    async def story(pace: Pace, clock: Callable[[], float]) -> None:
        for number in range(5):
            await pace.turn(f"person {number}")
        assert clock() == 0

    quickly(story)


def test_an_answer_in_the_webhooks_response_counts() -> None:
    async def story(pace: Pace, clock: Callable[[], float]) -> None:
        for _ in range(3):
            assert pace.free("anna")
            pace.note("anna")
        assert not pace.free("anna") and pace.free("ben")
        await pace.turn("anna")
        assert clock() == pytest.approx(1)

    quickly(story)


def test_who_is_to_be_spared_is_not_waited_for() -> None:
    async def story(pace: Pace, clock: Callable[[], float]) -> None:
        pace.hold("anna", 120)
        assert not pace.free("anna")
        with pytest.raises(TryLater) as later:
            await pace.turn("anna")
        assert later.value.after == pytest.approx(120) and not later.value.counted
        await pace.turn("ben")
        assert clock() == 0
        await asyncio.sleep(121)
        await pace.turn("anna")

    quickly(story)


@pytest.mark.parametrize("broadcasts", [20.0, 60.0])
def test_a_broadcast_keeps_its_rate_and_answers_do_not_wait(broadcasts: float) -> None:
    async def story(pace: Pace, clock: Callable[[], float]) -> None:
        sent: list[float] = []
        everything: list[float] = []
        waits: list[float] = []
        queue = iter(range(int(broadcasts * 60)))

        async def carry() -> None:
            for number in queue:
                await pace.turn(f"listener {number}", broadcast=True)
                sent.append(clock())
                everything.append(clock())
                await asyncio.sleep(random.uniform(0.02, 0.4))  # the call itself

        async def talk(person: int) -> None:
            await asyncio.sleep(random.uniform(0, 1))
            while clock() < 55:
                asked = clock()
                await pace.turn(f"talker {person}")
                waits.append(clock() - asked)
                everything.append(clock())
                await asyncio.sleep(random.uniform(2, 4))

        hands = 32 if broadcasts <= 20 else 64
        await asyncio.gather(*(carry() for _ in range(hands)), *(talk(person) for person in range(12)))
        rate = (len(sent) - 1) / (sent[-1] - sent[0])
        assert rate == pytest.approx(broadcasts, rel=0.02)
        assert len(waits) > 150 and max(waits) <= 0.2
        assert most_in_a_second(everything) <= pace.rates.overall + pace.rates.overall_burst

    random.seed(11)
    quickly(story, broadcasts)


def test_when_all_speak_at_once_the_broadcast_waits() -> None:
    async def story(pace: Pace, clock: Callable[[], float]) -> None:
        answers: list[float] = []
        broadcasts: list[float] = []

        async def answer(number: int) -> None:
            await pace.turn(f"talker {number}")
            answers.append(clock())

        async def carry(number: int) -> None:
            await pace.turn(f"listener {number}", broadcast=True)
            broadcasts.append(clock())

        await asyncio.gather(*(carry(number) for number in range(20)), *(answer(number) for number in range(250)))
        assert max(answers) == pytest.approx(10, abs=0.5)  # 25 a second
        assert sum(time < max(answers) - 0.2 for time in broadcasts) <= 2
        assert most_in_a_second(answers + broadcasts) <= 30

    quickly(story)


def test_a_slow_moment_is_caught_up_but_never_by_a_flood() -> None:
    async def story(pace: Pace, clock: Callable[[], float]) -> None:
        for number in range(20):
            await pace.turn(f"listener {number}", broadcast=True)
        begun = clock()
        await asyncio.sleep(0.2)  # the database was slow
        for number in range(20, 60):
            await pace.turn(f"listener {number}", broadcast=True)
        assert clock() - begun == pytest.approx(2.0, abs=0.06)
        await asyncio.sleep(60)
        resumed = clock()
        times = []
        for number in range(60, 100):
            await pace.turn(f"listener {number}", broadcast=True)
            times.append(clock() - resumed)
        assert times[19] == pytest.approx(0.95, abs=0.06)

    quickly(story)


@pytest.mark.parametrize("broadcast", [True, False])
async def test_two_processes_together_are_no_faster_than_one(database: Database, time: Time, broadcast: bool) -> None:
    limits = rates(20)

    async def sleep(seconds: float) -> None:
        time.passes(seconds=max(seconds, 0.001))

    def pace() -> Pace:
        return Pace(limits, lambda: time.now.timestamp(), sleep, together(database, limits))

    began, processes = time.now, (pace(), pace())
    for number in range(100):
        await processes[number % 2].turn(f"person {number}", broadcast)
    took = (time.now - began).total_seconds()
    assert took == pytest.approx(100 / (limits.broadcasts if broadcast else limits.overall), rel=0.1)
