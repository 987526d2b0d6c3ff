"""Small made-up outputs of every kind that figures draw, planted so that every figure has one right answer.

Planted: fear is mistaken for sad by a third; the training part has four times as many happy as disgust; confidence is
too high; the explanations of `faces` lie on the mouth; the network `large` was smoke-trained. The explainer cam beats every
control, but in insertion not the edge map; it points into nearly every mouth, and its maps forget with the network. LIME
beats nothing but random and shuffled maps, and half of its likeness stays.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import figure_samples_attribution
import numpy as np

from reportgen.core import Array
from reportgen.outputs import Out, Output

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
SIDE = 24  # rows and columns of an image
BLOCK = 4  # rows and columns of a superpixel


def study(folder: Path) -> list[Output]:
    """Two data sets (`faces` simulated, `photos` restricted) with three experiments and one, a search and a comparison."""
    from figure_samples_across import across  # it imports this module

    return [
        *data_set(folder, "faces", simulated=True),
        *experiment(folder, "faces", "small", seeds=(0, 1, 2), accuracy=0.8),
        *experiment(folder, "faces", "large", seeds=(0,), accuracy=0.3, smoke=True, explained=False),
        *experiment(folder, "faces", "linear", seeds=(0, 1), accuracy=0.45, explained=False),
        *data_set(folder, "photos", simulated=False),
        *experiment(folder, "photos", "net", seeds=(0,), accuracy=0.66, model="fer_vgg"),
        *across(folder),
    ]


def of(
    outputs: Sequence[Output], *, dataset: str, experiment: str = "", explainer: str = "", comparison: str = ""
) -> list[Output]:
    """What a figure of that data set, experiment, one of its explainers or comparison is given; no explainer: of all."""
    wanted = {"dataset": dataset, "experiment": experiment, "comparison": comparison} | (
        {"explainer": explainer} if explainer else {}
    )
    return [o for o in outputs if all(o.about.get(key, value) == value for key, value in wanted.items())]


def data_set(folder: Path, name: str, *, simulated: bool, classes: Sequence[str] = CLASSES) -> list[Output]:
    """The outputs of `load`: 40 training samples of a class, but 80 happy and 20 disgust, and 12 test samples of each."""
    out = _out(folder / name)
    rng = np.random.default_rng(1)
    train = [{"happy": 80, "disgust": 20}.get(c, 40) for c in classes]
    labels = np.concatenate([np.repeat(np.arange(len(classes)), train), np.repeat(np.arange(len(classes)), 12)])
    samples = np.stack([face(classes[label], rng) for label in labels])
    origin = np.repeat([0, 1], [sum(train), 12 * len(classes)])
    means = np.stack([samples[(labels == c) & (origin == 0)].mean(0) for c in range(len(classes))])
    out.json("facts", _facts(name, classes, simulated, train))
    out.array("samples", samples, ("sample", "row", "column"), restricted=not simulated)
    out.array("labels", labels.astype(np.int16), ("sample",))
    out.array("origin", origin.astype(np.int16), ("sample",))
    out.array("class_means", means.astype(np.float32), ("class", "row", "column"))
    return _outputs(out, dataset=name)


def _facts(name: str, classes: Sequence[str], simulated: bool, train: Sequence[int]) -> dict[str, Any]:
    return {
        "title": name.capitalize(),
        "modality": "image",
        "classes": classes,
        "simulated": simulated,
        "redistribute": simulated,
        "training_part": "Training",
        "parts": ["Training", "PrivateTest"],
        "counts": {
            "Training": dict(zip(classes, train, strict=True)),
            "PrivateTest": dict.fromkeys(classes, 12),
        },
        "n": sum(train) + 12 * len(classes),
        "shape": [SIDE, SIDE],
        "references": [
            {
                "name": "Published",
                "model": "fer_vgg",
                "metric": "accuracy",
                "value": 0.676,
                "part": "PrivateTest",
                "source": "Copur 2021",
            },
            {
                "name": "Other part",
                "model": "fer_vgg",
                "metric": "accuracy",
                "value": 0.9,
                "part": "PublicTest",
                "source": "Nobody",
            },
        ],
        "notices": [],
    }


def face(name: str, rng: np.random.Generator) -> np.ndarray:
    """A grey face (row, column) uint8 whose mouth carries the class."""
    rows, columns = np.mgrid[:SIDE, :SIDE] / (SIDE - 1)
    image = 60 + 110 * (((rows - 0.5) / 0.5) ** 2 + ((columns - 0.5) / 0.4) ** 2 < 1)
    for eye in (0.33, 0.67):
        image[(rows - 0.38) ** 2 + (columns - eye) ** 2 < 0.004] = 40
    image[mouth(name)] = 30
    return np.clip(image + rng.normal(0, 12, image.shape) + rng.normal(0, 15), 0, 255).astype(np.uint8)


def mouth(name: str) -> np.ndarray:
    """The pixels (row, column) bool of a class's mouth."""
    rows, columns = np.mgrid[:SIDE, :SIDE] / (SIDE - 1)
    bend = {"happy": -0.9, "sad": 0.9, "fear": 0.6, "disgust": 0.4, "angry": 0.2}.get(name, 0.0)
    line = np.abs(rows - 0.72 - bend * ((columns - 0.5) ** 2 - 0.03)) < 0.035
    if name == "surprise":
        return ((rows - 0.72) / 0.12) ** 2 + ((columns - 0.5) / 0.09) ** 2 < 1
    return line & (np.abs(columns - 0.5) < 0.22)


