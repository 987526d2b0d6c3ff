"""Small made-up outputs of a search for settings and of a comparison, planted so that every figure has one right answer.

Planted in the search: the learning rate decides nearly everything (0.01 is best), `conv1` nothing; trial 7 of 20 wins with
0.71; 13 trials are stopped early, trial 11 fails. Planted in the comparison: `small` is clearly better than `linear`, in
every class but fear, and not distinguishable from `large`, except in surprise.
"""

from collections.abc import Mapping, Sequence
from math import erfc
from pathlib import Path
from typing import Any

import numpy as np
from figure_samples import CLASSES

from reportgen.outputs import Out, Output

WINNER, FAILED, BEST = 7, 11, 0.71
EPOCHS, REDUCTION = 27, 3
SPACE: Mapping[str, Mapping[str, Any]] = {
    "model.conv1": {"low": 16, "high": 128, "step": 16, "log": False},
    "model.dropout": {"low": 0.0, "high": 0.6, "step": None, "log": False},
    "train.learning_rate": {"low": 1e-4, "high": 1e-1, "step": None, "log": True},
    "train.optimiser": {"choices": ["adam", "sgd"]},
}
MORE: Mapping[str, Mapping[str, Any]] = {
    "model.conv2": {"low": 32, "high": 256, "step": 32, "log": False},
    "model.kernel": {"choices": [3, 5, 7]},
    "train.weight_decay": {"low": 1e-6, "high": 1e-2, "step": None, "log": True},
    "train.schedule": {"choices": ["constant", "cosine_annealing", "one_cycle"]},
}
IMPORTANCE: Mapping[str, float] = {
    "train.learning_rate": 0.93,
    "model.dropout": 0.05,
    "train.optimiser": 0.02,
    "model.conv1": 0.0,
}
SCORES: Mapping[str, tuple[float, float, tuple[int, ...]]] = {  # accuracy, on the validation part, seeds; best there first
    "small": (0.80, 0.81, (0, 1, 2)),
    "large": (0.78, 0.80, (0,)),
    "linear": (0.45, 0.47, (0, 1)),
}


def across(folder: Path) -> list[Output]:
    """A search for the settings of `search` and the comparison of three experiments, both on the data set `faces`."""
    return [*searched(folder, "faces", "search", trials()), *compared(folder, "faces", "faces-official", comparison())]


def searched(
    folder: Path,
    dataset: str,
    experiment: str,
    found: Mapping[str, Any],
    importance: Mapping[str, float] | None = IMPORTANCE,
) -> list[Output]:
    """The outputs of a search whose `trials` are given."""
    out = _out(folder / experiment / "tune")
    best = next(row for row in found["rows"] if row["number"] == found["best"])
    settings: dict[str, dict[str, Any]] = {"model": {}, "train": {}}
    for name, value in best["params"].items():
        table, _, setting = name.partition(".")
        settings[table][setting] = value
    out.json("trials", found)
    out.json("tuned", {"settings": settings, "trial": best["number"], "value": best["value"], "importance": importance})
    return _outputs(out, dataset=dataset, experiment=experiment)


def trials(
    n: int = 20, *, complete: int = 6, space: Mapping[str, Mapping[str, Any]] = SPACE, minimize: bool = False
) -> dict[str, Any]:
    """`n` trials of which `complete` run to their end, one fails, and the others are stopped, the worst ones first."""
    rng = np.random.default_rng(4)
    rows: list[dict[str, Any]] = [
        {"number": i, "params": {name: _drawn(i, values, rng) for name, values in space.items()}} for i in range(n)
    ]
    if n > WINNER:
        rows[WINNER]["params"]["train.learning_rate"] = 0.01
    ends = [_end(row["params"], rng) if row["number"] != WINNER % n else BEST for row in rows]
    ranked = sorted(range(n), key=lambda i: (i == FAILED, -ends[i]))
    for row, end in zip(rows, ends, strict=True):
        rank = ranked.index(row["number"])
        failed = row["number"] == FAILED
        state = "failed" if failed else "complete" if rank < complete else "pruned"
        stopped = 0 if failed else EPOCHS if rank < complete else REDUCTION ** int(2.99 * (n - 1 - rank) / (n - complete))
        course = _course(end, rng)[:stopped]
        row |= {"state": state, "epochs": stopped, "bracket": row["number"] % 3, "course": course}
        row |= {"value": max(course) if course else None, "reason": "CUDA out of memory" if failed else ""}
        if minimize:
            row |= {"course": [2 * (1 - v) for v in course], "value": 2 * (1 - max(course)) if course else None}
    return {
        "objective": "validation_loss" if minimize else "validation_accuracy",
        "direction": "minimize" if minimize else "maximize",
        "epochs": EPOCHS,
        "least": 1,
        "reduction": REDUCTION,
        "sampler": "tpe",
        "processes": 1,
        "repeatable": True,
        "space": space,
        "rows": rows,
        "best": WINNER % n,
        "ranked_on": {"part": "validation", "n": 80},
    }


def _drawn(number: int, values: Mapping[str, Any], rng: np.random.Generator) -> Any:
    """A value of a parameter, as the search would propose it."""
    if "choices" in values:
        return values["choices"][number % len(values["choices"])]
    low, high = values["low"], values["high"]
    if values["log"]:
        return float(10 ** rng.uniform(np.log10(low), np.log10(high)))
    if values["step"]:
        return int(rng.choice(np.arange(low, high + 1, values["step"])))
    return float(rng.uniform(low, high))


