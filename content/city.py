"""A city's pack: cities/<id>/, where everything stands that differs from city to city."""

import datetime
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from content.category import Category
from content.handling import Handling, Step, step_problems
from content.items import Localised, Named, Record
from content.sheets import Entry, Problem, Sheet, Shelf
from content.statistics import Campaign, Peers, Statistics, campaign_problems, peer_problems

_NUMBERS = ("12345", "110", "119", "120", "122")


class Community(Named):
    """``population`` are its permanent residents (常住人口), if that is known."""

    id: str
    population: int | None = Field(default=None, ge=1)


class District(Named):
    id: str
    communities: tuple[Community, ...]


class Department(Named):
    id: str
    phone: str | None = None


class Hotline(Named):
    """A number to call; ``zh``/``en`` say what for."""

    number: str


class Contact(Record):
    """Who answers for an area (a community or a district): its grid worker, or a leader (包联). ``login`` is theirs in
    the console, ``told`` the kinds of notices they want (actions.reminders)."""

    id: str
    kind: Literal["grid", "leader"]
    area: str
    login: str
    told: tuple[Literal["new", "assigned", "back", "soon", "step", "late", "supervised"], ...] = ("new", "late")


class Matter(Named):
    """Something that cities rule on themselves; ``key`` is topic.thing. ``zh``/``en`` are what it is called where a
    city's pack says nothing about it."""

    key: str = Field(pattern=r"^[a-z]+\.[a-z]+$")

    @property
    def topics(self) -> tuple[str, ...]:
        """The topic it belongs to."""
        return (self.key.partition(".")[0],)


class LocalRule(Named):
    """What this city's own rules say about one thing; ``key`` is topic.thing, ``instrument`` is printed."""

    key: str
    instrument: str
    article: str
    verified_on: datetime.date
    review_by: datetime.date


class CityWords(Record):
    name: str
    motto: str


class Public(Record):
    """What everybody may see: ``reports`` that a report has a page, whose address the resident may pass on; ``photos``
    that its photos are on it, once faces and plates in them are veiled; ``listed`` that there is a list and a map of
    what is reported."""

    reports: bool = True
    photos: bool = True
    listed: bool = False


class City(Localised[CityWords]):
    """A city's pack. All times are local.

    ``hours`` are the working spans of a workday, ``night`` is when nothing is pushed, ``tip_hours`` are
    the hours (0–23) offered for the daily tip. ``population`` may be unknown. ``map_link`` opens a map at {lat} and
    {lon} (WGS-84) for who works on a report. Only a ``fictional`` city may be filled with made-up people.
    ``steps_example``: its steps are still those of the example, and are shown as that.
    """

    id: str
    timezone: str
    hours: tuple[tuple[datetime.time, datetime.time], ...] = Field(min_length=1)
    night: tuple[datetime.time, datetime.time]
    tip_hours: tuple[Annotated[int, Field(ge=0, le=23)], ...] = Field(min_length=1)
    population: int | None = None
    fictional: bool = False
    map_link: str = Field(default="", pattern=r"^(https://[^\s{}]*(\{(lat|lon)\}[^\s{}]*){2})?$")
    districts: tuple[District, ...]
    departments: tuple[Department, ...]
    hotlines: tuple[Hotline, ...]
    steps: tuple[Step, ...]
    steps_example: bool = False
    rules: Mapping[str, LocalRule]
    contacts: tuple[Contact, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    peers: tuple[Peers, ...] = ()
    statistics: Statistics = Statistics()
    handling: Handling = Handling()
    public: Public = Public()

    @field_validator("timezone")
    @classmethod
    def _exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"没有 {name} 这个时区，全国写 Asia/Shanghai") from None
        return name

    @field_validator("hours")
    @classmethod
    def _in_order(cls, spans: tuple[tuple[datetime.time, datetime.time], ...]) -> Any:
        moments = [moment for span in spans for moment in span]
        if any(later <= earlier for earlier, later in pairwise(moments)):
            raise ValueError("工作时间要从早到晚，不能重叠")
        return spans

    @cached_property
    def communities(self) -> Mapping[str, Community]:
        """All communities by id."""
        return {community.id: community for district in self.districts for community in district.communities}

    @cached_property
    def district_of(self) -> Mapping[str, District]:
        """The district of each community id."""
        return {community.id: district for district in self.districts for community in district.communities}

    @cached_property
    def campaign_days(self) -> Mapping[str, tuple[datetime.date, datetime.date]]:
        """The first and last day of each campaign."""
        return {one.id: (one.start, one.end) for one in self.campaigns}

    def residents_of(self, areas: Collection[str] | None) -> int | None:
        """How many live in these communities (None: in the city); None where that is not known of every one."""
        return self._residents if areas is None else self._sum(areas)

    @cached_property
    def _residents(self) -> int | None:
        return self._sum(self.communities) if self.population is None else self.population

    def _sum(self, areas: Collection[str]) -> int | None:
        counted = [self.communities[area].population for area in areas]
        known = [number for number in counted if number is not None]
        return sum(known) if known and len(known) == len(counted) else None

    def contacts_of(self, area: str | None) -> tuple[Contact, ...]:
        """The contacts of a community and of its district."""
        district = self.district_of.get(area or "")
        return tuple(one for one in self.contacts if one.area in {area, district.id if district else None})

    @cached_property
    def department_ids(self) -> tuple[str, ...]:
        """The ids of all departments, in the order of the file."""
        return tuple(department.id for department in self.departments)

    def progress(self, status: str, language: str) -> list[tuple[str, str]]:
        """The steps by name, each "done", "here" or "ahead"; none where the status belongs to no step."""
        here = next((at for at, step in enumerate(self.steps) if status in step.states), None)
        if here is None:
            return []
        places = ("done" if at < here else "here" if at == here else "ahead" for at in range(len(self.steps)))
        return [(step.in_language(language), place) for step, place in zip(self.steps, places, strict=True)]

    def department_name(self, department: str, language: str) -> str:
        """A department's name; one the city no longer has is called by its id."""
        names = (office.in_language(language) for office in self.departments if office.id == department)
        return next(names, department)


