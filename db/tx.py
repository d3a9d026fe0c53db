"""A transaction as units see it: a connection, and the moment it happens."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = sqlite.Insert | postgresql.Insert


class Hot:
    """A Core statement of the message path, compiled once instead of looked up at each use.

    Its values must be plain (int, str, float, None): no type conversion takes place.
    """

    def __init__(self, statement: Executable) -> None:
        self.statement = statement
        self._sqlite: tuple[str, dict[str, Any]] | None = None

    @property
    def sqlite(self) -> tuple[str, dict[str, Any]]:
        """The text for SQLite with ``:name`` parameters, and the values that the statement itself holds."""
        if self._sqlite is None:
            compiled = self.statement.compile(dialect=sqlite.dialect(paramstyle="named"))  # type: ignore[attr-defined]
            self._sqlite = str(compiled), {key: value for key, value in compiled.params.items() if value is not None}
        return self._sqlite


class Tx:
    """All that a unit may use: ``connection`` (SQLAlchemy Core), ``now`` (UTC), and the few dialect differences.

    Nobody below main.py looks at a clock: time is a fact of the transaction.
    """

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.connection = connection
        self.now = now

    def execute(self, statement: Executable, values: Mapping[str, Any] | None = None) -> CursorResult[Any]:
        """Run any Core statement."""
        return cast("CursorResult[Any]", self.connection.execute(statement, values))

    def hot(self, statement: Hot, **values: int | str | float | None) -> Sequence[Sequence[Any]]:
        """Run a hot statement; its rows, or an empty sequence for one that returns none."""
        result = self.connection.execute(statement.statement, values)
        return result.all() if result.returns_rows else ()

    def insert(self, table: Table) -> Insert:
        """An INSERT that knows ON CONFLICT in the database at hand."""
        return postgresql.insert(table)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What happens inside is undone when an exception leaves it; what came before stays."""
        with self.connection.begin_nested():
            yield
