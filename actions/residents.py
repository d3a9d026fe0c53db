"""What residents settle for themselves: area, daily tip, language, points; what we hold, export, erase."""

import re
from collections.abc import Mapping
from typing import Any

from actions.scene import Scene, record
from bot.messages import Address
from civic.people import Resident
from db import journal, residents, talks
from db.tx import Tx

PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")  # as Telegram allows for deep links; civic.posters makes them
EARLIEST, LATEST = 7, 21  # hours at which a daily tip may come: never at night


def arrive(scene: Scene, payload: str) -> Resident:
    """Someone came by a poster or link; the first one that brought them stays their source."""
    resident = scene.resident
    if not PAYLOAD.fullmatch(payload):  # typed by somebody: no poster of ours, and no text for the public figures
        return resident
    source = payload
    if resident.source is None:
        resident = talks.change_resident(scene.tx, resident.id, source=source)
    record(Scene(scene.tx, scene.library, scene.zone, resident, scene.channel), "arrive", subject=source)
    return resident


def settle(scene: Scene, **values: object) -> Resident:
    """Change settings: language, area, anonymous, points_on."""
    return talks.change_resident(scene.tx, scene.resident.id, **values)


def daily_tip(scene: Scene, hour: int | None) -> Resident:
    """Have the daily tip at an hour of the city's clock, or no more."""
    if hour != scene.resident.tip_hour:
        record(scene, "daily_off" if hour is None else "daily_on", subject=None if hour is None else str(hour))
    return talks.change_resident(scene.tx, scene.resident.id, tip_hour=hour)


def holdings(scene: Scene) -> dict[str, int]:
    """How many rows of each kind we hold about a resident."""
    return residents.holdings(scene.tx, scene.resident.id)


def points(scene: Scene) -> Mapping[str, tuple[int, int]]:
    """deed → (times, points) of what brought points."""
    return journal.points_by_deed(scene.tx, scene.resident.id)


def exported(scene: Scene) -> None:
    """They asked for their file."""
    record(scene, "exported", earns=False)


def export(tx: Tx, resident_id: int) -> dict[str, Any]:
    """Everything we hold about a resident, as JSON values."""
    return residents.export(tx, resident_id)


def erase(scene: Scene, address: Address) -> Resident:
    """Erase a resident: talks, photos, answers, settings. Reports and deeds lose the person and stay as counts,
    since the city has begun to act on them. Returns the blank resident with whom the talk of this address goes on."""
    talk = talks.find_talk(scene.tx, address.channel, address.user)
    assert talk is not None
    record(scene, "erased", earns=False)
    blank = residents.erase(scene.tx, scene.resident.id, talk[0], scene.resident.language, scene.iso_day)
    found = talks.find_resident(scene.tx, blank)
    assert found is not None
    return found
