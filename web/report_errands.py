"""What the command line asks about reports; whoever sits at the machine may do all an administrator may."""

from datetime import date
from typing import Any

from actions import duplicates, evidence, moves, muting, supervision
from actions import reports as acts
from actions.audit import note_listed, note_opened
from bot.dispatch import Dispatch
from bot.house import House
from civic.errors import Refused
from civic.reports import STATUSES
from civic.staff import ADMINISTRATOR, Staff
from db import reminders, reports, supervisions
from db.database import Database
from db.moments import from_ms
from db.reports import Report
from db.staff import find_login
from db.tx import Tx
from web.desk import Task

TERMINAL = "terminal"


class ReportErrands:
    """Each public method is a task: JSON values in, JSON values out. Raises Refused with words for the caller."""

    def __init__(self, database: Database, dispatch: Dispatch) -> None:
        self._database, self._dispatch = database, dispatch

    @property
    def _house(self) -> House:
        return self._dispatch.house

    def tasks(self) -> dict[str, Task]:
        """The visible list."""
        return {
            "reports.list": self.list_reports,
            "reports.show": self.show_report,
            "reports.move": self.move_report,
            "reports.reply": self.reply_to_report,
            "reports.supervise": self.supervise,
            "reports.reminders": self.reminders,
            "reports.returns": self.returns,
            "reports.duplicates": self.duplicates,
            "reports.mute": self.mute,
        }

    async def list_reports(
        self, status: list[str], category: str | None, area: str | None, overdue: bool, limit: int, by: str
    ) -> list[dict[str, Any]]:
        """Reports, most urgent first. Who asked stands in the audit log, as in the console."""
        for name in status:
            if name not in STATUSES:
                raise Refused("desk.unknown_status", status=name, statuses=", ".join(STATUSES))
        found = await self._database.read(
            reports.search_reports, status=tuple(status), category=category, area=area, overdue=overdue, limit=limit
        )
        told = [*status, *filter(None, (category, area)), *(["overdue"] if overdue else [])]
        await self._note(by, "reports list", " ".join(told), len(found))
        numbers = [report.number for report in found]
        papers = await self._database.read(supervisions.last_of, numbers) if overdue else {}
        return [self._row(report) | {"supervision": papers.get(report.number)} for report in found]

    async def show_report(self, number: str, by: str) -> dict[str, Any]:
        """One report with its history and photos. Who opened it stands in the audit log, as in the console."""
        return await self._database.write(self._show, number, by)

    def _show(self, tx: Tx, number: str, by: str) -> dict[str, Any]:
        report = reports.find_report(tx, number)
        if report is None:
            raise Refused("move.unknown_report", number=number[:24])
        note_opened(tx, Staff(by, ADMINISTRATOR), self._house.zone, report.number)
        history = [
            {
                "at": self._moment(entry.at),
                "move": entry.move,
                "by": entry.actor_name or entry.actor,
                "to": entry.to_status,
                "note": entry.note,
                "target": entry.target,
            }
            for entry in reports.timeline(tx, report.id)
        ]
        return self._row(report) | {
            "note": report.note,
            "answers": report.answers,
            "anonymous": report.anonymous,
            "lat": report.lat,
            "lon": report.lon,
            "returns": report.returns,
            "reworks": report.reworks,
            "checking": report.checking,
            "hidden": report.hidden,
            "warnings": evidence.doubts(tx, self._house.zone, report),
            "supervisions": [
                {"words": one.words, "outcome": one.outcome, "by": one.name, "answer": one.answer}
                for one in supervisions.of_report(tx, report.id)
            ],
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
        ground: str = "",
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
                ground=ground,
                no_photo=no_photo,
            )

        moved = await self._database.write(unit)
        warnings = await self._database.read(evidence.doubts, house.zone, moved) if move == "resolve" else []
        return self._row(moved) | {"warnings": warnings}

    async def reply_to_report(self, number: str, by: str, text: str) -> dict[str, Any]:
        """Words for the resident."""
        house = self._house
        report = await self._database.write(
            moves.reply, house.library, house.zone, number, Staff(by, ADMINISTRATOR), text
        )
        return self._row(report)

    async def supervise(self, number: str, by: str, words: str, drop: bool) -> dict[str, Any]:
        """Sign the draft of a supervision, or drop it."""
        house, staff = self._house, Staff(by, ADMINISTRATOR)

        def unit(tx: Tx) -> None:
            if drop:
                supervision.drop(tx, staff, number)
                return
            said = words.strip() or supervision.waiting(tx, staff, number).words
            moves.move(tx, house.library, house.zone, number, "supervise", staff, said)

        await self._database.write(unit)
        return await self.show_report(number, by)

    async def _note(self, by: str, what: str, asked: str, count: int) -> None:
        staff = Staff(by, ADMINISTRATOR)
        await self._database.write(note_listed, staff, self._house.zone, what, asked, count)

    async def reminders(self, login: str, read: bool) -> list[dict[str, Any]]:
        """What somebody is to know and has not read, newest first; ``read`` marks it as read."""

        def unit(tx: Tx) -> list[reminders.Notice]:
            colleague = find_login(tx, login)
            if colleague is None:
                raise Refused("staff.unknown")
            found = reminders.notices_of(tx, colleague.id)
            if read and found:
                reminders.mark_read(tx, colleague.id, found[0].id)
            return found

        found = await self._database.write(unit)
        await self._note(TERMINAL, "reminders", login, len(found))
        return [{"at": self._moment(one.at), "number": one.number, "kind": one.kind} for one in found]

    async def returns(self) -> list[dict[str, Any]]:
        """How often reports were returned, by the department that had them and the one that it named."""
        pairs = await self._database.read(reports.returns_between)
        return [{"from": had, "to": named, "times": times} for had, named, times in pairs]

    async def duplicates(self, number: str) -> list[dict[str, Any]]:
        """Open reports that may be about the same thing, the likeliest first."""

        def unit(tx: Tx) -> list[duplicates.Candidate]:
            report = reports.find_report(tx, number)
            if report is None:
                raise Refused("move.unknown_report", number=number[:24])
            return duplicates.candidates(tx, Staff(TERMINAL, ADMINISTRATOR), report)

        found = await self._database.read(unit)
        await self._note(TERMINAL, "duplicates", number, len(found))
        return [
            self._row(one.report)
            | {"score": round(one.score, 2), "hours": round(one.hours), "bits": one.bits}
            | {"metres": None if one.metres is None else round(one.metres)}
            for one in found
        ]

    async def mute(self, number: str, by: str, days: int, reason: str) -> dict[str, Any]:
        """The resident of a report can't send any for some days; 0 days: they can again."""
        house, staff = self._house, Staff(by, ADMINISTRATOR)
        until = await self._database.write(muting.mute, house.library, house.zone, staff, number, days, reason)
        return {"number": number, "until": self._moment(until) if until else None}

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
            "asked": report.asked,
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
