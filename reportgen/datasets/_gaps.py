"""Gaps in time stamps, told from stamps that only arrive unevenly."""

from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from reportgen.datasets._runs import runs

PACKET = 12  # samples that the headband sends at once: undisturbed stamps may come in bursts of so many


def gapless(stamps: np.ndarray, rate: float) -> list[tuple[int, int]]:
    """Stretches of samples without a gap: [(first, one after the last)].

    A gap is an interval of more than 1.5 samples after which the stamps stay late: the median of a packet's stamps, less
    those of a regular clock, is later than that of the packet before by most of a sample and six times the usual.

    Args:
        stamps: (time,) s, not falling.
        rate: Hz, as the device is said to have.
    """
    intervals = np.diff(stamps)
    late = np.median(sliding_window_view(np.pad(stamps - np.arange(len(stamps)) / rate, PACKET, mode="edge"), PACKET), axis=-1)
    jump = (late[PACKET + 1 :] - late[1:-PACKET])[: len(intervals)]  # of the packet after each interval against that before
    usual = 1.4826 * np.median(np.abs(jump - np.median(jump)))
    stays = jump > 0.75 / rate + 6 * usual
    gap = (intervals > 1.5 / rate) & (stays | (intervals > 2 * PACKET / rate))
    edges = np.concatenate(([0], np.flatnonzero(gap) + 1, [len(stamps)]))
    return [(int(first), int(end)) for first, end in pairwise(edges)]


def without(stretches: list[tuple[int, int]], good: np.ndarray) -> list[tuple[int, int]]:
    """The stretches less the samples that are not good, (time,) bool."""
    return [(first + begin, first + end) for first, last in stretches for begin, end in runs(good[first:last])]


def off_line(stamps: np.ndarray) -> float:
    """How far stamps lie from a straight line through them at most, s."""
    place = np.arange(len(stamps))
    slope, start = np.polyfit(place, stamps - stamps[0], 1)
    return float(np.abs(stamps - stamps[0] - start - slope * place).max())
