"""Scores in sentences."""

from collections.abc import Callable
from functools import partial

from reportgen.report.results import Score
from reportgen.words import NO_BREAK, fixed


def with_interval(score: Score, write: Callable[[float | None], str] | None = None) -> str:
    """`0.65 (95 % interval 0.63 to 0.68)`, or without an interval where nothing is claimed."""
    write = write or partial(fixed, places=score.places)
    between = f" (95{NO_BREAK}% interval {write(score.low)} to {write(score.high)})" if score.certain else ""
    return f"{write(score.mean)}{between}"
