"""The editors' workbook: out with everything, back with what was changed, or with a word for every slip."""

import datetime
import hashlib
import shutil
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from content import export, intake
from content.library import Library, load
from content.workbook import Unreadable, settle

ROOT = Path(__file__).parents[2]
SMALL = Path(__file__).parent / "small"
TODAY = datetime.date(2026, 11, 28)
KINDS = frozenset({"tip", "question", "answer"})
EVERY: frozenset[str] = frozenset()


class Office:
    """A content folder and the workbook that its editors have."""

    def __init__(self, folder: Path, city: str) -> None:
        self.folder, self.city = folder, city
        self.path = folder.parent / "content.xlsx"

    def export(self) -> "Office":
        export.workbook(self.library, self.path, KINDS, EVERY)
        return self

    @property
    def library(self) -> Library:
        return load(self.folder, self.city, TODAY)

    def edit(self, sheet: str, row: int, **cells: object) -> None:
        """Write into cells of a row by their column's name; a row beyond the last is new."""
        book = load_workbook(self.path)
        columns = {cell.value: cell.column for cell in book[sheet][1]}
        for name, value in cells.items():
            book[sheet].cell(row, columns[name]).value = value
        book.save(self.path)

    def look(self) -> intake.Intake:
        return intake.look(self.folder, self.city, TODAY, self.path)

    def bring(self) -> list[str]:
        """Import; what was changed."""
        found = self.look()
        assert found.right, [*map(str, found.faults), *map(str, found.problems)]
        intake.apply(self.folder, found)
        settle(self.path, found.rows)
        return [str(change) for change in found.changes]

    def refused(self) -> list[str]:
        """Import what is wrong; the faults. No file may change."""
        before = state(self.folder)
        found = self.look()
        assert not found.right
        assert state(self.folder) == before
        return [str(fault) for fault in (*found.faults, *found.problems)]


def state(folder: Path) -> Mapping[str, str]:
    """Every file with the hash of its bytes."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of a town with one tip and one question, to be copied."""
    folder = tmp_path_factory.mktemp("town") / "content"
    return Office(shutil.copytree(SMALL, folder), "town").export().path


@pytest.fixture
def office(tmp_path: Path, exported: Path) -> Office:
    """That town."""
    town = Office(shutil.copytree(SMALL, tmp_path / "content"), "town")
    shutil.copy(exported, town.path)
    return town


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """All of the shipped content, for tests that leave it as it is."""
    folder = tmp_path_factory.mktemp("whole") / "content"
    return Office(shutil.copytree(ROOT / "content", folder, ignore=shutil.ignore_patterns("*.py*")), "demo").export()


def test_out_and_back_without_an_edit_changes_no_byte(whole: Office) -> None:
    before = state(whole.folder)
    assert whole.bring() == []
    assert state(whole.folder) == before


def test_the_form_has_lists_to_choose_from_a_fixed_head_and_room_to_read(whole: Office) -> None:
    book = load_workbook(whole.path)
    assert book.sheetnames == ["说明", "贴士", "题目", "问答", "清单"]
    sheet = book["题目"]
    names = [cell.value for cell in sheet[1]]
    assert names[:7] == ["编号", "主题", "子主题", "题型", "难度", "题干", "选项A"]
    assert sheet.max_row == len(whole.library.questions) + 1
    assert sheet.freeze_panes == "B2"
    assert all(cell.comment and cell.comment.text for cell in sheet[1][:-1])
    assert sheet.column_dimensions["F"].width == 50
    assert sheet.column_dimensions[sheet.cell(1, len(names)).column_letter].hidden
    lists = {
        str(rule.sqref).partition(":")[0].rstrip("0123456789"): rule.formula1
        for rule in sheet.data_validations.dataValidation
        if rule.type == "list"
    }
    chosen = {names[ord(letter) - 65]: formula for letter, formula in lists.items() if len(letter) == 1}
    assert set(chosen) >= {"主题", "子主题", "题型", "难度", "适合未成年人", "草稿"}
    start, end = chosen["难度"].removeprefix("清单!").replace("$", "").split(":")
    assert [cell.value for (cell,) in book["清单"][start:end]] == ["易", "中", "难"]


