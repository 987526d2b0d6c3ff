"""The strongest emotion of rows: a pure emotion on the map is one of full strength, so that the nearest one misleads."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from reportgen.emotions import is_plane
from reportgen.figures._emotion_space import called
from reportgen.words import count, counted, listing, percent

FEW = 20
"""Rows from which on they are told in percent."""
NONE = "no emotion"
_EQUAL = 3  # emotions of the same strength that are named
_SHOWN = 5  # kinds of rows in a sentence


def strongest(emotions: Sequence[str], scale: tuple[float, float], values: np.ndarray) -> list[str]:
    """Of each row (row, emotion): `happiness`, `happiness and fear` that are equal, `no emotion` if all are the least.

    Valence and arousal have no strongest: a row is `a pleasant, calm state`.
    """
    if is_plane(emotions):
        return [_quadrant(row, sum(scale) / 2) for row in values]
    names = [called(name) for name in emotions]
    top = values.max(axis=1, keepdims=True)
    return [
        _together([name for name, one in zip(names, row, strict=True) if one])
        for row in np.isclose(values, top, rtol=0, atol=1e-6) & (values > scale[0])
    ]


def _together(names: Sequence[str]) -> str:
    """Emotions that are equally strong."""
    return f"{len(names)} emotions alike" if len(names) > _EQUAL else listing(names) or NONE


def _quadrant(row: np.ndarray, middle: float) -> str:
    pleasant = "a pleasant" if row[0] >= middle else "an unpleasant"
    return f"{pleasant}, {'excited' if row[1] >= middle else 'calm'} state"


def tallied(emotions: Sequence[str], top: Sequence[str]) -> str:
    """`strongest emotion: happiness in 2 of 4 rows, fear in 1, no emotion in 1`, or `happiness is strongest`.

    Args:
        emotions: their names.
        top: what is strongest in each row, not empty.
    """
    plane = is_plane(emotions)
    if len(top) == 1:
        return top[0] if plane or top[0] == NONE else f"{top[0]} {_verb(top[0])} strongest"
    found = Counter(top).most_common()
    shown = [f"{name} in {_share(n, len(top))}" for name, n in found[:_SHOWN]]
    shown[0] += f" of {counted(len(top), 'row')}"
    rest = sum(n for _, n in found[_SHOWN:])
    more = [f"others in {_share(rest, len(top))}"] if rest else []
    return ("" if plane else "strongest emotion: ") + ", ".join([*shown, *more])


def _verb(name: str) -> str:
    return "are" if " and " in name or name.endswith("alike") else "is"


def _share(n: int, rows: int) -> str:
    return count(n) if rows < FEW else percent(n / rows)
