"""The life of a report: the table of moves."""

import itertools

import pytest

from civic.errors import Refused
from civic.reports import (
    ALL_STAFF,
    BACK,
    CHECK,
    CLOCK,
    CLOSED,
    INSIDE,
    MOVES,
    OPEN,
    RESIDENT,
    SAME,
    STANDS,
    STATUSES,
    STEPS,
    WORKED_ON,
    Move,
    move,
    outcome,
    possible,
)
from civic.staff import ROLES, VIEWER
from content.library import Library

ACTORS = (*ROLES, RESIDENT, CLOCK)
FACTS = ("taken", "asked", "checking", "decided", "supervised", "hidden", "over", "worn")


def facts_for(rule: Move) -> frozenset[str]:
    """The facts with which its guards let a move through."""
    return frozenset(filter(None, [rule.given]))


@pytest.mark.parametrize("name", MOVES)
def test_what_the_table_allows_may_be_done_and_nothing_else(name: str) -> None:
    """Every state × every role: allowed as the row says, refused with what is possible instead."""
    rule = MOVES[name]
    facts = facts_for(rule)
    for status, actor in itertools.product(STATUSES, ACTORS):
        if status in rule.starts and actor in rule.actors:
            assert move(name, status, actor, "because", facts) == rule
            assert name in possible(status, actor, facts)
            continue
        with pytest.raises(Refused) as refused:
            move(name, status, actor, "because", facts)
        if actor in ROLES and actor not in rule.actors:
            assert refused.value.key == "staff.may_not"
        else:
            assert refused.value.key == "move.impossible"
            assert refused.value.params["moves"] == ", ".join(possible(status, actor, facts))
        assert name not in possible(status, actor, facts)


@pytest.mark.parametrize("name", MOVES)
def test_guards_hold_for_all_but_whom_they_free(name: str) -> None:
    rule = MOVES[name]
    status, facts = min(rule.starts), facts_for(rule)
    for fact, actor in itertools.product(FACTS, sorted(rule.actors)):
        if fact in rule.unless and actor not in rule.unless[fact]:
            with pytest.raises(Refused) as refused:
                move(name, status, actor, "because", facts | {fact})
            assert refused.value.key == f"move.with.{fact}"
            assert name not in possible(status, actor, facts | {fact})
        else:
            assert move(name, status, actor, "because", facts | {fact}) == rule
        if rule.given:
            with pytest.raises(Refused, match=f"without.{rule.given}"):
                move(name, status, actor, "because")
            assert name not in possible(status, actor)


@pytest.mark.parametrize("name", MOVES)
def test_what_needs_words_is_refused_without(name: str) -> None:
    rule = MOVES[name]
    status, actor, facts = min(rule.starts), min(rule.actors), facts_for(rule)
    if not rule.note:
        assert move(name, status, actor, facts=facts) == rule
        return
    for words in ("", " ", "\n"):
        with pytest.raises(Refused, match="needs_note"):
            move(name, status, actor, words, facts)


def test_a_move_that_is_none() -> None:
    with pytest.raises(Refused) as refused:
        move("explode", "received", "office")
    assert refused.value.params == {"move": "explode", "moves": ", ".join(MOVES)}


def test_the_table_is_sound() -> None:
    assert not OPEN & CLOSED and not STANDS & WORKED_ON
    assert set(STEPS) - {CHECK} <= OPEN - STANDS
    for rule in MOVES.values():
        assert rule.starts and rule.starts <= set(STATUSES)
        assert rule.to in {*STATUSES, SAME, BACK}
        assert rule.actors and rule.actors <= set(ACTORS)
        assert {*rule.unless, *facts_for(rule)} <= set(FACTS)
        assert {*rule.needs, *rule.takes} <= {"photo", "target", "department", "person", "until", "ground"}
        assert len(rule.name) <= 16
        assert rule.to != SAME or not rule.starts & CLOSED or rule.inside  # what is closed, nobody is told of


def test_who_only_looks_moves_nothing() -> None:
    assert not [rule.name for rule in MOVES.values() if VIEWER in rule.actors]
    assert all("note" in possible(status, role) for status in STATUSES for role in ALL_STAFF)


def test_a_pause_ends_where_it_began() -> None:
    for status in ("received", *WORKED_ON):
        assert outcome(MOVES["answer"], "need_info", status) == status
    assert outcome(MOVES["answer"], "need_info", None) == "accepted"  # paused before this was written down
    assert outcome(MOVES["note"], "on_hold", "assigned") == "on_hold"
    assert outcome(MOVES["resolve"], "assigned", None) == "resolved"


def test_from_every_open_state_there_is_a_way_to_the_end() -> None:
    for status in OPEN:
        reached, seen = {status}, set[str]()
        while reached - seen:
            now = (reached - seen).pop()
            seen.add(now)
            reached |= {outcome(rule, now, "accepted") for rule in MOVES.values() if now in rule.starts}
        assert reached & CLOSED, status


def test_what_is_closed_stays_closed_but_for_a_way_back() -> None:
    out = {(status, one.name) for status in CLOSED for one in MOVES.values() if status in one.starts and one.to != SAME}
    back = {("closed", "reopen")}
    assert out == back | {(status, "restore") for status in ("rejected", "referred", "duplicate")}


def test_the_clock_only_ends_waiting() -> None:
    assert {status: possible(status, CLOCK) for status in STATUSES if possible(status, CLOCK)} == {
        "resolved": ("close",),
        "on_hold": ("resume",),
    }


@pytest.mark.parametrize("language", ["zh", "en"])
def test_there_are_words_for_every_state_and_every_move(library: Library, language: str) -> None:
    texts = library.texts
    assert all(texts.has(language, f"{room}.{status}") for status in STATUSES for room in ("status", "stats.status"))
    shown = [*(name for name in MOVES if name not in INSIDE), "receive", "add", "reply"]
    assert all(texts.has(language, f"history.{name}") for name in shown)
    assert all(texts.has(language, f"casework.move.{name}") for name in MOVES)
    assert all(texts.has(language, f"audit.report.{one.name}") for one in MOVES.values() if one.actors & ALL_STAFF)
    told = {rule.to for rule in MOVES.values() if rule.told} - {SAME, BACK}
    assert all(texts.has(language, f"news.{status}") for status in told)
    assert all(texts.has(language, f"move.with.{fact}") for rule in MOVES.values() for fact in rule.unless)
    assert all(texts.has(language, f"move.without.{rule.given}") for rule in MOVES.values() if rule.given)
