"""The commands of main.py as an operator meets them: what they print, what they leave, how they end."""

import json
import socket
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.system.conftest import Commands, Starter
from tests.system.readings import copied
from tests.system.server import Server

LITTER = "/report litter\n1\n文昌路 12 号门口\n1\n1\n1\n1\n"  # no photo, all questions, send
ENDED, MISUSED, TAKEN = 1, 2, 3  # exit codes


@pytest.fixture
def editors(tmp_path: Path) -> dict[str, Path]:
    """Settings with a content folder of one's own."""
    return {"content_dir": copied(tmp_path / "content")}


@pytest.mark.usefixtures("begun")
def test_staff_work_on_reports_where_no_server_runs(do: Commands, tmp_path: Path) -> None:
    said = do("chat", stdin=LITTER).well()
    assert "我是有礼" in said
    [row] = json.loads(do("reports", "list", "--json").well())
    number = row["number"]
    assert f"编号 {number}" in said
    assert (row["status"], row["category_id"], row["place"]) == ("received", "litter", "文昌路 12 号门口")
    assert number in do("reports", "list").well()
    do("reports", "move", number, "fly").refused(ENDED, "accept")  # and it lists what can be done
    do("reports", "move", number, "resolve").refused(ENDED, "")
    assert "accepted" in do("reports", "move", number, "accept", "--by", "小王").well()
    assert number in do("reports", "reply", number, "今天就去看", "--by", "小王").well()
    for who in ("小王", "小李"):
        do("reports", "show", number, "--by", who).well()
    shown = json.loads(do("reports", "show", number, "--by", "小王", "--json").well())
    history = [(entry["move"], entry["by"]) for entry in shown["history"]]
    assert history == [("receive", "resident"), ("accept", "小王"), ("reply", "小王")]
    again = do("chat", stdin="菜单\n").well()  # the terminal can't be written to: news ride on the next answer
    assert "受理" in again
    assert "今天就去看" in again
    assert "今天就去看" not in do("chat", stdin="菜单\n").well()  # told once
    do("reports", "list", "--area", "hefeng", "--by", "小王").well()
    do("staff", "list").well()
    do("content", "unanswered").well()
    do("export", "--period", "2026-10").well()
    do("backup").well()
    with closing(sqlite3.connect(tmp_path / "data" / "youli.db")) as database:  # nobody knew who had looked at what
        looks = database.execute("SELECT act, name, subject, detail, origin FROM audit ORDER BY id").fetchall()
    assert {row[-1] for row in looks} == {"terminal"}
    assert [row[1:3] for row in looks if row[0] == "report.seen"] == [("小王", number), ("小李", number)]
    lists = [row[1:4] for row in looks if row[0] == "list.seen"]
    assert lists[0] == ("office", "reports list", "1")
    assert lists[2] == ("小王", "reports list", "hefeng · 0")
    assert lists[3:] == [("terminal", "staff list", "0"), ("terminal", "unanswered", "0")]
    files = [(row[0], row[2]) for row in looks if row[0] in {"file.made", "backup.made"}]
    assert files[0] == ("file.made", "opendata 2026-10")
    assert files[1][0] == "backup.made" and files[1][1].startswith("youli-")


@pytest.mark.usefixtures("begun")
def test_history_says_where_a_report_was_referred_to_and_why_it_has_no_photo(do: Commands) -> None:
    do("chat", stdin=LITTER + LITTER).well()
    done, other = (row["number"] for row in json.loads(do("reports", "list", "--json").well()))
    do("reports", "move", done, "accept").well()
    do("reports", "move", done, "resolve", "--note", "清走了", "--no-photo", "夜里拍不清").well()
    assert "resolved  清走了 · 夜里拍不清" in do("reports", "show", done).well()
    do("reports", "move", other, "refer", "--target", "12345", "--note", "请他们来").well()
    assert "referred  请他们来 · 12345" in do("reports", "show", other).well()


def test_the_same_commands_reach_a_running_server(server: Server, do: Commands) -> None:
    data = {"data_dir": server.data}
    do("chat", stdin=LITTER, **data).well()
    [[number]] = server.rows("SELECT number FROM reports")
    assert "文昌路 12 号门口" in do("reports", "show", number, **data).well()
    assert number in do("reports", "list", "--status", "received", **data).well()
    do("reports", "list", "--status", "flying", **data).refused(ENDED, "received")
    for words in (("reply", "000000-0", "您好"), ("show", "000000-0"), ("duplicates", "000000-0")):
        refused = do("reports", *words, **data)
        refused.refused(ENDED, "000000-0")
        assert "我的上报" not in refused.err  # words for residents
    checked = {row["what"]: row["words"] for row in json.loads(do("check", "--json", **data).well())}
    assert "running at http://127.0.0.1:" in checked["server"] and checked["web chat"].endswith("/chat")
    assert "accepted" in server.command("reports", "move", number, "accept", real=True).well()  # from nothing, too
    assert "受理" in do("chat", stdin="菜单\n", **data).well()
    assert json.loads(do("stats", "--json", **data).well())["figures"]


