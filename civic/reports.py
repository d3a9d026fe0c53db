"""The life of a report as one table of moves (research: FixMyStreet, DIGIT, Signalen, 数字城管).

A row says from which states a move starts, to which it leads, who may make it, what it needs besides, which facts
must hold or must not, and whether the resident hears of it. Everything that moves a report asks this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from civic.errors import Refused
from civic.staff import ADMINISTRATOR, CHECKER, DISPATCHER, GRID, HANDLER, LEAD, OFFICE, ROLES, VIEWER

WORKED_ON = frozenset({"accepted", "assigned", "in_progress"})
STANDS = frozenset({"need_info", "on_hold", "resolved"})  # the deadline stands still: others have to act
OPEN = frozenset({"received", "returned"}) | WORKED_ON | STANDS
CLOSED = frozenset({"closed", "rejected", "referred", "duplicate", "withdrawn"})
CHECK = "checking"  # not a state: resolved, and somebody is to go and look
STEPS = ("received", "returned", "accepted", "assigned", CHECK)  # what should be left soon
STATUSES = (*sorted(OPEN), *sorted(CLOSED))

RESIDENT, STAFF, CLOCK = "resident", "staff", "clock"  # whose line it is in the timeline
SAME, BACK = "same", "back"  # where a move may lead besides a state: nowhere, or to what was before the pause

CHIEFS = frozenset({ADMINISTRATOR, OFFICE})
TRIAGE = CHIEFS | {DISPATCHER}
HANDS = frozenset({LEAD, HANDLER, GRID, ADMINISTRATOR})  # do the work, and have to ask for time
WORKERS = TRIAGE | HANDS
CHECKERS = CHIEFS | {CHECKER}
ALL_STAFF = frozenset(ROLES) - {VIEWER}
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table.

    ``needs`` are names of what must be given besides words: ``photo`` (taken after the work), ``target`` (a report's
    number, or a hotline's). ``takes`` may be given: ``department``, ``person``, ``until`` (a day), ``ground`` (of the
    content's list). ``given`` is a
    fact about the report that must hold; ``unless`` are facts that must not, with the roles they do not stop:
    ``taken`` (somebody works on it), ``asked`` (a request waits), ``checking`` (an independent check waits),
    ``decided`` (returned so often that the office names the department), ``supervised`` (a signed supervision waits for
    an answer), ``hidden``, ``over`` (closed too long ago) and ``worn`` (sent back too often) for its resident to send
    it back. ``inside``: for colleagues only, never told or shown.
    """

    name: str
    starts: frozenset[str]
    to: str
    actors: frozenset[str]
    note: bool = False  # needs words
    quiet: bool = False  # the resident sees it and is not told: they did it themselves, or said it
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    given: str = ""
    unless: Mapping[str, frozenset[str]] = field(default_factory=dict)
    inside: bool = False

    @property
    def told(self) -> bool:
        """Whether the resident hears of it."""
        return not (self.quiet or self.inside)


_ASKED = {"asked": NOBODY}
_DECIDED = {"decided": NOBODY}
_ENDS = dict.fromkeys(("over", "worn"), TRIAGE | {CHECKER})  # only the resident's patience is limited
_CHECKING = {"checking": frozenset({RESIDENT})}  # who says themselves that it is solved need not wait for a check
_WAITING = frozenset({"received", "returned"})  # for somebody to say who handles it
_ANY = frozenset(STATUSES)

