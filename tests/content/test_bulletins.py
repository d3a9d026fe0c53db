"""The bulletin's template: both languages work, and what is wrong is told with its file."""

from pathlib import Path

import pytest

from content.bulletins import read_bulletins
from content.library import Library
from content.sheets import Shelf
from content.wording import Banned


def read(folder: Path, text: str) -> Shelf:
    (folder / "bulletins").mkdir()
    (folder / "bulletins" / "zh.txt").write_text(text, "utf-8")
    shelf = Shelf(folder)
    read_bulletins(shelf, Banned.of(()))
    return shelf


def test_there_is_one_in_each_language(library: Library) -> None:
    assert set(library.bulletins) == {"zh", "en"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{% if %}", "第 1 行"),
        ("{{ weather }}", "weather"),
        ("{{ f('sunshine').words }}", "sunshine"),
        ("[chart active by moon]", "active by moon"),
        ("[numbers active sunshine]", "sunshine"),
        ("[dance]", "dance"),
        ("{{ f('active').__class__.__mro__ }}", "unsafe"),
        ("{% if f('active').known %}[chart x by y]{% endif %}", "x"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, told: str) -> None:
    [problem] = read(tmp_path, text).problems
    assert problem.file == "bulletins/zh.txt"
    assert told in str(problem)


def test_a_city_may_go_without(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    assert read_bulletins(shelf, Banned.of(())) == {}
    assert shelf.problems == []
