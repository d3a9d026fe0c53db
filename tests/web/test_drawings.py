"""The content's drawings for messengers: every one of them can be drawn, once, and anew when its file changes."""

import asyncio
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.play import ROOT, until
from web import drawings as module
from web.drawings import Drawings

SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48"><rect width="48" height="48" fill="{}"/></svg>'
RED, BLUE = (255, 0, 0), (0, 0, 255)


class Folder:
    """An editor's drawings, and where their pictures are kept."""

    def __init__(self, folder: Path) -> None:
        self.svg, self.png = folder / "pictures", folder / "drawings"
        self.svg.mkdir()

    def open(self) -> Drawings:
        """As a server that starts does."""
        return Drawings(self.svg, self.png)

    def draw(self, name: str, colour: str) -> None:
        """Save a drawing."""
        (self.svg / f"{name}.svg").write_text(SQUARE.format(colour), "utf-8")

    def kept(self) -> list[str]:
        """The names of the pictures that lie there."""
        return sorted(file.name.partition(".")[0] for file in self.png.glob("*"))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def colour(png: bytes | None) -> object:
    assert png is not None
    return Image.open(BytesIO(png)).convert("RGB").getpixel((9, 9))


async def test_every_drawing_of_the_content_is_a_picture_that_messengers_take(tmp_path: Path) -> None:
    pictures = ROOT / "content" / "pictures"
    drawings = Drawings(pictures, tmp_path)
    names = [file.name for file in pictures.glob("*.svg")]
    assert names
    await drawings.ahead()
    assert len([*tmp_path.glob("*.png")]) == len(names), "all are drawn ahead"
    for name in names:
        png = await drawings.picture(f"/pictures/{name}")
        assert png is not None and len(png) < 1_000_000, name
        picture = Image.open(BytesIO(png))
        assert (picture.format, picture.width) == ("PNG", 960), name
        assert len(picture.convert("RGB").getcolors(1_000_000) or []) > 5, f"{name}: something is on it"


async def test_a_drawing_is_drawn_once_also_when_many_want_it_and_the_server_starts_again(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    draw = module.draw

    def counting(svg: str) -> bytes:
        drawn.append(svg)
        return draw(svg)

    monkeypatch.setattr(module, "draw", counting)
    folder.draw("a", "#ff0000")
    drawings = folder.open()
    pictures = await asyncio.gather(*(drawings.picture("/pictures/a.svg") for _ in range(5)))
    again = folder.open()
    await again.ahead()
    pictures.append(await again.picture("/pictures/a.svg"))
    assert {colour(png) for png in pictures} == {RED} and len(drawn) == 1


async def test_a_drawing_that_an_editor_changed_is_drawn_anew_and_one_that_is_gone_goes(folder: Folder) -> None:
    drawings = folder.open()
    folder.draw("a", "#ff0000")
    folder.draw("b", "#ff0000")
    await drawings.ahead()
    assert folder.kept() == ["a", "b"]
    folder.draw("a", "#0000ff")
    assert colour(await drawings.picture("/pictures/a.svg")) == BLUE, "at once"
    (folder.svg / "b.svg").unlink()
    await drawings.ahead()
    assert folder.kept() == ["a"] and colour(await drawings.picture("/pictures/a.svg")) == BLUE
    assert await drawings.picture("/pictures/b.svg") is None


async def test_what_is_no_drawing_is_none_and_does_not_keep_the_others_from_being_drawn(
    folder: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    drawings = folder.open()
    (folder.svg / "a-torn.svg").write_text("<svg", "utf-8")
    (folder.svg / "b-bytes.svg").write_bytes(b"\xff\xfe")
    folder.draw("c", "#ff0000")
    await drawings.ahead()
    await drawings.ahead()
    assert folder.kept() == ["c"]
    assert [(record.message, vars(record)["drawing"]) for record in caplog.records] == [
        ("drawing can't be drawn", "a-torn"),
        ("drawing can't be drawn", "b-bytes"),
    ], "each is told once"
    for path in ("a-torn.svg", "b-bytes.svg", "gone.svg", "../secret.svg", "a.png"):
        assert await drawings.picture(f"/pictures/{path}") is None
    assert await drawings.picture("/chat/photos/1/large.jpg") is None


async def test_where_there_is_no_room_a_drawing_is_drawn_whenever_it_is_wanted(folder: Folder) -> None:
    folder.png.write_bytes(b"a file where the folder should be")
    folder.draw("a", "#ff0000")
    drawings = folder.open()
    assert [colour(await drawings.picture("/pictures/a.svg")) for _ in range(2)] == [RED, RED]


async def test_a_house_with_a_messenger_draws_ahead_until_it_is_stopped(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SETTLED", 0.01)
    monkeypatch.setattr(module, "EVERY", 0.01)
    folder.draw("a", "#ff0000")
    drawings = folder.open()
    running = asyncio.create_task(drawings.run())
    await until(lambda: folder.kept() == ["a"])
    folder.draw("b", "#0000ff")
    await until(lambda: folder.kept() == ["a", "b"])
    drawings.stop()
    await running
