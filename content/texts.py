"""Every sentence the bot says: content/texts/<language>/<room>.toml, by keys like ``report.ask.place``."""

import re
from calendar import month_abbr
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from jinja2 import Environment, StrictUndefined, Template, TemplateSyntaxError, UndefinedError, nodes
from jinja2.runtime import Context

from content.sheets import Problem, Sheet, Shelf
from content.wording import Banned

LANGUAGES = ("zh", "en")
_NAME = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")
_BRACES = re.compile(r"(?<!\{)\{\w+\}(?!\})")
_MARKS = ("{{", "{%", "{#")


class _Environment(Environment):
    """What our sentences are given are mostly dicts: looked into at once, for jinja2 tries their attributes first."""

    def getattr(self, obj: object, attribute: str) -> object:
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


class _Context(Context):
    """jinja2's, with only what a sentence without globals and blocks looks for: the whole costs as much as the rest."""

    def __init__(self, environment: Environment, params: Mapping[str, object]) -> None:
        self.environment = environment
        self.parent, self.vars, self.exported_vars = params, {}, set()  # type: ignore[assignment]
        self.eval_ctx = _evaluating(environment)


@cache
def _evaluating(environment: Environment) -> nodes.EvalContext:
    return nodes.EvalContext(environment)


@cache
def _environment() -> Environment:
    # Plain text for chats: HTML is escaped where a page is made, not here.
    environment = _Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)
    environment.filters["month"] = month_abbr.__getitem__  # English: 3/2 is another day on each side of an ocean
    return environment


@dataclass(frozen=True)
class Blanks:
    """A sentence with only plain ``{{ name }}`` in it: filled in without a template engine."""

    parts: tuple[str, ...]
    """Text and name by turns, text first and last."""

    def render(self, params: Mapping[str, object]) -> str:
        parts = list(self.parts)
        for at in range(1, len(parts), 2):
            try:
                parts[at] = str(params[parts[at]])
            except KeyError:
                raise UndefinedError(f"'{parts[at]}' is undefined") from None
        return "".join(parts)


@dataclass(frozen=True)
class Clauses:
    """A sentence with conditions or loops. Its template needs none of jinja2's globals, so they are not copied."""

    template: Template

    def render(self, params: Mapping[str, object]) -> str:
        context = _Context(self.template.environment, params)
        return "".join(self.template.root_render_func(context))


Sentence = str | Blanks | Clauses | Template


@lru_cache(maxsize=4096)  # more than there are: after an edit only what changed is compiled anew
def compile_sentence(text: str) -> tuple[Sentence, frozenset[str]]:
    """A sentence ready to render and the names it needs. Raises jinja2.TemplateSyntaxError."""
    if not any(mark in text for mark in _MARKS):
        return text, frozenset()
    parts = _NAME.split(text)
    if not any(mark in part for part in parts[::2] for mark in _MARKS):
        return Blanks(tuple(parts)), frozenset(parts[1::2])
    environment = _environment()
    tree = environment.parse(text)
    used = list(tree.find_all(nodes.Name))
    names = frozenset(name.name for name in used)
    needed = names - {"loop", *environment.globals, *(name.name for name in used if name.ctx == "store")}
    template = Template.from_code(environment, environment.compile(tree), environment.globals)
    return Clauses(template) if names.isdisjoint(environment.globals) else template, needed


@dataclass(frozen=True)
class Text:
    """What one key says: its variants, the names they need, and the words as written."""

    variants: tuple[Sentence, ...]
    names: frozenset[str]
    written: tuple[str, ...]

    @property
    def blanks(self) -> frozenset[str]:
        """What is filled in: the names, and the ``{n}`` that pages fill in themselves."""
        return self.names.union(*(_BRACES.findall(one) for one in self.written))


