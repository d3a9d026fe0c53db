"""Every figure there is. Its words are in content/texts/*/stats.toml.

Where sources divide by different things both are here, under names of their own.
"""

from civic.figures import Figure, public
from civic.report_figures import REPORTS

_PLACES = ("area", "channel")
_RETENTION = "U-Report: active users; the share of a cohort that comes back is ours"
AWARE = ((0.95, "A"), (0.80, "B"), (0.70, "C"))  # 志愿服务测评: 知晓率 95 %, 80 %, 70 %

PEOPLE = (
    Figure("participants", "people", "people", "residents.people", by=_PLACES),
    Figure("newcomers", "people", "people", "newcomers.people", by=("day", *_PLACES, "source")),
    Figure("arrivals", "people", "people", "arrive.people", by=("source", "day", *_PLACES)),
    Figure("active", "people", "people", "active.people", by=("day", *_PLACES), better="high"),
    Figure(
        "participation_rate",
        "people",
        "rate",
        "active.people",
        "base.people",
        ("area",),
        source="文明城市测评: 参与率 = 参与人数 / 常住人口",
        better="high",
    ),
    Figure(
        "active_share",
        "people",
        "rate",
        "active.people",
        "residents.people",
        _PLACES,
        source="U-Report: active users / registered users",
        better="high",
    ),
    Figure("active_daily", "people", "daily", "active.person_days", "active.days"),
    Figure("active_weekly", "people", "people", "active_weekly.people"),
    Figure("active_monthly", "people", "people", "active_monthly.people"),
    Figure("retention_week_1", "people", "rate", "week_1.back", "week_1.people", ("source",), source=_RETENTION),
    Figure("retention_week_4", "people", "rate", "week_4.back", "week_4.people", ("source",), source=_RETENTION),
)

LEARNING = (
    Figure("tips_delivered", "learning", "times", "tip_delivered.lines", by=("day", "topic", *_PLACES)),
    Figure("tips_read", "learning", "times", "tip_read.lines", by=("day", "topic", *_PLACES)),
    Figure(
        "read_rate", "learning", "rate", "tip_followed.lines", "tip_delivered.lines", ("topic", *_PLACES), better="high"
    ),
    Figure("quiz_answers", "learning", "times", "quiz_answer.lines", by=("topic", "day", *_PLACES)),
    Figure(
        "accuracy", "learning", "rate", "quiz_answer.right", "quiz_answer.graded", by=("topic", *_PLACES), better="high"
    ),
    Figure(
        "answer_rate",
        "learning",
        "rate",
        "quiz_answer.people",
        "active.people",
        by=_PLACES,
        source="U-Report: response rate = responded / polled",
        better="high",
    ),
    Figure(
        "awareness",
        "learning",
        "rate",
        "answered_first.right",
        "answered_first.graded",
        ("topic", *_PLACES),
        source="志愿服务测评: 知晓率 = 答对 / 有效回答, A ≥ 95 %, B ≥ 80 %, C ≥ 70 %",
        grades=AWARE,
        better="high",
    ),
    Figure("right_before", "learning", "rate", "answered_before.right", "answered_before.graded", ("topic", *_PLACES)),
    Figure("right_again", "learning", "rate", "answered_again.right", "answered_again.graded", ("topic", *_PLACES)),
    Figure(
        "learning_gain",
        "learning",
        "gain",
        "answered_again.gained",
        "answered_again.graded",
        ("topic", *_PLACES),
        better="high",
    ),
)

FIGURES: tuple[Figure, ...] = (
    *PEOPLE,
    *LEARNING,
    *REPORTS,
    Figure("points", "points", "points", "all.points", by=("deed", *_PLACES)),
)
PUBLIC = public(FIGURES)
BY_KEY = {figure.key: figure for figure in FIGURES}
