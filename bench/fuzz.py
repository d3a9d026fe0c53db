"""``python -m bench fuzz``: what strangers can send is made up and changed for a stated time, led by which lines of
ours it reaches (Atheris: libFuzzer for Python), and must be handled or refused as documented.

Each target runs in a process of its own and ends at its first finding: an exception that is no documented refusal, an
answer of 500, an input that costs too much time or memory. ``build/fuzz/TARGET/`` keeps what reached new lines, for the
next time, and beside it the inputs that found something, which ``--input`` gives back. Leaves with 1 when one did.
"""

import argparse
import importlib
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from bench.fuzzing import Target
from bench.servers import ROOT

TARGETS = {
    "doors": ("telegram", "wechat", "wechat_safe", "chat", "upload", "pages", "forms", "sign_in"),
    "files": ("picture", "exif", "archive", "content", "areas", "workbook"),
    "platforms": ("bot_api", "wechat_api"),
}  # by their room in bench/fuzzing
NAMES = [name for names in TARGETS.values() for name in names]
OURS = ["actions", "backup", "bot", "civic", "content", "db", "handlers", "web"]
COSTLY = 3.0  # seconds of the processor that one input may cost: the largest honest picture takes two
HANGS = 60  # seconds by the clock
MEMORY = 2000  # MB, all that the process may hold
LONGEST = 20_000  # bytes
KEPT = ROOT / "build" / "fuzz"
BEAT = 15  # seconds between two signs of life
SEEN = re.compile(r"#(\d+)\s+\w+\s+cov: (\d+)")
DONE = re.compile(r"stat::number_of_executed_units: (\d+)")


class Costly(Exception):
    """An input that costs more than it may."""


class Once:
    """Gives a target one input after the other, and ends the process at the first finding: at once, because the threads
    of a city would have it wait for ever."""

    def __init__(self, target: Target, kept: Path) -> None:
        self._target, self._kept, self._count = target, kept, 0

    def __call__(self, raw: bytes) -> None:
        began = time.thread_time()
        self._count += 1
        try:
            self._target(raw)
            if (took := time.thread_time() - began) > COSTLY:
                raise Costly(f"{took:.1f} s")
        except Exception:
            traceback.print_exc()
            (self._kept / f"crash-{sha256(raw).hexdigest()[:16]}").write_bytes(raw)
            print(f"stat::number_of_executed_units: {self._count}", file=sys.stderr, flush=True)
            os._exit(1)


@dataclass
class Outcome:
    """How a target's run went; edges are branches of our code that were taken."""

    name: str
    seconds: float = 0
    inputs: int = 0
    edges: int = 0
    findings: list[Path] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    failed: bool = False

    def hear(self, line: str) -> None:
        """Take in a line of the fuzzer's."""
        self.said = [*self.said[-60:], line]
        if seen := SEEN.match(line):
            self.inputs, self.edges = int(seen[1]), int(seen[2])
        elif done := DONE.match(line):
            self.inputs = int(done[1])

    def __str__(self) -> str:
        """A row of the table."""
        found = ", ".join(str(path.relative_to(ROOT)) for path in self.findings)
        found = found or ("failed" if self.failed else "none")
        return f"{self.name:12}{self.seconds:9.0f}{self.inputs:12,}{self.edges:9,}  {found}"


def main() -> None:
    """Run the targets one after the other and tell; or one of them, here."""
    parser = argparse.ArgumentParser(prog="python -m bench fuzz", description=__doc__)
    parser.add_argument("fuzz")
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default: 60)")
    parser.add_argument("--only", choices=NAMES, action="append", help="this target (several times: these)")
    parser.add_argument("--input", type=Path, help="give this file to the one target, and nothing else")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        print("Atheris is not installed. Run: make fuzz", file=sys.stderr)
        sys.exit(2)
    names = options.only or NAMES
    if options.here or options.input:
        return _here(names[0], options.seconds, options.input)
    outcomes = [_run(name, options.seconds) for name in names]
    print(f"\n{'target':12}{'seconds':>9}{'inputs':>12}{'edges':>9}  findings")
    print("\n".join(map(str, outcomes)))
    sys.exit(1 if any(one.failed for one in outcomes) else 0)


def _run(name: str, seconds: int) -> Outcome:
    """One target in a process of its own."""
    outcome, before, began = Outcome(name), set(_findings(name)), time.monotonic()
    command = [sys.executable, "-m", "bench", "fuzz", "--here", "--only", name, "--seconds", str(seconds)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, errors="replace") as running:
        assert running.stderr is not None
        told = began
        for line in running.stderr:
            outcome.hear(line)
            if (now := time.monotonic()) - told >= BEAT:
                told = now
                print(f"  {name}: {now - began:.0f} s, {outcome.inputs:,} inputs, {outcome.edges:,} edges", flush=True)
    outcome.seconds, outcome.failed = time.monotonic() - began, running.returncode != 0
    outcome.findings = sorted(set(_findings(name)) - before)
    print(outcome, flush=True)
    if outcome.failed:
        print("".join(outcome.said), flush=True)
    return outcome


def _findings(name: str) -> Iterator[Path]:
    return (KEPT / name).glob("*-*")


def _here(name: str, seconds: int, given: Path | None) -> None:
    """Fuzz in this process, or give the target one input."""
    import atheris

    room = next(room for room, names in TARGETS.items() if name in names)
    with atheris.instrument_imports(include=OURS):
        make = getattr(importlib.import_module(f"bench.fuzzing.{room}"), name)
        from bench.fuzzing.seeds import seeds
    corpus = KEPT / name / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as around:
        first, inside = Path(around) / "seeds", Path(around) / "inside"
        first.mkdir()
        inside.mkdir()
        once = Once(make(inside), corpus.parent)
        if given:
            once(given.read_bytes())
            os._exit(0)
        for place, raw in enumerate(seeds(name)):
            (first / str(place)).write_bytes(raw)
        limits = [f"-max_total_time={seconds}", f"-timeout={HANGS}", f"-rss_limit_mb={MEMORY}", f"-max_len={LONGEST}"]
        told = [f"-artifact_prefix={corpus.parent}{os.sep}", "-print_final_stats=1", f"-report_slow_units={HANGS}"]
        atheris.Setup([sys.argv[0], *limits, *told, str(corpus), str(first)], once)
        atheris.Fuzz()
