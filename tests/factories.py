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

from reportgen.core import TEST, VALIDATION, Array, Facts, Finding
from reportgen.outputs import Inputs, Out, Output
from reportgen.steps import score, split

CLASSES = ("angry", "happy", "sad")
SIDE = 6  # rows and columns of an image


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
) -> list[Output]:
    """Of step `load`: random images of three classes that follow each other, with planted truth.

    Args:
        folder: to write into.
        name: of the data set.
        parts: {publisher's part: samples of each class}.
        copies: (from, to) samples to make identical; the label stays.
        blank: samples to make constant.
        published: counts to claim as published.
        restricted: may its samples not be shown?
    """
    out, rng = out_in(folder, name), np.random.default_rng(0)
    parts = parts or {"test": 20, "train": 60}
    origin = np.repeat(np.arange(len(parts)), [len(CLASSES) * n for n in parts.values()])
    labels = np.arange(len(origin)) % len(CLASSES)
    samples = rng.integers(256, size=(len(origin), SIDE, SIDE), dtype=np.uint8)
    for source, target in copies:
        samples[target] = samples[source]
    samples[list(blank)] = 7
    truth = np.zeros(samples.shape, bool)
    truth[:, :2] = True
    facts = Facts(
        title=name.capitalize(),
        modality="image",
        classes=CLASSES,
        simulated=not restricted,
        licence="MIT",
        consent="drawn faces: nobody is shown",
        redistribute=not restricted,
        citation="Nobody (2026)",
        training_part="train" if "train" in parts else next(iter(parts)),
    )
    counts = {part: dict.fromkeys(CLASSES, n) for part, n in parts.items()}
    found = {"n": len(labels), "parts": list(parts), "counts": counts, "published_counts": published or {}}
    layout = {"shape": [SIDE, SIDE], "axes": ["sample", "row", "column"], "unit": "grey level", "notices": []}
    out.json("facts", {**asdict(facts), "id": "faces_sim", **found, **layout})
    out.array("samples", samples, ("sample", "row", "column"), "grey level", restricted=restricted)
    out.array("labels", labels.astype(np.int16), ("sample",))
    out.array("origin", origin.astype(np.int16), ("sample",))
    out.array("sources", np.array([f"row {i}" for i in range(len(labels))]), ("sample",))
    out.array("twins", np.unique([x.tobytes() for x in samples], return_inverse=True)[1].astype(np.int32), ("sample",))
    out.array("truth", truth, ("sample", "row", "column"))
    out.array(
        "class_means", np.stack([samples[labels == c].mean(0) for c in range(3)]).astype(np.float32), ("class", "row", "column")
    )
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
    """
    out, inputs = out_in(folder, f"train {experiment} seed {seed}"), Inputs(earlier)
    labels, parts = inputs.one("labels"), inputs.one("parts", experiment=experiment)
    shares = {TEST: accuracy, VALIDATION: accuracy if validation_accuracy is None else validation_accuracy}
    logits = {part: _logits(labels[parts == part], share, seed, constant) for part, share in shares.items()}
    epochs = [_epoch(number, accuracy) for number in (1, 2)]
    out.json("history", {"epochs": epochs, "chosen": 2, "stopped": 2, "smoke": smoke, "chosen_by": chosen_by})
    layers = [{"name": "head", "type": "Linear", "shape": [3], "parameters": 111}]
    out.json("model", {"id": "linear", "settings": {}, "trainable": 111, "buffers": 0, "layers": layers})
    save_file({"head.weight": np.ones((3, SIDE * SIDE), np.float32)}, out.path("weights", ".safetensors"))
    out.array("logits", logits[TEST], ("sample", "class"))
    out.array("test_samples", np.flatnonzero(parts == TEST).astype(np.int32), ("sample",))
    out.array("validation_logits", logits[VALIDATION], ("sample", "class"))
    out.json("looks", {"test": looks, "by": ["evaluate"]})
    return of(out, dataset=_dataset(earlier), experiment=experiment, seed=str(seed))


def _epoch(number: int, accuracy: float) -> dict[str, float]:
    losses = {"train_loss": 1 / number, "validation_loss": 1.1 / number}
    return {"epoch": number, "learning_rate": 0.001, "train_accuracy": accuracy, "validation_accuracy": accuracy, **losses}


def _logits(labels: np.ndarray, accuracy: float, seed: int, constant: int | None) -> np.ndarray:
    """Of a model that names the right class for a share of the samples, spread over them, and the next class for the others."""
    right = np.random.default_rng(seed).permutation(len(labels)) < accuracy * len(labels)
    said = np.where(right, labels, (labels + 1) % len(CLASSES)) if constant is None else np.full(len(labels), constant)
    return np.where(said[:, None] == np.arange(len(CLASSES)), 2, 0).astype(np.float32)


def _dataset(outputs: Sequence[Output]) -> str:
    return outputs[0].about["dataset"]


def scored(folder: Path, earlier: Sequence[Output], experiment: str = "small") -> list[Output]:
    """Of step `score`, by the step itself."""
    out = out_in(folder, f"score {experiment}")
    mine = [o for o in earlier if o.about.get("experiment", experiment) == experiment]
    score.run(Inputs(mine), out, None, seed=0, resamples=200)
    out.json("evaluations", {"ever": 1, "shown": 1})
    return of(out, dataset=_dataset(earlier), experiment=experiment)


def explained(folder: Path, earlier: Sequence[Output], experiment: str = "small") -> list[Output]:
    """Of steps `explain`: LIME and feature maps of the first test sample of each class."""
    inputs, out = Inputs(earlier), out_in(folder, f"explain {experiment}")
    chosen = inputs.one("test_samples", experiment=experiment, seed="0")[: len(CLASSES)]
    labels = inputs.one("labels")[chosen].tolist()
    rows = zip(chosen.tolist(), labels, strict=True)
    out.json("explained", [{"sample": s, "label": c, "predicted": c, "probability": 0.7} for s, c in rows])
    restricted = not inputs.one("facts")["redistribute"]
    out.array("explained_samples", inputs.one("samples")[chosen], ("image", "row", "column"), restricted=restricted)
    out.array("explained_truth", inputs.one("truth")[chosen], ("image", "row", "column"))
    segments = np.repeat(np.arange(3), 2)[:, None] * np.ones(SIDE, int)  # three stripes of two rows
    weights = np.where(np.arange(3) == 0, 0.4, -0.1) * np.eye(3)[labels][:, :, None]  # (image, class, segment)
    out.array("superpixels", np.stack([segments] * 3).astype(np.int16), ("image", "row", "column"))
    out.array("superpixel_weights", weights.astype(np.float32), ("image", "class", "segment"))
    out.array("superpixel_signs", np.ones((3, 3, 3), np.float32), ("image", "class", "segment"))
    quality = {"segments": 3, "samples": 256, "r2": [0.8] * 3, "jaccard": [0.9] * 3, "kernel_width": 0.25, "engine": "batched"}
    out.json("lime_quality", [{"sample": int(s), **quality} for s in chosen])
    out.array("attribution", weights[..., segments].astype(np.float32), ("image", "class", "row", "column"))
    maps = Array(np.ones((3, 2, SIDE, SIDE), np.float32), ("class", "unit", "row", "column"))
    out.put("feature_maps", {"conv1": maps})
    out.json("feature_units", {"conv1": {"units": [1, 0], "selectivity": [0.5, 0.1], "of": 2}})
    return of(out, dataset=_dataset(earlier), experiment=experiment, seed="0", explainer="lime")


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
    return [*outputs, *explained(folder, outputs), *reported(folder)]
