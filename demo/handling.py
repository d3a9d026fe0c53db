"""The course of a report: sorted, sent back when it is not theirs, worked on, shown as done, judged, done again."""

import random
from collections.abc import Generator
from datetime import datetime, timedelta

from actions import casework
from bot.messages import Photo
from civic.reports import CLOSED, WORKED_ON
from civic.staff import CHECKER, DISPATCHER, OFFICE, Staff
from db.moments import from_ms
from db.reports import Report, find_report
from db.tx import Tx
from demo.days import Chance, Process, Wish
from demo.finding import Found, report
from demo.life import Life
from demo.offices import Offices

ROUNDS = 3  # after which nobody reopens any more
ASKED, REJECTED, REFERRED = 0.07, 0.035, 0.02  # parts of what comes in
WAITS, HELD, REPLIES = 0.07, 0.015, 0.12  # parts of what is worked on: more time is asked for, on hold, told meanwhile
URGENT = 24 * 3600 * 1000  # milliseconds
ANSWERS = 0.6  # part of the residents who say whether it is solved
Some = Generator[Wish, Chance, tuple[Photo, ...]]
Part = Generator[Wish, Chance, bool]


class Course:
    """What becomes of something found. ``first`` are the numbers under which things were reported first, by seed."""

    def __init__(self, offices: Offices, life: Life, found: Found, first: dict[str, str]) -> None:
        self._offices, self._life, self._found, self._first = offices, life, found, first
        self._rng = random.Random(f"{found.seed}/{life.person.number}/course")
        self._number = ""
        self._tx: Tx

    def run(self) -> Process:
        """From the photo to the last word."""
        found, house = self._found, self._offices.house
        count = house.library.categories[found.category].photos_min
        photos = yield from self._at(Wish(found.at, found.sights(count, shot=self._life.person.number * 10)))
        number = None
        if self._life.arrived:
            number = report(self._life, house, self._offices.script, found, self._tx, photos)
        if number is None:
            casework.give_up(self._tx, photos)  # those that were sent and kept are not deleted
            return
        self._number = number
        goes_on = yield from self._sort(self._first.setdefault(found.seed, number))
        while goes_on:
            goes_on = (yield from self._work()) and (yield from self._judge())

    def _at(self, wish: Wish) -> Some:
        """Wait for it; the photos that were wished for."""
        chance = yield wish
        self._tx = chance.tx
        return chance.photos

    def _hours(self, low: float, high: float) -> Some:
        """Some hours of the office go by; what is due within a day is passed on at once, at any hour."""
        case, hours = self._case, self._rng.uniform(low, high)
        if case.due_at - case.created_at <= URGENT:
            return self._at(Wish(self._tx.now + timedelta(hours=hours / 12)))
        return self._at(Wish(self._offices.open(self._tx.now, hours)))

    @property
    def _case(self) -> Report:
        found = find_report(self._tx, self._number)
        assert found is not None
        return found

    @property
    def _handler(self) -> Staff:
        handlers = self._offices.handlers
        return handlers.get(self._case.department or "", next(iter(handlers.values())))

    def _do(self, who: Staff, move: str, words: str = "", **given: object) -> bool:
        note = self._offices.words(self._rng, words) if words else ""
        return self._offices.do(self._tx, who, self._number, move, note, **given)

    def _sort(self, first: str) -> Part:
        """The dispatcher's part: merged, refused, referred, asked about, or given to a department."""
        rng, dispatcher = self._rng, self._offices.roles[DISPATCHER]
        yield from self._hours(0.2, 3.5)
        roll = rng.random()
        if first != self._number:
            return not self._do(dispatcher, "merge", "merge", target=first)
        if roll < REJECTED:
            return not self._do(dispatcher, "reject", "reject")
        if roll < REJECTED + REFERRED:
            return not self._do(
                dispatcher, "refer", "refer", target=self._offices.house.library.city.hotlines[0].number
            )
        self._do(dispatcher, "accept", "accept")
        if roll > 1 - ASKED:
            self._do(dispatcher, "ask", "ask")
            yield from self._told(dispatcher)
        own = self._case.department
        wrong = rng.random() < self._offices.manner(own).wrong
        others = [one for one in self._offices.handlers if one != own]
        yield from self._hours(0.2, 2)
        self._do(dispatcher, "assign", department=rng.choice(others) if wrong else own)
        if wrong:
            yield from self._hours(1, 7)
            self._do(self._handler, "return", "wrong", department=own)
            yield from self._hours(0.5, 4)
            self._do(dispatcher, "assign", department=own)
        return True

    def _told(self, dispatcher: Staff) -> Some:
        """The resident was asked for more; who does not answer is not waited for."""
        yield from self._at(self._life.later(self._tx.now, 3, 40))
        if self._rng.random() < 0.75:
            self._say(f"/reports add {self._number}", self._offices.words(self._rng, "answered"))
            return ()
        yield from self._hours(4, 12)
        self._do(dispatcher, "answer", "found")
        return ()

    def _say(self, command: str, words: str = "") -> None:
        """The resident's side."""
        talker = self._life.talker
        talker.tx = self._tx
        talker.send(choice=command)
        if words:
            talker.send(text=words)

    def _work(self) -> Part:
        """The department's part, at its pace, until it is shown as done."""
        rng, offices = self._rng, self._offices
        yield from self._hours(0.5, 5)
        case = self._case
        if case.status not in WORKED_ON:
            return False
        manner, handler, office = offices.manner(case.department), self._handler, offices.roles[OFFICE]
        self._do(handler, "start")
        begun, due = self._tx.now, from_ms(case.due_at)
        if rng.random() < WAITS and self._do(handler, "ask_time", "more_time"):
            yield from self._hours(1, 6)
            self._do(office, "extend", "extend")
            due = from_ms(self._case.due_at)
        elif rng.random() < HELD:
            return not self._do(office, "hold", "hold")
        if rng.random() < REPLIES:
            self._do(handler, "reply", "reply")
        ready = begun + max(due - begun, timedelta(hours=2)) * manner.pace * rng.lognormvariate(0, 0.45)
        yield from self._dragging_on(ready)
        shown = self._found.sights(1, clean=True, shot=case.rounds)
        moment = max(ready, self._tx.now)
        urgent = case.due_at - case.created_at <= URGENT
        photos = yield from self._at(Wish(moment if urgent else offices.at(moment), shown))
        self._supervised()
        resolved = self._do(handler, "resolve", "resolve", photos=photos)
        if not resolved:
            casework.give_up(self._tx, photos)
        return resolved

    def _dragging_on(self, ready: datetime) -> Some:
        """While it is not done the office looks at it daily, and signs the supervision that waits; then it goes
        quicker: nobody waits much longer than that."""
        while (day := self._offices.open(self._tx.now, 7)) < ready:
            yield from self._at(Wish(day))
            if self._supervised():
                yield from self._hours(5, 14)
                break
        return ()

    def _supervised(self) -> bool:
        """Whether a supervision waited: the office signs it, the department answers."""
        if not self._offices.late(self._tx, self._number):
            return False
        self._do(self._offices.roles[OFFICE], "supervise", "supervise")
        return self._do(self._handler, "respond", "respond")

    def _judge(self) -> Part:
        """The checker's part, then the resident's; whether the work goes on."""
        rng, checker = self._rng, self._offices.roles[CHECKER]
        manner, case = self._offices.manner(self._case.department), self._case
        good = rng.random() < manner.care + (0.06 if case.rounds > 1 else 0)
        if case.checking:
            yield from self._hours(2, 9)
            if self._case.checking and not self._do(checker, *(("verify",) if good else ("rework", "rework"))):
                return False
            if not good:
                return True
        if rng.random() > ANSWERS:
            return False  # the clock closes it in a week
        yield from self._at(self._life.later(self._tx.now, 2, 70))
        if self._case.status in CLOSED or self._life.person.away(self._tx.now.date()):
            return False
        solved = good or case.rounds >= ROUNDS
        if solved:
            self._say(f"/reports solved {self._number}")
        else:
            self._say(f"/reports unsolved {self._number}", self._offices.words(rng, "unsolved"))
        self._rate(solved, case.resolved_at is not None and case.resolved_at <= case.due_at)
        return self._case.status in WORKED_ON

    def _rate(self, solved: bool, on_time: bool) -> None:
        """How satisfied they are: most with what is solved in time, fewer with what took too long."""
        rng, talker = self._rng, self._life.talker
        if rng.random() < 0.15:
            talker.tap("no_rating")
        elif solved and rng.random() < (0.93 if on_time else 0.72):
            talker.tap("satisfied")
        else:
            talker.tap("partly" if solved else "unsatisfied")
            if reasons := sorted(self._offices.house.library.reasons):
                talker.tap("slow" if not on_time and "slow" in reasons else rng.choice(reasons))
                talker.tap("reasons_done")
