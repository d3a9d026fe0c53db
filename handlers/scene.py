"""From a turn to what actions need."""

from actions.scene import Scene
from bot.conversation import Turn


def scene(turn: Turn) -> Scene:
    """Who acts, where and when."""
    return Scene(turn.tx, turn.library, turn.zone, turn.resident, turn.channel)
