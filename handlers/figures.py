"""Figures in chat: residents see what was published of their area and how their reports went, staff a card of what
they answer for; and whoever wants to gets each bulletin."""

from typing import Any

from actions import editions, figure_words, issuing, reports
from actions.duty import acting_here
from bot.conversation import Conversation, Reply, Turn, done, say
from bot.messages import Option, Picture, Say
from civic.figures import Value
from handlers.scene import scene

KEYS = ("active", "quiz_answers", "accuracy", "reports_received", "closing_rate")
CARD_LASTS = 24 * 3600  # seconds
MENU = Option("/menu", "command.menu")


def start(turn: Turn, command: str, argument: str) -> Reply:
    """figures [city] · bulletin [on | off]."""
    if command == "bulletin":
        return _bulletin(turn, argument)
    staff = acting_here(scene(turn), turn.message.address)
    if staff is not None and staff.id is not None and not argument:
        token = turn.links.seal("card", f"staff~{staff.id}~{turn.language}", turn.tx.now, CARD_LASTS)
        picture = Picture(f"/cards/{token}.png", "figures.card")
        return done(Say("figures.staff", {}, (Option("/tasks", "command.tasks"), MENU), (picture,)))
    return done(_figures(turn, turn.resident.area if argument != "city" else None))


def _figures(turn: Turn, area: str | None) -> Say:
    options = [Option("/bulletin", "command.bulletin"), MENU]
    if area is not None:
        options.insert(0, Option("/figures city", "option.whole_city"))
    found = issuing.latest(turn.tx, turn.library, turn.language, apart=area is not None)
    if found is None:
        return say("figures.none", *options, link=f"{turn.links.base_url}/stats", mine=_mine(turn))
    edition, bulletin = found
    values = [value for value in bulletin.values if value.key in KEYS]
    lines = [_line(turn, value) for value in (editions.of_community(values, area) if area else values)]
    place = figure_words.label(turn.library, "area", area, turn.language) if area else ""
    link = f"{turn.links.base_url}/stats?edition={edition.id}"
    link += f"&area={area}" if area in turn.library.city.communities else ""
    days = {"start": edition.first_day, "end": edition.last_day}
    mine = _mine(turn, edition.first_day, edition.last_day)
    return say("figures.published", *options, place=place, lines=lines, link=link, mine=mine, **days)


def _mine(turn: Turn, *days: str) -> list[dict[str, Any]]:
    """What came of their own reports: those of these days, or all."""
    found = reports.outcomes(scene(turn), *days)
    return [{"status": turn.word(f"stats.status.{status}"), "n": n} for status, n in found]


def _line(turn: Turn, value: Value) -> dict[str, str]:
    """A figure in words: ``number`` is empty where it is hidden."""
    number = "" if value.hidden else figure_words.written(value, value.key, turn.library.texts, turn.language)
    return {"label": turn.word(f"stats.label.{value.key}"), "number": number}


def _bulletin(turn: Turn, argument: str) -> Reply:
    if argument == "on":
        issuing.subscribe(scene(turn), on=True)
        return done(say("bulletin.subscribed", MENU))
    if argument == "off":
        issuing.subscribe(scene(turn), on=False)
        return done(say("bulletin.unsubscribed", Option("/bulletin on", "option.bulletin_on"), MENU))
    getting = issuing.subscribed(scene(turn))
    switch = Option("/bulletin off", "option.bulletin_off") if getting else Option("/bulletin on", "option.bulletin_on")
    found = issuing.latest(turn.tx, turn.library, turn.language)
    if found is None:
        return done(say("bulletin.nothing_yet", switch, MENU))
    edition, bulletin = found
    token = turn.links.seal("card", issuing.subject(edition, turn.language), turn.tx.now, issuing.CARD_LASTS)
    told = issuing.news(edition, bulletin, turn.links.base_url, token)
    return done(Say(told.key, told.params, (switch, MENU), told.pictures))


conversation = Conversation("figures", frozenset({"figures", "bulletin"}), start)
