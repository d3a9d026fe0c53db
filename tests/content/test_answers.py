"""The answers as they are shipped, and the slips an editor can make in them."""

import re
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from content.due import due
from content.library import ContentError, Library, load
from content.newcity import NotFounded, found_city
from tests.play import ROOT

SMALL = Path(__file__).parent / "small"
TODAY = date(2026, 11, 22)
KEYS = re.compile(r"\b[a-z]+\.[a-z]+\b")

ANSWER = """
[[answer]]
id = "traffic-a-wave"
subtopic = "crosswalk"
questions = ["车要让行人吗", "斑马线谁先走", "行人优先吗"]
text = "要让：行人正在过斑马线，车要停下来等。"
source = [{ instrument = "road", article = "第47条", verified_on = 2026-11-22, review_by = 2027-05-31 }]
local = ["traffic.crosswalk"]
report = "litter"
minors = true
[answer.en]
questions = ["Must cars wait"]
text = "Yes: cars stop while people cross."
"""
SYNONYMS = """
filler = ["吗"]
[[synonym]]
word = "汽车"
variants = ["小车", "轿车"]
[[synonym]]
word = "行人"
variants = ["路人"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small content folder with one answer."""
    copied = shutil.copytree(SMALL, tmp_path / "content")
    (copied / "answers").mkdir()
    (copied / "answers" / "traffic.toml").write_text(ANSWER, "utf-8")
    (copied / "synonyms.toml").write_text(SYNONYMS, "utf-8")
    return copied


def test_there_are_many_on_every_topic(library: Library) -> None:
    topics = Counter(answer.topic for answer in library.answers.values())
    assert topics.keys() == library.topics.keys()
    assert topics.total() >= 200
    assert min(topics.values()) >= 10


def test_every_local_rule_an_answer_asks_for_is_in_the_template_and_the_other_way_round(library: Library) -> None:
    template = (ROOT / "content/cities/template/rules.toml").read_text(encoding="utf-8")
    listed = set(KEYS.findall(template.partition("全部事项")[2]))
    assert {key for answer in library.answers.values() for key in answer.local} == listed
    assert library.matters.keys() == listed


def test_where_the_answer_names_no_local_figure_the_city_is_asked(library: Library) -> None:
    """«看本市», «由各市规定»: then the answer must know which of the city's rules to show."""
    pointing = re.compile("看本市|由各市|本市(?:规定|目录|公告|养犬|控烟|自己)|按本地|看地方|由本地|由本市")
    silent = [one.id for one in library.answers.values() if pointing.search(one.zh.text) and not one.local]
    assert silent == []


def test_the_small_answer_is_good_and_found(folder: Path) -> None:
    library = load(folder, "town", TODAY)
    assert library.answers.keys() == {"traffic-a-wave"}
    assert library.finder.find("小车让不让路人")[0].answer.id == "traffic-a-wave"


SLIPS = {
    "too few ways to ask": ('"斑马线谁先走", ', "", "traffic-a-wave.questions", "要 3 到 40 种问法，现在 2 种"),
    "the same question twice": ("斑马线谁先走", "车要让行人吗", "questions", "已经是 traffic-a-wave 的问法"),
    "a text too long": ("要让：", "要让：" * 60, "traffic-a-wave.text", "要 10–160 个字符"),
    "a question too long for a button": ("斑马线谁先走", "斑马线谁先走" * 6, "questions", "要 2–30 个字符"),
    "no English": ("[answer.en]", "[answer.fr]", "traffic-a-wave.en", "缺少英文"),
    "no source": ("source = [{", "source = [] # [{", "traffic-a-wave.source", "至少要有 1 项"),
    "a repealed instrument": ('"road"', '"noise"', "source", "已失效"),
    "an unknown category": ('"litter"', '"liter"', "report", "没有类别 liter"),
    "a local rule of nothing": ('"traffic.crosswalk"', '"trafic.crosswalk"', "local", "是不是 traffic.crosswalk"),
    "a hotline that is none": ("minors = true", 'minors = true\nhotline = "ring"', "hotline", "写法不对"),
    "an id of another topic": ("traffic-a-wave", "dogs-a-wave", "id", "以 traffic- 开头"),
    "a word we do not use": ("要让：", "牛皮癣要让：", "text", "小广告"),
    "an unknown key": ("minors = true", "minor = true", "minor", "没有这一项"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_told_with_its_place(folder: Path, slip: str) -> None:
    old, new, where, reason = SLIPS[slip]
    file = folder / "answers" / "traffic.toml"
    assert old in ANSWER
    file.write_text(ANSWER.replace(old, new, 1), "utf-8")
    with pytest.raises(ContentError) as refused:
        load(folder, "town", TODAY)
    lines = [str(problem) for problem in refused.value.problems]
    assert any(where in line and reason in line and "answers/traffic.toml" in line for line in lines), lines


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('["路人"]', '["路人", "小车"]', "「小车」已经归到 汽车"),
        ('["路人"]', '["吗"]', "「吗」已经归到 filler"),
        ('["路人"]', "[]", "至少要有 1 项"),
        ("filler", "fillers", "没有这一项"),
    ],
)
def test_a_word_means_one_thing(folder: Path, old: str, new: str, reason: str) -> None:
    (folder / "synonyms.toml").write_text(SYNONYMS.replace(old, new, 1), "utf-8")
    with pytest.raises(ContentError, match=re.escape(reason)):
        load(folder, "town", TODAY)


