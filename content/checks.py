"""What must fit together in the content: each check yields the problems of one item, in editors' words."""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel
from rapidfuzz import process

from civic.choices import plain
from civic.reports import STEPS
from content import wording
from content.calendar import Observance
from content.category import Category
from content.city import City, LocalRule, Matter
from content.items import Answer, Command, Forbidden, Instrument, Question, Source, Tip, Topic
from content.sheets import Entry, Problem, Shelf
from content.speech import Beyond, Synonym

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Known:
    """What items may refer to. None: that file could not be read, so references to it go unchecked."""

    topics: Mapping[str, Topic] | None
    instruments: Mapping[str, Instrument] | None
    questions: AbstractSet[str] | None
    categories: AbstractSet[str] | None
    pictures: AbstractSet[str]
    occasions: AbstractSet[str] | None
    matters: AbstractSet[str] | None
    today: datetime.date | None

    @classmethod
    def of(cls, shelf: Shelf, today: datetime.date | None) -> "Known":
        """What the files of a shelf hold, once all are read."""
        topics = {entry.label: entry.item for entry in shelf.read if isinstance(entry.item, Topic)}
        instruments = {entry.label: entry.item for entry in shelf.read if isinstance(entry.item, Instrument)}
        return cls(
            topics=topics if shelf.complete("topics.toml") else None,
            instruments=instruments if shelf.complete("sources.toml") else None,
            questions=shelf.labels.get("question", set()) if shelf.complete("quizzes/") else None,
            categories=shelf.labels.get("category", set()) if shelf.complete("categories.toml") else None,
            pictures={path.name for path in (shelf.folder / "pictures").glob("[!.]*.*")},
            occasions={entry.label for entry in shelf.read if isinstance(entry.item, Observance)}
            if shelf.complete("calendar.toml")
            else None,
            matters=shelf.labels.get("matter", set()) if shelf.complete("matters.toml") else None,
            today=today,
        )


def everything(shelf: Shelf, banned: wording.Banned, today: datetime.date | None) -> None:
    """Leaves with the shelf the problems of all entries read, and as notes those of the drafts."""
    known = Known.of(shelf, today)
    shelf.problems += of_entries(shelf.read, known, banned)
    shelf.notes += of_entries(shelf.drafts, known, banned)


def of_entries(entries: Sequence[Entry[Any]], known: Known, banned: wording.Banned) -> Iterator[Problem]:
    """The problems of entries: each by its kind, then the words all of them use."""
    words: dict[str, str] = {}
    asked: dict[str, str] = {}
    for entry in entries:
        if check := CHECKS.get(type(entry.item)):
            yield from check(entry, known)
        elif isinstance(entry.item, Answer):
            yield from answer(entry, known, asked)
        elif isinstance(entry.item, Command):
            yield from command(entry, words)
        if not isinstance(entry.item, (Forbidden, Instrument, Synonym, Beyond)):
            yield from wording.forbidden(entry, banned)


def tip(entry: Entry[Tip], known: Known) -> Iterator[Problem]:
    """A tip: its place among the topics, lengths, source, tone, and the question that goes with it."""
    item = entry.item
    yield from _placed(entry, item, known)
    yield from wording.lengths(entry)
    yield from sources(entry, item.source, known)
    if not item.source:
        yield from wording.unsourced(entry, (item.zh.title, item.zh.text, item.zh.today))
    if known.questions is not None and item.question not in known.questions:
        yield entry.problem("question", f"没有这道题：{item.question}")
    elif not item.question.startswith(f"{item.topic}-"):
        yield entry.problem("question", "「考考我」的题要和贴士同一主题")
    if item.tone == "solemn":
        yield from wording.solemn(entry)
    if item.occasion is not None and known.occasions is not None and item.occasion not in known.occasions:
        yield entry.problem("occasion", f"calendar.toml 里没有这个日子：{item.occasion}")


def question(entry: Entry[Question], known: Known) -> Iterator[Problem]:
    """A question: its place, lengths, source, picture, and answers that can be right."""
    item = entry.item
    yield from _placed(entry, item, known)
    yield from wording.lengths(entry)
    yield from sources(entry, item.source, known)
    if not item.source:
        yield from wording.unsourced(entry, (item.zh.stem, *item.zh.options, item.zh.why))
    yield from _answers(entry)
    if (item.kind == "picture") != (item.picture is not None):
        yield entry.problem("picture", 'kind = "picture" 的题要有 picture，别的题不要写')
    elif item.picture and item.picture not in known.pictures:
        yield entry.problem("picture", f"找不到图片 content/pictures/{item.picture}")


