"""Minimal outputs of recordings and of experiments on them, with faults planted on request.

Signals are noise: what a model makes of them is said by the caller. Intake, features, splits, scores, canaries, comparisons and
contrasts come from the real steps.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reportgen import plugins
from reportgen.core import TEST, TRAIN, VALIDATION, Facts, Recording, Stretch
from reportgen.outputs import Inputs, Output
from reportgen.steps import canary, compare, contrast, features, gather, pool, score, split
from reportgen.steps._intake_recordings import RecordingIntake
from reportgen.work import Work
from tests.factories import of, out_in

CLASSES = ("negative", "neutral", "positive")
CHANNELS = ("FZ", "C3", "C4", "PZ", "T7", "T8")
RATE = 128.0
MODEL = {"use": "logistic_regression", "settings": {"C": [0.1]}}
TRAINING = {"scale": "train", "outliers": 0.0, "samples": 0}
Trials = tuple[np.ndarray, np.ndarray]
Spoil = Callable[[np.ndarray, int], None]


def recordings(
    folder: Path,
    name: str = "eeg",
    *,
    subjects: int = 6,
    sessions: int = 1,
    trials: int = 9,
    seconds: float = 2.0,
    pause: float = 10.0,
    clips: str = "shared",
    spoil: Spoil | None = None,
    bands: Mapping[str, tuple[float, float]] | None = None,
    seed: int = 0,
) -> list[Output]:
    """Of step `load`.

    Args:
        folder: to write into.
        name: of the data set.
        subjects: how many; each is recorded in each session.
        sessions: how many.
        trials: of a recording, of classes that take turns.
        seconds: of a trial.
        pause: s between trials.
        clips: "shared": trial 3 shows clip 3 to everybody; "own": each recording has clips of its own; "": unknown.
        spoil: changes the signal (channel, time) of a trial, given the number of its recording.
        bands: of given features in place of signals.
        seed: of the noise: data sets of one seed are copies of each other.
    """
    out, rng = out_in(folder, name), np.random.default_rng(seed)
    facts = Facts(
        title=name.capitalize(),
        modality="eeg",
        classes=CLASSES,
        simulated=True,
        licence="MIT",
        consent="nobody",
        redistribute=True,
        citation="Nobody (2026)",
    )
    shape = (len(CHANNELS), int(seconds * RATE)) if bands is None else (int(seconds), len(CHANNELS), len(bands))
    with RecordingIntake(facts, out) as intake:
        for number in range(subjects * sessions):
            subject, session = number // sessions + 1, number % sessions + 1
            stretches = []
            for trial in range(trials):
                x = _noise(rng, shape)
                if spoil:
                    spoil(x, number)
                clip = {"shared": f"clip {trial}", "own": f"clip {number} {trial}"}.get(clips, "")
                start = trial * (seconds + pause)
                stretches.append(Stretch(x=x, label=trial % len(CLASSES), trial=str(trial + 1), clip=clip, start=start))
            whose = {"subject": f"s{subject}", "session": str(session), "source": f"s{subject} {session}"}
            rate = RATE if bands is None else 1.0
            intake.add(Recording(**whose, channels=CHANNELS, rate=rate, stretches=tuple(stretches), bands=bands))
    intake.finish("eeg_sim")
    return of(out, dataset=name)


def _noise(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Along the last axis, mostly below 10 Hz at 128 Hz: means of eight values."""
    sums = np.cumsum(rng.normal(0, 10, (*shape[:-1], shape[-1] + 8)), axis=-1)
    return ((sums[..., 8:] - sums[..., :-8]) / 8**0.5).astype(np.float32)


def pooled(folder: Path, data: Sequence[Output], *datasets: str, name: str = "both") -> list[Output]:
    """Of step `load` of a pool, by the step itself."""
    out = out_in(folder, name)
    labels: dict[str, dict[str, str]] = {}
    pool.run(Inputs(data), out, None, name=name, datasets=list(datasets), classes=list(CLASSES), labels=labels)
    return of(out, dataset=name)


def featured(folder: Path, data: Sequence[Output], *chain: str | Mapping[str, Any], name: str = "power") -> list[Output]:
    """Of step `features`, by the step itself: ids of features, or tables with `use`."""
    dataset = data[0].about["dataset"]
    out = out_in(folder, f"features {dataset} {name}")
    tables = [{"use": one} if isinstance(one, str) else one for one in chain or ("amplitude",)]
    whole = [{"use": table["use"], "settings": _settings("feature", table)} for table in tables]
    features.run(Inputs(data), out, Work(out.folder, {}, "cpu", 1), chain=whole)
    return of(out, dataset=dataset, features=name)


def _settings(kind: str, table: Mapping[str, Any]) -> dict[str, Any]:
    own = {key: value for key, value in table.items() if key != "use"}
    return plugins.settings(kind, table["use"]).model_validate(own).model_dump(mode="json")


