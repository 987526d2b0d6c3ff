"""Recordings on their way through the real steps: simulated, divided, fitted and scored, as small as a test can use."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from reportgen import plugins
from reportgen.outputs import Inputs, Output
from reportgen.steps import canary, contrast, features, fit, gather, load, outliers, pool, projection, score, spectra, split
from reportgen.work import Work
from tests.factories import of, out_in

SMALL: Mapping[str, Any] = {"subjects": 6, "sessions": 1, "trials": 9, "seconds": 4.0, "channels": "ten_twenty"}
"""Settings of eeg_sim that are quick."""
ENTROPY: Mapping[str, Any] = {"use": "differential_entropy", "window": 1.0}
RESAMPLES = 500


def step(
    folder: Path,
    name: str,
    run: Callable[..., None],
    earlier: Sequence[Output],
    about: Mapping[str, str],
    /,
    *,
    files: Mapping[str, Path] | None = None,
    **settings: Any,
) -> list[Output]:
    """What one step writes of earlier outputs."""
    out = out_in(folder, name, "out")
    run(Inputs(earlier), out, Work(folder / name, files or {}, "cpu", 1), **settings)
    return of(out, **about)


def about(earlier: Sequence[Output], **wanted: str) -> list[Output]:
    """Those that are about it, or say nothing on it."""
    return [output for output in earlier if all(output.about.get(key, value) == value for key, value in wanted.items())]


def chosen(kind: str, written: str | Mapping[str, Any]) -> dict[str, Any]:
    """A plugin with all of its settings, as a plan has it: of its id, or of {use, and some settings}."""
    table = {"use": written} if isinstance(written, str) else written
    given = {key: value for key, value in table.items() if key != "use"}
    settings = plugins.settings(kind, table["use"]).model_validate(given).model_dump(mode="json")
    return {"use": table["use"], "settings": settings}


def training(**given: Any) -> dict[str, Any]:
    """The table `train` of an estimator, with all of its settings."""
    table = plugins.settings_of(plugins.PACKAGE / "estimating.py", "fit")
    return dict(table.model_validate(given).model_dump(mode="json"))


def loaded(
    folder: Path, name: str = "brains", use: str = "eeg_sim", *, files: Mapping[str, Path] | None = None, **settings: Any
) -> list[Output]:
    """Of step `load`."""
    given = {**SMALL, **settings} if use == "eeg_sim" else {**settings, **(files or {})}
    told = chosen("dataset", {"use": use, **given})
    return step(folder, f"load {name}", load.run, [], {"dataset": name}, files=files, **told)


def pooled(
    folder: Path, members: Sequence[Output], name: str, classes: Sequence[str], labels: Mapping[str, Any]
) -> list[Output]:
    """Of the step `load` of a pool: {data set: {its class: ours}}."""
    settings = {"name": name, "datasets": list(labels), "classes": list(classes), "labels": dict(labels)}
    return step(folder, f"load {name}", pool.run, members, {"dataset": name}, **settings)


def featured(
    folder: Path, data: Sequence[Output], *chain: Mapping[str, Any], dataset: str = "brains", name: str = "entropy"
) -> list[Output]:
    """Of step `features`; of a pool, `data` holds its members too."""
    whole = [chosen("feature", feature) for feature in chain or [ENTROPY]]
    return step(folder, f"features {dataset} {name}", features.run, data, {"dataset": dataset, "features": name}, chain=whole)


def divided(
    folder: Path, samples: Sequence[Output], experiment: str, cut: Mapping[str, Any], *, dataset: str = "brains"
) -> list[Output]:
    """Of step `split`: `samples` are what `loaded` and `featured` made."""
    own = about(samples, dataset=dataset)
    whose = {**_features(own), "dataset": dataset, "experiment": experiment}
    return step(folder, f"split {experiment}", split.run, own, whose, **chosen("split", cut), seed=0)


def fitted(
    folder: Path,
    samples: Sequence[Output],
    parts: Sequence[Output],
    *,
    model: str | Mapping[str, Any] = "logistic_regression",
    seed: int = 0,
    **train: Any,
) -> list[Output]:
    """Of steps `fit`, one a fold, and of `evaluate`, which gathers them."""
    whose = {**parts[0].about, "seed": str(seed)}
    given = [*about(samples, dataset=whose["dataset"]), *parts]
    found: list[Output] = []
    for fold in range(len(Inputs(parts).one("split")["folds"])):
        settings = {"model": chosen("model", model), "train": training(**train), "fold": fold, "seed": seed}
        name = f"fit {whose['experiment']} {fold} {seed}"
        found += step(folder, name, fit.run, given, {**whose, "fold": str(fold)}, **settings)
    return found + step(folder, f"evaluate {whose['experiment']} {seed}", gather.run, [*parts, *found], whose)


def scored(folder: Path, earlier: Sequence[Output], experiment: str, *, unit: str = "auto") -> list[Output]:
    """Of step `score`."""
    whose = next(output.about for output in earlier if output.about.get("experiment") == experiment)
    own = [output for output in about(earlier, experiment=experiment, dataset=whose["dataset"]) if "fold" not in output.about]
    told = {key: value for key, value in whose.items() if key not in ("seed", "fold")}
    return step(folder, f"score {experiment}", score.run, own, told, unit=unit, resamples=RESAMPLES, seed=0)


def shuffled(
    folder: Path,
    samples: Sequence[Output],
    parts: Sequence[Output],
    *,
    model: str | Mapping[str, Any] = "logistic_regression",
    repeats: int = 3,
) -> list[Output]:
    """Of step `canary`."""
    whose = parts[0].about
    given = [*about(samples, dataset=whose["dataset"]), *parts]
    settings = {"model": chosen("model", model), "train": training(), "repeats": repeats, "seed": 0}
    return step(folder, f"canary {whose['experiment']}", canary.run, given, whose, **settings)


def experiment(
    folder: Path,
    samples: Sequence[Output],
    name: str,
    cut: Mapping[str, Any],
    *,
    dataset: str = "brains",
    model: str | Mapping[str, Any] = "logistic_regression",
    **train: Any,
) -> list[Output]:
    """Of steps `split`, `fit`, `evaluate` and `score`."""
    parts = divided(folder, samples, name, cut, dataset=dataset)
    found = [*parts, *fitted(folder, samples, parts, model=model, **train)]
    return [*found, *scored(folder, [*samples, *found], name)]


def contrasted(
    folder: Path, data: Sequence[Output], earlier: Sequence[Output], splits: Mapping[str, Mapping[str, Any]]
) -> list[Output]:
    """Of step `contrast`: {experiment: its split}."""
    given = [*about(data, dataset="brains"), *(output for output in earlier if output.kind == "scores")]
    whose = {"dataset": "brains", "contrast": "brains-logistic_regression"}
    told = {name: chosen("split", cut) for name, cut in splits.items()}
    settings = {"experiments": list(told), "splits": told, "resamples": RESAMPLES, "seed": 0}
    return step(folder, "contrast", contrast.run, given, whose, **settings)


def looked_at(folder: Path, data: Sequence[Output], name: str = "look") -> list[Output]:
    """Of the task `explore`: features of whole and of trimmed trials, split, spectra, projection and outliers."""
    trim = {"use": "trim", "first": 0.5}
    chains = {"full": [ENTROPY], "time": [trim, ENTROPY]}
    made = [o for variant, chain in chains.items() for o in featured(folder, data, *chain, name=variant)]
    full = [*data, *about(made, features="full")]
    parts = divided(folder, full, name, {"use": "loso"})
    whose, statistics = parts[0].about, {"unit": "auto", "resamples": RESAMPLES, "seed": 0}
    found = step(folder, f"spectra {name}", spectra.run, data, whose, window=1.0, **statistics)
    found += step(folder, f"projection {name}", projection.run, full, whose, perplexity=10.0, samples=100, seed=0)
    settings = {"model": chosen("model", "logistic_regression"), "train": training(), "threshold": 3.5}
    variants = {variant: variant for variant in chains}
    given = [*data, *made, *parts]
    found += step(folder, f"outliers {name}", outliers.run, given, whose, variants=variants, **settings, **statistics)
    return [*made, *parts, *found]


def study(folder: Path) -> list[Output]:
    """Every kind of recordings once: data set `brains`, experiments `bands` and `bands_clip`, a look, a contrast."""
    data = loaded(folder)
    samples = [*data, *featured(folder, data)]
    splits = {"bands": {"use": "loso"}, "bands_clip": {"use": "loso_clip"}}
    found = [output for name, cut in splits.items() for output in experiment(folder, samples, name, cut)]
    parts = [output for output in found if output.kind in ("split", "parts") and output.about["experiment"] == "bands"]
    found += shuffled(folder, samples, parts, repeats=1)
    found += contrasted(folder, data, found, splits)
    stretch = {"use": "fixed_duration", "seconds": 5.0}
    found += featured(folder, data, stretch, ENTROPY, name="stretched")
    return [*samples, *found, *looked_at(folder, data)]


def _features(samples: Sequence[Output]) -> dict[str, str]:
    """The features that samples are made by, in the words of `about`."""
    return next({"features": output.about["features"]} for output in samples if "features" in output.about)
