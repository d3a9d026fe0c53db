"""The same figure of the same period is the same everywhere, to the last digit."""

import csv
import io
import json
import re
from base64 import b64decode
from pathlib import Path
from typing import Any

import httpx
import pytest
from arro3.io import read_parquet
from openpyxl import load_workbook
from starlette.applications import Starlette

from actions import issuing
from actions.bulletins import Drawing
from bot.media import Media
from bot.photos import Darkroom
from civic.bulletins import Words
from civic.figures import Value
from civic.periods import parse_period
from civic.staff import Staff
from db.tx import Tx
from tests.actions.test_statistics import TODAY, Town
from tests.play import Person
from tests.web.templates import compiled
from web.bulletins.files import FILES
from web.figure_errands import FigureErrands
from web.parts import Parts
from web.stats import routes

WEEK = "2026-W47"
ANSWERED = {"hefeng": 9, "guihuali": 7, "songtao": 6}  # residents of each, who answer three questions


def answering(tx: Tx) -> None:
    """A third of what the first six said was wrong, of the others all was right: 54 of 66, a number without end."""
    town, number = Town(tx), 0
    for area, people in ANSWERED.items():
        for _ in range(people):
            number += 1
            town.resident(number + 1000, area)
            for right in (1, 1, number > 12):
                town.deed("2026-11-18", number + 1000, "quiz_answer", area, topic="waste", right=int(right))


@pytest.fixture
async def client(person: Person, tmp_path: Path) -> Any:
    darkroom, house = Darkroom(), person.dispatch.house
    media = Media.open("", tmp_path)
    parts = Parts(person.database, person.dispatch, media, darkroom, compiled(house), b"s", "https://youli.example")
    transport = httpx.ASGITransport(Starlette(routes=routes(parts)))
    async with httpx.AsyncClient(transport=transport, base_url="https://youli.example") as opened:
        yield opened
    darkroom.close()


async def test_chart_table_files_bulletin_and_chat_agree_to_the_last_digit(
    person: Person, client: httpx.AsyncClient
) -> None:
    await person.database.write(answering)
    house, week = person.dispatch.house, parse_period(WEEK, TODAY)

    def sign(tx: Tx) -> issuing.Draft:
        drafted = issuing.draft(tx, house.library, week, issuing.around(tx, house, week))
        issuing.issue(tx, house, Staff("Wang", "office"), drafted)
        return drafted

    drafted = await person.database.write(sign)
    signed: dict[str, Value] = {value.key: value for value in drafted.values}
    whole = signed["accuracy"]
    cells = {cell.key: cell for cell in (whole.by or {})["area"]}
    assert (whole.numerator, whole.denominator) == (54, 66)

    query = f"period={WEEK}&lang=zh"
    document = (await client.get(f"/stats.json?{query}")).json()
    found = next(one for one in document["figures"] if one["key"] == "accuracy")
    assert found["value"] == whole.value
    assert {one["key"]: one["value"] for one in found["by"]["area"]} == {key: one.value for key, one in cells.items()}

    lines = csv.DictReader(io.StringIO((await client.get(f"/stats.csv?{query}")).text.lstrip("\ufeff")))
    by_area = {line["key"]: line["value"] for line in lines if (line["figure"], line["by"]) == ("accuracy", "area")}
    assert {key: float(value) for key, value in by_area.items()} == {key: one.value for key, one in cells.items()}

    file = io.BytesIO((await client.get(f"/stats.parquet?{query}")).content)
    columns = {name: read_parquet(file).read_all()[name].to_pylist() for name in ("figure", "by", "key", "value")}
    rows = zip(*columns.values(), strict=True)
    assert {row[2]: row[3] for row in rows if row[:2] == ("accuracy", "area")} == {k: c.value for k, c in cells.items()}

    page = (await client.get(f"/stats?figure=accuracy&{query}")).text
    table = page.split('<table aria-labelledby="accuracy-area">')[1].split("</table>")[0]
    drawn = re.findall(r'data-value="([^"]+)".*?>([^<]+)</a></th><td>([^<]+)</td><td>([^<]+)</td>', table, re.DOTALL)
    assert sorted(float(value) for value, *_ in drawn) == sorted(one.value or 0 for one in cells.values())
    in_words = {name: number for _, name, number, _ in drawn}
    bars = page.split('id="accuracy-area"')[1].split('class="bars"')[1].split("</ul>")[0]
    shown = re.findall(r">([^<]+)</a></span>.*?class=\"number\">([^<]+)<", bars, re.DOTALL)
    assert {name: number.strip() for name, number in shown} == in_words

    bulletin = drafted.bulletins["zh"]
    [numbers] = [part for part in bulletin.parts if isinstance(part, tuple)]
    of_the_card = {one.label: one.words for one in numbers}
    assert of_the_card["答题"] == "66 次"
    sentences = " ".join(part.text for part in bulletin.parts if isinstance(part, Words))
    assert f"答对 {whole.value:.1%}" in sentences
    charts = [part for part in bulletin.parts if isinstance(part, Drawing) and part.figure == "active"]
    active = {cell.key: cell.value for cell in (signed["active"].by or {})["area"]}
    for chart in charts:
        if chart.dimension == "area":
            assert sorted(cell.value or 0 for cell in chart.cells) == sorted(value or 0 for value in active.values())

    book = load_workbook(io.BytesIO(FILES["xlsx"].make(house.library, bulletin)), read_only=True)
    assert any(whole.value in row for sheet in book for row in sheet.iter_rows(values_only=True))

    await person.say("/area")
    await person.say("荷风社区")
    chat = await person.say("数据")
    assert f"答题正确率 {in_words['荷风社区']}" in chat
    chat = await person.tap("全市")
    assert f"答题正确率 {whole.value:.1%}" in chat and f"答题 {of_the_card['答题']}" in chat

    exported = await FigureErrands(person.database, house).opendata(WEEK, "zh")
    files = json.loads(b64decode(exported["files"]["figures.json"]))
    assert files["figures"] == document["figures"]

    made = await FigureErrands(person.database, house).bulletin(WEEK, "hefeng", "zh", "xlsx")
    words = load_workbook(io.BytesIO(b64decode(made["content"])), read_only=True).worksheets[0]
    [link] = re.findall(r"/stats\?\S+?(?=。)", " ".join(str(row[0]) for row in words.iter_rows(values_only=True)))
    opened = (await client.get(link)).text  # what the small print names shows the same place
    assert "荷风社区" in opened and in_words["荷风社区"] in opened
