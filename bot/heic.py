"""HEIC to PNG in a process of its own: a damaged file can crash the decoder, and then only that process.

«python -m bot.heic <most pixels> <longest side>»: standard input is the HEIC, standard output a line with
the picture's width and height, then a PNG of it with its EXIF, shrunk to the longest side.
"""

import io
import resource
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from PIL import Image

_SECONDS = 30  # the largest honest picture takes one or two, more on a slow machine
_MEMORY = 2 * 1024**3  # bytes; the largest honest picture takes about a fifth
_TOO_LARGE = 3  # exit status


def to_png(file: BinaryIO, most_pixels: int, longest: int) -> tuple[tuple[int, int], io.BytesIO]:
    """The picture's size in pixels and the PNG. ``file`` is an open file of the operating system.

    Raises DecompressionBombError for more than ``most_pixels``, SyntaxError for a damaged file, OSError if no
    process can be started.
    """
    command = [sys.executable, "-m", "bot.heic", str(most_pixels), str(longest)]
    try:
        done = subprocess.run(  # nosec B603 # noqa: S603 - our own module, fixed arguments
            command,
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parent.parent,
            env={},  # no secrets where hostile files are read
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SyntaxError("HEIC that takes too long") from None
    if done.returncode == _TOO_LARGE:
        raise Image.DecompressionBombError
    if done.returncode != 0:
        raise SyntaxError("damaged HEIC")
    line, _, png = done.stdout.partition(b"\n")
    width, height = line.split()
    return (int(width), int(height)), io.BytesIO(png)


def _main(most_pixels: int, longest: int) -> None:
    limits = {
        resource.RLIMIT_CORE: 0,  # no photos in core dumps
        resource.RLIMIT_CPU: _SECONDS,
        resource.RLIMIT_AS: _MEMORY,
    }
    for limit, value in limits.items():
        with suppress(ValueError):  # macOS does not know all of them
            resource.setrlimit(limit, (value, value))
    import pi_heif  # type: ignore[import-untyped]  # only where it may crash

    pi_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)
    Image.MAX_IMAGE_PIXELS = None  # counted here, where it can be told apart
    with Image.open(sys.stdin.buffer, formats=["HEIF"]) as image:
        if image.width * image.height > most_pixels:
            sys.exit(_TOO_LARGE)
        sys.stdout.buffer.write(b"%d %d\n" % image.size)
        options = {"exif": image.info["exif"]} if image.info.get("exif") else {}
        image.thumbnail((longest, longest), Image.Resampling.HAMMING)
        image.save(sys.stdout.buffer, "PNG", compress_level=0, **options)


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]))
