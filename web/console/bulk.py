"""Many reports at once: chosen in the queue, looked at first with all that would change, then moved one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from actions import casework
from actions.act import role_of
from actions.casework import Deed
from actions.rehearsal import Told, rehearse
from bot.messages import Outgoing
from bot.rendering import render
from civic import reports as rules
from civic.errors import Refused
from civic.staff import VIEWER
from db.reports import Report, find_report
from db.tx import Tx
from web.console.cases import Case, case
from web.console.doorman import Doorman
from web.console.pages import Pages
from web.console.visit import Visit, inside, number
from web.parts import Parts

# A word about each of them.
SINGLE = frozenset({"answer", "ask_time", "ask_hold", "extend", "return", "supervise", "respond"})
MOST = 100  # reports at once


@dataclass(frozen=True)
class Line:
    """What becomes of one report: how it is, how it will be (or is now), what people read, or why not."""

    number: str
    before: Case | None
    after: Case | None = None
    told: Sequence[Outgoing] = ()
    why: str = ""


class Bulk:
    """POST /console/queue."""

    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts, self._pages = parts, pages

    def routes(self, doorman: Doorman) -> list[Route]:
        """All doors."""
        return [doorman.form("/console/queue", self._do)]

    async def _do(self, visit: Visit) -> Response:
        """Look at it, or do it (``sure``)."""
        if visit.staff.role == VIEWER:
            raise Refused("staff.may_not")
        chosen, move = visit.texts("report"), visit.text("move")
        if not chosen:
            raise Refused("queue.none_chosen")
        if len(chosen) > MOST:
            raise Refused("queue.too_many", limit=MOST)
        if move not in rules.MOVES:
            raise Refused("queue.no_move")
        sure = bool(visit.text("sure"))
        lines = [await self._line(visit, self._deed(visit, one), sure=sure) for one in dict.fromkeys(chosen)]
        view: dict[str, Any] = {
            "lines": lines,
            "done": sure,
            "good": [line for line in lines if line.after],
            "bad": [line for line in lines if not line.after],
            "chosen": chosen,
            "move": move,
            "rule": rules.MOVES[move],
            "hands_over": "department" in rules.MOVES[move].takes,
            "departments": self._pages.library.city.departments,
            "phrases": [one.in_language(visit.language) for one in self._pages.library.phrases if move in one.moves],
            "grounds": [
                (one.id, one.in_language(visit.language)) for one in self._pages.library.grounds if move in one.moves
            ],
            "typed": {name: visit.text(name) for name in ("note", "department", "ground")},
            "onward": inside(visit.text("back")),
        }
        return self._pages.show(visit, "bulk.html", room="queue", sent="bulk" if sure else None, **view)

    def _deed(self, visit: Visit, chosen: str) -> Deed:
        """``NUMBER:VERSION``, as the queue's boxes say it."""
        name, _, version = chosen.rpartition(":")
        department = visit.text("department") or None
        move, note = visit.text("move"), visit.text("note")
        return Deed(name, number(version), move, note, department, ground=visit.text("ground"))

    async def _line(self, visit: Visit, deed: Deed, *, sure: bool) -> Line:
        """One report in a unit of its own: what goes wrong with it concerns no other."""
        house, names = self._parts.house, self._pages.names(visit.language)

        def unit(tx: Tx) -> tuple[Report, Report, list[Told], int]:
            before = casework.check(tx, visit.staff, deed)

            def do() -> Report:
                return casework.do(tx, house.library, house.zone, visit.staff, deed)

            after, told = (do(), list[Told]()) if sure else rehearse(tx, do)
            return before, after, told, tx.ms

        def seen(tx: Tx) -> tuple[Report | None, int]:
            found = find_report(tx, deed.number)
            return found if found and visit.staff.sees(found.department, found.area) else None, tx.ms

        try:
            before, after, told, now = await self._parts.database.write(unit)
        except Refused as refused:
            report, now = await self._parts.database.read(seen)
            shown = case(report, names, now) if report else None
            return Line(deed.number, shown, why=self._pages.why(refused, visit.language))
        words = [render(one.say, one.language, house.library, 0) for one in told]
        return Line(deed.number, case(before, names, now), case(after, names, now), words)


def common(visit: Visit) -> list[str]:
    """The moves that may be chosen for many at once; those that need something of each are not."""
    role = role_of(visit.staff)
    return [one.name for one in rules.MOVES.values() if role in one.actors and not one.needs and one.name not in SINGLE]
