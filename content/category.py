"""Kinds of reports: what each asks, who is in charge, and by when. Shapes only, as in content.items."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from content.items import Localised, Named, Priority, Record, Source, Term, Unit


class Option(Named):
    """An answer to an Ask. It may make the report urgent or change its deadline (a missing manhole cover)."""

    id: str
    priority: Priority | None = None
    days: float | None = Field(default=None, gt=0)
    unit: Unit | None = None


class AskWords(Record):
    prompt: str


class Ask(Localised[AskWords]):
    """What a category asks besides photo and place. By custom "place_kind" asks what sort of place it is.
    ``time`` is when in any words, ``span`` from when to when, read and checked (civic.spans)."""

    id: str
    kind: Literal["text", "choice", "plate", "time", "span"]
    options: tuple[Option, ...] = ()
    required: bool = False


class CategoryWords(Record):
    """``rule`` is the one line to learn, ``emergency`` what to do first when somebody is in danger, ``called`` what
    else people write for it."""

    name: str
    called: tuple[str, ...] = ()
    photo_hint: str
    privacy_hint: str
    rule: str
    emergency: str | None = None


class Category(Localised[CategoryWords]):
    """A kind of report; ``topic`` is what one can learn about it. Its deadline is ``days`` counted in ``unit``:
    2 workdays, 4 workhours, 24 hours. ``steps``: by when a step (a state) should be left, where not as in the city.
    ``keep_days``: how long its reports are kept after closing, where not as long as the city's.

    ``departments`` maps "default", and options that change who is in charge (a kind of place, of noise), to
    department ids of the city. Where ``address_public`` is false the place may be somebody's home: it is never public.
    """

    id: str
    topic: str
    emoji: str
    likely: int = Field(ge=1)
    priority: Priority
    days: float = Field(gt=0)
    unit: Unit
    steps: Mapping[str, Term] = {}
    keep_days: int | None = Field(default=None, ge=1)
    departments: Mapping[str, str]
    photos_min: int = Field(ge=0)
    photos_max: int = Field(default=9, ge=1, le=9)
    place_required: bool = True
    address_public: bool = True
    questions: tuple[Ask, ...] = ()
    source: tuple[Source, ...] = Field(min_length=1)

    @property
    def plate_ask(self) -> str | None:
        """The id of the question for a number plate, if there is one: then its photos show plates, too."""
        return next((ask.id for ask in self.questions if ask.kind == "plate"), None)

    def department(self, answers: Mapping[str, str]) -> str:
        """The department id for these answers (ask id -> option id)."""
        for ask in self.questions:
            if department := self.departments.get(answers.get(ask.id, "")):
                return department
        return self.departments["default"]

    def urgency(self, answers: Mapping[str, str]) -> tuple[Priority, float, Unit]:
        """Priority and deadline (amount, unit) for these answers: an option that says otherwise wins."""
        priority, days, unit = self.priority, self.days, self.unit
        for ask in self.questions:
            for option in ask.options:
                if answers.get(ask.id) == option.id:
                    priority = option.priority or priority
                    days, unit = option.days or days, option.unit or unit
        return priority, days, unit
