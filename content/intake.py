"""A workbook comes back: what it would change, what is wrong with it cell by cell, and the change itself.

Nothing is written before all of it is right. The content is checked as a whole with the new texts in place of the
files, so that whatever ``content check`` would find is found here, and told at its cell.
"""

import datetime
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Any

from content.forms import Column, forms
from content.library import ContentError, Library, load
from content.newitem import fresh
from content.pen import Unwritable, added, changed, item
from content.sheets import Problem
from content.workbook import Row, mark, read

_BOM = "\ufeff"


@dataclass(frozen=True)
class Fault:
    """Something wrong in the workbook. ``str()`` gives one line: sheet · row, column (cell): reason."""

    sheet: str
    row: int
    column: str
    cell: str
    reason: str

    def __str__(self) -> str:
        column = f"「{self.column}」({self.cell})" if self.column else ""
        return f"{self.sheet} · 第 {self.row} 行{column}: {self.reason}" if self.row else f"{self.sheet}: {self.reason}"


@dataclass(frozen=True)
class Change:
    """One key that would change in a file; without a column it is a new item, and ``after`` its first words."""

    file: str
    item: str
    column: str
    before: str
    after: str

    def __str__(self) -> str:
        if not self.column:
            return f"{self.file} · {self.item}: 新的一条「{self.after}」"
        return f"{self.file} · {self.item} · {self.column}: 「{self.before}」→「{self.after}」"


@dataclass(frozen=True)
class Intake:
    """What a workbook would do. ``texts`` are the new texts of the files that change, ``read`` what they were."""

    faults: list[Fault] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    """What is wrong with the content and stands in no cell."""
    changes: list[Change] = field(default_factory=list)
    rows: list[tuple[Row, str]] = field(default_factory=list)
    """The rows that change something, with their ids."""
    texts: dict[str, str] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        """Whether it may be written."""
        return not self.faults and not self.problems


class Stale(Exception):
    """A file changed while the workbook was looked at; nothing was written."""


def look(folder: Path, city: str, today: datetime.date, path: Path) -> Intake:
    """What the workbook at ``path`` would change. Raises workbook.Unreadable, and ContentError when the content is
    not right as it is: then nobody can tell what the workbook would make of it."""
    library = load(folder, city, today)
    desk = _Desk(folder, library, today)
    for row in read(path, forms(library)):
        if isinstance(row, Row):
            desk.take(row)
        else:
            desk.intake.faults.append(Fault(row[0], 0, "", "", row[1]))
    try:
        if desk.intake.texts:
            load(folder, city, today, desk.intake.texts)
    except ContentError as error:
        for problem in error.problems:
            desk.tell(problem)
    return desk.intake


def apply(folder: Path, intake: Intake) -> None:
    """Write the files: each anew beside the old one, then put in its place. Raises Stale, OSError."""
    for name, text in intake.read.items():
        if _read(folder / name) != text:
            raise Stale(name)
    beside: list[tuple[Path, Path]] = []
    try:
        for name, text in intake.texts.items():
            target, before = folder / name, intake.read[name]
            handle, new = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
            beside.append((Path(new), target))
            with os.fdopen(handle, "w", encoding="utf-8", newline="\r\n" if "\r\n" in before else "\n") as file:
                file.write(_BOM + text if before.startswith(_BOM) else text)
            Path(new).chmod(target.stat().st_mode if target.exists() else 0o644)
        for new_file, target in beside:
            new_file.replace(target)
    finally:
        for new_file, _ in beside:
            new_file.unlink(missing_ok=True)


def _read(path: Path) -> str:
    """A file as it is, with its own line ends; empty when it is not there."""
    return path.read_bytes().decode("utf-8") if path.exists() else ""


