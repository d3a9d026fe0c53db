"""Bulletins fall due: a draft is composed, and who signs is told in chat once. Nothing goes out unsigned."""

from actions import issuing
from actions.issuing import Draft
from bot.house import House
from bot.letters import say_to_json
from bot.messages import Option, Say
from civic.errors import Refused
from civic.periods import Period
from civic.staff import RIGHTS
from db import duty, letters, residents
from db.tx import Tx

LASTS = 7 * 24 * 3600 * 1000  # ms after which nobody has to be told any more


def compose(tx: Tx, house: House) -> list[tuple[Period, Draft | Refused]]:
    """The drafts of bulletins that fell due and that nobody was told of, or why one can't be written. Those that wait
    for the journal to be added up come later. A unit that only reads."""
    found: list[tuple[Period, Draft | Refused]] = []
    for period in issuing.unsigned(tx, house.library, tx.local(house.zone).date()):
        if residents.ticked(tx, residents.BULLETIN, period.lasting):
            continue
        try:
            found.append((period, issuing.draft(tx, house.library, period, issuing.around(tx, house, period))))
        except Refused as refused:
            if refused.key != "edition.adding_up":
                found.append((period, refused))
    return found


def tell(tx: Tx, house: House, period: Period, drafted: Draft | Refused) -> int:
    """Tell those who sign, each in the chats that they bound; how many letters that were: none the second time."""
    if not residents.tick(tx, residents.BULLETIN, period.lasting):
        return 0
    readers = sorted(one.id for one in duty.in_chat(tx) if one.role in RIGHTS["publish"])
    told = duty.talks_of(tx, readers)
    for _, talk, channel, language in told:
        say = say_to_json(_news(house, period, drafted, language))
        once, expires = f"bulletin:{period.lasting}:{talk}", tx.ms + LASTS
        letters.add_letter(tx, talk, channel, say, once=once, expires_at=expires)
    return len(told)


def _news(house: House, period: Period, drafted: Draft | Refused, language: str) -> Say:
    link = f"{house.links.base_url}/console/bulletins?period={period.lasting}"
    days = house.library.texts.render(language, "stats.span", start=period.start, end=period.end)
    if isinstance(drafted, Refused):
        why = house.library.texts.render(language, drafted.key, **drafted.params)
        return Say("bulletin.failed", {"period": days, "why": why, "link": link})
    bulletin = drafted.bulletins.get(language) or next(iter(drafted.bulletins.values()))
    words = {"title": bulletin.title, "opening": bulletin.opening, "period": days, "link": link}
    return Say("bulletin.due", words, (Option("/figures", "command.figures"),))
