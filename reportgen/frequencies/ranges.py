"""Ranges of frequencies in which effects speak for a class, from the data and not from official bands.

A test over units (Maris and Oostenveld 2007, J. Neurosci. Methods 164, 177): were there no effect, then the sign of a unit's
curve would be a coin's. Neighbouring windows whose one-sided t is above its 95 % quantile are a cluster; p is the share
of sign flips, all of them for up to thirteen units, whose largest sum of t in a cluster is as large. Only effects for
the class count. Classes are corrected after Holm: the best cluster of each class is; others in it count times the number of
classes. A cluster says that there is an effect and not where it ends, so that a range is what follows.

MNE has the same test, but in 1.13 its one-sided one of all flips counts the true signs twice, unless rounding hides one, and
their opposite never: p of six units may not fall below 2/64, which three classes cannot pass.

**Range**: windows of a significant cluster whose mean effect is at least a quarter of its largest one; parts that lie nearer
than a window is wide are one, others several ranges of the same p. Edges are where the mean crosses that quarter, by straight
lines between the centres of windows. People differ in where their bands lie, so that the mean falls off before the limits of
what all of them share out. In simulated EEG with bands of 8 Hz (seed 0, two networks, three views), ranges at half of the
largest effect covered 0.53 to 0.80 of the band (intersection over union), at a third 0.66 to 0.95, at a quarter 0.73 to 0.94:
hence a quarter. A band with sharp limits, the same in everybody, gets a range that is a quarter of a window too wide on both
sides. A range ends half a step beyond its cluster where the effect goes on without being clear, and at the outer
edge of the first or last window of all where it reaches that.

**Peak**: the mean frequency of the part around the largest effect that is above its half, weighted by how far it is above. The
largest of many windows jumps about on a plateau: with eight noisy simulated units and a flat band of 8 Hz it missed
the middle by 2 Hz, this by 0.3.

Bands as a whole cannot be cut: each is tested alone, with the largest t of all bands in each sign flip, and a range is a band,
its peak the centre.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.stats import t as student

from reportgen.bootstrap import MIN_GROUPS, interval, resample
from reportgen.comparison import holm
from reportgen.frequencies.effect import Grid

LEVEL = 0.05
_EXACT = 13  # units up to which all sign flips are tried
_FLIPS = 2**_EXACT  # of more units
_RESAMPLES = 2000
_PART = 1 / 4  # of the largest effect, see above
_SAME = 1e-9  # sums in another order differ in their last digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Where effects speak for a class."""

    low: float  # Hz
    high: float
    peak: float
    peak_low: float | None  # 95 % over units; None of a band as a whole
    peak_high: float | None
    effect: float  # the largest mean effect in it
    p: float  # corrected for windows and classes


@dataclass(frozen=True, slots=True)
class _Cluster:
    windows: np.ndarray  # (window,) int, rising
    p: float  # corrected for windows


def testable(units: int, classes: int) -> bool:
    """Are there enough units for a claim: six, and so many that p can be small after Holm?"""
    return units >= MIN_GROUPS and classes / 2**units < LEVEL


def complete(values: np.ndarray) -> np.ndarray:
    """The units of (unit, …) without NaN: those that have trials of the class. What is NaN in all of them stays so."""
    known = np.isfinite(values)
    whole = (known | ~known.any(axis=0)).reshape(len(values), -1).all(axis=1) & known.reshape(len(values), -1).any(axis=1)
    return np.asarray(values[whole], float)


def over_units(values: np.ndarray) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Mean and limits of the 95 % interval of Student's t over units without NaN, no limits with fewer than six of them.

    Args:
        values: (unit, …).

    Returns:
        Three arrays (…), the first NaN where there is no unit.
    """
    known = complete(values)
    if not len(known):
        return np.full(values.shape[1:], np.nan), None, None
    mean = known.mean(axis=0)
    if len(known) < MIN_GROUPS:
        return mean, None, None
    reach = student.ppf(0.975, len(known) - 1) * known.std(axis=0, ddof=1) / np.sqrt(len(known))
    return mean, mean - reach, mean + reach


def peaks(curves: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Frequency in Hz of the largest effect of each curve (row, window), see above; (row,)."""
    place = np.arange(len(centres))
    top = curves.argmax(axis=1)[:, None]
    half = curves.max(axis=1)[:, None] / 2
    last_before = np.where((curves < half) & (place < top), place, -1).max(axis=1)[:, None]
    first_after = np.where((curves < half) & (place > top), place, len(place)).min(axis=1)[:, None]
    above = np.where((place > last_before) & (place < first_after), curves - half, 0.0)
    total = above.sum(axis=1)
    rises = total > 0
    return np.asarray(np.where(rises, above @ centres / np.where(rises, total, 1.0), centres[top[:, 0]]))


def peak_of(curve: np.ndarray, grid: Grid) -> float | None:
    """Hz of the largest mean effect of (unit, window), whether it is clear or not; None without units."""
    mean = over_units(curve)[0]
    if not np.isfinite(mean).any():
        return None
    mean = np.where(np.isfinite(mean), mean, np.nanmin(mean))
    return float(peaks(mean[None], grid.centres)[0] if grid.fine else grid.centres[mean.argmax()])


def ranges_of(curves: np.ndarray, grid: Grid, *, seed: int) -> list[list[Range]]:
    """Of each class its ranges, strongest first; none where a class has too few units.

    Args:
        curves: (unit, class, window), NaN where a unit does not have the class.
        grid: of the windows.
        seed: of sign flips, where not all are tried, and of resamples.
    """
    classes = curves.shape[1]
    known = [np.nan_to_num(complete(curves[:, i])) for i in range(classes)]  # a window without any value has no effect
    found = [_clusters(curve, grid.fine, seed) if testable(len(curve), classes) else [] for curve in known]
    return [
        sorted((one for cluster in clear for one in _ranges(curve, cluster, grid, seed)), key=lambda one: -one.effect)
        for curve, clear in zip(known, _clear(found), strict=True)
    ]


