"""What somebody should look at: sources due for review, what cites a repealed rule, what has no English."""

import datetime
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from content.checks import out_of_force
from content.items import Answer, Category, Question, Tip
from content.sheets import Problem
from content.wording import strings

if TYPE_CHECKING:
    from content.library import Library

Cited = Tip | Question | Answer | Category

_HAN = re.compile(r"[\u3400-\u9fff]")


def due(library: "Library", today: datetime.date) -> list[Problem]:
    """What somebody should look at by ``today``: rules, repealed instruments, English, a calendar running out."""
    return [
        *_due_sources(library, today),
        *_due_rules(library, today),
        *_no_english(library),
        *_due_days(library, today),
    ]


def _items(library: "Library") -> Iterator[tuple[str, Cited]]:
    """Everything that cites a source, with its file."""
    yield from ((f"tips/{one.topic}.toml", one) for one in library.tips.values())
    yield from ((f"quizzes/{one.topic}.toml", one) for one in library.questions.values())
    yield from ((f"answers/{one.topic}.toml", one) for one in library.answers.values())
    yield from (("categories.toml", one) for one in library.categories.values())


def _due_sources(library: "Library", today: datetime.date) -> Iterator[Problem]:
    for file, item in _items(library):
        for source in item.source:
            instrument = library.instruments[source.instrument]
            if not instrument.in_force_on(today):
                yield Problem(file, item.id, out_of_force(instrument))
            elif source.review_by <= today:
                reason = f"《{instrument.name}》{source.article} 该复核了(期限 {source.review_by})"
                yield Problem(file, item.id, reason)


def _due_rules(library: "Library", today: datetime.date) -> Iterator[Problem]:
    asked = {key for answer in library.answers.values() for key in answer.local}
    file = f"cities/{library.city.id}/rules.toml"
    for key, rule in library.city.rules.items():
        if asked and key not in asked:
            yield Problem(file, key, "没有哪条问答用到它,key 可能拼错了(样板里列着全部)")
        if rule.review_by <= today:
            yield Problem(file, key, f"{rule.instrument}{rule.article} 该复核了(期限 {rule.review_by})")


def _no_english(library: "Library") -> Iterator[Problem]:
    """English that still holds Chinese: it was copied and never translated."""
    for file, item in _items(library):
        for path, text in strings(item):
            if path.startswith("en.") and (found := _HAN.search(text)):
                yield Problem(file, f"{item.id}.{path}", f"英文里还有中文(「{found[0]}」)")
    for key, rule in library.city.rules.items():
        if _HAN.search(rule.en):
            yield Problem(f"cities/{library.city.id}/rules.toml", f"{key}.en", "英文里还有中文")


def _due_days(library: "Library", today: datetime.date) -> Iterator[Problem]:
    soon = (today + datetime.timedelta(days=60)).year
    if not library.calendar.knows_work_of(soon):
        reason = f"还没有 {soon} 年放假调休的全国数据:国办通知发布后,更新 chinesecalendar 或写进 [work]"
        yield Problem("calendar.toml", "work", reason)
    for one in library.calendar.all_observances:
        if one.dates and max(one.dates).year < soon:
            yield Problem("calendar.toml", one.id, f"{one.zh.name}没有 {soon} 年的日期")
