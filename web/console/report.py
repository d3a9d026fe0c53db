"""One report: what was said and seen, what happened, and what can be done now."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from actions import act, assignment, casework, duplicates, evidence, muting, supervision
from actions.audit import note_opened, opened
from actions.casework import Deed
from actions.duplicates import Candidate
from actions.rehearsal import Told, rehearse
from bot.media import MediaMissing
from bot.rendering import render
from civic import reports as rules
from civic.errors import Refused
from civic.staff import VIEWER
from content.grounds import GROUNDED, fitting
from db import followers, nearby, report_photos, reports, staff, supervisions, surveys, talks, veils
from db.reports import Report, TimelineEntry
from db.tx import Tx
from web.console.cases import answers, case, map_link
from web.console.darkroom import PHOTOS, developed
from web.console.doorman import Doorman
from web.console.order import MAIN, decisions, in_order
from web.console.pages import Pages
from web.console.sketch import sketch
from web.console.visit import Visit, day
from web.parts import Parts

SIMILAR = 5
PAIRED = 2  # photos of each that are laid side by side
FIELDS = ("act", "note", "department", "person", "target", "until", "ground", "days")
BESIDE = ("drop", "mute")  # deeds that are no moves
UPLOAD = 60_000_000  # bytes of a form with photos
MUTE_DAYS = (7, 30, 90, 365)  # offered; whoever mutes by form chooses one


class ReportRoom:
    """/console/reports/NUMBER."""

    def __init__(self, parts: Parts, pages: Pages, folder: Any) -> None:
        self._parts, self._pages, self._folder = parts, pages, folder

    def routes(self, doorman: Doorman) -> list[Route]:
        """All doors."""
        return [
            doorman.page("/console/reports/{number}", self._page),
            doorman.form("/console/reports/{number}", self._do, limit=UPLOAD),
        ]

    async def _page(self, visit: Visit) -> Response:
        number, zone = visit.request.path_params["number"], self._parts.house.zone
        if not await self._parts.database.read(opened, visit.staff, zone, number):

            def note(tx: Tx) -> None:
                note_opened(tx, visit.staff, zone, casework.visible(tx, visit.staff, number).number)

            await self._parts.database.write(note)
        return await self._show(visit)

    async def _show(self, visit: Visit, status: int = 200, **view: Any) -> Response:
        number, mutes = visit.request.path_params["number"], visit.staff.may("mutes")

        def look(tx: Tx) -> dict[str, Any]:
            report = casework.visible(tx, visit.staff, number)
            resident = talks.find_resident(tx, report.resident_id) if report.resident_id else None
            return {
                "report": report,
                "timeline": reports.timeline(tx, report.id),
                "photos": {kind: report_photos.photos_of(tx, report.id, kind) for kind in ("before", "added", "after")},
                "alike": _alike(tx, visit, report),
                "veils": veils.of(tx, report_photos.photos_of(tx, report.id)),
                "similar": nearby.similar(tx, report, SIMILAR),
                "speaks": resident.language if resident else None,
                "people": assignment.candidates(tx, visit.staff, report),
                "person": staff.names(tx, [report.person_id]).get(report.person_id) if report.person_id else None,
                "papers": supervisions.of_report(tx, report.id),
                "sender": muting.standing(tx, report.resident_id) if report.resident_id and mutes else None,
                "into": reports.find_by_id(tx, report.merged_into) if report.merged_into else None,
                "doubts": evidence.doubts(tx, self._parts.house.zone, report),
                "surveys": surveys.of_report(tx, report.id),
                "followers": followers.count(tx, report.id),
                "now": tx.ms,
            }

        found = await self._parts.database.read(look)
        names, report = self._pages.names(visit.language), found["report"]
        moves = act.possible(visit.staff, report, self._pages.library, found["now"])
        signs = visit.staff.role in rules.CHIEFS
        drafted = next((one for one in found["papers"] if one.outcome is None), None) if signs else None
        first = decisions(report, drafted=drafted is not None)
        frame = {
            "room": "queue",
            "case": case(report, names, found["now"]),
            "answers": answers(report, names),
            "map_link": map_link(report, names),
            "sketch": sketch(self._pages.library.shapes, report.area, report.lat, report.lon),
            "alike": [(one, case(one.report, names, found["now"]), shown) for one, shown in found["alike"]],
            "paired": [one.report.number for one, _ in found["alike"]],
            "similar": [case(one, names, found["now"]) for one in found["similar"] if _apart(visit, one, found)],
            "moves": [move for move in in_order(moves, report, first) if move in MAIN or move in first],
            "more": [move for move in moves if move not in MAIN and move not in first],
            "drafted": drafted,
            "papers": [one for one in found["papers"] if one.outcome == "signed"],
            "mute_days": MUTE_DAYS,
            "request": next((one for one in reversed(found["timeline"]) if one.move == f"ask_{report.asked}"), None),
            "rules": rules.MOVES,
            "may_write": visit.staff.role != VIEWER,
            "people": found["people"],
            "hotlines": self._pages.library.city.hotlines,
            "departments": self._pages.library.city.departments,
            "phrases": self._phrases(found["speaks"] or visit.language),
            "grounds": self._grounds(report, found["speaks"] or visit.language, visit.language),
            "entries": _told(found["timeline"]),
            "originals": visit.staff.may("originals"),
            "most_photos": PHOTOS,
            "steps": self._pages.library.city.progress(report.status, visit.language),
            "steps_example": self._pages.library.city.steps_example,
            "reasons": {key: one.in_language(visit.language) for key, one in self._pages.library.reasons.items()},
            "typed": None,
            "told": None,
            "outcome": None,
            "late": False,
        }
        template = "told.html" if visit.partial else "report.html"
        return self._pages.show(visit, template, status, **(found | frame | view))

    async def _do(self, visit: Visit) -> Response:
        """A move, words to the resident, a look at what they would read, or an original to open."""
        name = visit.text("act")
        if name == "original":
            return await self._original(visit)
        typed = {field: visit.text(field) for field in FIELDS}
        try:
            if name in BESIDE:
                await self._beside(visit, name)
            elif visit.text("rehearse"):
                return await self._rehearse(visit, self._deed(visit), typed)
            else:
                await self._carry_out(visit, self._deed(visit))
        except Refused as refused:
            if refused.key in {"staff.may_not", "casework.unknown"}:
                raise
            status = 409 if refused.key in {"move.too_late", "move.impossible"} else 422
            late = status == 409 and not visit.partial  # the page itself tells what happened
            said = None if late else self._pages.why(refused, visit.language)
            return await self._show(visit, status, said=said, typed=typed, late=late)
        return RedirectResponse(f"{visit.request.url.path}#sent={name}", 303)

    async def _carry_out(self, visit: Visit, deed: Deed) -> None:
        """Do it for good. Photos are developed only for what may be done, and given up when it was refused then."""
        house, database = self._parts.house, self._parts.database
        await database.read(casework.check, visit.staff, deed)
        shown = await developed(visit, self._parts, self._folder)
        try:
            await database.write(casework.do, house.library, house.zone, visit.staff, replace(deed, photos=shown))
        except Refused:
            await database.write(casework.give_up, shown)
            raise

    async def _rehearse(self, visit: Visit, deed: Deed, typed: dict[str, str]) -> Response:
        """What the resident would read; nothing is done."""
        house = self._parts.house

        def unit(tx: Tx) -> tuple[Report, list[Told], int]:
            after, told = rehearse(tx, lambda: casework.do(tx, house.library, house.zone, visit.staff, deed))
            return after, told, tx.ms

        after, told, now = await self._parts.database.write(unit)
        words = [render(one.say, one.language, house.library, 0) for one in told]
        outcome = case(after, self._pages.names(visit.language), now)
        return await self._show(visit, typed=typed, told=words, outcome=outcome)

    async def _beside(self, visit: Visit, name: str) -> None:
        """What is no move of the report: a draft is dropped, its resident muted for some days, or no longer (0)."""
        house, number = self._parts.house, visit.request.path_params["number"]
        days, note = visit.number("days") if name == "mute" else 0, visit.text("note")

        def unit(tx: Tx) -> None:
            casework.visible(tx, visit.staff, number)
            if name == "drop":
                supervision.drop(tx, visit.staff, number)
            else:
                muting.mute(tx, house.library, house.zone, visit.staff, number, days, note)

        await self._parts.database.write(unit)

    def _deed(self, visit: Visit) -> Deed:
        return Deed(
            visit.request.path_params["number"],
            visit.number("version"),
            visit.text("act"),
            visit.text("note"),
            visit.text("department") or None,
            person=visit.number("person") if visit.text("person") else None,
            target=visit.text("target"),
            until=day(visit.text("until")) if visit.text("until") else None,
            ground=visit.text("ground"),
            ahead=bool(visit.text("rehearse")),
        )

    async def _original(self, visit: Visit) -> Response:
        number, photo = visit.request.path_params["number"], visit.number("photo")
        key, kind = await self._parts.database.write(casework.open_original, visit.staff, number, photo)
        try:
            content = await self._parts.media.stream(key)
        except MediaMissing:
            raise Refused("console.not_found") from None
        name = f"{number}-{photo}.{key.rpartition('.')[2]}"
        headers = {"content-disposition": f'inline; filename="{name}"', "cache-control": "no-store"}
        return StreamingResponse(content, headers=headers, media_type=kind)

    def _grounds(self, report: Report, resident: str, own: str) -> dict[str, list[tuple[str, str, str]]]:
        """Move → its grounds: id, name in one's own language, words in the language of who will read them."""
        reads = {move: own if rules.MOVES[move].inside else resident for move in GROUNDED}
        return {
            move: [
                (one.id, one.in_language(own).name, one.in_language(reads[move]).words)
                for one in fitting(self._pages.library.grounds, move, report.category)
            ]
            for move in GROUNDED
        }

    def _phrases(self, language: str) -> dict[str, list[str]]:
        """Move → what is often written with it, in the resident's language."""
        found: dict[str, list[str]] = {}
        for phrase in self._pages.library.phrases:
            for move in phrase.moves:
                found.setdefault(move, []).append(phrase.in_language(language))
        return found


def _alike(tx: Tx, visit: Visit, report: Report) -> list[tuple[Candidate, list[int]]]:
    """Open reports that may be about the same thing, each with its photos."""
    found = duplicates.candidates(tx, visit.staff, report) if report.status in rules.OPEN else []
    return [(one, report_photos.photos_of(tx, one.report.id, "before")[:PAIRED]) for one in found]


def _apart(visit: Visit, report: Report, found: dict[str, Any]) -> bool:
    """Whether they see it, and it is not among those that may be the same."""
    alike = {one.report.id for one, _ in found["alike"]}
    return report.id not in alike and visit.staff.sees(report.department, report.area)


def _told(timeline: Sequence[TimelineEntry]) -> list[tuple[TimelineEntry, str]]:
    """Each line of the history and whose side it is on: the resident's, ours, or only among ourselves."""
    found = []
    for entry in timeline:
        move = rules.MOVES.get(entry.move)
        inside = move is not None and move.inside
        side = "resident" if entry.actor == rules.RESIDENT else "inside" if inside else "office"
        found.append((entry, side))
    return found
