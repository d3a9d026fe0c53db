"""The public figures, as browsers, programs and curious people ask for them."""

import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from actions import editions
from bot.dispatch import Dispatch
from bot.house import House
from bot.media import Media
from bot.photos import Darkroom
from civic.catalogue import PUBLIC
from civic.periods import parse_period
from civic.staff import Staff
from content.library import Library
from db import journal
from db.database import Database
from db.tables import residents
from db.tx import Tx
from tests.play import ROOT
from tests.web.templates import compiled
from web import editions as edition_doors
from web.figures import areas
from web.figures.views import VIEWS
from web.parts import Parts
from web.stats import routes
from web.tabular import sheet

CHINESE = {"accept-language": "zh-CN,zh;q=0.9"}


@pytest.fixture
async def client(database: Database, dispatch: Dispatch, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    darkroom = Darkroom()
    parts = Parts(
        database,
        dispatch,
        Media.open("", tmp_path),
        darkroom,
        compiled(dispatch.house),
        b"secret",
        "https://youli.example",
    )
    transport = httpx.ASGITransport(Starlette(routes=[*routes(parts), *edition_doors.routes(parts)]))
    async with httpx.AsyncClient(transport=transport, base_url="https://youli.example", headers=CHINESE) as opened:
        yield opened
    darkroom.close()


def quiz_week(tx: Tx) -> None:
    """Six residents of one community and three each of two others answer a question each."""
    for number in range(1, 13):
        area = "hefeng" if number <= 6 else "songtao" if number <= 9 else "chayuan"
        values = {
            "id": number,
            "language": "zh",
            "area": area,
            "points_on": 1,
            "anonymous": 0,
            "joined_at": 0,
            "joined_day": "2026-11-20",
        }
        tx.execute(residents.insert().values(values))
        journal.write_line(
            tx,
            day="2026-11-20",
            resident_id=number,
            deed="quiz_answer",
            channel="web",
            topic="waste",
            area=area,
            right=number % 2 == 0,
            points=1,
        )


def later_week(tx: Tx) -> None:
    """The week before, both communities with few people had many."""
    for number in range(7, 13):
        for area in ("songtao", "chayuan"):
            more: dict[str, Any] = {"channel": "web", "topic": "waste", "area": area, "right": True}
            journal.write_line(tx, day="2026-11-11", resident_id=number, deed="quiz_answer", **more)


async def signed(database: Database, library: Library, **words: Any) -> None:
    """The week of the answers is published."""
    week = parse_period("2026-W47", date(2026, 11, 23))
    values = await database.read(editions.prepare, library, week)

    def unit(tx: Tx) -> None:
        editions.publish(tx, library, Staff("Wang <b>Min</b>", "office"), week, values, **words)

    await database.write(unit)


def late_answer(tx: Tx) -> None:
    day, area = "2026-11-20", "hefeng"
    journal.write_line(
        tx, day=day, resident_id=1, deed="quiz_answer", channel="web", topic="waste", area=area, right=True
    )


async def test_what_was_published_is_shown_as_it_was_signed(
    client: httpx.AsyncClient, database: Database, library: Library
) -> None:
    await database.write(quiz_week)
    await signed(database, library, text="A good week")
    await database.write(late_answer)
    await signed(database, library, note="A late answer")
    first, now = await client.get("/stats.json?edition=1"), await client.get("/stats.json?period=2026-W47")
    assert figure(first, "quiz_answers")["value"] == 12
    assert figure(now, "quiz_answers")["value"] == 13
    assert [one["key"] for one in first.json()["figures"]] == [one.key for one in PUBLIC]
    edition = first.json()["edition"]
    assert (edition["period"], edition["number"], edition["name"]) == ("2026-W47", 1, "Wang <b>Min</b>")
    assert first.json()["later"] == [2]
    # Three answered in Songtao: what is hidden now is hidden in an edition.
    by_area: Any = figure(first, "quiz_answers")["by"]
    assert {one["key"]: one.get("hidden") for one in by_area["area"]} == {
        "hefeng": None,
        "songtao": "c",
        "chayuan": "c",
    }
    # Of one community it tells what it shows of it as a cell, whatever came later.
    cell = next(one for one in by_area["area"] if one["key"] == "hefeng")
    one = await client.get("/stats.json?edition=1&area=hefeng")
    numbers = ("value", "numerator", "denominator")
    assert [figure(one, "quiz_answers")[name] for name in numbers] == [cell[name] for name in numbers]
    assert figure(await client.get("/stats.json?edition=1&area=songtao"), "quiz_answers")["hidden"] == "c"
    refused = await client.get("/stats.json?edition=1&area=tinghe")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "edition.one_community")
    assert "荷风社区" in (await client.get("/stats?edition=1&area=hefeng")).text.partition('class="span"')[2][:200]
    page = (await client.get("/stats?edition=1")).text
    for words in (
        "已公布：2026-11-16 至 2026-11-22，第 1 版",
        "Wang &lt;b&gt;Min&lt;/b&gt; 于 2026-11-23 签发",
        "A good week",
        '">第 2 版</a>',
    ):
        assert words in page
    assert "A late answer" in (await client.get("/stats?edition=2&figure=accuracy")).text
    assert "edition=2" in (await client.get("/stats")).text
    listed = (await client.get("/stats/editions.json")).json()["editions"]
    assert [(one["id"], one["number"], one["note"]) for one in listed] == [(2, 2, "A late answer"), (1, 1, "")]


