"""A city pack for a new city: the template, copied and given its name."""

import json
import re
import shutil
from pathlib import Path

NAME = re.compile(r"[a-z][a-z0-9-]{1,31}")
TEMPLATE = "template"


class NotFounded(Exception):
    """No pack was made; the text says why, in editors' words."""


def found_city(content: Path, name: str, zh: str = "", en: str = "") -> Path:
    """Make cities/``name`` from the template and fill in the city's names where they are given.

    Returns the folder. Raises NotFounded for a name that can't be a folder's, and for a pack that is there already.
    """
    if not NAME.fullmatch(name):
        raise NotFounded(f"「{name}」不能当文件夹名：用小写字母开头的拼音，可以带数字和 -，如 hangzhou")
    folder = content / "cities" / name
    if folder.exists():
        raise NotFounded(f"cities/{name} 已经有了，没有动它。要重新开始，请先把它改名或移走")
    try:
        shutil.copytree(content / "cities" / TEMPLATE, folder)
    except FileNotFoundError:
        raise NotFounded(f"找不到样板 cities/{TEMPLATE}") from None
    about = folder / "city.toml"
    text = about.read_text(encoding="utf-8")
    head = f"# {zh or name}的城市包，由样板复制而来，请逐项改成本市的。\n"
    text = re.sub(r"\A(?:#.*\n)+", lambda _: head, text)
    for number, given in enumerate((zh, en)):  # the first name in the file is the Chinese one
        if given:
            text = _named(text, number, given)
    about.write_text(text, encoding="utf-8")
    return folder


def _named(text: str, number: int, name: str) -> str:
    found = list(re.finditer(r'(?m)^name = ".*"$', text))[number]
    return f"{text[: found.start()]}name = {json.dumps(name, ensure_ascii=False)}{text[found.end() :]}"
