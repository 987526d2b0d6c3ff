"""A whole SEED through the steps `load` and `features`: seconds, memory, and whether the numbers are right.

The recordings are simulated, of SEED's channels, rate and lengths, and stand on disk in SEED's own files: 15 people, three
sessions, 15 trials of 185 to 265 s, 62 channels at 200 Hz, which is 7.6 GB as float32 and 15 GB as the files hold it. Each
step runs through the conductor, in a fresh worker as in a build. What counts is the worker's anonymous memory, looked at
every 20 ms: pages of mapped files stand beside it, but the system takes those back when it needs them. Then differential
entropy of one trial of each recording, right from the simulator, is compared with what the step wrote.

Targets: less than 2 GB of anonymous memory, every window of every trial, and the same numbers to the last bit. Linux only;
it needs 25 GB of disk for all 15 people, and some minutes:

    .venv/bin/python benchmarks/seed_at_scale.py --folder /somewhere/with/space
"""

import argparse
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")  # read on import
sys.path[0] = str(Path(__file__).parents[1])  # not this folder

# ruff: noqa: E402
import numpy as np

from reportgen import plugins
from reportgen.console import QUIET, Talk
from reportgen.core import Piece, Recording, Step
from reportgen.datasets._seed_forms import write_seed
from reportgen.pipeline import Conductor, up_to_date
from reportgen.planning import plan_checks
from reportgen.store import Record, Store
from reportgen.study_file import read_study
from reportgen.workers import pools

PEOPLE, SESSIONS, TRIALS = 15, 3, 15
SECONDS = 3394  # of a recording, which windows of 1 s divide without a rest
RATE = 200  # Hz
DISK = 1.7e9  # bytes a person: files, and what the store keeps of them
MOST = 2000  # MB of anonymous memory
EVERY = 0.02  # s
STUDY = """
title = "SEED at scale"
question = "How long does it take, and how much memory?"

[dataset.seed]
use = "seed"
path = "seed"
subjects = [{subjects}]

[experiment.entropy]
dataset = "seed"
features = "differential_entropy"
model = "most_frequent"
split = "loso"
"""
Expected = Mapping[tuple[str, str, int], np.ndarray]
"""{(subject, session, trial): features (window, channel, band)}."""


def main() -> None:
    """Write, run both steps, compare, and print a table."""
    options = arguments()
    folder = Path(tempfile.mkdtemp(prefix="seed-", dir=options.folder))
    try:
        if shutil.disk_usage(folder).free < options.subjects * DISK:
            print(f"{folder.parent} has less than {options.subjects * DISK / 1e9:.0f} GB free; see --folder. Nothing measured.")
            return
        measure(folder, options.subjects, options.seed)
    finally:
        if options.keep:
            print(f"All of it is kept in {folder}")
        else:
            shutil.rmtree(folder)


