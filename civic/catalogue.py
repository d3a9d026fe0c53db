"""Every figure there is. Its words are in content/texts/*/stats.toml."""

from civic.figures import Figure

_PLACES = ("area", "channel")
FIGURES: tuple[Figure, ...] = (
    Figure("participants", "people", "people", "residents.people", by=_PLACES),
    Figure("newcomers", "people", "people", "newcomers.people", by=("day", *_PLACES, "source")),
    Figure("arrivals", "people", "people", "arrive.people", by=("source", "day", *_PLACES)),
    Figure("active", "people", "people", "active.people", by=("day", *_PLACES)),
    Figure("active_daily", "people", "daily", "active.person_days", "active.days"),
    Figure("active_weekly", "people", "people", "active_weekly.people"),
    Figure("active_monthly", "people", "people", "active_monthly.people"),
    Figure("tips_delivered", "learning", "times", "tip_delivered.lines", by=("day", "topic", *_PLACES)),
    Figure("tips_read", "learning", "times", "tip_read.lines", by=("day", "topic", *_PLACES)),
    Figure("read_rate", "learning", "rate", "tip_followed.lines", "tip_delivered.lines", ("topic", *_PLACES)),
    Figure("quiz_answers", "learning", "times", "quiz_answer.lines", by=("topic", "day", *_PLACES)),
    Figure("accuracy", "learning", "rate", "quiz_answer.right", "quiz_answer.graded", by=("topic", *_PLACES)),
    Figure(
        "answer_rate",
        "learning",
        "rate",
        "quiz_answer.people",
        "active.people",
        by=_PLACES,
        source="U-Report: response rate = responded / polled",
    ),
    Figure(
        "reports_received",
        "reports",
        "reports",
        "received.lines",
        by=("category", "status", "day", *_PLACES),
    ),
    Figure(
        "closing_rate",
        "reports",
        "rate",
        "due.closed",
        "due.lines",
        by=("category", *_PLACES),
        source="数字城管: 结案率 = 结案数 / 应结案数, 应结案 = 处置数 + 超时未处置数",
    ),
    Figure(
        "on_time_rate",
        "reports",
        "rate",
        "due.on_time",
        "due.lines",
        by=("category", *_PLACES),
        source="数字城管: 按期结案率 = 按期结案数 / 应结案数",
    ),
    Figure(
        "hours_median",
        "reports",
        "hours",
        "resolved.median",
        "resolved.lines",
        by=("category", *_PLACES),
        source="DIGIT: percentiles of time to resolution, never means",
    ),
    Figure(
        "hours_p90",
        "reports",
        "hours",
        "resolved.p90",
        "resolved.lines",
        by=("category", *_PLACES),
        source="DIGIT: percentiles of time to resolution, never means",
    ),
    Figure(
        "reopened_rate",
        "reports",
        "rate",
        "resolved.reopened",
        "resolved.lines",
        by=("category", *_PLACES),
        source="DIGIT: cl_reopen_rate_count = reopened / resolved (重办率)",
    ),
    Figure(
        "satisfaction",
        "reports",
        "rate",
        "report_rated.right",
        "report_rated.graded",
        by=("category", *_PLACES),
        source="12345: 解决率 = 已解决 / 有效回访; one survey for each round, as Signalen has it",
    ),
    Figure("points", "points", "points", "all.points", by=("deed", *_PLACES)),
)

# Sets whose people are a number of some figure; of the others it matters only whether they are few.
EXACT = frozenset(
    name.partition(".")[0]
    for figure in FIGURES
    for name in (figure.numerator, figure.denominator or "")
    if name.endswith((".people", ".person_days"))
)
