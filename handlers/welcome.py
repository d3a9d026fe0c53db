"""First contact, and the two things it settles: where somebody lives, when the daily tip comes."""

from dataclasses import replace

from actions import residents
from bot.conversation import Conversation, Reply, Step, Turn, ask, done, opt, say
from bot.messages import Option, Say
from civic.choices import plain
from civic.errors import Refused
from content.search import SURE
from handlers.scene import scene
from handlers.search import communities

SKIP = opt("skip", "option.skip")
MOST = 8  # communities offered at once


def start(turn: Turn, command: str, argument: str) -> Reply:
    """/start greets; /area and /daily settle one thing only."""
    if command == "area":
        return ask("district", keep={"only": True})
    if command == "daily":
        return ask("hour", keep={"only": True})
    resident = residents.arrive(scene(turn), argument) if argument else turn.resident
    hello = say("welcome.hello", city=turn.library.city.in_language(turn.language).name)
    if resident.area is not None or resident.tip_hour is not None:
        return Reply(
            (say("welcome.again", city=turn.library.city.in_language(turn.language).name),),
            go="menu short",
            resident=resident,
        )
    return ask("district", hello, resident=resident)


def _ask_district(turn: Turn) -> Say:
    districts = [
        opt(district.id, label=district.in_language(turn.language)) for district in turn.library.city.districts
    ]
    return replace(say("welcome.district", *districts, SKIP), in_place=True)


def _take_district(turn: Turn) -> Reply:
    if turn.choice == "skip":
        return _after_area(turn)
    if turn.choice is not None:
        return ask("community", keep={**turn.data, "district": turn.choice})
    return _search(turn)


def _search(turn: Turn) -> Reply:
    found = communities(turn.library, turn.text)
    if not found:
        if _is_question(turn):  # many begin with what they came for
            return Reply(go=f"ask {turn.text}")
        raise Refused("welcome.no_community", text=turn.text[:20])
    if len(found) == 1:
        return _live_in(turn, found[0])
    return ask("community", keep={**turn.data, "found": found[:MOST]})


def _is_question(turn: Turn) -> bool:
    """Whether the words that name no community are a courtesy, or a question: one that we can answer, or that comes
    near to one and is longer than any name."""
    if turn.library.speech.courtesy(turn.text):
        return True
    hits = turn.library.finder.find(turn.text)
    names = turn.library.city.communities.values()
    longest = max(len(community.in_language(turn.language)) for community in names)
    return bool(hits) and (hits[0].score >= SURE or len(turn.text) > longest)


def _ask_community(turn: Turn) -> Say:
    city = turn.library.city
    found = turn.data.get("found")
    if found is None:
        district = next(item for item in city.districts if item.id == turn.data["district"])
        found = [community.id for community in district.communities]
    options = [opt(key, label=city.communities[key].in_language(turn.language)) for key in found]
    return replace(say("welcome.community", *options, SKIP), in_place=True)


def _take_community(turn: Turn) -> Reply:
    if turn.choice == "skip":
        return _after_area(turn)
    return _live_in(turn, turn.choice) if turn.choice else _search(turn)


def _live_in(turn: Turn, community: str) -> Reply:
    resident = residents.settle(scene(turn), area=community)
    name = turn.library.city.communities[community].in_language(turn.language)
    told = say("welcome.area_set", area=name)
    if turn.data.get("only"):
        return Reply((told,), resident=resident, go="menu short")
    return ask("hour", told, resident=resident)


def _after_area(turn: Turn) -> Reply:
    if turn.data.get("only"):
        resident = residents.settle(scene(turn), area=None)
        return Reply((say("welcome.area_none"),), resident=resident, go="menu short")
    return ask("hour")


def _ask_hour(turn: Turn) -> Say:
    offered = [_hour_option(hour) for hour in turn.library.city.tip_hours]
    return say("welcome.hour", *offered, opt("none", "option.no_tip"))


def _hour_option(hour: int) -> Option:
    part = "morning" if hour < 11 else "noon" if hour < 14 else "afternoon" if hour < 18 else "evening"
    return opt(str(hour), f"welcome.hour_{part}", hour=hour if hour <= 12 else hour - 12)


def _take_hour(turn: Turn) -> Reply:
    if turn.choice is None and not any(map(str.isdecimal, turn.text)) and _is_question(turn):
        return Reply(go=f"ask {turn.text}")
    hour = None if turn.choice == "none" else _hour(turn.choice or turn.text)
    resident = residents.daily_tip(scene(turn), hour)
    told = say("welcome.hour_none") if hour is None else say("welcome.hour_set", hour=hour)
    if turn.data.get("only"):
        return Reply((told,), resident=resident, go="menu short")
    first = (
        Option("/quiz one", "option.try_one"),
        Option("/report", "command.report"),
        Option("/menu", "option.later"),
    )
    return done(told, say("welcome.ready", *first), resident=resident)


def _hour(text: str) -> int:
    """An hour typed as «7», «19:00», «8点»; only by day. Raises Refused."""
    digits = "".join(character for character in plain(text).partition(":")[0] if character.isdecimal())
    hour = int(digits) if digits and len(digits) <= 2 else -1
    if "晚" in text or "下午" in text or "pm" in plain(text):  # words of the clock, not of ours
        hour = hour + 12 if 0 < hour < 12 else hour
    if not residents.EARLIEST <= hour <= residents.LATEST:
        raise Refused("welcome.bad_hour", earliest=residents.EARLIEST, latest=residents.LATEST)
    return hour


BOTH = frozenset({"choice", "text"})
conversation = Conversation(
    "welcome",
    frozenset({"start", "area", "daily"}),
    start,
    {
        "district": Step(_ask_district, _take_district, BOTH),
        "community": Step(_ask_community, _take_community, BOTH),
        "hour": Step(_ask_hour, _take_hour, BOTH),
    },
)
