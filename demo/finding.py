"""What residents come across, and how they report it: photos, category, place, the category's questions, a note."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from bot.house import House
from bot.messages import Photo, Place
from civic.geo import point_in_polygon
from content.category import Ask
from db.reports import reports_of
from db.tx import Tx
from demo.drawing import Sight
from demo.life import Life
from demo.script import Script

SHARES = {  # what is found most, on an ordinary workday before the campaign
    "litter": 0.3,
    "parking": 0.15,
    "bikes": 0.11,
    "facility": 0.11,
    "firelane": 0.05,
    "noise": 0.06,
    "ebike_charge": 0.05,
    "dogs": 0.05,
    "vendor": 0.04,
    "flyposting": 0.05,
    "access": 0.02,
    "air": 0.02,
    "smoking": 0.02,
}
STEPS = 24  # messages after which a report that came to nothing is given up
HOURS = (7, 8, 10, 12, 15, 17, 18, 19, 20)


@dataclass(frozen=True)
class Found:
    """Something at a place. ``again``: somebody else found the same."""

    category: str
    area: str
    seed: str
    place: Place | None
    label: str
    at: datetime

    def sights(self, count: int, *, clean: bool = False, shot: int = 0) -> Sequence[Sight]:
        """Photos of it."""
        return [Sight(self.category, self.seed, shot + number, clean) for number in range(count)]


def find(rng: random.Random, house: House, script: Script, category: str, area: str, day: date) -> Found:
    """Something of this category in this community, on that day."""
    hour = 22 if category == "noise" and rng.random() < 0.5 else rng.choice(HOURS)
    at = datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), house.zone).astimezone(UTC)
    words = {"street": rng.choice(script.streets), "number": rng.randint(1, 180), "spot": rng.choice(script.spots)}
    label = script.address.format(**words)
    spot = _spot(rng, house, area)
    place = Place(*spot, label=label) if spot and rng.random() < 0.8 else None
    return Found(category, area, f"{category}/{area}/{rng.random()}", place, label, at)


def _spot(rng: random.Random, house: House, area: str) -> tuple[float, float] | None:
    """A point within a community, where the city's shapes are known."""
    for ring in house.library.shapes.rings.get(area, ()):
        lats, lons = [lat for lat, _ in ring], [lon for _, lon in ring]
        for _ in range(20):
            lat, lon = rng.uniform(min(lats), max(lats)), rng.uniform(min(lons), max(lons))
            if point_in_polygon(lat, lon, ring):
                return lat, lon
    return None


def report(life: Life, house: House, script: Script, found: Found, tx: Tx, photos: Sequence[Photo]) -> str | None:
    """Report it in chat; the number, or None when it came to nothing."""
    rng, talker = random.Random(f"{found.seed}/{life.person.number}"), life.talker
    talker.tx = tx
    before = _latest(life)
    talker.send(choice=f"/report {found.category}")
    for _ in range(STEPS):
        conversation, step = talker.step
        if conversation != "report":
            break
        if step == "photos":
            talker.send(photos=tuple(photos)) if photos else talker.tap("enough", "no_photo")
        elif step == "place":
            talker.send(place=found.place) if found.place is not None else talker.send(text=found.label)
        elif step == "question":
            _answer(life, house, script, found, rng)
        elif step == "note":
            _note(life, script.notes.get(found.category, ()), rng)
        elif step == "summary":
            talker.tap("submit_anonymous" if rng.random() < 0.15 else "submit")
        else:
            talker.tap("restart")
    latest = _latest(life)
    return latest if latest != before else None


def _note(life: Life, notes: Sequence[str], rng: random.Random) -> None:
    if notes and rng.random() < 0.7:
        life.talker.send(text=rng.choice(notes))
    else:
        life.talker.tap("no_note")


def _answer(life: Life, house: House, script: Script, found: Found, rng: random.Random) -> None:
    talker = life.talker
    answers = talker.data.get("answers", {})
    question = next(one for one in house.library.categories[found.category].questions if one.id not in answers)
    if not question.required and rng.random() < 0.3:
        talker.tap("skip_question")
    elif question.options:
        ids = [option.id for option in question.options]
        talker.tap(rng.choices(ids, [1 / (1 + place) for place in range(len(ids))])[0])
    elif question.kind in {"time", "span"}:
        talker.tap("photo_times", "now")
    else:
        talker.send(text=rng.choice(_words(question, script)))


def _words(question: Ask, script: Script) -> Sequence[str]:
    if question.kind == "plate":
        return script.plates
    return {"floor": script.floors, "object": script.things}.get(question.id, script.hours)


def _latest(life: Life) -> str | None:
    latest = reports_of(life.talker.tx, life.talker.resident(), 1)
    return latest[0].number if latest else None
