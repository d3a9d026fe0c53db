"""Questions in free words: what was found is journalled, what was not is kept for editors without its asker."""

from actions.scene import Scene, record
from civic.unanswered import keepable
from content.city import LocalRule
from content.items import Answer
from content.library import Library
from db import unanswered


def answered(scene: Scene, answer: Answer) -> None:
    """The resident was given this answer."""
    record(scene, "asked", subject=answer.id, topic=answer.topic, earns=False)


def asked_in_vain(scene: Scene, text: str) -> bool:
    """There was no answer. Whether the words were kept: only those that tell of nobody."""
    record(scene, "asked_in_vain", earns=False)
    words = keepable(text)
    if words is not None:
        unanswered.note(scene.tx, words, scene.iso_day)
    return words is not None


def local_rules(library: Library, answer: Answer) -> list[LocalRule]:
    """What the city's pack says about it; empty where it is silent."""
    return [library.city.rules[key] for key in answer.local if key in library.city.rules]
