"""Tips and questions: which comes next, and what an answer does."""

from collections.abc import Collection
from dataclasses import dataclass

from actions import daily
from actions.scene import Scene, record
from civic import quizzes
from civic.tips import next_tip
from content.items import Question, Tip
from content.library import Library
from db import journal, learning


@dataclass(frozen=True, slots=True)
class Graded:
    """What came of an answer. ``back_in`` days the question comes again."""

    right: bool
    points: int
    back_in: int


def read_tip(scene: Scene, *, another: bool = False) -> Tip | None:
    """Show today's tip, or another one that the resident has not seen; journalled as read."""
    library, day, resident = scene.library, scene.day, scene.resident
    today, noted = _unseen(scene, daily.tip_for_day(scene.tx, library, day, resident.area))
    tip = today
    if another:
        seen = learning.tips_seen_by(scene.tx, resident.id)
        if resident.tip_hour is not None:
            seen |= daily.lately(library, day)
        about = daily.today_is(library, day)
        chosen = next_tip(library.tips.values(), seen, today.id if today else None, about)
        tip = library.tips[chosen] if chosen else today
    if tip is not None and not (noted and tip is today):
        note_tip(scene, tip)
    return tip


def _unseen(scene: Scene, tip: Tip | None) -> tuple[Tip | None, bool]:
    """The day's tip, and whether they were shown it today; for somebody who saw it on another day one of the others."""
    if tip is None:
        return None, False
    today = scene.iso_day
    for one in (tip, *daily.others(scene.library, scene.day)):
        seen_on = learning.tip_seen_on(scene.tx, scene.resident.id, one.id)
        if seen_on in {None, today}:
            return one, seen_on is not None
    return tip, False


def note_tip(scene: Scene, tip: Tip) -> None:
    """The resident read this tip; counted once a day for each tip."""
    day = scene.iso_day
    if learning.tip_seen_on(scene.tx, scene.resident.id, tip.id) == day:
        return
    learning.see_tip(scene.tx, scene.resident.id, tip.id, day)
    record(scene, "tip_read", subject=tip.id, topic=tip.topic)


def tip_words(library: Library, tip: Tip, language: str, solemn: bool) -> dict[str, object]:
    """What the text «tip.message» is filled with; no emoji on solemn days."""
    words = tip.in_language(language)
    return {
        "title": words.title,
        "text": words.text,
        "today": words.today,
        "emoji": "" if solemn or tip.tone == "solemn" else library.topics[tip.topic].emoji,
        "citations": [library.citation(source, language) for source in tip.source],
    }


def next_question(scene: Scene, topic: str | None, without: Collection[str] = ()) -> Question | None:
    """What to ask: first what is due again, then what was never met, then what is due soonest."""
    met = learning.reviews_of(scene.tx, scene.resident.id)
    questions, pool = scene.library.questions, scene.library.questions_of(topic)
    today = scene.iso_day
    due = [(day, key) for key, day in met.items() if day <= today and key in questions and key not in without]
    if topic is not None:
        due = [entry for entry in due if questions[entry[1]].topic == topic]
    if due:
        return questions[min(due)[1]]
    # Everybody meets the questions in another order, and always the same one: no dice, so a turn can be repeated.
    start = scene.resident.id * 7919 + len(met) * 104729
    for step in range(len(pool)):
        question = pool[(start + step) % len(pool)]
        if question.id not in met and question.id not in without:
            return question
    left = [question for question in pool if question.id not in without]
    return min(left, key=lambda item: (met[item.id], item.id), default=None)


def answer(scene: Scene, question: Question, given: Collection[int]) -> Graded:
    """Grade, remember, schedule the next time, journal."""
    right = quizzes.grade(question.right, given)
    card, due = quizzes.schedule(learning.card_of(scene.tx, scene.resident.id, question.id), right, scene.local)
    learning.add_answer(scene.tx, scene.resident.id, question.id, quizzes.letters(given), right)
    learning.save_review(scene.tx, scene.resident.id, question.id, question.topic, card, due.isoformat())
    points = record(scene, "quiz_answer", subject=question.id, topic=question.topic, right=right)
    return Graded(right, points, (due - scene.day).days)


def streak(scene: Scene) -> int:
    """Days in a row on which the resident answered a question."""
    return quizzes.streak(journal.active_days(scene.tx, scene.resident.id, "quiz_answer"), scene.day)
