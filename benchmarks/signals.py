"""Generators of synthetic EEG beside each other on simulated recordings, with the scores of the report.

    .venv/bin/python benchmarks/signals.py [--seeds 3] [--epochs 40] [--maps-epochs 60] [--trials 15]

Each seed simulates other people, clips and sites (data set `eeg_sim`), makes windows of one second above 4 Hz, and maps of
differential entropy, of them, and runs the task `generate` on both in a workspace that is thrown away: what generators make
is held against trials that none of them has seen. A table gives the mean of each score over seeds with its standard deviation;
`real` is the floor. Below stands how often the networks are better than others: in how many seeds, and in how many of these
clearly, with an interval over trials.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parent.parent
STUDY = """
title = "Generators beside each other"
seed = {seed}

[dataset.brains]
use = "eeg_sim"
subjects = {subjects}
sessions = 1
trials = {trials}
seconds = {seconds}
class_effect = 4
clip_effect = 1.0
negative_hz = {negative}
positive_hz = {positive}
seed = {seed}

[experiment.signals]
task = "generate"
dataset = "brains"
features = [{{ use = "band_filter", low = 4, high = 50 }}, {{ use = "windows", window = 1.0 }}]
model = {{ use = "eegnet", dropout = 0.25 }}
split = {{ use = "holdout", test = 0.34, validation = 0.15 }}
train = {{ epochs = {learning}, patience = 10, batch = 32, learning_rate = 0.002 }}
realism = {{ trainings = {trainings} }}

[experiment.signals.generate.gan_dense]
[experiment.signals.generate.wgan_raw]
epochs = {epochs}
[experiment.signals.generate.phases]
use = "phase_surrogate"
shared = false
[experiment.signals.generate.shared_phases]
use = "phase_surrogate"
[experiment.signals.generate.gaussian]
[experiment.signals.generate.mixup]
[experiment.signals.generate.interpolation]

[experiment.maps]
task = "generate"
dataset = "brains"
features = "differential_entropy"
model = {{ use = "logistic_regression", C = [0.001, 0.01, 0.1] }}
split = {{ use = "holdout", test = 0.34, validation = 0.15 }}

[experiment.maps.generate.gan_dense]
[experiment.maps.generate.wgan_de]
epochs = {maps_epochs}
[experiment.maps.generate.gaussian]
[experiment.maps.generate.mixup]
[experiment.maps.generate.interpolation]
"""
BANDS = ((21.0, 36.0), (12.0, 30.0), (18.0, 40.0), (24.0, 33.0), (15.0, 27.0))
"""Hz of the planted emotions, seed by seed."""
NETWORKS = ("wgan_raw", "wgan_de", "gan_dense")


def main() -> None:
    """Simulate, generate, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=11, help="the first seed: smaller ones were used to choose settings")
    parser.add_argument("--subjects", type=int, default=8)
    parser.add_argument("--trials", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--epochs", type=int, default=40, help="of wgan_raw")
    parser.add_argument("--maps-epochs", type=int, default=60, help="of wgan_de")
    parser.add_argument("--learning", type=int, default=30, help="epochs of what learns from samples")
    parser.add_argument("--trainings", type=int, default=2)
    parser.add_argument("--only", default="", help="signals or maps")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--keep", type=Path, help="a folder to keep the workspace in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = options.keep or Path(folder)
        workspace.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "mkdocs.yml", workspace / "mkdocs.yml")
        found = [dict(measured(workspace, options, options.first + number)) for number in range(options.seeds)]
    for name in found[0]:
        table([one[name] for one in found], name)


def measured(workspace: Path, options: argparse.Namespace, seed: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """{experiment: its `signal_scores`} of one seed."""
    negative, positive = BANDS[seed % len(BANDS)]
    told = {name: value for name, value in vars(options).items() if name not in ("seeds", "first", "only", "device", "keep")}
    study = workspace / f"generators_{seed}.toml"
    study.write_text(STUDY.format(seed=seed, negative=negative, positive=positive, **told))
    only = ["--only", options.only] if options.only else []
    words = ["run", str(study), *only, "--device", options.device, "--threads", "1", "-q"]
    subprocess.run([sys.executable, "-m", "reportgen", *words], cwd=workspace, check=True)
    builds = sorted((workspace / "data/store/builds" / study.stem).glob("2*.json"))
    records = json.loads(builds[-1].read_text())["records"]
    for step, key in records.items():
        if step.startswith("weigh "):
            path = workspace / "data/store/objects" / key / "signal_scores.json"
            yield step.removeprefix("weigh "), json.loads(path.read_text())


def table(found: Sequence[Mapping[str, Any]], name: str) -> None:
    """Scores of all candidates over seeds, and what the networks are better in."""
    scores = [score["score"] for score in found[0]["scores"]]
    n = found[0]["n"]
    print(f"\n{name}: {found[0]['told']}, {n['train']} training and {n['test']} test samples, {len(found)} seeds")
    print(f"{'':15s}{''.join(f'{score[:13]:>15s}' for score in scores)}")
    for place, candidate in enumerate(found[0]["candidates"]):
        values = [[one["candidates"][place]["values"].get(score, {}).get("mean") for one in found] for score in scores]
        print(f"{candidate['key']:15s}{''.join(f'{cell(column):>15s}' for column in values)}")
    others = [one["key"] for one in found[0]["candidates"] if one["use"] and one["key"] not in NETWORKS]
    networks = [key for key in NETWORKS if any(one["key"] == key for one in found[0]["candidates"])]
    for place, first in enumerate(networks):
        for second in (*networks[place + 1 :], *others):
            print(f"{first} better than {second}: " + ", ".join(better(found, first, second)))


def cell(values: Sequence[float | None]) -> str:
    """Mean ± SD of seeds."""
    known = [value for value in values if value is not None]
    return f"{np.mean(known):.3g} ± {np.std(known):.1g}" if known else "–"


def better(found: Sequence[Mapping[str, Any]], first: str, second: str) -> Iterator[str]:
    """`coverage 3/3 (2 clearly)` of each score; a pair may stand the other way round."""
    pairs = [pair for one in found for pair in one["pairs"] if {pair["first"], pair["second"]} == {first, second}]
    for score in dict.fromkeys(pair["score"] for pair in pairs):
        own = [pair for pair in pairs if pair["score"] == score]
        up = sum((pair["difference"]["mean"] or 0) * (1 if pair["first"] == first else -1) > 0 for pair in own)
        clear = sum(pair["better"] == first for pair in own)
        yield f"{score} {up}/{len(own)} ({clear} clearly)"


if __name__ == "__main__":
    main()
