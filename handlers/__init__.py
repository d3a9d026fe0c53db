"""How do we talk? One conversation per file; this list is the only place that knows them all."""

from handlers import ask, figures, follow, link, menu, my_reports, points, privacy, quiz, report, tasks, tip, welcome

CONVERSATIONS = (
    welcome.conversation,
    menu.conversation,
    tip.conversation,
    quiz.conversation,
    ask.conversation,
    report.conversation,
    my_reports.conversation,
    follow.conversation,
    points.conversation,
    figures.conversation,
    privacy.conversation,
    link.conversation,
    tasks.conversation,
)
