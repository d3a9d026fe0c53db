"""A bulletin as a workbook: its words, a sheet for each drawing with a chart of Excel's own, and every figure."""

import io
from typing import Any
from unicodedata import east_asian_width

from actions.bulletins import Bulletin, Drawing
from actions.figure_sheets import rows
from civic.bulletins import Words
from civic.catalogue import BY_KEY
from content.library import Library

FIGURE, VALUE = 3, 9  # columns of actions.figure_sheets.rows, from 0
PERCENT = "0.0%"
NARROW, WIDE = 10, 60  # characters: the least and the most of a column


def excel(library: Library, bulletin: Bulletin) -> bytes:
    """The .xlsx file."""
    from openpyxl import Workbook

    texts, language = library.texts, bulletin.language
    book = Workbook()
    words = book.worksheets[0]
    words.title = texts.render(language, "bulletin.sheet_words")
    words.column_dimensions["A"].width = 60
    for part in bulletin.parts:
        if isinstance(part, Words):
            words.append([part.text])
        elif isinstance(part, Drawing):
            _draw(book, library, bulletin, part)
        else:
            for number in part:
                words.append([number.label, number.words, number.change])
    figures = book.create_sheet(texts.render(language, "bulletin.sheet_figures"))
    figures.freeze_panes = "A2"
    for row in rows(library, bulletin.period, bulletin.values, language):
        figures.append([_harmless(cell) for cell in row])
        if figures.max_row > 1 and BY_KEY[str(row[FIGURE])].unit == "rate":
            figures.cell(figures.max_row, VALUE + 1).number_format = PERCENT
    _widen(figures)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _widen(sheet: Any) -> None:
    """Each column as wide as its longest words; those of Chinese take two places each."""
    for column in sheet.columns:
        words = [cell.value for cell in column if isinstance(cell.value, str)]
        longest = max((sum(2 if east_asian_width(one) in "WF" else 1 for one in text) for text in words), default=0)
        sheet.column_dimensions[column[0].column_letter].width = min(max(longest + 2, NARROW), WIDE)


def _draw(book: Any, library: Library, bulletin: Bulletin, drawing: Drawing) -> None:
    """A sheet with the data, which people may change, and the chart that follows."""
    from openpyxl.chart import BarChart, LineChart, Reference

    texts, language = library.texts, bulletin.language
    sheet = book.create_sheet(_title(book.sheetnames, drawing.title))
    label = texts.render(language, f"stats.label.{drawing.figure}")
    sheet.append([texts.render(language, f"stats.by.{drawing.dimension}"), label])
    for cell in drawing.cells:
        sheet.append([cell.name, cell.words if cell.value is None else cell.value])
        if drawing.whole:
            sheet.cell(sheet.max_row, 2).number_format = PERCENT
    _widen(sheet)
    chart = LineChart() if drawing.days else BarChart()
    if isinstance(chart, BarChart):
        chart.type = "bar"
        chart.height = max(7.5, 0.6 * len(drawing.cells))  # cm
    chart.title, chart.legend = drawing.title, None
    last = len(drawing.cells) + 1
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=last))
    sheet.add_chart(chart, "D2")


def _title(taken: list[str], wanted: str) -> str:
    """A sheet's name as Excel allows it: 31 characters, none of []:*?/\\, each once."""
    clean = "".join(" " if sign in "[]:*?/\\" else sign for sign in wanted)[:28]
    return clean if clean not in taken else f"{clean} {len(taken)}"


def _harmless(cell: object) -> object:
    """Text never becomes a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) else cell
