"""Linking channels: one person, one set of reports, points and settings."""

import secrets

from actions.scene import Scene, record
from civic.errors import Refused
from civic.people import Resident
from db import joining
from db.talks import find_resident

LASTS = 15 * 60  # seconds
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without characters that look alike
LENGTH = 8  # 31^8 ≈ 10^12: at the pace one resident may write, a code is over long before it is guessed


def invite(scene: Scene) -> str:
    """A one-time code to be typed on the other channel."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    joining.add_code(scene.tx, scene.resident.id, code, LASTS)
    return code


def join(scene: Scene, code: str) -> Resident:
    """Make this resident one with the one who made the code; their settings stay. Raises Refused."""
    stays = joining.take_code(scene.tx, code)
    if stays is None or stays == scene.resident.id:
        raise Refused("link.wrong_code")
    joining.join(scene.tx, stays, scene.resident.id)
    found = find_resident(scene.tx, stays)
    assert found is not None
    record(Scene(scene.tx, scene.library, scene.zone, found, scene.channel), "linked", earns=False)
    return found


def talks(scene: Scene) -> list[tuple[int, str, str, int]]:
    """Where this person talks to us: id, channel, address, and when they last spoke there (milliseconds)."""
    return joining.talks_of(scene.tx, scene.resident.id)


def part(scene: Scene, talk_id: int) -> None:
    """Let go of one of this person's talks. Reports, points and settings stay with them. Raises Refused where it is
    theirs no longer."""
    if talk_id not in {talk[0] for talk in talks(scene)}:
        raise Refused("link.gone")
    joining.part(scene.tx, talk_id)
    record(scene, "unlinked", earns=False)
