"""One trial: a training with settings of its own, which Hyperband may end before its time."""

from collections.abc import Mapping, Sequence
from typing import Any

import optuna
import torch
from optuna.trial import TrialState

from reportgen import plugins
from reportgen.core import Place
from reportgen.errors import StepError, UsageError
from reportgen.training import Data, fit
from reportgen.tuning.task import Progress, Task, own


def try_one(task: Task, data: Data, study: optuna.Study, progress: Progress) -> None:
    """Draw a trial, or take up an interrupted one, and train it until the end or until it is pruned.

    All trials start from the same seed: what differs between two of them is their settings.
    """
    trial = study.ask(task.distributions())
    checkpoint = task.folder / f"trial-{trial.number}.safetensors"
    watch = _Watch(trial, task)
    place = Place(device=task.device, seed=task.seed, checkpoint=checkpoint, progress=progress, stop=watch)
    train = {**task.train, **own(trial.params, "train"), "epochs": task.epochs}
    try:
        torch.manual_seed(task.seed)  # initial weights
        settings = {**task.model["settings"], **own(trial.params, "model")}
        network = plugins.verb("model", task.model["use"])(task.spec, **settings)
        watch(fit(network, data, place, **train).history["epochs"])  # a training asks no more after its last epoch
    except (StepError, UsageError) as error:  # it diverged, needs too much memory, or is no network for these images
        trial.set_user_attr("reason", error.message)
        study.tell(trial, state=TrialState.FAIL)
    else:
        if watch.pruned:
            study.tell(trial, state=TrialState.PRUNED)
        else:
            study.tell(trial, task.best(watch.course))
    checkpoint.unlink(missing_ok=True)


class _Watch:
    """Reports each epoch of a training once, and hears whether it shall go on.

    A continued training shows the epochs before its interruption again: they are judged as they were the first time.
    """

    def __init__(self, trial: optuna.Trial, task: Task) -> None:
        self.course: list[float] = []  # objective after each epoch
        self.pruned = False
        self._trial, self._objective, self._epochs = trial, task.tune["objective"], task.epochs

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> bool:
        """Whether the training shall end; `rows` are all of its epochs so far."""
        for row in rows[len(self.course) :]:
            if self.pruned:
                break
            self.course.append(row[self._objective])
            self._trial.report(row[self._objective], row["epoch"])
            # After the last epoch nothing is left to save: who came so far is complete.
            self.pruned = row["epoch"] < self._epochs and self._trial.should_prune()
        return self.pruned