@pytest.mark.parametrize("edition", ["7", "x", "-1", "１", "9" * 30])
async def test_an_edition_that_is_none_is_refused(client: httpx.AsyncClient, edition: str) -> None:
    answer = await client.get("/stats.json", params={"edition": edition})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "edition.unknown")


def figure(answer: httpx.Response, key: str) -> dict[str, object]:
    found: dict[str, object] = next(one for one in answer.json()["figures"] if one["key"] == key)
    return found


async def test_the_views_show_every_figure_with_its_formula(
    client: httpx.AsyncClient, database: Database, library: Library
) -> None:
    await database.write(quiz_week)
    answers = [await client.get(f"/stats?view={view}") for view in VIEWS]
    assert [answer.status_code for answer in answers] == [200] * len(VIEWS)
    assert {answer.headers["content-type"] for answer in answers} == {"text/html; charset=utf-8"}
    shown = "".join(answer.text for answer in answers)
    for one in PUBLIC:
        assert f"<h3>{library.texts.render('zh', f'stats.label.{one.key}')}</h3>" in shown, one.key
    overview = (await client.get("/stats")).text
    assert "50.0%" in overview
    assert "6 / 12" in overview
    assert "答对的次数 ÷ 判过对错的答题次数" in overview
    assert "—" in overview  # no report had to be closed


async def test_a_period_is_compared_with_the_one_before(client: httpx.AsyncClient, database: Database) -> None:
    await database.write(quiz_week)
    page = (await client.get("/stats?period=2026-11-21&beside=previous")).text
    assert "2026-11-21，对比上一期" in plain(page)
    assert "上一期 12" in plain(page)
    own = await client.get(
        "/stats?from=2026-11-20&to=2026-11-20&beside=year_ago&beside_from=2026-11-18&beside_to=2026-11-19"
    )
    assert "2026-11-20，对比2026-11-18..2026-11-19" in plain(own.text)
    assert 'name="beside_from" value="2026-11-18"' in own.text
    day = (await client.get("/stats?period=2026-W47&beside=2026-W46&view=learning")).text
    assert 'data-then="2026-W46"' in day
    assert 'data-other="0.0"' in day or 'data-other="0"' in day


