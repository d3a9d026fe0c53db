"""What leaves after the reply, as letters of the turn's own commit: pictures, and answers that nobody waited for.

The reply itself needs no letter: WeChat asks again for one that it did not get. What comes after it nobody asks for.
"""

from zoneinfo import ZoneInfo

from bot.delivery import delivered
from bot.messages import Outgoing
from bot.rendering import from_json, to_json
from db import letters, talks, wechat
from db.letters import REPLY
from db.tx import Tx

SHOWN_WITHIN = 3600  # seconds after which a picture says nothing any more without its words


def apart(words: Outgoing) -> list[Outgoing]:
    """Words and each of their pictures as messages of their own, as WeChat sends them."""
    said = [Outgoing(words.text)] if words.text else []
    return said + [Outgoing("", (), (image,)) for image in words.images]


def whole(stored: str, left: int) -> Outgoing:
    """The reverse for a letter of which so many messages have left."""
    parts = from_json(stored)[left:]
    return Outgoing("\n".join(part.text for part in parts if part.text), (), sum((part.images for part in parts), ()))


def post(tx: Tx, talk_id: int, words: Outgoing, lasts: float, held: float = 0, answers: str | None = None) -> None:
    """Words that are settled, as a letter that is of use for so many seconds and ``held`` for some, unless the reply is
    seen to leave before. What ``answers`` a message takes the place of what was to follow its reply."""
    letters.add_letter(
        tx,
        talk_id,
        "wechat",
        to_json(apart(words)),
        urgency=REPLY,  # it belongs here, wherever else they may be
        collapse=f"answer:{answers}" if answers else None,
        due_at=tx.ms + int(held * 1000),
        expires_at=tx.ms + int(lasts * 1000),
    )


def arrived(tx: Tx, talk_id: int, zone: ZoneInfo) -> None:
    """A reply left in time, or is a letter now: what rode on it is done, what follows it may leave."""
    found = talks.talk_of_id(tx, talk_id)
    if found is not None:
        for letter in wechat.riding(tx, talk_id):
            delivered(tx, letter, found[2], zone)
        letters.hurry(tx, talk_id)
