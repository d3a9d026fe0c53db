"""The content's drawings for messengers: every one of them can be drawn, anew when its file changes."""

import os
from io import BytesIO
from pathlib import Path

from PIL import Image

from tests.play import ROOT
from web.drawings import Drawings

SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48"><rect width="48" height="48" fill="{}"/></svg>'


async def test_every_drawing_of_the_content_is_a_picture_that_messengers_take() -> None:
    folder = ROOT / "content" / "pictures"
    drawings = Drawings(folder)
    names = [file.name for file in folder.glob("*.svg")]
    assert names
    for name in names:
        png = await drawings.picture(f"/pictures/{name}")
        assert png is not None and len(png) < 1_000_000, name
        picture = Image.open(BytesIO(png))
        assert (picture.format, picture.width) == ("PNG", 960), name
        assert len(picture.convert("RGB").getcolors(1_000_000) or []) > 5, f"{name}: something is on it"


async def test_a_drawing_that_an_editor_changed_is_drawn_anew(tmp_path: Path) -> None:
    drawings, file = Drawings(tmp_path), tmp_path / "a.svg"
    file.write_text(SQUARE.format("#ff0000"), "utf-8")
    red = await drawings.picture("/pictures/a.svg")
    assert red is not None and await drawings.picture("/pictures/a.svg") is red, "kept"
    file.write_text(SQUARE.format("#0000ff"), "utf-8")
    os.utime(file, (1, 1))
    blue = await drawings.picture("/pictures/a.svg")
    assert blue is not None and Image.open(BytesIO(blue)).convert("RGB").getpixel((9, 9)) == (0, 0, 255)


async def test_what_is_no_drawing_is_none(tmp_path: Path) -> None:
    drawings = Drawings(tmp_path)
    (tmp_path / "torn.svg").write_text("<svg", "utf-8")
    (tmp_path / "bytes.svg").write_bytes(b"\xff\xfe")
    for path in ("torn.svg", "bytes.svg", "gone.svg", "../secret.svg", "a.png"):
        assert await drawings.picture(f"/pictures/{path}") is None
    assert await drawings.picture("/chat/photos/1/large.jpg") is None
