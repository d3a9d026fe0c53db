"""Staff in chat: a one-time code binds a talk to somebody; there they see their tasks and work on them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from actions import casework, people
from actions.act import possible
from actions.audit import note_listed, note_opened, record
from actions.casework import Deed
from actions.joining import ALPHABET, LENGTH
from actions.scene import Scene
from bot.messages import Address
from civic import passwords
from civic.errors import Refused
from civic.reports import MOVES
from civic.staff import ADMINISTRATOR, CHECKER, DISPATCHER, GRID, HANDLER, LEAD, OFFICE, Staff
from content.grounds import Ground, GroundWords, fitting
from db import duty, queue, report_photos, staff, talks
from db.queue import Sight, Wanted
from db.reports import Report
from db.tx import Tx

LASTS = 15 * 60  # seconds that a code is good
# Moves that a few taps are enough for.
HERE = ("accept", "reject", "take", "start", "ask", "return", "resolve", "respond", "verify", "rework")

_TRIAGE = (Wanted(statuses=("received", "returned")),)
_HANDS = (Wanted(waits="mine"), Wanted(waits="nobody"))
WAITING = {  # role → what waits for them
    **dict.fromkeys((ADMINISTRATOR, OFFICE, DISPATCHER), _TRIAGE),
    **dict.fromkeys((LEAD, HANDLER, GRID), _HANDS),
    CHECKER: (Wanted(waits="checking"),),
}


@dataclass(frozen=True)
class Task:
    """A report as somebody sees it in chat, and what they may do there now."""

    report: Report
    moves: tuple[str, ...]
    photos: tuple[int, ...]


def code(tx: Tx, by: Staff, staff_id: int) -> str:
    """A one-time code with which this person binds a chat. Raises Refused: not oneself, nor somebody they appoint."""
    colleague = staff.find_colleague(tx, staff_id)
    if colleague is None or not colleague.active:
        raise Refused("staff.unknown")
    if by.id != staff_id and not by.appoints(colleague.role):
        raise Refused("staff.may_not")
    made = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    duty.add_code(tx, staff_id, passwords.digest(made), LASTS)
    record(tx, by, "staff.chat_code", colleague.login)
    return made


def bind(scene: Scene, address: Address, typed: str) -> Staff:
    """This talk is from now on that of whoever the code was made for. Raises Refused."""
    made = "".join(character for character in typed.upper() if character.isalnum())
    found = duty.take_code(scene.tx, passwords.digest(made))
    colleague = staff.find_colleague(scene.tx, found) if found is not None else None
    talk = talks.find_talk(scene.tx, address.channel, address.user)
    if colleague is None or not colleague.active or talk is None:
        raise Refused("tasks.wrong_code")
    duty.bind(scene.tx, talk[0], colleague.id)
    acting = people.acting(scene.tx, colleague, scene.day, address.channel)
    record(scene.tx, acting, "staff.chat_bound", colleague.login, address.channel)
    return acting


def leave(scene: Scene, address: Address) -> None:
    """No tasks come here any more. Raises Refused where none came."""
    acting = on_duty(scene, address)
    talk = talks.find_talk(scene.tx, address.channel, address.user)
    if talk is not None and duty.unbind(scene.tx, talk[0]):
        record(scene.tx, acting, "staff.chat_left", detail=address.channel)


def on_duty(scene: Scene, address: Address) -> Staff:
    """Whoever bound this talk, with the rights they have now. Raises Refused for anybody else."""
    acting = acting_here(scene, address)
    if acting is None:
        raise Refused("tasks.not_staff")
    return acting


def acting_here(scene: Scene, address: Address) -> Staff | None:
    """Whoever bound this talk; None for a resident's."""
    talk = talks.find_talk(scene.tx, address.channel, address.user)
    colleague = duty.on(scene.tx, talk[0]) if talk is not None else None
    return None if colleague is None else people.acting(scene.tx, colleague, scene.day, address.channel)


def sees_photo(tx: Tx, talk_id: int, photo_id: int, zone: Any) -> bool:
    """Whether this talk is bound to somebody who sees a report with this photo; it is noted that they opened it."""
    colleague = duty.on(tx, talk_id)
    if colleague is None:
        return False
    acting = people.acting(tx, colleague, tx.local(zone).date(), "web")
    numbers = casework.with_photo(tx, acting, photo_id)
    for number in numbers:
        note_opened(tx, acting, zone, number)
    return bool(numbers)


def is_bound(tx: Tx, talk_id: int) -> bool:
    """Whether somebody of the staff works in this talk."""
    return duty.on(tx, talk_id) is not None


def waiting(scene: Scene, by: Staff, limit: int) -> list[Report]:
    """What waits for somebody of their role: first what is theirs already, then the most urgent. That they looked
    stands in the audit log."""
    assert by.id is not None
    absent = staff.stands_in_for(scene.tx, by.id, scene.iso_day)
    sight, people = Sight(by.departments, by.areas), (by.id, *(one.id for one in absent))
    found: list[Report] = []
    for wanted in WAITING.get(by.role, ()):
        found += queue.page(scene.tx, sight, replace(wanted, people=people), limit)
    note_listed(scene.tx, by, scene.zone, "tasks", "", len(found[:limit]))
    return found[:limit]


def task(scene: Scene, by: Staff, number: str) -> Task:
    """One of their reports. Raises Refused for any that is not theirs to see."""
    report = casework.visible(scene.tx, by, number.strip())
    note_opened(scene.tx, by, scene.zone, report.number)
    moves = tuple(move for move in possible(by, report, scene.library, scene.tx.ms) if move in HERE)
    if report.person_id == by.id:
        moves = tuple(move for move in moves if move != "take")
    shown = [
        *report_photos.photos_of(scene.tx, report.id, "before"),
        *report_photos.photos_of(scene.tx, report.id, "added"),
    ]
    return Task(report, moves, tuple(shown))


def grounds(scene: Scene, by: Staff, move: str, number: str) -> list[tuple[Ground, GroundWords]]:
    """What a move of this report can be explained with, in the language of whoever will read it. Raises Refused."""
    report = casework.visible(scene.tx, by, number)
    resident = talks.find_resident(scene.tx, report.resident_id) if report.resident_id else None
    language = scene.resident.language if MOVES[move].inside or resident is None else resident.language
    found = fitting(scene.library.grounds, move, report.category)
    return [(one, one.in_language(language)) for one in found]


def do(
    scene: Scene,
    by: Staff,
    move: str,
    seen: tuple[str, int],
    note: str = "",
    kept: Sequence[int] = (),
    ground: str = "",
) -> Report:
    """A move on a report as it was ``seen`` (number, version). Raises Refused."""
    number, version = seen
    deed = Deed(number, version, move, note, ground=ground, kept=tuple(kept))
    return casework.do(scene.tx, scene.library, scene.zone, by, deed)