@dataclass(frozen=True)
class Texts:
    """All sentences by language and key."""

    by_language: Mapping[str, Mapping[str, Text]]

    @cached_property
    def _fixed(self) -> Mapping[tuple[str, str], str]:
        """The sentences that are always the same words: labels of buttons most of all."""
        return {
            (language, key): text.variants[0]
            for language, texts in self.by_language.items()
            for key, text in texts.items()
            if len(text.variants) == 1 and isinstance(text.variants[0], str)
        }

    def render(self, language: str, key: str, /, **params: object) -> str:
        """The sentence in words. The parameter ``variant`` (an int) picks among several, counting round.

        Raises KeyError for an unknown language or key, jinja2.UndefinedError for a name left out.
        """
        fixed = self._fixed.get((language, key))
        if fixed is not None:
            return fixed
        variants = self.by_language[language][key].variants
        variant = params.get("variant", 0) if len(variants) > 1 else 0
        sentence = variants[variant % len(variants) if isinstance(variant, int) else 0]
        if isinstance(sentence, str):
            return sentence
        return sentence.render(params)

    def has(self, language: str, key: str) -> bool:
        return key in self.by_language.get(language, {})

    def keys(self, language: str) -> frozenset[str]:
        return frozenset(self.by_language.get(language, {}))

    def names(self, key: str) -> frozenset[str]:
        """The parameters that a key needs. Raises KeyError."""
        return self.by_language[LANGUAGES[0]][key].names

    def variants(self, language: str, key: str) -> int:
        """How many ways there are to say it. Raises KeyError."""
        return len(self.by_language[language][key].variants)


def read_texts(shelf: Shelf, banned: Banned) -> Texts:
    """The texts of a shelf's folder; what differs between languages or uses ``banned`` words is a problem."""
    texts: dict[str, dict[str, Text]] = {}
    sheets: dict[str, dict[str, Sheet]] = {}
    for language in LANGUAGES:
        texts[language], sheets[language] = {}, {}
        for path in sorted((shelf.folder / "texts" / language).glob("[!.]*.toml")):
            sheet = shelf.sheet(f"texts/{language}/{path.name}", keys=None)
            for inner, value in _flatten(sheet.data, ()):
                key = ".".join((path.stem, *inner))
                if text := _text(shelf, sheet, inner, value):
                    texts[language][key], sheets[language][key] = text, sheet
    shelf.problems += (problem for problem in _compare(texts, sheets) if shelf.complete(problem.file))
    for language in LANGUAGES:
        for key, text in texts[language].items():
            for reason in banned.reasons(key, "\n".join(text.written)):
                shelf.problems.append(sheets[language][key].problem("", key.split(".")[1:], reason))
    return Texts(texts)


def _flatten(table: Mapping[str, object], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], object]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(value, (*path, key))
        else:
            yield (*path, key), value


def _text(shelf: Shelf, sheet: Sheet, path: tuple[str, ...], value: object) -> Text | None:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(one, str) and one.strip() for one in values):
        shelf.problems.append(sheet.problem("", path, '这里要写文字，或几种说法的列表 ["…", "…"]'))
        return None
    written = tuple(str(one).strip("\n") for one in values)
    try:
        compiled = [compile_sentence(one) for one in written]
    except TemplateSyntaxError as error:
        shelf.problems.append(sheet.problem("", path, f"占位符写法有误：{error.message}"))
        return None
    names = frozenset[str]().union(*(names for _, names in compiled))
    return Text(tuple(sentence for sentence, _ in compiled), names, written)


def _compare(texts: Mapping[str, Mapping[str, Text]], sheets: Mapping[str, Mapping[str, Sheet]]) -> Iterator[Problem]:
    """Chinese is the master: English must have the same keys and the same placeholders."""
    chinese, english = texts["zh"], texts["en"]
    for key, text in chinese.items():
        path = key.split(".")[1:]
        if key not in english:
            yield _untold(sheets["zh"][key], "en", path)
        elif text.blanks != english[key].blanks:
            zh, en = ("、".join(sorted(one.blanks)) or "无" for one in (text, english[key]))
            yield sheets["en"][key].problem("", path, f"占位符和中文不一致：中文有 {zh}，英文有 {en}")
    for key in english.keys() - chinese.keys():
        yield _untold(sheets["en"][key], "zh", key.split(".")[1:])


def _untold(sheet: Sheet, language: str, path: Sequence[str]) -> Problem:
    """A key of this sheet that the same file of the other ``language`` does not have."""
    name = {"zh": "中文", "en": "英文"}[language]
    file = f"texts/{language}/{sheet.name.rpartition('/')[2]}"
    return Problem(file, ".".join(path), f"缺少{name}，另一种语言写在 {sheet.name} 第 {sheet.line(path)} 行")
