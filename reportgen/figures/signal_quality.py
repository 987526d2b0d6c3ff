"""Which channels of which recordings are faulty: flat, clipped, missing, too weak or strong, with mains or muscle."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure as Picture
from matplotlib.image import AxesImage
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from reportgen.core import Figure
from reportgen.figures._recordings import in_order
from reportgen.figures._style import INK, QUIET, SMALL, TALLEST, fit, key, legend_below, new_figure
from reportgen.figures._words import counted, sentence
from reportgen.outputs import Inputs
from reportgen.quality import FAULTS, LIMITS, MEASURES, UNUSABLE, verdict
from reportgen.words import count, listing, percent

EACH = "dataset"
NEEDS = ("facts", "quality")

MARKS: Mapping[str, tuple[str, str]] = {  # of the faults that show in the matrix
    "missing": ("x", "missing"),
    "flat": ("s", "flat"),
    "saturated": ("^", "saturated"),
    "weak": ("o", "weak"),
    "strong": ("D", "strong"),
}
NOISES = tuple(name for name in FAULTS if name not in UNUSABLE)
TIES = 3  # channels that are named together
MARK = "#D55E00"
HALO = [withStroke(linewidth=1.6, foreground="white")]
NAMED = 62  # channels whose names can be read
SIDES: Mapping[str, str] = {"line": "mains, ratio", "muscle": "above 30 Hz, %"}
SCALES: Mapping[str, float] = {"line": 1, "muscle": 100}

Found = Mapping[str, Any]  # the output `quality`
Faults = Sequence[tuple[int, int, str]]  # channel, recording, key of FAULTS


def draw(inputs: Inputs) -> Figure:
    """Draw the amplitude of every channel in every recording, mark faults, and mains and muscle beside it."""
    found = _sorted(inputs.one("quality"))
    faults = [
        (found["channels"].index(channel), number, fault)
        for number, row in enumerate(found["recordings"])
        for channel, fault in verdict(row, found["channels"])
    ]
    return Figure(
        title=_title(found, faults),
        caption=_caption(inputs.one("facts"), found, faults),
        alt=_alt(found, faults),
        picture=_picture(found, faults),
        data=_table(found, faults),
        dense=True,
        width="narrow",
    )


def _sorted(found: Found) -> Found:
    """With recordings in the order of subjects and sessions."""
    rank = {column: in_order(row[column] for row in found["recordings"]) for column in ("subject", "session", "recording")}
    rows = sorted(found["recordings"], key=lambda row: [names.index(row[column]) for column, names in rank.items()])
    return {"channels": list(found["channels"]), "recordings": rows}


def _measure(found: Found, name: str) -> np.ndarray:
    """(channel, recording) float, NaN where it is not defined."""
    return np.array([row["measures"][name] for row in found["recordings"]], float).T


def _picture(found: Found, faults: Faults) -> Picture:
    n = len(found["channels"])
    picture = new_figure("narrow", min(1.45 + max(0.106 * n, 0.9), TALLEST))
    matrix, *sides = picture.subplots(1, 3, sharey=True, width_ratios=(1, 0.3, 0.3))
    worst = _worst(faults)
    image = _draw_matrix(matrix, found, worst)
    for ax, name in zip(sides, SIDES, strict=True):
        _draw_side(ax, SCALES[name] * _measure(found, name), name)
    shown = n if n <= NAMED + 4 else 0
    matrix.set_yticks(range(shown), [fit(name, 0.6, SMALL) for name in found["channels"][:shown]], fontsize=SMALL)
    matrix.set_ylim(n - 0.5, -0.5)
    bar = picture.colorbar(image, ax=matrix, location="top", shrink=0.9, aspect=40, pad=0.01)
    bar.set_label("amplitude in µV", fontsize=SMALL)
    bar.ax.tick_params(labelsize=SMALL, length=2)
    bar.outline.set_visible(False)
    _plain_logarithm(bar.ax.xaxis, 1, 2, 5)
    if seen := [
        key(marker, label, color=MARK, markersize=4.5) for name, (marker, label) in MARKS.items() if name in worst.values()
    ]:
        legend_below(picture, seen)
    return picture


def _worst(faults: Faults) -> dict[tuple[int, int], str]:
    """{(recording, channel): fault}: a cell has room for one mark."""
    worst: dict[tuple[int, int], str] = {}
    for channel, recording, fault in faults:
        worst.setdefault((recording, channel), fault)
    return worst


def _draw_matrix(ax: Axes, found: Found, worst: Mapping[tuple[int, int], str]) -> AxesImage:
    amplitude = _measure(found, "amplitude")
    usual = amplitude[amplitude > 0]
    low, high = np.quantile(usual, (0.01, 0.99)) if usual.size else (1.0, 2.0)
    colours = LogNorm(min(low, high / 2), high, clip=True)
    image = ax.imshow(np.maximum(amplitude, low / 10), aspect="auto", norm=colours, cmap="cividis", interpolation="none")
    recordings = amplitude.shape[1]
    size = float(np.clip(260 / max(recordings, 1), 2.2, 5))
    for name, (marker, _) in MARKS.items():
        at = np.array([place for place, fault in worst.items() if fault == name]).reshape(-1, 2)
        ax.plot(*at.T, marker, color=MARK, markersize=size, markeredgewidth=1.2 if marker == "x" else 0, path_effects=HALO)
    _name_subjects(ax, [row["subject"] for row in found["recordings"]])
    ax.set_xlim(-0.5, recordings - 0.5)
    ax.tick_params(axis="y", length=0)
    ax.spines[:].set_visible(False)
    return image


def _name_subjects(ax: Axes, subjects: Sequence[str]) -> None:
    """A tick in the middle of each subject's recordings, as many as there is room for, and lines between subjects."""
    starts = [i for i, who in enumerate(subjects) if i == 0 or subjects[i - 1] != who]
    middles = [(start + stop - 1) / 2 for start, stop in pairwise([*starts, len(subjects)])]
    every = max(1, round(len(starts) * max(len(name) for name in subjects) / 40))
    ax.set_xticks(middles[::every], [fit(subjects[i], 1.0, SMALL) for i in starts[::every]], fontsize=SMALL)
    if len(starts) < len(subjects):
        ax.vlines(np.array(starts[1:]) - 0.5, -0.5, ax.get_ylim()[0], color="white", linewidth=0.6)
    ax.tick_params(axis="x", length=0)
    ax.set_xlabel("recordings, by subject")


