"""The life of a report as one table of moves (research: FixMyStreet, DIGIT, Signalen, 数字城管).

A move has a name, the states it starts from, the state it leads to, who may make it, whether it needs words,
and whether the resident hears of it.
"""

from dataclasses import dataclass

from civic.errors import Refused

OPEN = frozenset({"received", "accepted", "assigned", "in_progress", "need_info", "on_hold", "resolved"})
CLOSED = frozenset({"closed", "rejected", "duplicate", "withdrawn"})
STATUSES = (*sorted(OPEN), *sorted(CLOSED))
WORKED_ON = frozenset({"accepted", "assigned", "in_progress", "on_hold"})

RESIDENT, STAFF, CLOCK = "resident", "staff", "clock"


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table."""

    name: str
    starts: frozenset[str]
    to: str
    actors: frozenset[str]
    note: bool = False  # needs words for the resident
    told: bool = True  # the resident hears of it


def _move(name: str, starts: frozenset[str], to: str, *actors: str, note: bool = False, told: bool = True) -> Move:
    return Move(name, starts, to, frozenset(actors), note, told)


MOVES = {
    move.name: move
    for move in (
        _move("accept", frozenset({"received"}), "accepted", STAFF),
        _move("reject", frozenset({"received", "accepted", "assigned"}), "rejected", STAFF, note=True),
        _move("ask", frozenset({"received"}) | WORKED_ON, "need_info", STAFF, note=True),
        _move("answer", frozenset({"need_info"}), "accepted", RESIDENT, STAFF, told=False),
        _move("assign", frozenset({"received", "accepted", "assigned"}), "assigned", STAFF),
        _move("start", frozenset({"accepted", "assigned", "on_hold"}), "in_progress", STAFF),
        _move("hold", frozenset({"assigned", "in_progress"}), "on_hold", STAFF, note=True),
        _move("resolve", frozenset({"accepted", "assigned", "in_progress"}), "resolved", STAFF, note=True),
        _move("close", frozenset({"resolved"}), "closed", RESIDENT, STAFF, CLOCK),
        _move("reopen", frozenset({"resolved", "closed"}), "accepted", RESIDENT, STAFF),
        _move("withdraw", OPEN - {"resolved"}, "withdrawn", RESIDENT, told=False),
    )
}


def move(name: str, status: str, actor: str, note: str = "") -> Move:
    """The move, if this actor may make it from this state. Raises Refused with what is possible instead."""
    found = MOVES.get(name)
    if found is None:
        raise Refused("move.unknown", move=name, moves=", ".join(MOVES))
    if actor not in found.actors or status not in found.starts:
        raise Refused("move.impossible", move=name, status=status, moves=", ".join(possible(status, actor)))
    if found.note and not note.strip():
        raise Refused("move.needs_note", move=name)
    return found


def possible(status: str, actor: str) -> tuple[str, ...]:
    """Names of the moves that an actor may make from a state."""
    return tuple(move.name for move in MOVES.values() if status in move.starts and actor in move.actors)