async def test_two_places_are_compared_and_none_is_looked_for_in_the_other(
    client: httpx.AsyncClient, database: Database
) -> None:
    await database.write(quiz_week)
    page = (await client.get("/stats?view=people&area=hefeng&beside=songtao&period=2026-W47")).text
    assert "荷风社区，对比松涛社区" in plain(page)
    assert "松涛社区 不显示" in page  # three people: not shown
    assert 'id="active-area"' not in page
    assert 'id="active-channel"' not in page  # a place is told apart no further


async def test_communities_are_shaded_by_a_figure_and_lead_to_their_own_figures(
    client: httpx.AsyncClient, database: Database, library: Library
) -> None:
    await database.write(quiz_week)
    page = (await client.get("/stats?view=areas&measure=quiz_answers&period=2026-W47")).text
    assert page.count("<path ") == len(library.shapes.rings)
    assert "荷风社区 · 6 次" in page
    assert "松涛社区 · 不显示" in page
    assert 'href="/stats?period=2026-W47&amp;area=hefeng"' in page
    assert 'class="shade-0"' in page


async def test_a_click_leads_into_a_place_a_channel_and_a_day(client: httpx.AsyncClient, database: Database) -> None:
    await database.write(quiz_week)
    page = (await client.get("/stats?view=people&period=2026-W47&lang=en")).text
    assert 'href="/stats?view=people&amp;period=2026-W47&amp;area=hefeng&amp;lang=en"' in page
    assert 'href="/stats?view=people&amp;period=2026-W47&amp;channel=web&amp;lang=en"' in page
    assert 'href="/stats?view=people&amp;period=2026-11-20&amp;lang=en"' in page


def test_shades_are_equal_steps_and_one_where_all_are_alike() -> None:
    assert areas.steps([0.0, 10.0]) == [0, 2, 4, 6, 8]
    assert [areas.shade(value, [0, 2, 4, 6, 8]) for value in (0.0, 1.9, 2.0, 8.0, 10.0, None)] == [0, 0, 1, 4, 4, None]
    assert areas.steps([7.0, 7.0]) == [7.0]
    assert areas.steps([]) == []
    assert areas.shade(7.0, [7.0]) == 0


def test_a_name_on_the_map_stays_within_its_community() -> None:
    assert areas.fitting("荷风社区", 68) == "荷风社区"
    assert areas.fitting("云汀经济技术开发区", 85) == "云汀经济…"
    assert areas.fitting("云汀经济技术开发区", 50) == ""
    assert areas.fitting("Wenchang Road", 145) == "Wenchang Road"
    assert areas.fitting("Wenchang Road Riverside", 110) == "Wenchang…"
    assert [areas.within(number, 60) for number in ("12", "1,234", "123,456")] == ["phone", "desk", None]
    slanted = [(0.0, 0.0), (100.0, 0.0), (200.0, 100.0), (100.0, 100.0)]  # 200 from west to east, 100 at each height
    assert areas.room(slanted, 100, 50) == pytest.approx(100)
    assert areas.room(slanted, 80, 50) == pytest.approx(60)  # what is nearer on one side is what counts
    assert areas.room(slanted, 300, 50) == 0


def plain(html: str) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)).replace(" ，", "，")


