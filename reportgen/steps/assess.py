"""Step: all models of an experiment that predicts intensities, beside baselines: errors, intervals, and which collapsed.

Writes kind `regression`, see regression/summary.py.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from reportgen.core import TEST, TRAIN, VALIDATION
from reportgen.outputs import Inputs, Out
from reportgen.regression.summary import Candidate, Part, Ratings, summary
from reportgen.steps._rated import rows_of, videos_of


def run(inputs: Inputs, out: Out, _work: object, *, resamples: int, seed: int) -> None:
    """Write regression.

    Args:
        inputs: facts, intensities, segments and parts; of each regressor and seed regressor and estimates.
        out: for the output.
        resamples: of videos.
        seed: of the draws.
    """
    facts = inputs.one("facts")
    parts = {name: _part(inputs, part) for name, part in (("train", TRAIN), ("validation", VALIDATION), ("test", TEST))}
    low, high = facts["scale"]
    ratings = Ratings(emotions=facts["classes"], scale=(low, high), whole=facts["whole"], **parts)
    abouts = inputs.about("regressor")
    models = [one for key in dict.fromkeys(about["regressor"] for about in abouts) for one in _models(inputs, key)]
    seeds = sorted({int(about["seed"]) for about in abouts})
    out.json("regression", summary(models, ratings, resamples=resamples, seed=seed, seeds=seeds))


def _part(inputs: Inputs, part: int) -> Part:
    rows = rows_of(inputs, part)
    return Part(values=np.asarray(inputs.one("intensities"))[rows], video=videos_of(inputs)[rows])


def _models(inputs: Inputs, key: str) -> Iterator[Candidate]:
    """The models of a regressor, one a set of modalities, with all of its seeds."""
    told = [one for _, one in inputs.all("regressor", regressor=key)]
    said: list[Mapping[str, Any]] = [found for _, found in inputs.all("estimates", regressor=key)]
    for name in told[0]["sets"]:
        yield Candidate(
            key=key,
            use=told[0]["use"],
            set=name,
            title=told[0]["title"],
            sort=told[0]["sort"],
            test=np.stack([one[f"{name}/test"] for one in said]),
            validation=np.stack([one[f"{name}/validation"] for one in said]),
        )
