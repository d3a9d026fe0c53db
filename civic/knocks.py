"""How long somebody waits after failed attempts to sign in: longer each time, never for good.

Attempts are counted apart for a browser that signed in to this account before, for all other browsers together, and
for an address. So who guesses at somebody's password slows down strangers, not them.
"""

from dataclasses import dataclass

HOUR = 3_600_000  # milliseconds


@dataclass(frozen=True, slots=True)
class Kind:
    """After ``free`` failures one waits a second, then two, four … up to ``longest`` seconds."""

    free: int
    longest: int


BROWSER = Kind(10, 60)  # who knows it has it at hand
ACCOUNT = Kind(5, 300)
ADDRESS = Kind(30, 60)  # a whole office may stand behind one


def wait(kind: Kind, failures: int, at: int, now: int) -> int:
    """Seconds until the next attempt is heard; ``at`` (of the last failure) and ``now`` are milliseconds.

    After an hour of quiet, failures count no longer.
    """
    beyond = failures - kind.free
    if beyond < 0 or now - at >= HOUR:
        return 0
    seconds = min(kind.longest, 1 << min(beyond, 20))
    until = at + 1000 * seconds
    return max(0, -(-(until - now) // 1000))
