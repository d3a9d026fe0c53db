"""The content as it is shipped, and what the rest of Youli asks of it."""

import datetime
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from civic.reports import OPEN
from content.city import City
from content.items import Instrument, Source
from content.library import Library, load
from content.sheets import ContentError
from content.texts import LANGUAGES, Texts

ROOT = Path(__file__).parents[2]
CONTENT = ROOT / "content"
SMALL = Path(__file__).parent / "small"
CHECKED = datetime.date(2026, 11, 22)

TOPICS = [
    "traffic", "ebike", "waste", "hygiene", "dogs", "food", "online", "travel",
    "order", "neighbor", "fire", "smoke", "values", "volunteer", "customs", "minors",
]  # fmt: skip
CATEGORIES = [
    "litter", "parking", "bikes", "facility", "firelane", "noise", "ebike_charge", "dogs",
    "vendor", "flyposting", "access", "highrise", "air", "smoking",
]  # fmt: skip


@pytest.fixture(scope="module")
def library() -> Library:
    return load(CONTENT, "demo", CHECKED)


@pytest.fixture(scope="module")
def small() -> Library:
    return load(SMALL, "town")


def test_the_shipped_content_has_no_problems(library: Library) -> None:
    assert list(library.topics) == TOPICS
    assert list(library.categories) == CATEGORIES


def test_the_template_of_a_city_can_be_copied_as_it_is() -> None:
    city = load(CONTENT, "template").city
    assert (city.id, city.rules) == ("template", {})


def test_importing_is_light() -> None:
    code = "import sys, content.library; print('chinese_calendar' in sys.modules, 'sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own program
    assert done.stdout.split() == ["False", "False"]


# -- tips, questions, categories


def test_every_topic_has_tips_and_questions_in_file_order(library: Library) -> None:
    for topic in TOPICS:
        assert library.tips_of(topic), topic
        assert library.questions_of(topic), topic
    assert [tip.id for tip in library.tips_of("dogs")] == [
        tip.id for tip in library.tips.values() if tip.topic == "dogs"
    ]
    assert library.tips_of("no-such-topic") == ()


def test_every_tip_asks_about_its_own_topic(library: Library) -> None:
    assert all(library.questions[tip.question].topic == tip.topic for tip in library.tips.values())


def test_items_speak_both_languages(small: Library) -> None:
    tip = small.tips["traffic-wave"]
    assert tip.in_language("zh").title == tip.zh.title == "停下来等一等"
    assert tip.in_language("en").title == tip.en.title == "Stop and wait"
    assert small.topics["traffic"].in_language("en").name == "Road courtesy"
    assert small.city.communities["bridge"].in_language("en") == "Bridge"
    with pytest.raises(KeyError):
        tip.in_language("fr")
    with pytest.raises(KeyError):
        small.city.districts[0].in_language("fr")


def test_an_answer_can_change_department_and_deadline(small: Library) -> None:
    litter = small.categories["litter"]
    assert litter.department({}) == "urban"
    assert litter.department({"place_kind": "street"}) == "urban"
    assert litter.department({"place_kind": "compound"}) == "street"
    assert litter.urgency({}) == ("normal", 2, "workdays")
    assert litter.urgency({"place_kind": "compound"}) == ("high", 24, "hours")


def test_a_missing_manhole_cover_is_urgent(library: Library) -> None:
    facility = library.categories["facility"]
    assert facility.urgency({"kind": "cover"}) == ("high", 24, "hours")
    assert facility.urgency({"kind": "lamp"}) == ("normal", 7, "workdays")


def test_every_category_teaches_its_rule_and_guards_privacy(library: Library) -> None:
    for category in library.categories.values():
        for language in LANGUAGES:
            words = category.in_language(language)
            assert words.rule
            assert words.photo_hint
            assert words.privacy_hint
        assert all(library.citation(source, "zh") for source in category.source)


def test_categories_never_go_to_a_residents_committee(library: Library) -> None:
    handled = {office for one in library.categories.values() for office in one.departments.values()}
    assert handled <= set(library.city.department_ids)
    assert not any("居委会" in library.city.department_name(office, "zh") for office in handled)


def test_a_city_may_hand_a_category_to_another_department(tmp_path: Path) -> None:
    folder = shutil.copytree(SMALL, tmp_path / "content")
    offices = folder / "cities/town/departments.toml"
    own = '[assign.litter]\ncompound = "urban"\n'
    offices.write_text(own + offices.read_text(encoding="utf-8"), encoding="utf-8")
    litter = load(folder, "town").categories["litter"]
    assert litter.departments == {"default": "urban", "compound": "urban"}


