"""In which order a report's page offers its moves: what somebody waits for, what usually comes next, the others."""

from collections.abc import Sequence

from db.reports import Report

MAIN = frozenset({"accept", "reject", "assign", "start", "resolve", "resume", "answer", "ask"}) | frozenset(
    {"verify", "rework", "close", "reopen", "restore", "return"}
)  # moves shown at once; the others are behind «more»
LIKELY = {  # state → the move that usually comes next
    "received": "accept",
    "accepted": "assign",
    "assigned": "start",
    "in_progress": "resolve",
    "on_hold": "resume",
    "returned": "assign",
    "need_info": "answer",
    "resolved": "close",
}


def in_order(moves: Sequence[str], report: Report, first: Sequence[str]) -> list[str]:
    """The likeliest first: what somebody waits for, then what usually comes next."""
    first = (*first, LIKELY.get(report.status, ""))
    return sorted(moves, key=lambda move: first.index(move) if move in first else len(first))


def decisions(report: Report, *, drafted: bool) -> tuple[str, ...]:
    """The moves that answer what a report waits for: an answer, a request, a signature, or a check."""
    answers = ("respond",) if report.supervised else ()
    signs = ("supervise",) if drafted else ()
    if report.checking:
        return (*answers, "verify", "rework")
    asked = {"time": ("extend", "decline"), "hold": ("hold", "decline")}.get(report.asked or "", ())
    return (*answers, *signs, *asked)
