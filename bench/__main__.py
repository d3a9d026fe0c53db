"""``python -m bench``: Youli and its peers, round by round on the same core, told as ratios.

``python -m bench console`` measures the staff's pages instead, ``python -m bench broadcast`` a tip to a whole city,
``python -m bench soak`` an hour of a city's talk, ``python -m bench stats`` the figures over ten million lines;
``python -m bench fuzz`` sends what was made up to all that parses.
"""

import argparse
import importlib
import importlib.util
import os
import platform
import signal
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from bench.results import Range, Results, table, verdicts
from bench.rounds import FULL, QUICK, Bench, Plan
from bench.servers import ROOT, cores
from bench.subjects import PEERS, SUBJECTS, Subject
from bench.where import SAMPLER, sampler

PROFILED = 8.0  # seconds of each subject that are sampled


def main() -> None:
    """Measure and tell. Leaves with 1 when a run was invalid, 2 when something is missing."""
    options = _options()
    signal.signal(signal.SIGTERM, _leave)
    options.folder.mkdir(parents=True, exist_ok=True)
    plan = QUICK if options.quick else FULL
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="bench-") as folder, ExitStack() as running:
        bench = Bench(plan, options.only, Path(folder))
        print(_circumstances(Path(folder), plan))
        try:
            load = bench.start(running)
        except RuntimeError as error:
            sys.exit(f"A server did not start: {error}")
        if options.profile:
            bench.profile(load, PROFILED)
        else:
            bench.measure(load)
        bench.check()
        print(f"\none fdatasync afterwards: {_flush_ms(Path(folder)):.2f} ms")
    if options.show:
        _tell_dialogues(bench)
    _tell(bench.results)
    print(f"\n{time.perf_counter() - began:.0f} s")
    sys.exit(1 if bench.results.troubles else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two short rounds: a first look, no result")
    parser.add_argument("--show", action="store_true", help="show what one resident said and heard")
    parser.add_argument("--profile", action="store_true", help=f"say where the time goes (needs {SAMPLER})")
    parser.add_argument(
        "--only",
        type=_subjects,
        default=SUBJECTS,
        metavar="NAMES",
        help=f"measure only these, with commas between: {', '.join(subject.name for subject in SUBJECTS)}",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=ROOT / "build",
        help="where the servers keep their data meanwhile: on a real disk (default: build/)",
    )
    options = parser.parse_args()
    for package in ("werobot", "gunicorn"):
        if importlib.util.find_spec(package) is None:
            _missing(f"The peers are not installed ({package} is missing). Run: make bench")
    if not PEERS.exists() and any(subject.server == "reply" for subject in options.only):
        _missing(f"aiogram's environment is not there ({PEERS.parent.parent}). Run: make bench")
    if options.profile and sampler() is None:
        _missing(f"{SAMPLER} is not installed. Run: pip install {SAMPLER}")
    return options


def _subjects(names: str) -> tuple[Subject, ...]:
    wanted = names.split(",")
    if unknown := set(wanted) - {subject.name for subject in SUBJECTS}:
        raise argparse.ArgumentTypeError(f"there is no {', '.join(sorted(unknown))}")
    return tuple(subject for subject in SUBJECTS if subject.name in wanted)


def _circumstances(folder: Path, plan: Plan) -> str:
    server, load = cores()
    lines = [
        f"Python {platform.python_version()} on {os.cpu_count()} cores, {platform.platform(terse=True)}",
        f"servers on core {server}, load on core {load}; {plan.rounds} rounds of {plan.seconds:g} s for each",
        "ratios: median (min–max) of the rounds; times and costs: medians",
    ]
    if server == load:
        lines.append("One core for both: the load takes time from every server, most from the fastest.")
    flush = _flush_ms(folder)
    lines.append(f"one fdatasync in {folder.parent}: {flush:.2f} ms")
    if flush < 0.02:
        lines.append("That is no disk: synchronous=FULL costs nothing here. Choose another --folder.")
    return "\n".join(lines)


def _flush_ms(folder: Path) -> float:
    """How long a page takes to the disk, which is what a commit waits for: the median of 50, in ms."""
    times = []
    with (folder / "flush").open("wb", buffering=0) as file:
        for _ in range(50):
            file.write(bytes(4096))
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def _tell(results: Results) -> None:
    print("\n".join(table(results)))
    print("\nbefore anybody speaks")
    for name, footprint in results.footprints.items():
        print(f"  {name:12}{footprint.megabytes:6.0f} MB, ready after {Range.of(footprint.started).middle:.2f} s")
    if promises := list(verdicts(results)):
        print("\nwhat was promised")
        print("\n".join(promises))
    if results.troubles:
        print("\nINVALID")
        print("\n".join(f"  {trouble}" for trouble in results.troubles))


def _tell_dialogues(bench: Bench) -> None:
    for subject in bench.subjects:
        print(f"\n{subject.title}")
        for said, heard in bench.dialogues[subject.name][:8]:
            print(f"  {said}  →  {heard[:160]}")


def _missing(text: str) -> None:
    print(text, file=sys.stderr)
    sys.exit(2)


def _leave(_: int, __: FrameType | None) -> None:
    # As an exception, so that every server is stopped on the way out.
    sys.exit(143)


if __name__ == "__main__":
    if sys.argv[1:2] in (["console"], ["broadcast"], ["soak"], ["stats"], ["faults"], ["fuzz"], ["capacity"]):
        importlib.import_module(f"bench.{sys.argv[1]}").main()
    else:
        main()
