"""Which figures a view shows, and which of their breakdowns it draws. A figure of the catalogue that stands in no view
is still a click away: under its own name."""

from collections.abc import Mapping, Sequence

from actions.statistics import drawn
from civic.figures import Figure

Charts = Mapping[str, Sequence[str]]

OVERVIEW = "overview"
HEADLINES = (
    "participants",
    "active",
    "tips_read",
    "quiz_answers",
    "accuracy",
    "learning_gain",
    "reports_received",
    "on_time_rate",
    "solved_rate",
    "satisfaction",
)
CONTENT = ("survey_rate", "solved_rate", "satisfaction", "reopened_rate")  # how content people are with what was done
AREAS = "areas"
VIEWS: Mapping[str, Charts] = {
    OVERVIEW: {
        "active": ("day",),
        "accuracy": ("topic",),
        "reports_received": ("day", "category"),
    },
    "people": {
        "active": ("day", "area", "channel"),
        "newcomers": ("day",),
        "arrivals": ("source",),
        "points": ("deed",),
    },
    "learning": {
        "quiz_answers": ("day", "topic"),
        "accuracy": ("topic",),
        "awareness": ("topic",),
        "learning_gain": ("topic",),
        "tips_read": ("day",),
    },
    "reports": {
        "reports_received": ("day", "category", "status", "department"),
        "backlog": ("day", "department"),
        "on_time_rate": ("category", "department"),
        "hours_median": ("category", "department"),
    },
    "satisfaction": {
        "solved_rate": ("category", "area"),
        "satisfaction": ("category", "area"),
        "reopened_rate": ("category", "department"),
    },
    AREAS: {},
}


def chosen(catalogue: Sequence[Figure], view: str, figure: str | None, measure: str | None) -> Sequence[Figure]:
    """The figures to be counted, with the breakdowns to be drawn: of one figure all."""
    if figure is not None:
        return [one for one in catalogue if one.key == figure]
    if view == AREAS:
        return drawn([one for one in catalogue if one.key == measure], {measure or "": ("area",)})
    return drawn([one for one in catalogue if _belongs(one, view)], VIEWS[view])


def _belongs(figure: Figure, view: str) -> bool:
    if view == OVERVIEW:
        return figure.key in HEADLINES
    if view == "satisfaction":
        return figure.key in CONTENT
    sections = {"people": ("people", "points")}.get(view, (view,))
    return figure.section in sections and figure.key not in CONTENT


def measures(catalogue: Sequence[Figure]) -> list[Figure]:
    """The figures by which a map can be shaded."""
    return [one for one in catalogue if "area" in one.by]
