"""Minimal outputs of every kind, written into a folder as the steps write them, with faults planted on request.

Each function writes one step's outputs and returns them; `study` strings them together. Splits and scores come from
the real steps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from reportgen.core import PARTS, TEST, TRAIN, VALIDATION, Array, Facts, Finding, Reference
from reportgen.outputs import Inputs, Out, Output
from reportgen.steps import compare, score, split
from reportgen.trust import CONTROLS

CLASSES = ("angry", "happy", "sad")
SIDE = 6  # rows and columns of an image
HIGHER = {"deletion": False, "insertion": True, "road": True, "pointing": True, "inside": True}
"""The measures of explanations, and whether higher is better."""


def of(out: Out, **about: str) -> list[Output]:
    """What was written through `out`, as later steps find it."""
    return [Output(o["kind"], out.folder / name, about, o["restricted"]) for name, o in out.described.items()]


def out_in(folder: Path, *names: str) -> Out:
    """An empty folder to write into."""
    path = folder.joinpath(*names)
    path.mkdir(parents=True)
    return Out(path)


def data_set(
    folder: Path,
    name: str = "faces",
    *,
    parts: Mapping[str, int] | None = None,
    copies: Sequence[tuple[int, int]] = (),
    blank: Sequence[int] = (),
    published: Mapping[str, Mapping[str, int]] | None = None,
    restricted: bool = False,
    classes: Sequence[str] = CLASSES,
    by_class: bool = False,
    references: Sequence[Reference] = (),
) -> list[Output]:
    """Of step `load`: random images of classes that take turns, with planted truth.

    Args:
        folder: to write into.
        name: of the data set.
        parts: {publisher's part: samples of each class}.
        copies: (from, to) samples to make identical; the label stays.
        blank: samples to make constant.
        published: counts to claim as published.
        restricted: may its samples not be shown?
        classes: their names.
        by_class: let all samples of a class follow each other, in each part, as in a folder of classes.
        references: published scores.
    """
    out, rng = out_in(folder, name), np.random.default_rng(0)
    parts = parts or {"test": 20, "train": 60}
    origin = np.repeat(np.arange(len(parts)), [len(classes) * n for n in parts.values()])
    turns = [np.arange(n * len(classes)) % len(classes) for n in parts.values()]
    labels = np.concatenate([np.sort(turn) if by_class else turn for turn in turns])
    samples = rng.integers(256, size=(len(origin), SIDE, SIDE), dtype=np.uint8)
    for source, target in copies:
        samples[target] = samples[source]
    samples[list(blank)] = 7
    truth = np.zeros(samples.shape, bool)
    truth[:, :2] = True
    facts = Facts(
        title=name.capitalize(),
        modality="image",
        classes=tuple(classes),
        simulated=not restricted,
        licence="MIT",
        consent="drawn faces: nobody is shown",
        redistribute=not restricted,
        citation="Nobody (2026)",
        training_part="train" if "train" in parts else next(iter(parts)),
        references=tuple(references),
    )
    counts = {part: dict.fromkeys(classes, n) for part, n in parts.items()}
    found = {"n": len(labels), "parts": list(parts), "counts": counts, "published_counts": published or {}}
    layout = {"shape": [SIDE, SIDE], "axes": ["sample", "row", "column"], "unit": "grey level", "notices": []}
    out.json("facts", {**asdict(facts), "id": "faces_sim", **found, **layout})
    out.array("samples", samples, ("sample", "row", "column"), "grey level", restricted=restricted)
    out.array("labels", labels.astype(np.int16), ("sample",))
    out.array("origin", origin.astype(np.int16), ("sample",))
    out.array("sources", np.array([f"row {i}" for i in range(len(labels))]), ("sample",))
    out.array("twins", np.unique([x.tobytes() for x in samples], return_inverse=True)[1].astype(np.int32), ("sample",))
    out.array("truth", truth, ("sample", "row", "column"))
    means = np.stack([samples[labels == c].mean(0) for c in range(len(classes))]).astype(np.float32)
    out.array("class_means", means, ("class", "row", "column"))
    return of(out, dataset=name)


def divided(
    folder: Path,
    data: Sequence[Output],
    experiment: str = "small",
    use: str = "official",
    settings: Mapping[str, Any] | None = None,
) -> list[Output]:
    """Of step `split`, by the step itself."""
    out = out_in(folder, f"split {experiment}")
    split.run(Inputs(data), out, None, use=use, settings=dict(settings or {}), seed=0)
    return of(out, dataset=data[0].about["dataset"], experiment=experiment)


def trained(
    folder: Path,
    earlier: Sequence[Output],
    experiment: str = "small",
    seed: int = 0,
    *,
    accuracy: float = 0.8,
    validation_accuracy: float | None = None,
    constant: int | None = None,
    smoke: bool = False,
    chosen_by: str = "validation_loss",
    looks: int = 1,
    loss: str = "cross_entropy",
    order: str = "shuffled",
    sigmoid: bool = False,
    epochs: Sequence[float] | None = None,
) -> list[Output]:
    """Of steps `train` and `evaluate`: a model of that accuracy.

    Args:
        folder: to write into.
        earlier: outputs of `data_set` and `divided`.
        experiment: its name.
        seed: of the training.
        accuracy: share of the test samples that are recognised.
        validation_accuracy: the same of the validation part; None: the same.
        constant: class that is named for each sample, whatever it is.
        smoke: was it only tried?
        chosen_by: what the epoch was chosen by.
        looks: at the test part.
        loss: what was minimised.
        order: in which the training samples were taken.
        sigmoid: does the network end in sigmoids? They all stay below one half.
        epochs: accuracy of each epoch on either part of the training; None: twice that of the test part.
    """
    out, inputs = out_in(folder, f"train {experiment} seed {seed}"), Inputs(earlier)
    classes = len(inputs.one("facts")["classes"])
    labels, parts = inputs.one("labels"), inputs.one("parts", experiment=experiment)
    shares = {TEST: accuracy, VALIDATION: accuracy if validation_accuracy is None else validation_accuracy}
    logits = {part: _logits(labels[parts == part], share, seed, constant, classes) for part, share in shares.items()}
    rows = [_epoch(number, reached) for number, reached in enumerate([accuracy] * 2 if epochs is None else epochs, 1)]
    used = {name: int((parts == part).sum()) for name, part in (("train", TRAIN), ("validation", VALIDATION))}
    recipe = {"chosen_by": chosen_by, "loss": loss, "order": order, "samples": used, "standardise": {"mean": 128, "sd": 74}}
    out.json("history", {"epochs": rows, "chosen": len(rows), "stopped": None, "smoke": smoke, **recipe})
    layers = [{"name": "head", "type": "Linear", "shape": [classes], "parameters": classes * (SIDE**2 + 1)}]
    if sigmoid:
        layers.append({"name": "sigmoid", "type": "LogSigmoid", "shape": [classes], "parameters": 0})
        logits = {part: np.log(np.where(values > 0, 0.4, 0.08)).astype(np.float32) for part, values in logits.items()}
    total = sum(layer["parameters"] for layer in layers)
    out.json("model", {"id": "linear", "settings": {}, "trainable": total, "buffers": 0, "layers": layers})
    save_file({"head.weight": np.ones((classes, SIDE * SIDE), np.float32)}, out.path("weights", ".safetensors"))
    out.array("logits", logits[TEST], ("sample", "class"))
    out.array("test_samples", np.flatnonzero(parts == TEST).astype(np.int32), ("sample",))
    out.array("validation_logits", logits[VALIDATION], ("sample", "class"))
    out.json("looks", {"test": looks, "by": ["evaluate"]})
    out.json("rehearsal", {"model": "linear", "loss": loss, "explainers": []})
    return of(out, dataset=_dataset(earlier), experiment=experiment, seed=str(seed))


def _epoch(number: int, accuracy: float) -> dict[str, float]:
    losses = {"train_loss": 1 / number, "validation_loss": 1.1 / number}
    return {"epoch": number, "learning_rate": 0.001, "train_accuracy": accuracy, "validation_accuracy": accuracy, **losses}


def _logits(labels: np.ndarray, accuracy: float, seed: int, constant: int | None, classes: int) -> np.ndarray:
    """Of a model that names the right class for a share of the samples, spread over them, and the next class for the others."""
    right = np.random.default_rng(seed).permutation(len(labels)) < accuracy * len(labels)
    said = np.where(right, labels, (labels + 1) % classes) if constant is None else np.full(len(labels), constant)
    return np.where(said[:, None] == np.arange(classes), 2, 0).astype(np.float32)


def _dataset(outputs: Sequence[Output]) -> str:
    return outputs[0].about["dataset"]


def scored(folder: Path, earlier: Sequence[Output], experiment: str = "small") -> list[Output]:
    """Of step `score`, by the step itself."""
    out = out_in(folder, f"score {experiment}")
    mine = [o for o in earlier if o.about.get("experiment", experiment) == experiment]
    score.run(Inputs(mine), out, None, seed=0, resamples=200)
    out.json("evaluations", {"ever": 1, "shown": 1})
    return of(out, dataset=_dataset(earlier), experiment=experiment)


def explained(
    folder: Path,
    earlier: Sequence[Output],
    experiment: str = "small",
    *,
    superpixels: int = 9,
    copies: int = 256,
    r2: float = 0.8,
    jaccard: float = 0.9,
) -> list[Output]:
    """Of steps `explain`: LIME and feature maps of the first test samples.

    Args:
        folder: to write into.
        earlier: outputs of `data_set`, `divided` and `trained`.
        experiment: its name.
        superpixels: of each image, equally large, in the order of reading.
        copies: of each image that LIME looked at.
        r2: of each linear model.
        jaccard: index of the strongest superpixels between repeats, of each class.
    """
    out, inputs = out_in(folder, f"explain {experiment}"), Inputs(earlier)
    labels = _told(out, inputs, experiment)
    classes = len(inputs.one("facts")["classes"])
    segments = (np.arange(SIDE**2) * superpixels // SIDE**2).reshape(SIDE, SIDE)
    weights = np.where(np.arange(superpixels) == 0, 0.4, -0.1) * np.eye(classes)[labels][:, :, None]  # (image, class, segment)
    out.array("superpixels", np.stack([segments] * len(labels)).astype(np.int16), ("image", "row", "column"))
    out.array("superpixel_weights", weights.astype(np.float32), ("image", "class", "segment"))
    out.array("superpixel_signs", np.ones(weights.shape, np.float32), ("image", "class", "segment"))
    found = {"segments": superpixels, "samples": copies, "r2": [r2] * classes, "jaccard": [jaccard] * classes}
    how = {"repeats": 5, "kernel_width": 0.25, "engine": "batched", "notes": []}
    samples = inputs.one("test_samples", experiment=experiment, seed="0")[: len(labels)]
    out.json("lime_quality", [{"sample": int(sample), **found, **how} for sample in samples])
    out.array("attribution", weights[..., segments].astype(np.float32), ("image", "class", "row", "column"))
    maps = Array(np.ones((classes, 2, SIDE, SIDE), np.float32), ("class", "unit", "row", "column"))
    out.put("feature_maps", {"conv1": maps})
    out.json("feature_units", {"conv1": {"units": [1, 0], "selectivity": [0.5, 0.1], "of": 2}})
    return of(out, dataset=_dataset(earlier), experiment=experiment, seed="0", explainer="lime")


def mapped(folder: Path, earlier: Sequence[Output], experiment: str = "small") -> list[Output]:
    """Of step `explain`: class activation maps of the first test samples, for their own class in the planted region."""
    out, inputs = out_in(folder, f"map {experiment}"), Inputs(earlier)
    labels = _told(out, inputs, experiment)
    classes = len(inputs.one("facts")["classes"])
    coarse = np.zeros((len(labels), classes, 3, 3), np.float32)  # (image, class, map row, map column)
    coarse[np.arange(len(labels)), labels, 0] = 3.0
    large = np.kron(coarse, np.ones((SIDE // 3, SIDE // 3), np.float32))
    means = np.stack([np.where(np.arange(SIDE)[:, None] < 2, 3.0, 0.0) * np.ones(SIDE)] * classes).astype(np.float32)
    out.array("attribution", large, ("image", "class", "row", "column"), "logit")
    out.array("attribution_means", means, ("class", "row", "column"), "logit")
    out.array("class_activation", coarse, ("image", "class", "map row", "map column"), "logit")
    complete = {"bias": [0.0] * classes, "largest_gap": 1e-6}
    about = {"method": "cam", "layer": "conv1", "map_shape": [3, 3], "unit": "logit", "complete": complete}
    out.json("attribution_about", about)
    return of(out, dataset=_dataset(earlier), experiment=experiment, seed="0", explainer="cam")


def _told(out: Out, inputs: Inputs, experiment: str) -> list[int]:
    """Write which samples are explained, one for each class if they take turns; returns their labels."""
    facts, samples = inputs.one("facts"), inputs.one("samples")
    chosen = inputs.one("test_samples", experiment=experiment, seed="0")[: len(facts["classes"])]
    labels: list[int] = inputs.one("labels")[chosen].tolist()
    rows = zip(chosen.tolist(), labels, strict=True)
    out.json("explained", [{"sample": s, "label": c, "predicted": c, "probability": 0.7} for s, c in rows])
    out.array("explained_samples", samples[chosen], ("image", "row", "column"), restricted=not facts["redistribute"])
    out.array("explained_truth", inputs.one("truth")[chosen], ("image", "row", "column"))
    return labels


def judged(
    folder: Path,
    earlier: Sequence[Output],
    experiment: str = "small",
    explainer: str = "cam",
    *,
    images: int = 12,
    unbeaten: Mapping[str, Sequence[str]] | None = None,
    randomised_passes: Sequence[str] = (),
) -> list[Output]:
    """Of step `judge`: maps that beat all controls, of a network that beats none once it is randomised.

    Args:
        folder: to write into.
        earlier: outputs of `data_set`.
        experiment: its name.
        explainer: its name.
        images: that were judged; with fewer than six there are no intervals.
        unbeaten: {measure: controls that it does not beat}.
        randomised_passes: measures in which the randomised network beats all controls.
    """
    out, left = out_in(folder, f"judge {experiment} {explainer}"), unbeaten or {}
    found = {name: _measure(name, images, left.get(name, ())) for name in HIGHER}
    steps, who = [0.0, 0.5, 1.0], ("explainer", *CONTROLS)
    falling = {"fraction": steps, **{name: [0.9, 0.3 if name == "explainer" else 0.6, 0.1] for name in who}}
    rising = {"fraction": steps, **{name: [0.1, 0.7 if name == "explainer" else 0.4, 0.9] for name in who}}
    curves = {"deletion": falling, "insertion": rising, "road_morf": falling, "road_lerf": rising}
    about = {"images": images, "steps": 2, "percentiles": [20, 40, 60, 80]}
    out.json("faithfulness", {**about, "measures": {n: found[n] for n in ("deletion", "insertion", "road")}, "curves": curves})
    place = {name: found[name] for name in ("pointing", "inside")}
    passed = {name: _measure(name, images, () if name in randomised_passes else tuple(CONTROLS)) for name in place}
    each = [
        {"class": name, "images": images // len(CLASSES), "pointing": _who(0.5, 0), "inside": _who(0.5, 0)} for name in CLASSES
    ]
    about = {"images": images, "left_out": 0, "chance": 1 / 3, "per_class": each}
    out.json("localisation", {**about, "measures": place, "randomised": {"images": images, **passed}})
    depths = [
        {"depth": k, "layer": name, "spearman": _who(1 - k, images), "ssim": _who(1 - k, images)}
        for k, name in enumerate(["", "head"])
    ]
    out.json("randomisation", {"images": images, "layers": 1, "depths": depths})
    return of(out, dataset=_dataset(earlier), experiment=experiment, seed="0", explainer=explainer)


def _who(mean: float, images: int) -> dict[str, float | None]:
    claimed = images >= 6
    return {"mean": mean, "low": mean - 0.05 if claimed else None, "high": mean + 0.05 if claimed else None}


def _measure(name: str, images: int, unbeaten: Sequence[str]) -> dict[str, Any]:
    """An explainer at 0.5 that is better than the controls by 0.2, but not than the unbeaten ones."""
    sign = 1 if HIGHER[name] else -1

    def control(which: str) -> dict[str, float | None]:
        ahead = 0.0 if which in unbeaten else 0.2
        less = {f"difference_{limit}": value for limit, value in _who(ahead, images).items() if limit != "mean"}
        return {**_who(0.5 - sign * ahead, images), "difference": ahead, **less}

    better = "higher" if HIGHER[name] else "lower"
    return {"better": better, "explainer": _who(0.5, images), "controls": {which: control(which) for which in CONTROLS}}


def tuned(
    folder: Path, earlier: Sequence[Output], experiment: str = "small", *, ranked_on: str = "validation", claims: str = ""
) -> list[Output]:
    """Of step `tune`: three trials for one setting, one of them pruned.

    Args:
        folder: to write into.
        earlier: outputs of `data_set` and `divided`.
        experiment: its name.
        ranked_on: the part that the trials were ranked on.
        claims: the part that they are said to have been ranked on; "": the same.
    """
    out, inputs = out_in(folder, f"tune {experiment}"), Inputs(earlier)
    ranked = np.flatnonzero(inputs.one("parts", experiment=experiment) == PARTS.index(ranked_on))
    rows = [_trial(0, "complete", [0.5, 0.6]), _trial(1, "pruned", [0.3]), _trial(2, "complete", [0.6, 0.7])]
    search = {
        "objective": "validation_accuracy",
        "direction": "maximize",
        "epochs": 2,
        "least": 1,
        "reduction": 3,
        "sampler": "tpe",
    }
    space = {"train.learning_rate": {"low": 0.001, "high": 0.1, "step": None, "log": True}}
    place = {"part": claims or ranked_on, "n": len(ranked)}
    ran = {"processes": 1, "repeatable": True, "space": space, "rows": rows, "best": 2, "ranked_on": place}
    out.json("trials", {**search, **ran})
    winner = {"settings": {"model": {}, "train": rows[2]["params"]}, "trial": 2, "value": 0.7, "importance": None}
    out.json("tuned", winner)
    out.array("ranked_samples", ranked.astype(np.int32), ("sample",))
    return of(out, dataset=_dataset(earlier), experiment=experiment)


def _trial(number: int, state: str, course: Sequence[float]) -> dict[str, Any]:
    params = {"train.learning_rate": 0.001 * (number + 1)}
    run = {"value": max(course), "epochs": len(course), "course": list(course), "bracket": 0}
    return {"number": number, "state": state, "params": params, "reason": "", **run}


def compared(
    folder: Path, earlier: Sequence[Output], experiments: Sequence[str] = ("small",), comparison: str = "faces-official"
) -> list[Output]:
    """Of step `compare`, by the step itself: experiments that were scored, all on one data set."""
    out = out_in(folder, f"compare {comparison}")
    how = {"use": "official", "settings": {}}
    compare.run(Inputs(earlier), out, None, experiments=list(experiments), split=how, resamples=200, seed=0)
    return of(out, dataset=_dataset(earlier), comparison=comparison)


def reported(folder: Path, about: str = "experiment small") -> list[Output]:
    """Of steps `audit` and `figure`: one finding and one figure."""
    audit, figure = out_in(folder, "audit"), out_in(folder, "figure")
    audit.json("findings", [asdict(Finding(severity="ok", about=about, title="All is well", evidence="1 of 1"))])
    figure.json("figure", {"title": "A title", "caption": "A caption.", "alt": "In words.", "dense": False, "width": "column"})
    (figure.folder / "figure.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    (figure.folder / "data.csv").write_text("class,n\nangry,1\n", encoding="utf-8")
    return [*of(audit, audit="constant_samples"), *of(figure, dataset="faces", experiment="small", figure="confusion_matrix")]


def study(folder: Path) -> list[Output]:
    """Every kind once: data set `faces` with experiment `small`, two seeds."""
    outputs = data_set(folder)
    outputs += divided(folder, outputs)
    outputs += [o for seed in (0, 1) for o in trained(folder, outputs, seed=seed)]
    outputs += scored(folder, outputs)
    outputs += tuned(folder, outputs)
    shown = [*explained(folder, outputs), *mapped(folder, outputs), *judged(folder, outputs)]
    return [*outputs, *shown, *compared(folder, outputs), *reported(folder)]