def _clear(found: Sequence[Sequence[_Cluster]]) -> list[list[_Cluster]]:
    """Those of each class that are significant among all classes, with corrected p."""
    best = [min((cluster.p for cluster in clusters), default=1.0) for clusters in found]
    clear = []
    for clusters, smallest, corrected in zip(found, best, holm(best), strict=True):
        p = [corrected if cluster.p == smallest else min(1.0, len(found) * cluster.p) for cluster in clusters]
        clear.append([_Cluster(one.windows, q) for one, q in zip(clusters, p, strict=True) if q < LEVEL])
    return clear


def _clusters(curve: np.ndarray, chained: bool, seed: int) -> list[_Cluster]:
    """Clusters of (unit, window), or single windows where they are not `chained`.

    Windows that are the same in all units do not show how they vary, and are left out.
    """
    varies = curve.std(axis=0) > _SAME * np.abs(curve).max()
    excess = _above(curve, varies, _signs(len(curve), seed))  # the first flip is none
    windows = np.flatnonzero(excess[0])
    if not len(windows):
        return []
    clusters = np.split(windows, np.flatnonzero(np.diff(windows) > (1 if chained else 0)) + 1)
    largest = _largest(excess) if chained else excess.max(axis=1)
    # equal sums count, whatever their last digits: a unit without any effect has no sign
    return [_Cluster(own, float(np.mean(largest >= excess[0, own].sum() * (1 - _SAME)))) for own in clusters]


def _signs(units: int, seed: int) -> np.ndarray:
    """(flip, unit) ±1: all that there are or many by lot, the true ones first."""
    if units <= _EXACT:
        return np.asarray(1.0 - 2 * (np.arange(2**units)[:, None] >> np.arange(units) & 1))
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], (_FLIPS, units))
    signs[0] = 1
    return np.asarray(signs)


def _above(curve: np.ndarray, varies: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """(flip, window): one-sample t of the flipped units, 0 unless it is above its 95 % quantile."""
    units = len(curve)
    mean = signs @ curve / units
    variance = np.maximum((curve**2).mean(axis=0) - mean**2, 0.0)  # a flip changes no square
    error = np.sqrt(variance / (units - 1))
    t = np.divide(mean, error, out=np.zeros_like(mean), where=varies & (error > 0))
    return np.where(t > student.ppf(1 - LEVEL, units - 1), t, 0.0)


def _largest(excess: np.ndarray) -> np.ndarray:
    """Largest sum of neighbours that are not 0, of each row (flip, window)."""
    total = excess.cumsum(axis=1)
    before = np.maximum.accumulate(np.where(excess > 0, 0.0, total), axis=1)
    return np.asarray((total - before).max(axis=1))


def _ranges(curve: np.ndarray, cluster: _Cluster, grid: Grid, seed: int) -> list[Range]:
    """Of a cluster of (unit, window)."""
    mean = curve.mean(axis=0)
    if not grid.fine:
        at = cluster.windows[0]
        low, high = map(float, grid.edges[at])
        centre, effect = float(grid.centres[at]), float(mean[at])
        return [Range(low=low, high=high, peak=centre, peak_low=None, peak_high=None, effect=effect, p=cluster.p)]
    floor = float(mean[cluster.windows].max()) * _PART
    parts = _parts(cluster.windows[mean[cluster.windows] >= floor], grid)
    cuts = [(a[-1] + b[0]) / 2 for a, b in pairwise(parts)]
    around = np.split(cluster.windows, np.searchsorted(cluster.windows, cuts))
    return [_range(curve, part, near, floor, cluster.p, grid, seed) for part, near in zip(parts, around, strict=True)]


def _parts(windows: np.ndarray, grid: Grid) -> list[np.ndarray]:
    """Windows that lie together: nearer than they are wide."""
    apart = max(float(np.ptp(grid.edges[0])), float(np.diff(grid.centres[:2]).sum()))
    return np.split(windows, np.flatnonzero(np.diff(grid.centres[windows]) > apart + _SAME) + 1)


def _range(curve: np.ndarray, part: np.ndarray, near: np.ndarray, floor: float, p: float, grid: Grid, seed: int) -> Range:
    """A range from its windows `part`; `near` are those of its cluster that belong to no other range."""
    mean, centres = curve.mean(axis=0), grid.centres[near]
    low, high = (_edge(mean, int(end), step, floor, grid) for end, step in ((part[0], -1), (part[-1], 1)))
    peak = float(np.clip(peaks(mean[None, near], centres)[0], low, high))
    drawn = resample(curve[:, near], lambda sums: {"peak": peaks(sums, centres)}, resamples=_RESAMPLES, seed=seed)
    limits = interval(drawn, "peak")
    return Range(
        low=low,
        high=high,
        peak=peak,
        peak_low=None if limits[0] is None else min(limits[0], peak),
        peak_high=None if limits[1] is None else max(limits[1], peak),
        effect=float(mean[part].max()),
        p=p,
    )


def _edge(mean: np.ndarray, end: int, step: int, floor: float, grid: Grid) -> float:
    """Hz where a range ends whose last window is `end`, on the side of `step`."""
    beyond = end + step
    if not 0 <= beyond < len(mean):
        return float(grid.edges[end, (step + 1) // 2])
    goes_on = mean[beyond] >= floor  # the cluster ends, the effect does not
    way = 0.5 if goes_on else (mean[end] - floor) / (mean[end] - mean[beyond])
    return float(grid.centres[end] + (grid.centres[beyond] - grid.centres[end]) * way)