def divided(
    folder: Path,
    earlier: Sequence[Output],
    experiment: str = "svm",
    use: str = "loso_clip",
    features: str = "power",
    **given: Any,
) -> list[Output]:
    """Of step `split`, by the step itself."""
    out, dataset = out_in(folder, f"split {experiment}"), earlier[0].about["dataset"]
    settings = _settings("split", {"use": use, **given})
    split.run(Inputs(_own(earlier, dataset, features)), out, None, use=use, settings=settings, seed=0)
    return of(out, dataset=dataset, features=features, experiment=experiment)


def _own(earlier: Sequence[Output], dataset: str, features: str, experiment: str = "") -> list[Output]:
    """What a step of an experiment is given."""
    wanted = {"dataset": dataset, "features": features, "experiment": experiment}
    return [output for output in earlier if all(wanted[key] == value for key, value in output.about.items() if key in wanted)]


def again(outputs: Sequence[Output], parts: np.ndarray) -> None:
    """Divide in another way than the split said: (fold, sample)."""
    path = next(output.path for output in outputs if output.kind == "parts")
    np.save(path, parts.astype(np.uint8))


def fitted(
    folder: Path,
    earlier: Sequence[Output],
    experiment: str = "svm",
    *,
    seeds: Sequence[int] = (0,),
    accuracy: float = 0.7,
    model: str = "svm",
    scale: str = "train",
    constant: int | None = None,
    beyond: int = 0,
    unvalidated: bool = False,
) -> list[Output]:
    """Of steps `fit` and `evaluate`, of models of that accuracy.

    Args:
        folder: to write into.
        earlier: outputs of `recordings`, `featured` and `divided`.
        experiment: its name.
        seeds: of the fits.
        accuracy: share of each fold's samples that are recognised, more or less.
        model: id.
        scale: of the features.
        constant: class that is named for each sample, whatever it is.
        beyond: training samples that are said to have been used, above those that there are.
        unvalidated: was nothing validated?
    """
    about = next(output.about for output in earlier if output.about.get("experiment") == experiment)
    inputs = Inputs(_own(earlier, about["dataset"], about["features"], experiment))
    labels, parts = np.asarray(inputs.one("labels")), np.atleast_2d(inputs.one("parts"))
    found: list[Output] = []
    for seed in seeds:
        folds = []
        for fold, own in enumerate(parts):
            out = out_in(folder, f"fit {experiment} {fold} seed {seed}")
            used = {name: int((own == part).sum()) for name, part in _PARTS.items()} | {"beyond": beyond}
            used["train"] += used.pop("beyond")
            share = np.clip(accuracy + np.random.default_rng([seed, fold, len(experiment)]).uniform(-0.1, 0.1), 0, 1)
            candidates = [{"name": "C = 0.1", "validation": None if unvalidated else share}]
            told = {"chosen": "C = 0.1", "candidates": candidates, "scale": scale, "transductive": scale == "subject"}
            described = {"id": model, "settings": {}, "trainable": 0, "buffers": 0, "layers": []}
            out.json("fitted", {**told, "samples": used, "model": described, "outliers": {"trials": []}, "notes": []})
            for kind, part in (("fold_logits", TEST), ("fold_validation_logits", VALIDATION)):
                out.array(kind, _logits(labels[own == part], share, [seed, fold], constant), ("sample", "class"))
            out.json("looks", {"test": 1, "by": ["fit"]})
            folds += of(out, **about, fold=str(fold), seed=str(seed))
        out = out_in(folder, f"evaluate {experiment} seed {seed}")
        gather.run(Inputs([*[o for o in earlier if o.about == about], *folds]), out, None)
        found += [*folds, *of(out, **about, seed=str(seed))]
    return found


_PARTS = {"train": TRAIN, "validation": VALIDATION, "test": TEST}


def _logits(labels: np.ndarray, accuracy: float, seed: Sequence[int], constant: int | None) -> np.ndarray:
    """Of a model that names the right class for a share of the samples, and any other class for the rest."""
    rng = np.random.default_rng(seed)
    right = rng.permutation(len(labels)) < round(accuracy * len(labels))
    wrong = (labels + rng.integers(1, len(CLASSES), len(labels))) % len(CLASSES)
    said = np.where(right, labels, wrong) if constant is None else np.full(len(labels), constant)
    return np.where(said[:, None] == np.arange(len(CLASSES)), 2, 0).astype(np.float32)


def scored(folder: Path, earlier: Sequence[Output], experiment: str = "svm", unit: str = "auto") -> list[Output]:
    """Of step `score`, by the step itself."""
    out = out_in(folder, f"score {experiment}")
    about = next(output.about for output in earlier if output.about.get("experiment") == experiment)
    mine = [output for output in _own(earlier, about["dataset"], about["features"], experiment) if "fold" not in output.about]
    score.run(Inputs(mine), out, None, seed=0, resamples=200, unit=unit)  # type: ignore[arg-type]
    out.json("evaluations", {"ever": 1, "shown": 1})
    return of(out, **about)


