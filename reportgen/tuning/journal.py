"""The trials of a search on disk: optuna's journal, which a kill leaves whole but for its last line.

A search that was killed and continued ends in the trials of an undisturbed one: whatever is drawn for a trial follows from
(seed, number of the trial) and the trials before it, and an interrupted trial is taken up again, not drawn again.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import torch
from optuna.distributions import BaseDistribution
from optuna.pruners import HyperbandPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from optuna.trial import FrozenTrial, create_trial

from reportgen.tuning.task import Task

_NAME = "tune"  # of optuna's study; a trial's bracket is a hash of it and of the trial's number


class PerTrial(BaseSampler):
    """Draws each trial from a random state of its own, which follows from (seed, number of the trial).

    In each bracket the first trials are drawn by chance until there are three more than parameters, as many as BOHB waits
    for (Falkner et al. 2018, arXiv 1807.01774); optuna's ten would make most searches of this size random ones.
    """

    def __init__(self, kind: str, seed: int, parameters: int) -> None:
        self._kind, self._seed, self._startup = kind, seed, parameters + 3
        self._sampler: BaseSampler = RandomSampler(seed=seed)

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:  # noqa: ARG002 - optuna's signature
        """Begin a random state; optuna calls it before it draws anything for a trial."""
        seed = int(np.random.SeedSequence([self._seed, trial.number]).generate_state(1)[0])
        chance = self._kind == "random"
        self._sampler = RandomSampler(seed=seed) if chance else TPESampler(seed=seed, n_startup_trials=self._startup)

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """The parameters that are drawn together."""
        return self._sampler.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Draw these."""
        return self._sampler.sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Draw one of the others."""
        return self._sampler.sample_independent(study, trial, param_name, param_distribution)


def journal_of(task: Task) -> Path:
    """Where the journal of a search lies."""
    return task.folder / "journal.log"


def opened(task: Task, path: Path) -> optuna.Study:
    """The study whose journal is at `path`; an empty one if there is none."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    least = min(task.tune["least"], task.epochs)  # a smoke search has one epoch
    pruner = HyperbandPruner(min_resource=least, max_resource=task.epochs, reduction_factor=task.tune["reduction"])
    study = optuna.create_study(
        study_name=_NAME,
        storage=JournalStorage(JournalFileBackend(str(path), JournalFileOpenLock(str(path)))),
        sampler=PerTrial(task.tune["sampler"], task.seed, len(task.tune["space"])),
        pruner=pruner,
        direction="minimize" if task.sign == 1 else "maximize",
        load_if_exists=True,
    )
    # The pruner makes its brackets when it is first asked. Before that a sampler sees the trials of all of them, so that a
    # continued search, which draws before it asks, would draw otherwise than an undisturbed one.
    pruner.prune(study, create_trial(value=0.0))
    return study


def continued(task: Task) -> tuple[optuna.Study, str]:
    """The study of a search, and what is to be said about it; nobody else may be at it.

    Finished trials stay as they are. Interrupted ones wait for their turn with the settings that they had, and without
    what was reported of them: their checkpoint reports it again. One that had not drawn all of its settings draws them
    again, from the same random state.
    """
    task.folder.mkdir(parents=True, exist_ok=True)
    journal, written = journal_of(task), task.folder / "journal.new"
    place = [task.device, torch.get_num_threads()]
    for left in (written, Path(f"{written}.lock"), Path(f"{journal}.lock")):  # by a killed process
        left.unlink(missing_ok=True)
    trials, news = _read(task, journal, place)
    study = opened(task, written)
    study.set_user_attr("place", place)
    for trial in trials:
        if trial.state.is_finished():
            study.add_trial(trial)
        else:
            params = trial.params or trial.system_attrs.get("fixed_params", {})
            study.enqueue_trial(params if params.keys() == task.tune["space"].keys() else {})
    os.replace(written, journal)
    return opened(task, journal), news


def _read(task: Task, journal: Path, place: Sequence[Any]) -> tuple[list[FrozenTrial], str]:
    """The trials of an interrupted search if they ran in this place. A torn last line counts as never written."""
    if not journal.exists():
        return [], ""
    try:
        study = opened(task, journal)
    except (ValueError, KeyError) as error:
        return [], f"{journal.name} is damaged ({error}): the search starts again"
    before = study.user_attrs.get("place")
    if before != place:
        return [], f"the search began on {before}: it starts again on {place}"
    return study.get_trials(deepcopy=False), ""


def finished(study: optuna.Study) -> int:
    """How many trials are over."""
    return sum(trial.state.is_finished() for trial in study.get_trials(deepcopy=False))