# -- the city


@pytest.fixture(scope="module")
def city(library: Library) -> City:
    return library.city


def test_the_demo_city_is_complete_and_says_that_it_is_fictional(city: City) -> None:
    assert city.in_language("zh").name == "云汀市"
    assert len(city.districts) == 3
    assert all(4 <= len(district.communities) <= 5 for district in city.districts)
    assert 8 <= len(city.departments) <= 10
    assert city.residents_of(None) == sum(one.population or 0 for one in city.communities.values()) > 50_000
    assert "虚构" in (CONTENT / "cities/demo/city.toml").read_text(encoding="utf-8")


def test_rules_of_the_demo_city_are_marked_as_demo(city: City) -> None:
    assert len(city.rules) >= 10
    for rule in city.rules.values():
        assert rule.in_language("zh").startswith("（演示）")
        assert rule.in_language("en").startswith("(Demo)")
        assert "演示" in rule.instrument


def test_every_state_that_goes_on_belongs_to_a_step_and_the_example_says_that_it_is_one(city: City) -> None:
    assert {state for step in city.steps for state in step.states} == OPEN | {"closed"}
    assert city.progress("assigned", "zh") == [
        ("受理", "done"),
        ("分类", "done"),
        ("派单", "here"),
        ("办理", "ahead"),
        ("反馈", "ahead"),
        ("回访", "ahead"),
    ]
    assert city.progress("rejected", "en") == []
    assert city.steps_example


@pytest.mark.parametrize(
    ("states", "why"), [('["rceived"]', "没有 rceived 这个状态"), ('["received", "received"]', "已经在另一步里了")]
)
def test_a_slip_in_the_steps_is_told(tmp_path: Path, states: str, why: str) -> None:
    shutil.copytree(SMALL, tmp_path / "content")
    file = tmp_path / "content/cities/town/city.toml"
    file.write_text(file.read_text("utf-8").replace('states = ["received"]', f"states = {states}"), "utf-8")
    with pytest.raises(ContentError, match=why):
        load(tmp_path / "content", "town")


def test_a_rule_the_city_does_not_have_is_absent(city: City) -> None:
    assert city.rules.get("travel.never") is None


def test_a_community_lies_in_its_district(city: City) -> None:
    assert city.district_of["hefeng"].in_language("en") == "Tinghe District"


def test_a_department_that_is_gone_is_called_by_its_id(city: City) -> None:
    assert city.department_name("fire", "en") == "Fire and Rescue"
    assert city.department_name("long-gone", "en") == "long-gone"


# -- citations


def at(instrument: str, article: str) -> Source:
    return Source(instrument=instrument, article=article, verified_on=CHECKED, review_by=CHECKED)


@pytest.mark.parametrize(
    ("instrument", "article", "line"),
    [
        ("road", "第47条第1款", "依据：《道路交通安全法》第47条第1款 · 2026-11 核对"),
        ("cc7", "第1254条第1款", "依据：《民法典》第1254条第1款 · 2026-11 核对"),
        ("gbt19095", "", "依据：国家标准 GB/T 19095—2019 · 2026-11 核对"),
        ("w15", "", "依据：国务院 2012 年 11 月 18 日批复（全国交通安全日） · 2026-11 核对"),
        ("w7", "", "依据：国家新闻出版署 2021 年 8 月通知（未成年人游戏时段） · 2026-11 核对"),
        ("w17", "", "依据：《殡葬管理条例》 · 2026-11 核对"),
    ],
)
def test_a_citation_in_chinese(library: Library, instrument: str, article: str, line: str) -> None:
    assert library.citation(at(instrument, article), "zh") == line


@pytest.mark.parametrize(
    ("instrument", "article", "line"),
    [
        ("road", "第47条第1款", "Source: Road Traffic Safety Law, Art. 47 para. 1 · checked 2026-11"),
        ("crim", "第133条之一", "Source: Criminal Law, Art. 133-1 · checked 2026-11"),
        ("road", "第93条第1–2款", "Source: Road Traffic Safety Law, Art. 93 para. 1–2 · checked 2026-11"),
        (
            "fire",
            "第28条、第60条第2款",
            "Source: Fire Protection Law, Art. 28, Art. 60 para. 2 · checked 2026-11",
        ),
        (
            "highrise",
            "第37条",
            "Source: Provisions on Fire Safety of High-Rise Civil Buildings, Art. 37 · checked 2026-11",
        ),
        ("w17", "", "Source: Regulation on Funerals and Interment · checked 2026-11"),
    ],
)
def test_a_citation_in_english(library: Library, instrument: str, article: str, line: str) -> None:
    assert library.citation(at(instrument, article), "en") == line


