"""Before the details: has somebody close by reported the same? One tap follows it instead."""

from collections.abc import Callable

from actions import following
from actions.following import Neighbour
from bot.conversation import Reply, Turn, done, opt, say
from bot.messages import Option, Picture, Say
from handlers.scene import scene

Follow = Callable[..., Reply]


def ask_near(turn: Turn, neighbours: list[Neighbour]) -> Say:
    """What there is, with distance, state and a small picture; what was solved meanwhile is left out."""
    found = [one for one in neighbours if one.report.number in turn.data["near"]]
    lines = []
    for one in found:
        created = turn.moment(one.report.created_at)
        status = turn.word(f"status.{one.report.status}")
        facts = {"place": one.place, "metres": one.metres, "status": status, "followers": one.followers}
        lines.append(facts | {"month": created.month, "day": created.day})
    options = [opt(f"same:{one.report.number}", "option.same", n=n) for n, one in enumerate(found, 1)]
    pictures = [
        Picture(f"/chat/photos/{one.photo}/public.jpg", "report.near_photo", {"n": n})
        for n, one in enumerate(found, 1)
        if one.photo is not None
    ]
    return Say("report.near", {"lines": lines}, (*options, opt("not_same")), tuple(pictures))


def take_near(turn: Turn, follow: Follow, with_photos: Callable[[Turn], Reply]) -> Reply:
    """Follow the one that was tapped, or go on with the draft."""
    if turn.photos:
        return with_photos(turn)
    word, _, number = (turn.choice or "").partition(":")
    if word != "same":
        return follow({**turn.data, "near": []}, turn)
    count = following.follow(scene(turn), number, tuple(turn.data["photos"]))
    options = (Option(f"/follow {number}", "option.details"), Option("/menu", "command.menu"))
    return done(say("report.followed", *options, number=number, count=count, photos=len(turn.data["photos"])))
