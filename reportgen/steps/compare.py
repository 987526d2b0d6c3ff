"""Step: compare the experiments of one data set and split on the test samples that all of them answered."""

from typing import Any, Literal

import numpy as np

from reportgen.comparison import Answers, Samples, side_by_side
from reportgen.outputs import Inputs, Out
from reportgen.units import units_of


def run(
    inputs: Inputs,
    out: Out,
    _work: object,
    *,
    experiments: list[str],
    split: dict[str, Any],
    resamples: int,
    seed: int,
    unit: Literal["auto", "subject", "recording", "trial"] = "auto",
) -> None:
    """Write comparison from facts, labels, twins or rows, and of each experiment logits and test_samples, scores and model.

    Args:
        inputs: finished outputs.
        out: to write into.
        experiments: names, in the order of the study.
        split: `use` and `settings`, the same for all of them.
        resamples: of the bootstrap.
        seed: of the bootstrap and of the sign flips.
        unit: of recordings: what intervals and tests are over, see `units_of`.

    Raises:
        ValueError: the experiments have other test samples than each other.
    """
    test = _test_samples(inputs, experiments)
    labels = np.asarray(inputs.one("labels"))[test].astype(int)
    groups = units_of(inputs.one("rows"), unit)[1][test] if "rows" in inputs else np.asarray(inputs.one("twins"))[test]
    samples = Samples(labels=labels, groups=groups, classes=inputs.one("facts")["classes"])
    answers = [_answers(inputs, name, labels) for name in experiments]
    dataset = inputs.about("facts")[0]["dataset"]
    found = side_by_side(answers, samples, resamples=resamples, seed=seed)
    out.json("comparison", {"dataset": dataset, "split": split, **found})


def _test_samples(inputs: Inputs, experiments: list[str]) -> np.ndarray:
    """The samples (sample,) that every model of every experiment was tested on."""
    tested = [samples for name in experiments for _, samples in inputs.all("test_samples", experiment=name)]
    if not all(np.array_equal(samples, tested[0]) for samples in tested):
        raise ValueError("the experiments of a comparison have different test samples")
    return np.asarray(tested[0])


def _answers(inputs: Inputs, name: str, labels: np.ndarray) -> Answers:
    seeds = sorted((about["seed"] for about in inputs.about("logits", experiment=name)), key=int)
    logits = np.stack([inputs.one("logits", experiment=name, seed=seed) for seed in seeds])  # (seed, sample, class)
    scores = inputs.one("scores", experiment=name)
    _, model = next(inputs.all("model", experiment=name))  # its seeds differ in their weights only
    return Answers(
        name=name,
        model=model["id"],
        seeds=[int(seed) for seed in seeds],
        parameters=model["trainable"],
        accuracy=scores["views"]["all"]["metrics"]["accuracy"],
        validation=scores["validation"]["accuracy"]["mean"],
        right=logits.argmax(axis=-1) == labels,
    )
