"""Samples without content: every value the same, or nearly."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Lt

from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import count

NEEDS = ("facts", "samples", "labels", "origin", "sources")
_BATCH = 2048  # samples in memory at a time


def inspect(
    inputs: Inputs,
    *,
    nearly: Annotated[
        float, Ge(0), Lt(1), Doc("nearly constant: standard deviation below this share of the median one")
    ] = 0.05,
    examples: Annotated[int, Ge(0), Doc("samples to show")] = 10,
) -> Iterator[Finding]:
    """One finding a data set of samples; recordings have an audit of their channels."""
    for about, facts in inputs.all("facts"):
        if facts["modality"] != "image":
            continue
        samples, labels, origin, sources = (
            inputs.one(kind, dataset=about["dataset"]) for kind in ("samples", "labels", "origin", "sources")
        )
        deviation = _deviations(samples)
        low = np.flatnonzero((deviation == 0) | (deviation < nearly * np.median(deviation)))
        shown = low[np.argsort(deviation[low], kind="stable")][:examples]
        rows = [(str(sources[i]), facts["parts"][origin[i]], facts["classes"][labels[i]], f"{deviation[i]:.2g}") for i in shown]
        yield _finding(f"data set {about['dataset']}", deviation, len(low), rows)


def _deviations(samples: np.ndarray) -> np.ndarray:
    """Standard deviation of each sample's values (sample,); 0 exactly where they are all the same."""
    deviations = []
    for start in range(0, len(samples), _BATCH):
        batch = samples[start : start + _BATCH].reshape(len(samples[start : start + _BATCH]), -1)
        deviations.append(np.where(np.ptp(batch, axis=1) == 0, 0, batch.std(axis=1, dtype=np.float64)))
    return np.concatenate(deviations)


def _finding(about: str, deviation: np.ndarray, low: int, rows: Sequence[tuple[str, ...]]) -> Finding:
    constant = int((deviation == 0).sum())
    evidence = f"{count(constant)} of {count(len(deviation))} samples are constant, {count(low - constant)} more nearly so"
    if not low:
        return Finding(severity="ok", about=about, title="No sample is constant", evidence=evidence)
    return Finding(
        severity="warning" if constant else "notice",
        about=about,
        title="Some samples are constant" if constant else "Some samples are nearly constant",
        evidence=evidence,
        remedy="They are kept, so that scores compare with published ones: nothing can be recognised in them.",
        rows=(("sample", "part", "class", "standard deviation"), *rows) if rows else (),
    )
