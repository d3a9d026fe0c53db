"""The grey line under an answer: which rule it rests on and when somebody last looked."""

import datetime
import re
from functools import cached_property

from pydantic import model_validator

from content.city import LocalRule
from content.items import Instrument, Localised, Record, Source
from content.texts import compile_sentence

_UNIT = re.compile(r"第([\d、–]+)(条|款|项)(?:之([一二三四五六七八九]))?")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")


class CitingWords(Record):
    """``line`` holds {{ rule }} and {{ month }}, ``rule`` holds {{ name }} and {{ article }}; then units."""

    line: str
    rule: str
    title: str
    """How a quoted {{ name }} looks: 《…》."""
    article: str = ""
    paragraph: str = ""
    item: str = ""

    @model_validator(mode="after")
    def _blanks(self) -> "CitingWords":
        wanted = {"line": {"rule", "month"}, "rule": {"name", "article"}, "title": {"name"}}
        for field, names in wanted.items():
            if compile_sentence(getattr(self, field))[1] != names:
                raise ValueError(f"{field} 里要有且只有 {'、'.join(sorted(names))} 这几个占位符")
        if not self.lead:
            raise ValueError("line 要以一个词开头，像「依据：」，再写占位符：渠道靠它认出依据")
        return self

    @property
    def lead(self) -> str:
        """What ``line`` begins with: «依据：»."""
        return self.line.partition("{{")[0].strip()


class Citing(Localised[CitingWords]):
    """The wording of a citation in both languages."""

    @cached_property
    def leads(self) -> tuple[str, ...]:
        """What such a line begins with, in each language: channels set it apart."""
        return (self.zh.lead, self.en.lead)

    def line(self, source: Source, instrument: Instrument, language: str) -> str:
        """«依据：《道路交通安全法》第47条第1款 · 2026-11 核对», or the English equivalent."""
        words = self.in_language(language)
        name = instrument.name if language == "zh" else instrument.en
        article = source.article if language == "zh" else _translated(source.article, words)
        if instrument.quoted:
            name = _filled(words.title, name=name)
        return self._line(words, name, article, source.verified_on)

    def local(self, rule: LocalRule, language: str) -> str:
        """The same for a city's own rule, whose name is printed as it stands."""
        words = self.in_language(language)
        article = rule.article if language == "zh" else _translated(rule.article, words)
        return self._line(words, rule.instrument, article, rule.verified_on)

    def _line(self, words: CitingWords, name: str, article: str, verified_on: datetime.date) -> str:
        rule = _filled(words.rule, name=name, article=article) if article else name
        return _filled(words.line, rule=rule, month=f"{verified_on:%Y-%m}")


def _translated(article: str, words: CitingWords) -> str:
    units = {"条": words.article, "款": words.paragraph, "项": words.item}

    def translate(found: re.Match[str]) -> str:
        further = f"-{'一二三四五六七八九'.index(found[3]) + 1}" if found[3] else ""
        return f" {units[found[2]]} {found[1].replace('、', ', ')}{further}"

    text = _UNIT.sub(translate, article)
    text = text.replace("、", ",").replace("；", ";")
    return " ".join(_CHINESE.sub("", text).split())


def _filled(text: str, **params: str) -> str:
    sentence, _ = compile_sentence(text)
    return sentence if isinstance(sentence, str) else sentence.render(params)
