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
    more: dict[tuple[str, str], dict[str, Mapping[str, float]]] = {}
    for dimension in {dimension for dimension, name in counts if name == SATISFIED}:
        cells: dict[str, Mapping[str, float]] = {}
        scores: dict[str, Mapping[str, float]] = {}
        for key, rated in counts[dimension, SATISFIED].items():
            partly = counts.get((dimension, PARTLY), {}).get(key, {}).get("lines", 0)
            cells[key] = {**rated, "fair": rated["right"] + weights.fairly * partly}
            received = counts.get((dimension, "received"), {}).get(key, {})
            solved = counts.get((dimension, SOLVED), {}).get(key, {})
            rates = (
                share(received.get("responded", 0), received.get("lines", 0)),
                share(solved.get("right", 0), solved.get("graded", 0)),
                share(cells[key]["fair"], rated["graded"]),
            )
            known = [rate for rate in rates if rate is not None]
            if len(known) == len(rates):
                score = sum(
                    weight * rate
                    for weight, rate in zip((weights.response, weights.solved, weights.satisfied), known, strict=True)
                )
                scores[key] = {"score": score, "graded": rated["graded"], "people": rated["people"]}
        more[dimension, SATISFIED], more[dimension, OVERALL] = cells, scores
    return {**counts, **more}
