"""Naive Bayes over documents: how much likelier words are in one of them than in all together."""

import math
from collections import Counter
from collections.abc import Sequence

SMOOTHING = 0.1  # how often a term is taken to occur in a document that does not have it


class Bayes:
    """Documents by their numbers, from 0, as what terms they have and how often."""

    def __init__(self, documents: Sequence[Counter[str]]) -> None:
        together = Counter[str]()
        for counts in documents:
            together.update(counts)
        spread = SMOOTHING * len(together)
        whole = math.log(together.total() + spread)
        self._bare = [whole - math.log(counts.total() + spread) for counts in documents]
        self._usual = {term: _more(count) for term, count in together.items()}
        self._more: dict[str, list[tuple[int, float]]] = {term: [] for term in together}
        for number, counts in enumerate(documents):
            told = {count: (number, _more(count)) for count in set(counts.values())}
            for term, count in counts.items():
                self._more[term].append(told[count])

    def evidence(self, terms: Sequence[str]) -> list[float]:
        """For each document, the natural logarithm of: how likely the terms are there, against how likely they are in
        all documents together. Terms that no document has say nothing."""
        known = [term for term in dict.fromkeys(terms) if term in self._usual]
        usual = sum(self._usual[term] for term in known)
        evidence = [len(known) * bare - usual for bare in self._bare]
        for term in known:
            for number, more in self._more[term]:
                evidence[number] += more
        return evidence


def _more(count: int) -> float:
    """What it adds that a term occurs, against its not occurring."""
    return math.log((count + SMOOTHING) / SMOOTHING)
