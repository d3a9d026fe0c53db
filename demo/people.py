"""The made-up residents: where they live, when they have time, when they lose interest and when they come back."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from civic.posters import payload
from content.city import City
from demo.seasons import Seasons

CHANNELS = {"wechat": 0.48, "web": 0.34, "telegram": 0.18}
HOURS = ((7, 8), (12, 13), (18, 19, 20), (20, 21), (7, 12, 19))  # when somebody usually looks at their phone


@dataclass(frozen=True, slots=True)
class Person:
    """``zeal``: how likely they come by on an ordinary workday; ``talent``: what they knew before; ``eye``: how much
    they see that is to be reported. ``breaks`` are first and last days on which they are away."""

    number: int
    channel: str
    language: str
    area: str | None
    arrival: date
    source: str | None
    hours: Sequence[int]
    tip_hour: int | None
    zeal: float
    weekend: float
    talent: float
    eye: float
    breaks: Sequence[tuple[date, date]]

    def away(self, day: date) -> bool:
        """Whether they have other things on their mind."""
        return any(first <= day <= last for first, last in self.breaks)


def settle(seed: int, number: int, city: City, seasons: Seasons) -> Person:
    """Somebody, the same for the same seed."""
    rng = random.Random(f"{seed}/person/{number}")
    areas = list(city.communities)
    # Some communities are large, some small: a quarter of them has half of the people.
    area = rng.choices(areas, [1 / (1 + place) ** 0.7 for place in range(len(areas))])[0]
    arrival, campaign = _arrival(rng, seasons)
    tip_hour = rng.choice(city.tip_hours) if rng.random() < 0.62 else None
    return Person(
        number=number,
        channel=rng.choices(list(CHANNELS), list(CHANNELS.values()))[0],
        language="en" if rng.random() < 0.06 else "zh",
        area=area if rng.random() < 0.93 else None,
        arrival=arrival,
        source=_source(rng, area, seasons.name if campaign else None),
        hours=rng.choice(HOURS),
        tip_hour=tip_hour,
        zeal=min(0.95, rng.betavariate(1.6, 3.2) + (0.12 if tip_hour else 0)),
        weekend=rng.choice((0.5, 0.8, 1.0, 1.5)),
        talent=rng.gauss(0, 0.09),
        eye=rng.paretovariate(1.3),
        breaks=tuple(_breaks(rng, arrival, seasons.last)),
    )


def _arrival(rng: random.Random, seasons: Seasons) -> tuple[date, bool]:
    """When they come, and whether the campaign brought them: many in the first weeks, and again with the campaign."""
    length = (seasons.last - seasons.first).days
    roll = rng.random()
    if roll < 0.45:
        day = seasons.first + timedelta(days=round(length * 0.22 * rng.random() ** 1.5))
    elif roll < 0.65:
        day = seasons.first + timedelta(days=round(length * rng.random()))
    else:
        day = seasons.campaign + timedelta(days=round(min(25, length * 0.3) * rng.random() ** 1.6))
    return min(day, seasons.last), roll >= 0.65


def _source(rng: random.Random, area: str, campaign: str | None) -> str | None:
    roll = rng.random()
    if campaign is not None:
        return payload(area if roll < 0.6 else None, campaign) if roll < 0.85 else None
    return payload(area, None) if roll < 0.4 else None


def _breaks(rng: random.Random, arrival: date, last: date) -> list[tuple[date, date]]:
    """Four in ten stop for good at some time, three in ten are away for some weeks and come back."""
    found = []
    if rng.random() < 0.3:
        start = arrival + timedelta(days=rng.randint(6, 40))
        found.append((start, start + timedelta(days=rng.randint(9, 26))))
    if rng.random() < 0.4:
        found.append((arrival + timedelta(days=1 + round(rng.expovariate(1 / 28))), last))
    return found
