"""My points: what they come from, the streak, and the switch to do without."""

from actions import learning, residents
from bot.conversation import Conversation, Reply, Turn, done, say
from bot.messages import Option
from civic.points import level, missing
from handlers.scene import scene


def start(turn: Turn, command: str, argument: str) -> Reply:
    """points [on | off]."""
    resident = turn.resident
    if argument in {"on", "off"}:
        resident = residents.settle(scene(turn), points_on=int(argument == "on"))
    switch = (
        Option("/points off", "option.points_off") if resident.points_on else Option("/points on", "option.points_on")
    )
    if not resident.points_on:
        return done(say("points.off", switch, Option("/menu", "command.menu")), resident=resident)
    earned = residents.points(scene(turn))
    total = sum(points for _, points in earned.values())
    lines = [
        {"deed": turn.word(f"deed.{deed}"), "times": times, "points": points}
        for deed, (times, points) in earned.items()
    ]
    return done(
        say(
            "points.mine",
            Option("/quiz one", "option.try_one"),
            switch,
            Option("/menu", "command.menu"),
            total=total,
            level=level(total),
            missing=missing(total),
            lines=lines,
            streak=learning.streak(scene(turn)),
        ),
        resident=resident,
    )


conversation = Conversation("points", frozenset({"points"}), start)
