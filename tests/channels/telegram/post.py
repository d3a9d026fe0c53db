"""Letters whose words are known, and what became of them."""

from sqlalchemy import select

from bot.letters import say_to_json
from bot.messages import Option, Say
from db import letters, talks
from db.letters import NEWS
from db.tables import letters as outbox
from db.tx import Tx
from tests.channels.telegram.conftest import Town


def write(tx: Tx, user: int, words: str, urgency: int = NEWS) -> None:
    """A letter whose words are known."""
    found = talks.find_talk(tx, "telegram", str(user))
    assert found is not None
    say = say_to_json(Say("bot.emergency", {"number": "110", "advice": words}, (Option("/menu", "command.menu"),)))
    letters.add_letter(tx, found[0], "telegram", say, urgency=urgency)


def advice(town: Town, user: int) -> list[str]:
    """The words of the letters that arrived, in order."""
    return [one.text.split("\n")[1] for one in town.fake.chat(user) if "110" in one.text]


def states(tx: Tx) -> list[tuple[str, int]]:
    """State and attempts of all letters."""
    return [(row[0], row[1]) for row in tx.execute(select(outbox.c.state, outbox.c.attempts).order_by(outbox.c.id))]


async def known(town: Town, *users: int) -> None:
    """These people have spoken to us."""
    for user in users:
        await town.hears(town.fake.says(user, "菜单"))
    town.fake.calls.clear()
