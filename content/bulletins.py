"""The bulletin's template in each language: bulletins/zh.txt, bulletins/en.txt."""

from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from civic.bulletins import Chart, Numbers, blocks
from civic.catalogue import BY_KEY
from content.sheets import Problem, Shelf
from content.texts import LANGUAGES
from content.wording import Banned

FOLDER = "bulletins"


class Silent:
    """A figure without a number: what a template finds in an empty period, and in a trial."""

    known = rate = hidden = False
    value: float | None = None
    moved: str | None = None
    way: str | None = None
    numerator: str | None = None
    denominator: str | None = None
    words = size = ""

    def most(self, dimension: str, count: int) -> list[Any]:
        """No cells."""
        return []

    least = most


class Loud(Silent):
    """A figure of which everything is known: in a trial it makes a template say all that it can."""

    known = True
    value, numerator, denominator = 0.5, "12", "24"
    words, size, moved, way = "12", "12", "2", "up"

    def most(self, dimension: str, count: int) -> list[Any]:
        """One cell."""
        return [{"name": "—", "words": "12"}]

    least = most


TRIAL = dict.fromkeys(("city", "place", "kind", "campaign", "start", "end", "at", "link", "few"), "x")


def read_bulletins(shelf: Shelf, banned: Banned) -> Mapping[str, Template]:
    """By language. What does not compile, asks for what there is not, or uses banned words, is a problem."""
    # Editors write them: no template may reach beyond what it is given.
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    found: dict[str, Template] = {}
    for language in LANGUAGES:
        name = f"{FOLDER}/{language}.txt"
        path = shelf.folder / name
        if not path.exists():
            continue  # a city without bulletins
        try:
            text = path.read_text(encoding="utf-8")
            template = environment.from_string(text)
            for trial in (Silent(), Loud()):
                for block in blocks(template.render(TRIAL, f=lambda key, told=trial: _asked(key) and told)):
                    for key in block.figures if isinstance(block, Numbers) else ():
                        _asked(key)
                    if isinstance(block, Chart) and block.dimension not in _asked(block.figure).by:
                        raise ValueError(f"{block.figure} by {block.dimension}")
        except (TemplateError, ValueError, TypeError, AttributeError, LookupError) as error:
            line = getattr(error, "lineno", None)
            shelf.problems.append(Problem(name, f"第 {line} 行" if line else "", f"模板有误：{error}", line=line))
            continue
        shelf.problems += (Problem(name, "", reason) for reason in banned.reasons(FOLDER, text))
        found[language] = template
    return found


def _asked(key: str) -> Any:
    """The figure of a key. Raises LookupError."""
    if key not in BY_KEY:
        raise LookupError(f"没有 {key} 这个指标")
    return BY_KEY[key]
