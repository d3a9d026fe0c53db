"""The custom menu of WeChat's account, wechat_menu.toml: read, and checked against WeChat's limits (protocols B4)."""

from collections.abc import Collection, Iterator
from pathlib import Path

from content.items import Named
from content.sheets import ContentError, Entry, Problem, Shelf

FILE = "wechat_menu.toml"
TOPS, BELOW = 3, 5
TOP_NAME, NAME = 16, 60  # bytes
SEEN_TOP, SEEN = 8, 16  # what is shown of a Chinese name, in halves of a character: 4 and 8
KEY, URL = 128, 1024  # bytes


class Item(Named):
    """A line of the menu: its name, and the command it sends (``do``) or the page it opens (``open``)."""

    do: str = ""
    open: str = ""


class Button(Item):
    """One of the buttons at the bottom: a line by itself, or with a few lines above it."""

    item: tuple[Item, ...] = ()


def read_menu(folder: Path, commands: Collection[str], base_url: str) -> tuple[Button, ...]:
    """The menu of a content folder. ``commands`` are those that exist, ``base_url`` is put before our own paths.

    Raises ContentError with every problem found.
    """
    shelf = Shelf(folder)
    entries = shelf.entries(shelf.sheet(FILE, ("button",)), "button", Button, key="zh")
    if not shelf.problems:
        shelf.problems += _problems(entries, frozenset(commands), base_url)
    if shelf.problems:
        raise ContentError(shelf.problems)
    return tuple(entry.item for entry in entries)


def address(written: str, base_url: str) -> str:
    """Where a line of the menu leads: ``base_url`` is put before our own paths."""
    return f"{base_url}{written}" if written.startswith("/") else written


def _problems(entries: list[Entry[Button]], commands: frozenset[str], base_url: str) -> Iterator[Problem]:
    if not 1 <= len(entries) <= TOPS:
        yield Problem(FILE, "button", f"要有 1 到 {TOPS} 个按钮，现在 {len(entries)} 个")
    for entry in entries:
        button = entry.item
        yield from _named(entry, "", button, TOP_NAME, SEEN_TOP)
        if len(button.item) > BELOW:
            yield entry.problem("item", f"下面最多 {BELOW} 项，现在 {len(button.item)} 项")
        if button.item and (button.do or button.open):
            yield entry.problem("item", "下面有子项的按钮不要写 do 或 open")
        if not button.item:
            yield from _does(entry, "", button, commands, base_url)
        for number, item in enumerate(button.item, start=1):
            yield from _named(entry, f"item.{number}.", item, NAME, SEEN)
            yield from _does(entry, f"item.{number}.", item, commands, base_url)


def _named(entry: Entry[Button], path: str, item: Item, longest: int, seen: int) -> Iterator[Problem]:
    for language in ("zh", "en"):
        if len(item.in_language(language).encode()) > longest:
            yield entry.problem(f"{path}{language}", f"名字最多 {longest} 字节")
    if sum(2 if ord(sign) > 0x2E7F else 1 for sign in item.zh) > seen:
        yield entry.problem(f"{path}zh", f"手机上只显示 {seen // 2} 个汉字，再短些")


def _does(entry: Entry[Button], path: str, item: Item, commands: frozenset[str], base_url: str) -> Iterator[Problem]:
    if bool(item.do) == bool(item.open):
        yield entry.problem(f"{path}do", "do 和 open 要写一个，只写一个")
    elif item.do and (item.do.partition(" ")[0] not in commands or len(item.do.encode()) > KEY):
        yield entry.problem(f"{path}do", f"没有这个命令：{item.do}")
    elif item.open:
        link = address(item.open, base_url)
        if not link.startswith(("https://", "http://")) or len(link.encode()) > URL:
            yield entry.problem(f"{path}open", "网址要以 https:// 开头，自己网站上的写 /路径")
