"""Models that say the same of every sample, or nearly."""

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from annotated_doc import Doc
from annotated_types import Gt, Le

from reportgen.audits._controls import is_guess
from reportgen.audits._divided import samples_about
from reportgen.audits._smoke import soften
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import count, fixed, listing, percent

NEEDS = ("facts", "labels", "logits", "test_samples", "history", "model")


def inspect(
    inputs: Inputs,
    *,
    share: Annotated[float, Gt(0), Le(1), Doc("nearly constant: share of the predictions that are for one class")] = 0.9,
) -> Iterator[Finding]:
    """One finding an experiment, about the seed whose predictions vary least; none of models that are meant to guess."""
    for name in dict.fromkeys(about["experiment"] for about in inputs.about("logits")):
        if is_guess(inputs, name):
            continue
        about = inputs.about("logits", experiment=name)[0]
        classes = inputs.one("facts", dataset=about["dataset"])["classes"]
        true = inputs.one("labels", **samples_about(about))[inputs.one("test_samples", experiment=name, seed=about["seed"])]
        said = {about["seed"]: logits.argmax(axis=1) for about, logits in inputs.all("logits", experiment=name)}
        worst = max(said, key=lambda seed: _most(said[seed])[1])
        smoke = any(history["smoke"] for _, history in inputs.all("history", experiment=name))
        yield soften(_finding(f"experiment {name}", worst, said[worst], true, classes, share), smoke)


def _most(values: np.ndarray) -> tuple[int, float]:
    """The most frequent value and its share."""
    counts = np.bincount(values)
    return int(counts.argmax()), float(counts.max() / counts.sum())


def _entropy(values: np.ndarray, classes: int) -> float:
    """Shannon entropy of the frequencies of values, in bits."""
    shares = np.bincount(values, minlength=classes) / len(values)
    return float((shares[shares > 0] * np.log2(1 / shares[shares > 0])).sum())


def _finding(about: str, seed: str, said: np.ndarray, true: np.ndarray, classes: list[str], limit: float) -> Finding:
    favourite, share = _most(said)
    of_labels = float((true == favourite).mean())
    never = [name for index, name in enumerate(classes) if index not in said]
    bits = [fixed(_entropy(values, len(classes)), 2) for values in (said, true)]
    evidence = (
        f"seed {seed}: {percent(share)} of {count(len(said))} predictions are {classes[favourite]}, {percent(of_labels)} of the"
        f" labels are; entropy {bits[0]} bits, of the labels {bits[1]}"
        + (f"; never predicted: {listing(never)}" if never else "")
    )
    constant = share == 1
    if not constant and (share < limit or share <= of_labels):
        return Finding(severity="ok", about=about, title="The predictions vary", evidence=evidence)
    artefact = percent((len(classes) - 1) / len(classes))
    return Finding(
        severity="error" if constant else "warning",
        about=about,
        title="Every prediction is the same" if constant else "Nearly all predictions are the same",
        evidence=evidence,
        remedy="Look at the learning rate, the loss and the order of the training samples. Beware of binary accuracy: with"
        f" {len(classes)} classes, outputs that all stay below one half reach {artefact} of it, (C − 1) / C, knowing nothing.",
    )
