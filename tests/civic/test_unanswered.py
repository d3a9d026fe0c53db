"""What editors may see of a question nobody could answer: the matter, never the person or the place."""

import pytest

from civic.unanswered import LONGEST, keepable


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("阳台能养蜜蜂吗？", "阳台能养蜜蜂吗"),
        ("  ＡＢＣ  怎么　分类 ", "abc 怎么 分类"),
        ("12345 几点下班", None),  # five digits could be anything
        ("罚 500 还是 1000 元", "罚 500 还是 1000 元"),
        ("二十楼往下扔东西", "二十楼往下扔东西"),
        ("can I keep bees?", "can i keep bees"),
    ],
)
def test_the_words_are_kept_in_their_plain_form(asked: str, kept: str | None) -> None:
    assert keepable(asked) == kept


@pytest.mark.parametrize(
    "asked",
    [
        "打我电话 13800001111",
        "电话 138 0000 1111",
        "电话 138-0000-1111 谢谢",
        "电话一三八零零零零一一一一",
        "浙A12345 乱停",
        "浙AD1B34 乱停车",
        "文昌路12号门口的垃圾",
        "文昌路十二号门口的垃圾",
        "3幢2单元楼道堆东西",
        "三单元的邻居太吵",
        "住在 12 楼的人扔东西",
        "503室天天装修",
        "noise at 12 Bridge Street",
        "我叫张三，邻居太吵",
        "我是李四",
        "我家住荷风社区",
        "my name is Zhang",
        "写信到 a@b.cn",
        "看 https://example.org/x",
    ],
)
def test_what_may_tell_of_somebody_is_not_kept(asked: str) -> None:
    assert keepable(asked) is None


@pytest.mark.parametrize("asked", ["", "？", "🙂🙂🙂", "1", "啊", "12 34", "好" * (LONGEST + 1)])
def test_what_says_nothing_or_too_much_is_not_kept(asked: str) -> None:
    assert keepable(asked) is None
