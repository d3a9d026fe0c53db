"""Each kind of file that a bulletin can be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from actions.bulletins import Bulletin
from content.library import Library
from web.bulletins.excel import excel
from web.bulletins.paper import card, paper
from web.bulletins.word import word

_OFFICE = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True)
class File:
    """How it is made, which takes 0.1 to 1 s, and what browsers are told it is."""

    make: Callable[[Library, Bulletin], bytes]
    mime: str


FILES: Mapping[str, File] = {
    "pdf": File(paper, "application/pdf"),
    "png": File(card, "image/png"),
    "docx": File(word, f"{_OFFICE}.wordprocessingml.document"),
    "xlsx": File(excel, f"{_OFFICE}.spreadsheetml.sheet"),
}
