"""Step: search for settings on the training and the validation part; the test part is not even handed in."""

from typing import Any

from reportgen.outputs import Inputs, Out
from reportgen.steps._spec import spec_of
from reportgen.steps.train import learned_from
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
    data = learned_from(inputs)
    folder = work.folder / "search"
    task = Task(spec=spec_of(inputs), model=model, train=train, tune=tune, seed=seed, device=work.device, folder=folder)
    found = search(task, data, work.progress)
    out.json("trials", found.trials)
    out.json("tuned", found.tuned)
    out.array("ranked_samples", found.ranked, ("sample",))
