"""One city in several processes on PostgreSQL: two doors and one work."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from time import monotonic

import httpx
import pytest

from bot.outside import HttpClient
from tests.system.conftest import Commands, Starter
from tests.system.server import Server
from tests.system.towns import rows, town
from tests.system.visitor import NUMBER, Visitor, browser, new_id


@dataclass
class City:
    """Its processes, and somebody with the same cookie at both doors."""

    url: str
    doors: list[Server]
    work: Server
    clients: list[httpx.AsyncClient]

    @property
    def at(self) -> list[Visitor]:
        """The person at each door."""
        return [Visitor(client) for client in self.clients]


@pytest.fixture
async def city(starter: Starter, postgres: str, do: Commands) -> AsyncIterator[City]:
    async with town(postgres) as url, AsyncExitStack() as stack:
        shared: dict[str, object] = {"database_url": url, "secret_key": "the same for all of the processes"}
        (await asyncio.to_thread(do, "migrate", **shared)).well()
        doors = [starter(role="serve", port=0, **shared) for _ in range(2)]
        work = starter(role="work", **shared)
        await asyncio.gather(*(asyncio.to_thread(one.start) for one in (*doors, work)))
        clients = [await stack.enter_async_context(browser(door.url)) for door in doors]
        await Visitor(clients[0]).say("菜单")
        clients[1].cookies.set("youli", clients[0].cookies["youli"])
        yield City(url, doors, work, clients)
        for one in (*doors, work):
            one.stop()


async def test_one_city_in_three_processes(city: City, do: Commands) -> None:
    here, there = city.at
    # The same messages at both doors at once: each is handled once and answered alike.
    ids = [new_id() for _ in range(8)]
    words = ["答题", "A", "贴士", "菜单", "B", "取消", "菜单", "答题"]
    for number, word in zip(ids, words, strict=True):
        one, other = await asyncio.gather(here.post(id=number, text=word), there.post(id=number, text=word))
        assert one.json()["messages"] == other.json()["messages"]
    kept = rows(city.url, "SELECT key FROM exchanges WHERE key = ANY($1) ORDER BY id", ids)
    assert [row[0] for row in kept] == ids

    # A report made at one door; news of it, carried by «work», is seen at the other at once. So is what is said there,
    # except where it was said.
    number = await report(there)
    async with city.clients[0].stream("GET", "/chat/events?own=a-window-") as response:
        lines = response.aiter_lines()
        async for line in lines:
            if line == ": hello":
                break
        await patiently(here, id="a-window-1", text="菜单")
        await patiently(there, id="another-1", text="积分")
        async with asyncio.timeout(10):  # before the next beat of the stream
            said = [line async for line in first_data(lines)]
            assert json.loads(said[0])["text"] == "积分"
            for message in there.last:
                assert [json.loads(line) async for line in first_data(lines)] == [message]
        settings = {"database_url": city.url, "secret_key": "the same for all of the processes"}
        (await asyncio.to_thread(do, "reports", "move", number, "accept", "--by", "小王", **settings)).well()
        async with asyncio.timeout(30):
            told = [line async for line in first_data(lines)]
    assert "受理" in json.loads(told[0])["text"]

    # Twenty in ten seconds, wherever they are sent.
    began = monotonic()
    answers = await asyncio.gather(*(city.at[number % 2].post(text="菜单") for number in range(60)))
    let = sum(answer.status_code == 200 for answer in answers)
    refused = [answer for answer in answers if answer.status_code == 429]
    assert let <= 20 + 2 * (monotonic() - began) + 1
    assert refused and {answer.status_code for answer in answers} <= {200, 429, 503}  # a slow machine is busy by then
    assert {answer.headers["retry-after"] for answer in refused} <= {"1", "2"}


async def first_data(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    async for line in lines:
        if line.startswith("data: "):
            yield line.removeprefix("data: ")
            return


async def patiently(visitor: Visitor, **message: str) -> None:
    """Say it as soon as the pace allows."""
    while (answer := await visitor.post(**message)).status_code == 429:  # noqa: ASYNC110 - it said so
        await asyncio.sleep(0.5)
    assert answer.status_code == 200


async def report(visitor: Visitor) -> str:
    """Litter, without a photo; the number."""
    for word in ("/report litter", "1", "文昌路 12 号门口", "1", "1", "1", "1"):
        await patiently(visitor, text=word)
    return str(NUMBER.findall(visitor.words)[0])


async def test_doors_are_replaced_one_after_the_other_and_nobody_notices(city: City) -> None:
    """Whoever is refused or cut off sends it again elsewhere, as a load balancer does; nothing is lost or doubled."""
    acknowledged: dict[str, list[str]] = {}
    over = asyncio.Event()

    async def talk(place: int) -> None:
        name = new_id()
        async with HttpClient(timeout=30) as client:
            mine: list[str] = acknowledged.setdefault(name, [])
            while not over.is_set():
                number = new_id()
                while True:
                    door = city.doors[place % 2]
                    try:
                        body = {"id": number, "text": "菜单"}
                        response = await client.post(f"{door.url}/chat/messages", json=body)
                    except httpx.TransportError:
                        place += 1
                        continue
                    if response.status_code in {429, 503}:
                        await asyncio.sleep(0.2)
                        continue
                    assert response.status_code == 200, response.text
                    break
                mine.append(number)
                place += 1
                await asyncio.sleep(0.1)

    talking = [asyncio.create_task(talk(place)) for place in range(6)]
    for door in city.doors:
        await asyncio.to_thread(door.stop)
        await asyncio.to_thread(door.start)
    over.set()
    await asyncio.gather(*talking)
    for mine in acknowledged.values():
        assert mine
        kept = rows(city.url, "SELECT key, talk_id FROM exchanges WHERE key = ANY($1) ORDER BY id", mine)
        assert [row[0] for row in kept] == mine  # in their order, each once
        assert len({row[1] for row in kept}) == 1
