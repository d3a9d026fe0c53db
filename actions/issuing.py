"""Issuing: the figures of a period and their bulletins are looked at, signed, published, and sent to who wants them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from actions import editions, statistics
from actions.bulletins import Bulletin, Setting, compose, from_json, to_json, weeks
from actions.scene import Scene
from bot.house import House
from bot.letters import say_to_json
from bot.messages import Option, Picture, Say
from civic.catalogue import PUBLIC
from civic.figures import Value
from civic.periods import Period, last_over, parse_period
from civic.staff import Staff
from content.library import Library
from db import bulletin_readers
from db.circulars import circular, circulate
from db.editions import Edition, list_editions
from db.tx import Tx

LASTS = 3 * 24 * 3600 * 1000  # ms that a letter with a bulletin may wait
AFTERWARDS = timedelta(days=31)  # so long a campaign's bulletin is waited for
RECENT = 5  # editions among which the latest bulletin is looked for
CARD_LASTS = 60 * 24 * 3600  # seconds that its picture can be fetched


@dataclass(frozen=True)
class Draft:
    """What would be published, before anybody signs."""

    period: Period
    values: tuple[Value, ...]
    bulletins: Mapping[str, Bulletin]


def draft(tx: Tx, library: Library, period: Period, around: Setting) -> Draft:
    """Figures and bulletins of a period that is over. A unit that only reads.

    Raises Refused: edition.not_over, edition.adding_up, bulletin.broken.
    """
    values = editions.prepare(tx, library, period)
    shown = published(tx, library, period, values)
    before = statistics.compared(tx, library, period, shown, chosen=PUBLIC, public=True)["previous"][1]
    whole = weeks(tx, library, period)
    made = {
        language: compose(library, period, language, shown, before, around, whole) for language in library.bulletins
    }
    return Draft(period, tuple(values), made)


def issue(tx: Tx, house: House, staff: Staff, drafted: Draft, *, text: str = "", note: str = "") -> Edition:
    """Sign a draft: its edition is public from now on, and goes to who subscribed. Raises what ``editions.publish``
    does."""
    kept = {language: to_json(one) for language, one in drafted.bulletins.items()}
    made = editions.publish(
        tx, house.library, staff, drafted.period, drafted.values, text=text, note=note, bulletins=kept
    )
    for language, one in drafted.bulletins.items():
        token = house.links.seal("card", subject(made, language), tx.now, CARD_LASTS)
        say = news(made, one, house.links.base_url, token)
        number = circular(tx, f"edition:{made.id}:{language}", say_to_json(say))
        readers = bulletin_readers.readers(language)
        circulate(tx, number, readers, once=f"edition:{made.id}:", expires_at=tx.ms + LASTS)
    return made


def subject(edition: Edition, language: str) -> str:
    """What the token of an edition's card stands for (``bot.links``, purpose «card»)."""
    return f"{edition.id}~{language}"


def news(edition: Edition, found: Bulletin, base_url: str, token: str) -> Say:
    """An edition as a message: its title and first sentence, the card, where all of it is."""
    address = f"{base_url}/stats?edition={edition.id}"
    words = {"title": found.title, "opening": found.opening, "text": edition.text, "link": address}
    card = Picture(f"/cards/{token}.png", "bulletin.card", {"title": found.title})
    options = (Option("/figures", "command.figures"), Option("/bulletin off", "option.bulletin_off"))
    return Say("bulletin.news", words, options, (card,))


def subscribe(scene: Scene, *, on: bool) -> None:
    """The resident wants each bulletin from now on, or no more."""
    change = bulletin_readers.subscribe if on else bulletin_readers.unsubscribe
    change(scene.tx, scene.resident.id)


def subscribed(scene: Scene) -> bool:
    """Whether they get it."""
    return bulletin_readers.subscribed(scene.tx, scene.resident.id)


def latest(tx: Tx, library: Library, language: str, *, apart: bool = False) -> tuple[Edition, Bulletin] | None:
    """The newest edition that has a bulletin in this language; one that tells places apart, if there is any."""
    found = [editions.find(tx, edition.id, tx.now.date()) for edition in list_editions(tx, RECENT)]
    for frozen in sorted(found, key=lambda one: apart and not statistics.apart(library, one.period)):
        edition = frozen.edition
        if language in frozen.bulletins:
            shown = published(tx, library, frozen.period, frozen.values)
            return edition, from_json(frozen.bulletins[language], frozen.period, language, shown)
    return None


def published(tx: Tx, library: Library, period: Period, values: Sequence[Value]) -> list[Value]:
    """The values of an edition as the public may see them: what was signed holds more."""
    return statistics.veiled(tx, library, period, editions.chosen(values, {one.key: one.by for one in PUBLIC}))


def around(tx: Tx, house: House, period: Period) -> Setting:
    """What stands around the numbers of the whole city."""
    link = f"{house.links.base_url}/stats?period={period.lasting}"
    return Setting(None, f"{tx.local(house.zone):%Y-%m-%d %H:%M}", link, house.made_up)


def unsigned(tx: Tx, library: Library, today: date) -> list[Period]:
    """Periods that are over, of which the city wants a bulletin and nobody has signed one: the last of each kind."""
    return [one for one in _due(library, today) if not list_editions(tx, 1, f"{one.start}", f"{one.end}")]


def _due(library: Library, today: date) -> Iterator[Period]:
    for kind in library.city.statistics.bulletins:
        if kind != "campaign":
            yield last_over(kind, today)
            continue
        for one in library.city.campaigns:
            if one.end < today <= one.end + AFTERWARDS:
                yield parse_period(one.id, today, library.city.campaign_days)
