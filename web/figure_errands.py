"""What the command line asks about the figures."""

import asyncio
import json
from base64 import b64encode
from dataclasses import replace
from datetime import datetime
from typing import Any

from actions import figure_sheets, issuing, ranking, statistics
from actions.audit import note_listed, record
from actions.behind import Behind, Part, behind
from actions.bulletins import Bulletin, Setting, bulletin
from actions.issuing import Draft
from actions.ranking import Of, Ranking
from actions.rolling import PHASES, Roller
from bot.house import House
from civic.errors import Refused
from civic.figures import Value
from civic.periods import Period, parse_period
from civic.pieces import USUAL
from db.database import Database
from db.editions import list_editions
from db.moments import from_ms
from db.tx import Tx
from web import opendata
from web.bulletins.files import FILES
from web.desk import Task
from web.editions import told_of
from web.staff_errands import TERMINAL
from web.tabular import marked, sheet


class FigureErrands:
    """Each public method is a task: JSON values in, JSON values out. Raises Refused with words for the caller."""

    def __init__(self, database: Database, house: House) -> None:
        self._database, self._house = database, house
        self._work: asyncio.Task[None] | None = None
        self._progress = dict.fromkeys(PHASES, (0, 0))  # how many were added up, of how many

    def tasks(self) -> dict[str, Task]:
        """The visible list."""
        return {
            "stats": self.stats,
            "stats.rows": self.rows,
            "stats.rank": self.rank,
            "stats.publish": self.publish,
            "stats.editions": self.list_editions,
            "bulletin": self.bulletin,
            "opendata": self.opendata,
            "stats.rebuild": self.rebuild,
            "stats.progress": self.progress,
        }

    async def stats(
        self,
        period: str,
        area: str | None,
        channel: str | None,
        language: str,
        figure: str | None = None,
        compare: bool = False,
    ) -> dict[str, Any]:
        """The participation statistics of a period; the table is of all figures, or of one with its breakdowns."""
        library = self._house.library
        if channel is not None and channel not in self._house.manners:
            raise Refused("stats.unknown_channel", channel=channel[:40], channels=", ".join(self._house.manners))

        def unit(tx: Tx) -> dict[str, Any]:
            parsed = parse_period(period, tx.local(self._house.zone).date(), library.city.campaign_days)
            values = statistics.statistics(tx, library, parsed, area=area, channel=channel, hiding=False)
            others = statistics.compared(tx, library, parsed, values, area=area, channel=channel) if compare else None
            document = figure_sheets.document(
                library, parsed, values, language, area=area, channel=channel, compared=others
            )
            document["behind"] = statistics.behind(tx)
            if self._house.made_up:
                document["demo"] = True
            if figure is None:
                return {"document": document, "table": figure_sheets.table(values, library.texts, language)}
            one = next((value for value in values if value.key == figure), None)
            if one is None:
                raise Refused("stats.unknown_figure", figure=figure[:40])
            return {"document": document, "table": figure_sheets.breakdown(one, library, language)}

        return await self._database.read(unit)

    async def rows(
        self,
        figure: str,
        part: Part,
        period: str,
        area: str | None,
        channel: str | None,
        by: str,
        key: str,
        language: str,
    ) -> dict[str, Any]:
        """The reports that a figure counts; at the machine one sees them all."""
        library, zone = self._house.library, self._house.zone

        def unit(tx: Tx) -> Behind:
            parsed = parse_period(period, tx.local(zone).date(), library.city.campaign_days)
            return behind(tx, library, TERMINAL, figure, part, parsed, area=area, channel=channel, cell=(by, key))

        found = await self._database.read(unit)
        told = " ".join(filter(None, [part, period, area, channel, by, key]))
        await self._database.write(note_listed, TERMINAL, zone, f"stats {figure}", told, len(found.reports))
        return {
            "figure": figure,
            "part": part,
            "formula": library.texts.render(language, f"stats.formula.{figure}"),
            "counted": found.counted,
            "reports": [
                {
                    "number": one.number,
                    "status": one.status,
                    "category": one.category,
                    "area": one.area,
                    "department": one.department,
                    "due": from_ms(one.due_at).astimezone(zone).isoformat(timespec="minutes"),
                }
                for one in found.reports
            ],
        }

    async def rank(self, figure: str, of: Of, period: str, language: str) -> dict[str, Any]:
        """Communities, districts or departments in the order of a figure."""
        library = self._house.library

        def unit(tx: Tx) -> Ranking:
            parsed = parse_period(period, tx.local(self._house.zone).date(), library.city.campaign_days)
            return ranking.ranking(tx, library, figure, of, parsed)

        found = await self._database.read(unit)
        document = ranking.document(library, found, language)
        return {"document": document, "table": ranking.rows(library, found, language)}

    async def publish(self, period: str, note: str, text: str, by: str, language: str) -> dict[str, Any]:
        """Freeze the figures of a period, signed by whoever says so at the machine."""
        library = self._house.library

        def look(tx: Tx) -> Draft:
            now = tx.local(self._house.zone)
            parsed = parse_period(period, now.date(), library.city.campaign_days)
            return issuing.draft(tx, library, parsed, self._around(parsed, now, None))

        drafted = await self._database.read(look)
        who = replace(TERMINAL, name=by) if by else TERMINAL
        made = await self._database.write(issuing.issue, self._house, who, drafted, text=text, note=note)
        return {
            "edition": told_of(made, self._house),
            "address": f"{self._house.links.base_url}/stats?edition={made.id}",
            "table": figure_sheets.table(drafted.values, library.texts, language),
        }

    async def list_editions(self) -> list[dict[str, Any]]:
        """All editions, the newest first."""
        return [told_of(one, self._house) for one in await self._database.read(list_editions)]

    async def opendata(self, period: str, language: str) -> dict[str, Any]:
        """The public figures of a period as files (base64 by name), and their dictionary."""
        library, house = self._house.library, self._house

        def unit(tx: Tx) -> tuple[Period, list[Value]]:
            wanted = period or USUAL[library.city.statistics.apart]
            parsed = parse_period(wanted, tx.local(house.zone).date(), library.city.campaign_days)
            return parsed, statistics.published(tx, library, parsed)

        parsed, values = await self._database.read(unit)
        document = figure_sheets.document(library, parsed, values, language)
        rows = list(figure_sheets.rows(library, parsed, values, language))
        if house.made_up:
            document, rows = document | {"demo": True}, list(marked(iter(rows)))
        files = {
            "figures.json": json.dumps(document, ensure_ascii=False, indent=2).encode(),
            "figures.csv": sheet(rows).encode(),
            "figures.parquet": await asyncio.to_thread(opendata.parquet, iter(rows)),
        }
        name = parsed.lasting.replace("..", "_")
        await self._database.write(record, TERMINAL, "file.made", f"opendata {name}", f"{len(rows) - 1}")
        return {
            "period": name,
            "files": {name: b64encode(content).decode() for name, content in files.items()},
            "dictionary": opendata.dictionary(library, language),
        }

    async def bulletin(self, period: str, area: str | None, language: str, kind: str) -> dict[str, str]:
        """A bulletin as a file: its ``name``, and what is in it (base64)."""
        library, zone = self._house.library, self._house.zone

        def unit(tx: Tx) -> Bulletin:
            now = tx.local(zone)
            parsed = parse_period(period, now.date(), library.city.campaign_days)
            return bulletin(tx, library, parsed, language, self._around(parsed, now, area))

        found = await self._database.read(unit)
        content = await asyncio.to_thread(FILES[kind].make, library, found)
        await self._database.write(record, TERMINAL, "file.made", f"{found.name}.{kind}")
        return {"name": f"{found.name}.{kind}", "content": b64encode(content).decode()}

    def _around(self, period: Period, now: datetime, area: str | None) -> Setting:
        place = f"&area={area}" if area else ""
        link = f"{self._house.links.base_url}/stats?period={period.lasting}{place}"
        return Setting(area, f"{now:%Y-%m-%d %H:%M}", link, self._house.made_up)

    async def rebuild(self) -> None:
        """Begin to add up the journal anew; ``progress`` tells how far it is."""
        if self._work is None or self._work.done():
            self._progress = dict.fromkeys(PHASES, (0, 0))
            self._work = asyncio.create_task(Roller(self._database, self._house.zone).rebuild(told=self._told))

    async def progress(self) -> dict[str, Any]:
        """What was added up in each phase and how much there is of it, and whether it is over."""
        over = self._work is None or self._work.done()
        if self._work is not None and over:
            self._work.result()  # what went wrong is told, too
        return {"phases": self._progress, "over": over}

    def _told(self, phase: str, done: int, whole: int) -> None:
        self._progress[phase] = (done, whole)