def test_a_second_server_on_the_same_data_says_who_owns_it(server: Server) -> None:
    server.command("run").refused(ENDED, "One process owns a SQLite file")


def test_a_taken_port_names_the_setting_that_changes_it(do: Commands, tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        do("run", port=port).refused(TAKEN, f"YOULI_PORT={port + 1}")
    assert list(tmp_path.iterdir()) == []


BAD_SETTINGS: dict[str, tuple[dict[str, object], Sequence[str]]] = {
    "a port that is none": ({"port": 99999}, ["YOULI_PORT"]),
    "two at once": ({"port": "x", "language": "fr"}, ["YOULI_PORT", "YOULI_LANGUAGE"]),
    "a place without time": ({"timezone": "Mars"}, ["YOULI_TIMEZONE: 'Mars'"]),
    "a file that is not there": ({"wechat_token_file": "/nowhere"}, ["YOULI_WECHAT_TOKEN_FILE: the file"]),
    "another database": ({"database_url": "mysql://admin:secret@town/youli"}, ["YOULI_DATABASE_URL: it can be"]),
    "another store": ({"media_url": "ftp://town"}, ["YOULI_MEDIA_URL"]),
    "a log that is too loud": ({"log_level": "shouting"}, ["YOULI_LOG_LEVEL"]),
}


@pytest.mark.parametrize("case", BAD_SETTINGS)
def test_a_wrong_setting_is_one_line(case: str, do: Commands, tmp_path: Path) -> None:
    settings, words = BAD_SETTINGS[case]
    for name in ("run", "check"):
        done = do(name, **settings)
        done.refused(MISUSED, *words)
        assert "secret" not in done.err
    assert list(tmp_path.iterdir()) == []


UNUSABLE: dict[str, tuple[dict[str, object], str]] = {
    "a folder that is a file": ({"data_dir": "/dev/null"}, "YOULI_DATA_DIR=/dev/null"),
    "a database that does not answer": ({"database_url": "postgresql://n@127.0.0.1:1/y"}, "YOULI_DATABASE_URL"),
    "an address of others": ({"host": "192.0.2.1"}, "YOULI_HOST=192.0.2.1"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_cannot_be_used_is_one_line_too(case: str, do: Commands) -> None:
    settings, words = UNUSABLE[case]
    do("run", **settings).refused(ENDED, words)


def test_a_command_that_does_not_fit_says_what_does(do: Commands, server: Server) -> None:
    do("work").refused(MISUSED, "main.py run")
    assert do("stats", "--language", "fr").code == MISUSED
    data = {"data_dir": server.data}
    do("stats", "--period", "someday", **data).refused(ENDED, "someday")
    do("stats", "--channel", "pigeon", **data).refused(ENDED, "wechat")
    do("reports", "show", "000000-0", **data).refused(ENDED, "000000-0")


def test_migrate_is_safe_to_repeat(do: Commands, tmp_path: Path) -> None:
    assert "brought from nothing to" in do("migrate").well()
    before = (tmp_path / "data" / "youli.db").read_bytes()
    assert "up to date" in do("migrate").well()
    assert (tmp_path / "data" / "youli.db").read_bytes() == before


@pytest.mark.usefixtures("begun")
def test_statistics_are_printed_for_people_and_programs(do: Commands) -> None:
    do("chat", stdin="/quiz one\nA\n").well()
    found = json.loads(do("stats", "--json", "--period", "today").well())
    assert set(found) >= {"period", "figures"}
    assert set(found["period"]) >= {"from", "to"}
    figures = {figure["key"]: figure for figure in found["figures"]}
    assert all({"key", "value", "numerator", "denominator", "by"} <= set(figure) for figure in figures.values())
    assert figures["participants"]["value"] == 1
    assert figures["closing_rate"]["value"] is None  # nothing to divide by
    assert "—" in do("stats").well()
    assert "people" in do("stats", "--language", "en").well()
    compared = json.loads(do("stats", "--json", "--period", "today", "--compare").well())
    assert set(compared["compared"]) == {"previous", "year_ago"}
    assert "0 reports" in do("stats", "rows", "closing_rate", "--part", "numerator").well()
    do("stats", "rows", "active").refused(ENDED, "active")
    assert "95%" in do("stats", "rank", "closing_rate", "--of", "department").well()
    do("stats", "publish", "--period", "today").refused(ENDED, "还没过完")
    assert "/stats?edition=1" in do("stats", "publish", "--period", "2026-01", "--by", "王敏").well()
    assert [row["name"] for row in json.loads(do("stats", "editions", "--json").well())] == ["王敏"]


@pytest.mark.usefixtures("begun")
def test_the_journal_is_added_up_anew_and_the_figures_stay(do: Commands) -> None:
    do("chat", stdin="/quiz one\nA\n/tip\n").well()
    before = json.loads(do("stats", "--json", "--period", "today").well())
    assert "lines" in do("stats", "rebuild").well()
    after = json.loads(do("stats", "--json", "--period", "today").well())
    assert after["figures"] == before["figures"]
    assert after["behind"] == 0


def test_check_finds_a_slip_of_an_editor_by_file_and_line(do: Commands, editors: dict[str, Path]) -> None:
    content = editors["content_dir"]
    tips, quiz = content / "tips" / "dogs.toml", content / "quizzes" / "fire.toml"
    text = tips.read_text("utf-8")
    tips.write_text(text.replace("\nquestion = ", "\nanswer_of = ", 1), "utf-8")
    slip = text[: text.index("\nquestion = ")].count("\n") + 2
    text = quiz.read_text("utf-8")
    quiz.write_text(f"{text}\n[[question]\n", "utf-8")
    broken = text.count("\n") + 2
    done = do("check", content_dir=content)
    assert done.code == ENDED
    found = [row for row in done.out.splitlines() if row.startswith("✗ content")]
    assert any("tips/dogs.toml" in row and f"第 {slip} 行" in row for row in found), found
    assert any("quizzes/fire.toml" in row and f"第 {broken} 行" in row for row in found), found
    do("run", content_dir=content).refused(ENDED, "not right", *("toml" for _ in found))


def test_editors_check_their_content(do: Commands, editors: dict[str, Path]) -> None:
    found = json.loads(do("content", "check", "--json", **editors).well())
    assert found["ok"] is True
    tips = editors["content_dir"] / "tips" / "dogs.toml"
    text = tips.read_text("utf-8")
    do("content", "new", "tip", "dogs", **editors).well()
    assert "dogs-" in do("content", "check", **editors).well()  # a draft is a warning
    assert do("content", "check", "--strict", **editors).code == ENDED
    tips.write_text(text.replace("\nminors = true\n", '\nminors = "perhaps"\n', 1), "utf-8")
    line = text[: text.index("\nminors = true\n")].count("\n") + 2
    do("content", "check", **editors).refused(ENDED, f"tips/dogs.toml · dogs-leash.minors（第 {line} 行）")
    done = do("content", "check", "--json", **editors)
    assert done.code == ENDED
    [problem] = json.loads(done.out)["problems"]
    told = (problem["level"], problem["file"], problem["item"], problem["path"], problem["line"])
    assert told == ("error", "tips/dogs.toml", "dogs-leash", "minors", line)
    do("content", "new", "tip", "cats", **editors).refused(ENDED, "dogs-leash.minors")


def test_a_preview_shows_an_item_as_every_channel_does(do: Commands, editors: dict[str, Path]) -> None:
    shown = do("content", "preview", "dogs-a-leash", **editors).well()
    assert shown.count("── ") == 8  # four ways to show it, two languages
    assert "云汀市" in shown
    assert "▏依据：《动物防疫法》第30条第2款" in shown  # Telegram sets sources apart
    assert "1. 〔上报：" in shown  # WeChat numbers what can be tapped
    only = ("--language", "en", "--channel", "web")
    assert "[ A. " in do("content", "preview", "dogs-q-vaccine", *only, **editors).well()
    there = {**editors, "city": "template"}
    silent = do("content", "preview", "dogs-a-leash", "--channel", "web", **there).well()
    assert silent.count("12345") == 2  # a city that says nothing: ask there, in both languages
    do("content", "new", "tip", "dogs", "--id", "dogs-new", **editors).well()
    tips = editors["content_dir"] / "tips" / "dogs.toml"
    tips.write_text(tips.read_text("utf-8").replace('title = ""', 'title = "草稿的标题"', 1), "utf-8")
    assert "草稿的标题" in do("content", "preview", "dogs-new", **editors).well()
    do("content", "preview", "dogs-leesh", **editors).refused(ENDED, "dogs-leash")


def test_editors_see_what_is_due_and_what_is_missing(do: Commands, editors: dict[str, Path]) -> None:
    found = json.loads(do("content", "sources", "--json", **editors).well())
    assert all(row["cited_by"] and row["verified_on"] <= row["review_by"] for row in found)
    every = json.loads(do("content", "sources", "--all", "--json", **editors).well())
    [old] = [row for row in every if row["code"] == "noise"]
    assert (old["ended"], old["replaced_by"], old["cited_by"]) == ("2026-08-15", "code", [])
    assert "动物防疫法" in do("content", "sources", **editors).well()
    missing = json.loads(do("content", "city", "gaps", "--json", **editors).well())
    assert "dogs.limit" in {row["key"] for row in missing}
    assert "dogs.leash" not in {row["key"] for row in missing}
    assert "dogs.limit" in do("content", "city", "gaps", **editors).well()
    tips = editors["content_dir"] / "tips" / "dogs.toml"
    text = tips.read_text("utf-8")
    tips.write_text(text.replace("review_by = 2027-05-31", "review_by = 2026-11-23", 1), "utf-8")
    [due] = [row for row in json.loads(do("content", "due", "--json", **editors).well()) if row["item"] == "dogs-leash"]
    assert (due["file"], due["path"]) == ("tips/dogs.toml", "source")
    assert "dogs-leash" in do("content", "due", **editors).well()
    assert "dogs-leash" in do("check", **editors).well()


def test_the_tip_of_a_day_is_explained(do: Commands) -> None:
    told = do("content", "why", "2026-12-02", "文昌路社区").well()
    assert "全国交通安全日(当天)" in told
    assert "专为这一天写的 100×1=100" in told
    found = json.loads(do("content", "why", "2026-12-13", "--json").well())
    assert (found["solemn"], found["area"], found["others"]) == (True, "", [])
    first = found["candidates"][0]
    assert first["tip"] == found["tip"]
    assert first["points"] == sum(reason["weight"] * reason["number"] for reason in first["reasons"])
    do("content", "why", "someday").refused(ENDED, "2026-12-02")
    do("content", "why", "2026-12-02", "nowhere").refused(ENDED, "荷风社区")


def test_the_workbook_goes_out_and_comes_back(do: Commands, editors: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "dogs.xlsx"
    out = ["content", "export", str(path), "--topic", "dogs", "--kind", "tip"]
    assert "dogs.xlsx" in do(*out, **editors).well()
    do(*out, **editors).refused(ENDED, "--force")
    do(*out, "--force", **editors).well()
    do("content", "export", **editors).refused(MISUSED, "--json")
    do("content", "export", str(path), "--topic", "cats", "--force", **editors).refused(MISUSED, "cats")
    book = load_workbook(path)
    book["贴士"]["D2"] = "先扣好绳"
    book.save(path)
    tips = editors["content_dir"] / "tips" / "dogs.toml"
    text = tips.read_text("utf-8")
    assert "会改 1 条、1 处，1 个文件" in do("content", "import", str(path), "--dry-run", **editors).well()
    assert tips.read_text("utf-8") == text
    found = json.loads(do("content", "import", str(path), "--json", **editors).well())
    assert (found["applied"], found["changes"][0]["item"]) == (True, "dogs-leash")
    assert tips.read_text("utf-8") == text.replace("出门先扣绳", "先扣好绳", 1)
    book["贴士"]["D3"] = "长" * 17
    book.save(path)
    do("content", "import", str(path), **editors).refused(ENDED, "贴士 · 第 3 行「标题」(D3)", "1 处不对，什么都没有改")
    assert json.loads(do("content", "import", str(path), "--json", **editors).out)["ok"] is False
    do("content", "import", str(tips), **editors).refused(ENDED, "xlsx")
    lines = do("content", "export", "--json", "--topic", "dogs", **editors).well().splitlines()
    assert {json.loads(line)["kind"] for line in lines} == {"tip", "question", "answer"}


@pytest.mark.usefixtures("begun")
def test_check_shows_dead_letters_and_is_content_with_an_empty_town(do: Commands, tmp_path: Path) -> None:
    assert "✗" not in do("check").well()
    do("chat").well()
    with closing(sqlite3.connect(tmp_path / "data" / "youli.db")) as connection, connection:
        connection.execute(
            "INSERT INTO letters (talk_id, channel, say, urgency, state, attempts, due_at, created_at, error) "
            "SELECT id, channel, '{}', 0, 'dead', 12, 0, 0, 'gave up: later: 502' FROM talks"
        )
    assert "gave up: later: 502" in do("check").well()
    [letters] = [row for row in json.loads(do("check", "--json").well()) if row["words"] == "1 dead"]
    assert letters["what"] == "letters"


def test_help_teaches(do: Commands) -> None:
    whole = do("--help").well()
    assert all(name in whole for name in ("run", "serve", "work", "migrate", "check", "stats", "reports", "chat"))
    assert all(name in do("reports", "--help").well() for name in ("list", "show", "move", "reply"))
    assert "resolve" in do("reports", "move", "--help").well()


def test_what_was_moved_while_no_server_ran_is_told_when_one_does(starter: Starter, do: Commands) -> None:
    server = starter()
    data = {"data_dir": server.data}
    do("chat", stdin=LITTER, **data).well()
    [[number]] = server.rows("SELECT number FROM reports")
    assert "accepted" in do("reports", "move", number, "accept", **data).well()
    server.start()
    assert "受理" in do("chat", stdin="菜单\n", **data).well()
    server.stop()
