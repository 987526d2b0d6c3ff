"""Leave one subject out with two workers against one: wall time, and whether every number is the same.

A study of simulated EEG is run through the whole program, without rendering, in a new workspace each time; `--jobs` 1 and 2
take turns, so that a busy machine slows both alike. What can run at a time are the folds: data and features come before
them. "Folds" is from the start of the first fit to the end of the last one, "lost" what a fold takes beyond its own work, in
the conductor, on the way and in writing down. Where own work takes longer with two workers, others use the cores: the last
row says how many. Linux only.

Targets: folds in at most 0.65 of the time where two cores are free, at most 0.03 s lost, and all outputs the same to the bit.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")  # read on import
sys.path[0] = str(Path(__file__).parents[1])  # not this folder

from reportgen import building  # noqa: E402
from reportgen.console import QUIET, Talk  # noqa: E402
from reportgen.core import Step  # noqa: E402
from reportgen.options import Options  # noqa: E402
from reportgen.store import Build, Record, Store  # noqa: E402
from reportgen.workspace import Workspace  # noqa: E402

RATIO, LOST = 0.65, 0.03  # targets: share of the time, s a fold
BUSY = 0.2  # cores in use by others that spoil the comparison
STUDY = """
title = "Folds"
question = "Do two workers give the same numbers as one, and sooner?"

[dataset.brains]
use = "eeg_sim"
subjects = {subjects}
seconds = {seconds}

[experiment.folds]
dataset = "brains"
features = "differential_entropy"
model = "svm"
split = "loso"
evaluate = {{ shuffles = 0 }}
"""


def main() -> None:
    """Build in turn with one worker and with two, compare all outputs, and print a table."""
    options = arguments()
    builds: dict[int, list[Timed]] = {1: [], 2: []}
    for _ in range(options.rounds):
        for jobs, made in builds.items():
            made.append(build(jobs, options))
    shown = f"{len(builds[1][0].fits)} folds, {options.rounds} rounds, {len(os.sched_getaffinity(0))} cores"
    print(f"{shown}. Targets: {RATIO} of the time, at most {LOST} s lost a fold\n")
    share, lost, used = table(builds)
    first, *others = [made.outputs for made in (*builds[1], *builds[2])]
    differing = {name for other in others for name in first.keys() | other.keys() if other.get(name) != first.get(name)}
    same = f"{len(first) - len(differing)} the same to the last bit"
    print(f"\n{len(first)} outputs, {same} in all {len(others) + 1} builds.")
    met = not differing and share <= RATIO and lost <= LOST
    print(f"Target {'met' if met else 'missed'}{', while others used the cores' if used > BUSY else ''}.")


def arguments() -> argparse.Namespace:
    """Options with their defaults."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name, default, text in (
        ("rounds", 3, "builds with each number of workers"),
        ("subjects", 15, "people, so many folds"),
        ("seconds", 4, "length of a trial"),
    ):
        parser.add_argument(f"--{name}", type=int, default=default, help=f"{text} (default: {default})")
    return parser.parse_args()


@dataclass(frozen=True, slots=True)
class Timed:
    """One build."""

    whole: float  # s, of the build
    folds: float  # s, from the start of the first fit to the end of the last
    fits: list[float]  # s, the work of each
    lost: list[float]  # s of each fit, in the conductor and on the way
    others: float  # cores that other processes used meanwhile
    outputs: dict[str, str]  # {step and file: sha256}


class Clock(Talk):
    """Notes when steps start and end, and says nothing but what failed."""

    def __init__(self) -> None:
        super().__init__(QUIET)
        self.began: dict[str, float] = {}
        self.ended: dict[str, float] = {}

    def runs(self, step: Step, *_: object) -> None:
        """A step starts."""
        self.began[step.name] = time.perf_counter()

    def done(self, step: Step, *_: object) -> None:
        """A step is finished."""
        self.ended[step.name] = time.perf_counter()


def build(jobs: int, options: argparse.Namespace) -> Timed:
    """Build the study in a new workspace."""
    with tempfile.TemporaryDirectory() as folder:
        workspace, clock = Workspace(Path(folder), Path(folder)), Clock()
        study = Path(folder) / "folds.toml"
        study.write_text(STUDY.format(subjects=options.subjects, seconds=options.seconds))
        start, before = time.perf_counter(), of_others()
        made, failed, _ = building.run(workspace, study, Options(jobs=jobs, threads=1), clock)
        whole = time.perf_counter() - start
        if failed:
            raise SystemExit(str(failed))
        records = read(workspace, made)
    fits = [name for name in records if name.startswith("fit ")]
    return Timed(
        whole=whole,
        others=(of_others() - before) / whole,
        folds=max(clock.ended[name] for name in fits) - min(clock.began[name] for name in fits),
        fits=[records[name].seconds for name in fits],
        lost=[clock.ended[name] - clock.began[name] - records[name].seconds for name in fits],
        outputs={f"{name} {file}": told["sha256"] for name, record in records.items() for file, told in record.outputs.items()},
    )


def of_others() -> float:
    """CPU seconds that other processes have used since the machine started, but for a constant."""
    user, nice, system, _, _, *interrupts = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:8])
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK") - sum(os.times()[:4])


def read(workspace: Workspace, made: Build) -> dict[str, Record]:
    """The records of a build."""
    store = Store(workspace.store)
    return {name: record for name, key in made.records.items() if (record := store.record(key))}


def table(builds: dict[int, list[Timed]]) -> tuple[float, float, float]:
    """Print seconds and two workers' share of one's, by medians.

    Returns:
        The share of the folds, seconds lost with one worker, and cores that others used at most.
    """
    rows: dict[str, Callable[[Timed], float]] = {
        "whole build": lambda made: made.whole,
        "folds": lambda made: made.folds,
        "a fold's own work": lambda made: statistics.median(made.fits),
        "lost beside each": lambda made: statistics.median(made.lost),
    }
    medians = {}
    print(f"{'seconds, median (least–most)':30s} {'1 worker':>22s} {'2 workers':>22s} {'share':>7s}")
    for name, of in rows.items():
        one, two = ([of(made) for made in taken] for taken in builds.values())
        medians[name] = statistics.median(one), statistics.median(two)
        print(f"{name:30s} {spread(one):>22s} {spread(two):>22s} {medians[name][1] / medians[name][0]:7.2f}")
    used = [[made.others for made in taken] for taken in builds.values()]
    print(f"{'cores that others used':30s} {spread(used[0]):>22s} {spread(used[1]):>22s}")
    return medians["folds"][1] / medians["folds"][0], medians["lost beside each"][0], max(map(statistics.median, used))


def spread(values: Sequence[float]) -> str:
    """Median, least and most."""
    return f"{statistics.median(values):.3f} ({min(values):.3f}–{max(values):.3f})"


if __name__ == "__main__":
    main()
