"""A new tip, question or answer: an id that nobody had, and a draft that teaches how to fill it in."""

import datetime
from collections.abc import Collection, Mapping
from pathlib import Path

from content.forms import Form, forms
from content.library import Library
from content.pen import added, item

_MIDDLE: Mapping[str, str] = {"tip": "", "question": "q-", "answer": "a-"}


class NotBegun(Exception):
    """Nothing was written; the text says why, in editors' words."""


def fresh(kind: str, topic: str, taken: Collection[str], today: datetime.date) -> str:
    """An id that is free: topic, kind, year and month, number. An id names an item for ever, so the month keeps that
    of one which was taken away from coming back."""
    start, number = f"{topic}-{_MIDDLE[kind]}{today:%y%m}-", 1
    while f"{start}{number}" in taken:
        number += 1
    return f"{start}{number}"


def begin(
    folder: Path, library: Library, kind: str, topic: str, today: datetime.date, label: str = ""
) -> tuple[str, str]:
    """Write the draft of a new item at the end of its topic's file; its id and the file's name under content/.

    Raises NotBegun for a topic or an id that can't be, OSError where nothing can be written.
    """
    if topic not in library.topics:
        raise NotBegun(f"没有主题「{topic}」，只有：{'、'.join(library.topics)}")
    form = next(form for form in forms(library) if form.kind == kind)
    taken = {entry.label for entry in (*library.entries, *library.drafts)}
    if label and label in taken:
        raise NotBegun(f"编号 {label} 已经有了")
    start = f"{topic}-{_MIDDLE[kind]}"
    if label and not label.startswith(start):
        raise NotBegun(f"编号要以 {start} 开头，如 {fresh(kind, topic, taken, today)}")
    label = label or fresh(kind, topic, taken, today)
    name = f"{form.folder}/{topic}.toml"
    path = folder / name
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if f'"{label}"' in text:  # of a draft that can't be read yet
        raise NotBegun(f"{name} 里已经写着 {label}")
    path.write_text(added(text, _skeleton(form, library, topic, label, today)), encoding="utf-8")
    return label, name


def _skeleton(form: Form, library: Library, topic: str, label: str, today: datetime.date) -> str:
    """The draft: every key that has to be filled in, behind it what belongs there, and what else there may be."""
    values: dict[str, object] = {"draft": True, "id": label, "subtopic": ""}
    english: dict[str, object] = {}
    notes = dict(_NOTES) | {"subtopic": f"选一个：{'、'.join(library.topics[topic].subtopics)}"}
    more = []
    for column in form.columns:
        key, last = column.key, column.key.rpartition(".")[2]
        if key in {"id", "topic", "subtopic", "draft", "source"}:
            continue
        if column.needed:
            (english if key.startswith("en.") else values)[last] = _EMPTY.get(last, "")
            notes.setdefault(key, column.hint)
        elif key != column.path:  # the third and fourth option
            continue
        else:
            more.append(_MORE[key])
    review = today + datetime.timedelta(days=180)
    values["source"] = [{"instrument": "", "article": "", "verified_on": today, "review_by": review}]
    notes["en"] = "还可以写这些，用不上就不写：\n" + "\n".join(f"  {line}" for line in more)
    return item(form.kind, {**values, "en": english}, notes)


_EMPTY: Mapping[str, object] = {
    "kind": "single",
    "level": "easy",
    "minors": True,
    "options": ["", "", "", ""],
    "right": [],
    "questions": ["", "", ""],
}
_NOTES: Mapping[str, str] = {
    "draft": "草稿：检查只提醒，居民看不到。写好以后删掉这一行",
    "id": "定了不要再改",
    "kind": "single 单选、multiple 多选、truefalse 判断、situation 情景、mistake 找错、picture 看图",
    "level": "easy 易、mid 中、hard 难",
    "options": '2 到 4 个，每个最多 24 个字符；判断题写 ["对", "错"]',
    "right": "正确的是第几个，从 0 数起：[1] 是第二个，多选写几个",
    "questions": "居民会怎么问，3 到 40 种；第一种放在按钮上",
    "minors": "适不适合未成年人：true 或 false",
    "source": "说到规定就要写：instrument 是 sources.toml 里的代号；没有说规定就删掉这一行",
    "en.options": "和中文一一对应",
    "en.questions": "1 到 9 种",
}
_MORE: Mapping[str, str] = {
    "facts": 'facts = ["dogs-02"]，资料库里的编号',
    "tone": 'tone = "solemn"，肃穆日用的：没有表情和感叹号',
    "occasion": 'occasion = "traffic-day"，专为 calendar.toml 里的某个日子写的',
    "picture": 'picture = "….svg"，看图题的图，放在 content/pictures/',
    "local": 'local = ["dogs.leash"]，本市 rules.toml 里的事项：查到了接着显示，没有就请人问 12345',
    "report": 'report = "litter"，能在这里上报的类别',
    "hotline": 'hotline = "110"，不是 12345 才写',
}