COURTESIES = """
[[courtesy]]
id = "thanks"
words = ["谢谢"]
zh = "不客气。"
en = "You are welcome."
[[courtesy]]
id = "bye"
words = ["再见"]
zh = "回头见。"
en = "See you."
"""


def test_a_courtesy_is_answered_in_one_way(folder: Path) -> None:
    file = folder / "courtesies.toml"
    file.write_text(COURTESIES, "utf-8")
    assert load(folder, "town", TODAY).speech.courtesy("谢谢！！").zh == "不客气。"  # type: ignore[union-attr]
    for old, new, reason in (("再见", "谢谢", "「谢谢」已经归到 thanks"), ('en = "See you."', "", "en")):
        file.write_text(COURTESIES.replace(old, new, 1), "utf-8")
        with pytest.raises(ContentError, match=re.escape(reason)):
            load(folder, "town", TODAY)


def test_what_is_due_is_listed_with_answers_too(folder: Path) -> None:
    found = [str(problem) for problem in due(load(folder, "town"), date(2027, 6, 1))]
    assert any("answers/traffic.toml · traffic-a-wave" in line and "该复核了" in line for line in found)


def test_english_that_was_never_translated_is_listed(folder: Path) -> None:
    file = folder / "answers" / "traffic.toml"
    file.write_text(ANSWER.replace("Yes: cars", "要让: cars"), "utf-8")
    found = [str(problem) for problem in due(load(folder, "town", TODAY), TODAY)]
    assert any("traffic-a-wave.en.text" in line and "英文里还有中文" in line for line in found)


def test_a_rule_of_the_city_that_no_answer_shows_is_listed(folder: Path) -> None:
    rules = (folder / "cities/town/rules.toml").read_text("utf-8")
    [key] = re.findall(r'(?m)^key = "(.+)"', rules)
    found = [str(problem) for problem in due(load(folder, "town", TODAY), TODAY)]
    assert any(key in line and "居民问不到" in line for line in found)


# -- a new city


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return shutil.copytree(ROOT / "content", tmp_path / "content", ignore=shutil.ignore_patterns("*.py", "__pycache__"))


def test_a_new_city_is_the_template_under_its_own_name(content: Path) -> None:
    folder = found_city(content, "hangzhou", "杭州市", 'Hang"zhou')
    city = load(content, "hangzhou").city
    assert (city.id, city.zh.name, city.en.name) == ("hangzhou", "杭州市", 'Hang"zhou')
    assert {path.name for path in folder.iterdir()} == {path.name for path in (content / "cities/template").iterdir()}
    assert "某某市" not in (folder / "city.toml").read_text("utf-8")
    assert found_city(content, "wuxi") == content / "cities/wuxi"  # names can be filled in later


def test_a_pack_that_is_there_is_left_alone(content: Path) -> None:
    before = (content / "cities/demo/city.toml").read_bytes()
    with pytest.raises(NotFounded, match="已经有了"):
        found_city(content, "demo", "别的市")
    assert (content / "cities/demo/city.toml").read_bytes() == before


@pytest.mark.parametrize("name", ["../evil", "杭州", "", "A", "a/b", "-x", "x" * 60])
def test_a_name_that_is_no_folder_is_refused(content: Path, name: str) -> None:
    with pytest.raises(NotFounded, match="不能当文件夹名"):
        found_city(content, name)


def test_without_the_template_nothing_is_made(content: Path) -> None:
    shutil.rmtree(content / "cities/template")
    with pytest.raises(NotFounded, match="找不到样板"):
        found_city(content, "hangzhou")
    assert not (content / "cities/hangzhou").exists()