def _answers(entry: Entry[Question]) -> Iterator[Problem]:
    item, options = entry.item, entry.item.zh.options
    if item.kind == "truefalse" and options != ("对", "错"):
        yield entry.problem("options", '判断题的选项要写成 ["对", "错"]')
    if not 2 <= len(options) <= 4:
        yield entry.problem("options", f"选项要 2 到 4 个，现在 {len(options)} 个")
    if len(item.en.options) != len(options):
        yield entry.problem("en.options", f"英文选项有 {len(item.en.options)} 个，中文有 {len(options)} 个")
    for path, words in (("options", options), ("en.options", item.en.options)):
        if len(set(words)) < len(words):
            yield entry.problem(path, "选项重复")
    if any(not 0 <= at < len(options) for at in item.right):
        yield entry.problem("right", f"right 从 0 数起，只能是 0 到 {len(options) - 1}")
    elif len(set(item.right)) < len(item.right):
        yield entry.problem("right", "right 里有重复")
    elif item.kind == "multiple" and len(item.right) < 2:
        yield entry.problem("right", "多选题至少有两个正确选项")
    elif item.kind != "multiple" and len(item.right) != 1:
        yield entry.problem("right", f"要有且只有一个正确选项，现在 {len(item.right)} 个")


def answer(entry: Entry[Answer], known: Known, owners: dict[str, str]) -> Iterator[Problem]:
    """An answer: its place, lengths, source, how many ways to ask it, the local rules and category it points to.
    No question may be asked of two answers; ``owners`` gathers whose question is whose."""
    item = entry.item
    yield from _placed(entry, item, known)
    yield from wording.lengths(entry, wording.ANSWERS)
    yield from sources(entry, item.source, known)
    for path, words, least, most in (("questions", item.zh, 3, 40), ("en.questions", item.en, 1, 9)):
        if not least <= len(words.questions) <= most:
            yield entry.problem(path, f"要 {least} 到 {most} 种问法，现在 {len(words.questions)} 种")
        for one in filter(None, words.questions):
            owner = owners.setdefault(plain(one), item.id)
            if owner != item.id or words.questions.count(one) > 1:
                yield entry.problem(path, f"「{one}」已经是 {owner} 的问法")
    yield from matters(entry, "local", item.local, known)
    if item.report and known.categories is not None and item.report not in known.categories:
        yield entry.problem("report", f"categories.toml 里没有类别 {item.report}")


def category(entry: Entry[Category], known: Known) -> Iterator[Problem]:
    """A category: its rule's source, its questions, and departments for answers that it can get."""
    item = entry.item
    yield from wording.signs(entry)
    yield from topics(entry, [item.topic], known)
    yield from sources(entry, item.source, known)
    if bool(item.zh.emergency) != bool(item.en.emergency):
        yield entry.problem("emergency", "中英文要么都写，要么都不写")
    if item.photos_min > item.photos_max:
        yield entry.problem("photos_min", "比 photos_max 还大")
    if "default" not in item.departments:
        yield entry.problem("departments", "缺少 default(默认承办部门)")
    names = [ask.id for ask in item.questions]
    kinds = {"default"}
    for ask in item.questions:
        choices = [option.id for option in ask.options]
        if names.count(ask.id) > 1 or len(set(choices)) < len(choices):
            yield entry.problem(f"questions.{ask.id}", "id 重复")
        if (len(choices) > 1) if ask.kind != "choice" else (len(choices) < 2):
            yield entry.problem(f"questions.{ask.id}", "choice 要有至少两个选项，别的类型不要写选项")
        kinds.update(choices)
    for kind in item.departments:
        if kind not in kinds:
            yield entry.problem("departments", f"{kind} 不是哪一问的选项，永远用不上")


def offices(categories: Sequence[Entry[Category]], city: City) -> Iterator[Problem]:
    """Every category must go to a department that this city has."""
    known = {office.id for office in city.departments}
    for entry in categories:
        for kind, office in entry.item.departments.items():
            if office not in known:
                yield entry.problem("departments", f"{kind} 派给 {office}，但本市没有这个部门")
        for step in entry.item.steps.keys() - set(STEPS):
            yield entry.problem("steps", f"没有 {step} 这一步，可以写 {'、'.join(STEPS)}")


