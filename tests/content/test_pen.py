"""Writing into content files: only what changes, with comments, order and the rest untouched."""

import tomllib
from datetime import date

import pytest

from content import pen

FILE = """# 开头的说明

# 第一条
[[tip]]
id = "a"  # 定了不改
title = "旧标题"   # 短一点
source = [
    # 查过原文
    { instrument = "road", article = "第47条" }, # 两款
]
minors = true

[tip.en]
title = "Old"
# 最后一句

[[tip]]
id = "b"
title = \"\"\"
[[tip]] 两行
\"\"\"
en.title = "Dotted"
"""
ORDER = ["id", "title", "text", "source", "minors", "en.title", "en.text"]


def after(**changes: object) -> str:
    named = {key.replace("__", "."): value for key, value in changes.items()}
    return pen.changed(FILE, "tip", 0, named, ORDER)


def test_only_the_line_that_changes_is_touched() -> None:
    found = after(title='新「标题」"')
    assert found == FILE.replace('title = "旧标题"   # 短一点', 'title = "新「标题」\\""  # 短一点')


def test_a_comment_inside_a_list_that_changes_moves_above_it() -> None:
    source = [{"instrument": "road", "article": "第48条", "verified_on": date(2026, 11, 22)}]
    found = after(source=source)
    assert (
        "# 查过原文\n# 两款\n"
        'source = [{ instrument = "road", article = "第48条", verified_on = 2026-11-22 }]\nminors = true' in found
    )


def test_a_new_key_stands_where_it_belongs() -> None:
    found = after(text="正文", en__text="Text", minors=None)
    assert '   # 短一点\ntext = "正文"\nsource = [' in found
    assert 'title = "Old"\ntext = "Text"\n# 最后一句' in found
    assert "minors" not in found
    assert tomllib.loads(found)["tip"][0]["en"] == {"title": "Old", "text": "Text"}


def test_a_key_with_dots_is_found() -> None:
    assert 'en.title = "New"' in pen.changed(
        FILE.replace('title = """\n[[tip]] 两行\n"""\n', ""), "tip", 1, {"en.title": "New"}, ORDER
    )


def test_what_is_written_in_another_way_is_left_to_a_hand() -> None:
    inline = '[[tip]]\nid = "a"\nen = { title = "Old" }\n'
    with pytest.raises(pen.Unwritable):
        pen.changed(inline, "tip", 0, {"en.title": "New"}, ORDER)
    with pytest.raises(pen.Unwritable):  # a line of a text looks like the head of an item
        pen.changed(FILE, "tip", 1, {"title": "x"}, ORDER)


@pytest.mark.parametrize(
    "value", ['"\\\n\t\x01\x7f汉', True, 7, date(2026, 1, 2), ["a", "b"], [{"a": "x"}, {"a": "y"}]]
)
def test_every_value_reads_back_as_it_was(value: object) -> None:
    assert tomllib.loads(f"key = {pen.written(value)}")["key"] == value


def test_a_new_item_is_put_at_the_end_with_its_notes() -> None:
    new = pen.item("tip", {"id": "c", "en": {"title": "C"}}, {"id": "不改", "en": "英文"})
    assert new == '[[tip]]\nid = "c"  # 不改\n# 英文\n[tip.en]\ntitle = "C"\n'
    assert tomllib.loads(pen.added(FILE, new))["tip"][2] == {"id": "c", "en": {"title": "C"}}
    assert pen.added("", new) == new
