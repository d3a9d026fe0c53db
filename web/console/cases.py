"""A report as the console's pages show it: in words, with its light, for one reader."""

from dataclasses import dataclass

from civic import reports as rules
from civic.deadlines import light
from db.moments import from_ms
from db.reports import Report
from web.console.pages import Names


@dataclass(frozen=True, slots=True)
class Case:
    """``light``: green, yellow, red or paused while it is open, else none; ``due`` is its deadline in words."""

    report: Report
    category: str
    emoji: str
    area: str
    department: str
    status: str
    due: str
    light: str


def case(report: Report, names: Names, now: int) -> Case:
    """A report in words; ``now`` in milliseconds."""
    category = names.library.categories.get(report.category)  # an editor may have taken it away meanwhile
    opened = report.status in rules.OPEN
    return Case(
        report=report,
        category=category.in_language(names.language).name if category else report.category,
        emoji=category.emoji if category else "",
        area=names.area(report.area),
        department=names.department(report.department),
        status=names.words(f"stats.status.{report.status}"),
        due=due(report.due_at, names, now) if opened and report.paused_at is None else "",
        light=_light(report, now) if opened else "",
    )


def _light(report: Report, now: int) -> str:
    return light(now, report.round_at, report.due_at, paused=report.paused_at is not None)


def due(at: int, names: Names, now: int) -> str:
    """A deadline in words: how late, at what hour today or tomorrow, on which day."""
    moment, today = from_ms(at).astimezone(names.zone), from_ms(now).astimezone(names.zone)
    if at <= now:
        hours = (now - at) // 3_600_000
        return names.words("queue.late_hours", n=hours) if hours < 48 else names.words("queue.late_days", n=hours // 24)
    days = (moment.date() - today.date()).days
    time = f"{moment:%H:%M}"
    if days < 2:
        return names.words("queue.due_tomorrow" if days else "queue.due_today", time=time)
    return names.words("queue.due_on", month=moment.month, day=moment.day, time=time)


def map_link(report: Report, names: Names) -> str:
    """Where a map of the position opens: the city's own, or whatever the device has for it."""
    pattern = names.library.city.map_link or "geo:{lat},{lon}"
    return pattern.format(lat=f"{report.lat:.6f}", lon=f"{report.lon:.6f}") if report.lat is not None else ""


def answers(report: Report, names: Names) -> list[tuple[str, str]]:
    """What the category's own questions were answered: question and answer in words."""
    category = names.library.categories.get(report.category)
    asks = {ask.id: ask for ask in category.questions} if category else {}
    found = []
    for key, answer in report.answers.items():
        ask = asks.get(key)
        options = {option.id: option.in_language(names.language) for option in ask.options} if ask else {}
        prompt = ask.in_language(names.language).prompt if ask else key
        found.append((prompt, options.get(str(answer), str(answer))))
    return found
