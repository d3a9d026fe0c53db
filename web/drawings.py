"""The content's drawings as pictures for messengers, which show no SVG: typst draws them when they are first sent."""

import asyncio
import logging
import re
from pathlib import Path

from web.typeset import typeset

log = logging.getLogger("youli")
INCH = 144  # dots of a picture: a drawing of the usual 480 is 960 wide
_PATH = re.compile(r"/pictures/([\w-]+)\.svg")


class Drawings:
    """Draws them, one at a time, and keeps them while their files stay as they are."""

    def __init__(self, folder: Path) -> None:
        """``folder`` is that of the content's pictures."""
        self._folder = folder
        self._kept: dict[str, tuple[int, bytes]] = {}
        self._turn = asyncio.Lock()

    async def picture(self, path: str) -> bytes | None:
        """The PNG of a drawing; None for any other path, and for what can't be drawn."""
        found = _PATH.fullmatch(path)
        if found is None:
            return None
        async with self._turn:
            return await asyncio.to_thread(self._drawn, found[1])

    def _drawn(self, name: str) -> bytes | None:
        file = self._folder / f"{name}.svg"
        try:
            changed = file.stat().st_mtime_ns
            kept = self._kept.get(name)
            if kept is None or kept[0] != changed:
                kept = self._kept[name] = changed, draw(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            log.warning("drawing can't be drawn", extra={"drawing": name, "kind": type(error).__name__})
            return None
        return kept[1]


def draw(svg: str) -> bytes:
    """An SVG as PNG. Raises Unset for what is none."""
    return typeset("drawing.typ", "png", {"svg": svg}, inch=INCH)
