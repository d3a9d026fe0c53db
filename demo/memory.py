"""What somebody knows. An answer is right by what they knew before, how often they met it, and how long ago.

Forgetting is Ebbinghaus' curve: what was met keeps e^(-days / strength), and each meeting makes it stronger.
"""

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from content.items import Question

KNOWN = {"easy": 0.68, "mid": 0.54, "hard": 0.42}  # right at first sight
BEST = 0.97
FIRST = 5.0  # days that the first meeting lasts
STRONGER = 2.3  # times, with each further one
TIP = 0.05  # what one tip on the topic adds, three at most


@dataclass
class Memory:
    """One person's. ``talent`` is added to what everybody knows."""

    talent: float
    met: dict[str, tuple[int, date]] = field(default_factory=dict)  # question → how often, when last
    tips: Counter[str] = field(default_factory=Counter)  # topic → tips read

    def chance(self, question: Question, day: date) -> float:
        """How likely their answer is right."""
        known = KNOWN[question.level] + self.talent + TIP * min(3, self.tips[question.topic])
        known = min(BEST, max(0.15, known))
        times, last = self.met.get(question.id, (0, day))
        if not times:
            return known
        kept = math.exp(-(day - last).days / (FIRST * STRONGER ** (times - 1)))
        return known + (BEST - known) * kept

    def meet(self, question: Question, day: date) -> None:
        """They have been told what is right."""
        self.met[question.id] = (self.met.get(question.id, (0, day))[0] + 1, day)
