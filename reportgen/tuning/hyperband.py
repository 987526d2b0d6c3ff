"""A search for settings with Hyperband (Li et al. 2018, JMLR 18:185), ranked on the validation part.

Hyperband as optuna has it: asynchronous successive halving (Li et al. 2020, MLSys) in several brackets, into which the
numbers of the trials are hashed. In bracket b the rungs are at r·η^b, r·η^(b+1), … epochs,
where r is the smallest resource (`least`). At a rung a trial's objective is
compared with those that the trials of its bracket had there, and it goes on if it is among the best 1/η of them. While
they are fewer than 2 η that means the best one, so the first of a bracket always goes on.

A trial learns from the training part and is ranked by its best epoch on the validation part; the test part is not handed
in. So the winner's value is flattered by having been chosen, the more so the more trials there are: the score that counts
is that of an ordinary training with the winner's settings, on the test part.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import optuna

from reportgen.errors import StepError
from reportgen.training import Data, stratified
from reportgen.tuning.journal import continued, finished
from reportgen.tuning.outcome import best_in_words, told
from reportgen.tuning.processes import share
from reportgen.tuning.task import Progress, Task
from reportgen.tuning.trial import try_one


@dataclass(frozen=True, slots=True)
class Found:
    """What a search leaves."""

    trials: dict[str, Any]  # kind `trials`
    tuned: dict[str, Any]  # kind `tuned`
    ranked: np.ndarray  # (sample,) int32, index into the images: kind `ranked_samples`


def search(task: Task, data: Data, progress: Progress = lambda *_: None) -> Found:
    """Try settings; a search that was interrupted goes on from `task.folder`.

    Args:
        task: what is searched for.
        data: what is learned from and ranked on.
        progress: told (thousandths of trials done, of all, best value so far).

    Raises:
        StepError: there is no validation part, no trial was trained to the end, or a process of several was killed.
    """
    if not len(data.validation):
        raise StepError("the validation part is empty", "Trials are ranked on it: give it a share in the split.")
    data = replace(data, validation=_ranked(task, data))
    study, news = continued(task)
    total = 1000 * task.tune["trials"]
    progress(1000 * finished(study), total, news or best_in_words(task, study))
    (share if task.tune["processes"] > 1 else _one_by_one)(task, data, study, progress)
    progress(total, total, best_in_words(task, study))
    return Found(*told(task, study, len(data.validation)), data.validation.astype(np.int32))


def _ranked(task: Task, data: Data) -> np.ndarray:
    """The validation samples that all trials are ranked on: with `smoke`, eight batches of the smallest size."""
    if not task.train.get("smoke"):
        return data.validation
    values = task.tune["space"].get("train.batch", {"choices": [task.train["batch"]]})
    smallest = int(min(values["choices"]) if "choices" in values else values["low"])
    return stratified(data.labels, data.validation, 8 * smallest, task.seed)


def _one_by_one(task: Task, data: Data, study: optuna.Study, progress: Progress) -> None:
    """Run the trials that are missing, here."""
    total = 1000 * task.tune["trials"]
    for before in range(finished(study), task.tune["trials"]):
        best = best_in_words(task, study)

        def tell(done: int, of: int, text: str, before: int = before, best: str = best) -> None:
            progress(1000 * before + 1000 * done // of, total, f"{best}; {text}" if text else best)

        try_one(task, data, study, tell)