def test_a_cell_that_was_changed_changes_its_line_and_nothing_else(office: Office) -> None:
    before = (office.folder / "tips/traffic.toml").read_text(encoding="utf-8")
    office.edit("贴士", 2, 今天做="过斑马线前，先慢下来。", 语气="肃穆")
    assert office.bring() == [
        "tips/traffic.toml · traffic-wave · 今天做: 「开车到斑马线前先减速。」→「过斑马线前，先慢下来。」",
        "tips/traffic.toml · traffic-wave · 语气: 「」→「肃穆」",
    ]
    after = before.replace("开车到斑马线前先减速。", "过斑马线前，先慢下来。")
    after = after.replace('question = "traffic-q-wave"\n', 'question = "traffic-q-wave"\ntone = "solemn"\n')
    assert (office.folder / "tips/traffic.toml").read_text(encoding="utf-8") == after
    assert office.bring() == []


def test_a_new_row_becomes_an_item_with_an_id_of_its_own(office: Office) -> None:
    office.edit(
        "题目",
        3,
        主题="文明交通",
        子主题="crosswalk",
        题型="判断",
        难度="易",
        题干="行人正在通过时，车要停下来让行。",
        选项A="对",
        选项B="错",
        答案="A",
        讲解="行人正在通过人行横道，机动车应当停车让行。",
        适合未成年人=True,
        依据="road | 第47条第1款 | 2026/11/22 | 2027-05-31",
        英文题干="Cars stop for people who are crossing.",
        英文选项A="True",
        英文选项B="False",
        英文讲解="Drivers must stop while someone is crossing.",
    )  # fmt: skip
    assert office.bring() == ["quizzes/traffic.toml · traffic-q-2611-1: 新的一条「行人正在通过时，车要停下来让行。」"]
    new = office.library.questions["traffic-q-2611-1"]
    assert (new.kind, new.right, new.zh.options, new.minors) == ("truefalse", (0,), ("对", "错"), True)
    assert new.source[0].verified_on == datetime.date(2026, 11, 22)


def test_a_workbook_is_edited_on_after_it_was_taken_in(office: Office) -> None:
    office.edit("贴士", 2, 标题="停一停")
    office.edit("贴士", 3, 主题="文明交通", 子主题="crosswalk", 标题="没写完", 适合未成年人="是", 草稿="是")
    assert len(office.bring()) == 2
    assert office.bring() == []  # nothing comes twice
    sheet = load_workbook(office.path)["贴士"]
    assert sheet["A3"].value == "traffic-2611-1"
    assert sheet.freeze_panes == "B2"
    assert sheet.data_validations.count > 10
    assert sheet["D1"].comment is not None
    office.edit("贴士", 2, 标题="等一等")
    office.edit("贴士", 3, 正文="还差一点")
    assert office.bring() == [
        "tips/traffic.toml · traffic-wave · 标题: 「停一停」→「等一等」",
        "tips/traffic.toml · traffic-2611-1 · 正文: 「」→「还差一点」",
    ]
    assert [entry.label for entry in office.library.drafts] == ["traffic-2611-1"]


