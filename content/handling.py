"""How a city handles reports: [handling] of its city.toml (what is left out is as here), and the steps under the names
that it gives them."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from pydantic import Field

from civic.reports import STATUSES, STEPS
from content.items import Named, Record, Term
from content.sheets import Entry, Problem, Sheet


class Step(Named):
    """One step of handling a report, under the name this city gives it: while the report is in one of ``states``."""

    id: str
    states: tuple[str, ...] = Field(min_length=1)


def step_problems(steps: Sequence[Entry[Step]]) -> Iterator[Problem]:
    """States that there are not, or that belong to two steps."""
    seen: set[str] = set()
    for entry in steps:
        for state in entry.item.states:
            if state not in STATUSES:
                yield entry.problem("states", f"没有 {state} 这个状态，可以写 {'、'.join(STATUSES)}")
            elif state in seen:
                yield entry.problem("states", f"{state} 已经在另一步里了")
            seen.add(state)


class Handling(Record):
    """``returns``: after so many returns the office names the department. ``extension_days`` (working days) and
    ``extension_times`` cap extensions of a round, ``hold_days`` (calendar days) how long a report may be on hold.
    ``check_share`` (0–1) of all resolved reports and all of ``check_categories`` are checked by somebody else.
    ``keep_days``: how long after closing a report keeps its photos, words and resident. ``supervise_after``: how long
    a report is late before a supervision is drafted. What ``urgent_followers`` residents follow is urgent. ``steps``:
    state -> by when it should be left.

    A resident has ``confirm_days`` to say whether it is solved, then it is closed without a word. They are asked once
    more after ``survey_reminder_days``, can answer until ``survey_days`` after closing, and send it back until
    ``reopen_days`` after closing, ``reopen_times`` at most.
    """

    returns: int = Field(default=2, ge=1)
    extension_days: int = Field(default=5, ge=1)
    extension_times: int = Field(default=1, ge=0)
    hold_days: int = Field(default=90, ge=1)
    check_share: float = Field(default=0, ge=0, le=1)
    check_categories: tuple[str, ...] = ()
    keep_days: int = Field(default=365, ge=1)
    supervise_after: Term = (7, "workhours")
    confirm_days: int = Field(default=7, ge=1)
    survey_reminder_days: int = Field(default=3, ge=1)
    survey_days: int = Field(default=14, ge=1)
    reopen_days: int = Field(default=14, ge=0)
    reopen_times: int = Field(default=2, ge=0)
    urgent_followers: int = Field(default=5, ge=2)
    steps: Mapping[str, Term] = {}

    def problems(self, about: Sheet, categories: Collection[str]) -> Iterator[Problem]:
        """What is named here and is not there."""
        for step in self.steps.keys() - set(STEPS):
            yield about.problem("handling", ["steps"], f"没有 {step} 这一步，可以写 {'、'.join(STEPS)}")
        for name in set(self.check_categories) - set(categories):
            yield about.problem("handling", ["check_categories"], f"没有 {name} 这个类别（categories.toml）")
