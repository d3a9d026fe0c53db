"""A transaction as units see it: a connection, and the moment it happens."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ClauseElement, Connection, CursorResult, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite

from db.moments import to_ms

Insert = sqlite.Insert | postgresql.Insert
Result = CursorResult[*tuple[Any, ...]]


class Hot:
    """A Core statement of the message path, compiled once instead of looked up at each use.

    Its values must be plain (int, str, float, None): no type conversion takes place. ``build`` gets the INSERT
    of the database at hand, for statements with ON CONFLICT; others ignore it.
    """

    def __init__(self, build: Executable | Callable[[Callable[[Table], Any]], Executable]) -> None:
        made = build if isinstance(build, Executable) else None
        self.postgres = made if made is not None else build(postgresql.insert)  # type: ignore[operator]
        self._for_sqlite = made if made is not None else build(sqlite.insert)  # type: ignore[operator]
        self._sqlite: tuple[str, dict[str, Any]] | None = None

    @property
    def sqlite(self) -> tuple[str, dict[str, Any]]:
        """The text for SQLite with ``:name`` parameters, and the values that the statement itself holds."""
        if self._sqlite is None:
            compiled = cast("ClauseElement", self._for_sqlite).compile(dialect=sqlite.dialect(paramstyle="named"))
            self._sqlite = str(compiled), {key: value for key, value in compiled.params.items() if value is not None}
        return self._sqlite


class Tx:
    """All that a unit may use: ``connection`` (SQLAlchemy Core), ``now`` (UTC; ``ms`` as the tables keep it), and
    the few dialect differences.

    Nobody below main.py looks at a clock: time is a fact of the transaction.
    """

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.connection = connection
        self.now = now
        self.ms = to_ms(now)

    def execute(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Result:
        """Run any Core statement."""
        return self.connection.execute(statement, values)

    def hot(self, statement: Hot, **values: int | str | float | None) -> Sequence[Sequence[Any]]:
        """Run a hot statement; its rows, or an empty sequence for one that returns none."""
        result = self.connection.execute(statement.postgres, values)
        return result.all() if result.returns_rows else ()

    def insert(self, table: Table) -> Insert:
        """An INSERT that knows ON CONFLICT in the database at hand."""
        return postgresql.insert(table)

    def savepoint(self) -> AbstractContextManager[Any]:
        """What happens inside is undone when an exception leaves it; what came before stays."""
        return self.connection.begin_nested()
