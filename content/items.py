"""The things of the content room, as frozen records. Shapes only: what fits together is in content.checks."""

import datetime
import re
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

W = TypeVar("W", bound=BaseModel)

Tone = Literal["normal", "solemn"]
Priority = Literal["normal", "high"]
Unit = Literal["workdays", "workhours", "hours"]
Term = tuple[Annotated[float, Field(gt=0)], Unit]


class Record(BaseModel):
    """Frozen, and refusing keys it does not know, so that a slip of the pen is found."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Named(Record):
    """A thing whose only words are its name: ``zh`` and ``en`` are strings."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def in_language(self, language: str) -> str:
        """The words in "zh" or "en"; KeyError for any other language."""
        return {"zh": self.zh, "en": self.en}[language]


class Localised(Record, Generic[W]):
    """A thing with several words. In the files Chinese stands flat, English in the ``en`` table below."""

    zh: W
    en: W

    def in_language(self, language: str) -> W:
        """The words in "zh" or "en"; KeyError for any other language."""
        return {"zh": self.zh, "en": self.en}[language]

    @model_validator(mode="before")
    @classmethod
    def _gather_chinese(cls, raw: Any) -> Any:
        if not isinstance(raw, dict) or "zh" in raw:
            return raw
        words: Any = cls.model_fields["zh"].annotation
        chinese = {key: raw[key] for key in words.model_fields if key in raw}
        return {"zh": chinese} | {key: value for key, value in raw.items() if key not in chinese}


_NUMBERS = r"第\d+(?:[–、]\d+)*"
_PLACE = rf"(?:{_NUMBERS}条(?:之[一二三四五六七八九])?)?(?:{_NUMBERS}款)?(?:{_NUMBERS}项)?"
_ARTICLE = re.compile(rf"(?:{_PLACE}(?:、{_PLACE})*)?")


class Source(Record):
    """Where a rule stands: an instrument of sources.toml, its article («第17条、第34条第2–3项»; none: the whole
    instrument), and when somebody last looked."""

    instrument: str
    article: str = ""
    verified_on: datetime.date
    review_by: datetime.date

    @field_validator("article")
    @classmethod
    def _is_a_place(cls, article: str) -> str:
        if not _ARTICLE.fullmatch(article) or article.startswith("、"):
            raise ValueError("条款写成「第17条、第34条第2–3项」的样子；引用整部文件就不写")
        return article


class Instrument(Record):
    """A law, regulation, standard or notice. ``quoted`` puts the name between 《》 when it is cited.
    ``law`` is the file code of its text in the fact collection.
    """

    code: str = Field(pattern=r"^[a-z0-9-]+$")
    name: str
    en: str
    version: str = ""
    effective_from: datetime.date | None = None
    in_force: bool = True
    ended: datetime.date | None = None
    replaced_by: str | None = None
    law: str | None = None
    quoted: bool = True

    def in_force_on(self, day: datetime.date) -> bool:
        """Whether a rule of this instrument may be told as valid on ``day``."""
        if self.effective_from and day < self.effective_from:
            return False
        return day < self.ended if self.ended else self.in_force


class TopicWords(Record):
    name: str


class Topic(Localised[TopicWords]):
    id: str
    emoji: str
    subtopics: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.zh.name


class TipWords(Record):
    title: str
    text: str
    today: str


class Tip(Localised[TipWords]):
    """A small scene, a reason, one thing to do today. ``question`` is the id of a question about this tip;
    ``occasion`` the id of the observance (calendar.toml) it belongs to."""

    id: str
    topic: str
    subtopic: str
    question: str
    tone: Tone = "normal"
    occasion: str | None = None
    minors: bool
    source: tuple[Source, ...] = ()
    facts: tuple[str, ...] = ()


class QuestionWords(Record):
    stem: str
    options: tuple[str, ...]
    why: str


class Question(Localised[QuestionWords]):
    """A quiz question; ``right``: the indexes (from 0) of the right options, the same in both languages."""

    id: str
    topic: str
    subtopic: str
    kind: Literal["single", "multiple", "truefalse", "picture", "situation", "mistake"]
    level: Literal["easy", "mid", "hard"]
    right: tuple[int, ...]
    minors: bool
    picture: str | None = None
    source: tuple[Source, ...] = ()
    facts: tuple[str, ...] = ()


class AnswerWords(Record):
    """``questions`` are ways people ask it, the shortest first: it stands on buttons. ``text`` answers and says why."""

    questions: tuple[str, ...] = Field(min_length=1)
    text: str


class Answer(Localised[AnswerWords]):
    """What to say to a question in free words. ``local`` are keys of the city's own rules that belong to it,
    ``report`` the category of what one can do about it here, ``hotline`` who knows if it is not 12345."""

    id: str
    topic: str
    subtopic: str
    source: tuple[Source, ...] = Field(min_length=1)
    facts: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    hotline: str = Field(default="12345", pattern=r"^[0-9]{3,5}$")
    report: str | None = None
    minors: bool


class Command(Record):
    """A word that starts something: ``zh`` and ``en`` are the words, ``words`` all of them. One for ``staff`` is not
    shown to residents."""

    name: str
    zh: tuple[str, ...]
    en: tuple[str, ...]
    description_zh: str
    description_en: str
    staff: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        return self.zh + self.en

    def describe(self, language: str) -> str:
        """The description in "zh" or "en"; KeyError for any other language."""
        return {"zh": self.description_zh, "en": self.description_en}[language]


class Forbidden(Record):
    """A word we do not use and why; ``solemn`` words are only out of place on solemn days.

    ``allow`` lists item ids and text keys that may use it all the same.
    """

    word: str = Field(min_length=1)
    reason: str
    solemn: bool = False
    allow: tuple[str, ...] = ()