def experiment(
    folder: Path,
    earlier: Sequence[Output],
    name: str = "svm",
    use: str = "loso_clip",
    features: str = "power",
    *,
    unit: str = "auto",
    split: Mapping[str, Any] | None = None,
    **fits: Any,
) -> list[Output]:
    """From its split to its scores."""
    outputs = divided(folder, earlier, name, use, features, **split or {})
    outputs += fitted(folder, [*earlier, *outputs], name, **fits)
    return [*outputs, *scored(folder, [*earlier, *outputs], name, unit)]


def shuffled(folder: Path, earlier: Sequence[Output], experiment: str = "svm", repeats: int = 2) -> list[Output]:
    """Of step `canary`, by the step itself."""
    out = out_in(folder, f"canary {experiment}")
    about = next(output.about for output in earlier if output.about.get("experiment") == experiment)
    mine = [output for output in _own(earlier, about["dataset"], about["features"], experiment) if "seed" not in output.about]
    work = Work(out.folder, {}, "cpu", 1)
    canary.run(Inputs(mine), out, work, model=MODEL, train=TRAINING, repeats=repeats, seed=0)
    return of(out, **about)


def compared(folder: Path, earlier: Sequence[Output], *experiments: str) -> list[Output]:
    """Of step `compare`, by the step itself: experiments on the same samples, though perhaps of other features."""
    out = out_in(folder, "compare")
    about = next(output.about for output in earlier if output.about.get("experiment") == experiments[0])
    first = _own(earlier, about["dataset"], about["features"])
    rest = [o for o in earlier if o.about.get("experiment") in experiments and "fold" not in o.about]
    how: dict[str, Any] = {"use": "loso_clip", "settings": {}}
    compare.run(Inputs([*first, *rest]), out, None, experiments=list(experiments), split=how, resamples=200, seed=0)
    return of(out, dataset=about["dataset"], comparison="splits")


def contrasted(folder: Path, earlier: Sequence[Output], splits: Mapping[str, str]) -> list[Output]:
    """Of step `contrast`, by the step itself: {experiment: id of its split}."""
    out, dataset = out_in(folder, "contrast"), earlier[0].about["dataset"]
    given = [o for o in earlier if o.about.get("dataset") == dataset and o.kind in ("facts", "scores")]
    how = {name: {"use": use, "settings": {}} for name, use in splits.items()}
    contrast.run(Inputs(given), out, None, experiments=list(splits), splits=how, resamples=200, seed=0)
    return of(out, dataset=dataset, contrast="svm")


def separated(
    folder: Path, strong: Mapping[tuple[str, str], float], about: Mapping[str, str], p: float = 0.001
) -> list[Output]:
    """Of step `spectra`: η² 0.02 but where {(channel, band): η²} says, there with that p-value.

    Args:
        folder: to write into.
        strong: what separates the classes.
        about: dataset, features and experiment.
        p: of the strong ones.
    """
    out = out_in(folder, f"spectra {about['experiment']}")
    bands = {"alpha": (8.0, 14.0), "beta": (14.0, 31.0), "gamma": (31.0, 50.0)}
    table = [[strong.get((channel, band), 0.02) for band in bands] for channel in CHANNELS]
    out.json(
        "separation",
        {
            "classes": CLASSES,
            "channels": CHANNELS,
            "bands": list(bands),
            "edges": list(bands.values()),
            "eta2": table,
            "p": [[p if value > 0.02 else 0.9 for value in row] for row in table],
            "largest": [[2 for _ in row] for row in table],
        },
    )
    return of(out, **about)


def clean(folder: Path) -> list[Output]:
    """A study without a fault: unknown people and clips, an experiment on amplitudes, and a look at the data."""
    outputs = recordings(folder)
    outputs += featured(folder, outputs, {"use": "psd"}) + featured(folder, outputs, "amplitude", name="amplitude")
    outputs += experiment(folder, outputs, split={"clip_folds": 2}, accuracy=0.8)
    weak = {"split": {"clip_folds": 2}, "accuracy": 0.45}
    outputs += experiment(folder, outputs, "loudness", features="amplitude", **weak)
    outputs += shuffled(folder, outputs) + compared(folder, outputs, "svm", "loudness")
    outputs += experiment(folder, outputs, "frequent", split={"clip_folds": 2}, constant=0, model="most_frequent")
    look = {"dataset": "eeg", "features": "power", "experiment": "look"}
    outputs += divided(folder, outputs, "look", clip_folds=2)
    return [*outputs, *separated(folder, {("C4", "beta"): 0.4}, look)]
