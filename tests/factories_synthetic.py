"""Synthetic samples on their way through the real steps, as small as a test can use."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reportgen.outputs import Output
from reportgen.steps import beside, generate, liken, teach, weigh
from tests.factories_recordings import about, chosen, divided, featured, loaded, step, training

HOLDOUT: Mapping[str, Any] = {"use": "holdout", "test": 0.4, "validation": 0.3}
LOGISTIC: Mapping[str, Any] = {"use": "logistic_regression", "C": [0.01]}
ENTROPY: Mapping[str, Any] = {"use": "differential_entropy", "window": 1.0}
SMALL_GAN: Mapping[str, Any] = {"use": "gan_dense", "epochs": 2}
GENERATORS: Mapping[str, Mapping[str, Any]] = {"gaussian": {"use": "gaussian"}, "mixup": {"use": "mixup"}, "dense": SMALL_GAN}
SETTINGS: Mapping[str, int] = {"most": 400, "compared": 60, "resamples": 200, "permutations": 100}


def experiment(
    folder: Path,
    samples: Sequence[Output],
    name: str = "synthetic",
    *,
    generators: Mapping[str, Mapping[str, Any]] = GENERATORS,
    model: Mapping[str, Any] = LOGISTIC,
    cut: Mapping[str, Any] = HOLDOUT,
) -> list[Output]:
    """Of steps `split`, `generate`, `liken`, `teach`, `beside` and `weigh`, in the one fold of a holdout."""
    parts = divided(folder, samples, name, cut)
    whose = {**parts[0].about, "fold": "0"}
    given = [*samples, *parts]
    learner = {"model": chosen("model", model), "train": training(), "trainings": 1, "most": 400, "fold": 0, "seed": 0}
    found: list[Output] = []
    for key, table in generators.items():
        own = {**whose, "generator": key, "seed": "0"}
        made = step(
            folder, f"generate {name} {key}", generate.run, given, own, **chosen("generator", table), most=400, seed=0, fold=0
        )
        both = [*given, *made]
        found += made
        found += step(folder, f"liken {name} {key}", liken.run, both, own, **SETTINGS, fold=0, seed=0)
        found += step(folder, f"teach {name} {key}", teach.run, both, own, **learner, candidate=key)
        found += step(folder, f"beside {name} {key}", beside.run, both, own, examples=2, resamples=200, fold=0, seed=0)
    controls = {**whose, "candidate": "controls"}
    found += step(folder, f"liken {name}", liken.run, given, controls, **SETTINGS, fold=0, seed=0)
    for control in ("real", "classes"):
        found += step(
            folder, f"teach {name} {control}", teach.run, given, {**whose, "candidate": control}, **learner, candidate=control
        )
    return [*parts, *found, *weighed(folder, [*given, *found], name, generators)]


def weighed(folder: Path, earlier: Sequence[Output], name: str, generators: Mapping[str, Mapping[str, Any]]) -> list[Output]:
    """Of step `weigh`."""
    whose = next(output.about for output in earlier if output.about.get("experiment") == name)
    told = {key: value for key, value in whose.items() if key in ("dataset", "features", "experiment")}
    settings = {
        "generators": {key: table["use"] for key, table in generators.items()},
        "seeds": [0],
        "model": LOGISTIC["use"],
        "network": False,
        "unit": "auto",
        "resamples": 200,
        "seed": 0,
    }
    return step(folder, f"weigh {name}", weigh.run, about(earlier, experiment=name), told, **settings)


def study(folder: Path) -> list[Output]:
    """Data set `brains`, its entropy, and an experiment `synthetic` on it."""
    data = loaded(folder)
    samples = [*data, *featured(folder, data, ENTROPY)]
    return [*samples, *experiment(folder, samples)]