def _draw_side(ax: Axes, values: np.ndarray, name: str) -> None:
    """The median over recordings of (channel, recording), and from the lowest to the highest one."""
    known = np.flatnonzero(np.isfinite(values).any(axis=1))
    if not len(known):
        ax.text(
            0.5, 0.5, "not known:\nrate too low", transform=ax.transAxes, ha="center", va="center", fontsize=SMALL, color=QUIET
        )
        ax.set_xticks([])
    else:
        limit = SCALES[name] * LIMITS[name]
        low, middle, high = (np.array([np.nanquantile(values[i], q) for i in known]) for q in (0, 0.5, 1))
        loud = middle > limit
        ax.hlines(known, low, high, color=QUIET, linewidth=0.5)
        ax.plot(middle[~loud], known[~loud], "o", color=INK, markersize=2.4)
        ax.plot(middle[loud], known[loud], "o", color=MARK, markersize=2.8)
        ax.axvline(limit, color=QUIET, linewidth=0.8, dashes=(1, 1.5), zorder=1)
        _scale(ax, name, float(high.max()))
    ax.set_xlabel(SIDES[name], fontsize=SMALL)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelsize=SMALL)
    ax.spines["left"].set_visible(False)


def _scale(ax: Axes, name: str, most: float) -> None:
    if name == "line":
        ax.set_xscale("log")
        ax.set_xlim(0.3, max(30.0, 1.5 * most))
        _plain_logarithm(ax.xaxis, 1)
    else:
        ax.set_xlim(0, max(55.0, 1.05 * most))
        ax.set_xticks((0, 25, 50))


def _plain_logarithm(axis: Axis, *steps: float) -> None:
    """Ticks at these multiples of powers of ten, with numbers as people write them."""
    axis.set_major_locator(LogLocator(10, subs=steps))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _signals(faults: Faults, kinds: Sequence[str]) -> set[tuple[int, int]]:
    """Those (channel, recording) that have one of these faults."""
    return {(channel, recording) for channel, recording, fault in faults if fault in kinds}


