"""Beginning a new item: a draft in the right file that teaches, checks as a draft, and is not served."""

import datetime
import shutil
import tomllib
from pathlib import Path

import pytest

from content.library import load
from content.newitem import NotBegun, begin, fresh

SMALL = Path(__file__).parent / "small"
TODAY = datetime.date(2026, 11, 28)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(SMALL, tmp_path / "content")


@pytest.mark.parametrize(
    ("kind", "file", "label"),
    [
        ("tip", "tips/traffic.toml", "traffic-2611-1"),
        ("question", "quizzes/traffic.toml", "traffic-q-2611-1"),
        ("answer", "answers/traffic.toml", "traffic-a-2611-1"),
    ],
)
def test_a_draft_is_begun_at_the_end_of_its_file(folder: Path, kind: str, file: str, label: str) -> None:
    (folder / "answers").mkdir()
    before = (folder / file).read_text("utf-8") if (folder / file).exists() else ""
    assert begin(folder, load(folder, "town"), kind, "traffic", TODAY) == (label, file)
    text = (folder / file).read_text("utf-8")
    assert text.startswith(before)
    assert all("#" in line for line in text[len(before) :].splitlines() if line.endswith('""'))
    library = load(folder, "town", TODAY)  # what is being written keeps nothing from being served
    served = {"tip": library.tips, "question": library.questions, "answer": library.answers}[kind]
    assert label not in served
    assert [entry.label for entry in library.drafts] == [label]
    assert {note.item for note in library.notes} == {label}
    assert all(note.line and note.line > before.count("\n") for note in library.notes)
    assert begin(folder, library, kind, "traffic", TODAY)[0].endswith("-2611-2")
    assert len({item["id"] for item in tomllib.loads((folder / file).read_text("utf-8"))[kind]}) >= 2


def test_a_finished_draft_is_served_once_the_mark_is_gone(folder: Path) -> None:
    tips = folder / "tips/traffic.toml"
    text = tips.read_text("utf-8")
    tips.write_text(text.replace("[[tip]]\n", "[[tip]]\ndraft = true\n"), encoding="utf-8")
    assert load(folder, "town").tips == {}
    assert load(folder, "town").notes == ()
    tips.write_text(text.replace("[[tip]]\n", "[[tip]]\ndraft = false\n"), encoding="utf-8")
    assert list(load(folder, "town").tips) == ["traffic-wave"]


@pytest.mark.parametrize(
    ("topic", "label", "reason"),
    [
        ("boats", "", "没有主题「boats」，只有：traffic"),
        ("traffic", "traffic-wave", "已经有了"),
        ("traffic", "dogs-1", "编号要以 traffic- 开头"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(folder: Path, topic: str, label: str, reason: str) -> None:
    before = (folder / "tips/traffic.toml").read_bytes()
    with pytest.raises(NotBegun, match=reason):
        begin(folder, load(folder, "town"), "tip", topic, TODAY, label)
    assert (folder / "tips/traffic.toml").read_bytes() == before


def test_ids_are_never_given_twice() -> None:
    assert fresh("tip", "dogs", {"dogs-2611-1", "dogs-2611-2"}, TODAY) == "dogs-2611-3"
