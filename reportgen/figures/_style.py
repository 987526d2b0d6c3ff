"""One drawing style for all figures: sizes, class colours and markers, and the pieces that several figures share.

Colours after Okabe and Ito (2008), always with a second cue (marker, dash, label) for readers who see them alike.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from math import cos, pi, sin
from typing import Any, Literal

import numpy as np
from matplotlib import colormaps, style
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, to_hex
from matplotlib.figure import Figure as Picture
from matplotlib.lines import Line2D

from reportgen.emotions import AFFECT, plain

Width = Literal["column", "narrow"]

INK, QUIET = "#222222", "#6A6A6A"
TRAINING, VALIDATION = "#8C8C8C", "#0072B2"
POSITIVE, NEGATIVE = "#D98600", "#0072B2"  # attribution for and against a class
WIDTHS: Mapping[Width, float] = {"column": 6.3, "narrow": 4.6}  # inches
TALLEST = 7.5  # inches: a figure, its tag and its caption fit on one A4 page
SMALL = 7.0  # points: the smallest text

_RC: dict[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same on every machine
    "font.size": 8.0,
    "text.color": INK,
    "text.parse_math": False,  # a dollar in a class name is a dollar
    "axes.labelsize": 8.0,
    "axes.labelcolor": INK,
    "axes.titlesize": 8.0,
    "axes.titlelocation": "left",
    "axes.edgecolor": QUIET,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "lines.linewidth": 1.2,
    "lines.markersize": 4.5,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.6,
    "hatch.linewidth": 0.5,
    "image.cmap": "cividis",
    "figure.facecolor": "white",  # the light plate that also reads on the dark scheme
    "savefig.facecolor": "white",
    "svg.fonttype": "path",  # text as outlines: the same picture without the font
}

_KNOWN: Mapping[str, tuple[str, str]] = {
    "happy": ("#E69F00", "o"),
    "sad": ("#0072B2", "v"),
    "angry": ("#D55E00", "^"),
    "fear": ("#CC79A7", "D"),
    "disgust": ("#009E73", "s"),
    "surprise": ("#56B4E9", "P"),
    "neutral": ("#7F7F7F", "X"),
    "positive": ("#E69F00", "o"),
    "negative": ("#0072B2", "v"),
}
_FAMILIES: Sequence[Mapping[str, str]] = (
    {
        "amazement": "P",
        "solemnity": "s",
        "tenderness": "h",
        "nostalgia": "<",
        "calmness": "D",
        "power": "^",
        "joyful_activation": "o",
        "tension": "*",
        "sad": "v",
    },
    {"pvha": "o", "nvha": "^", "nvla": "v", "pvla": "s"},
    {"valence": "D", "arousal": "*"},
)
"""Markers of label sets whose hues follow from where their emotions lie; sadness keeps its own, and its hue free."""
_PLEASANT = 40 / 360  # a turn: hue of pure valence, so that happiness comes near its orange and sadness near its blue
_LETTER = 0.61  # em: mean width of a lower-case letter of DejaVu Sans
_MARKERS = "ov^Ds<>pPX*h"


@contextmanager
def drawing_style(salt: str = "reportgen") -> Iterator[None]:
    """Draw and save in the report's style, whatever the reader's matplotlibrc says; `salt` makes SVG ids reproducible."""
    with style.context({**_RC, "svg.hashsalt": salt}, after_reset=True):
        yield


@dataclass(frozen=True, slots=True)
class Look:
    """How a class is drawn in every figure."""

    colour: str
    marker: str


def looks(classes: Sequence[str]) -> list[Look]:
    """Colour and marker of each class: fixed ones for known emotions by any of their names, else hues of equal lightness."""
    known = _known_looks()
    unknown = [name for name in classes if plain(name) not in known]
    free = {name: Look(_hue(i / len(unknown)), _MARKERS[i % len(_MARKERS)]) for i, name in enumerate(unknown)}
    return [free.get(name) or known[plain(name)] for name in classes]


@cache
def _known_looks() -> dict[str, Look]:
    """{plain name: look}: as written above, or by the angle in the plane of valence and arousal.

    Emotions of music lie close together there: hues of one label set are pushed apart, and their order stays.
    """
    fixed = {plain(name): Look(*look) for name, look in _KNOWN.items()}
    found: dict[str, Look] = {}
    for family in _FAMILIES:
        angles = np.array([np.arctan2(*AFFECT[name][::-1]) for name in family]) / (2 * pi)
        turns = _apart(angles + _PLEASANT, 0.75 / len(family))
        found |= {name: Look(_hue(turn), marker) for (name, marker), turn in zip(family.items(), turns, strict=True)}
    return found | fixed


def _apart(turns: np.ndarray, gap: float) -> list[float]:
    """Angles as shares of a turn, pushed apart until neighbours differ by `gap`."""
    order = np.argsort(turns)
    found = turns[order]
    for _ in range(300):
        push = np.maximum(gap - np.diff(found, append=found[0] + 1), 0) / 2
        found = found - push + np.roll(push, 1)
    return [float(turn) for turn in found[np.argsort(order)]]


def _hue(turn: float) -> str:
    """A colour of lightness 0.65 and chroma 0.12 in Oklab (Ottosson 2020), `turn` in [0, 1)."""
    lab = 0.65, 0.12 * cos(2 * pi * turn), 0.12 * sin(2 * pi * turn)
    to_cones = np.array([[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728], [1, -0.0894841775, -1.2914855480]])
    to_rgb = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.7076147010],
        ]
    )
    linear = np.clip(to_rgb @ (to_cones @ lab) ** 3, 0, 1)
    return to_hex(tuple(np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)))


def paper_cividis() -> ListedColormap:
    """Cividis for tables on paper: zero is white, then from yellow to dark blue, so that much costs more ink than little."""
    colours = colormaps["cividis_r"](np.linspace(0, 1, 256))  # (level, rgba)
    fade = np.clip(np.linspace(0, 1, 256) / 0.25, 0, 1)[:, None]
    return ListedColormap(fade * colours + (1 - fade))


def new_figure(width: Width, height: float) -> Picture:
    """An empty picture of the report's width, `height` in inches, that lays itself out."""
    return Picture(figsize=(WIDTHS[width], min(height, TALLEST)), layout="constrained")


