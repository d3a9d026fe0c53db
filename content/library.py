"""The library: all content, loaded and checked at once, ready to be asked."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import Template
from pydantic import BaseModel

from civic.choices import plain
from content import checks
from content.bulletins import read_bulletins
from content.calendar import Calendar, read_calendar
from content.category import Category
from content.citing import Citing
from content.city import City, LocalRule, Matter, read_pack
from content.emergency import Alarm, Emergency, read_alarm
from content.grounds import Ground, read_grounds
from content.items import Answer, Command, Forbidden, Instrument, Question, Source, Tip, Topic
from content.phrases import Phrase, Reason, read_phrases
from content.search import Finder
from content.shapes import Shapes, read_shapes
from content.sheets import ContentError, Entry, Problem, Shelf
from content.speech import Speech, read_speech
from content.texts import Texts, read_texts
from content.wording import Banned

__all__ = ["ContentError", "Library", "Problem", "load"]

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, eq=False, repr=False)  # written out it is some 50 MB
class Library:
    """Everything Youli teaches and says, for one city. Never changes: an edit makes a new library."""

    tips: Mapping[str, Tip]
    questions: Mapping[str, Question]
    answers: Mapping[str, Answer]
    speech: Speech
    topics: Mapping[str, Topic]
    categories: Mapping[str, Category]
    """The likeliest first."""
    city: City
    instruments: Mapping[str, Instrument]
    matters: Mapping[str, Matter]
    """What cities rule on themselves."""
    texts: Texts
    calendar: Calendar
    commands: tuple[Command, ...]
    phrases: tuple[Phrase, ...]
    reasons: Mapping[str, Reason]
    bulletins: Mapping[str, Template]
    """By language."""
    grounds: tuple[Ground, ...]
    shapes: Shapes
    alarm: Alarm
    citing: Citing
    entries: tuple[Entry[Any], ...]
    """Every item with the place it stands at, in the order of the files."""
    drafts: tuple[Entry[Any], ...]
    """What is being written: well-formed, and not served."""
    notes: tuple[Problem, ...]
    """What is still to do in drafts."""

    @property
    def emergencies(self) -> tuple[Emergency, ...]:
        return self.alarm.emergencies

    def tips_of(self, topic: str) -> tuple[Tip, ...]:
        """The tips of a topic, in the order of the file."""
        return self._tips_by_topic.get(topic, ())

    def questions_of(self, topic: str | None) -> tuple[Question, ...]:
        """The questions of a topic (None: of all), in the order of the files."""
        return self._questions_by_topic.get(topic, ())

    def citation(self, source: Source, language: str) -> str:
        """The grey line: «依据：《道路交通安全法》第47条第1款 · 2026-11 核对», or the English equivalent."""
        key = (source.instrument, source.article, source.verified_on, language)
        line = self._citations.get(key)
        if line is None:  # some hundred different ones stand under thousands of answers
            line = self._citations[key] = self.citing.line(source, self.instruments[source.instrument], language)
        return line

    def local_citation(self, rule: LocalRule, language: str) -> str:
        """The same for one of the city's own rules."""
        return self.citing.local(rule, language)

    def emergency(self, text: str) -> Emergency | None:
        """The emergency a message tells of: answer with its number first, and open no report."""
        return self.alarm.hear(text)

    def served(self) -> "Library":
        """The same without what only those who edit look at: some six megabytes of files as they were read."""
        return replace(self, entries=(), drafts=(), notes=())

    @cached_property
    def finder(self) -> Finder:
        """Finds the answers to questions in free words; its index is made when it is first asked."""
        return Finder(self)

    @cached_property
    def command_words(self) -> Mapping[str, str]:
        """The command that each word starts, words as ``civic.choices.plain`` writes them."""
        words = {plain(word): command.name for command in self.commands for word in command.words}
        return words | {command.name: command.name for command in self.commands}

    @cached_property
    def _tips_by_topic(self) -> Mapping[str, tuple[Tip, ...]]:
        tips = self.tips.values()
        return {topic: tuple(tip for tip in tips if tip.topic == topic) for topic in self.topics}

    @cached_property
    def _citations(self) -> dict[tuple[str, str, datetime.date, str], str]:
        return {}

    @cached_property
    def _questions_by_topic(self) -> Mapping[str | None, tuple[Question, ...]]:
        questions = tuple(self.questions.values())
        found: dict[str | None, tuple[Question, ...]] = {None: questions}
        return found | {topic: tuple(one for one in questions if one.topic == topic) for topic in self.topics}


