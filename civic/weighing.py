"""The rates that a city weighs as it likes: «fairly satisfied», and one number of three (12345 三率).

Source of the form: analyses of 12345 hotlines take 满意率 = (满意 + 0.9 × 基本满意) / 有效回访 and 综合 = 0.1 响应率 +
0.5 解决率 + 0.4 满意率. The numbers are each city's own: [statistics] of its city.toml.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from civic.figures import OVERALL, PARTLY, SATISFIED, SOLVED, Counts, share


@dataclass(frozen=True, slots=True)
class Weights:
    """What «fairly satisfied» counts of «satisfied», and how much each of the three rates weighs; these sum to 1."""

    fairly: float
    response: float
    solved: float
    satisfied: float


def weigh(counts: Counts, weights: Weights) -> Counts:
    """The counts, with «fair» (satisfied, and fairly so) and the overall score of each cell."""
    more = dict[tuple[str, str], Mapping[str, float]]()
    for dimension in {dimension for dimension, name in counts if name == f"{SATISFIED}.right"}:
        satisfied, graded, people, partly, received, responded, rated, solved = (
            counts.get((dimension, name), {})
            for name in (
                *(f"{SATISFIED}.right", f"{SATISFIED}.graded", f"{SATISFIED}.people", f"{PARTLY}.lines"),
                *("received.lines", "received.responded", f"{SOLVED}.graded", f"{SOLVED}.right"),
            )
        )
        fair = {key: right + weights.fairly * partly.get(key, 0) for key, right in satisfied.items()}
        scores = dict[str, float]()
        for key in fair:
            rates = (
                share(responded.get(key, 0), received.get(key, 0)),
                share(solved.get(key, 0), rated.get(key, 0)),
                share(fair[key], graded[key]),
            )
            known = [rate for rate in rates if rate is not None]
            if len(known) == len(rates):
                each = zip((weights.response, weights.solved, weights.satisfied), known, strict=True)
                scores[key] = sum(weight * rate for weight, rate in each)
        more[dimension, f"{SATISFIED}.fair"], more[dimension, f"{OVERALL}.score"] = fair, scores
        for measure, cells in (("graded", graded), ("people", people)):
            more[dimension, f"{OVERALL}.{measure}"] = {key: cells[key] for key in scores}
    return {**counts, **more}
