"""Every figure there is. Its words are in content/texts/*/stats.toml.

Where sources divide by different things both are here, under names of their own.
"""

from civic.figures import Figure, public

_PLACES = ("area", "channel")
_CASES = ("category", *_PLACES, "department")
_DIGIT = "DIGIT: percentiles of time to resolution, never means"
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

REPORTS = (
    Figure(
        "reports_received",
        "reports",
        "reports",
        "received.lines",
        by=("category", "status", "day", *_PLACES, "department"),
        better="high",
    ),
    Figure("reports_per_head", "reports", "per_head", "received.lines", "base.people", ("area",), better="high"),
    Figure(
        "filing_rate",
        "reports",
        "rate",
        "received.filed",
        "received.lines",
        _CASES,
        source="数字城管: 立案率 = 立案数 / 上报数",
    ),
    Figure(
        "filing_accuracy",
        "reports",
        "rate",
        "received.filed_well",
        "received.filed",
        _CASES,
        source="数字城管: 准确立案率 = (立案数 - 作废数) / 立案数",
        audience="staff",
    ),
    Figure(
        "closing_rate",
        "reports",
        "rate",
        "due.closed",
        "due.lines",
        _CASES,
        source="数字城管: 结案率 = 结案数 / 应结案数, 应结案 = 处置数 + 超时未处置数",
        better="high",
    ),
    Figure(
        "on_time_rate",
        "reports",
        "rate",
        "due.on_time",
        "due.lines",
        _CASES,
        source="数字城管: 按期结案率 = 按期结案数 / 应结案数",
        better="high",
    ),
    Figure(
        "on_time_of_closed",
        "reports",
        "rate",
        "due.on_time",
        "due.closed",
        _CASES,
        source="数字城管 (岗位评价): 按时结案率 = 按时结案数 / 结案数",
        better="high",
    ),
    Figure(
        "resolved_on_time",
        "reports",
        "rate",
        "resolved.met",
        "resolved.lines",
        _CASES,
        source="DIGIT: cl_resolved_on_time_rate_count = not breached and resolved / resolved",
        better="high",
    ),
    Figure(
        "sla_compliance",
        "reports",
        "rate",
        "received.met",
        "received.lines",
        _CASES,
        source="DIGIT: cl_sla_compliance_rate_count = resolved and not breached / received",
        better="high",
    ),
    Figure(
        "hours_median", "reports", "hours", "resolved.median", "resolved.lines", _CASES, source=_DIGIT, better="low"
    ),
    Figure("hours_p90", "reports", "hours", "resolved.p90", "resolved.lines", _CASES, source=_DIGIT, better="low"),
    Figure(
        "reopened_rate",
        "reports",
        "rate",
        "resolved.reopened",
        "resolved.lines",
        _CASES,
        source="DIGIT: cl_reopen_rate_count = reopened / resolved (重办率)",
        better="low",
    ),
    Figure(
        "rework_rate",
        "reports",
        "rate",
        "due.reworked",
        "due.lines",
        _CASES,
        source="数字城管: 返工率 = 返工数 / 应结案数",
        audience="staff",
        better="low",
    ),
    Figure(
        "check_pass_rate",
        "reports",
        "rate",
        "checked.passed",
        "checked.lines",
        _CASES,
        source="数字城管: 核查通过率 = 通过 / 核查",
        audience="staff",
        better="high",
    ),
    Figure(
        "return_rate",
        "reports",
        "rate",
        "received.returned",
        "received.handed",
        ("category", *_PLACES),
        source="数字城管: 回退率 = 回退 / 接收",
        audience="staff",
        better="low",
    ),
    Figure(
        "first_assignment",
        "reports",
        "rate",
        "received.right_first",
        "received.handed",
        ("category", *_PLACES),
        source="DIGIT: first-assignment rate = assigned once / assigned at all (首派准确率)",
        audience="staff",
        better="high",
    ),
    Figure("extension_rate", "reports", "rate", "due.extended", "due.lines", _CASES, audience="staff", better="low"),
    Figure(
        "backlog",
        "reports",
        "reports",
        "waiting.lines",
        by=("day", "category", "status", *_PLACES, "department"),
        source="DIGIT: complaint_open_state_daily, a snapshot of each day",
    ),
    Figure(
        "overdue_share",
        "reports",
        "rate",
        "waiting.late",
        "waiting.lines",
        ("day", *_CASES),
        audience="staff",
        better="low",
    ),
    Figure(
        "survey_rate",
        "reports",
        "rate",
        "report_rated.graded",
        "survey_asked.lines",
        ("category", *_PLACES),
        source="Signalen: one survey for each round; the share that is answered is ours",
    ),
    Figure(
        "solved_rate",
        "reports",
        "rate",
        "report_rated.right",
        "report_rated.graded",
        ("category", *_PLACES),
        source="12345: 解决率 = 已解决 / 有效回访",
        better="high",
    ),
    Figure(
        "satisfaction",
        "reports",
        "rate",
        "report_satisfied.right",
        "report_satisfied.graded",
        ("category", *_PLACES),
        source="12345: 满意率 = 满意 / 有效回访",
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

# Sets whose people are a number of some figure; of the others it matters only whether they are few.
EXACT = frozenset(
    name.partition(".")[0]
    for figure in FIGURES
    for name in (figure.numerator, figure.denominator or "")
    if name.endswith((".people", ".person_days"))
)
