"""What the command line asks of the house: by socket while a server runs, in its own process otherwise."""

import uuid
from dataclasses import asdict
from datetime import date
from itertools import islice
from typing import Any

from actions import daily
from actions.audit import note_listed
from bot.dispatch import Dispatch
from bot.house import House
from bot.messages import Address, Incoming
from civic.errors import Refused
from civic.tips import WEIGHTS, Candidate
from content.search import SURE
from db import letters, unanswered, updates
from db.database import Database
from db.dead_letters import dead_letters
from db.migrate import current
from db.tx import Tx
from web.desk import Task
from web.staff_errands import TERMINAL


class Errands:
    """Each public method is a task: JSON values in, JSON values out. Raises Refused with words for the caller."""

    def __init__(self, database: Database, dispatch: Dispatch) -> None:
        self._database, self._dispatch = database, dispatch

    @property
    def _house(self) -> House:
        return self._dispatch.house

    def tasks(self) -> dict[str, Task]:
        """The visible list."""
        return {
            "content.unanswered": self.unanswered,
            "content.why": self.why,
            "chat": self.chat,
            "state": self.state,
        }

    async def unanswered(self, limit: int) -> list[dict[str, Any]]:
        """What was asked in vain, most often first; what the content answers by now is left out. That somebody looked
        stands in the audit log: these are residents' words."""
        rows = await self._database.read(unanswered.most, 1000)
        finder = self._house.library.finder

        def open_yet(words: str) -> bool:
            hits = finder.find(words)
            return not hits or hits[0].score < SURE

        told = ({"words": words, "count": count, "last_day": day} for words, count, day in rows if open_yet(words))
        found = list(islice(told, limit))
        await self._database.write(note_listed, TERMINAL, self._house.zone, "unanswered", "", len(found))
        return found

    async def why(self, day: str, area: str) -> dict[str, Any]:
        """Why an area (its id or its name; empty: the city) has its tip of a day."""
        library = self._house.library
        try:
            asked = date.fromisoformat(day)
        except ValueError:
            raise Refused("desk.unknown_day", day=day[:24]) from None
        names = {one.zh: key for key, one in library.city.communities.items()}
        known = area if area in library.city.communities else names.get(area, "")
        if area and not known:
            raise Refused("desk.unknown_area", area=area[:24], areas="、".join(names))
        found = await self._database.read(daily.explain, library, asked, known or None)
        observances = (*library.calendar.observances(asked), *library.calendar.near(asked))
        return {
            "day": day,
            "area": known,
            "solemn": found.day.solemn,
            "observances": [
                {"id": one.id, "name": one.zh.name, "span": one.span if one.id in found.day.occasions else "near"}
                for one in observances
            ],
            "reports": [asdict(rise) | {"times": rise.times} for rise in found.rises],
            "tip": found.tip.id if found.tip else None,
            "decided": found.kept,
            "candidates": [self._candidate(candidate) for candidate in found.candidates[:8]],
            "others": [tip.id for tip in found.others],
        }

    def _candidate(self, candidate: Candidate) -> dict[str, Any]:
        tip = self._house.library.tips[candidate.tip]
        reasons = [
            {"rule": one.rule, "weight": WEIGHTS[one.rule], "number": one.number, "points": one.points}
            for one in candidate.reasons
        ]
        return {"tip": tip.id, "title": tip.zh.title, "topic": tip.topic, "points": candidate.points} | {
            "reasons": reasons
        }

    async def chat(self, user: str, text: str) -> list[str]:
        """One message from the terminal."""
        exchange = await self._dispatch.handle(Incoming(Address("terminal", user), uuid.uuid4().hex, text=text[:2000]))
        return [item.text for item in exchange.answer]

    async def state(self) -> dict[str, Any]:
        """Where this server is reached; letters by state, dead letters, the tables' revision."""
        return {"address": self._house.links.base_url, **await self._database.read(_state)}


def _state(tx: Tx) -> dict[str, Any]:
    return {
        "letters": letters.counts(tx),
        "dead": dead_letters(tx),
        "unread": updates.dead(tx),
        "revision": current(tx),
    }
