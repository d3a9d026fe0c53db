"""The editors' workbook as a file: written with lists to choose from, read back row by row."""

import hashlib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from content.cells import Choice, Flag, plain
from content.forms import MARK, Column, Form
from content.library import Library

SPARE = 500  # empty rows below that choose from the same lists
MOST = 20_000  # rows of a sheet
LARGEST = 200_000_000  # bytes of a workbook, unpacked
ABOUT = (
    "有礼的内容表",
    "",
    "怎么用",
    "1. 「贴士」「题目」「问答」三张表，一行一条。改哪个格子都行，第一行是列名，别动。",
    "2. 要加一条：写在最后一行下面，编号空着，导入时自动编；别的列都填上。",
    "   贴士的「考考我」要配一道新题目时，两边自己写同一个编号，如 dogs-q-lift2。",
    "3. 有下拉箭头的格子从列表里选。鼠标停在列名上，看这一列写什么。",
    "4. 改好存盘，交给管理员，或者自己运行：",
    "      python main.py content import 文件名.xlsx --dry-run      先看会改什么",
    "      python main.py content import 文件名.xlsx                真的改",
    "5. 有一处不对，就什么都不改，并说出是哪张表、第几行、哪一列、为什么。",
    "",
    "要知道的",
    "· 删掉一行不会删掉内容。要撤下一条，在「草稿」写「是」。",
    "· 没改过的行不动，哪怕文件里后来改过；两边都改过的行会请您重新导出。",
    "· 说到罚多少、第几条，就要写「依据」；没查到条文，就不写数字。",
    "· 「依据」一行一条：代号 | 条款 | 核对日期 | 复核期限。代号在「清单」里。",
)
LISTS = "清单"

# How cells look, by the names of styles that editors find in their program: whether bold, the ink, what is behind it.
WORDS, TITLE, HEAD, OWN = "有礼字", "有礼题", "有礼列名", "有礼编号"
LOOKS = {
    WORDS: (False, "FF1C2420", None),
    TITLE: (True, "FF1C2420", None),
    HEAD: (True, "FFFFFFFF", "FF1F6B52"),
    OWN: (False, "FF1C2420", "FFF1F5F3"),
}


class Unreadable(Exception):
    """The file is no workbook of ours; the text says why, in editors' words."""


@dataclass(frozen=True)
class Row:
    """One row as somebody left it. ``columns`` are the letters of its columns, by name."""

    form: Form
    number: int
    cells: Mapping[str, str]
    columns: Mapping[str, str]
    mark: str

    @property
    def untouched(self) -> bool:
        """Whether it still holds what the export wrote."""
        return self.mark == mark(self.form, self.cells)


def mark(form: Form, cells: Mapping[str, str]) -> str:
    """What tells whether somebody changed a row."""
    text = "\x1f".join(cells.get(column.name, "") for column in form.columns)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def write(path: Path, rows: Mapping[str, Sequence[Mapping[str, str]]], forms: Sequence[Form], library: Library) -> None:
    """Write the rows of each form, by the form's kind. OSError where that can't be done."""
    book = Workbook(write_only=True)
    for name, (bold, ink, behind) in LOOKS.items():
        book.add_named_style(_style(name, bold, ink, behind))
    about = book.create_sheet("说明")
    about.column_dimensions["A"].width = 100
    for line in ABOUT:
        about.append([_words(about, line, WORDS if line.startswith(tuple("123456789 ·")) else TITLE)])
    ranges = _lists(forms, library)
    for form in forms:
        _sheet(book.create_sheet(form.sheet), form, rows.get(form.kind, ()), ranges)
    lists = book.create_sheet(LISTS)
    columns = _list_columns(forms, library)
    for at in range(max(len(values) for _, values in columns) + 1):
        names = [name if at == 0 else values[at - 1] if at <= len(values) else None for name, values in columns]
        lists.append([_words(lists, name or "", WORDS if at else TITLE) for name in names])
    book.save(path)