class Assignments(Record):
    """Who handles what where this city differs: category -> option (or "default") -> department."""

    assign: Mapping[str, Mapping[str, str]] = {}


@dataclass(frozen=True)
class Pack:
    """The city (None when it could not be read) and who handles what in it."""

    city: City | None
    own: Mapping[str, Mapping[str, str]]
    offices: Sheet
    about: Sheet

    def assign(self, shelf: Shelf, categories: Sequence[Entry[Category]]) -> list[Entry[Category]]:
        """The categories with this city's own [assign] put over their usual departments."""
        answers = {entry.label: {"default", *_answers(entry.item)} for entry in categories}
        for name, kinds in self.own.items() if shelf.complete("categories.toml") else ():
            if name not in shelf.labels["category"]:
                shelf.problems.append(self.offices.problem("assign", [name], "没有这个类别（categories.toml）"))
            for kind in kinds.keys() - answers.get(name, kinds.keys()):
                shelf.problems.append(self.offices.problem("assign", [name, kind], "不是这个类别会问到的选项"))
        return [replace(entry, item=_assigned(entry.item, self.own.get(entry.label, {}))) for entry in categories]


def read_pack(shelf: Shelf, name: str) -> Pack:
    """The pack in cities/``name``; the problems are kept by the shelf."""
    folder = f"cities/{name}"
    about = shelf.sheet(f"{folder}/city.toml", None)
    offices = shelf.sheet(f"{folder}/departments.toml", ("department", "assign"))
    districts = shelf.entries(shelf.sheet(f"{folder}/areas.toml", ("district",)), "district", District)
    departments = shelf.entries(offices, "department", Department)
    rules = shelf.entries(shelf.sheet(f"{folder}/rules.toml", ("rule",)), "rule", LocalRule, key="key")
    hotlines = shelf.entries(about, "hotline", Hotline, key="number")
    steps = shelf.entries(about, "step", Step)
    campaigns = shelf.entries(about, "campaign", Campaign)
    peers = shelf.entries(about, "peers", Peers)
    contacts = shelf.entries(shelf.sheet(f"{folder}/contacts.toml", ("contact",), optional=True), "contact", Contact)
    shelf.problems.extend(_check(about, districts, hotlines))
    shelf.problems.extend(_nowhere(districts, contacts))
    shelf.problems.extend(step_problems(steps))
    shelf.problems.extend(campaign_problems(campaigns))
    shelf.problems.extend(peer_problems(peers, _units(districts, departments)))
    facts = {key: value for key, value in about.data.items() if key not in {"hotline", "step", "campaign", "peers"}}
    parts = {
        "districts": tuple(shelf.unique(districts).values()),
        "departments": tuple(shelf.unique(departments).values()),
        "hotlines": tuple(shelf.unique(hotlines).values()),
        "steps": tuple(shelf.unique(steps).values()),
        "rules": shelf.unique(rules),
        "contacts": tuple(shelf.unique(contacts).values()),
        "campaigns": tuple(shelf.unique(campaigns).values()),
        "peers": tuple(shelf.unique(peers).values()),
    }
    city = shelf.item(about, City, {"id": name, **facts, **parts})
    own = shelf.item(offices, Assignments, {"assign": offices.data.get("assign", {})}) or Assignments()
    return Pack(city, own.assign, offices, about)


def _answers(category: Category) -> Iterator[str]:
    return (option.id for ask in category.questions for option in ask.options)


def _assigned(category: Category, own: Mapping[str, str]) -> Category:
    return category.model_copy(update={"departments": {**category.departments, **own}}) if own else category


def _check(about: Sheet, districts: Sequence[Entry[District]], hotlines: Sequence[Entry[Hotline]]) -> Iterator[Problem]:
    seen: set[str] = set()
    for entry in districts:
        for community in entry.item.communities:
            if community.id in seen:
                yield entry.problem("communities", f"社区 {community.id} 写了两次")
            seen.add(community.id)
    for number in set(_NUMBERS) - {entry.item.number for entry in hotlines} if about.text else ():
        yield about.problem("", ["hotline"], f"缺少 {number}")


def _units(districts: Sequence[Entry[District]], departments: Sequence[Entry[Department]]) -> set[str]:
    """Everything that can be ranked."""
    communities = {community.id for entry in districts for community in entry.item.communities}
    return communities | {entry.item.id for entry in districts} | {entry.item.id for entry in departments}


def _nowhere(districts: Sequence[Entry[District]], contacts: Sequence[Entry[Contact]]) -> Iterator[Problem]:
    communities = {community.id for entry in districts for community in entry.item.communities}
    for entry in contacts:
        if entry.item.area not in communities | {district.item.id for district in districts}:
            yield entry.problem("area", f"areas.toml 里没有 {entry.item.area}")
