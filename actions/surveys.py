"""After each round the resident says how it went: solved or not, how satisfied, and if not, why.

One survey for each round, one reminder. What they said first is kept apart from what they say later; the journal has
the first word only, since figures count those: ``survey_asked``, ``report_rated`` (right: solved), ``report_satisfied``
(right: satisfied), ``report_partly``.
"""

from collections.abc import Sequence
from typing import Any

from actions.notices import tell
from actions.scene import Scene, record
from bot.messages import Option, Say
from civic.errors import Refused
from civic.reports import CLOSED
from content.library import Library
from db import surveys, talks
from db.reports import Report
from db.surveys import Survey as Survey
from db.tx import Tx

SATISFIED = "satisfied"
PARTLY = "partly"
RATINGS = (SATISFIED, PARTLY, "unsatisfied")
LONGEST = 1000  # characters of free words
DAY = 24 * 3600 * 1000  # milliseconds
PAGE = 100  # reminders in one unit


def ask(tx: Tx, library: Library, zone: Any, report: Report) -> None:
    """The round is over: its resident is being asked (the news of it carry the question)."""
    resident = talks.find_resident(tx, report.resident_id) if report.resident_id is not None else None
    if resident is not None and surveys.ask(tx, report.id, report.rounds):
        scene = Scene(tx, library, zone, resident, report.channel)
        record(scene, "survey_asked", subject=report.number, topic=report.category, area=report.area, earns=False)


def current(tx: Tx, library: Library, report: Report) -> Survey | None:
    """The survey of a report's last round, while it can be answered: until some days after closing, and not of a
    report that was withdrawn, rejected or merged."""
    if report.status in CLOSED - {"closed"}:
        return None
    if report.closed_at is not None and tx.ms >= report.closed_at + library.city.handling.survey_days * DAY:
        return None
    return surveys.find(tx, report.id, report.rounds)


def options(report: Report) -> tuple[Option, Option]:
    """The question's two answers."""
    return (
        Option(f"/reports solved {report.number}", "option.solved"),
        Option(f"/reports unsolved {report.number}", "option.unsolved"),
    )


def answer(scene: Scene, report: Report, solved: bool) -> bool:
    """Solved or not; False when nobody asks any more."""
    survey = current(scene.tx, scene.library, report)
    if survey is None:
        return False
    if survey.answered_at is None:
        surveys.note(scene.tx, survey, answered_at=scene.tx.ms, first_solved=int(solved), solved=int(solved))
        record(scene, "report_rated", subject=report.number, topic=report.category, area=report.area, right=solved)
    else:
        surveys.note(scene.tx, survey, solved=int(solved))
    return True


def rate(scene: Scene, report: Report, satisfaction: str) -> None:
    """How satisfied they are (RATINGS). Raises Refused when the time for it is over."""
    survey = _answered(scene, report)
    values: dict[str, object] = {"satisfaction": satisfaction}
    if satisfaction == SATISFIED:
        values |= {"reasons": ()}
    if survey.first_satisfaction is None:
        values |= {"first_satisfaction": satisfaction}
        right = satisfaction == SATISFIED
        record(scene, "report_satisfied", subject=report.number, topic=report.category, area=report.area, right=right)
        if satisfaction == PARTLY:
            record(scene, "report_partly", subject=report.number, topic=report.category, area=report.area)
    surveys.note(scene.tx, survey, **values)


def explain(scene: Scene, report: Report, reasons: Sequence[str], words: str) -> None:
    """Why they are not satisfied: of the content's reasons, and in their own words. Raises Refused when the time for
    it is over, or when these are too many words."""
    if len(words) > LONGEST:
        raise Refused("report.note_too_long", limit=LONGEST)
    surveys.note(scene.tx, _answered(scene, report), reasons=tuple(reasons), words=words.strip())


def _answered(scene: Scene, report: Report) -> Survey:
    survey = current(scene.tx, scene.library, report)
    if survey is None or survey.answered_at is None:
        raise Refused("survey.over", number=report.number)
    return survey


def asked_again(tx: Tx, report: Report) -> None:
    """Other news carried the question once more: that was the reminder."""
    surveys.reminded(tx, report)


def remind(tx: Tx, library: Library, zone: Any) -> int:
    """Ask once more those who said nothing for some days; how many."""
    city = library.city.handling
    found = surveys.unanswered(tx, tx.ms - city.survey_reminder_days * DAY, tx.ms - city.survey_days * DAY, PAGE)
    for report in found:
        surveys.reminded(tx, report)
        assert report.resident_id is not None
        say = Say("survey.reminder", {"number": report.number, "place": report.place}, options(report))
        tell(tx, report.resident_id, say, once=f"survey:{report.id}:{report.rounds}")
    return len(found)