SLIPS: Mapping[str, tuple[str, int, dict[str, Any], str]] = {
    "a word that is in no list": ("题目", 2, {"难度": "很难"}, "题目 · 第 2 行「难度」(E2): 没有「很难」"),
    "an answer that is no letter": ("题目", 2, {"答案": "3"}, "题目 · 第 2 行「答案」(K2): 写选项的字母"),
    "an answer beyond the options": ("题目", 2, {"答案": "D"}, "题目 · 第 2 行「答案」(K2): right 从 0 数起"),
    "a gap between options": ("题目", 2, {"选项B": None}, "题目 · 第 2 行「选项B」(H2): 不能空着"),
    "an English option less": ("题目", 2, {"英文选项C": ""}, "题目 · 第 2 行「英文选项A」(S2): 英文选项有 2 个"),
    "a text that is too long": ("贴士", 2, {"标题": "长" * 17}, "「标题」(D2): 要 2–16 个字符，现在 17 个"),
    "no English": ("贴士", 2, {"英文标题": " "}, "贴士 · 第 2 行「英文标题」(N2): 不能空着"),
    "a source of three parts": ("贴士", 2, {"依据": "road | 第47条 | 2026-11-22"}, "「依据」(K2): 要写四段"),
    "a source nobody knows": ("贴士", 2, {"依据": "raod | 第1条 | 2026-1-1 | 2027-1-1"}, "「依据」(K2): 没有代号 raod"),
    "a day that is none": ("贴士", 2, {"依据": "road | 第1条 | 2026-13-1 | 2027-1-1"}, "「2026-13-1」不是日期"),
    "an article that is none": ("贴士", 2, {"依据": "road | 第一条 | 2026-1-1 | 2027-1-1"}, "「依据」(K2): 条款写成"),
    "a repealed law": ("贴士", 2, {"依据": "noise | 第1条 | 2026-1-1 | 2027-1-1"}, "已失效（2026-08-15），请改引 code"),
    "a question that is not there": ("贴士", 2, {"考考我": "traffic-q-gone"}, "「考考我」(G2): 没有这道题"),
    "a word we do not use": ("贴士", 2, {"今天做": "清理牛皮癣。"}, "「今天做」(F2): 不用「牛皮癣」"),
    "another topic": ("贴士", 2, {"主题": "文明养犬"}, "「主题」(B2): traffic-wave 的主题定了不能改"),
    "a new row without a topic": ("贴士", 3, {"标题": "新的"}, "贴士 · 第 3 行「主题」(B3): 新的一条要选主题"),
    "a new row with a foreign id": (
        "问答",
        2,
        {"编号": "x", "主题": "文明交通", "子主题": "crosswalk", "问法": "一二三\n四五六\n七八九"}
        | {"回答": "十个字的回答在这里哪"}
        | {"适合未成年人": "是", "依据": "road | 第1条 | 2026-1-1 | 2027-1-1"}
        | {"英文问法": "Who waits", "英文回答": "The driver waits for whoever crosses."},
        "问答 · 第 2 行「编号」(A2): id 要以 traffic- 开头",
    ),
    "two lines where one belongs": ("贴士", 2, {"标题": "一\n二"}, "「标题」(D2): 这里只写一行"),
    "neither yes nor no": ("贴士", 2, {"适合未成年人": "也许"}, "「适合未成年人」(J2): 只能写"),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_told_with_its_cell_and_nothing_changes(slip: str, office: Office) -> None:
    sheet, row, cells, told = SLIPS[slip]
    office.edit(sheet, row, **cells)
    found = office.refused()
    assert any(told in line for line in found), found


def test_all_slips_come_at_once_and_none_that_only_follows_from_another(office: Office) -> None:
    office.edit("题目", 3, 编号="traffic-q-new", 主题="文明交通", 题干="没写完")
    office.edit("贴士", 2, 考考我="traffic-q-new", 标题="长" * 20)
    found = office.refused()
    assert not any("没有这道题" in line for line in found)
    assert sum("第 3 行" in line for line in found) > 5
    assert any("贴士 · 第 2 行「标题」" in line for line in found)


def test_the_same_id_twice_is_told(office: Office) -> None:
    book = load_workbook(office.path)
    book["贴士"].append([cell.value for cell in book["贴士"][2]])
    book.save(office.path)
    assert office.refused() == ["贴士 · 第 3 行「编号」(A3): 和第 2 行的编号一样"]


def test_what_somebody_else_changed_meanwhile_is_kept(office: Office) -> None:
    tips = office.folder / "tips/traffic.toml"
    tips.write_text(tips.read_text("utf-8").replace("先减速。", "先减速，再看。"), encoding="utf-8")
    assert office.bring() == []  # this row was not touched in the workbook: the file is newer
    assert "先减速，再看。" in tips.read_text("utf-8")
    office.edit("贴士", 2, 标题="停一停")
    [told] = office.refused()
    assert "导出以后，文件里的 traffic-wave 也改过" in told


def test_a_file_that_changes_at_the_last_moment_is_not_overwritten(office: Office) -> None:
    office.edit("贴士", 2, 标题="停一停")
    found = office.look()
    tips = office.folder / "tips/traffic.toml"
    tips.write_text(tips.read_text("utf-8") + "# 刚写的\n", encoding="utf-8")
    before = state(office.folder)
    with pytest.raises(intake.Stale):
        intake.apply(office.folder, found)
    assert state(office.folder) == before


def test_a_row_that_was_taken_out_takes_nothing_away(office: Office) -> None:
    book = load_workbook(office.path)
    book["贴士"].delete_rows(2)
    book.save(office.path)
    assert office.bring() == []
    assert "traffic-wave" in office.library.tips


def test_a_draft_is_put_aside_by_the_workbook_and_taken_back(office: Office) -> None:
    office.edit("贴士", 2, 草稿="是")
    office.bring()
    assert not office.library.tips
    office.export()
    office.edit("贴士", 2, 草稿="否")
    office.bring()
    assert "draft" not in (office.folder / "tips/traffic.toml").read_text("utf-8")
    assert "traffic-wave" in office.library.tips


def test_a_file_of_windows_keeps_its_line_ends_and_its_mark(office: Office) -> None:
    tips = office.folder / "tips/traffic.toml"
    tips.write_bytes(b"\xef\xbb\xbf" + tips.read_bytes().replace(b"\n", b"\r\n"))
    office.edit("贴士", 2, 标题="停一停")
    office.bring()
    raw = tips.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\n") == raw.count(b"\r\n") > 10
    assert office.library.tips["traffic-wave"].zh.title == "停一停"


def test_words_that_look_like_a_formula_stay_words(office: Office) -> None:
    tips = office.folder / "tips/traffic.toml"
    tips.write_text(tips.read_text("utf-8").replace("停下来等一等", "=1+1 也要等"), encoding="utf-8")
    office.export()
    assert load_workbook(office.path)["贴士"]["D2"].data_type == "s"
    assert office.bring() == []


def test_columns_may_stand_in_another_order_and_must_all_be_there(office: Office) -> None:
    book = load_workbook(office.path)
    book["贴士"].move_range("C1:C3", cols=30)
    book["贴士"].cell(2, 4).value = "换个标题"
    book.save(office.path)
    assert len(office.bring()) == 1
    book["题目"].delete_cols(4)
    book.save(office.path)
    assert office.refused() == ["题目: 第 1 行少了列：题型"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"id,topic\n1,2\n"])
