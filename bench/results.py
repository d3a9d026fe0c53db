"""From samples to what is printed: ratios by round, their median and range, the promises that were kept."""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bench.load import Outcome
from bench.subjects import CONTESTS, Contest, Subject

BUSY = 0.85  # of its core: more, and the load may be what is measured


@dataclass(frozen=True)
class Sample:
    """One run of one subject."""

    subject: str
    connections: int
    outcome: Outcome
    cpu: float  # seconds the server worked

    @property
    def rate(self) -> float:
        """Turns a second."""
        return self.outcome.turns / self.outcome.seconds


@dataclass(frozen=True)
class Footprint:
    """What a server takes before anybody speaks: seconds from its start until it is ready, megabytes then."""

    started: Sequence[float]
    megabytes: float


@dataclass(frozen=True)
class Cost:
    """Medians over the rounds: times in ms, the server's ``cpu`` in µs a turn, busy as shares of a core, ``called``
    as the share of answers that came by a call of the Bot API."""

    rate: float
    p50: float
    p99: float
    worst: float
    cpu: float
    server_busy: float
    load_busy: float
    called: float


@dataclass(frozen=True)
class Range:
    """The median of some values, and how far they went."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Range":
        values = sorted(values)
        return cls(statistics.median(values), values[0], values[-1])

    def __str__(self) -> str:
        digits = 2 if self.middle < 10 else 1
        return f"{self.middle:.{digits}f} ({self.low:.{digits}f}–{self.high:.{digits}f})"


class Results:
    """All samples of a bench."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self.footprints: dict[str, Footprint] = {}
        self.troubles: list[str] = []
        self.invalid: set[str] = set()  # subjects with errors: their figures mean nothing

    @property
    def loads(self) -> list[int]:
        """How many wrote at once."""
        return sorted({sample.connections for sample in self.samples})

    def of(self, subject: str, connections: int) -> list[Sample]:
        """The samples of one line of the table, in the order of the rounds."""
        return [s for s in self.samples if s.subject == subject and s.connections == connections]

    def ratio(self, subject: str, peer: str, connections: int) -> Range | None:
        """How many times as fast as ``peer``, round by round; nothing when one has no valid samples."""
        if self.invalid & {subject, peer}:
            return None
        ours, theirs = self.of(subject, connections), self.of(peer, connections)
        # Without strict: a peer that was not measured has no samples.
        ratios = [one.rate / other.rate for one, other in zip(ours, theirs, strict=False) if other.rate]
        return Range.of(ratios) if ratios else None

    def cost(self, subject: str, connections: int) -> Cost:
        """The medians of a line, and its slowest answer."""
        samples = self.of(subject, connections)
        outcomes = [sample.outcome for sample in samples]
        middle = statistics.median
        return Cost(
            rate=middle(sample.rate for sample in samples),
            p50=middle(outcome.p50 for outcome in outcomes),
            p99=middle(outcome.p99 for outcome in outcomes),
            worst=max(outcome.worst for outcome in outcomes),
            cpu=middle(s.cpu / max(s.outcome.answered, 1) for s in samples) * 1e6,
            server_busy=middle(s.cpu / s.outcome.seconds for s in samples),
            load_busy=middle(outcome.busy for outcome in outcomes),
            called=middle(outcome.called / max(outcome.answered, 1) for outcome in outcomes),
        )

    def note(self, subject: Subject, connections: int, outcome: Outcome) -> None:
        """Remember what went wrong in a run or the warm-up."""
        if outcome.errors:
            self.invalid.add(subject.name)
            self.troubles.append(
                f"{subject.title}, {connections} at once: {outcome.errors} errors, the first: {outcome.trouble}"
            )


def table(results: Results) -> Iterator[str]:
    """The lines of the report, one block for each contest and load."""
    for contest in CONTESTS:
        for connections in results.loads:
            subjects = [subject for subject in contest.subjects if results.of(subject.name, connections)]
            if subjects:
                yield from _block(results, contest, subjects, connections)


def _block(results: Results, contest: Contest, subjects: Sequence[Subject], connections: int) -> Iterator[str]:
    headings = "".join(f"× {goal.title}".rjust(22) for goal in contest.goals)
    yield f"\n{contest.title}, {connections} residents at once"
    yield (
        f"  {'':42}{headings}"
        f"{'turns/s':>9}{'p50':>7}{'p99':>7}{'max ms':>8}{'CPU µs':>8}{'server':>8}{'load':>6}{'by calls':>10}"
    )
    for subject in subjects:
        if subject.name in results.invalid:
            yield f"  {subject.title:42}{'invalid':>22}"
            continue
        cost = results.cost(subject.name, connections)
        ratios = (results.ratio(subject.name, goal.peer, connections) for goal in contest.goals)
        columns = "".join(str(ratio or "—").rjust(22) for ratio in ratios)
        yield (
            f"  {subject.title:42}{columns}"
            f"{cost.rate:9,.0f}{cost.p50:7.1f}{cost.p99:7.1f}{cost.worst:8.1f}{cost.cpu:8.0f}"
            f"{cost.server_busy:8.0%}{cost.load_busy:6.0%}{cost.called:10.0%}"
        )
        if cost.load_busy > BUSY:
            yield "    the load was busy itself: this subject may be faster than it could ask"


def verdicts(results: Results) -> Iterator[str]:
    """What was promised of Youli, and what was reached."""
    for contest in CONTESTS:
        for subject in (s for s in contest.subjects if s.ours and s.name not in results.invalid):
            for connections in (n for n in results.loads if results.of(subject.name, n)):
                what = f"{contest.title}: {subject.title}, {connections} at once:"
                for goal in contest.goals:
                    ratio = results.ratio(subject.name, goal.peer, connections)
                    if goal.least is not None and ratio:
                        yield verdict(ratio.middle >= goal.least, f"{what} {ratio} × {goal.title}, ≥ {goal.least:g}")
                p99 = results.cost(subject.name, connections).p99
                yield verdict(p99 < 100, f"{what} p99 {p99:.0f} ms, < 100 ms")
    for name, footprint in results.footprints.items():
        if name.startswith("youli"):
            started = Range.of(footprint.started)
            yield verdict(started.middle < 2, f"{name} ready after {started} s, < 2 s")
            yield verdict(footprint.megabytes < 160, f"{name} holds {footprint.megabytes:.0f} MB idle, < 160 MB")


def verdict(kept: bool, text: str) -> str:
    """A promise, and whether it was kept."""
    return f"  {'reached' if kept else 'MISSED '}  {text}"