def confusion_rates(classes: Sequence[str], accuracy: float) -> np.ndarray:
    """Rates (true, predicted): errors spread evenly, but a third of fear goes to sad."""
    k = len(classes)
    rates = np.full((k, k), (1 - accuracy) / (k - 1))
    np.fill_diagonal(rates, accuracy)
    if "fear" in classes and "sad" in classes:
        fear, sad = classes.index("fear"), classes.index("sad")
        rates[fear] *= (1 - 1 / 3) / (1 - rates[fear, sad])
        rates[fear, sad] = 1 / 3
    return rates


def experiment(
    folder: Path,
    dataset: str,
    name: str,
    *,
    seeds: Sequence[int],
    accuracy: float,
    model: str = "gap_cnn",
    smoke: bool = False,
    explained: bool = True,
    classes: Sequence[str] = CLASSES,
    split: Mapping[str, Any] | None = None,
) -> list[Output]:
    """All outputs of an experiment on a `data_set` of those classes, divided as published unless there is another split."""
    about = {"dataset": dataset, "experiment": name}
    found: list[Output] = []
    rates = confusion_rates(classes, accuracy)
    for seed in seeds:
        out = _out(folder / name / str(seed))
        rng = np.random.default_rng(seed)
        out.json("history", history(seed, accuracy, smoke=smoke))
        out.json("model", model_table(model, len(classes)))
        first = sum({"happy": 80, "disgust": 20}.get(c, 40) for c in classes)
        out.array("logits", _logits(rates, rng), ("sample", "class"))
        out.array("test_samples", np.arange(first, first + 12 * len(classes), dtype=np.int32), ("sample",))
        found += _outputs(out, **about, seed=str(seed))
    out = _out(folder / name / "scores")
    out.json("scores", scores(classes, rates, seeds=seeds, smoke=smoke))
    out.json("split", split or {"name": "official", "settings": {"test": [], "validation": 0.1}})
    found += _outputs(out, **about)
    if explained:
        one = about | {"seed": str(seeds[0])}
        found += _lime(folder / name / "lime", classes, one | {"explainer": "lime"}, dataset)
        found += _cam(folder / name / "cam", classes, one | {"explainer": "cam"}, dataset)
        found += _feature_maps(folder / name / "maps", classes, one | {"explainer": "feature_maps"})
    return found


def history(seed: int, accuracy: float, *, epochs: int = 12, smoke: bool = False) -> dict[str, Any]:
    """A training that overfits after two thirds of its epochs."""
    rng = np.random.default_rng(seed)
    rise = 1 - np.exp(-np.arange(1, epochs + 1) / (0.25 * epochs))
    late = np.maximum(0, np.arange(epochs) - 0.66 * epochs) / epochs
    noise = rng.normal(0, 0.01, (4, epochs))
    rows = {
        "train_loss": 2 - 1.6 * rise + noise[0],
        "train_accuracy": 0.14 + (accuracy + 0.05) * rise * 0.9 + noise[1],
        "validation_loss": 2 - 1.2 * rise + late + noise[2],
        "validation_accuracy": 0.14 + (accuracy - 0.14) * rise - 0.1 * late + noise[3],
    }
    table = [{"epoch": e + 1, "learning_rate": 1e-3} | {k: float(v[e]) for k, v in rows.items()} for e in range(epochs)]
    chosen = min(table, key=lambda row: row["validation_loss"])["epoch"]
    return {"epochs": table, "chosen": chosen, "stopped": epochs, "smoke": smoke, "chosen_by": "validation_loss"}


