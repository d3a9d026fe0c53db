"""Content that was read before is not read again while its files stay as they are."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import checkup
import opening
from content import intake, library
from content.library import Library
from web.watch import state

READERS = (library, opening, checkup, intake)  # who reads content by the name ``load``


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
