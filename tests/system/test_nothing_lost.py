"""The server is killed, again and again, while people talk: what was acknowledged is there once, nothing twice."""

import asyncio
import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.system.conftest import Starter
from tests.system.server import Server, free_port
from tests.system.visitor import NUMBER, Message, browser, jpeg, new_id

RESIDENTS = 24
KILLS = 4
PHOTOGRAPHERS = 8  # of them; they report, the others answer questions and write


@dataclass
class Sent:
    """A message and what was answered when it was acknowledged at last."""

    id: str
    send: dict[str, Any]
    answer: list[Message] = field(default_factory=list)
    attempts: int = 0

    @property
    def words(self) -> str:
        return "\n\n".join(message["text"] for message in self.answer)


class Resident:
    """Somebody who goes on with their affairs, and repeats what was not answered until it is."""

    def __init__(self, url: str, number: int, dice: random.Random) -> None:
        self.client = browser(url)
        self.number, self.dice = number, dice
        self.sent: list[Sent] = []
        self.photos: list[bytes] = []

    async def enter(self) -> None:
        """Open the page, which gives the cookie."""
        await self.client.get("/chat")

    @property
    def name(self) -> str:
        return str(self.client.cookies["youli"]).partition(".")[0]

    async def live(self, over: Callable[[], bool]) -> None:
        """Do one thing after the other until it is over."""
        while not over():
            await (self.report(over) if self.number < PHOTOGRAPHERS else self.chat(over))

    async def chat(self, over: Callable[[], bool]) -> None:
        """A round of questions and some words in between."""
        await self.say("/quiz five")
        for _ in range(self.dice.randrange(3, 9)):
            if over():
                return
            if self.dice.random() < 0.2:
                await self.say(f"我是{self.number}号，{self.dice.random()}")
            else:
                await self.tap(self.dice.choice(self.options or ["/menu"]))

    async def report(self, over: Callable[[], bool]) -> None:
        """Report litter with one or two photos."""
        photos = [jpeg(self.dice.randrange(10**9)) for _ in range(self.dice.choice((1, 1, 2)))]
        await self.tap("/cancel")
        await self.post({"photos": photos})
        await self.tap(self.labelled("上报问题"))
        await self.tap(self.labelled("垃圾"))
        await self.say(f"文昌路 {self.number} 号")
        while not over() and "提交" not in self.labels:
            await self.tap(self.options[0])
        if not over():
            await self.tap(self.labelled("提交"))

    async def say(self, text: str) -> None:
        await self.post({"json": {"text": text}})

    async def tap(self, value: str) -> None:
        await self.post({"json": {"choice": value}})

    @property
    def offered(self) -> list[dict[str, str]]:
        return [option for message in self.sent[-1].answer for option in message["options"]]

    @property
    def options(self) -> list[str]:
        return [option["value"] for option in self.offered]

    @property
    def labels(self) -> str:
        return " ".join(option["label"] for option in self.offered)

    def labelled(self, label: str) -> str:
        found = [option["value"] for option in self.offered if label in option["label"]]
        assert found, f"«{label}» is not offered: {self.sent[-1].answer}"
        return found[0]

    async def post(self, message: dict[str, Any]) -> None:
        sent = Sent(new_id(), message)
        self.sent.append(sent)
        sent.answer = await self.acknowledged(sent)
        self.photos += message.get("photos", [])

    async def acknowledged(self, sent: Sent) -> list[Message]:
        """Send until it is answered, always with the same id."""
        if "photos" in sent.send:
            files = [("photo", ("a.jpg", photo, "image/jpeg")) for photo in sent.send["photos"]]
            message: dict[str, Any] = {"data": {"id": sent.id}, "files": files}
        else:
            message = {"json": {"id": sent.id, **sent.send["json"]}}
        while True:
            sent.attempts += 1
            try:
                response = await self.client.post("/chat/messages", **message)
            except httpx.TransportError:
                await asyncio.sleep(self.dice.uniform(0.1, 0.3))  # leaves the server some air to start
            else:
                assert response.status_code == 200, response.text
                found: list[Message] = response.json()["messages"]
                return found


