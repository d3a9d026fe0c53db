"""Where a server's time goes: stacks taken from outside with py-spy, summed by the code they were in."""

import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.servers import ROOT

SAMPLER = "py-spy"
LINES = 30
FRAME = re.compile(r"(?P<function>.+) \((?P<file>.+?)(?::\d+)?\)$")


def sampler() -> str | None:
    """The program py-spy, beside this Python or on the path."""
    return shutil.which(SAMPLER, path=str(Path(sys.executable).parent)) or shutil.which(SAMPLER)


@contextmanager
def sampled(pid: int, stacks: Path, seconds: float) -> Iterator[Path]:
    """Take stacks of a process for some seconds while the caller keeps it busy.

    Waiting for the disk counts like work; waiting for anything else does not count.
    """
    program = sampler()
    assert program is not None
    target = ("--pid", str(pid), "--output", str(stacks), "--duration", f"{seconds:.0f}")
    options = ("--format", "raw", "--rate", "200", "--full-filenames", "--nonblocking")
    process = subprocess.Popen(
        (program, "record", *target, *options),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield stacks
        process.wait(seconds + 10)
    finally:
        process.kill()
        process.wait()


def shares(stacks: Path) -> Iterator[str]:
    """Two tables: the code that takes the time itself, and what costs most with all that it calls."""
    alone: Counter[str] = Counter()
    within: Counter[str] = Counter()
    for line in stacks.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        places = [_place(frame) for frame in stack.split(";")]
        alone[places[-1]] += int(count)
        for place in set(places):
            within[place] += int(count)
    total = alone.total()
    for heading, counts in (("by itself", alone), ("with all that it calls", within)):
        yield f"  {heading}"
        for place, number in counts.most_common(LINES):
            yield f"  {number / total:6.1%}  {place}"


def _place(frame: str) -> str:
    """A function of Youli, a package, or a module of Python itself."""
    found = FRAME.match(frame)
    if not found:
        return frame or "outside Python"
    path = Path(found["file"])
    if "site-packages" in path.parts:
        return path.parts[path.parts.index("site-packages") + 1]
    if path.is_relative_to(ROOT):
        return f"{path.relative_to(ROOT)}: {found['function']}"
    return f"Python: {path.stem}"
