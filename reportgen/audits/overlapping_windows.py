"""Windows of training and test that overlap in time, or lie next to each other."""

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Unit

from reportgen.audits._divided import Divided, divided, told_once
from reportgen.core import TEST, Finding
from reportgen.outputs import Inputs
from reportgen.words import count, percent

NEEDS = ("facts", "split", "parts", "rows")
_ROUNDING = 1e-6  # s: less than one sample of any amplifier, more than sums of fractions are off


def inspect(
    inputs: Inputs,
    *,
    near: Annotated[
        float, Ge(0), Unit("s"), Doc("a window less than its own length from another is next to it; at most this far")
    ] = 2.0,
) -> Iterator[Finding]:
    """One finding an experiment on recordings; one for several of which the same is to be said."""
    yield from told_once(_findings(inputs, near))


def _findings(inputs: Inputs, near: float) -> Iterator[Finding]:
    for one in divided(inputs):
        shape = one.parts.shape
        overlap, within, across = np.zeros(shape, bool), np.zeros(shape, bool), np.zeros(shape, bool)
        margin = np.minimum(one.rows["stop"] - one.rows["start"], near)
        recordings, trials = (_Times(one, name, margin) for name in ("recording", "trial"))
        for fold, (learnt, test) in enumerate(one.folds()):
            overlap[fold] = recordings.met(learnt, test, 0 * margin)
            within[fold] = trials.met(learnt, test, margin) & ~overlap[fold]
            across[fold] = recordings.met(learnt, test, margin) & ~overlap[fold] & ~within[fold]
        yield _finding(one, overlap, within, across)


class _Times:
    """When each sample begins and ends, on one axis of time on which recordings, or trials, lie far from each other."""

    def __init__(self, one: Divided, key: str, margin: np.ndarray) -> None:
        start, stop = one.rows["start"].astype(float), one.rows["stop"].astype(float)
        apart = stop.max() - start.min() + margin.max() + 1
        place = apart * np.unique(one.rows[key], return_inverse=True)[1] - start.min()
        self._start, self._stop = start + place, stop + place

    def met(self, learnt: np.ndarray, test: np.ndarray, margin: np.ndarray) -> np.ndarray:
        """Test samples that overlap with a learnt one, once they are longer by a margin (sample,) s on both sides.

        Among the learnt ones that begin before a test sample ends, the one that ends last must end after its beginning.
        """
        order = np.argsort(self._start[learnt])
        starts, stops = self._start[learnt][order], np.maximum.accumulate(self._stop[learnt][order])
        before = np.searchsorted(starts, self._stop[test] + margin[test] - _ROUNDING)
        latest = np.concatenate([[-np.inf], stops])[before]
        met = np.zeros(len(test), bool)
        met[test] = latest > self._start[test] - margin[test] + _ROUNDING
        return met


def _gapless(one: Divided) -> np.ndarray:
    """Samples (sample,) bool of recordings whose trials follow each other without a pause as long as a window."""
    start, stop = one.rows["start"], one.rows["stop"]
    _, first, trial = np.unique(one.rows["trial"], return_index=True, return_inverse=True)
    recording = np.unique(one.rows["recording"], return_inverse=True)[1]
    begin, end = np.full(len(first), np.inf), np.full(len(first), -np.inf)
    np.minimum.at(begin, trial, start)
    np.maximum.at(end, trial, stop)
    order = np.lexsort((begin, recording[first]))
    same = np.diff(recording[first][order]) == 0
    pause = begin[order][1:] - end[order][:-1] >= (stop - start).min() - _ROUNDING
    paused = recording[first][order][1:][same & pause]
    return ~np.isin(recording, paused)


def _finding(one: Divided, overlap: np.ndarray, within: np.ndarray, across: np.ndarray) -> Finding:
    """Of the test samples (fold, sample) that overlap with learnt ones, and that lie next to one of their trial or another."""
    about, n = f"experiment {one.name}", int((one.parts == TEST).sum())
    beside = within | across
    told = [(int(found.sum()), what) for found, what in ((overlap, "overlap with"), (beside, "lie next to"))]
    evidence = (
        "; ".join(f"{count(m)} of {count(n)} test windows ({percent(m / n)}) {what} a learned one" for m, what in told)
        + ", in the same recording"
    )
    if overlap.any():
        return Finding(
            severity="error",
            about=about,
            title="Windows of training and test overlap in time",
            evidence=evidence,
            remedy="Divide whole trials, or cut windows without overlap: what is tested was learned in part.",
        )
    if not beside.any():
        title = "No window of training and test overlaps with or touches another"
        return Finding(severity="ok", about=about, title=title, evidence=evidence)
    sure = (within | (across & ~_gapless(one))).any()
    doubt = "" if sure else "; trials follow each other without pauses, perhaps because these are not published"
    return Finding(
        severity="warning" if sure else "notice",
        about=about,
        title="Windows of training and test lie next to each other",
        evidence=evidence + doubt,
        remedy="Leave a pause between training and test, or test on other recordings: what drifts slowly is the same in both.",
    )