def _title(found: Found, faults: Faults) -> str:
    bad = _signals(faults, UNUSABLE)
    told = _how_many(found, len(bad))
    if not bad:
        noisy = _signals(faults, NOISES)
        return f"{told}, but {percent(len(noisy) / _all(found))} of them {_noisy(faults)}" if noisy else told
    channels = Counter(found["channels"][channel] for channel, _ in sorted(bad))
    times = max(channels.values())
    worst = [name for name, n in channels.items() if n == times]
    if times == 1 or len(worst) == len(found["channels"]):
        return told
    names = listing(worst) if len(worst) <= TIES else f"{len(worst)} channels"
    each = f"{times} of {counted(len(found['recordings']), 'recording')}{' each' if len(worst) > 1 else ''}"
    return f"{told}, {names} most often ({each})"


def _all(found: Found) -> int:
    return len(found["channels"]) * len(found["recordings"])


def _how_many(found: Found, bad: int) -> str:
    """`4 signals of 72 are faulty`."""
    if not bad:
        return f"No signal of {count(_all(found))} is faulty"
    return f"{counted(bad, 'signal')} of {count(_all(found))} {'is' if bad == 1 else 'are'} faulty"


def _noisy(faults: Faults) -> str:
    """`have mains or muscle in them`."""
    there = {fault for _, _, fault in faults}
    return f"have strong {' or '.join(name for name, key in (('mains', 'line'), ('muscle', 'muscle')) if key in there)}"


def _caption(facts: Mapping[str, Any], found: Found, faults: Faults) -> str:
    there = [name for name in MARKS if name in {fault for _, _, fault in faults}]
    marks = f" Marks: {'; '.join(f'{MARKS[name][1]}: {FAULTS[name]}' for name in there)}." if there else ""
    beside = f"{MEASURES['line']}, and {MEASURES['muscle'].replace(' in [0, 1]', '')}"
    noisy = percent(len(_signals(faults, NOISES)) / _all(found))
    return (
        f"Colour: robust amplitude of each signal of {facts['title']}, a channel in a recording. One that is missing, flat, "
        f"saturated, weak or strong is called faulty.{marks} Right: {beside}. Dots are medians over recordings, lines reach "
        f"from the lowest to the highest. Beyond a dotted line a signal is called noisy, not faulty: {noisy} of all signals "
        "are. Nothing is repaired or left out because of this."
    )


def _alt(found: Found, faults: Faults) -> str:
    channels, recordings = counted(len(found["channels"]), "channel"), counted(len(found["recordings"]), "recording")
    told = [
        f"Matrix of the amplitudes of {channels} in {recordings}",
        _how_many(found, len(_signals(faults, UNUSABLE))),
        *_named(found, faults, UNUSABLE),
    ]
    if noisy := _signals(faults, NOISES):
        told += [f"Noisy are {count(len(noisy))} signals", *_named(found, faults, NOISES)]
    return f"{'. '.join(told)}."


def _named(found: Found, faults: Faults, kinds: Sequence[str]) -> list[str]:
    """A sentence for each of these faults: the channels that have it."""
    told = []
    for name in kinds:
        channels = Counter(found["channels"][channel] for channel, _, fault in faults if fault == name)
        if channels:
            worst = listing([f"{channel} in {counted(n, 'recording')}" for channel, n in channels.most_common(4)])
            more = f" and {len(channels) - 4} more" if len(channels) > 4 else ""
            told.append(sentence(f"{FAULTS[name]}: {worst}{more}"))
    return told


def _table(found: Found, faults: Faults) -> list[list[object]]:
    of: dict[tuple[int, int], list[str]] = {}
    for channel, recording, fault in faults:
        of.setdefault((channel, recording), []).append(fault)
    names = list(MEASURES)
    return [
        ["subject", "session", "recording", "channel", *names, "faults"],
        *(
            [row["subject"], row["session"], row["recording"], channel]
            + [row["measures"][name][i] for name in names]
            + [" ".join(of.get((i, number), []))]
            for number, row in enumerate(found["recordings"])
            for i, channel in enumerate(found["channels"])
        ),
    ]