class _Wrong(Exception):
    """A row that can't be taken."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


class _Desk:
    """Takes one row after another and notes what comes of it."""

    def __init__(self, folder: Path, library: Library, today: datetime.date) -> None:
        self.intake = Intake()
        self._folder, self._today = folder, today
        self._known = {}
        for entry in (*library.entries, *library.drafts):
            place = PurePosixPath(entry.sheet.name)
            self._known[place.parent.name, entry.label] = (
                place,
                entry.index,
                entry.sheet.data[entry.header][entry.index],
            )
        self._taken = {label for _, label in self._known}
        self._rows: dict[tuple[str, str], Row] = {}
        self._seen: dict[str, int] = {}
        self._broken: set[str] = set()

    def take(self, row: Row) -> None:
        """One row: of an item that is there, or of a new one."""
        label = row.cells["编号"]
        try:
            if label and (first := self._seen.setdefault(f"{row.form.kind} {label}", row.number)) != row.number:
                raise _Wrong("编号", f"和第 {first} 行的编号一样")
            if (row.form.folder, label) not in self._known:
                self._add(row, label)
            elif not row.untouched:
                self._change(row, label)
        except _Wrong as wrong:
            self._fault(row, wrong.column, wrong.reason)

    def tell(self, problem: Problem) -> None:
        """A problem of the whole: at the cell it comes from, or as it is. What only follows from a row that could
        not be read is left out."""
        if any(label in problem.reason for label in self._broken):
            return
        row = self._rows.get((problem.file, problem.item))
        if row is None:
            self.intake.problems.append(problem)
            return
        key = ".".join(takewhile(lambda part: not part.isdigit(), problem.path.split(".")))
        try:
            name = row.form.at(key).name
        except KeyError:
            name = ""
        self._fault(row, name, problem.reason)

    def _change(self, row: Row, label: str) -> None:
        form, (place, index, raw) = row.form, self._known[row.form.folder, label]
        now = form.row(place.stem, raw)
        columns = [column for column in form.columns if row.cells[column.name] != now[column.name]]
        names = "、".join(column.name for column in columns)
        if columns and row.mark and row.mark != mark(form, now):
            raise _Wrong("", f"导出以后，文件里的 {label} 也改过，不能都要（{names}）。请重新导出，再改这一行")
        if any(column.path == "topic" for column in columns):
            raise _Wrong("主题", f"{label} 的主题定了不能改，要换主题请另写一条")
        values = self._values(row, columns)
        if not values:
            return
        try:
            self._write(str(place), row, label, changed(self._text(str(place)), form.kind, index, values, form.order))
        except Unwritable:
            raise _Wrong("", f"{label} 在文件里写得特别，表格改不了，请直接改 {place}") from None
        self.intake.changes.extend(
            Change(str(place), label, column.name, now[column.name], row.cells[column.name]) for column in columns
        )

    def _add(self, row: Row, label: str) -> None:
        form, topic = row.form, row.form.at("topic")
        self._broken |= {label} - {""}
        if not row.cells[topic.name]:
            raise _Wrong(topic.name, "新的一条要选主题")
        try:
            name = topic.cell.read(row.cells[topic.name])
        except ValueError as error:
            raise _Wrong(topic.name, str(error)) from None
        values = self._values(row, form.columns)
        if not values:
            return
        self._broken.discard(label)
        label = label or fresh(form.kind, name, self._taken, self._today)
        self._taken.add(label)
        flat = {key: value for key, value in values.items() if "." not in key and key != "id" and value is not None}
        english = {key.removeprefix("en."): value for key, value in values.items() if key.startswith("en.")}
        file = f"{form.folder}/{name}.toml"
        self._write(file, row, label, added(self._text(file), item(form.kind, {"id": label, **flat, "en": english})))
        self.intake.changes.append(Change(file, label, "", "", row.cells[form.first]))

    def _values(self, row: Row, columns: Sequence[Column]) -> dict[str, Any]:
        """The values of columns by key; nothing when a cell is wrong, which is then told."""
        values, wrong = row.form.values(row.cells, columns)
        for name, reason in wrong.items():
            self._fault(row, name, reason)
        return {} if wrong else values

    def _text(self, file: str) -> str:
        """A file's text as it stands by now, with plain line ends."""
        if file not in self.intake.texts:
            self.intake.read[file] = _read(self._folder / file)
            return self.intake.read[file].removeprefix(_BOM).replace("\r\n", "\n")
        return self.intake.texts[file]

    def _write(self, file: str, row: Row, label: str, text: str) -> None:
        self._rows[file, label] = row
        self.intake.rows.append((row, label))
        self.intake.texts[file] = text

    def _fault(self, row: Row, name: str, reason: str) -> None:
        cell = f"{row.columns[name]}{row.number}" if name else ""
        self.intake.faults.append(Fault(row.form.sheet, row.number, name, cell, reason))