def model_table(name: str, classes: int, blocks: int = 4) -> dict[str, Any]:
    """Layers of a small VGG; the dense layer holds most parameters."""
    layers, before, side = [], 1, 48
    for i, width in enumerate([64, 64, 128, 256, 256, 512, 512, 512][:blocks]):
        side = (side - 1) // 2
        layers += [
            {
                "name": f"block{i}.conv",
                "type": "Conv2d",
                "shape": [width, side, side],
                "parameters": 9 * before * width + width,
            },
            {"name": f"block{i}.norm", "type": "BatchNorm2d", "shape": [width, side, side], "parameters": 2 * width},
            {"name": f"block{i}.relu", "type": "ReLU", "shape": [width, side, side], "parameters": 0},
        ]
        before = width
    flat = before * side * side
    layers += [
        {"name": "dense", "type": "Linear", "shape": [2048], "parameters": flat * 2048 + 2048},
        {"name": "head", "type": "Linear", "shape": [classes], "parameters": 2048 * classes + classes},
    ]
    total = sum(int(str(layer["parameters"])) for layer in layers)
    return {"id": name, "settings": {}, "trainable": total, "buffers": 1024, "layers": layers}


def _logits(rates: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    k = len(rates)
    truth = np.repeat(np.arange(k), 12)
    said = np.concatenate([rng.choice(k, 12, p=row) for row in rates])
    values = rng.normal(0, 1, (len(truth), k))
    values[np.arange(len(truth)), said] = values.max(1) + rng.exponential(2.5, len(truth))
    return values.astype(np.float32)


def scores(
    classes: Sequence[str],
    rates: np.ndarray,
    *,
    seeds: Sequence[int] = (0,),
    n: int = 120,
    smoke: bool = False,
    groups: int = 700,
) -> dict[str, Any]:
    """What `score` writes for rates (true, predicted) and `n` samples of a class; no intervals below six groups."""
    confusion = rates * n
    total, k = confusion.sum(), len(classes)
    right = float(np.trace(confusion) / total)
    said = confusion.sum(0)
    nothing = groups < 6

    def metric(value: float | None, size: float) -> dict[str, Any]:
        if value is None or nothing:
            return {"mean": value, "low": None, "high": None}
        half = 1.96 * np.sqrt(max(value * (1 - value), 1e-4) / max(size, 1))
        return {"mean": value, "low": max(0.0, value - half), "high": min(1.0, value + half)}

    def seeded(value: float) -> dict[str, Any]:
        singles = [value + 0.012 * (i - (len(seeds) - 1) / 2) for i in range(len(seeds))]
        return {"seeds": singles, "sd": float(np.std(singles, ddof=1)) if len(seeds) > 1 else None} | metric(value, total)

    def per_class(c: int) -> dict[str, Any]:
        recall = float(rates[c, c])
        precision = float(confusion[c, c] / said[c]) if said[c] else None
        f1 = 2 * recall * precision / (recall + precision) if precision else (0.0 if precision is not None else None)
        return {
            "class": classes[c],
            "n": n,
            "precision": metric(precision, said[c]),
            "recall": metric(recall, n),
            "f1": metric(f1, n),
        }

    bins = [(i / 10, (i + 1) / 10) for i in range(10)]
    reliability = [
        {
            "low": low,
            "high": high,
            "n": 0 if high < 0.25 else int(20 + 200 * high**2),
            "confidence": None if high < 0.25 else (low + high) / 2,
            "accuracy": None if high < 0.25 else max(0.0, (low + high) / 2 - 0.12 * high),
        }
        for low, high in bins
    ]
    gap = {"low": None, "high": None} if nothing else {"low": right - 0.29, "high": right - 0.21}
    view = {
        "n": round(total),
        "groups": groups,
        "same": True,
        "metrics": {name: seeded(right - d) for name, d in (("accuracy", 0), ("balanced_accuracy", 0), ("macro_f1", 0.01))}
        | {"ece": seeded(0.09)},
        "above_baseline": {"difference": right - 0.25} | gap,
        "baseline": {"majority": {"class": classes[0], "accuracy": 0.25, "low": 0.22, "high": 0.28}, "chance": 1 / k},
        "per_class": [per_class(c) for c in range(k)],
        "confusion": confusion.tolist(),
        "reliability": reliability,
    }
    return {
        "n": round(total),
        "groups": groups,
        "seeds": list(seeds),
        "classes": list(classes),
        "test_origin": ["PrivateTest"],
        "smoke": smoke,
        "looks": len(seeds),
        "unit": "image",
        "folds": 1,
        "units": [],
        "subjects": [],
        "clips": None,
        "learned_trials": None,
        "sources": [],
        "validation": {"n": 80, "accuracy": seeded(right + 0.01)},
        "views": {"all": view, "twin_free": view},
    }


def _drawn(classes: Sequence[str], rng: np.random.Generator) -> tuple[list[int], np.ndarray]:
    """Labels and faces (image, row, column) of eight images of each class."""
    labels = [c for c in range(len(classes)) for _ in range(8)]
    return labels, np.stack([face(classes[c], rng) for c in labels])


def _planted(classes: Sequence[str]) -> np.ndarray:
    """Where each class is (class, row, column) bool; nowhere if it is neutral."""
    return np.stack([mouth(name) & (name != "neutral") for name in classes])


def _lime(folder: Path, classes: Sequence[str], about: Mapping[str, str], dataset: str) -> list[Output]:
    """LIME's outputs for eight images of each class, positive weights on the mouth, the weakest ones unstable."""
    out = _out(folder)
    rng = np.random.default_rng(7)
    labels, images = _drawn(classes, rng)
    side = SIDE // BLOCK
    segments = np.kron(np.arange(side * side).reshape(side, side), np.ones((BLOCK, BLOCK), int))
    weights = np.full((len(images), len(classes), side * side + 3), np.nan, np.float32)  # (image, class, segment)
    for i, c in enumerate(labels):
        weights[i, :, : side * side] = rng.normal(0, 0.03, (len(classes), side * side))
        share = np.bincount(segments.ravel(), mouth(classes[c]).ravel())
        weights[i, c, : side * side] += 0.05 * share
    signs = np.clip(np.abs(weights) / 0.06 + 0.5, 0.5, 1)
    out.json("explained", [_told(i, c, len(classes)) for i, c in enumerate(labels)])
    out.array("explained_samples", images, ("image", "row", "column"), restricted=dataset == "photos")
    if dataset == "faces":
        out.array("explained_truth", _planted(classes)[labels], ("image", "row", "column"))
    out.array("superpixels", np.repeat(segments[None].astype(np.int16), len(images), 0), ("image", "row", "column"))
    out.array("superpixel_weights", weights, ("image", "class", "segment"), "probability")
    out.array("superpixel_signs", signs.astype(np.float32), ("image", "class", "segment"))
    out.array("attribution", weights[:, :, segments], ("image", "class", "row", "column"), "probability")
    out.json("lime_quality", [_quality(i, rng, len(classes)) for i in range(len(images))])
    judged = figure_samples_attribution.judged(folder / "judged", about, classes, truth=dataset == "faces")
    return _outputs(out, **about) + judged


def _cam(folder: Path, classes: Sequence[str], about: Mapping[str, str], dataset: str) -> list[Output]:
    """Class activation maps of eight other images of each class, and what their judges say."""
    labels, images = _drawn(classes, np.random.default_rng(9))
    told = [_told(i, c, len(classes)) for i, c in enumerate(labels)]
    mouths = np.stack([mouth(name) for name in classes])
    known = dataset == "faces"
    maps = figure_samples_attribution.cam(folder, about, told, images, mouths, restricted=not known, truth=known)
    return maps + figure_samples_attribution.judged(folder / "judged", about, classes, truth=known)


def _told(i: int, label: int, classes: int) -> dict[str, Any]:
    return {"sample": 100 + i, "label": label, "predicted": label if i % 8 else (label + 1) % classes, "probability": 0.9}


def _quality(i: int, rng: np.random.Generator, classes: int) -> dict[str, Any]:
    return {
        "sample": 100 + i,
        "segments": 36,
        "samples": int(rng.choice([256, 512, 1024])),
        "r2": rng.uniform(0.5, 0.9, classes).tolist(),
        "jaccard": rng.uniform(0.4, 1.0, classes).tolist(),
        "kernel_width": 0.25,
        "engine": "hadamard",
    }


def _feature_maps(folder: Path, classes: Sequence[str], about: Mapping[str, str], layers: int = 4) -> list[Output]:
    out = _out(folder)
    maps, units = feature_maps(classes, layers)
    out.put("feature_maps", {name: Array(values, ("class", "unit", "row", "column")) for name, values in maps.items()})
    out.json("feature_units", units)
    return _outputs(out, **about)


def feature_maps(classes: Sequence[str], layers: int) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Maps that get smaller and more selective from layer to layer."""
    rng = np.random.default_rng(3)
    maps, units = {}, {}
    for i in range(layers):
        side, name = max(2, 12 - 3 * i), f"features.{i}.conv"
        part = (rng.random((len(classes), 1, side, side)) < 0.3) * (i + 1) / layers
        maps[name] = np.abs(rng.normal(0, 0.3, (len(classes), 8, side, side)) + part).astype(np.float32)
        selective = np.sort(rng.uniform(0.1, 0.3, 8))[::-1] + 0.6 * i / layers
        units[name] = {"units": rng.permutation(64)[:8].tolist(), "selectivity": selective.tolist(), "of": 64}
    return maps, units


def _out(folder: Path) -> Out:
    folder.mkdir(parents=True, exist_ok=True)
    return Out(folder)


def _outputs(out: Out, **about: str) -> list[Output]:
    return [Output(d["kind"], out.folder / name, about, d["restricted"]) for name, d in out.described.items()]
