"""A content file as its editors wrote it: parsed, checked for shape, every problem with file and line."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import tomli
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)

_REASONS = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项，可能拼错了",
    "literal_error": "只能是 {expected}",
    "too_short": "至少要有 {min_length} 项",
    "string_too_short": "不能空着",
    "string_pattern_mismatch": "写法不对，应当符合 {pattern}",
    "greater_than": "要大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "value_error": "{error}",
}
_KINDS = {
    "string": "文字",
    "int": "整数",
    "float": "数",
    "bool": "true 或 false",
    "date": "日期，如 2026-11-22",
    "time": "钟点，如 09:00:00",
    "tuple": '列表，如 ["…"]',
    "model": "一组项",
    "dict": "一组项",
}


@dataclass(frozen=True)
class Problem:
    """Something an editor has to mend. ``str()`` gives one line: file · where: reason."""

    file: str
    where: str
    reason: str
    item: str = ""
    """The id of the item, where it has one."""
    path: str = ""
    """The key in it, dotted, like ``en.title``."""
    line: int | None = None
    """Its line in the file, from 1."""

    def __str__(self) -> str:
        return f"{self.file} · {self.where}: {self.reason}"


class ContentError(Exception):
    """The content cannot be used. ``problems`` holds all that was found, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class Sheet:
    """One file: ``name`` is its path under content/, ``data`` what TOML makes of ``text``."""

    name: str
    text: str
    data: Mapping[str, Any]

    def line(self, path: Sequence[str], header: str = "", index: int = 0) -> int | None:
        """The line (from 1) of ``path`` below the index-th [[header]], or of the closest thing above it."""
        start, end = 0, len(self.text)
        if header:
            heads = re.compile(rf"^[ \t]*\[\[{re.escape(header)}\]\]", re.MULTILINE)
            blocks = [head.start() for head in heads.finditer(self.text)]
            if index >= len(blocks):
                return None
            start = blocks[index]
            end = blocks[index + 1] if index + 1 < len(blocks) else end
        found = bool(header)
        for part in path:
            key = re.escape(part)
            here = re.compile(rf"^[ \t]*(?:\[+(?:[\w-]+\.)*{key}\]|{key}[ \t]*[=.])", re.MULTILINE)
            if match := here.search(self.text, start, end):
                start, found = match.start(), True
        return self.text.count("\n", 0, start) + 1 if found else None

    def problem(self, label: str, path: Sequence[str], reason: str, header: str = "", index: int = 0) -> Problem:
        """A problem at ``label`` (an id, or empty) and ``path`` below it, with its line if that is found."""
        where = ".".join(part for part in (label, *path) if part) or header
        line = self.line(path, header, index)
        where = f"{where}（第 {line} 行）" if line else where
        return Problem(self.name, where, reason, label, ".".join(path), line)


@dataclass(frozen=True)
class Entry(Generic[M]):
    """An item and where it stands: the index-th [[header]] of its sheet."""

    item: M
    label: str
    sheet: Sheet
    header: str
    index: int

    def problem(self, path: str, reason: str) -> Problem:
        """A problem of this item; ``path`` is dotted, like ``en.title``."""
        steps = path.split(".") if path else ()
        return self.sheet.problem(self.label, steps, reason, self.header, self.index)


