"""A bulletin's files say what the bulletin says."""

import io
from dataclasses import replace
from datetime import date
from itertools import pairwise

import docx
import pypdfium2
import pytest
from openpyxl import load_workbook
from PIL import Image

from actions.bulletin_words import Drawn
from actions.bulletins import Bulletin, Drawing, Number
from civic.bulletins import Words
from civic.figures import Cell, Value
from civic.periods import parse_period
from content.library import Library
from web.bulletins.files import FILES

PERIOD = parse_period("2026-W47", date(2026, 11, 23))
LONG = "东汀区滨江街道星湖南里第二社区居民委员会"
AREAS = tuple(Drawn(f"{LONG}{n}", 0.05 * n if n else None, f"{5 * n}.0%" if n else "—") for n in range(16))
DAYS = tuple(Drawn(day, float(n), str(n)) for n, day in enumerate(PERIOD.days))
AREA_CHART = Drawing("closing_rate", "结案率（按社区）", "area", True, False, AREAS)
CELLS = [Cell("hefeng", 0.5, 1, 2, 9), Cell("songtao", None, None, None, hidden=True)]
FOUND = Bulletin(
    PERIOD,
    None,
    "zh",
    (
        Words("title", "云汀市文明行动周报"),
        Words("words", "1,234,567 人来做过事。"),
        (Number("活跃居民", "1,234,567 人", "↑ 12"), Number("结案率", "—", "")),
        Words("heading", "随手拍"),
        Drawing("active", "活跃居民（按天）", "day", False, True, DAYS),
        AREA_CHART,
        Words("small", "=1+1 不是公式"),
    ),
    (
        Value(
            "closing_rate",
            0.4,
            2,
            5,
            {"area": [Cell("hefeng", 31 / 9200, 31, 9200, 9), Cell("songtao", None, None, None, hidden=True)]},
        ),
    ),
)


def test_the_pdf_has_its_words_and_every_long_name(library: Library) -> None:
    paper = pypdfium2.PdfDocument(FILES["pdf"].make(library, FOUND))
    text = "".join(page.get_textpage().get_text_range() for page in paper).replace("\r\n", "")
    for words in (FOUND.title, "1,234,567 人", "第 1 页", LONG, "75.0%"):
        assert words in text
    paper.close()


def test_names_of_bars_keep_apart_from_each_other_and_from_the_title(library: Library) -> None:
    paper = pypdfium2.PdfDocument(FILES["pdf"].make(library, FOUND))
    found: list[tuple[int, float, float]] = []  # page, top and bottom of each line
    for number, page in enumerate(paper):
        text = page.get_textpage()
        for words in ("结案率（按社区）", "东汀区滨江街道", "2026-11-22：6", "活跃居民（按天）"):
            search = text.search(words)
            while (at := search.get_next()) is not None:
                _, bottom, _, top = text.get_charbox(at[0])
                found.append((number, top, bottom))
    found.sort(key=lambda one: (one[0], -one[1]))
    assert len(found) == 3 + len(AREAS)
    for (page, _, bottom), (following, top, _) in pairwise(found):
        assert page != following or bottom - top > 3  # points
    paper.close()


def test_the_card_is_one_picture_as_wide_as_chats_show(library: Library) -> None:
    with Image.open(io.BytesIO(FILES["png"].make(library, FOUND))) as card:
        assert card.width == 1080
        assert 500 < card.height < 1600
        high = card.height
    silent = replace(FOUND, parts=tuple(p for p in FOUND.parts if not (isinstance(p, Words) and p.style == "small")))
    with Image.open(io.BytesIO(FILES["png"].make(library, silent))) as card:
        assert card.height < high - 40  # the small print is on it: of when the numbers are, and their source


def test_the_document_is_words_own(library: Library) -> None:
    document = docx.Document(io.BytesIO(FILES["docx"].make(library, FOUND)))
    assert [p.text for p in document.paragraphs if p.style is not None and p.style.name == "Heading 1"] == ["随手拍"]
    assert [cell.text for cell in document.tables[0].rows[1].cells] == ["1,234,567 人", "—"]
    assert len(document.inline_shapes) == 2
    section = document.sections[0]
    assert section.page_width is not None and round(section.page_width.mm) == 210  # A4, as everywhere in China
    assert [shape.width.mm for shape in document.inline_shapes] == [170, 170]  # within the margins
    assert section.footer.paragraphs[0]._p.xpath("w:fldSimple/@w:instr") == ["PAGE", "NUMPAGES"]
    assert "第 " in section.footer.paragraphs[0].text


def test_the_workbook_has_numbers_as_numbers(library: Library) -> None:
    book = load_workbook(io.BytesIO(FILES["xlsx"].make(library, FOUND)))
    words, days, areas, figures = book.worksheets
    assert [sheet.title for sheet in (words, figures)] == ["简报", "全部指标"]
    assert [days.cell(row, 2).value for row in range(2, 9)] == [0, 1, 2, 3, 4, 5, 6]
    assert areas.cell(2, 2).value == "—"
    assert areas.cell(3, 2).value == pytest.approx(0.05)
    assert areas.cell(3, 2).number_format == "0.0%"
    found = {row[6].value: row[9].value for row in figures.iter_rows(min_row=2)}
    assert found == {None: 0.4, "hefeng": 31 / 9200, "songtao": None}  # to the last of 17 digits
    assert [row[-1].value for row in figures.iter_rows(min_row=2) if row[6].value == "songtao"] == ["c"]


def test_the_workbook_can_be_read_and_printed(library: Library) -> None:
    weeks = replace(AREA_CHART, title="结案率（按社区，2026年10月5日至2026年10月25日）")
    parts = (Words("words", "很长的一句话，" * 30), weeks, weeks)
    book = load_workbook(io.BytesIO(FILES["xlsx"].make(library, replace(FOUND, parts=parts))))
    assert book.sheetnames == ["简报", "结案率（按社区）", "结案率（按社区） 2", "全部指标"]  # no name is cut
    words, areas, _, figures = book.worksheets
    assert (words.row_dimensions[1].height or 0) > 7 * 15  # 420 places of 60, in points
    assert areas._charts[0].x_axis.delete is False  # Excel shows no axis unless it is told to
    assert all(int(sheet.page_setup.paperSize) == int(sheet.PAPERSIZE_A4) for sheet in book)
    assert figures.sheet_properties.pageSetUpPr.fitToPage and figures.print_title_rows == "$1:$1"


@pytest.mark.parametrize("kind", FILES)
def test_an_empty_bulletin_is_a_file_as_well(library: Library, kind: str) -> None:
    empty = Bulletin(PERIOD, None, "en", (Words("title", "空"),), ())
    assert len(FILES[kind].make(library, empty)) > 500
