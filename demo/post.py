"""The postman of the made-up city: letters arrive at once, and none ever leaves the house."""

from bot.delivery import delivered
from bot.house import House
from bot.letters import words_of
from bot.rendering import to_json
from db import history, letters, sending, talks
from db.letters import BROADCAST, NEWS, REPLY
from db.tx import Tx

OWNER = "demo"
LEASE = 60.0  # seconds
PAGE = 500  # letters in one unit


def deliver(tx: Tx, house: House) -> int:
    """One round: of each talk the oldest letter; how many. Where the transcript is shown, it is written there."""
    letters.expire(tx)
    count = 0
    for manners in house.manners.values():
        if not manners.pushes:
            continue
        for letter in sending.lease(tx, OWNER, manners.name, (REPLY, NEWS, BROADCAST), LEASE, PAGE):
            found = talks.talk_of_id(tx, letter.talk_id)
            assert found is not None
            resident = found[2]
            if manners.keeps_history:
                words = words_of(letter.say, resident.language, house.library, manners)
                history.record_exchange(tx, letter.talk_id, f"letter:{letter.id}", None, to_json(words))
            delivered(tx, letter, resident, house.zone)
            count += 1
    return count
