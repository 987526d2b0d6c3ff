"""Trials in several processes, which know of each other through the journal alone."""

import os
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_context
from pathlib import Path

import numpy as np
import optuna
import torch

from reportgen import plugins
from reportgen.errors import StepError
from reportgen.orphans import die_with
from reportgen.training import Data
from reportgen.tuning.journal import finished, journal_of, opened
from reportgen.tuning.outcome import best_in_words
from reportgen.tuning.task import Progress, Task
from reportgen.tuning.trial import try_one


def share(task: Task, data: Data, study: optuna.Study, progress: Progress) -> None:
    """Run the trials that are missing in `task.tune["processes"]` processes, with torch's threads divided among them.

    Raises:
        StepError: one of them was killed.
    """
    _put(task.folder, data)
    count, total = task.tune["processes"], 1000 * task.tune["trials"]
    threads = max(1, torch.get_num_threads() // count)
    # Spawned, never forked: torch's threads do not survive a fork.
    executor = ProcessPoolExecutor(count, get_context("spawn"), initializer=die_with, initargs=(os.getpid(),))
    try:
        missing = range(task.tune["trials"] - finished(study))
        pending = {executor.submit(_try_there, task, plugins.roots(), threads) for _ in missing}
        while pending:
            done, pending = wait(pending, timeout=1, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
            progress(_thousandths(task, study), total, best_in_words(task, study))
    except BrokenProcessPool as error:
        raise StepError(
            "a process of the search was killed",
            "Out of memory? Set processes lower; the search goes on where it stopped.",
        ) from error
    except BaseException:  # nobody waits for a training to finish
        for child in active_children():
            child.kill()
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _try_there(task: Task, roots: Sequence[Path], threads: int) -> None:
    """One trial in a process of its own."""
    for root in roots:
        plugins.add_root(root)
    torch.set_num_threads(threads)
    try_one(task, _get(task.folder), opened(task, journal_of(task)), lambda *_: None)


def _put(folder: Path, data: Data) -> None:
    """Lay the data down: no array crosses."""
    for name in Data.__dataclass_fields__:
        np.save(folder / f"{name}.npy", getattr(data, name), allow_pickle=False)


def _get(folder: Path) -> Data:
    return Data(**{name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in Data.__dataclass_fields__})


def _thousandths(task: Task, study: optuna.Study) -> int:
    """How far all trials are together."""
    trials = study.get_trials(deepcopy=False)
    return sum(1000 if t.state.is_finished() else 1000 * len(t.intermediate_values) // task.epochs for t in trials)