@dataclass
class Shelf:
    """Reads the files of one content folder and gathers the problems of all of them."""

    folder: Path
    texts: Mapping[str, str] = field(default_factory=dict)
    """Texts that stand for files, to try a change before it is written."""
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    """What is still to do in drafts; keeps nothing from being served."""
    read: list[Entry[Any]] = field(default_factory=list)
    """Every well-formed entry read so far."""
    drafts: list[Entry[Any]] = field(default_factory=list)
    """Those with ``draft = true``: to be finished, and not served."""
    labels: dict[str, set[str]] = field(default_factory=dict)
    """The labels seen below each [[header]], malformed items included."""
    unreadable: set[str] = field(default_factory=set)
    """Files that were missing or no TOML: what they hold is unknown, so references to it go unchecked."""

    def sheet(self, name: str, keys: Iterable[str] | None, optional: bool = False) -> Sheet:
        """Read one file; ``keys`` are the names allowed at its top (None: any). Problems are kept."""
        path, given = self.folder / name, self.texts.get(name)
        empty = Sheet(name, "", {})
        if given is None and not path.is_file():
            if not optional:
                self._fail(Problem(name, "文件", "找不到这个文件"))
            return empty
        try:
            text = path.read_text(encoding="utf-8-sig") if given is None else given
            sheet = Sheet(name, text, tomli.loads(text))
        except UnicodeDecodeError:
            self._fail(Problem(name, "文件", "不是 UTF-8 编码，请另存为 UTF-8"))
            return empty
        except tomli.TOMLDecodeError as error:
            self._fail(Problem(name, *_syntax(str(error))))
            return empty
        for key in sheet.data if keys is not None else ():
            if key not in set(keys or ()):
                self.problems.append(sheet.problem("", [key], "这个文件里没有这一项，可能拼错了"))
        return sheet

    def item(self, sheet: Sheet, model: type[M], raw: Mapping[str, Any], label: str = "") -> M | None:
        """One thing that stands once in a file: all of it, or its table ``label``."""
        if not sheet.text:
            return None
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            for path, reason in explain(error):
                self.problems.append(sheet.problem(label, path, reason))
        return None

    def entries(self, sheet: Sheet, header: str, model: type[M], key: str = "id", **more: object) -> list[Entry[M]]:
        """All well-formed [[header]] of a sheet, labelled by their ``key``; ``more`` is added to each."""
        rows = sheet.data.get(header, [])
        if not isinstance(rows, list):
            self.problems.append(sheet.problem("", [header], f"请写成 [[{header}]]（两层方括号）"))
            return []
        entries: list[Entry[M]] = []
        labels = self.labels.setdefault(header, set())
        for index, raw in enumerate(rows):
            label = str(raw.get(key) or f"第 {index + 1} 个 {header}") if isinstance(raw, dict) else header
            draft = isinstance(raw, dict) and raw.get("draft") is True
            if not draft:
                labels.add(label)
            try:
                item = model.model_validate({**more, **_finished(raw)} if isinstance(raw, dict) else raw)
            except ValidationError as error:
                found = self.notes if draft else self.problems
                found += [sheet.problem(label, path, reason, header, index) for path, reason in explain(error)]
            else:
                (self.drafts if draft else entries).append(Entry(item, label, sheet, header, index))
        self.read += entries
        return entries

    def unique(self, entries: Iterable[Entry[M]]) -> dict[str, M]:
        """The items by their label, in order; a label used twice is a problem."""
        items: dict[str, Entry[M]] = {}
        for entry in entries:
            if first := items.get(entry.label):
                self.problems.append(entry.problem("id", f"这个名字已经用过了（在 {first.sheet.name}）"))
            else:
                items[entry.label] = entry
        return {label: entry.item for label, entry in items.items()}

    def _fail(self, problem: Problem) -> None:
        self.problems.append(problem)
        self.unreadable.add(problem.file)

    def complete(self, start: str) -> bool:
        """Whether all files whose name begins with ``start`` could be read."""
        return not any(name.startswith(start) for name in self.unreadable)


def _finished(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The item without the mark of a draft."""
    return {key: value for key, value in raw.items() if key != "draft" or not isinstance(value, bool)}


def explain(error: ValidationError) -> Iterable[tuple[list[str], str]]:
    """What pydantic found, as (path, reason) in editors' words. ``zh.`` is dropped: Chinese stands flat."""
    for found in error.errors():
        path = [str(part + 1) if isinstance(part, int) else part for part in found["loc"] if part != "zh"]
        yield path, _reason(found["type"], found.get("ctx") or {}, found["msg"], path)


def _reason(kind: str, details: Mapping[str, Any], message: str, path: Sequence[str]) -> str:
    if kind == "missing" and "en" in path:
        return "缺少英文"
    if kind in _REASONS:
        return _REASONS[kind].format_map(details).replace(" or ", "、")
    for start, name in _KINDS.items():
        if kind.startswith(start) and (kind.endswith(("_type", "_parsing")) or "_from_" in kind):
            return f"这里要写{name}"
    return message


def _syntax(message: str) -> tuple[str, str]:
    place = re.search(r"\(at (?:line (\d+), column (\d+)|end of document)\)", message)
    reason = f"TOML 写法有误：{message.split(' (at ')[0]}"
    if place and place[1]:
        return f"第 {place[1]} 行第 {place[2]} 列", reason
    return "文件末尾", reason