def nothing(text: str) -> Picture:
    """A narrow picture that says why there is nothing to draw."""
    picture = new_figure("narrow", 0.6)
    picture.text(0.5, 0.5, text, ha="center", va="center", color=QUIET)
    return picture


def label_width(names: Sequence[str], points: float = 8.0) -> float:
    """Inches that row labels need, with their gap to what stands right of them."""
    return 0.1 + max(map(len, names)) * points * _LETTER / 72


def fit(text: str, inches: float, points: float = 8.0) -> str:
    """The text, or its beginning if it is too long."""
    room = max(round(inches * 72 / (points * _LETTER)), 2)
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"


def rows_of(ax: Axes, labels: Sequence[str]) -> None:
    """Name the rows of a chart, first one on top, and leave out the axis beside the names."""
    ax.set_yticks(range(len(labels)), [fit(label, 1.8) for label in labels])
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def range_line(ax: Axes, row: float, low: float | None, high: float | None, colour: str, width: float = 1.3) -> None:
    """Draw a horizontal interval if there is one."""
    if low is not None and high is not None:
        ax.plot([low, high], [row, row], color=colour, linewidth=width, solid_capstyle="butt", zorder=2)


def beside(
    ax: Axes, row: float, text: str, *, gap: float = 6, lift: float = 0, colour: str = QUIET, size: float = SMALL
) -> None:
    """Write beside the chart, right of it or, with a negative `gap` (points), left of it."""
    side = "left" if gap > 0 else "right"
    at = ax.get_yaxis_transform()  # x counts widths of the chart, y its rows
    ax.annotate(
        text, (float(gap > 0), row), (gap, lift), at, "offset points", ha=side, va="center", color=colour, fontsize=size
    )


def key(marker: str, label: str, **how: Any) -> Line2D:
    """One entry of a legend."""
    return Line2D([], [], **({"linestyle": "none", "marker": marker, "color": INK, "label": label} | how))


def legend_below(picture: Picture, handles: Sequence[Line2D]) -> None:
    """A legend in one line under everything: for what cannot be labelled where it stands."""
    picture.legend(
        handles=list(handles),
        loc="outside lower center",
        ncols=len(handles),
        columnspacing=1.6,
        handletextpad=0.5,
        handlelength=1.4,
        borderaxespad=0.2,
    )
