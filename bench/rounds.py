"""The rounds: start everybody, warm up, then one after another on the same core, again and again."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.load import Job, Outcome
from bench.results import Footprint, Results, Sample
from bench.servers import ROOT, Server, cores, pinned
from bench.subjects import LEDGERS, RECIPES, Subject
from bench.where import sampled, shares

LOADS = (32, 64)
SETTLING = 0.5  # seconds from being ready to being idle: workers are still starting


@dataclass(frozen=True)
class Plan:
    """How long it is measured."""

    rounds: int
    seconds: float
    residents: int
    starts: int  # of Youli, to see how fast it is ready


FULL = Plan(rounds=15, seconds=1.0, residents=2000, starts=3)
QUICK = Plan(rounds=2, seconds=1.0, residents=500, starts=1)


class Load:
    """The load generator in its own process, on its own core."""

    def __init__(self, core: int) -> None:
        with pinned(core):
            self._process = subprocess.Popen(
                (sys.executable, "-m", "bench.load"), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        assert self._process.stdout is not None
        self.api = self._process.stdout.readline().decode().strip()  # the address of the Bot API that it plays

    def __enter__(self) -> "Load":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def do(self, job: Job) -> Outcome:
        """Run a job and wait for its outcome."""
        pipe, answers = self._process.stdin, self._process.stdout
        assert pipe is not None
        assert answers is not None
        pipe.write(json.dumps(asdict(job)).encode() + b"\n")
        pipe.flush()
        return Outcome(**json.loads(answers.readline()))


class Bench:
    """The servers, the load and what was measured."""

    def __init__(self, plan: Plan, subjects: Sequence[Subject], folder: Path) -> None:
        self.plan = plan
        self.subjects = subjects
        self.folder = folder
        self.servers: dict[str, Server] = {}
        self.results = Results()
        self._answered: dict[str, int] = {}
        self.dialogues: dict[str, list[tuple[str, str]]] = {}

    def start(self, stack: ExitStack) -> Load:
        """Start the load, then the servers one after another."""
        server_core, load_core = cores()
        os.sched_setaffinity(0, {load_core})
        load = stack.enter_context(Load(load_core))
        for name in dict.fromkeys(subject.server for subject in self.subjects):
            data, started = self.folder / name, []
            if name.startswith("youli"):
                # The first start sets the data folder up; the next ones are what an operator sees.
                for _ in range(self.plan.starts):
                    with Server(RECIPES[name], data, server_core, load.api) as server:
                        started.append(server.started_in)
                started = started[1:]
            server = stack.enter_context(Server(RECIPES[name], data, server_core, load.api))
            self.servers[name] = server
            time.sleep(SETTLING)
            self.results.footprints[name] = Footprint((*started, server.started_in), server.megabytes())
        return load

    def measure(self, load: Load) -> None:
        """Warm every subject up, then go round."""
        rates = {subject.name: self._warm_up(load, subject) for subject in self.subjects}
        for number in range(self.plan.rounds):
            progress(f"round {number + 1} of {self.plan.rounds}")
            for connections in LOADS:
                for subject in self.subjects:
                    # Half as many again as last time, so that none has to be built while the clock runs.
                    sample = self._run(load, subject, connections, int(rates[subject.name] * 1.5))
                    rates[subject.name] = sample.rate
                    self.results.samples.append(sample)
        progress("")

    def check(self) -> None:
        """Is every answered turn stored, and did no server complain?"""
        for name, server in self.servers.items():
            for line in server.complaints()[:3]:
                self.results.troubles.append(f"{name} logged: {line}")
            if name in LEDGERS:
                stored = self._count(name)
                if stored != (answered := self._answered[name]):
                    self.results.troubles.append(f"{name} answered {answered} turns and stored {stored}")

    def profile(self, load: Load, seconds: float) -> None:
        """Say where the time goes in each subject's server."""
        for subject in self.subjects:
            rate = self._warm_up(load, subject)
            server = self.servers[subject.server]
            with sampled(server.pid, self.folder / f"{subject.name}.stacks", seconds) as stacks:
                # The run lasts a little longer than the sampling.
                self._do(load, subject, LOADS[0], seconds + 1, int(rate * seconds))
            print(f"\n{subject.title}: where the server's time goes")
            print("\n".join(shares(stacks)))

    def _warm_up(self, load: Load, subject: Subject) -> float:
        progress(f"warming up {subject.title}")
        outcome = self._do(load, subject, LOADS[0], seconds=0, expected=0)
        return outcome.turns / outcome.seconds

    def _run(self, load: Load, subject: Subject, connections: int, rate: int) -> Sample:
        server = self.servers[subject.server]
        before = server.cpu_seconds()
        outcome = self._do(load, subject, connections, self.plan.seconds, int(rate * self.plan.seconds))
        return Sample(subject.name, connections, outcome, server.cpu_seconds() - before)

    def _do(self, load: Load, subject: Subject, connections: int, seconds: float, expected: int) -> Outcome:
        port = self.servers[subject.server].port
        job = Job(subject.name, subject.wire, port, connections, self.plan.residents, seconds, expected)
        outcome = load.do(job)
        self.results.note(subject, connections, outcome)
        self._answered[subject.server] = self._answered.get(subject.server, 0) + outcome.answered
        self.dialogues[subject.name] = outcome.dialogue
        return outcome

    def _count(self, name: str) -> int:
        ledger = LEDGERS[name]
        uri = f"file:{self.folder / name / ledger.file}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as database:
            return int(database.execute(ledger.count).fetchone()[0] or 0)


def progress(text: str) -> None:
    """One line on a terminal that says what is going on; nothing where the output is a file."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