MOVES = {
    one.name: one
    for one in (
        # Triage
        Move("accept", frozenset({"received"}), "accepted", TRIAGE | {LEAD}, takes=("department",)),
        Move("reject", _WAITING | {"accepted", "assigned"}, "rejected", TRIAGE, note=True, takes=("ground",)),
        Move("refer", _WAITING | WORKED_ON, "referred", TRIAGE, needs=("target",)),
        Move("merge", OPEN - {"resolved"}, "duplicate", TRIAGE | {LEAD}, needs=("target",)),
        Move("ask", _WAITING | WORKED_ON, "need_info", WORKERS, note=True),
        Move("answer", frozenset({"need_info"}), BACK, WORKERS | {RESIDENT}, quiet=True),
        Move(
            "assign",
            _WAITING | WORKED_ON,
            "assigned",
            TRIAGE | {LEAD},
            takes=("department", "person"),
            unless={"decided": CHIEFS},
        ),
        # Work
        Move(
            "return",
            WORKED_ON,
            "returned",
            HANDS,
            note=True,
            takes=("department", "ground"),
            unless=_DECIDED,
            inside=True,
        ),
        Move("take", WORKED_ON, SAME, HANDS, unless={"taken": frozenset({LEAD, ADMINISTRATOR})}, inside=True),
        Move("start", frozenset({"accepted", "assigned"}), "in_progress", WORKERS),
        Move("ask_time", WORKED_ON, SAME, HANDS, note=True, takes=("until",), unless=_ASKED, inside=True),
        Move("extend", WORKED_ON, SAME, TRIAGE, note=True, takes=("until",)),
        Move("ask_hold", WORKED_ON, SAME, HANDS, note=True, takes=("until",), unless=_ASKED, inside=True),
        Move("hold", WORKED_ON, "on_hold", TRIAGE, note=True, takes=("until",)),
        Move("decline", WORKED_ON, SAME, TRIAGE, note=True, given="asked", inside=True),
        Move("resume", frozenset({"on_hold"}), BACK, WORKERS | {CLOCK}),
        Move("resolve", WORKED_ON, "resolved", WORKERS, note=True, needs=("photo",)),
        # Afterwards
        Move("verify", frozenset({"resolved"}), SAME, CHECKERS, given="checking", inside=True),
        Move("rework", frozenset({"resolved"}), "in_progress", CHECKERS, note=True),
        Move("close", frozenset({"resolved"}), "closed", TRIAGE | {RESIDENT, CLOCK}, unless=_CHECKING),
        Move("reopen", frozenset({"resolved", "closed"}), "accepted", TRIAGE | {CHECKER, RESIDENT}, unless=_ENDS),
        Move("restore", frozenset({"rejected", "referred", "duplicate"}), "received", TRIAGE, note=True),
        Move("withdraw", OPEN - {"resolved"}, "withdrawn", frozenset({RESIDENT}), quiet=True),
        # Beside the way
        Move("note", _ANY, SAME, ALL_STAFF, note=True, inside=True),
        Move("supervise", OPEN - STANDS, SAME, CHIEFS, note=True, inside=True),
        Move("respond", _ANY, SAME, HANDS, note=True, given="supervised", inside=True),
        Move("hide", _ANY, SAME, TRIAGE, note=True, unless={"hidden": NOBODY}, inside=True),
        Move("show", _ANY, SAME, TRIAGE, given="hidden", inside=True),
    )
}
INSIDE = frozenset(name for name, one in MOVES.items() if one.inside)  # lines of the timeline for colleagues only


def move(name: str, status: str, actor: str, note: str = "", facts: frozenset[str] = NOBODY) -> Move:
    """The move, if this actor (a role, RESIDENT or CLOCK) may make it from this state. Raises Refused with what is
    possible instead."""
    found = MOVES.get(name)
    if found is None:
        raise Refused("move.unknown", move=name, moves=", ".join(MOVES))
    if actor in ROLES and actor not in found.actors:
        raise Refused("staff.may_not")
    if actor not in found.actors or status not in found.starts:
        raise Refused("move.impossible", move=name, status=status, moves=", ".join(possible(status, actor, facts)))
    if found.given and found.given not in facts:
        raise Refused(f"move.without.{found.given}", move=name)
    for fact in _stopped(found, actor, facts):
        raise Refused(f"move.with.{fact}", move=name)
    if found.note and not note.strip():
        raise Refused("move.needs_note", move=name)
    return found


def possible(status: str, actor: str, facts: frozenset[str] = NOBODY) -> tuple[str, ...]:
    """Names of the moves that an actor may make from a state."""
    return tuple(
        one.name
        for one in MOVES.values()
        if status in one.starts
        and actor in one.actors
        and (not one.given or one.given in facts)
        and not _stopped(one, actor, facts)
    )


def outcome(rule: Move, status: str, before: str | None) -> str:
    """The state after a move; ``before`` is the state from which the report was paused."""
    if rule.to == SAME:
        return status
    return (before or "accepted") if rule.to == BACK else rule.to


def side(actor: str) -> str:
    """Whose line it is in the timeline: RESIDENT, CLOCK or STAFF."""
    return actor if actor in {RESIDENT, CLOCK} else STAFF


def _stopped(rule: Move, actor: str, facts: frozenset[str]) -> list[str]:
    return [fact for fact, free in rule.unless.items() if fact in facts and actor not in free]
