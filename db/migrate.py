"""Bringing a database up to date, and knowing whether it is."""

import re
from pathlib import Path

from sqlalchemy import inspect, text

from db.tx import Tx

FOLDER = Path(__file__).parent / "migrations"
_TURN = text("SELECT pg_advisory_xact_lock(7080)")  # a number that stands for «migrating»
_REVISION = re.compile(r"^(revision|down_revision) = (?:'|\"|)([\w]+)", re.MULTILINE)


def revisions() -> list[str]:
    """All revisions in order; read from the files, so that a start need not load Alembic."""
    after: dict[str, str] = {}
    for path in (FOLDER / "versions").glob("*.py"):
        names = dict(_REVISION.findall(path.read_text(encoding="utf-8")))
        after[names["down_revision"]] = names["revision"]
    found, revision = [], "None"
    while revision in after:
        revision = after[revision]
        found.append(revision)
    return found


def newest() -> str:
    """The revision that the code expects."""
    return revisions()[-1]


def current(tx: Tx) -> str | None:
    """The revision a database is at; None for an empty one."""
    if not inspect(tx.connection).has_table("alembic_version"):
        return None
    row = tx.connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return row[0] if row else None


def migrate(tx: Tx, goal: str | None = None) -> tuple[str | None, str]:
    """Run every step that is missing, all in this transaction; where it was and where it is. ``goal``: an older
    revision to stop at, where a city is that was not upgraded for long."""
    if tx.connection.dialect.name == "postgresql":  # two machines may be told to at once; SQLite's file has one owner
        tx.connection.execute(_TURN)
    before, goal = current(tx), goal or newest()
    if before == goal:
        return before, goal
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = tx.connection
    tx.connection.execute(text("SELECT 1"))  # begins SQLAlchemy's transaction: Alembic then leaves the commit to us
    command.upgrade(config, goal)
    return before, goal
