"""A resident's days: they arrive, read tips, answer questions, ask something, and stay away again."""

import random
from datetime import UTC, date, datetime, time, timedelta

from bot.house import House
from demo.days import Process, Wish
from demo.memory import Memory
from demo.people import Person
from demo.seasons import Seasons
from demo.talker import Talker, offered

MOST = 8  # taps on one question, and questions in one sitting


class Life:
    """One person, their memory and their talk."""

    def __init__(self, house: House, person: Person, seasons: Seasons, seed: int) -> None:
        self.person = person
        self.talker = Talker(house, person.channel, f"demo-{person.number}", person.language)
        self.arrived = False
        self._house, self._seasons = house, seasons
        self._memory = Memory(person.talent)
        self._rng = random.Random(f"{seed}/life/{person.number}")

    def days(self) -> Process:
        """From the day they arrive to the last."""
        chance = yield Wish(self._moment(self.person.arrival))
        self.talker.tx = chance.tx
        self._arrive()
        for day in self._seasons.days:
            if day > self.person.arrival and self._comes(day):
                chance = yield Wish(self._moment(day))
                self.talker.tx = chance.tx
                self._sit(day)

    def _comes(self, day: date) -> bool:
        person, age = self.person, (day - self.person.arrival).days
        if person.away(day):
            return False
        novelty = 1.35 if age < 5 else 1.0 if age < 21 else 0.85
        free = 1.0 if self._house.library.calendar.is_workday(day) else person.weekend
        return self._rng.random() < person.zeal * novelty * free * self._seasons.mood(day)

    def _moment(self, day: date) -> datetime:
        rng = self._rng
        hour = rng.choice(self.person.hours)
        at = datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), self._house.zone)
        return at.astimezone(UTC)

    def _arrive(self) -> None:
        """By a poster or of themselves; most say where they live and when they want the tip."""
        talker, person, city = self.talker, self.person, self._house.library.city
        talker.send(command=("start", person.source or ""))
        self.arrived = True
        if person.area is None:
            talker.tap("skip")
        else:
            talker.tap(city.district_of[person.area].id)
            talker.tap(person.area)
        talker.tap("none" if person.tip_hour is None else str(person.tip_hour))
        if self._rng.random() < 0.7:
            self._quiz("/quiz one", self.talker.tx.local(self._house.zone).date())

    def _sit(self, day: date) -> None:
        """One sitting: a tip, a few questions, sometimes something they want to know, their points, their reports."""
        rng, talker = self._rng, self.talker
        solemn = self._house.library.calendar.solemn(day)
        if rng.random() < (0.75 if self.person.tip_hour is not None else 0.35):
            self._read(day, solemn)
        if not solemn and rng.random() < 0.72:
            self._quiz("/quiz five" if rng.random() < 0.45 else "/quiz one", day)
        if rng.random() < 0.03:
            answers = list(self._house.library.answers.values())
            talker.send(text=rng.choice(answers).in_language(self.person.language).questions[0])
        if rng.random() < 0.08:
            talker.send(choice="/points")

    def _read(self, day: date, solemn: bool) -> None:
        shown = self.talker.send(choice="/tip")
        about = offered(shown, "/quiz tip:")
        if about:
            self._memory.tips[self._house.library.tips[about[0].partition(":")[2]].topic] += 1
            if not solemn and self._rng.random() < 0.4:
                self._quiz(about[0], day)

    def _quiz(self, command: str, day: date) -> None:
        """A round to its end."""
        self.talker.send(choice=command)
        for _ in range(MOST):
            if self.talker.step != ("quiz", "question"):
                return
            question = self._house.library.questions.get(self.talker.data["q"])
            if question is None:
                return
            right = self._rng.random() < self._memory.chance(question, day)
            self._memory.meet(question, day)
            count = len(question.in_language(self.person.language).options)
            picked = set(question.right)
            while not right and picked == set(question.right):
                size = self._rng.randint(1, count) if question.kind == "multiple" else 1
                picked = set(self._rng.sample(range(count), size))
            for index in sorted(picked):
                self.talker.tap(str(index))
            if question.kind == "multiple":
                self.talker.tap("ready")

    def later(self, now: datetime, low: float, high: float) -> Wish:
        """When they look again: so many hours after a moment (UTC), in one of their hours."""
        at = now.astimezone(self._house.zone) + timedelta(hours=self._rng.uniform(low, high))
        moment = self._moment(at.date())
        return Wish(moment if moment > now else moment + timedelta(days=1))
