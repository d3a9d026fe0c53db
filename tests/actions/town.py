"""A resident, an office and a report between them: what the tests of the actions share."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Concatenate, ParamSpec, TypeVar

from actions import reports
from actions.reports import Draft, Report
from actions.scene import Scene
from bot.house import House
from bot.letters import say_from_json
from bot.messages import Place, Say
from bot.rendering import render
from civic.staff import ADMINISTRATOR, Staff
from db import photos, talks
from db.database import Database
from db.letters import REPLACED
from db.reports import find_report
from db.tables import photos as table
from db.tx import Tx
from tests.play import picture, rows_of

P = ParamSpec("P")
T = TypeVar("T")

DRAFT = Draft("litter", None, "文昌路 12 号门口", "typed", None, answers={"kind": "household"})


@dataclass
class Town:
    """Acts as one resident and as the office, each act in a unit of its own."""

    database: Database
    house: House
    resident: int
    channel: str = "web"

    async def as_resident(self, act: Callable[Concatenate[Scene, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something as the resident."""
        return await self.database.write(lambda tx: act(self.scene(tx), *args, **kwargs))

    def scene(self, tx: Tx) -> Scene:
        """The resident, as they are now."""
        found = talks.find_resident(tx, self.resident)
        assert found is not None
        return Scene(tx, self.house.library, self.house.zone, found, self.channel)

    async def photo(self, name: str = "one") -> int:
        """The resident's photo."""
        facts = picture(name).facts()
        kept = await self.database.write(photos.add_photo, self.resident, self.channel, name, facts)
        return kept.id

    async def veiled(self) -> None:
        """The retoucher has been here: every photo may be seen by anybody."""
        await self.database.write(lambda tx: tx.execute(table.update().values(veiled="all", veil_at=None)))

    async def submit(self, **draft: Any) -> Report:
        """Send a report; by default one about litter."""
        return await self.as_resident(reports.submit, replace(DRAFT, **draft))

    async def move(
        self,
        number: str,
        name: str,
        note: str = "已经安排",
        by: str = "Li",
        department: str | None = None,
        staff: Staff | None = None,
        **given: Any,
    ) -> Report:
        """Staff move a report: by default somebody at the command line, who has no camera."""
        house, given = self.house, {"no_photo": "没带相机" if name == "resolve" else ""} | given
        acting = staff or Staff(by, ADMINISTRATOR)
        return await self.database.write(
            lambda tx: reports.move(tx, house.library, house.zone, number, name, acting, note, department, **given)
        )

    async def resident_moves(self, number: str, name: str, note: str = "", photo_ids: tuple[int, ...] = ()) -> Report:
        """The resident moves their report."""

        def act(scene: Scene) -> Report:
            return reports.move_as_resident(scene, reports.mine(scene, number), name, note, photo_ids)

        return await self.as_resident(act)

    async def report(self, number: str) -> Report:
        """A report as it is now."""
        found = await self.database.read(find_report, number)
        assert found is not None
        return found

    async def timeline(self, number: str) -> list[tuple[str, str, str]]:
        """Move, actor and note of each line of a report's history."""
        report = await self.report(number)
        lines = await self.as_resident(reports.public_timeline, report)
        return [(line.move, line.actor, line.note) for line in lines]

    async def news(self) -> list[Say]:
        """What was written to the resident and stands, oldest first."""
        rows = await rows_of(self.database, "letters")
        return [say_from_json(row["say"]) for row in rows if row["state"] != REPLACED]

    async def heard(self) -> list[str]:
        """The same in words."""
        return [render(said, "zh", self.house.library, 0).text for said in await self.news()]

    async def deeds(self) -> list[tuple[str, int]]:
        """The journal: deed and points of each line."""
        return [(row["deed"], row["points"]) for row in await rows_of(self.database, "journal")]


HERE = Place(30.27, 120.15, "文昌路 12 号门口")
