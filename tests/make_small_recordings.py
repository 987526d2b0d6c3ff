"""A small study of recordings for the tests of the report half: data sets, a pool, baselines, a network, a look, a contrast.

Made-up outputs in the real schema, like those of `make_small_store`, in whose store it is kept. Arrays are smaller than the
tables say: pages read tables alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import make_small_networks
import numpy as np
from make_small_store import Maker, Text, figure, keep, plain

from reportgen.core import PARTS, TEST
from reportgen.outputs import Out
from reportgen.quality import MEASURES
from reportgen.store import Build, Store

CLASSES = ("negative", "neutral", "positive")
CHANNELS = ("FZ", "CZ", "PZ", "T7")
BANDS: Mapping[str, tuple[float, float]] = {"alpha": (8.0, 14.0), "beta": (14.0, 31.0)}
CLIPS = 6  # that everybody sees
ENTROPY: dict[str, Any] = {"window": 1.0, "step": 0.0, "bands": {}, "method": "fourier"}
TRAIN: dict[str, Any] = {"scale": "train", "outliers": 0.0, "samples": 0}
EVALUATE: dict[str, Any] = {"resamples": 2000, "views": "one", "unit": "auto", "shuffles": 3}
LOOK: dict[str, Any] = {"window": 2.0, "perplexity": 40.0, "samples": 1500, "trim": 0.5, "low": 13.0, "outliers": 3.5}
OVER_CLIPS = {"n": 12, "accuracy": {"low": 0.39, "high": 0.71}, "above_baseline": {"low": 0.02, "high": 0.34}}
REGRESSION: dict[str, Any] = {"use": "logistic_regression", "settings": {"C": [0.1, 1.0], "iterations": 1000}}
MACHINE: dict[str, Any] = {
    "use": "svm",
    "settings": {"kernel": "linear", "C": [0.1], "exact": 5000, "components": 500},
}
CONTRAST, COMPARISON = "brains-logistic_regression", "brains-loso"


@dataclass(frozen=True)
class Baseline:
    """An experiment with an estimator."""

    name: str
    title: str
    dataset: str
    chain: tuple[Mapping[str, Any], ...]
    model: Mapping[str, Any]
    split: Mapping[str, Any]
    folds: tuple[str, ...]
    accuracy: float
    subjects: tuple[str, ...]  # that are tested, the units of its scores
    counts: tuple[int, int, int]  # samples of each class in train, validation and test
    seeds: tuple[int, ...] = (0,)
    scale: str = "train"
    canary: bool = False
    sources: tuple[str, ...] = ()

    @property
    def features(self) -> str:
        """What the step that makes its samples is called."""
        return "-".join(feature["use"] for feature in self.chain)

    @property
    def about(self) -> dict[str, str]:
        """What its steps are about."""
        return {"dataset": self.dataset, "features": self.features, "experiment": self.name}

    @property
    def classes(self) -> tuple[str, ...]:
        """Those of its data set."""
        return CLASSES if self.dataset != "both" else (CLASSES[0], CLASSES[2])

    @property
    def certain(self) -> bool:
        """Whether it has enough subjects for intervals."""
        return len(self.subjects) > 5


def baselines(text: Text) -> tuple[Baseline, ...]:
    """The experiments; names of people come from files, and may hold anything."""
    entropy = ({"use": "differential_entropy", "settings": ENTROPY},)
    average = ({"use": "average", "settings": {}},)
    people = subjects(text)
    of_brains = {"dataset": "brains", "chain": entropy, "model": REGRESSION, "subjects": people}
    loso, loso_clip = ({"use": use, "settings": {"validation": 0.2}} for use in ("loso", "loso_clip"))
    loso_clip["settings"] = {"clip_folds": 2, "validation": 0.2}
    across = {"use": "cross_dataset", "settings": {"train": [], "test": [], "validation": 0.2}}
    holdout = {"use": "holdout", "settings": {"test": 0.25, "validation": 0.1, "shuffle": True}}
    known = tuple(f"subject {name}" for name in people)
    unknown = tuple(f"{name} clips {group}" for name in known for group in (1, 2))
    everybody = tuple(f"{member} {name}" for member in ("brains", "strangers") for name in people)
    pooled = {"chain": entropy, "model": REGRESSION, "subjects": everybody, "counts": (51, 13, 128)}
    return (
        Baseline(
            "bands", "Unseen people", **of_brains, split=loso, folds=known, accuracy=0.62, counts=(45, 11, 64), canary=True
        ),
        Baseline(
            "bands_clip",
            "Unseen people and clips",
            **of_brains,
            split=loso_clip,
            folds=unknown,
            accuracy=0.36,
            counts=(23, 5, 64),
        ),
        Baseline(
            "together",
            "Unseen laboratories",
            "both",
            **pooled,
            split=across,
            folds=("data set brains", "data set strangers"),
            accuracy=0.56,
            sources=("brains", "strangers"),
        ),
        Baseline(
            "given",
            "Published features",
            "moods",
            average,
            MACHINE,
            holdout,
            folds=("",),
            accuracy=0.55,
            subjects=people[:3],
            counts=(10, 2, 4),
            seeds=(0, 1),
            scale="subject",
        ),
    )


def network(text: Text) -> Baseline:
    """The experiment with a network, on signals, on the same trials as `bands`."""
    signals = ({"use": "windows", "settings": {"window": 1.0, "step": 0.0}},)
    model = {"use": "eegnet", "settings": {}}
    changed = {"chain": signals, "model": model, "accuracy": 0.58, "canary": True}
    return replace(baselines(text)[0], name="waves", title="Network on signals", **changed)


def subjects(text: Text) -> tuple[str, ...]:
    """Names of the people, as their reader gives them."""
    return tuple(text(str(number)) for number in range(1, 9))


def make_store(root: Path, text: Text = plain, *, restricted: bool = False) -> tuple[Store, Build, dict[str, str]]:
    """Write the study's outputs and build; returns the store, the build and the keys of its figures."""
    make = Maker(root, text, restricted=restricted, study="recordings")
    for name, title in (("brains", "Small brains"), ("strangers", "Other small brains")):
        load(make, name, {**facts(make, title), "positions": POSITIONS}, use="eeg_sim")
    given = {"rate": 1.0, "bands": BANDS, "axes": ["window", "channel", "band"], "unit": "nat", "positions": None}
    load(make, "moods", {**facts(make, "Small moods"), **given, "shape": [4, 2]}, use="seed_v")
    pool(make)
    for baseline in baselines(text):
        fitted_and_scored(make, baseline)
    trained_and_explained(make, network(text))
    compare(make)
    look(make)
    contrast(make)
    audit(make)
    figures(make)
    return keep(make, "recordings", study(text), text('title = "A small study of recordings"\n'))


