"""The content's drawings as pictures for messengers, which show no SVG: drawn by typst, ahead, and kept on the disk."""

import asyncio
import logging
import os
import re
from contextlib import suppress
from functools import partial
from hashlib import sha256
from pathlib import Path

from bot.rounds import rounds
from web.typeset import LAYOUTS, typeset

log = logging.getLogger("youli")
INCH = 144  # dots of a picture: a drawing of the usual 480 is 960 wide
LAYOUT = "drawing.typ"
SETTLED = 20.0  # seconds after which those who waited for us to start are served
EVERY = 60.0  # seconds between looks for drawings that are new
_PATH = re.compile(r"/pictures/([\w-]+)\.svg")


class Drawings:
    """Draws them, one at a time, and keeps each until its file changes. In the background all are drawn ahead: whoever
    waits for one waits for a tenth of a second, for more than one on a busy machine."""

    def __init__(self, folder: Path, kept: Path) -> None:
        """``folder`` is that of the content's pictures, ``kept`` that of what was drawn."""
        self._folder, self._kept = folder, kept
        self._tried: set[Path] = set()  # ahead, once each
        self._turn = asyncio.Lock()
        self._stop = asyncio.Event()

    async def picture(self, path: str) -> bytes | None:
        """The PNG of a drawing; None for any other path, and for what can't be drawn."""
        found = _PATH.fullmatch(path)
        if found is None:
            return None
        return await asyncio.to_thread(self._known, found[1]) or await self._draw(found[1])

    async def run(self) -> None:
        """Draw ahead what is new, until stopped. Those who wait for us to start go first."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLED):
                await self._stop.wait()
        await rounds(self.ahead, EVERY, self._stop, partial(log.exception, "drawings not drawn ahead"))

    def stop(self) -> None:
        """Nothing more is drawn ahead."""
        self._stop.set()

    async def ahead(self) -> None:
        """Draw what is new, and let go of the pictures of what has changed or is gone."""
        for name in await asyncio.to_thread(self._new):
            if self._stop.is_set():
                break
            await self._draw(name)

    async def _draw(self, name: str) -> bytes | None:
        async with self._turn:  # whoever had it before us may have drawn the same
            return await asyncio.to_thread(self._known, name) or await asyncio.to_thread(self._drawn, name)

    def _known(self, name: str) -> bytes | None:
        with suppress(OSError):
            return self._place(name, self._read(name)).read_bytes()
        return None

    def _drawn(self, name: str) -> bytes | None:
        try:
            svg = self._read(name)
            png = draw(svg.decode())
        except (OSError, ValueError) as error:
            log.warning("drawing can't be drawn", extra={"drawing": name, "kind": type(error).__name__})
            return None
        try:
            _keep(self._place(name, svg), png)
        except OSError as error:  # no room: it is drawn again when it is wanted again
            log.warning("drawing can't be kept", extra={"drawing": name, "kind": type(error).__name__})
        return png

    def _new(self) -> list[str]:
        places = {self._place(file.stem, file.read_bytes()): file.stem for file in sorted(self._folder.glob("*.svg"))}
        there = set(self._kept.glob("*"))
        for old in there - places.keys():
            old.unlink(missing_ok=True)
        new = [place for place in places if place not in there | self._tried]
        self._tried = self._tried & places.keys() | {*new}
        return [places[place] for place in new]

    def _read(self, name: str) -> bytes:
        return (self._folder / f"{name}.svg").read_bytes()

    def _place(self, name: str, svg: bytes) -> Path:
        """Where its picture lies: named after what it is made of."""
        sign = sha256((LAYOUTS / LAYOUT).read_bytes() + svg).hexdigest()
        return self._kept / f"{name}.{sign[:32]}.png"


def draw(svg: str) -> bytes:
    """An SVG as PNG. Raises Unset for what is none."""
    return typeset(LAYOUT, "png", {"svg": svg}, inch=INCH)


def _keep(place: Path, png: bytes) -> None:
    """Whole or not at all, also when the machine stops half-way."""
    place.parent.mkdir(exist_ok=True)
    beside = place.with_suffix(f".{os.getpid()}")
    with beside.open("wb") as file:
        file.write(png)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(place)