def test_every_shipped_citation_is_whole_and_in_its_language(library: Library) -> None:
    cited = {
        *(source for tip in library.tips.values() for source in tip.source),
        *(source for question in library.questions.values() for source in question.source),
        *(source for category in library.categories.values() for source in category.source),
    }
    for one in cited:
        assert library.instruments[one.instrument].name in library.citation(one, "zh")
        assert not re.search(r"[\u4e00-\u9fff]|  |, ·", library.citation(one, "en"))


def test_the_laws_that_the_code_replaced_are_no_longer_in_force(library: Library) -> None:
    last_day = datetime.date(2026, 8, 14)
    for code in ("noise", "solidwaste", "air", "env"):
        law = library.instruments[code]
        assert law.in_force_on(last_day)
        assert not law.in_force_on(datetime.date(2026, 8, 15))
        assert law.replaced_by == "code"
    assert library.instruments["code"].in_force_on(datetime.date(2026, 8, 15))
    assert not library.instruments["code"].in_force_on(last_day)


def test_an_instrument_out_of_force_without_a_date_is_never_in_force() -> None:
    assert not Instrument(code="x", name="旧", en="Old", in_force=False).in_force_on(CHECKED)


# -- texts


@pytest.fixture
def texts(tmp_path: Path) -> Texts:
    folder = shutil.copytree(SMALL, tmp_path / "content")
    lists = {
        "zh": "{% for n in names %}{{ n }}{% if not loop.last %}、{% endif %}{% endfor %}",
        "en": "{{ names | join(', ') }}",
    }
    for language, text in lists.items():
        file = folder / "texts" / language / "names.toml"
        file.write_text(f'all = """\n{text}\n"""\nbrace = "{{n}} {{{{ a }}}}"\n', encoding="utf-8")
    return load(folder, "town").texts


def test_a_text_is_found_by_file_and_path(texts: Texts) -> None:
    assert texts.render("zh", "menu.ask.place") == "在哪里？"
    assert texts.render("en", "menu.ask.place") == "Where?"
    assert texts.has("zh", "menu.ask.place")
    assert not texts.has("zh", "menu.ask")
    assert "names.all" in texts.keys("en")


def test_blanks_are_filled_in(texts: Texts) -> None:
    assert texts.render("zh", "menu.hello", name="<小林>") == "您好，<小林>。"
    assert texts.render("en", "names.brace", a=3) == "{n} 3"
    assert texts.names("menu.hello") == {"name"}


def test_templates_may_choose_and_repeat(texts: Texts) -> None:
    assert texts.render("zh", "names.all", names=["甲", "乙"]) == "甲、乙"
    assert texts.render("en", "names.all", names=["A", "B"]) == "A, B"
    assert texts.names("names.all") == {"names"}


@pytest.mark.parametrize("key", ["menu.hello", "names.all"])
def test_a_blank_left_out_is_an_error(texts: Texts, key: str) -> None:
    with pytest.raises(UndefinedError):
        texts.render("zh", key)


def test_an_unknown_key_or_language_is_a_key_error(texts: Texts) -> None:
    with pytest.raises(KeyError):
        texts.render("zh", "menu.gone")
    with pytest.raises(KeyError):
        texts.render("fr", "menu.hello", name="x")


def test_variants_are_picked_by_number_counting_round(texts: Texts) -> None:
    said = [texts.render("zh", "menu.thanks", variant=n) for n in range(3)]
    assert said == ["谢谢您。", "多谢。", "谢谢您。"]
    assert texts.render("zh", "menu.thanks") == "谢谢您。"
    assert texts.render("en", "menu.thanks", variant=1) == "Thank you."
    assert texts.variants("zh", "menu.thanks") == 2


def test_a_folder_almost_without_texts_is_enough(tmp_path: Path) -> None:
    folder = shutil.copytree(SMALL, tmp_path / "content")
    shutil.rmtree(folder / "texts")
    assert load(folder, "town").texts.keys("zh") == frozenset()


# -- commands


def test_commands_are_found_by_every_word(library: Library) -> None:
    [report] = [command for command in library.commands if command.name == "report"]
    assert report.words == report.zh + report.en
    assert report.describe("en") == report.description_en
    for word in report.words:
        assert library.command_words[word.casefold()] == "report"