# data sets

POSITIONS = {channel: [0.01 * i, 0.02 * i, 0.09] for i, channel in enumerate(CHANNELS)}


def facts(make: Maker, title: str) -> dict[str, Any]:
    """Of a data set of signals."""
    text, restricted = make.text, make.restricted
    trials = len(subjects(text)) * CLIPS
    return {
        "id": "eeg_sim",
        "title": text(title),
        "modality": "eeg",
        "classes": [text(name) for name in CLASSES],
        "simulated": not restricted,
        "licence": text("MIT"),
        "consent": text("Nobody was recorded: every signal is made up."),
        "redistribute": not restricted,
        "citation": text("Made up for the tests."),
        "bibtex": "",
        "training_part": "recorded",
        "test_part": "recorded",
        "references": [],
        "limits": text("It shows that pages are rendered, nothing else."),
        "scale": [0.0, 1.0],
        "whole": "video",
        "n": trials,
        "parts": ["recorded"],
        "published_counts": {},
        "counts": {"recorded": {text(name): trials // len(CLASSES) for name in CLASSES}},
        "shape": [len(CHANNELS)],
        "axes": ["time", "channel"],
        "unit": "µV",
        "rate": 128.0,
        "channels": [text(channel) for channel in CHANNELS],
        "positions": None,
        "bands": None,
        "subjects": len(subjects(text)),
        "sessions": 1,
        "recordings": len(subjects(text)),
        "seconds": 4.0 * trials,
        "notices": [text("2 channels of a recording are called by an older name (EOG, A1)")],
    }


def load(make: Maker, name: str, told: Mapping[str, Any], *, use: str) -> None:
    """A data set that is read."""
    rows = [
        {"subject": subject, "session": "1", "recording": make.text(f"{name}_{subject}.mat"), "trial": str(clip), "clip": clip}
        for subject in subjects(make.text)
        for clip in map(make.text, "123456")
    ]
    places = {"start": 15.0, "lead": 0, "tail": 0, "length": 1}
    table = [{**row, "label": i % len(CLASSES), "offset": i, **places} for i, row in enumerate(rows)]
    measures = {measure: [0.0] * len(CHANNELS) for measure in MEASURES}
    whose = ("subject", "session", "recording")
    quality = [{**{key: row[key] for key in whose}, "seconds": 24.0, "measures": measures} for row in rows[::CLIPS]]

    def writes(out: Out) -> None:
        out.json("facts", {**told, "id": use})
        out.json("stretches", {column: [row[column] for row in table] for column in table[0]})
        x = np.zeros((len(table), *told["shape"]), np.float32)
        out.array("signals", x, told["axes"], told["unit"], restricted=make.restricted)
        if told["bands"] is None:
            out.json("quality", {"channels": told["channels"], "recordings": quality})
            out.json("planted", {"recordings": [{key: row[key] for key in whose} for row in rows[::CLIPS]]})

    make.step(f"load {name}", {"dataset": name}, (), {"use": use, "settings": {"subjects": 8}}, writes)


def pool(make: Maker) -> None:
    """The data set `both`, of `brains` and `strangers`."""
    members, text = ("brains", "strangers"), make.text
    classes = [text("negative"), text("positive")]
    told = {
        **facts(make, "Small brains"),
        "id": "pool",
        "title": text("Small brains") + " + " + text("Other small brains"),
        "classes": classes,
        "parts": list(members),
        "training_part": "brains",
        "test_part": "brains",
        "n": 64,
        "counts": {member: dict.fromkeys(classes, 16) for member in members},
        "subjects": 16,
        "recordings": 16,
        "seconds": 256.0,
        "positions": POSITIONS,
        "notices": [],
    }

    def writes(out: Out) -> None:
        out.json("facts", told)
        row = {"subject": text("brains 1"), "session": "1", "recording": text("brains 1_1"), "trial": "1", "clip": ""}
        places = {"label": 0, "start": 15.0, "offset": 0, "lead": 0, "length": 1, "tail": 0, "dataset": "brains"}
        out.json("stretches", {column: [value] for column, value in {**row, **places}.items()})

    settings = {**pools(text)["both"], "name": "both"}
    make.step("load both", {"dataset": "both"}, ("load brains", "load strangers"), settings, writes)


def pools(text: Text) -> dict[str, Any]:
    """The table `pool` of the study."""
    labels = {text("negative"): text("negative"), text("neutral"): "", text("positive"): text("positive")}
    names = ["brains", "strangers"]
    return {
        "both": {"datasets": names, "classes": [text("negative"), text("positive")], "labels": dict.fromkeys(names, labels)}
    }


# experiments


def featured(make: Maker, dataset: str, chain: Sequence[Mapping[str, Any]]) -> str:
    """The step that makes samples, unless it is there already; returns its name."""
    features = "-".join(feature["use"] for feature in chain)
    step, text = f"features {dataset} {features}", make.text
    classes = [text(name) for name in (CLASSES if dataset != "both" else (CLASSES[0], CLASSES[2]))]
    bands = "average" not in features
    n = {"brains": 192, "both": 256, "moods": 48}[dataset]
    signals = features == "windows"
    axes, unit = (("channel", "time"), "µV") if signals else (("channel", "band"), "nat")
    shape = (len(CHANNELS), 128 if signals else len(BANDS))
    column = np.array(["1"] * n)

    def writes(out: Out) -> None:
        out.json(
            "features",
            {
                "chain": [dict(feature) for feature in chain],
                "shape": list(shape),
                "axes": ["sample", *axes],
                "unit": unit,
                "rate": 128.0,
                "names": {} if signals else {"band": [text(band) for band in BANDS]},
                "channels": [text(channel) for channel in CHANNELS],
                "classes": classes,
                "n": n,
                "counts": [n // len(classes)] * len(classes),
                "same": dataset,
                "notices": [text("A window holds values that are no numbers and is left out. (3 times)")] if bands else [],
            },
        )
        x = np.zeros((4, *shape) if signals else (n, *shape), np.float32)
        out.array("samples", x, ("sample", *axes), unit, restricted=make.restricted)
        out.array("labels", np.zeros(n, np.int16), ("sample",))
        out.array("twins", np.arange(n, dtype=np.int32), ("sample",))
        whose = dict.fromkeys(("dataset", "subject", "session", "recording", "trial", "clip"), column)
        numbers = dict.fromkeys(("start", "stop", "rate"), np.ones(n))
        np.savez(out.path("rows", ".npz", axes=("sample",)), **whose, **numbers, index=np.arange(n))
        out.json("pieces", {**{key: ["1"] for key in whose}, "label": [0], "seconds": [4.0]})

    if step not in make.keys:
        make.step(step, {"dataset": dataset, "features": features}, (f"load {dataset}",), {"chain": list(chain)}, writes)
    return step


def divided(make: Maker, one: Baseline, step: str) -> None:
    """The split of an experiment."""
    names = [make.text(name) for name in one.classes]
    counts = {part: dict.fromkeys(names, n) for part, n in zip(PARTS, (0, *one.counts), strict=True)}

    def writes(out: Out) -> None:
        told = {"name": one.split["use"], "settings": one.split["settings"], "folds": list(one.folds), "counts": counts}
        n = one.counts[-1] * len(names)
        out.json("split", {**told, "test_origin": list(one.sources or (one.dataset,)), "n_test": n, "n_test_twin_free": None})
        out.array("parts", np.full((len(one.folds), 4), TEST, np.uint8), ("fold", "sample"))

    make.step(f"split {one.name}", one.about, (f"load {one.dataset}", step), {**one.split, "seed": 0}, writes)


def fitted_and_scored(make: Maker, one: Baseline) -> None:
    """All steps of an experiment with an estimator."""
    step = featured(make, one.dataset, one.chain)
    divided(make, one, step)
    given = (f"load {one.dataset}", step, f"split {one.name}")
    chosen: dict[str, Any] = {"model": dict(one.model), "train": {**TRAIN, "scale": one.scale}}
    for seed in one.seeds:
        fits = {f"fit {one.name}{f' {fold}' if fold else ''} seed {seed}": number for number, fold in enumerate(one.folds)}
        about = {**one.about, "seed": str(seed)}
        for name, number in fits.items():
            settings = {**chosen, "fold": number, "seed": seed}
            make.step(name, {**about, "fold": str(number)}, given, settings, lambda out, n=number: fit(out, one, n))
        make.step(f"evaluate {one.name} seed {seed}", about, (f"split {one.name}", *fits), {}, lambda out: gathered(out, one))
    last = {"resamples": 2000, "unit": "auto", "seed": 0}
    inputs = (*given, *(f"evaluate {one.name} seed {seed}" for seed in one.seeds))
    make.step(f"score {one.name}", one.about, inputs, last, lambda out: out.json("scores", scores(make, one)))
    if one.canary:
        settings = {**chosen, "repeats": 3, "seed": 0}
        make.step(f"canary {one.name}", one.about, given, settings, lambda out: out.json("canary", canary(one)))


def trained_and_explained(make: Maker, one: Baseline) -> None:
    """All steps of an experiment with a network."""
    step = featured(make, one.dataset, one.chain)
    divided(make, one, step)
    given = (f"load {one.dataset}", step, f"split {one.name}")
    chosen: dict[str, Any] = {"model": dict(one.model), "train": make_small_networks.TRAIN}
    shared, about = {"dataset": one.dataset, "features": one.features}, {**one.about, "seed": "0"}
    trained = {f"train {one.name} {fold} seed 0": number for number, fold in enumerate(one.folds)}
    answered = [name.replace("train", "answer", 1) for name in trained]
    for (train, number), answer in zip(trained.items(), answered, strict=True):
        settings, own = {**chosen, "seed": 0, "fold": number}, {"fold": str(number)}
        make.step(train, {**about, **own}, given, settings, lambda out, n=number: make_small_networks.train(out, n))
        make.step(answer, {**about, **own}, (*given, train), {"fold": number}, make_small_networks.answer)
        control, other = train.removesuffix("seed 0") + "shuffle 0", {**shared, "control": one.name, **own, "shuffle": "0"}
        make.step(control, other, given, {**settings, "repeat": 0}, lambda out, n=number: make_small_networks.train(out, n))
    evaluate, last = f"evaluate {one.name} seed 0", {"resamples": 2000, "unit": "auto", "seed": 0}
    make.step(evaluate, about, (f"split {one.name}", *trained, *answered), {}, lambda out: gathered(out, one))
    make.step(f"score {one.name}", one.about, (*given, evaluate), last, lambda out: out.json("scores", scores(make, one)))
    make.step(f"canary {one.name}", one.about, given, {"repeats": 1, "seed": 0}, lambda out: out.json("canary", canary(one)))
    explain(make, one, (*given, *trained, evaluate))


def explain(make: Maker, one: Baseline, inputs: tuple[str, ...]) -> None:
    """What explainers and single bands say of a network."""
    text, names, about = make.text, one.subjects, {**one.about, "seed": "0"}
    writes = {
        "saliency": lambda out: make_small_networks.saliency(out, names),
        "frequencies": lambda out: make_small_networks.frequencies(out, text, CLASSES, CHANNELS, names),
    }
    for key, write in writes.items():
        settings = make_small_networks.EXPLAIN[key]
        make.step(f"explain {one.name} {key}", {**about, "explainer": key}, inputs, settings, write)
    make.step(f"retrain {one.name}", about, inputs, {"bands": {}}, lambda out: make_small_networks.alone(out, text, names))


def described(one: Baseline) -> dict[str, Any]:
    """The kind `model` of an estimator."""
    estimator = "LinearSVC" if one.model["use"] == "svm" else "LogisticRegression"
    size = {"trainable": 0, "buffers": 0, "layers": []}
    return {"id": one.model["use"], "settings": one.model["settings"], **size, "estimator": estimator, "probabilities": True}


def fit(out: Out, one: Baseline, number: int) -> None:
    """Of a fold."""
    outlier = {"trial": "brains_2:4", "distance": 4.2}
    out.json(
        "fitted",
        {
            "model": described(one),
            "chosen": "C = 0.1",
            "candidates": [{"name": f"C = {c}", "validation": 0.5 + 0.01 * number} for c in one.model["settings"]["C"]],
            "scale": one.scale,
            "transductive": one.scale == "subject",
            "features": len(CHANNELS) * len(BANDS),
            "samples": {part: n * len(one.classes) for part, n in zip(PARTS[1:], one.counts, strict=True)},
            "probabilities": True,
            "sharpness": 1.3 if one.model["use"] == "svm" else None,
            "outliers": {"rule": "far away", "threshold": 3.5, "samples": 4, "trials": [outlier] if number == 1 else []},
            "notes": [],
        },
    )
    out.array("fold_logits", np.zeros((1, len(CLASSES)), np.float32), ("sample", "class"))
    out.array("fold_validation_logits", np.zeros((1, len(CLASSES)), np.float32), ("sample", "class"))
    out.json("looks", {"test": 1, "by": ["fit"]})


def gathered(out: Out, one: Baseline) -> None:
    """Of all folds of a seed."""
    for kind in ("", "validation_"):
        out.array(f"{kind}logits", np.zeros((len(one.folds), len(CLASSES)), np.float32), ("sample", "class"))
    for kind in ("test_samples", "validation_samples"):
        out.array(kind, np.arange(len(one.folds), dtype=np.int32), ("sample",))
    out.json("model", make_small_networks.described() if one.name == "waves" else described(one))
    out.json("looks", {"test": 1, "by": ["answer" if one.name == "waves" else "fit"]})


def scores(make: Maker, one: Baseline) -> dict[str, Any]:
    """Of all folds and seeds."""
    names, n = [make.text(name) for name in one.classes], one.counts[-1] * len(one.classes)
    windows = n // len(one.subjects)
    chance = round(1 / len(names), 3)
    half = {"accuracy": 0.051, "balanced_accuracy": 0.052, "macro_f1": 0.055, "ece": 0.02}
    means = {"accuracy": one.accuracy, "balanced_accuracy": one.accuracy - 0.01, "macro_f1": one.accuracy - 0.02, "ece": 0.09}
    several = len(one.seeds) > 1
    rows = [
        {
            "name": name,
            "n": windows,
            "accuracy": round(one.accuracy + 0.02 * (i - len(one.subjects) // 2), 3),
            "balanced_accuracy": round(one.accuracy + 0.02 * (i - len(one.subjects) // 2), 3),
            "baseline": chance,
        }
        for i, name in enumerate(one.subjects)
    ]
    source = {"n": 128, "units": 8, "accuracy": spread(one, one.accuracy, 0.06), "largest": 0.4}
    whole = {
        "n": n,
        "groups": len(one.subjects),
        "same": True,
        "metrics": {
            name: {**spread(one, mean, half[name]), "seeds": [mean] * len(one.seeds), "sd": 0.0 if several else None}
            for name, mean in means.items()
        },
        "baseline": {"majority": {"class": names[0], "accuracy": chance, **limits(one, chance, 0.0)}, "chance": chance},
        "above_baseline": {"difference": one.accuracy - chance, **limits(one, one.accuracy - chance, 0.051)},
        "per_class": [
            {
                "class": name,
                "n": n // len(names),
                **{key: spread(one, one.accuracy, 0.1) for key in ("precision", "recall", "f1")},
            }
            for name in names
        ],
        "confusion": np.eye(len(names)).tolist(),
        "reliability": [],
    }
    return {
        "n": n,
        "groups": len(one.subjects),
        "unit": "subject",
        "folds": len(one.folds),
        "units": rows,
        "subjects": rows,
        "clips": OVER_CLIPS if len(rows) > 5 else None,
        "learned_trials": 67.0,
        "sources": [{"name": name, **source} for name in one.sources],
        "seeds": list(one.seeds),
        "classes": names,
        "test_origin": list(one.sources or (one.dataset,)),
        "smoke": False,
        "looks": len(one.seeds),
        "validation": {
            "n": one.counts[1] * len(names),
            "accuracy": {"seeds": [0.6] * len(one.seeds), "mean": 0.6, "sd": 0.0 if several else None},
        },
        "views": {"all": whole, "twin_free": whole},
    }


def limits(one: Baseline, mean: float, half: float) -> dict[str, float | None]:
    """Of an interval, where there are enough subjects."""
    return {"low": round(mean - half, 3), "high": round(mean + half, 3)} if one.certain else {"low": None, "high": None}


def spread(one: Baseline, mean: float, half: float) -> dict[str, Any]:
    """A mean and its limits."""
    return {"mean": round(mean, 3), **limits(one, mean, half)}


def canary(one: Baseline) -> dict[str, Any]:
    """Of shuffled labels."""
    found = {"accuracy": [0.34, 0.31, 0.36], "balanced_accuracy": [0.34, 0.31, 0.36], "chance": 0.333, "majority": 0.333}
    size = {"repeats": 3, "folds": len(one.folds), "n": 192, "trials": 48, "within_subject": True, "kept": 0}
    return {**size, **found, "mean": 0.337, "expected": 0.333, "low": 0.25, "high": 0.42}


# what looks at data and at experiments


def look(make: Maker) -> None:
    """The experiment `look`: its tables; what figures alone read is empty."""
    one = replace(baselines(make.text)[0], name="look")
    own, step = one.about, featured(make, "brains", one.chain)
    divided(make, one, step)
    statistics = {"unit": "auto", "resamples": 2000, "seed": 0}

    def spectra(out: Out) -> None:
        np.savez(out.path("spectra", ".npz", unit="dB"), frequency=np.arange(1.0, 4.0))
        out.json("separation", {"unit": "subject", "units": 8, "channels": list(CHANNELS), "bands": list(BANDS)})

    def projection(out: Out) -> None:
        np.savez(out.path("projection", ".npz"), index=np.arange(3, dtype=np.int32))

    def outliers(out: Out) -> None:
        found = {"rule": "far away", "threshold": 3.5, "samples": {"left_out": 4, "of": 1080}, "trials": []}
        told = {"unit": "subject", "units": list(one.subjects), "folds": 8, "trials": 48, "left_out": []}
        out.json("outliers", {**told, "inputs": [], "outliers": found})

    load = ("load brains",)
    make.step("spectra look", own, load, {"window": 2.0, **statistics}, spectra)
    make.step("projection look", own, (*load, step), {"perplexity": 40.0, "samples": 1500, "seed": 0}, projection)
    settings = {"model": REGRESSION, "train": TRAIN, "threshold": 3.5, "variants": {"full": own["features"]}, **statistics}
    make.step("outliers look", own, (*load, step, "split look"), settings, outliers)


def contrast(make: Maker) -> None:
    """`bands` and `bands_clip`, which differ in their split alone."""
    known, unknown = baselines(make.text)[:2]
    rows = [
        {
            "name": one.name,
            "split": one.split["use"],
            "accuracy": one.accuracy,
            **limits(one, one.accuracy, 0.05),
            "units": [round(one.accuracy + 0.02 * (i - len(one.subjects) // 2), 3) for i in range(8)],
        }
        for one in (known, unknown)
    ]
    difference = {"difference": 0.26, "low": 0.2, "high": 0.31, "p": 0.0078, "p_holm": 0.0078}
    pair = {"first": "bands", "second": "bands_clip", **difference, "units": 8, "names_gap": "stimulus identity"}
    found = {
        "dataset": "brains",
        "unit": "subject",
        "chance": 0.333,
        "units": list(known.subjects),
        "n_units": 8,
        "experiments": rows,
        "pairs": [pair],
    }
    settings = {
        "experiments": ["bands", "bands_clip"],
        "splits": {one.name: one.split for one in (known, unknown)},
        "resamples": 2000,
        "seed": 0,
    }
    inputs = ("load brains", "score bands", "score bands_clip")
    about = {"dataset": "brains", "contrast": CONTRAST}
    make.step(f"contrast {CONTRAST}", about, inputs, settings, lambda out: out.json("contrast", found))


def compare(make: Maker) -> None:
    """`bands` and `waves`, which are tested on the same windows."""
    shown = (baselines(make.text)[0], network(make.text))
    rows = [
        {
            "name": one.name,
            "model": one.model["use"],
            "seeds": [0],
            "parameters": 707 if one.name == "waves" else 0,
            "validation": 0.6,
            "accuracy": {**spread(one, one.accuracy, 0.05), "seeds": [one.accuracy], "sd": None},
        }
        for one in shown
    ]
    pair = {"first": "bands", "second": "waves", "difference": 0.04, "low": -0.02, "high": 0.1, "trainings": None}
    tested = {"test": "sign_flip", "discordant": [20, 12], "p": 0.21, "p_holm": 0.21}
    found = {
        "dataset": "brains",
        "split": dict(shown[0].split),
        "n": 192,
        "groups": 8,
        "experiments": rows,
        "pairs": [{**pair, **tested}],
        "per_class": [],
    }
    about, inputs = {"dataset": "brains", "comparison": COMPARISON}, ("load brains", "score bands", "score waves")
    settings = {"experiments": ["bands", "waves"], "resamples": 2000, "seed": 0}
    make.step(f"compare {COMPARISON}", about, inputs, settings, lambda out: out.json("comparison", found))


def audit(make: Maker) -> None:
    """One warning about an experiment, one notice about a data set."""
    empty = {"remedy": "", "rows": []}
    found = [
        {
            "severity": "warning",
            "about": "experiment bands",
            "title": make.text("Clips lie in training and in test: the score may be of stimulus identity"),
            "evidence": "192 of 192 test samples (100 %), in 8 of 8 folds",
            **empty,
        },
        {
            "severity": "notice",
            "about": "data set brains",
            "title": "A channel is broken",
            "evidence": make.text("T7 of brains_3"),
            **empty,
        },
    ]
    settings = {"use": "shared_groups", "settings": {}}
    inputs = ("load brains", "split bands")
    make.step("audit shared_groups", {"audit": "shared_groups"}, inputs, settings, lambda out: out.json("findings", found))


def figures(make: Maker) -> None:
    """One of each place on the pages."""
    data, both = {"dataset": "brains"}, {"dataset": "both"}
    figure(make, "forest", {}, ("score bands", "score bands_clip"), "Unknown clips are the hardest")
    figure(make, "recorded_signals", data, ("load brains",), "Blinks stand out in front")
    for name in ("brains", "strangers", "moods"):
        figure(make, "trials", {"dataset": name}, (f"load {name}",), "All clips were seen by everybody")
    figure(make, "signal_quality", data, ("load brains",), "One channel of a recording is flat")
    figure(make, "class_counts", both, ("load both",), "Both data sets hold as many trials")
    bands = {"dataset": "brains", "experiment": "bands"}
    figure(make, "unit_scores", bands, ("score bands",), "Everybody is recognised above chance")
    figure(make, "confusion_matrix", bands, ("score bands",), "Neutral is mistaken for negative")
    waves, looked = {"dataset": "brains", "experiment": "waves"}, ("explain waves frequencies",)
    trained = (f"train waves {network(make.text).folds[0]} seed 0",)
    figure(make, "learning_curves", waves, trained, "It stops early in all folds")
    figure(make, "unit_scores", waves, ("score waves",), "Nobody stands out")
    figure(make, "network", waves, trained, "Most parameters are of the filters along time")
    figure(make, "relevance_maps", waves, ("explain waves saliency",), "Each class is seen elsewhere", dense=True)
    figure(make, "band_effect", waves, looked, "Positive is read from 10 to 16 Hz")
    figure(make, "band_views", waves, looked, "Two of three views agree")
    figure(make, "band_truth", waves, looked, "Two views find all that was planted")
    figure(make, "band_channels", waves, looked, "Gamma counts at T7 alone")
    figure(make, "band_control", waves, looked, "Shuffled labels show nothing")
    figure(make, "muscles", waves, looked, "Gamma may be muscle")
    figure(make, "band_scores", waves, ("retrain waves",), "Alpha alone does nearly as well")
    compared = {"dataset": "brains", "comparison": COMPARISON}
    figure(make, "comparison", compared, (f"compare {COMPARISON}",), "No model is clearly better")
    given = {"dataset": "moods", "experiment": "given"}
    figure(make, "unit_scores", given, ("score given",), "Three people say little")
    explored = {"dataset": "brains", "experiment": "look"}
    figure(make, "separation", explored, ("spectra look",), "Beta at CZ separates the classes")
    figure(make, "projection", explored, ("projection look",), "People lie together, classes do not")
    figure(make, "trimming", explored, ("outliers look",), "Trimming changes nothing")
    held = {"dataset": "brains", "contrast": CONTRAST}
    figure(make, "split_contrast", held, (f"contrast {CONTRAST}",), "Unknown clips take most of the score away")


def study(text: Text) -> dict[str, Any]:
    """The study as it was read."""
    base = {"explain": {}, "judge": {}, "images_per_class": 1, "evaluate": EVALUATE, "look": LOOK}
    experiments = {
        one.name: {
            "title": text(one.title),
            "about": text(f"What {one.title.lower()} are asked."),
            "task": "classify",
            "dataset": one.dataset,
            "features": [dict(feature) for feature in one.chain],
            "model": dict(one.model),
            "split": dict(one.split),
            "train": {**TRAIN, "scale": one.scale},
            "seeds": list(one.seeds),
            **base,
        }
        for one in baselines(text)
    }
    bands = experiments["bands"]
    one = network(text)
    asked = {"train": make_small_networks.TRAIN, "explain": make_small_networks.EXPLAIN, "seeds": [0]}
    chosen = {"features": [dict(feature) for feature in one.chain], "model": dict(one.model)}
    told = {"title": text(one.title), "about": text("What networks on signals are asked.")}
    experiments["waves"] = {**bands, **told, **chosen, **asked}
    looking = {**bands, "title": text("A look at small brains"), "about": "", "task": "explore"}
    datasets = {"brains": "eeg_sim", "strangers": "eeg_sim", "moods": "seed_v"}
    return {
        "title": text("A small study of recordings"),
        "question": text("Does a page of recordings say what its figures show?"),
        "abstract": text("Baselines, a network, a look and a contrast, made up for the tests."),
        "authors": [text("Ada Small")],
        "version": "",
        "date": text("2026-11-01"),
        "limits": text("Nothing was recorded."),
        "seed": 0,
        "profile": "quick",
        "dataset": {name: {"use": use, "subjects": 8} for name, use in datasets.items()},
        "pool": pools(text),
        "experiment": {"look": looking, **experiments},
        "audit": {},
    }