class Strict(HTMLParser):
    """What a strict content security policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        handlers = [name for name, _ in attrs if name == "style" or name.startswith("on")]
        inline = tag == "style" or (tag == "script" and not dict(attrs).get("src"))
        if inline or handlers:
            self.refused.append(f"<{tag} {handlers}>")


@pytest.mark.parametrize(
    "address",
    ["/stats", "/stats?figure=accuracy", "/stats?view=areas", "/stats?beside=previous", "/stats?period=nonsense"],
)
async def test_the_page_has_no_inline_script_or_style(
    client: httpx.AsyncClient, database: Database, address: str
) -> None:
    await database.write(quiz_week)
    page = Strict()
    page.feed((await client.get(address)).text)
    assert page.refused == []


async def test_the_page_speaks_the_language_that_is_asked_for(client: httpx.AsyncClient) -> None:
    assert "<h1>参与数据</h1>" in (await client.get("/stats")).text
    assert "<h1>Participation</h1>" in (await client.get("/stats", headers={"accept-language": "en-GB"})).text
    english = await client.get("/stats?lang=en")
    assert "<h1>Participation</h1>" in english.text
    assert english.headers["content-language"] == "en"
    assert "period=last-7&amp;lang=en" in english.text  # a chosen language is kept


async def test_one_figure_is_shown_with_all_its_breakdowns(client: httpx.AsyncClient, database: Database) -> None:
    await database.write(quiz_week)
    page = (await client.get("/stats?figure=accuracy&period=2026-W47")).text
    assert re.findall(r'<h3 id="([^"]+)"', page) == ["accuracy-topic", "accuracy-area", "accuracy-channel"]
    assert "<h3>答题正确率</h3>" in page
    assert "<h3>结案率</h3>" not in page


async def test_a_place_and_a_channel_can_be_chosen(client: httpx.AsyncClient, database: Database) -> None:
    await database.write(quiz_week)
    page = (await client.get("/stats?area=tinghe&channel=web")).text  # both at once: nothing is told
    assert '<option value="tinghe" selected>听荷区（整片）</option>' in page
    assert '<option value="web" selected>网页</option>' in page
    assert "听荷区 · 网页" in page
    assert "3 / 6" not in page
    assert "3 / 6" in (await client.get("/stats?area=tinghe")).text
    assert "6 / 12" in (await client.get("/stats?channel=web")).text


async def test_the_form_asks_for_any_span_of_days(client: httpx.AsyncClient) -> None:
    answer = await client.get("/stats.json?from=2026-11-01&to=2026-11-15&area=&channel=&period=2026-01")
    assert answer.json()["period"] == {
        "key": "2026-11-01..2026-11-15",
        "from": "2026-11-01",
        "to": "2026-11-15",
    }
    one_day = await client.get("/stats.json?from=2026-11-01&to=")
    assert one_day.json()["period"]["key"] == "2026-11-01..2026-11-01"


async def test_programs_get_numbers_with_numerator_and_denominator(
    client: httpx.AsyncClient, database: Database
) -> None:
    await database.write(quiz_week)
    answer = await client.get("/stats.json?period=2026-W47")
    assert [one["key"] for one in answer.json()["figures"]] == [one.key for one in PUBLIC]
    assert answer.json()["filter"] == {"area": None, "channel": None}
    accuracy = figure(answer, "accuracy")
    assert (accuracy["value"], accuracy["numerator"], accuracy["denominator"]) == (0.5, 6, 12)
    assert figure(answer, "closing_rate")["value"] is None


async def test_nobody_is_recognised_by_a_small_number(client: httpx.AsyncClient, database: Database) -> None:
    await database.write(quiz_week)
    accuracy = figure(await client.get("/stats.json"), "accuracy")
    hefeng, *others = accuracy["by"]["area"]  # type: ignore[index]
    assert hefeng == {"key": "hefeng", "label": "荷风社区", "value": 0.5, "numerator": 3, "denominator": 6}
    nothing = {"value": None, "numerator": None, "denominator": None, "hidden": "c"}
    assert others == [
        {"key": "chayuan", "label": "茶园社区", **nothing},
        {"key": "songtao", "label": "松涛社区", **nothing},
    ]
    page = (await client.get("/stats?figure=accuracy")).text
    assert "松涛社区</a></th><td>不显示</td>" in page
    only = figure(await client.get("/stats.json?area=songtao"), "accuracy")
    assert (only["value"], only["hidden"]) == (None, "c")
    sheet_of_one = (await client.get("/stats.csv?area=songtao")).text
    [line] = [line for line in sheet_of_one.splitlines() if ",accuracy," in line]
    assert ",rate,,,," in line and line.endswith(",c")


async def test_who_is_there_is_told_of_the_whole_city_only(client: httpx.AsyncClient, database: Database) -> None:
    await database.write(quiz_week)
    whole, part = await client.get("/stats.json"), await client.get("/stats.json?area=hefeng")
    assert figure(whole, "participants")["value"] == 12
    assert figure(whole, "participants")["by"] is None
    assert figure(part, "participants")["hidden"] == "c"
    assert figure(part, "active")["value"] == 6


async def test_charts_through_time_go_by_week_or_month_and_count_people_anew(
    client: httpx.AsyncClient, database: Database
) -> None:
    await database.write(quiz_week)
    await database.write(later_week)
    page = (await client.get("/stats?view=people&period=2026-11-02..2026-11-22&step=week")).text
    assert 'id="active-week"' in page and 'id="active-day"' not in page
    table = page.split('<table aria-labelledby="active-week">')[1].split("</table>")[0]
    weeks = re.findall(r'<th scope="row"><a href="([^"]+)">([^<]+)</a></th><td>([^<]+)</td>', table)
    assert [week[1:] for week in weeks] == [("2026-W45", "0"), ("2026-W46", "6"), ("2026-W47", "12")]
    assert "period=2026-W46" in weeks[1][0] and "step" not in weeks[1][0]
    document = await client.get("/stats.json?period=2026-11-10..2026-11-22&step=week")
    cut = figure(document, "quiz_answers")["by"]["week"]  # type: ignore[index]
    assert [(one["key"], one["value"]) for one in cut] == [("2026-11-10..2026-11-15", 12), ("2026-W47", 12)]
    month = figure(await client.get("/stats.json?period=2026-10-26..2026-11-22&step=month"), "active")["by"]
    assert [one["value"] for one in month["month"]] == [0, 12]  # type: ignore[index]
    assert (await client.get("/stats.json?step=hour")).json()["error"]["code"] == "stats.unknown_step"


async def test_weeks_months_quarters_and_campaigns_are_chosen_from_a_list(client: httpx.AsyncClient) -> None:
    page = (await client.get("/stats?view=people&period=2026-Q3")).text
    for option in ("2026-11", "2025-11", "2026-Q4", "2025-Q4"):
        assert f'<option value="{option}">{option}</option>' in page, option
    weeks = dict(re.findall(r'<option value="(2026-W..)">\s*([^<]+?)\s*</option>', page))
    assert list(weeks)[:2] == ["2026-W48", "2026-W47"] and list(weeks)[-1] == "2026-W22"
    assert weeks["2026-W47"] == "2026-11-16 至 2026-11-22"  # nobody knows their weeks by numbers
    assert '<option value="2026-Q3" selected>2026-Q3</option>' in page
    assert '<option value="autumn-2026">金秋文明行动</option>' in page


@pytest.mark.parametrize("period", ["last-30", "2026-11", "2026-11-20", "2026-11-16..2026-11-21", "2026-W48"])
async def test_of_days_that_are_no_whole_weeks_only_the_total_is_told(
    client: httpx.AsyncClient, database: Database, period: str
) -> None:
    await database.write(quiz_week)
    for door in ("/stats.json", "/stats.csv", "/stats.parquet"):
        found = await client.get(f"{door}?period={period}")
        assert b"hefeng" not in found.content and found.status_code == 200
    assert figure(await client.get(f"/stats.json?period={period}&area=hefeng"), "active")["hidden"] == "c"
    page = (await client.get(f"/stats?period={period}")).text
    assert "只给过完的整周" in page
    [there] = re.findall(r'<p class="apart">.*?href="([^"]+)"', page)
    assert "只给过完的整周" not in (await client.get(there.replace("&amp;", "&"))).text


async def test_a_week_and_the_weeks_that_hold_it_hide_the_same_places(
    client: httpx.AsyncClient, database: Database
) -> None:
    await database.write(quiz_week)
    await database.write(later_week)
    weeks = "2026-11-09..2026-11-22"
    for place, shown in (("hefeng", True), ("songtao", False), ("chayuan", False), ("tinghe", True)):
        found = figure(await client.get(f"/stats.json?period={weeks}&area={place}"), "quiz_answers")
        assert (found.get("hidden") is None) == shown, place
    table = figure(await client.get(f"/stats.json?period={weeks}"), "quiz_answers")["by"]["area"]  # type: ignore[index]
    assert {one["key"]: one["value"] for one in table} == {"hefeng": 6, "songtao": None, "chayuan": None}


async def test_spreadsheets_get_a_table_that_they_understand(client: httpx.AsyncClient, database: Database) -> None:
    await database.write(quiz_week)
    answer = await client.get("/stats.csv?period=2026-W47")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="youli-stats-2026-W47.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbfperiod,")
    assert b"\r\n" in answer.content
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {line["figure"] for line in lines} == {one.key for one in PUBLIC}
    waste = next(line for line in lines if line["figure"] == "accuracy" and line["by"] == "topic")
    assert (waste["key"], waste["name"], waste["value"], waste["denominator"]) == (
        "waste",
        "垃圾分类与低碳",
        "0.5",
        "12",
    )


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula_to_a_spreadsheet(cell: str) -> None:
    assert list(csv.reader(io.StringIO(sheet([[cell, -1, "a=b"]]).removeprefix("\ufeff"), newline=""))) == [
        [f"'{cell}", "-1", "a=b"]
    ]


@pytest.mark.parametrize("query", ["period=soon", "period=2020-01-01..2026-01-01", "from=x", "period=%00"])
async def test_a_bad_period_is_answered_with_what_would_be_right(client: httpx.AsyncClient, query: str) -> None:
    page, document, table = [await client.get(f"/stats{kind}?{query}") for kind in ("", ".json", ".csv")]
    assert [page.status_code, document.status_code, table.status_code] == [400, 400, 400]
    assert document.json()["error"]["code"] == "stats.bad_period"
    for words in (page.text, document.json()["error"]["text"], table.text):
        assert "2026-W47（一周）" in words


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("area=atlantis", "stats.unknown_area"),
        ("channel=pigeon", "stats.unknown_channel"),
        ("figure=luck", "stats.unknown_figure"),
        ("figure=rework_rate", "stats.unknown_figure"),  # for staff only
        ("view=clouds", "stats.unknown_view"),
        ("view=areas&measure=active_daily", "stats.unknown_figure"),  # it is not known by community
    ],
)
async def test_what_does_not_exist_is_named(client: httpx.AsyncClient, query: str, code: str) -> None:
    answer = await client.get(f"/stats.json?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert query.rpartition("=")[2] in answer.json()["error"]["text"]


async def test_what_somebody_wrote_is_never_markup(client: httpx.AsyncClient) -> None:
    for name in ("period", "area", "channel", "figure", "from", "view", "measure", "beside"):
        page = (await client.get("/stats", params={name: '"><script>alert(1)</script>'})).text
        assert "<script>" not in page


async def test_a_demo_says_so_on_the_page_and_in_what_is_downloaded(client: httpx.AsyncClient, house: House) -> None:
    house.made_up = True
    told = house.library.texts.render("zh", "demo.banner")
    assert told in (await client.get("/stats")).text
    assert (await client.get("/stats.json")).json()["demo"] is True
    sheet = await client.get("/stats.csv")
    assert "youli-demo-stats" in sheet.headers["content-disposition"]
    assert all(line.endswith(",demo") for line in sheet.text.splitlines())


def test_every_page_has_a_place_for_that_it_is_a_demo() -> None:
    folder = ROOT / "web" / "templates"
    pages = [path for path in folder.rglob("*.html") if "<body" in path.read_text(encoding="utf-8")]
    assert len(pages) > 4
    assert [path.name for path in pages if '{% include "made_up.html" %}' not in path.read_text(encoding="utf-8")] == []