# -- emergencies

EMERGENCIES = {
    "着火了": "119",
    "我家厨房着火了！": "119",
    "着 火 了": "119",
    "房子著火了快來": "119",  # traditional characters
    "廚房冒濃煙": "119",
    "有人暈倒了": "120",
    "楼下电动车起火，浓烟很大": "119",
    "3号楼窗户冒黑烟": "119",
    "着火了，消防通道被车堵死了": "119",
    "电池在充电的时候冒烟": "119",
    "楼道里有很重的煤气味": "119",
    "天然气好像泄漏了": "119",
    "有人溺水了": "119",
    "被困在电梯里了": "119",
    "有个孩子掉进井里": "119",
    "电线掉下来砸在路上": "119",
    "有人触电": "120|119",
    "有人受伤": "120",
    "阳台掉花盆，有人受伤了": "120",
    "花盆砸到人了": "120",
    "老人晕倒在路边": "120",
    "他一直流血": "120",
    "路口出车祸了": "122|120",
    "撞人了，司机跑了": "122",
    "119": "119",
    "打１２０！": "120",
    "我要报警": "110",
    "call the police": "110",
    "有人打架": "110",
    "小区门口打起来了": "110",
    "他拿着刀": "110",
    "救命": "110",
    "有小偷": "110",
    "有人要跳楼": "110",
    "现在家里起火，怎么预防蔓延": "119",
    "fire": "119",
    "There is a FIRE in our building": "119",
    "smoke coming out of the building": "119",
    "I smell gas in the hallway": "119",
    "someone is drowning": "119",
    "a man is injured": "120",
    "injured": "120",
    "she is not breathing": "120",
    "hit by a car": "122",
    "two men are fighting downstairs": "110",
    "help me, a burglar": "110",
}

NO_EMERGENCIES = [
    "消防通道被占",
    "119消防日是哪天",
    "110路公交车乱停",
    "电话号码 12345",
    "报警器一直响",
    "消防通道被占了，没法走",
    "灭火器",
    "灭火器过期了找谁换",
    "充电起火怎么预防",
    "怎么预防电动车起火",
    "打架子鼓",
    "楼上打架子鼓太吵",
    "打架会怎么处罚",
    "电动车停楼道容易引起火灾",
    "拨打人工服务",
    "一起火锅吗",
    "火车站怎么走",
    "烟花爆竹哪里不能放",
    "没有人受伤",
    "井盖坏了容易摔伤人",
    "被噪声困扰很久了，我们被困扰得睡不着",
    "公开时被打了码吗",
    "进入室内吸烟",
    "噪声严重伤害身心",
    "消防演练几点开始",
    "高空抛物砸伤人谁赔偿",
    "电线杆上贴满小广告",
    "遛狗不牵绳罚多少",
    "路灯不亮",
    "有人抢我车位",
    "考考我",
    "fireworks rule",
    "fireworks",
    "fire lane blocked",
    "fire extinguisher is missing",
    "where is the fire exit",
    "how to prevent a fire when charging",
    "what is the fine for a fight",
    "no one is injured",
    "ambulance access is blocked by a car",
    "wildfires and firefighters quiz",
    "how to sort waste",
    "",
]


@pytest.mark.parametrize("text", EMERGENCIES)
def test_an_emergency_is_heard(library: Library, text: str) -> None:
    heard = library.emergency(text)
    assert heard is not None
    assert heard.number in EMERGENCIES[text].split("|")


@pytest.mark.parametrize("text", NO_EMERGENCIES)
def test_the_alarm_does_not_ring_for_nothing(library: Library, text: str) -> None:
    assert library.emergency(text) is None


def test_advice_names_the_number_to_call(library: Library) -> None:
    for emergency in library.emergencies:
        assert emergency.number in {line.number for line in library.city.hotlines}
        for language in LANGUAGES:
            assert emergency.number in emergency.in_language(language).advice


def test_names_of_categories_and_topics_ring_no_alarm(library: Library) -> None:
    for category in library.categories.values():
        assert library.emergency(category.zh.name) is None
        assert library.emergency(category.en.name) is None
        options = [option for ask in category.questions for option in ask.options]
        assert [option.zh for option in options if library.emergency(option.zh)] == []
    for topic in library.topics.values():
        assert library.emergency(topic.name) is None
        assert library.emergency(topic.en.name) is None


def test_commands_ring_no_alarm(library: Library) -> None:
    assert [word for word in library.command_words if library.emergency(word)] == []
