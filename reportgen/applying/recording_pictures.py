"""Pictures of a recording: a stretch of its signals, its classes over time, and what its windows are told by."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from reportgen.applying.answers import Drawn
from reportgen.applying.drawing import embedded
from reportgen.applying.recording_files import Taken
from reportgen.features._grids import places
from reportgen.figures._layout import along_words, colour_bar, layout, name_columns, panel, scale
from reportgen.figures._style import INK, SMALL, drawing_style, looks, new_figure
from reportgen.figures._traces import scale_bars, step_of, traces
from reportgen.outputs import Inputs
from reportgen.words import duration, listing, percent

_CHANNELS, _SECONDS = 6, 10.0  # of the signals that are drawn
_LINES = 5  # classes whose names are written beside their lines


def over_time(signal: Taken, spans: np.ndarray, probabilities: np.ndarray, classes: Sequence[str]) -> Drawn:
    """Some signals, and below them the confidence in each class, window by window.

    Args:
        signal: of the recording.
        spans: (window, 2) s.
        probabilities: (window, class).
        classes: their names.
    """
    first = signal.pieces[0]
    chosen = np.unique(np.linspace(0, len(first.channels) - 1, _CHANNELS).astype(int)).tolist()
    x = first.x[chosen, : round(_SECONDS * first.rate)]
    seconds = x.shape[1] / first.rate
    named = [first.channels[i] for i in chosen]
    with drawing_style():
        picture = new_figure("column", 4.0)
        above, below = picture.subplots(2, 1, height_ratios=[1.1, 1])
        step = step_of([x])
        traces(above, x, seconds, step, color=INK)
        above.set_yticks([-i * step for i in range(len(named))], named, fontsize=SMALL)
        scale_bars(above, seconds, step, "µV", len(named))
        _lines(below, spans, probabilities, classes)
        most = probabilities.argmax(axis=1)
        shares = {classes[i]: float((most == i).mean()) for i in np.unique(most).tolist()}
        told = listing([f"{percent(share)} {name}" for name, share in sorted(shares.items(), key=lambda item: -item[1])])
        return embedded(
            picture,
            dense=len(spans) > 2000,
            alt=f"Of {len(spans)} windows the likeliest class is in {told}.",
            caption=f"Above: {len(named)} of {len(first.channels)} channels, the first {duration(seconds)}. Below: confidence"
            " in each class, window by window, mean over the networks. Windows that follow each other are alike: many of them"
            " are no more evidence than a few.",
        )


def _lines(ax: Axes, spans: np.ndarray, probabilities: np.ndarray, classes: Sequence[str]) -> None:
    """A line for each class, with its marker where windows are few, and its name at its end."""
    at = spans.mean(axis=1)
    few = len(at) <= 40
    for look, name, line in zip(looks(classes), classes, probabilities.T, strict=True):
        ax.plot(at, line, color=look.colour, marker=look.marker if few else "", markersize=3.5, label=name)
    ax.set(ylim=(0, 1), xlim=(float(spans[0, 0]), float(spans[-1, 1])), xlabel="time in s", ylabel="confidence")
    ax.axhline(1 / len(classes), color="#B0B0B0", linewidth=0.7, linestyle=":")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.2), ncols=min(len(classes), _LINES), handlelength=1.6, fontsize=SMALL)


def relevance(inputs: Inputs, values: np.ndarray, name: str) -> Drawn | None:
    """Relevance of a class (… as a sample) as a matrix of places and columns; None where its axes have no such form.

    Args:
        inputs: facts, features and rows.
        values: size of the gradient, not below zero.
        name: of the class.
    """
    features = inputs.one("features")
    axes = tuple(features["axes"][1:])
    grid = next((feature["settings"]["grid"] for feature in features["chain"] if feature["use"] == "topographic_grid"), None)
    if not {"frequency", "time", "band"} & set(axes):
        return None
    own = layout(inputs, axes, _cells(grid, features["channels"]) if grid else None)
    matrix = own.matrix(values)
    with drawing_style():
        height = float(np.clip(0.09 * len(matrix) + 1.0, 1.8, 5.5))
        picture = new_figure("column", height)
        ax = picture.subplots()
        colours = scale(matrix)
        panel(ax, matrix, own, colours, height - 1.0)
        name_columns(ax, own)
        ax.set_xlabel(along_words(own))
        colour_bar(picture, colours, ax, matrix, "size of the gradient, per SD")
        place, column = np.unravel_index(int(matrix.argmax()), matrix.shape)
        where = f"at {own.places[place]} " if own.places[place] else ""
        return embedded(
            picture,
            dense=True,
            alt=f"For {name} the largest gradient lies {where}{own.region(int(column))}.",
            caption=f"Which numbers of a window move the answer {name} most when they change a little: size of the gradient of"
            " the first network, mean over windows. It says what a small change does, not what the network has used, and"
            " nothing about the brain.",
        )


def _cells(grid: Any, channels: Sequence[str]) -> list[list[int]]:
    """Row and column of each channel on a grid."""
    found: list[list[int]] = np.stack(places(grid, channels), axis=1).tolist()
    return found
