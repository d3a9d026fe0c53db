"""A transaction as units see it: a connection, and the moment it happens."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from datetime import datetime
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple, Self, cast
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BindParameter,
    ClauseElement,
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    Table,
    Text,
    bindparam,
    type_coerce,
)
from sqlalchemy import Insert as AnyInsert
from sqlalchemy.dialects import postgresql, sqlite

from db.moments import to_ms
from db.sealing import keys_of

Insert = sqlite.Insert | postgresql.Insert
Result = CursorResult[*tuple[Any, ...]]


class Compiled(NamedTuple):
    """A statement as sqlite3 takes it: text with ``?``, what picks its parameters out of values by name, and the
    values that the statement itself holds."""

    text: str
    pick: Callable[[Mapping[str, Any]], Sequence[Any]]
    own: dict[str, Any]


def as_stored(column: Column[str]) -> ColumnElement[str]:
    """A sealed column as it lies in the database."""
    return type_coerce(column, Text)


def among(name: str, count: int) -> list[BindParameter[Any]]:
    """So many values of a hot statement's list: ``name_0``, ``name_1`` …"""
    return [bindparam(f"{name}_{at}") for at in range(count)]


def given(name: str, values: Iterable[str]) -> dict[str, str]:
    """The values of such a list, as a hot statement is given them."""
    return {f"{name}_{at}": value for at, value in enumerate(values)}


class Hot:
    """A Core statement of the message path or the figures, compiled once instead of looked up at each use.

    Its values must be plain (int, str, float, None): no type conversion takes place (``as_stored``, ``Tx.seal``).
    ``build`` gets the INSERT of the database at hand, for statements with ON CONFLICT; others ignore it.
    """

    def __init__(self, build: Executable | Callable[[Callable[[Table], Any]], Executable]) -> None:
        made = build if isinstance(build, Executable) else None
        self.postgres = made if made is not None else build(postgresql.insert)  # type: ignore[operator]
        self._for_sqlite = made if made is not None else build(sqlite.insert)  # type: ignore[operator]

    @cached_property
    def numbered(self) -> Executable:
        """An INSERT as PostgreSQL takes it that tells the new row's id."""
        insert = cast("AnyInsert", self.postgres)
        return insert.returning(insert.table.c.id)

    @cached_property
    def sqlite(self) -> Compiled:
        """The statement for sqlite3."""
        compiled = cast("ClauseElement", self._for_sqlite).compile(dialect=sqlite.dialect(paramstyle="qmark"))
        names: Sequence[str] = compiled.positiontup or ()  # type: ignore[attr-defined]
        own = {key: value for key, value in compiled.params.items() if value is not None}
        return Compiled(str(compiled), _picking(names), own)


def _picking(names: Sequence[str]) -> Callable[[Mapping[str, Any]], Sequence[Any]]:
    """The values of these names, in order."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: [values[name] for name in names]


class Again(BaseException):
    """Something is to be undone for which there is no savepoint: the whole transaction is undone, and its units run
    again, now with savepoints. No unit handles it: it is no Exception."""


class Tx:
    """All that a unit may use: ``connection`` (SQLAlchemy Core), ``now`` (UTC; ``ms`` as the tables keep it), and
    the few dialect differences.

    Nobody below main.py looks at a clock: time is a fact of the transaction. ``posted`` tells that a letter was
    written in it. A ``hopeful`` one has no savepoints, which cost much and which few units need (see Again).
    """

    alone = False  # nobody else writes meanwhile: what one statement read, the next one would read, too

    def __init__(self, connection: Connection, now: datetime, *, hopeful: bool = False) -> None:
        self.connection = connection
        self.hopeful = hopeful
        self.now = now
        self.ms = to_ms(now)
        self.posted = False
        self._local: tuple[ZoneInfo, datetime, str] | None = None

    def at(self, moment: datetime) -> Self:
        """The same transaction at another moment (UTC): where a made-up history writes its hours at once."""
        other = copy(self)
        other.now, other.ms, other._local = moment, to_ms(moment), None
        return other

    def local(self, zone: ZoneInfo) -> datetime:
        """The moment on the clocks of a zone; a city has one, so it is worked out once."""
        if self._local is None or self._local[0] is not zone:
            moment = self.now.astimezone(zone)
            self._local = zone, moment, moment.date().isoformat()
        return self._local[1]

    def day(self, zone: ZoneInfo) -> str:
        """The date there, as the tables keep it."""
        if self._local is None or self._local[0] is not zone:
            self.local(zone)
        assert self._local is not None
        return self._local[2]

    def seal(self, column: Column[str], value: str) -> str:
        """A value as a hot statement writes it into a column that is ``Sealed`` or ``Guarded``."""
        return keys_of(self.connection.dialect).seal(value, column.type.where)  # type: ignore[attr-defined]

    def open(self, column: Column[str], stored: str) -> str:
        """A value that a hot statement has read from there."""
        if stored[:1] != "~":
            return stored
        return keys_of(self.connection.dialect).open(stored, column.type.where)  # type: ignore[attr-defined]

    def execute(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> Result:
        """Run any Core statement; with many ``values`` once for each."""
        return self.connection.execute(statement, values)

    def hot(self, statement: Hot, **values: int | str | float | None) -> Sequence[Sequence[Any]]:
        """Run a hot statement; its rows, or an empty sequence for one that returns none."""
        result = self.connection.execute(statement.postgres, values)
        return result.all() if result.returns_rows else ()

    def add(self, statement: Hot, **values: int | str | float | None) -> int:
        """Run a hot INSERT of one row into a table with a numbered key; the new row's id."""
        return int(self.connection.execute(statement.numbered, values).scalar_one())

    def many(self, statement: Hot, rows: Sequence[Mapping[str, int | str | float | bytes | None]]) -> None:
        """Run a hot statement once for each of many rows of values."""
        if rows:
            self.connection.execute(statement.postgres, rows)

    def insert(self, table: Table) -> Insert:
        """An INSERT that knows ON CONFLICT in the database at hand."""
        return postgresql.insert(table)

    def savepoint(self) -> AbstractContextManager[Any]:
        """What happens inside is undone when an exception leaves it; what came before stays."""
        return _hoping() if self.hopeful else self.connection.begin_nested()


@contextmanager
def _hoping() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # after some of them a transaction of PostgreSQL does nothing any more
        raise Again from error