def test_a_file_that_is_no_workbook_is_refused(office: Office, content: bytes) -> None:
    office.path.write_bytes(content)
    with pytest.raises(Unreadable, match="xlsx"):
        office.look()


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked(office: Office) -> None:
    with zipfile.ZipFile(office.path, "a", zipfile.ZIP_DEFLATED) as book:
        for number in range(5):
            book.writestr(f"xl/{number}.xml", bytes(50_000_000))
    assert office.path.stat().st_size < 2_000_000
    with pytest.raises(Unreadable, match="太大"):
        office.look()


@pytest.mark.parametrize("spared", [0.0, 0.8])
@pytest.mark.parametrize("part", ["[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_a_workbook_that_does_not_unpack_ended_in_a_traceback(office: Office, part: str, spared: float) -> None:
    with zipfile.ZipFile(office.path) as book:
        found = book.getinfo(part)
    raw, begin = office.path.read_bytes(), found.header_offset + 30 + len(part)
    end, begin = begin + found.compress_size, begin + int(spared * found.compress_size)
    office.path.write_bytes(raw[:begin] + b"\xff" * (end - begin) + raw[end:])
    with pytest.raises(Unreadable, match="xlsx"):
        office.look()


def test_a_sheet_that_is_no_xml_ended_in_a_traceback(office: Office) -> None:
    with zipfile.ZipFile(office.path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(office.path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content[: len(content) // 2] if name.startswith("xl/worksheets/sheet") else content)
    with pytest.raises(Unreadable, match="xlsx"):
        office.look()


def test_entities_in_a_workbook_name_no_file(office: Office) -> None:
    with zipfile.ZipFile(office.path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    typed = b'<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd">]>'
    with zipfile.ZipFile(office.path, "w") as book:
        for name, content in parts.items():
            if name.startswith("xl/worksheets/sheet"):
                head, mark, rest = content.partition(b"?>")
                content = (head + mark if mark else b"") + typed + (rest or head).replace(b"<t>", b"<t>&file;")
            book.writestr(name, content)
    try:
        read = str(office.look())
    except Unreadable as error:
        read = str(error)
    assert "root:" not in read


def test_a_workbook_of_something_else_is_refused(office: Office) -> None:
    Workbook().save(office.path)
    with pytest.raises(Unreadable, match="没有认识的表"):
        office.look()
    office.path.unlink()
    with pytest.raises(Unreadable, match="找不到"):
        office.look()


def test_json_lines_hold_what_other_programs_need(whole: Office) -> None:
    lines = list(export.lines(whole.library, KINDS, EVERY))
    library = whole.library
    assert len(lines) == len(library.tips) + len(library.questions) + len(library.answers)
    found: dict[str, dict[str, Any]] = {f"{line['kind']} {line['id']}": line for line in lines}
    tip = found["tip dogs-leash"]
    assert list(tip)[:7] == ["kind", "id", "topic", "subtopic", "zh", "en", "sources"]
    assert tip["zh"]["title"] == "出门先扣绳"
    assert tip["sources"][0] == {
        "instrument": "aep",
        "article": "第30条第2款",
        "verified_on": "2026-11-22",
        "review_by": "2027-05-31",
        "name": "动物防疫法",
        "version": library.instruments["aep"].version,
    }
    raw = tomllib.loads((whole.folder / "quizzes/dogs.toml").read_text("utf-8"))["question"][0]
    question = found["question dogs-q-leash"]
    assert (question["right"], question["form"]) == (raw["right"], raw["kind"])
    assert [line["id"] for line in export.lines(library, frozenset({"answer"}), frozenset({"smoke"}))] == [
        answer.id for answer in library.answers.values() if answer.topic == "smoke"
    ]
