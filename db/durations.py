"""How long reports took, counted on sets: the digits of all minutes in base two are one set each."""

from collections.abc import Mapping

from pyroaring import BitMap

from civic.figures import rank

SHARED = 4  # digits by which the parts of a whole mostly agree: the whole is cut by them once for all parts
MINUTES = 60  # to an hour
_NONE = BitMap()


class Durations:
    """The minutes of a whole of reports, of which any part can be asked for.

    ``later``: the minutes of reports whose digits are those of another time.
    """

    def __init__(self, digits: Mapping[str, BitMap], whole: BitMap, later: Mapping[int, int]) -> None:
        size = max(max(map(int, digits), default=-1) + 1, max(later.values(), default=0).bit_length())
        self._ones = [digits.get(f"{digit:02}", _NONE) for digit in reversed(range(size))]
        if later:
            apart = BitMap(later)
            for at, ones in enumerate(self._ones):
                digit = size - 1 - at
                mine = BitMap(one for one, minutes in later.items() if minutes >> digit & 1)
                self._ones[at] = ones - apart | mine
        self._whole, self._halves = whole, {1: whole}

    def median(self, ids: BitMap) -> float:
        """Of those among some reports, in hours; of none 0."""
        size = ids.intersection_cardinality(self._whole)
        lower, more = self._ranked(ids, (size - 1) // 2)
        upper = lower if size % 2 or more else self._ranked(ids, size // 2)[0]
        return (lower + upper) / 2 / MINUTES if size else 0

    def percentile(self, part: float, ids: BitMap) -> float:
        """The smallest that at least this part of those among some reports do not exceed, in hours; of none 0."""
        size = ids.intersection_cardinality(self._whole)
        return self._ranked(ids, rank(size, part))[0] / MINUTES if size else 0

    def _ranked(self, ids: BitMap, at: int) -> tuple[int, bool]:
        """The minutes that stand at this place (from 0) when all are sorted, decided digit by digit from the top; and
        whether the same ones follow."""
        half, among = 1, ids.intersection_cardinality
        for _ in self._ones[:SHARED]:
            half *= 2
            below = among(self._half(half))
            if at >= below:
                at, half = at - below, half + 1
        left = ids & self._half(half)
        for ones in self._ones[SHARED:]:
            half *= 2
            upper = left & ones
            below = len(left) - len(upper)
            if at < below:
                left = left - upper
            else:
                at, half, left = at - below, half + 1, upper
        return half - (1 << len(self._ones)), at + 1 < len(left)

    def _half(self, half: int) -> BitMap:
        """The reports whose minutes begin with some digits, written behind a 1."""
        found = self._halves.get(half)
        if found is None:
            both, ones = self._half(half >> 1), self._ones[half.bit_length() - 2]
            found = self._halves[half] = both & ones if half & 1 else both - ones
        return found
