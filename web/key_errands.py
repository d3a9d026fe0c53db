"""What the command line asks about the keys that seal fields."""

from typing import Any

from db import resealing
from db.database import Database
from web.desk import Task


class KeyErrands:
    """Each public method is a task: JSON values in, JSON values out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tasks(self) -> dict[str, Task]:
        """The visible list."""
        return {"keys.tables": self.tables, "keys.page": self.page}

    async def tables(self) -> dict[str, Any]:
        """Which tables have sealed fields, and the name of the newest key."""
        return {"tables": list(resealing.TABLES), "newest": await self._database.read(resealing.newest)}

    async def page(self, table: str, after: int) -> dict[str, int] | None:
        """Seal the next page of a table anew; nothing at its end. Raises ValueError for another table."""
        if table not in resealing.TABLES:
            raise ValueError(f"{table} has no sealed fields")
        done = await self._database.write(resealing.page, table, after)
        return done._asdict() if done else None
