"""Content that was read before is not read again while its files stay as they are."""

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import checkup
import opening
from content import intake, library
from content.library import Library
from tests.play import ROOT
from web.watch import state

READERS = (library, opening, checkup, intake)  # who reads content by the name ``load``
TOPICS = ("dogs.toml", "fire.toml")  # what is enough for an editor's test


def copied(folder: Path) -> Path:
    """The content of the repository to be edited, of two topics: it is read again after each edit, and all sixteen take
    twice as long."""

    def left(where: str, names: list[str]) -> list[str]:
        by_topic = Path(where).name in ("tips", "quizzes", "answers")
        return [name for name in names if name.endswith((".py", ".pyc")) or (by_topic and name not in TOPICS)]

    return shutil.copytree(ROOT / "content", folder, ignore=left)


class Readings:
    """Content by its folder, its city and what state its files were in."""

    def __init__(self) -> None:
        self._anew = library.load
        self._read: dict[tuple[object, ...], Library] = {}

    def load(
        self, folder: Path, city: str, today: date | None = None, drafted: Mapping[str, str] | None = None
    ) -> Library:
        """The same as ``content.library.load``."""
        if drafted:
            return self._anew(folder, city, today, drafted)
        key = (folder, city, today, state(folder))
        if key not in self._read:
            self._read[key] = self._anew(folder, city, today)
        return self._read[key]