def _list_columns(forms: Sequence[Form], library: Library) -> list[tuple[str, list[str]]]:
    pairs = [(topic.zh.name, name) for topic in library.topics.values() for name in topic.subtopics]
    found = [("子主题属于", [topic for topic, _ in pairs]), ("子主题", [name for _, name in pairs])]
    for name, words in _choices(forms).items():
        found.append((name, words))
    codes = library.instruments.values()
    return [*found, ("依据的代号", [one.code for one in codes]), ("依据的名称", [one.name for one in codes])]


def _choices(forms: Sequence[Form]) -> dict[str, list[str]]:
    """The words of every drop-down list, by the name of its column."""
    columns = [column for form in forms for column in form.columns]
    found = {column.name: list(column.cell.words.values()) for column in columns if isinstance(column.cell, Choice)}
    found |= {column.name: ["是", "否"] for column in columns if isinstance(column.cell, Flag)}
    return {f"{name}的选项": words for name, words in found.items() if name != "子主题"}


def _lists(forms: Sequence[Form], library: Library) -> dict[str, str]:
    """Where the list of each column stands, as Excel writes it; of subtopics only those of the row's topic."""
    found = {}
    for at, (name, values) in enumerate(_list_columns(forms, library), 1):
        letter = get_column_letter(at)
        found[name.removesuffix("的选项")] = f"{LISTS}!${letter}$2:${letter}${len(values) + 1}"
    pairs = f"{LISTS}!$A$2:$A$999"
    found["子主题"] = f"OFFSET({LISTS}!$B$1,MATCH($B2,{pairs},0),0,COUNTIF({pairs},$B2),1)"
    return found


def _sheet(sheet: Any, form: Form, rows: Sequence[Mapping[str, str]], ranges: Mapping[str, str]) -> None:
    sheet.freeze_panes = "B2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A3
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0  # as many pages as it takes
    last = get_column_letter(len(form.columns))
    sheet.auto_filter.ref = f"A1:{last}{len(rows) + 1}"
    for at, column in enumerate(form.columns, 1):
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = column.width
        span = f"{letter}2:{letter}{len(rows) + 1 + SPARE}"
        sheet.data_validations.append(_validation(column, ranges.get(column.name), span))
    hidden = sheet.column_dimensions[get_column_letter(len(form.columns) + 1)]
    hidden.hidden = True
    head = [_words(sheet, column.name, HEAD) for column in form.columns]
    for cell, column in zip(head, form.columns, strict=True):
        cell.comment = Comment(f"{column.hint}{'' if column.needed else '（可以空着）'}", "有礼", height=80, width=260)
    sheet.append([*head, _words(sheet, MARK)])
    for number, row in enumerate(rows, 2):
        lines = max(_lines_in(row[column.name], column.width) for column in form.columns)
        sheet.row_dimensions[number].height = 14 * min(lines, 12) + 4  # points; not every program finds it itself
        cells = [_words(sheet, row[one.name], WORDS if at > 1 else OWN) for at, one in enumerate(form.columns)]
        sheet.append([*cells, _words(sheet, mark(form, row))])


