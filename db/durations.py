"""How long reports took, counted on sets: the digits of all minutes in base two are one set each."""

from collections.abc import Mapping

from pyroaring import BitMap

from civic.figures import rank

MINUTES = 60  # to an hour
_NONE = BitMap()


class Durations:
    """The minutes of a whole of reports, of which any part can be asked for.

    ``later``: the minutes of reports whose digits are those of another time.
    """

    def __init__(self, digits: Mapping[str, BitMap], whole: BitMap, later: Mapping[int, int]) -> None:
        size = max(max(map(int, digits), default=-1) + 1, max(later.values(), default=0).bit_length())
        self._ones = [digits.get(f"{digit:02}", _NONE) for digit in range(size)]
        if later:
            apart = BitMap(later)
            for digit, ones in enumerate(self._ones):
                mine = BitMap(one for one, minutes in later.items() if minutes >> digit & 1)
                self._ones[digit] = ones - apart | mine
        self._whole, self._halves = whole, {(0, size): whole}

    def median(self, ids: BitMap) -> float:
        """Of those among some reports, in hours; of none 0."""
        size = ids.intersection_cardinality(self._whole)
        lower, more = self._ranked(ids, (size - 1) // 2)
        upper = lower if size % 2 or more else self._ranked(ids, size // 2)[0]
        return (lower + upper) / 2 / MINUTES

    def percentile(self, part: float, ids: BitMap) -> float:
        """The smallest that at least this part of those among some reports do not exceed, in hours; of none 0."""
        minutes, _ = self._ranked(ids, rank(ids.intersection_cardinality(self._whole), part))
        return minutes / MINUTES

    def _ranked(self, ids: BitMap, at: int) -> tuple[int, bool]:
        """The minutes that stand at this place (from 0) when all are sorted, decided digit by digit from the top; and
        whether the same ones follow."""
        value, halves, among = 0, self._halves, ids.intersection_cardinality
        for digit in range(len(self._ones) - 1, -1, -1):
            half = halves.get((value, digit))
            below = among(self._from(value, digit) if half is None else half)
            if at >= below:
                at -= below
                value |= 1 << digit
        return value, at + 1 < among(self._from(value, 0))

    def _from(self, value: int, digit: int) -> BitMap:
        """The reports whose minutes differ from ``value`` in the last ``digit`` digits at most: kept, as each part of
        the whole asks for much the same."""
        found = self._halves.get((value, digit))
        if found is None:
            one, ones = 1 << digit, self._ones[digit]
            both = self._from(value & ~one, digit + 1)
            found = self._halves[value, digit] = both & ones if value & one else both - ones
        return found
