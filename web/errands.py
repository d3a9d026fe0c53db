"""What the command line asks of the house: by socket while a server runs, in its own process otherwise."""

import uuid
from dataclasses import asdict
from datetime import date
from itertools import islice
from typing import Any

from actions import daily, moves
from actions import reports as acts
from bot.dispatch import Dispatch
from bot.messages import Address, Incoming
from civic.errors import Refused
from civic.reports import STATUSES
from civic.staff import ADMINISTRATOR, Staff
from civic.tips import WEIGHTS, Candidate
from content.search import SURE
from db import letters, reports, unanswered, updates
from db.database import Database
from db.migrate import current
from db.moments import from_ms
from db.reports import Report
from db.staff import find_login
from db.tx import Tx
from web.desk import Task


class Errands:
    """Each public method is a task: JSON values in, JSON values out. Raises Refused with words for the caller."""

    def __init__(self, database: Database, dispatch: Dispatch) -> None:
        self._database, self._dispatch = database, dispatch

    @property
    def _house(self) -> Any:
        return self._dispatch.house

    def tasks(self) -> dict[str, Task]:
        """The visible list."""
        return {
            "reports.list": self.list_reports,
            "reports.show": self.show_report,
            "reports.move": self.move_report,
            "reports.reply": self.reply_to_report,
            "content.unanswered": self.unanswered,
            "content.why": self.why,
            "chat": self.chat,
            "state": self.state,
        }

    async def list_reports(
        self, status: list[str], category: str | None, area: str | None, overdue: bool, limit: int
    ) -> list[dict[str, Any]]:
        """Reports, most urgent first."""
        for name in status:
            if name not in STATUSES:
                raise Refused("desk.unknown_status", status=name, statuses=", ".join(STATUSES))
        found = await self._database.read(
            reports.search_reports, status=tuple(status), category=category, area=area, overdue=overdue, limit=limit
        )
        return [self._row(report) for report in found]

    async def show_report(self, number: str) -> dict[str, Any]:
        """One report with its history and photos."""
        return await self._database.read(self._show, number)

    def _show(self, tx: Tx, number: str) -> dict[str, Any]:
        report = reports.find_report(tx, number)
        if report is None:
            raise Refused("reports.unknown", number=number[:24])
        history = [
            {
                "at": self._moment(entry.at),
                "move": entry.move,
                "by": entry.actor_name or entry.actor,
                "to": entry.to_status,
                "note": entry.note,
            }
            for entry in reports.timeline(tx, report.id)
        ]
        return self._row(report) | {
            "note": report.note,
            "answers": report.answers,
            "anonymous": report.anonymous,
            "lat": report.lat,
            "lon": report.lon,
            "history": history,
            "photos": acts.photo_counts(tx, report),
        }

    async def move_report(
        self,
        number: str,
        move: str,
        by: str,
        note: str,
        department: str | None,
        person: str = "",
        target: str = "",
        until: str = "",
        no_photo: str = "",
    ) -> dict[str, Any]:
        """A move from the command line, where they may do what an administrator may; the resident hears of it.
        ``person`` is a login, ``until`` an ISO date."""
        house, staff = self._house, Staff(by, ADMINISTRATOR)
        day = _day(until) if until else None

        def unit(tx: Tx) -> Report:
            who = find_login(tx, person) if person else None
            if person and who is None:
                raise Refused("move.unknown_person", person=person[:64])
            return moves.move(
                tx,
                house.library,
                house.zone,
                number,
                move,
                staff,
                note,
                department,
                person=who.id if who else None,
                target=target,
                until=day,
                no_photo=no_photo,
            )

        return self._row(await self._database.write(unit))

    async def reply_to_report(self, number: str, by: str, text: str) -> dict[str, Any]:
        """Words for the resident."""
        house = self._house
        report = await self._database.write(
            moves.reply, house.library, house.zone, number, Staff(by, ADMINISTRATOR), text
        )
        return self._row(report)

    async def unanswered(self, limit: int) -> list[dict[str, Any]]:
        """What was asked in vain, most often first; what the content answers by now is left out."""
        rows = await self._database.read(unanswered.most, 1000)
        finder = self._house.library.finder

        def open_yet(words: str) -> bool:
            hits = finder.find(words)
            return not hits or hits[0].score < SURE

        found = ({"words": words, "count": count, "last_day": day} for words, count, day in rows if open_yet(words))
        return list(islice(found, limit))

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

    def _row(self, report: Report) -> dict[str, Any]:
        category = self._house.library.categories.get(report.category)
        return {
            "number": report.number,
            "status": report.status,
            "priority": report.priority,
            "category": category.zh.name if category else report.category,
            "category_id": report.category,
            "place": report.place,
            "area": report.area,
            "department": report.department,
            "created": self._moment(report.created_at),
            "due": self._moment(report.due_at),
        }

    def _moment(self, at: int) -> str:
        return f"{from_ms(at).astimezone(self._house.zone):%Y-%m-%d %H:%M}"


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Refused("move.bad_day") from None


def _state(tx: Tx) -> dict[str, Any]:
    return {
        "letters": letters.counts(tx),
        "dead": letters.dead(tx),
        "unread": updates.dead(tx),
        "revision": current(tx),
    }
