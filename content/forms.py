"""The editors' workbook as a form: its sheets and columns, and which key of a content file each column is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from content.cells import Cell, Choice, Flag, Letters, Lines, Sources, Text, Words, kept, plain
from content.items import Answer, Question, Tip
from content.library import Library
from content.wording import ANSWERS, LENGTHS

KINDS: Words = {
    "single": "单选",
    "multiple": "多选",
    "truefalse": "判断",
    "situation": "情景",
    "mistake": "找错",
    "picture": "看图",
}
LEVELS: Words = {"easy": "易", "mid": "中", "hard": "难"}
TONES: Words = {"normal": "平常", "solemn": "肃穆"}
MARK = "校验（别动）"
"""The hidden last column: what the row was when it was written, to see which rows somebody changed."""


@dataclass(frozen=True)
class Column:
    """One column. ``path`` is a dotted key; a number at its end is a place in a list."""

    name: str
    path: str
    hint: str
    width: int = 14
    cell: Cell = field(default_factory=Text)
    needed: bool = True
    longest: int | None = None

    @property
    def key(self) -> str:
        """The key that is written: the path without a place in a list."""
        above, _, last = self.path.rpartition(".")
        return above if last.isdigit() else self.path


@dataclass(frozen=True)
class Form:
    """One sheet: ``header`` names the items in the files of ``folder``."""

    kind: str
    sheet: str
    folder: str
    columns: Sequence[Column]

    @property
    def first(self) -> str:
        """The column whose words tell people which item it is."""
        return next(column.name for column in self.columns if column.key in {"title", "stem", "questions"})

    @property
    def order(self) -> list[str]:
        """The keys in the order in which they are written."""
        return list(dict.fromkeys(column.key for column in self.columns))

    def row(self, topic: str, raw: Mapping[str, Any]) -> dict[str, str]:
        """What an item's row holds, by the columns' names; ``raw`` is the item as its file has it."""
        found = {}
        for column in self.columns:
            value = topic if column.path == "topic" else _at(raw, column.path)
            found[column.name] = "" if value is None else plain(column.cell.shown(value))
        return found

    def values(self, cells: Mapping[str, str], columns: Sequence[Column]) -> tuple[dict[str, Any], dict[str, str]]:
        """The keys that ``columns`` hold and their values (None: none), and by column what is wrong with its cell."""
        found: dict[str, Any] = {}
        wrong: dict[str, str] = {}
        draft = cells.get(self.at("draft").name) == "是"
        wanted = {column.key for column in columns}
        for column in self.columns:
            if column.key not in wanted or column.path == "topic":
                continue
            text = cells.get(column.name, "")
            try:
                value = column.cell.read(text) if text else None
            except ValueError as error:
                wrong[column.name] = str(error)
                continue
            if column.key != column.path:
                found.setdefault(column.key, []).append(value)
            elif text or not column.needed:
                found[column.key] = value
            elif draft and column.cell.empty is not None:
                found[column.key] = column.cell.empty
            else:
                wrong[column.name] = "不能空着"
        self._whole(found, wrong, draft)
        if found.get("draft") is False:
            found["draft"] = None
        return found, wrong

    def _whole(self, found: dict[str, Any], wrong: dict[str, str], draft: bool) -> None:
        """Lists that stand in several columns: without their empty end, and without gaps."""
        for column in self.columns:
            if column.path == f"{column.key}.0" and column.key in found:
                value = found[column.key] = kept(found[column.key])
                if None in value or not (value or draft):
                    wrong[self.at(f"{column.key}.{value.index(None) if value else 0}").name] = "不能空着"

    def at(self, path: str) -> Column:
        """The column of a key, or of a place in a list. KeyError when there is none."""
        for column in self.columns:
            if path in {column.path, column.key}:
                return column
        raise KeyError(path)


def _at(raw: Mapping[str, Any], path: str) -> Any:
    value: Any = raw
    for part in path.split("."):
        if isinstance(value, list):
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _words(name: str, path: str, hint: str, width: int, limits: Mapping[str, Mapping[str, tuple[int, int]]]) -> Column:
    language, key = ("en", path.split(".")[1]) if path.startswith("en.") else ("zh", path.split(".")[0])
    shortest, longest = limits[language][key]
    room = f"{shortest}–{longest} 个字符"
    return Column(name, path, f"{hint}（{room}）" if hint else room, width, longest=longest)


def forms(library: Library) -> tuple[Form, ...]:
    """The three sheets, with the drop-down lists of this content."""
    topics = Choice({one.id: one.zh.name for one in library.topics.values()})
    subtopics = Choice({name: name for one in library.topics.values() for name in one.subtopics})
    occasions = Choice({one.id: one.zh.name for one in library.calendar.all_observances})
    reports = Choice({one.id: one.zh.name for one in library.categories.values()})
    sources = Sources({one.code: one.name for one in library.instruments.values()})

    first = (
        Column("编号", "id", "已有的不要改；新的一条空着，导入时自动编", 20, needed=False),
        Column("主题", "topic", "从列表里选；定了不能改", 16, topics),
        Column("子主题", "subtopic", "从列表里选，要属于这一主题", 14, subtopics),
    )
    last = (
        Column("适合未成年人", "minors", "是／否；涉及赌博、家暴、刑罚细节的写「否」", 9, Flag()),
        Column(
            "依据", "source", "说到规定就要写。一行一条：代号 | 条款 | 核对日期 | 复核期限", 44, sources, needed=False
        ),
        Column("事实", "facts", "资料库里的编号，一行一个", 14, Lines(), needed=False),
        Column("草稿", "draft", "写「是」：先存着，不会用上；写好了清空", 8, Flag(), needed=False),
    )
    tip = (
        *first,
        _words("标题", "title", "短，像说话", 20, LENGTHS),
        _words("正文", "text", "一个小场景，一个道理", 60, LENGTHS),
        _words("今天做", "today", "今天就能做的一件小事", 34, LENGTHS),
        Column("考考我", "question", "配这条贴士的题目编号，同一主题", 22),
        Column("语气", "tone", "肃穆日用的写「肃穆」：没有表情和感叹号", 8, Choice(TONES), needed=False),
        Column("日子", "occasion", "专为某个节日、节气写的，从列表里选；平常的空着", 16, occasions, needed=False),
        *last,
        _words("英文标题", "en.title", "", 24, LENGTHS),
        _words("英文正文", "en.text", "", 60, LENGTHS),
        _words("英文今天做", "en.today", "", 34, LENGTHS),
    )
    question = (
        *first,
        Column("题型", "kind", "从列表里选", 8, Choice(KINDS)),
        Column("难度", "level", "从列表里选", 6, Choice(LEVELS)),
        _words("题干", "stem", "问一件事，说清楚", 50, LENGTHS),
        *_options("选项", "options"),
        Column("答案", "right", "正确选项的字母；多选写几个，如 AC", 8, Letters()),
        _words("讲解", "why", "为什么，教人一件事", 50, LENGTHS),
        Column("图片", "picture", "看图题才有：content/pictures/ 里的文件名", 18, needed=False),
        *last,
        _words("英文题干", "en.stem", "", 50, LENGTHS),
        *_options("英文选项", "en.options"),
        _words("英文讲解", "en.why", "", 50, LENGTHS),
    )
    answer = (
        *first,
        Column("问法", "questions", "居民会怎么问，一行一种，3–40 种；第一种放在按钮上", 40, Lines()),
        _words("回答", "text", "先说答案，再说为什么", 60, ANSWERS),
        Column("本市规定", "local", "本市 rules.toml 里的事项，一行一个，如 dogs.leash", 20, Lines(), needed=False),
        Column("能上报", "report", "能在这里上报的类别，从列表里选", 16, reports, needed=False),
        Column("电话", "hotline", "不是 12345 才写", 8, needed=False),
        *last,
        Column("英文问法", "en.questions", "一行一种，1–9 种", 40, Lines()),
        _words("英文回答", "en.text", "", 60, ANSWERS),
    )
    return (
        Form("tip", "贴士", "tips", tip),
        Form("question", "题目", "quizzes", question),
        Form("answer", "问答", "answers", answer),
    )


def _options(name: str, path: str) -> list[Column]:
    limits = LENGTHS["en" if path.startswith("en.") else "zh"]["options"]
    hint = f"（{limits[0]}–{limits[1]} 个字符）；判断题写「对」「错」" if name == "选项" else "和中文一一对应"
    return [
        Column(f"{name}{letter}", f"{path}.{at}", hint, 22, needed=at < 2, longest=limits[1])
        for at, letter in enumerate("ABCD")
    ]


Item = Tip | Question | Answer
KIND: Mapping[type[Item], str] = {Tip: "tip", Question: "question", Answer: "answer"}