def _lines_in(text: str, width: int) -> int:
    """How many lines a text takes in a column; Chinese characters are twice as wide."""
    wide = (sum(2 if ord(letter) > 0x2E7F else 1 for letter in line) for line in text.split("\n"))
    return sum(max(1, -(-room // max(1, width - 2))) for room in wide)


def _style(name: str, bold: bool, ink: str, behind: str | None) -> NamedStyle:
    return NamedStyle(
        name,
        font=Font(name="Microsoft YaHei", size=10, bold=bold, color=ink),
        fill=PatternFill("solid", start_color=behind) if behind else None,
        alignment=Alignment(wrap_text=True, vertical="top"),
    )


def _words(sheet: Any, text: str, look: str = WORDS) -> Any:
    """A cell that holds text, whatever it looks like: «=1» stays what it is."""
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.style = look
    return cell


def _validation(column: Column, listed: str | None, span: str) -> DataValidation:
    hint = f"{column.hint}{'' if column.needed else '（可以空着）'}"[:250]
    if listed:
        found = DataValidation(
            "list", formula1=listed, allow_blank=True, errorTitle="请从列表里选", error="列表里没有这个"
        )
    elif column.longest:
        found = DataValidation("textLength", operator="lessThanOrEqual", formula1=str(column.longest), allow_blank=True)
        found.errorStyle, found.errorTitle, found.error = "warning", "太长了", f"最多 {column.longest} 个字符"
    else:
        found = DataValidation(allow_blank=True)
    found.promptTitle, found.prompt = column.name, hint
    found.showInputMessage = found.showErrorMessage = True
    found.add(span)
    return found


def settle(path: Path, rows: Sequence[tuple[Row, str]]) -> None:
    """Write into the rows that were taken in the ids they got and what they hold now, so that they can be edited on
    and taken in again. OSError where the file can't be written (a program may hold it)."""
    book = load_workbook(path)
    for row, label in rows:
        sheet = book[row.form.sheet]
        sheet[f"{row.columns['编号']}{row.number}"].value = label
        if MARK in row.columns:
            sheet[f"{row.columns[MARK]}{row.number}"].value = mark(row.form, {**row.cells, "编号": label})
    beside = path.with_name(f".{path.name}")
    try:
        book.save(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def read(path: Path, forms: Sequence[Form]) -> Iterator[Row | tuple[str, str]]:
    """The rows that hold something, sheet by sheet; and what is wrong with a sheet as a whole, as (sheet, reason).

    Raises Unreadable.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise Unreadable("找不到这个文件") from None
    except OSError as error:
        raise _broken(error) from None
    with file:
        try:
            yield from _opened(file, forms)
        except Exception as error:
            raise _broken(error) from None


def _opened(file: IO[bytes], forms: Sequence[Form]) -> Iterator[Row | tuple[str, str]]:
    with zipfile.ZipFile(file) as packed:  # which may hold a thousand times what it weighs
        if sum(one.file_size for one in packed.infolist()) > LARGEST:
            raise Unreadable(f"太大：拆开超过 {LARGEST // 1_000_000} MB，不是 content export 导出的工作簿")
    book = load_workbook(file, read_only=True, data_only=True)
    try:
        known = [form for form in forms if form.sheet in book.sheetnames]
        if not known:
            raise Unreadable(f"没有认识的表，要有「{'」「'.join(form.sheet for form in forms)}」里的一张")
        for form in known:
            yield from _rows(book[form.sheet], form)
    finally:
        book.close()


def _broken(error: Exception) -> Exception:
    """A damaged workbook makes its reader raise almost anything, at any row: all of that is Unreadable."""
    if isinstance(error, Unreadable | MemoryError):
        return error
    return Unreadable("打不开：要一份 .xlsx 工作簿，先用 content export 导出")


def _rows(sheet: Worksheet, form: Form) -> Iterator[Row | tuple[str, str]]:
    head: dict[str, int] = {}
    for number, cells in enumerate(sheet.iter_rows(max_row=MOST + 1, values_only=True), 1):
        if number == 1:
            names = [plain(value) for value in cells]
            head = {name: at for at, name in enumerate(names) if name}
            missing = [column.name for column in form.columns if column.name not in head]
            if missing:
                yield form.sheet, f"第 1 行少了列：{'、'.join(missing)}"
                return
            continue
        said = {name: plain(cells[at]) if at < len(cells) else "" for name, at in head.items()}
        row = {column.name: said[column.name] for column in form.columns}
        if any(row.values()):
            letters = {name: get_column_letter(at + 1) for name, at in head.items()}
            yield Row(form, number, row, letters, said.get(MARK, ""))
        if number > MOST:
            yield form.sheet, f"超过 {MOST} 行，请分开导入"