def arguments() -> argparse.Namespace:
    """Options with their defaults."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--subjects", type=int, default=PEOPLE, help="people (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the signals (default: %(default)s)")
    parser.add_argument("--folder", type=Path, help="where a new folder is made and removed again (default: the system's)")
    parser.add_argument("--keep", action="store_true", help="do not remove it")
    return parser.parse_args()


def measure(folder: Path, subjects: int, seed: int) -> None:
    """Everything, in a folder of its own."""
    start = time.perf_counter()
    expected = write(folder / "seed", subjects, seed)
    os.sync()  # or the disk would still be at it while the steps are timed
    on_disk = sum(path.stat().st_size for path in folder.glob("seed/*/*"))
    signals = subjects * SESSIONS * SECONDS * RATE * 62 * 4
    print(
        f"{len(expected)} recordings of {SECONDS} s: {signals / 1e9:.2f} GB as float32, {on_disk / 1e9:.2f} GB of files,"
        f" simulated and written in {time.perf_counter() - start:.0f} s\n"
    )
    study = folder / "scale.toml"
    study.write_text(STUDY.format(subjects=", ".join(map(str, range(1, subjects + 1)))))
    steps = [step for step in plan_checks(read_study(study, "", folder)[0], folder) if not step.name.startswith("split")]
    store, records, runs = Store(folder / "store"), dict[str, Record](), list[Run]()
    for step in steps:
        runs.append(run(step, store, records))
    store.files.save()
    table(runs, signals)
    first, later = (look(steps, folder) for _ in range(2))
    print(f"\nWhether both are up to date is said after {first:.1f} s, the next time after {later:.2f} s.")
    made = store.inputs([records[steps[-1].name].key])
    windows, wrong = compared(made.one("samples"), made.one("rows"), expected)
    asked = len(expected) * SECONDS
    print(f"{windows:,} windows of {asked:,}; {len(expected)} trials compared, {wrong} of them differ from the simulator's.")
    met = windows == asked and not wrong and max(run.anonymous for run in runs) < MOST
    print(f"Target {'met' if met else 'missed'}.")


def write(root: Path, subjects: int, seed: int) -> Expected:
    """Simulate and write one recording after another; returns the features of one trial of each."""
    expected = {}
    simulate = plugins.verb("dataset", "eeg_sim")
    recordings = simulate(subjects=subjects, sessions=SESSIONS, trials=TRIALS, seconds=0, rate=RATE, seed=seed)
    for number, recording in enumerate(recordings):
        subject, session = int(recording.subject), int(recording.session)
        write_seed(root, subject, session, [stretch.x for stretch in recording.stretches])
        expected[recording.subject, recording.session, number % TRIALS + 1] = entropy(recording, number % TRIALS)
    return expected


def entropy(recording: Recording, trial: int) -> np.ndarray:
    """Differential entropy (window, channel, band) of a trial as it was simulated."""
    x = recording.stretches[trial].x
    piece = Piece(x=x, axes=("channel", "time"), unit="µV", channels=recording.channels, rate=recording.rate)
    return np.asarray(plugins.verb("feature", "differential_entropy")(piece).x)


@dataclass(slots=True)
class Run:
    """A step, timed and watched."""

    name: str
    judged: float = 0.0  # s: the conductor hashes what the step reads
    worked: float = 0.0  # s: the step
    around: float = 0.0  # s: the worker starts, and hashes what the step wrote
    anonymous: float = 0.0  # MB at most
    mapped: float = 0.0  # MB of files at most


class Clock(Talk):
    """Notes when a step starts and ends, and says nothing but what failed."""

    def __init__(self) -> None:
        super().__init__(QUIET)
        self.began = self.ended = 0.0

    def runs(self, *_: object) -> None:
        """A step starts."""
        self.began = time.perf_counter()

    def done(self, *_: object) -> None:
        """A step is finished."""
        self.ended = time.perf_counter()


def run(step: Step, store: Store, records: dict[str, Record]) -> Run:
    """Run a step in a fresh worker; its record is added to `records`."""
    clock, start = Clock(), time.perf_counter()
    with Watch() as watch, pools(1) as workers:
        outcome = Conductor(store, "scale", workers, clock, device="cpu", threads=1).run([step], records)
    if outcome.failed:
        raise SystemExit(str(outcome.failed))
    records |= outcome.records
    worked = records[step.name].seconds
    around = clock.ended - clock.began - worked
    return Run(step.name.split()[0], clock.began - start, worked, around, watch.peak["RssAnon"], watch.peak["RssFile"])


def look(steps: list[Step], folder: Path) -> float:
    """Seconds to find out, as `reportgen status` does, that nothing has to run."""
    start, store = time.perf_counter(), Store(folder / "store")
    if len(up_to_date(steps, store, "scale")) < len(steps):
        raise SystemExit("a step that has just run is out of date")
    store.files.save()
    return time.perf_counter() - start


class Watch(Thread):
    """Looks at the memory of this process's children, and remembers the most that one had, MB."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = {"RssAnon": 0.0, "RssFile": 0.0}
        self._over = Event()

    def __enter__(self) -> "Watch":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        """Look, again and again."""
        while not self._over.wait(EVERY):
            for child in multiprocessing.active_children():
                self._look(child.pid)

    def _look(self, pid: int | None) -> None:
        try:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        except OSError:  # it has just ended
            return
        for name, _, amount in (line.partition(":") for line in lines):
            if name in self.peak:
                self.peak[name] = max(self.peak[name], int(amount.split()[0]) / 1000)


def table(runs: list[Run], signals: int) -> None:
    """Print times and memory."""
    print(f"{'':10s} {'step s':>8s} {'GB/s':>6s} {'hashing before s':>17s} {'and around s':>13s} {'anonymous MB':>13s}", end="")
    print(f" {'mapped MB':>10s}")
    for run in runs:
        times = f"{run.worked:8.1f} {signals / 1e9 / run.worked:6.2f} {run.judged:17.1f} {run.around:13.1f}"
        print(f"{run.name:10s} {times} {run.anonymous:13.0f} {run.mapped:10.0f}")


def compared(samples: np.ndarray, rows: Mapping[str, np.ndarray], expected: Expected) -> tuple[int, int]:
    """How many windows there are, and how many trials differ from what is expected."""
    wrong = 0
    trials = np.array([int(trial.rpartition(":")[2]) for trial in rows["trial"]])
    for (subject, session, trial), features in expected.items():
        own = (rows["subject"] == subject) & (rows["session"] == session) & (trials == trial)
        wrong += not np.array_equal(samples[own], features)
    return len(samples), wrong


if __name__ == "__main__":
    main()
