"""Writes into a content file the way an editor's hand does: only the lines that change, comments and order stay."""

import datetime
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_TABLE = re.compile(r"^[ \t]*\[+[\w. -]+\]+[ \t]*(?:#.*)?$", re.MULTILINE)


class Unwritable(Exception):
    """The item is written in a way that only a hand can change; nothing was changed."""


def changed(text: str, header: str, index: int, changes: Mapping[str, object | None], order: Sequence[str]) -> str:
    """The file's text with new values for keys of the index-th [[header]]; None takes a key away.

    Keys are dotted («en.title»); ``order`` says after which other keys a new one is put. Raises Unwritable.
    """
    found = text
    for path, value in changes.items():
        found = _one(found, header, index, path, value, order)
    wanted = _with(tomllib.loads(text)[header][index], changes)
    try:
        written = tomllib.loads(found)
    except tomllib.TOMLDecodeError:
        raise Unwritable from None
    if written[header][index] != wanted:
        raise Unwritable
    return found


def added(text: str, item: str) -> str:
    """The file's text with one more item at its end."""
    return f"{text.rstrip()}\n\n{item}" if text.strip() else item


def item(header: str, values: Mapping[str, object], notes: Mapping[str, str] | None = None) -> str:
    """A new item: flat keys, then the table ``en``. ``notes`` are comments behind keys; the one of «en» stands before
    the table."""
    notes = notes or {}
    english = values.get("en")
    lines = [f"[[{header}]]", *_lines({key: value for key, value in values.items() if key != "en"}, "", notes)]
    if isinstance(english, Mapping) and english:
        lines += [f"# {line}" for line in notes.get("en", "").splitlines()]
        lines += [f"[{header}.en]", *_lines(english, "en.", notes)]
    return "\n".join(lines) + "\n"


def _lines(table: Mapping[str, object], above: str, notes: Mapping[str, str]) -> Iterator[str]:
    for key, value in table.items():
        note = notes.get(above + key)
        yield f"{key} = {written(value)}" + (f"  # {note}" if note else "")


def written(value: object) -> str:
    """A value as TOML."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case int() | float():
            return str(value)
        case datetime.date():
            return value.isoformat()
        case Mapping():
            return f"{{ {', '.join(f'{key} = {written(inner)}' for key, inner in value.items())} }}"
        case Sequence():
            inner = [written(one) for one in value]
            if len(inner) > 1 and any(isinstance(one, Mapping) for one in value):
                return "[\n" + "".join(f"    {one},\n" for one in inner) + "]"
            return f"[{', '.join(inner)}]"
    raise TypeError(type(value))


def _with(raw: Mapping[str, Any], changes: Mapping[str, object | None]) -> dict[str, Any]:
    """The item as it shall be read afterwards."""
    item = {key: dict(value) if isinstance(value, Mapping) else value for key, value in raw.items()}
    for path, value in changes.items():
        *above, key = path.split(".")
        table = item
        for name in above:
            table = table.setdefault(name, {})
        if value is None:
            table.pop(key, None)
        else:
            table[key] = list(value) if isinstance(value, tuple) else value
    return item


def _one(text: str, header: str, index: int, path: str, value: object | None, order: Sequence[str]) -> str:
    start, end, key = _part(text, header, index, path)
    place = _statement(text, start, end, key)
    if place is None and value is None:
        return text
    if place is None:
        at = _after(text, start, end, path, order)
        return f"{text[:at]}{key} = {written(value)}\n{text[at:]}"
    if value is None:
        return text[: place[0]] + text[place[1] :]
    return text[: place[0]] + _restated(text[slice(*place)], key, value) + text[place[1] :]


def _part(text: str, header: str, index: int, path: str) -> tuple[int, int, str]:
    """Where the keys of the item (or of its table ``en``) stand, and what the key is called there."""
    heads = list(re.finditer(rf"^[ \t]*\[\[{re.escape(header)}\]\].*\n?", text, re.MULTILINE))
    if index >= len(heads):
        raise Unwritable
    start = heads[index].end()
    end = heads[index + 1].start() if index + 1 < len(heads) else len(text)
    tables = list(_TABLE.finditer(text, start, end))
    flat_end = tables[0].start() if tables else end
    above, _, key = path.rpartition(".")
    if not above:
        return start, flat_end, key
    for number, table in enumerate(tables):
        if re.match(rf"[ \t]*\[{re.escape(header)}\.{re.escape(above)}\]", table[0]):
            after = tables[number + 1].start() if number + 1 < len(tables) else end
            return table.end() + 1, after, key
    return start, flat_end, path


def _statement(text: str, start: int, end: int, key: str) -> tuple[int, int] | None:
    """Where «key = value» begins and ends: with the first line at which it is whole."""
    found = re.compile(rf"^[ \t]*{re.escape(key)}[ \t]*=", re.MULTILINE).search(text, start, end)
    if found is None:
        return None
    stop = found.start()
    for line in text[found.start() : end].splitlines(keepends=True):
        stop += len(line)
        try:
            tomllib.loads(text[found.start() : stop])
        except tomllib.TOMLDecodeError:
            continue
        return found.start(), stop
    raise Unwritable


def _after(text: str, start: int, end: int, path: str, order: Sequence[str]) -> int:
    """Where a new key belongs: behind the last of those that come before it."""
    at = start
    for earlier in order[: order.index(path)] if path in order else ():
        if earlier.rpartition(".")[0] == path.rpartition(".")[0]:
            found = _statement(text, start, end, earlier.rpartition(".")[2])
            at = max(at, found[1]) if found else at
    return at


def _restated(old: str, key: str, value: object) -> str:
    """«key = value» with a new value; a comment behind it stays there, comments inside a list move above it."""
    indent = old[: len(old) - len(old.lstrip(" \t"))]
    lines = old.rstrip("\r\n").split("\n")
    comments = [comment for line in lines if (comment := _comment(line, whole=len(lines) == 1))]
    if len(lines) == 1:
        return f"{indent}{key} = {written(value)}{'  ' + comments[0] if comments else ''}\n"
    above = "".join(f"{indent}{comment}\n" for comment in comments)
    return f"{above}{indent}{key} = {written(value)}\n"


def _comment(line: str, *, whole: bool) -> str:
    """The comment at the end of a line, if it has one; of a statement that is ``whole``, or of a piece of it."""
    for found in re.finditer("#", line):
        before = line[: found.start()]
        if whole:
            try:
                tomllib.loads(before)
            except tomllib.TOMLDecodeError:
                continue
            return line[found.start() :]
        if len(re.findall(r'(?<!\\)"', before)) % 2 == 0:
            return line[found.start() :]
    return ""
