"""Every kind of slip an editor can make is found at load, and the message says where and why."""

import datetime
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from content.due import due
from content.library import ContentError, Library, Problem, load
from content.register import register

SMALL = Path(__file__).parent / "small"
TODAY = datetime.date(2026, 11, 22)
TIPS, QUIZZES = "tips/traffic.toml", "quizzes/traffic.toml"
EMPTY = ""
Edit = Callable[[str, str, str], None]  # file, what stands there, what shall stand there


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small content folder without a fault."""
    return shutil.copytree(SMALL, tmp_path / "content")


@pytest.fixture
def edit(folder: Path) -> Edit:
    """Replace one piece of text in one file; what is replaced must be there."""

    def replace(file: str, old: str, new: str) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


def problems(folder: Path, today: datetime.date | None = TODAY) -> list[str]:
    with pytest.raises(ContentError) as refused:
        load(folder, "town", today)
    return [str(problem) for problem in refused.value.problems]


def test_the_small_folder_is_good(folder: Path) -> None:
    assert load(folder, "town", TODAY).tips.keys() == {"traffic-wave"}


def test_a_problem_is_one_line() -> None:
    assert str(Problem("tips/dogs.toml", "dogs-leash", "太长")) == "tips/dogs.toml · dogs-leash: 太长"


ONE_SLIP = {
    "an unknown key": (TIPS, 'title = "', 'titel = "x"\ntitle = "', "titel", "没有这一项"),
    "an unknown table": (TIPS, "[[tip]]", "[[tipp]]\n[[tip]]", "tipp", "没有这一项"),
    "a table instead of a list": (TIPS, "[[tip]]", "[tip]", "tip", "两层方括号"),
    "a missing field": (
        TIPS,
        'today = "开车到斑马线前先减速。"\n',
        EMPTY,
        "traffic-wave.today",
        "缺少这一项",
    ),
    "no English": (TIPS, "[tip.en]", "[tip.fr]", "traffic-wave.en", "缺少英文"),
    "half the English": (TIPS, 'title = "Stop and wait"\n', EMPTY, "traffic-wave.en.title", "缺少英文"),
    "a title too long": (TIPS, "停下来等一等", "停下来等一等" * 3, "traffic-wave.title", "现在 18 个"),
    "a text too short": (
        TIPS,
        "行人正在通过，就等他走完再走，谁都不差这几秒钟。",
        EMPTY,
        "traffic-wave.text",
        "要 40–120 个字符",
    ),
    "a word instead of true": (TIPS, "minors = true", 'minors = "perhaps"', "minors", "true 或 false"),
    "an unknown tone": (TIPS, "minors = true", 'minors = true\ntone = "loud"', "tone", "只能是"),
    "an unknown subtopic": (TIPS, '"crosswalk"', '"zebra"', "traffic-wave.subtopic", "没有子主题 zebra"),
    "an id of another topic": (TIPS, 'id = "traffic-wave"', 'id = "wave"', "wave.id", "以 traffic- 开头"),
    "a question that is not there": (TIPS, "traffic-q-wave", "traffic-q-gone", "question", "没有这道题"),
    "a question of another topic": (TIPS, "traffic-q-wave", "dogs-q-1", "question", "没有这道题"),
    "an unknown instrument": (TIPS, '"road"', '"raod"', "traffic-wave.source", "没有 raod"),
    "a repealed instrument": (TIPS, '"road"', '"noise"', "source", "已失效（2026-08-15），请改引 code"),
    "review before check": (TIPS, "2027-05-31", "2026-05-31", "traffic-wave.source", "早于"),
    "a word we do not use": (TIPS, "一位老人", "牛皮癣旁老人", "traffic-wave.text", "写「小广告」"),
    "a half-width comma in Chinese": (TIPS, "就等他走完", ",就等他走完", "traffic-wave.text", "全角标点"),
    "quotation marks of another hand": (TIPS, "就等他走完", "就“等”他走完", "traffic-wave.text", "引号用「」"),
    "a mark twice": (TIPS, "走完再走，", "走完再走，，", "traffic-wave.text", "标点重复"),
    "a space after a full-width comma": (TIPS, "走完再走，", "走完再走， ", "traffic-wave.text", "不留空格"),
    "full-width punctuation in English": (TIPS, "Stop and wait", "Stop，wait", "traffic-wave.en.title", "半角标点"),
    "an article that cannot be read": (TIPS, "第47条第1款", "47条", "traffic-wave.source.1.article", "条款写成"),
    "no right answer": (QUIZZES, "right = [0]", "right = []", "traffic-q-wave.right", "一个正确选项"),
    "two right answers": (QUIZZES, "right = [0]", "right = [0, 1]", "right", "一个正确选项"),
    "a right answer too many": (QUIZZES, "right = [0]", "right = [3]", "right", "0 到 2"),
    "one answer right twice": (QUIZZES, "right = [0]", "right = [0, 0]", "right", "重复"),
    "multiple with one answer": (QUIZZES, '"single"', '"multiple"', "right", "至少有两个"),
    "true or false with three": (QUIZZES, '"single"', '"truefalse"', "options", "判断题"),
    "the same option twice": (QUIZZES, "按喇叭提醒", "停车让行", "traffic-q-wave.options", "选项重复"),
    "an English option less": (QUIZZES, ', "Drive slowly around"', EMPTY, "en.options", "英文选项有 2 个"),
    "an option too long": (QUIZZES, "按喇叭提醒", "按喇叭提醒" * 5, "options", "现在 25 个"),
    "a picture missing": (QUIZZES, '"single"', '"picture"', "traffic-q-wave.picture", "要有 picture"),
    "a picture not on disk": (
        QUIZZES,
        'kind = "single"',
        'kind = "picture"\npicture = "bins.svg"',
        "picture",
        "找不到图片 content/pictures/bins.svg",
    ),
    "a department the city lacks": ("categories.toml", '"urban"', '"parks"', "litter.departments", "parks"),
    "a department nobody reaches": ("categories.toml", "compound =", "tower =", "departments", "tower 不是"),
    "a choice without options": ("categories.toml", '"choice"', '"text"', "place_kind", "不要写选项"),
    "a category without a source": (
        "categories.toml",
        "source = [",
        "source = [] #",
        "litter.source",
        "至少要有 1 项",
    ),
    "half an emergency hint": (
        "categories.toml",
        'rule = "不能',
        'emergency = "先打 119"\nrule = "不能',
        "emergency",
        "中英文",
    ),
    "two rules for one day": (
        "calendar.toml",
        'date = "12-02"',
        'date = "12-02"\nmonth = 12',
        "traffic-day",
        "只写一种",
    ),
    "a day that cannot be": ("calendar.toml", "12-02", "13-02", "traffic-day.date", "写法不对"),
    "an observance of no topic": (
        "calendar.toml",
        '["traffic"]',
        '["boats"]',
        "traffic-day",
        "没有主题 boats",
    ),
    "an unknown number": ("emergencies.toml", '"119"', '"911"', "fire.number", "只能是"),
    "a city without a hotline": ("cities/town/city.toml", '"12345"', '"12346"', "hotline", "缺少 12345"),
    "a zone that is not": ("cities/town/city.toml", "Asia/Shanghai", "Asia/Shangai", "timezone", "时区"),
    "hours in disorder": ("cities/town/city.toml", "13:30:00", "11:30:00", "hours", "不能重叠"),
    "an hour past midnight": ("cities/town/city.toml", "[8, 19]", "[8, 25]", "tip_hours", "不能大于 23"),
    "a rule on nothing": ("cities/town/rules.toml", "traffic.helmet", "traffic.helmets", "key", "是不是 traffic."),
    "a matter of no topic": ("matters.toml", "traffic.helmet", "boats.helmet", "boats", "没有主题 boats"),
    "own work for nobody": (
        "cities/town/departments.toml",
        "[[department]]",
        '[assign.boats]\ndefault = "urban"\n[[department]]',
        "assign.boats",
        "没有这个类别",
    ),
    "a key only in Chinese": ("texts/en/menu.toml", 'place = "Where?"', EMPTY, "ask.place", "缺少英文"),
    "a key only in English": ("texts/zh/menu.toml", 'place = "在哪里？"', EMPTY, "ask.place", "缺少中文"),
    "another placeholder": ("texts/en/menu.toml", "{{ name }}", "{{ city }}", "hello", "占位符和中文不一致"),
    "a broken placeholder": ("texts/zh/menu.toml", "{{ name }}", "{{ name }", "hello", "占位符写法有误"),
    "a number for a text": ("texts/zh/menu.toml", '"在哪里？"', "5", "ask.place", "要写文字"),
    "replaced by nothing we know": (
        "sources.toml",
        'replaced_by = "code"',
        'replaced_by = "cod"',
        "replaced_by",
        "没有 cod",
    ),
    "replaced and still in force": (
        "sources.toml",
        "in_force = false\nended = 2026-08-15\n",
        EMPTY,
        "noise.replaced_by",
        "哪天失效",
    ),
    "ended before it began": (
        "sources.toml",
        "ended = 2026-08-15",
        "ended = 2026-08-15\neffective_from = 2026-09-01",
        "noise.ended",
        "早于施行",
    ),
    "a category of no topic": ("categories.toml", 'topic = "traffic"', 'topic = "boats"', "litter", "没有主题 boats"),
    "a citation without a lead": ("sources.toml", "依据：{{ rule }}", "{{ rule }}", "citation", "以一个词开头"),
    "a citation without month": ("sources.toml", "{{ month }}", EMPTY, "citation", "month"),
}


@pytest.mark.parametrize("slip", ONE_SLIP)
def test_a_slip_is_found(slip: str, folder: Path, edit: Edit) -> None:
    file, old, new, where, reason = ONE_SLIP[slip]
    edit(file, old, new)
    found = problems(folder)
    about = "categories.toml" if slip == "a department the city lacks" else file
    assert any(about in line and where in line and reason in line for line in found), found


def test_all_problems_come_at_once(folder: Path, edit: Edit) -> None:
    edit(TIPS, "停下来等一等", "停下来等一等" * 3)
    edit(QUIZZES, "right = [0]", "right = [9]")
    edit("texts/en/menu.toml", "{{ name }}", "you")
    assert len(problems(folder)) == 3


def test_a_problem_tells_the_line(folder: Path) -> None:
    text = (folder / TIPS).read_text(encoding="utf-8")
    second = text.replace("traffic-wave", "traffic-second").replace("Stop and wait", "S" * 200)
    (folder / TIPS).write_text(f"{text}\n{second}", encoding="utf-8")
    line = f"{text}\n{second}".splitlines().index(f'title = "{"S" * 200}"') + 1
    [found] = problems(folder)
    assert f"traffic-second.en.title（第 {line} 行）" in found


def test_broken_toml_is_reported_with_file_and_line_and_nothing_else(folder: Path) -> None:
    (folder / QUIZZES).write_text('[[question]]\nid = "traffic-q-wave\n', encoding="utf-8")
    [found] = problems(folder)  # not: «no such question», which nobody can know yet
    assert found.startswith("quizzes/traffic.toml · 第 2 行第 ")
    assert "TOML 写法有误" in found


def test_a_file_in_another_encoding_is_reported(folder: Path) -> None:
    words = '[[word]]\nword = "外卖小哥"\nreason = "x"\n'
    (folder / "forbidden.toml").write_bytes(words.encode("gb18030"))
    assert problems(folder) == ["forbidden.toml · 文件: 不是 UTF-8 编码，请另存为 UTF-8"]


def test_a_missing_file_is_reported(folder: Path) -> None:
    (folder / "sources.toml").unlink()
    assert problems(folder) == ["sources.toml · 文件: 找不到这个文件"]


def test_an_unknown_city_is_reported(folder: Path) -> None:
    with pytest.raises(ContentError, match=r"cities/nowhere/city\.toml · 文件: 找不到这个文件"):
        load(folder, "nowhere")


def test_an_id_used_twice_is_reported_at_the_second_one(folder: Path) -> None:
    text = (folder / TIPS).read_text(encoding="utf-8")
    (folder / TIPS).write_text(text + text, encoding="utf-8")
    [found] = problems(folder)
    assert f"traffic-wave.id（第 {len(text.splitlines()) + 2} 行）" in found
    assert "已经用过" in found


def test_a_word_that_starts_two_commands_is_reported(folder: Path) -> None:
    row = '[[command]]\nname = "{}"\nzh = ["{}"]\nen = ["{}"]\ndescription_zh = "x"\ndescription_en = "x"\n'
    commands = row.format("report", "举报", "Report") + row.format("stats", "统计", "report")
    (folder / "commands.toml").write_text(commands, encoding="utf-8")
    [found] = problems(folder)
    assert "commands.toml · stats" in found
    assert "「report」已经是 report 的说法" in found


@pytest.mark.parametrize(
    "words",
    [
        "会被罚款。",
        "要罚 200 元。",
        "记3分。",
        "会拘留。",
        "按第十条办。",
        "《噪声法》写着。",
        "依法可处 50 以下。",
    ],
)
def test_what_sounds_like_a_rule_needs_a_source(words: str, folder: Path, edit: Edit) -> None:
    edit(TIPS, "source = [", "source = [] # ")
    edit(TIPS, "谁都不差这几秒钟。", f"谁都不差这几秒钟。{words}")
    [found] = problems(folder)
    assert "traffic-wave.source" in found
    assert "要写明 source" in found


@pytest.mark.parametrize("words", ["拨打 12345。", "这个办法用了 3 年。", "一单元 2 号楼。", "元旦有 3 个人。"])
def test_plain_talk_needs_no_source(words: str, folder: Path, edit: Edit) -> None:
    edit(TIPS, "source = [", "source = [] # ")
    edit(TIPS, "谁都不差这几秒钟。", f"谁都不差这几秒钟。{words}")
    assert load(folder, "town", TODAY).tips["traffic-wave"].source == ()


@pytest.mark.parametrize("words", ["谢谢！", "谢谢🙂", "祝您快乐"])
def test_a_solemn_tip_is_quiet(words: str, folder: Path, edit: Edit) -> None:
    edit(TIPS, "先减速。", f"先减速。{words}")
    assert load(folder, "town").tips["traffic-wave"].zh.today.endswith(words)
    edit(TIPS, "minors = true", 'minors = true\ntone = "solemn"')
    [found] = problems(folder)
    assert "traffic-wave.today" in found


def test_a_banned_word_passes_only_where_it_is_listed(folder: Path, edit: Edit) -> None:
    edit(TIPS, "一位老人", "牛皮癣旁老人")
    edit("texts/zh/menu.toml", "谢谢您", "不说牛皮癣")
    assert [found.split("（")[0] for found in problems(folder)] == [
        "texts/zh/menu.toml · thanks",
        "tips/traffic.toml · traffic-wave.text",
    ]
    edit("forbidden.toml", "reason", 'allow = ["traffic-wave", "menu.thanks"]\nreason')
    assert load(folder, "town").texts.has("zh", "menu.thanks")


@pytest.mark.parametrize("word", ["wave", "WAVE", "Stop and Wait"])
def test_a_banned_word_is_found_in_capitals_and_without(folder: Path, edit: Edit, word: str) -> None:
    edit("forbidden.toml", "牛皮癣", word)
    edit(TIPS, "Stop and wait", "Stop and WAIT for a Wave")
    assert any(f"不用「{word}」" in found for found in problems(folder))


def test_repealed_rules_are_refused_only_when_a_day_is_given(folder: Path, edit: Edit) -> None:
    edit(TIPS, '"road"', '"noise"')
    assert load(folder, "town").tips["traffic-wave"].source[0].instrument == "noise"
    assert "已失效" in problems(folder, datetime.date(2026, 8, 15))[0]


def test_a_rule_that_is_not_yet_in_force_is_refused(folder: Path) -> None:
    [found] = problems(folder, datetime.date(2026, 8, 14))
    assert "litter.source" in found
    assert "《生态环境法典》2026-08-15 才施行" in found


def about(library: Library, today: datetime.date) -> list[str]:
    return [f"{problem.item}: {problem.reason}" for problem in due(library, today)]


def test_nothing_is_due_before_its_day(folder: Path) -> None:
    assert about(load(folder, "town"), datetime.date(2026, 10, 1)) == []


def test_a_rule_that_named_no_sum_needed_no_source(folder: Path, edit: Edit) -> None:
    edit(TIPS, "source = [", "facts = [] # [")
    load(folder, "town")
    edit(TIPS, "就等他走完再走", "应当等他走完再走")
    [problem] = problems(folder)
    assert "traffic-wave.source" in problem and "像是在说规定（「应当」），要写明 source" in problem


def test_rules_fall_due_for_review(folder: Path, edit: Edit) -> None:
    edit(TIPS, "2026-11-22", "2026-03-01")
    edit(TIPS, "2027-05-31", "2026-09-30")
    edit("cities/town/rules.toml", "2026-11-22", "2026-03-01")
    edit("cities/town/rules.toml", "2027-05-31", "2026-09-30")
    assert about(load(folder, "town"), datetime.date(2026, 9, 30)) == [
        "traffic-wave: 《道路交通安全法》第47条第1款 该复核了（期限 2026-09-30）",
        "traffic.helmet: 《小城电动自行车办法》第3条 该复核了（期限 2026-09-30）",
    ]


def test_repealed_instruments_are_due_at_once(folder: Path, edit: Edit) -> None:
    edit(QUIZZES, '"road"', '"noise"')
    [found] = about(load(folder, "town"), datetime.date(2026, 10, 1))
    assert found == "traffic-q-wave: 《噪声污染防治法》已失效（2026-08-15），请改引 code"


def test_a_text_that_names_a_repealed_law_is_due_though_it_cites_another(folder: Path, edit: Edit) -> None:
    edit(TIPS, "谁都不差这几秒钟。", "谁都不差这几秒钟。《噪声污染防治法》也说。")
    [found] = due(load(folder, "town"), datetime.date(2026, 10, 1))
    assert (found.item, found.path) == ("traffic-wave", "text")
    assert "已失效（2026-08-15），请改引 code" in found.reason


def test_a_law_that_is_cited_says_which_version_was_read(folder: Path, edit: Edit) -> None:
    edit("sources.toml", 'version = "2021-04-29修正"\n', EMPTY)
    [found] = due(load(folder, "town"), datetime.date(2026, 10, 1))
    assert (found.file, found.item, found.path) == ("sources.toml", "road", "version")


def test_the_register_tells_what_cites_an_instrument_and_when_to_look_again(folder: Path) -> None:
    found = {one.instrument.code: one for one in register(load(folder, "town"))}
    assert found["road"].cited_by == ("traffic-wave", "traffic-q-wave")
    assert (found["road"].verified_on, found["road"].review_by) == (TODAY, datetime.date(2027, 5, 31))
    assert found["code"].cited_by == ("litter",)
    assert (found["noise"].cited_by, found["noise"].review_by) == ((), None)


def test_what_is_due_says_its_line(folder: Path) -> None:
    lines = (folder / TIPS).read_text("utf-8").splitlines()
    [found] = [one for one in due(load(folder, "town"), datetime.date(2027, 6, 1)) if one.item == "traffic-wave"]
    assert found.line is not None
    assert lines[found.line - 1].startswith("source = ")


def test_a_calendar_that_runs_out_is_due_sixty_days_ahead(folder: Path, edit: Edit) -> None:
    edit("calendar.toml", 'date = "12-02"', "dates = [2026-12-02]")
    library = load(folder, "town")
    assert about(library, datetime.date(2026, 10, 31)) == []
    assert "traffic-day: 全国交通安全日没有 2027 年的日期" in about(library, datetime.date(2026, 11, 22))


def test_a_year_without_public_holidays_is_due(folder: Path) -> None:
    [found] = about(load(folder, "town"), datetime.date(2199, 1, 15))[-1:]
    assert found.startswith("work: 还没有 2199 年放假调休的全国数据")
