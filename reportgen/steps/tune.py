"""Step: search for settings on the training and the validation part; the test part is not even handed in."""

from typing import Any

import numpy as np

from reportgen.core import PARTS, Spec
from reportgen.outputs import Inputs, Out
from reportgen.training import Data
from reportgen.tuning.hyperband import search
from reportgen.tuning.task import Task
from reportgen.work import Work


def run(
    inputs: Inputs,
    out: Out,
    work: Work,
    *,
    model: dict[str, Any],
    train: dict[str, Any],
    tune: dict[str, Any],
    seed: int,
) -> None:
    """Write trials, tuned and ranked_samples. An interrupted search goes on from its journal in the work folder."""
    facts, parts = inputs.one("facts"), inputs.one("parts")
    task = Task(
        spec=Spec(shape=(1, *facts["shape"]), classes=len(facts["classes"])),
        model=model,
        train=train,
        tune=tune,
        seed=seed,
        device=work.device,
        folder=work.folder / "search",
    )
    data = Data(
        images=inputs.one("samples"),
        labels=np.array(inputs.one("labels"), dtype=np.int64),
        train=np.flatnonzero(parts == PARTS.index("train")),
        validation=np.flatnonzero(parts == PARTS.index("validation")),
    )
    found = search(task, data, work.progress)
    out.json("trials", found.trials)
    out.json("tuned", found.tuned)
    out.array("ranked_samples", found.ranked, ("sample",))