async def test_what_was_acknowledged_survives_sigkill_and_is_never_doubled(starter: Starter) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown when it fails
    dice = random.Random(seed)
    server = starter(port=free_port(), rate_limit="off")
    await asyncio.to_thread(server.start)
    residents = [Resident(server.url, number, random.Random(dice.random())) for number in range(RESIDENTS)]
    await asyncio.gather(*(resident.enter() for resident in residents))
    ended = asyncio.Event()
    living = [asyncio.create_task(resident.live(ended.is_set)) for resident in residents]
    for _ in range(KILLS):
        await asyncio.sleep(dice.uniform(0.2, 1.0))
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
    async with asyncio.timeout(120):  # a busy machine takes longer than the kills for a first report
        while not eventful(residents):  # noqa: ASYNC110 - they are watched from outside
            await asyncio.sleep(0.1)
    ended.set()
    await asyncio.gather(*living)

    # Whatever is repeated once more, also long after, is answered as it was then.
    asked_again = [(resident, sent) for resident in residents for sent in dice.sample(resident.sent, 3)]
    asked_again += [(one, sent) for one in residents for sent in one.sent if sent.attempts > 1]
    before = server.counts()
    for resident, sent in asked_again:
        assert await resident.acknowledged(sent) == sent.answer
    assert server.counts() == before
    for resident in residents:
        await resident.client.aclose()
    await asyncio.to_thread(server.stop)

    assert server.rows("PRAGMA integrity_check") == [("ok",)]
    assert server.rows("PRAGMA foreign_key_check") == []
    for resident in residents:
        check_messages(server, resident)
        check_answers(server, resident)
        check_reports(server, resident)
    check_whole(server, residents)


def eventful(residents: list[Resident]) -> bool:
    """Whether something has happened that could be lost: a report, a right answer."""
    words = [sent.words for resident in residents for sent in resident.sent]
    return any(map(NUMBER.search, words)) and any(one.startswith("对。") for one in words)


def check_messages(server: Server, resident: Resident) -> None:
    """Each message is in the transcript once, in order, with the answer that was given."""
    rows = server.rows(
        "SELECT key, answer FROM exchanges JOIN talks ON talks.id = talk_id WHERE user = ? ORDER BY exchanges.id",
        resident.name,
    )
    assert [key for key, _ in rows] == [sent.id for sent in resident.sent]
    for (_, answer), sent in zip(rows, resident.sent, strict=True):
        assert [text for text, *_ in json.loads(answer)] == [message["text"] for message in sent.answer]


def check_answers(server: Server, resident: Resident) -> None:
    """As many answers are graded, in the journal and the answers, as were told to be right or wrong."""
    graded = sum(sent.words.startswith(("对。", "差一点。")) for sent in resident.sent)
    for table, where in (("journal", "deed = 'quiz_answer' AND"), ("answers", "")):
        count = (
            f"SELECT count(*) FROM {table} WHERE {where} resident_id = (SELECT resident_id FROM talks WHERE user = ?)"
        )
        assert server.rows(count, resident.name) == [(graded,)], table


def check_reports(server: Server, resident: Resident) -> None:
    """Each number that was told is one report, with one line of each kind, and its photos are on disk."""
    told = [number for sent in resident.sent for number in NUMBER.findall(sent.words) if "编号" in sent.words]
    mine = "(SELECT resident_id FROM talks WHERE user = ?)"
    assert server.rows(f"SELECT number FROM reports WHERE resident_id = {mine} ORDER BY id", resident.name) == [
        (number,) for number in told
    ]
    deeds = f"SELECT subject FROM journal WHERE deed = 'report_sent' AND resident_id = {mine} ORDER BY id"
    assert server.rows(deeds, resident.name) == [(number,) for number in told]
    moves = f"SELECT count(*) FROM report_moves JOIN reports ON reports.id = report_id WHERE resident_id = {mine}"
    assert server.rows(moves, resident.name) == [(len(told),)]
    attached = (
        "SELECT count(*) FROM reports LEFT JOIN report_photos ON report_id = reports.id "
        f"WHERE resident_id = {mine} GROUP BY reports.id HAVING count(photo_id) = 0"
    )
    assert server.rows(attached, resident.name) == []
    keys = f"SELECT sha256, sealed_key, large_key, small_key FROM photos WHERE resident_id = {mine} ORDER BY id"
    found = server.rows(keys, resident.name)
    assert [row[0] for row in found] == [hashlib.sha256(photo).hexdigest() for photo in resident.photos]
    for sha256, sealed, large, small in found:
        folder = server.data / "media"
        assert hashlib.sha256((folder / sealed).read_bytes()).hexdigest() == sha256
        assert all((folder / key).read_bytes().startswith(b"\xff\xd8") for key in (large, small))


def check_whole(server: Server, residents: list[Resident]) -> None:
    """Nobody is there who was not, nothing is left half done, and something was repeated at all."""
    names = {resident.name for resident in residents}
    assert {row[0] for row in server.rows("SELECT user FROM talks")} == names
    assert server.rows("SELECT count(*) FROM residents") == [(len(residents),)]
    doubled = "SELECT deed, resident_id, day FROM journal WHERE deed = 'visit' GROUP BY 1, 2, 3 HAVING count(*) > 1"
    assert server.rows(doubled) == []
    sent = [sent for resident in residents for sent in resident.sent]
    assert sum(one.attempts > 1 for one in sent) >= KILLS
