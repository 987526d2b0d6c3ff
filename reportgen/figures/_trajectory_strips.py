"""Strips under a way through the emotion space: what happens at the same time, over seconds."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from reportgen.figures._comet import colours
from reportgen.figures._emotion_space import called, is_plane, look_of
from reportgen.figures._style import QUIET, SMALL, fit
from reportgen.figures._trajectories import DASHES, Journey, Video
from reportgen.words import NO_BREAK

VALENCE_AROUSAL: Sequence[Any] = (DASHES["solid"], DASHES["dash"])
"""Dashes of both."""
APART = "#8FA3B5"
HALO = [withStroke(linewidth=1.8, foreground="white")]


def draw_strip(ax: Axes, own: Journey, video: Video, *, first: bool) -> None:
    """What happens at the same time: how far modalities are apart, or how strong each emotion was rated."""
    if own.agreement:
        _draw_apart(ax, own, video)
        label = "apart"
    elif is_plane(own.map):
        _draw_lines(ax, own, video)
        label = "rating"
    else:
        _draw_rows(ax, own, video, first=first)
        label = ""
    ax.set_xlim(*_span(video))
    ax.tick_params(axis="x", bottom=False, labelbottom=False)
    ax.tick_params(axis="y", labelsize=SMALL, pad=1.5, labelleft=first)  # all strips have the same scale
    if first and label:
        ax.set_ylabel(label, fontsize=SMALL + 0.5, labelpad=2)


def _span(video: Video) -> tuple[float, float]:
    return float(video.start.min()), float(video.stop.max())


def _draw_apart(ax: Axes, own: Journey, video: Video) -> None:
    every = np.concatenate([one.apart for one in own.videos if one.apart is not None] + [[video.chance]])
    top = 1.15 * float(np.nanmax(every)) or 1.0
    if np.isfinite(video.chance):
        ax.axhline(video.chance, color=QUIET, linewidth=0.8, linestyle=(0, (3, 2)))
        how: dict[str, Any] = {"ha": "right", "va": "bottom", "fontsize": SMALL, "color": QUIET, "path_effects": HALO}
        ax.annotate("chance", (1, video.chance), (0, 1), ax.get_yaxis_transform(), "offset points", zorder=3, **how)
    if video.apart is not None:
        how = {"align": "edge", "color": APART, "edgecolor": "white", "linewidth": 0.4}
        ax.bar(video.start, video.apart, video.stop - video.start, **how)
    ax.set_ylim(0, top)
    ax.yaxis.set_major_locator(MaxNLocator(2))


def _draw_lines(ax: Axes, own: Journey, video: Video) -> None:
    """Valence and arousal over time."""
    middle = (video.start + video.stop) / 2
    for name, values, dash in zip(own.emotions, video.truth.intensities.T, VALENCE_AROUSAL, strict=True):
        ax.plot(middle, values, color=look_of(name).colour, linestyle=dash, linewidth=1.3)
    rated = np.concatenate([one.truth.intensities for one in own.videos])
    room = 0.08 * float(np.ptp(rated)) or 0.1
    ax.set_ylim(float(rated.min()) - room, float(rated.max()) + room)
    ax.yaxis.set_major_locator(MaxNLocator(3))


def _draw_rows(ax: Axes, own: Journey, video: Video, *, first: bool) -> None:
    """A row for each emotion: the darker, the stronger."""
    low, high = own.scale
    for row, values in enumerate(video.truth.intensities.T):
        shades = colormaps["Greys"](np.clip((values - low) / (high - low), 0, 1))
        ax.bar(video.start, 0.9, video.stop - video.start, row - 0.45, align="edge", color=shades, linewidth=0)
    ax.set_ylim(len(own.emotions) - 0.5, -0.5)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    names = [fit(called(name), 0.65, SMALL) for name in own.emotions] if first else []
    ax.set_yticks(range(len(names)), names)


def draw_band(ax: Axes, video: Video) -> None:
    """Time in the colours of the comet."""
    ax.bar(video.start, 1, video.stop - video.start, align="edge", color=colours(video.time), linewidth=0)
    ax.set(xlim=_span(video), ylim=(0, 1), yticks=[])
    ax.spines[:].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(4, prune="upper", steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(StrMethodFormatter(f"{{x:g}}{NO_BREAK}s"))
    ax.tick_params(axis="x", labelsize=SMALL, pad=1.5)