def _end(params: Mapping[str, Any], rng: np.random.Generator) -> float:
    """What a trial would end with: best at a learning rate of 0.01, a little worse with much dropout."""
    lost = 0.11 * (np.log10(params["train.learning_rate"]) + 2) ** 2 + 0.05 * params["model.dropout"]
    return float(0.69 - lost + rng.normal(0, 0.004))


def _course(end: float, rng: np.random.Generator) -> list[float]:
    """The objective after each epoch, from chance to `end`, which is its last and highest value."""
    rise = (1 - np.exp(-np.arange(1, EPOCHS + 1) / 4)) / (1 - np.exp(-EPOCHS / 4))
    values = 0.14 + (end - 0.14) * rise + np.append(-np.abs(rng.normal(0, 0.006, EPOCHS - 1)), 0)
    return [float(value) for value in values]


def compared(folder: Path, dataset: str, name: str, found: Mapping[str, Any]) -> list[Output]:
    """The output of a comparison."""
    out = _out(folder / name)
    out.json("comparison", found)
    return _outputs(out, dataset=dataset, comparison=name)


def comparison(
    experiments: Mapping[str, tuple[float, float, tuple[int, ...]]] = SCORES,
    *,
    classes: Sequence[str] = CLASSES,
    n: int = 120,
    few: bool = False,
    luck: float = 0.03,
) -> dict[str, Any]:
    """Experiments by their accuracy, each class `n` times in the test part; `few`: no interval and no p-value.

    `luck` in training makes the interval of a difference so much wider at either end where both have several seeds.
    """
    names = list(experiments)
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    total = n * len(classes)
    return {
        "dataset": "faces",
        "split": {"use": "official", "settings": {}},
        "n": total,
        "groups": 4 if few else total - 20,
        "experiments": [_scored(name, *experiments[name], total, few) for name in names],
        "pairs": [_pair(a, b, experiments, len(pairs), total, few, luck) for a, b in pairs],
        "per_class": [_by_class(names[0], other, experiments, classes, n, few, len(names) - 1) for other in names[1:]],
    }


def _scored(name: str, accuracy: float, validation: float, seeds: Sequence[int], n: int, few: bool) -> dict[str, Any]:
    singles = [accuracy + 0.012 * (i - (len(seeds) - 1) / 2) for i in range(len(seeds))]
    spread = float(np.std(singles, ddof=1)) if len(seeds) > 1 else None
    return {
        "name": name,
        "model": "logistic" if name == "linear" else "gap_cnn",
        "seeds": list(seeds),
        "parameters": 4_039 if name == "linear" else 312_007,
        "accuracy": {"seeds": singles, "sd": spread} | _metric("mean", accuracy, (accuracy * (1 - accuracy) / n) ** 0.5, few),
        "validation": validation,
    }


def _pair(a: str, b: str, experiments: Mapping[str, Any], pairs: int, n: int, few: bool, luck: float) -> dict[str, Any]:
    difference = experiments[a][0] - experiments[b][0]
    error = (0.35 / n) ** 0.5
    p = None if few else erfc(abs(difference) / error / 2**0.5)
    single = len(experiments[a][2]) == len(experiments[b][2]) == 1
    several = min(len(experiments[name][2]) for name in (a, b)) > 1
    half = 1.96 * error + luck
    return {
        "first": a,
        "second": b,
        "trainings": {"low": difference - half, "high": difference + half} if several and not few else None,
        "test": "mcnemar" if single else "sign_flip",
        "p": p,
        "p_holm": None if p is None else min(1.0, pairs * p),
        "discordant": [round(n * (0.15 + difference / 2)), round(n * (0.15 - difference / 2))] if single else None,
    } | _metric("difference", difference, error, few)


def _by_class(
    a: str, b: str, experiments: Mapping[str, Any], classes: Sequence[str], n: int, few: bool, rivals: int
) -> dict[str, Any]:
    difference, error = experiments[a][0] - experiments[b][0], (0.25 / n) ** 0.5
    clear = difference > 0.1
    planted = {"fear": 0.03} if clear else {"surprise": 0.17}
    each = [planted.get(name, difference + 0.01 * clear * len(name)) for name in classes]
    p_values = [None if few else erfc(abs(d) / error / 2**0.5) for d in each]
    rows = [
        {"class": c, "n": n, "p": p, "p_holm": None if p is None else min(1.0, rivals * len(classes) * p)}
        | _metric("difference", d, error, few)
        for c, d, p in zip(classes, each, p_values, strict=True)
    ]
    return {"first": a, "second": b, "classes": rows}


def _metric(name: str, value: float, error: float, few: bool) -> dict[str, Any]:
    """A value with its 95 % interval, if there is one."""
    low, high = (None, None) if few else (value - 1.96 * error, value + 1.96 * error)
    return {name: value, "low": low, "high": high}


def _out(folder: Path) -> Out:
    folder.mkdir(parents=True, exist_ok=True)
    return Out(folder)


def _outputs(out: Out, **about: str) -> list[Output]:
    return [Output(d["kind"], out.folder / name, about, d["restricted"]) for name, d in out.described.items()]