def load(
    folder: Path, city: str, today: datetime.date | None = None, drafted: Mapping[str, str] | None = None
) -> Library:
    """Read and check the content folder for one city (a folder in cities/); ``drafted`` texts stand for files of
    that name, to try a change before it is written.

    With ``today``, rules whose instrument is not in force on that day are problems too; a running bot leaves
    it out, so that good content does not turn bad overnight. Raises ContentError with every problem found.
    """
    shelf = Shelf(folder, drafted or {})
    banned = Banned.of(_by_id(shelf, "forbidden.toml", "word", Forbidden, key="word").values())
    sources = shelf.sheet("sources.toml", ("citation", "instrument"))
    instruments = shelf.unique(shelf.entries(sources, "instrument", Instrument, key="code"))
    citing = shelf.item(sources, Citing, sources.data.get("citation", {}), "citation")
    topics = _by_id(shelf, "topics.toml", "topic", Topic)
    matters = _by_id(shelf, "matters.toml", "matter", Matter, key="key")
    tips = _of_topics(shelf, "tips", "tip", Tip)
    questions = _of_topics(shelf, "quizzes", "question", Question)
    answers = _of_topics(shelf, "answers", "answer", Answer)
    speech = read_speech(shelf)
    commands = _by_id(shelf, "commands.toml", "command", Command, key="name", optional=True)
    calendar, alarm, texts = read_calendar(shelf), read_alarm(shelf), read_texts(shelf, banned)
    phrases = read_phrases(shelf)
    reasons = _by_id(shelf, "reasons.toml", "reason", Reason, optional=True)
    bulletins = read_bulletins(shelf, banned)
    pack = read_pack(shelf, city)
    shapes = read_shapes(shelf, f"cities/{city}", pack.city.communities if pack.city else ())
    categories = shelf.entries(shelf.sheet("categories.toml", ("category",)), "category", Category)
    handled = pack.assign(shelf, sorted(categories, key=lambda entry: entry.item.likely))
    categories_by_id = shelf.unique(handled)
    grounds = read_grounds(shelf, categories_by_id)
    checks.everything(shelf, banned, today)
    if pack.city:
        shelf.problems += checks.offices(handled, pack.city)
        shelf.problems += pack.city.handling.problems(pack.about, categories_by_id)
        shelf.problems += pack.city.statistics.problems(pack.about)
    if shelf.problems or pack.city is None or citing is None:
        raise ContentError(shelf.problems)
    return Library(
        tips=tips,
        questions=questions,
        answers=answers,
        speech=speech,
        topics=topics,
        categories=categories_by_id,
        city=pack.city,
        instruments=instruments,
        matters=matters,
        texts=texts,
        calendar=calendar,
        commands=tuple(commands.values()),
        phrases=phrases,
        reasons=reasons,
        bulletins=bulletins,
        grounds=grounds,
        shapes=shapes,
        alarm=alarm,
        citing=citing,
        entries=tuple(shelf.read),
        drafts=tuple(shelf.drafts),
        notes=tuple(dict.fromkeys(shelf.notes)),
    )


def _by_id(
    shelf: Shelf, file: str, header: str, model: type[M], key: str = "id", optional: bool = False
) -> dict[str, M]:
    """The items of a file with one kind of thing."""
    return shelf.unique(shelf.entries(shelf.sheet(file, (header,), optional), header, model, key))


def _of_topics(shelf: Shelf, folder: str, header: str, model: type[M]) -> dict[str, M]:
    """The items of a folder with one file per topic; the file's name is the topic."""
    found: list[Entry[M]] = []
    files = {f"{folder}/{path.name}" for path in (shelf.folder / folder).glob("[!.]*.toml")}
    for name in sorted(files | {name for name in shelf.texts if name.startswith(f"{folder}/")}):
        found += shelf.entries(shelf.sheet(name, (header,)), header, model, topic=Path(name).stem)
    return shelf.unique(found)
