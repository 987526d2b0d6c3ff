"""Intensities as bars and rows."""

from collections.abc import Sequence

import numpy as np

from reportgen.applying.answers import Bar, Bars, Grid
from reportgen.applying.space import Places
from reportgen.applying.table_files import Table
from reportgen.applying.unlikeness import USUAL
from reportgen.emotions import is_plane
from reportgen.figures._style import looks
from reportgen.words import fixed, percent

_HEADER = (("strongest", "unlike"), ("state", "unlike"))  # of emotions, of valence and arousal
_SHOWN = 50
"""Rows that are written out."""


def ratings(emotions: Sequence[str], values: np.ndarray, scale: tuple[float, float], spread: Sequence[str] = ()) -> Bars:
    """Intensities (emotion,) as bars, in the order of the emotions."""
    low, high = scale
    rows = tuple(
        Bar(
            name=name,
            share=float(np.clip((value - low) / (high - low), 0, 1)),
            told=fixed(float(value), 2),
            spread=spread[i] if spread else "",
            colour=look.colour,
        )
        for i, (name, value, look) in enumerate(zip(emotions, values, looks(emotions), strict=True))
    )
    number = f"intensity, {low:g} to {high:g}"
    return Bars(
        caption="Intensity of each emotion.",
        what="emotion",
        number=number,
        spread="lowest to highest of the models" if spread else "",
        rows=rows,
    )


def grid(
    table: Table, emotions: Sequence[str], values: np.ndarray, places: Places | None, top: Sequence[str], unlike: np.ndarray
) -> Grid | None:
    """The first rows of a table with their places; None for a single row, which bars show.

    Args:
        table: of the user.
        emotions: their names.
        values: (row, emotion).
        places: of the rows, if there is a map.
        top: of each row its strongest emotion.
        unlike: (row,) distance from the training part, in multiples of the usual one.
    """
    if len(table) == 1:
        return None
    deviations = [] if places is None else np.sqrt(np.trace(places.spread, axis1=1, axis2=2) / 2)
    rows = []
    for i in range(min(len(table), _SHOWN)):
        told = [table.named(i), top[i], f"{fixed(float(unlike[i]), 2)} ×", *(fixed(float(value), 2) for value in values[i])]
        if places is not None:
            told += [fixed(float(at), 2) for at in places.at[i]] + [f"±{fixed(float(deviations[i]), 2)}"]
        rows.append(tuple(told))
    left = f" The first {_SHOWN} of {len(table):,} rows." if len(table) > _SHOWN else ""
    place = "; x and y: its place on the map, ± its standard deviation over the networks of the map"
    kept = f"that {percent(USUAL)} of the validation part keep within, above 1 is far"
    return Grid(
        caption=f"Each row. Unlike: its distance from the training part, in multiples of the one {kept}; then its intensities"
        f"{place if places is not None else ''}.{left}",
        header=("", *_HEADER[is_plane(emotions)], *emotions, *(("x", "y", "±") if places is not None else ())),
        rows=tuple(rows),
        words=2,
    )