def command(entry: Entry[Command], owners: dict[str, str]) -> Iterator[Problem]:
    """No word may start two things; ``owners`` gathers whose word is whose."""
    for word in entry.item.words:
        owner = owners.setdefault(plain(word), entry.item.name)
        if owner != entry.item.name:
            yield entry.problem("", f"「{word}」已经是 {owner} 的说法")


def rule(entry: Entry[LocalRule], known: Known) -> Iterator[Problem]:
    """A local rule: a matter that cities rule on, and dates in order."""
    yield from matters(entry, "key", [entry.item.key], known)
    if entry.item.review_by < entry.item.verified_on:
        yield entry.problem("review_by", "review_by(复核期限)早于 verified_on(核对日期)")


def instrument(entry: Entry[Instrument], known: Known) -> Iterator[Problem]:
    """An instrument: what it was replaced by is known, its dates are in order."""
    item = entry.item
    if item.replaced_by and known.instruments is not None and item.replaced_by not in known.instruments:
        yield entry.problem("replaced_by", f"sources.toml 里没有 {item.replaced_by}")
    if item.replaced_by and item.in_force and not item.ended:
        yield entry.problem("replaced_by", "写了改引哪一部，也要写哪天失效（ended）")
    if item.ended and item.effective_from and item.ended <= item.effective_from:
        yield entry.problem("ended", "失效日期早于施行日期")


def matters(entry: Entry[M], path: str, keys: Sequence[str], known: Known) -> Iterator[Problem]:
    """Keys that matters.toml does not have."""
    for key in keys:
        if known.matters is not None and key not in known.matters:
            near = process.extractOne(key, known.matters, score_cutoff=60)
            yield entry.problem(path, f"matters.toml 里没有 {key}" + (f"，是不是 {near[0]}" if near else ""))


def about(entry: Entry[Any], known: Known) -> Iterator[Problem]:
    """What belongs to topics."""
    yield from topics(entry, entry.item.topics, known)


def topics(entry: Entry[M], names: Sequence[str], known: Known) -> Iterator[Problem]:
    """Topics that topics.toml does not have."""
    for name in names:
        if known.topics is not None and name not in known.topics:
            yield entry.problem("", f"topics.toml 里没有主题 {name}")


def sources(entry: Entry[M], cited: Sequence[Source], known: Known) -> Iterator[Problem]:
    """Sources: an instrument we know, in force today (when a day is given), and dates in order."""
    for source in cited:
        if source.review_by < source.verified_on:
            yield entry.problem("source", "review_by(复核期限)早于 verified_on(核对日期)")
        if known.instruments is None:
            continue
        instrument = known.instruments.get(source.instrument)
        if instrument is None:
            yield entry.problem("source", f"sources.toml 里没有 {source.instrument}")
        elif known.today and not instrument.in_force_on(known.today):
            yield entry.problem("source", out_of_force(instrument))


def out_of_force(instrument: Instrument) -> str:
    """Why this instrument may not be cited, and what to cite instead."""
    instead = f"，请改引 {instrument.replaced_by}" if instrument.replaced_by else ""
    if instrument.in_force and not instrument.ended:
        return f"《{instrument.name}》{instrument.effective_from} 才施行"
    return f"《{instrument.name}》已失效（{instrument.ended or '日期未知'}）{instead}"


def _placed(entry: Entry[M], item: Tip | Question | Answer, known: Known) -> Iterator[Problem]:
    if not item.id.startswith(f"{item.topic}-"):
        yield entry.problem("id", f"id 要以 {item.topic}- 开头")
    yield from topics(entry, [item.topic], known)
    yield from wording.signs(entry)
    topic = (known.topics or {}).get(item.topic)
    if topic and item.subtopic not in topic.subtopics:
        known_ones = "、".join(topic.subtopics)
        yield entry.problem("subtopic", f"{item.topic} 没有子主题 {item.subtopic}，只有 {known_ones}")


CHECKS: Mapping[type[BaseModel], Callable[[Entry[Any], Known], Iterator[Problem]]] = {
    Tip: tip,
    Question: question,
    Category: category,
    Instrument: instrument,
    LocalRule: rule,
    Matter: about,
    Observance: about,
}
"""The check of each kind that stands for itself."""
