"""A console on each database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette

from bot.dispatch import Dispatch
from bot.media import Media
from bot.photos import Darkroom
from civic import passwords
from db.database import Database
from tests.web.console.office import Office
from tests.web.templates import compiled
from web.console.rooms import Outfit, console
from web.parts import Parts


@pytest.fixture
def quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id in its smallest size, for those whose password is made in this test and guards nothing."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "HASHER", quick)
    monkeypatch.setattr(passwords, "NOBODY", quick.hash("nobody"))


@pytest.fixture
async def office(database: Database, dispatch: Dispatch, quick_hash: None, tmp_path: Path) -> AsyncIterator[Office]:
    """A console without people yet."""
    darkroom = Darkroom()
    media = Media.open("", tmp_path / "media")
    parts = Parts(database, dispatch, media, darkroom, compiled(dispatch.house), b"secret", "http://youli.example")
    built = Office(parts, Starlette(routes=console(parts, Outfit(("127.0.0.1",), tmp_path / "incoming"))))
    yield built
    for client in built.opened:
        await client.aclose()
    darkroom.close()
