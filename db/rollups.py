"""The journal added up: rows of sums, how far they reach, and which weeks and months are ready."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson
from pyroaring import BitMap
from sqlalchemy import Executable, Table, and_, bindparam, delete, or_, select, text

from civic.levels import Built
from db.sums import Key, Sum
from db.tables import rollup_spans, rollups
from db.tx import Hot, Tx

JOURNAL = "journal"  # the mark's name
_NUMBERS = ("lines", "right", "graded", "points", "people", "who")
_MATCH = " AND ".join(f"r.{name} = k.value ->> {at}" for at, name in enumerate(Key._fields))
_LIST = {  # a list of keys, given as one parameter
    "sqlite": "(SELECT key AS at, value FROM json_each(:keys))",
    "postgresql": "(SELECT at - 1 AS at, value FROM json_array_elements(CAST(:keys AS json))"
    " WITH ORDINALITY AS one(value, at))",
}
_STORED = {
    name: text(f'SELECT k.at, r.lines, r."right", r.graded, r.points, r.who FROM {keys} k, rollups r WHERE {_MATCH}')  # nosec B608 # noqa: S608 - our own names
    for name, keys in _LIST.items()
}

_BUILT = Hot(select(rollup_spans.c.level, rollup_spans.c.day))
_COLUMNS = (*Key._fields, *_NUMBERS)


def _overwriting(insert: Callable[[Table], Any]) -> Executable:
    row = insert(rollups).values({name: bindparam(name) for name in _COLUMNS})
    new = {name: row.excluded[name] for name in _NUMBERS}
    written: Executable = row.on_conflict_do_update(index_elements=list(Key._fields), set_=new)
    return written


_PUT = Hot(_overwriting)


def stored(tx: Tx, keys: Iterable[Key]) -> dict[Key, Sum]:
    """The sums of these keys, as far as there are any."""
    wanted = list(keys)
    if not wanted:
        return {}
    written = orjson.dumps([tuple(key) for key in wanted]).decode()
    found = tx.execute(_STORED[tx.connection.dialect.name], {"keys": written})
    return {wanted[at]: Sum(*numbers, who=BitMap.deserialize(who)) for at, *numbers, who in found}


def put(tx: Tx, sums: Mapping[Key, Sum]) -> None:
    """Write sums; those of nothing go."""
    tx.many(_PUT, [_row(key, one) for key, one in sums.items() if one.lines])
    gone = (key for key, one in sums.items() if not one.lines)
    empty = [{f"_{name}": value for name, value in zip(Key._fields, key, strict=True)} for key in gone]
    if empty:
        same = (rollups.c[name] == bindparam(f"_{name}") for name in Key._fields)
        tx.execute(delete(rollups).where(*same), empty)


def _row(key: Key, one: Sum) -> dict[str, int | str | bytes]:
    numbers = (*one.numbers, len(one.who), one.who.serialize())
    return dict(zip(_COLUMNS, (*key, *numbers), strict=True))


def built(tx: Tx) -> Built:
    """The weeks and months that are ready."""
    return {(str(level), str(day)) for level, day in tx.hot(_BUILT)}


def ready(tx: Tx, level: str, first: str) -> None:
    """A week or month is added up."""
    row = tx.insert(rollup_spans).values(level=level, day=first)
    tx.execute(row.on_conflict_do_nothing(index_elements=["level", "day"]))


def unready(tx: Tx, spans: Sequence[tuple[str, str]]) -> None:
    """Weeks and months have to be added up again."""
    if spans:
        c = rollup_spans.c
        tx.execute(delete(rollup_spans).where(or_(*(and_(c.level == level, c.day == day) for level, day in spans))))
