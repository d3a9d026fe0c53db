"""The life of a report: the table of moves."""

import itertools

import pytest

from civic.errors import Refused
from civic.reports import CLOCK, CLOSED, MOVES, OPEN, RESIDENT, STAFF, STATUSES, move, possible
from content.library import Library

ACTORS = (RESIDENT, STAFF, CLOCK)
ALL = tuple(itertools.product(MOVES, STATUSES, ACTORS))


@pytest.mark.parametrize(("name", "status", "actor"), ALL, ids="-".join)
def test_what_the_table_allows_may_be_done_and_nothing_else(name: str, status: str, actor: str) -> None:
    rule = MOVES[name]
    if status in rule.starts and actor in rule.actors:
        assert move(name, status, actor, "because") == rule
        assert name in possible(status, actor)
    else:
        with pytest.raises(Refused) as refused:
            move(name, status, actor, "because")
        assert refused.value.key == "move.impossible"
        assert refused.value.params["moves"] == ", ".join(possible(status, actor))
        assert name not in possible(status, actor)


@pytest.mark.parametrize("name", MOVES)
def test_what_needs_words_is_refused_without(name: str) -> None:
    rule = MOVES[name]
    status, actor = min(rule.starts), min(rule.actors)
    if not rule.note:
        assert move(name, status, actor) == rule
        return
    for words in ("", " ", "\n"):
        with pytest.raises(Refused, match="needs_note"):
            move(name, status, actor, words)


def test_a_move_that_is_none() -> None:
    with pytest.raises(Refused) as refused:
        move("explode", "received", STAFF)
    assert refused.value.params == {"move": "explode", "moves": ", ".join(MOVES)}


def test_the_table_is_sound() -> None:
    assert not OPEN & CLOSED
    for rule in MOVES.values():
        assert rule.starts <= set(STATUSES)
        assert rule.to in STATUSES
        assert rule.actors <= set(ACTORS)


def test_from_every_open_state_there_is_a_way_to_the_end() -> None:
    for status in OPEN:
        reached, seen = {status}, set[str]()
        while reached - seen:
            now = (reached - seen).pop()
            seen.add(now)
            reached |= {rule.to for rule in MOVES.values() if now in rule.starts}
        assert reached & CLOSED, status


def test_what_is_closed_stays_closed_but_for_a_reopening() -> None:
    out = {(status, rule.name) for status in CLOSED for rule in MOVES.values() if status in rule.starts}
    assert out == {("closed", "reopen")}


def test_the_clock_only_closes_what_waits_for_the_resident() -> None:
    assert {status: possible(status, CLOCK) for status in STATUSES if possible(status, CLOCK)} == {
        "resolved": ("close",)
    }


@pytest.mark.parametrize("language", ["zh", "en"])
def test_there_are_words_for_every_state_and_every_move(library: Library, language: str) -> None:
    texts = library.texts
    assert all(texts.has(language, f"status.{status}") for status in STATUSES)
    assert all(texts.has(language, f"history.{name}") for name in (*MOVES, "receive", "add", "reply"))
    assert all(texts.has(language, f"news.{rule.to}") for rule in MOVES.values() if rule.told)
