"""Whatever people do, in whatever order: every message gets words, and no step ever breaks."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.dispatch import Dispatch
from bot.messages import Address, Incoming, Place
from bot.routing import Meaning, read
from db.database import Database, open_database
from db.talks import open_talk
from tests.conftest import make_tables
from tests.play import KEYS, Person, Time, picture

STEPS = 400
PEOPLE = ("web", "web", "wechat", "telegram", "terminal")
ARGUMENTS = [
    "",
    "one",
    "five",
    "topic:fire",
    "tip:x",
    "litter",
    "parking",
    "photos",
    "place",
    "another",
    "page 3",
    "on",
]
ARGUMENTS += [f"{word} 261123-1" for word in ("withdraw", "solved", "unsolved", "rate")]
ARGUMENTS += ["add 1", "zh", "en", "\u202e", "9" * 30]
TYPED = [
    "1",
    "2",
    "9",
    "²",
    "１２",
    "A",
    "abcd",
    "浙A12345",
    "文昌路 12 号",
    "8点",
    "hello",
    "。",
    "👍",
    "长" * 2000,
    "\n\n",
]
TYPED += ["听荷", "th", "取消", "返回", "菜单", "着火了"]


def anything(dice: random.Random, person: Person, commands: list[str]) -> dict[str, object]:
    """One message that a person could send."""
    kind = dice.choices(
        ("tap", "word", "command", "type", "photos", "place", "voice", "link"), (9, 3, 3, 3, 2, 1, 1, 1)
    )[0]
    if kind == "tap" and person.options:
        return {"choice": dice.choice([option.value for option in person.options])}
    if kind == "photos":
        places = (None, (30.2, 120.1))
        photos = tuple(picture(str(dice.random()), dice.choice(places)) for _ in range(dice.randrange(1, 11)))
        return {"photos": photos, "text": dice.choice(("", "看"))}
    if kind == "place":
        return {"place": Place(dice.uniform(-90, 90), dice.uniform(-180, 180), dice.choice(("", "文昌路")))}
    if kind == "voice":
        return {"unsupported": "voice"}
    if kind == "link":
        return {"command": (dice.choice(commands), dice.choice(("", "poster-1")))}
    if kind == "command":
        return {"text": f"/{dice.choice(commands)} {dice.choice(ARGUMENTS)}"}
    return {"text": dice.choice(TYPED if kind == "type" else list(person.dispatch.house.library.command_words))}


async def labels_can_be_typed(person: Person) -> None:
    """Whatever stands on a button can be typed instead, at every step; in quotes, and with a full stop, too."""
    address = person.channel, person.user, "zh", "2026-11-23"
    talk, _ = await person.database.write(lambda tx: open_talk(tx, *address))
    library = person.dispatch.house.library

    def meant(**message: str) -> Meaning:
        return read(Incoming(Address(person.channel, person.user), "1", **message), talk, library)  # type: ignore[arg-type]

    labels = [label for _, label in talk.options]
    for value, label in talk.options:
        if labels.count(label) == 1:
            tapped = meant(choice=value)
            assert {meant(text=typed) for typed in (label, f"「{label}」", f"{label}。")} == {tapped}, (label, labels)


@pytest.fixture
async def database(tmp_path: Path, time: Time) -> AsyncIterator[Database]:
    """SQLite is enough: what is tried here are the steps."""
    opened = await open_database(f"sqlite:///{tmp_path / 'youli.db'}", time, keys=KEYS)
    await opened.write(make_tables)
    yield opened
    await opened.close()


async def test_no_order_of_messages_breaks_a_dialogue(dispatch: Dispatch, database: Database, time: Time) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown when it fails
    dice = random.Random(seed)
    people = [Person(dispatch, database, f"person-{number}", channel) for number, channel in enumerate(PEOPLE)]
    commands = [name for conversation in dispatch.house.conversations for name in conversation.opens]
    for step in range(STEPS):
        person = dice.choice(people)
        message = anything(dice, person, commands)
        await person.send(**message)
        assert person.words.strip(), (step, message)
        assert "小状况" not in person.words, (step, message)
        assert "went wrong on my side" not in person.words, (step, message)
        await labels_can_be_typed(person)
        if dice.random() < 0.02:
            time.passes(days=dice.randrange(1, 40))
