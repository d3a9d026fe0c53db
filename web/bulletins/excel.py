"""A bulletin as a workbook: its words, a sheet for each drawing with a chart of Excel's own, and every figure."""

import io
import math
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
NAME = 31  # characters of a sheet's name
LINE = 16  # points
ACCENT = "456B42"  # as in look.css


def excel(library: Library, bulletin: Bulletin) -> bytes:
    """The .xlsx file."""
    from openpyxl import Workbook
    from openpyxl.styles import DEFAULT_FONT, Alignment, Font

    texts, language = library.texts, bulletin.language
    book = Workbook()
    words = book.worksheets[0]
    words.title = texts.render(language, "bulletin.sheet_words")
    for part in bulletin.parts:
        if isinstance(part, Words):
            words.append([part.text])
            words.cell(words.max_row, 1).alignment = Alignment(wrap_text=True, vertical="top")
            if part.style in {"title", "heading"}:
                words.cell(words.max_row, 1).font = Font(name=DEFAULT_FONT.name, size=DEFAULT_FONT.size, bold=True)
            # Not every office program makes a row as high as its words.
            words.row_dimensions[words.max_row].height = LINE * math.ceil((_width(part.text) + 1) / WIDE)
        elif isinstance(part, Drawing):
            _draw(book, library, bulletin, part)
        else:
            for number in part:
                words.append([number.label, number.words, number.change])
    _widen(words)
    words.column_dimensions["A"].width = WIDE
    figures = book.create_sheet(texts.render(language, "bulletin.sheet_figures"))
    figures.freeze_panes = "A2"
    for line, row in enumerate(rows(library, bulletin.period, bulletin.values, language), start=1):
        figures.append([_harmless(cell) for cell in row])
        _exact(figures.cell(line, VALUE + 1))
        if line > 1 and BY_KEY[str(row[FIGURE])].unit == "rate":
            figures.cell(line, VALUE + 1).number_format = PERCENT
    _widen(figures)
    for sheet in book.worksheets:
        _for_paper(sheet)
    figures.page_setup.orientation, figures.print_title_rows = "landscape", "1:1"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _for_paper(sheet: Any) -> None:
    """A4, and never a table cut between two pages that lie beside each other."""
    sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = sheet.PAPERSIZE_A4, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _widen(sheet: Any) -> None:
    """Each column as wide as its longest words."""
    for column in sheet.columns:
        longest = max((_width(cell.value) for cell in column if isinstance(cell.value, str)), default=0)
        sheet.column_dimensions[column[0].column_letter].width = min(max(longest + 2, NARROW), WIDE)


def _width(text: str) -> int:
    """In characters; those of Chinese take two places each."""
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)


def _draw(book: Any, library: Library, bulletin: Bulletin, drawing: Drawing) -> None:
    """A sheet with the data, which people may change, and the chart that follows."""
    from openpyxl.chart import BarChart, LineChart, Reference

    texts, language = library.texts, bulletin.language
    label = texts.render(language, f"stats.label.{drawing.figure}")
    by = texts.render(language, f"stats.by.{drawing.dimension}")
    undated = texts.render(language, "bulletin.chart", label=label, by=by)
    sheet = book.create_sheet(_title(book.sheetnames, undated, label))
    sheet.append([by, label])
    for line, cell in enumerate(drawing.cells, start=2):
        sheet.append([cell.name, cell.words if cell.value is None else cell.value])
        _exact(sheet.cell(line, 2))
        if drawing.whole:
            sheet.cell(line, 2).number_format = PERCENT
    _widen(sheet)
    chart = LineChart() if drawing.days else BarChart()
    if isinstance(chart, BarChart):
        chart.type, chart.gapWidth = "bar", 50
        chart.height = max(7.5, 3 + 0.7 * len(drawing.cells))  # cm
        chart.x_axis.scaling.orientation = "maxMin"  # the first on top, as in the table
    chart.width = 20  # cm
    chart.x_axis.delete = chart.y_axis.delete = False  # else Excel shows neither
    if drawing.whole:
        chart.y_axis.number_format, chart.y_axis.scaling.min, chart.y_axis.scaling.max = "0%", 0, 1
    chart.title, chart.legend = drawing.title, None
    last = len(drawing.cells) + 1
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=last))
    chart.series[0].smooth = False  # a curve would tell days of which nobody knows
    chart.series[0].graphicalProperties.solidFill = chart.series[0].graphicalProperties.line.solidFill = ACCENT
    sheet.add_chart(chart, "D2")


def _title(taken: list[str], *wanted: str) -> str:
    """A sheet's name as Excel allows it, the first that fits: ``NAME`` characters, none of []:*?/\\, each once."""
    fit = next((name for name in wanted if len(name) <= NAME), wanted[-1][:NAME])
    clean = "".join(" " if sign in "[]:*?/\\" else sign for sign in fit)
    return clean if clean not in taken else f"{clean[: NAME - 3]} {len(taken)}"


def _exact(cell: Any) -> None:
    """To the last of 17 digits, as in all other files: openpyxl writes 16."""
    if isinstance(cell.value, float):
        cell.value, cell.data_type = repr(cell.value), "n"


def _harmless(cell: object) -> object:
    """Text never becomes a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) else cell
