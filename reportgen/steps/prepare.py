"""Step: make inputs of regressors out of modalities and transcripts, with what the training part says; see preparing.py."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reportgen.core import TRAIN
from reportgen.errors import StepError, UsageError
from reportgen.outputs import Inputs, Out
from reportgen.plugins import unknown
from reportgen.regression.preparing import TEXT, prepare
from reportgen.steps._rated import rated, rows_of, videos_of


def run(inputs: Inputs, out: Out, _work: object, *, modalities: list[str], text: dict[str, Any]) -> None:
    """Write prepared, preparation, preparation_arrays and vocabulary.

    Args:
        inputs: facts, intensities, segments and parts; modalities and transcripts as far as the data have them.
        out: for the outputs.
        modalities: names of those that are used, `text` for transcripts; empty: all.
        text: settings of `preparing.prepare`.

    Raises:
        UsageError: a modality is asked for that the data lack.
        StepError: no feature varies in the training part.
    """
    arrays, transcripts = _chosen(inputs, modalities)
    train = rows_of(inputs, TRAIN)
    learn = np.zeros(len(inputs.one("parts")), bool)
    learn[train] = True
    made = prepare(arrays, transcripts, learn, **text)
    if not made.arrays:
        raise StepError(
            "there is nothing to predict from: no feature varies in the training part, and transcripts have too few terms",
            "Give the data set modalities or transcripts, or lower `least` in the table `text` of the experiment.",
        )
    restricted = not inputs.one("facts")["redistribute"]
    np.savez_compressed(out.path("prepared", ".npz", restricted=restricted), **made.arrays)  # type: ignore[arg-type]
    np.savez_compressed(out.path("preparation_arrays", ".npz"), **made.learned)  # type: ignore[arg-type]
    out.json("vocabulary", list(made.vocabulary))
    counts = {"segments": len(train), "videos": len(np.unique(videos_of(inputs)[train]))}
    out.json("preparation", {**made.preparation, "trained": counts, "left_out": int((~rated(inputs)).sum())})


def _chosen(inputs: Inputs, wanted: Sequence[str]) -> tuple[Mapping[str, np.ndarray], Sequence[str] | None]:
    """The modalities that are used, and transcripts if these are."""
    arrays = dict(inputs.one("modalities")) if "modalities" in inputs else {}
    spoken = [str(text) for text in inputs.one("transcripts")] if "transcripts" in inputs else None
    text = TEXT if TEXT not in arrays else "transcript"
    known = [*arrays, *([text] if spoken else [])]
    for name in wanted:
        if name not in known:
            there = unknown("modality", name, known)
            raise UsageError(f"modalities: {there}", "Take it from the list, or use a data set that has it.")
    if not wanted:
        return arrays, spoken
    return {name: array for name, array in arrays.items() if name in wanted}, spoken if text in wanted else None
