"""What somebody should look at: sources due for review, what cites a repealed rule, what has no English."""

import datetime
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from content.calendar import Observance
from content.checks import out_of_force
from content.city import LocalRule
from content.items import Answer, Category, Question, Tip
from content.sheets import Entry, Problem
from content.wording import strings

if TYPE_CHECKING:
    from content.library import Library

_HAN = re.compile(r"[\u3400-\u9fff]")
_SOON = datetime.timedelta(days=60)


def due(library: "Library", today: datetime.date) -> list[Problem]:
    """What somebody should look at by ``today``, each with its line: rules, repealed instruments, English, a
    calendar running out."""
    found: list[Problem] = []
    asked = {key for answer in library.answers.values() for key in answer.local}
    for entry in library.entries:
        match entry.item:
            case Tip() | Question() | Answer() | Category():
                found += _sources(library, entry, today)
                found += _no_english(entry)
            case LocalRule():
                found += _local(entry, asked, today)
                found += _no_english(entry)
            case Observance():
                found += _days(entry, today)
    return [*found, *_work(library, today)]


def _sources(library: "Library", entry: Entry[Any], today: datetime.date) -> Iterator[Problem]:
    for source in entry.item.source:
        instrument = library.instruments[source.instrument]
        if not instrument.in_force_on(today):
            yield entry.problem("source", out_of_force(instrument))
        elif source.review_by <= today:
            yield entry.problem("source", f"《{instrument.name}》{source.article} 该复核了(期限 {source.review_by})")


def _local(entry: Entry[LocalRule], asked: set[str], today: datetime.date) -> Iterator[Problem]:
    rule = entry.item
    if asked and rule.key not in asked:
        yield entry.problem("key", "没有哪条问答用到它,key 可能拼错了(样板里列着全部)")
    if rule.review_by <= today:
        yield entry.problem("review_by", f"{rule.instrument}{rule.article} 该复核了(期限 {rule.review_by})")


def _no_english(entry: Entry[Any]) -> Iterator[Problem]:
    """English that still holds Chinese: it was copied and never translated."""
    for path, text in strings(entry.item):
        if path.partition(".")[0] == "en" and (found := _HAN.search(text)):
            yield entry.problem(path, f"英文里还有中文(「{found[0]}」)")


def _days(entry: Entry[Observance], today: datetime.date) -> Iterator[Problem]:
    one, soon = entry.item, (today + _SOON).year
    if one.dates and max(one.dates).year < soon:
        yield entry.problem("dates", f"{one.zh.name}没有 {soon} 年的日期")


def _work(library: "Library", today: datetime.date) -> Iterator[Problem]:
    soon = (today + _SOON).year
    if not library.calendar.knows_work_of(soon):
        reason = f"还没有 {soon} 年放假调休的全国数据:国办通知发布后,更新 chinesecalendar 或写进 [work]"
        yield Problem("calendar.toml", "work", reason, "work")
