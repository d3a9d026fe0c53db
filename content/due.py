"""What somebody should look at: sources due for review, what cites a repealed rule, what has no English."""

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from content.calendar import Observance
from content.category import Category
from content.checks import out_of_force
from content.city import LocalRule
from content.items import Answer, Instrument, Question, Tip
from content.register import citations
from content.sheets import Entry, Problem
from content.wording import strings

if TYPE_CHECKING:
    from content.library import Library

_NAMES = re.compile(r"《([^》]+)》")
_HAN = re.compile(r"[\u3400-\u9fff]")
_SOON = datetime.timedelta(days=60)


def due(library: "Library", today: datetime.date) -> list[Problem]:
    """What somebody should look at by ``today``, each with its line: rules, repealed instruments, English, a
    calendar running out."""
    found: list[Problem] = []
    asked = {key for answer in library.answers.values() for key in answer.local}
    cited = {source.instrument for _, source in citations(library)}
    gone = _gone(library, today)
    for entry in library.entries:
        match entry.item:
            case Tip() | Question() | Answer() | Category():
                found += _sources(library, entry, today)
                found += _no_english(entry)
                found += _named(entry, gone)
            case Instrument():
                found += _version(entry, cited, today)
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
            yield entry.problem("source", f"《{instrument.name}》{source.article} 该复核了（期限 {source.review_by}）")


def _gone(library: "Library", today: datetime.date) -> dict[str, Instrument]:
    """Instruments out of force, by a name that none in force has."""
    now = {one.name for one in library.instruments.values() if one.in_force_on(today)}
    return {one.name: one for one in library.instruments.values() if one.quoted and one.name not in now}


def _named(entry: Entry[Any], gone: Mapping[str, Instrument]) -> Iterator[Problem]:
    """Texts that name an instrument out of force, cited or not."""
    for path, text in strings(entry.item):
        for name in _NAMES.findall(text):
            if name in gone:
                yield entry.problem(path, f"文字里提到《{name}》：{out_of_force(gone[name])}")


def _version(entry: Entry[Instrument], cited: set[str], today: datetime.date) -> Iterator[Problem]:
    """Laws that are cited and do not say which version was read."""
    item = entry.item
    known = item.version or item.effective_from
    if item.code in cited and item.quoted and item.in_force_on(today) and not known:
        yield entry.problem("version", f"《{item.name}》有人引用，没有写版本（version）和施行日期")


def _local(entry: Entry[LocalRule], asked: set[str], today: datetime.date) -> Iterator[Problem]:
    rule = entry.item
    if asked and rule.key not in asked:
        yield entry.problem("key", "没有哪条问答用到它，居民问不到")
    if rule.review_by <= today:
        yield entry.problem("review_by", f"{rule.instrument}{rule.article} 该复核了（期限 {rule.review_by}）")


def _no_english(entry: Entry[Any]) -> Iterator[Problem]:
    """English that still holds Chinese: it was copied and never translated."""
    for path, text in strings(entry.item):
        if path.partition(".")[0] == "en" and (found := _HAN.search(text)):
            yield entry.problem(path, f"英文里还有中文（「{found[0]}」）")


def _days(entry: Entry[Observance], today: datetime.date) -> Iterator[Problem]:
    one, soon = entry.item, (today + _SOON).year
    if one.dates and max(one.dates).year < soon:
        yield entry.problem("dates", f"{one.zh.name}没有 {soon} 年的日期")


def _work(library: "Library", today: datetime.date) -> Iterator[Problem]:
    soon = (today + _SOON).year
    if not library.calendar.knows_work_of(soon):
        reason = f"还没有 {soon} 年放假调休的全国数据：国办通知发布后，更新 chinesecalendar 或写进 [work]"
        yield Problem("calendar.toml", "work", reason, "work")
