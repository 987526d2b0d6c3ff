"""Step: what networks that were trained on shuffled labels score, which must be chance; see steps/canary.py for the kind."""

import numpy as np

from reportgen.metrics import confusion
from reportgen.networks import predict
from reportgen.outputs import Inputs, Out
from reportgen.steps.canary import judged, shuffle
from reportgen.steps.evaluate import rebuilt
from reportgen.steps.fit import folds_of
from reportgen.work import Work


def run(inputs: Inputs, out: Out, work: Work, *, repeats: int, seed: int) -> None:
    """Write canary from facts, features, samples, labels, rows, parts, and model and weights of each fold and repeat.

    Args:
        inputs: of the experiment.
        out: for the output.
        work: hears how far it is.
        repeats: how often labels were shuffled.
        seed: of the shuffles, as in steps/train_shuffled.py.
    """
    folds, classes = folds_of(inputs), len(inputs.one("facts")["classes"])
    counts = np.zeros((repeats, len(folds), classes, classes))  # (repeat, fold, true class, named class)
    for repeat, number in np.ndindex(counts.shape[:2]):
        work.progress(repeat * len(folds) + number, repeats * len(folds), f"shuffle {repeat + 1}")
        model, standardise = rebuilt(inputs, fold=str(number), shuffle=str(repeat))
        fold = folds[number]
        said = predict(model, fold.x[fold.test], standardise, work.device).argmax(axis=1)
        counts[repeat, number] = confusion(fold.labels[fold.test], said, classes)
    moved = [shuffle(fold, np.random.default_rng([seed, 0, number])) for number, fold in enumerate(folds)]
    about = {"within_subject": all(one.within for one in moved), "kept": sum(one.kept for one in moved)}
    out.json("canary", {**judged(counts, folds, [one.within for one in moved]), **about})
