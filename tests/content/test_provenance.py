"""What our rules rest on: each cited article is in the law, and each figure we name stands in it.

The texts of the laws are not part of the project. Where they lie beside the checkout (shared/facts) everything is
proved; elsewhere only what needs no law. What no machine can prove is in unproved.toml, read by a person.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from content.category import Category
from content.items import Answer, Question, Tip
from content.library import Library
from tests.content import laws
from tests.content.figures import Figure, figures, values

Item = Tip | Question | Answer | Category

UNPROVED = Path(__file__).parent / "unproved.toml"
NEITHER = {"分钟"}
"""Our texts count minutes in scenes and in deeds for today, never as a rule."""

_ELSEWHERE = re.compile(r"(?!城市|全国).{2,3}[市省]")
"""«北京市养犬管理规定»"""
_ARTICLE = re.compile(r"第(\d+)条")

needs_laws = pytest.mark.skipif(not laws.FACTS.is_dir(), reason="the texts of the laws do not lie beside this checkout")


def items(library: Library) -> Iterator[Item]:
    for shelf in (library.tips, library.questions, library.answers, library.categories):
        yield from shelf.values()


def claims(item: Item, language: str) -> str:
    """What an item says in earnest: not its wrong answers, its false statement or the scene of a situation."""
    if isinstance(item, Question):
        return _claims_of_question(item, language)
    if isinstance(item, Tip):
        tip = item.in_language(language)
        return "。".join((tip.title, tip.text, tip.today))
    if isinstance(item, Answer):
        return item.in_language(language).text
    category = item.in_language(language)
    return f"{category.rule}。{category.emergency or ''}"


def _claims_of_question(item: Question, language: str) -> str:
    words = item.in_language(language)
    right = {words.options[at] for at in item.right}
    match item.kind:
        case "mistake":
            said = [*(set(words.options) - right), words.why]
        case "truefalse":
            said = [words.stem if item.right == (0,) else "", words.why]
        case "situation":
            said = [*right, words.why]
        case _:
            said = [words.stem, *right, words.why]
    return "。".join(said)


def basis(item: Item, library: Library) -> str:
    """The words an item rests on: the cited passages and, for instruments whose text we lack, the facts it names.
    What another city has ruled is an example and proves no figure."""
    cited = [(library.instruments[source.instrument], source.article) for source in item.source]
    texts = [laws.passage(one.law, article) for one, article in cited if one.law and not _ELSEWHERE.match(one.name)]
    if any(instrument.law is None for instrument, _ in cited):
        known = laws.facts()
        texts += [f"{known[one]['fact']}{known[one]['instrument']}" for one in getattr(item, "facts", ())]
    since = [f"{one.effective_from:%Y年%m月%d日}施行" for one, _ in cited if one.effective_from]
    return "\n".join([*texts, *since, *(one.name + one.version for one, _ in cited)])


def unproved(item: Item, library: Library) -> set[str]:
    """The figures of an item that do not stand in what it rests on. An item without source states no rule."""
    said = {figure for figure in figures(claims(item, "zh")) if figure[1] not in NEITHER} if item.source else set()
    return {written(figure) for figure in said - figures(basis(item, library))} if said else set()


def written(figure: Figure) -> str:
    value, unit = figure
    return f"{float(value):g} {unit}"


@needs_laws
def test_every_cited_article_is_in_its_law(library: Library) -> None:
    missing = []
    for item in items(library):
        for source in item.source:
            try:
                if law := library.instruments[source.instrument].law:
                    laws.passage(law, source.article)
            except (KeyError, IndexError, ValueError):
                missing.append((item.id, source.instrument, source.article))
    assert missing == []


def test_an_article_named_in_a_text_is_cited_below_it(library: Library) -> None:
    """«消防法第5条写得很清楚»: then the grey line has to say article 5, too."""
    for item in items(library):
        named = {int(found) for found in _ARTICLE.findall(claims(item, "zh"))}
        cited = {number for source in item.source if source.article for (number, _), *_ in laws.cited(source.article)}
        assert named <= cited, item.id


@needs_laws
def test_every_fact_named_is_a_fact(library: Library) -> None:
    named = {fact for item in items(library) for fact in getattr(item, "facts", ())}
    assert named - laws.facts().keys() == set()


@needs_laws
def test_every_figure_stands_in_the_cited_article_or_was_read_by_a_person(library: Library) -> None:
    found = {(item.id, figure) for item in items(library) for figure in unproved(item, library)}
    lines = tomllib.loads(UNPROVED.read_text(encoding="utf-8"))["line"]
    read = {(line["id"], figure) for line in lines for figure in line["figures"]}
    assert sorted(found - read) == [], "not proved: correct the text or its source, or let a person read it"
    assert sorted(read - found) == [], "proved by now: take these out of unproved.toml"


def test_what_no_machine_proves_is_a_short_list_with_reasons() -> None:
    lines = tomllib.loads(UNPROVED.read_text(encoding="utf-8"))["line"]
    assert len(lines) <= 20
    assert all(line.keys() == {"id", "figures", "reason", "reviewed_on"} and line["reason"] for line in lines)


def _unmatched(chinese: str, english: str) -> list[str]:
    """Figures of either language that the other has no number for. «一» is often left unsaid, and a clock may go
    to twelve."""
    numbers, known = values(english, "en"), values(chinese, "zh")
    lost = [
        figure
        for figure in figures(chinese)
        if figure[1] not in ("公历", "份") and not {figure[0], figure[0] - 12, figure[0] % 100} & numbers
    ]
    added = [one for one in figures(english, "en") if not {one[0], one[0] - 12, one[0] / 10_000} & known]
    return [written(figure) for figure in [*lost, *added] if figure[0] != 1]


def test_chinese_and_english_name_the_same_figures(library: Library) -> None:
    pairs = {item.id: (claims(item, "zh"), claims(item, "en")) for item in items(library)}
    pairs |= {key: (rule.zh, rule.en) for key, rule in library.city.rules.items()}
    assert {name: found for name, pair in pairs.items() if (found := _unmatched(*pair))} == {}
