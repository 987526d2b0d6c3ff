"""S2's network and our own on the real FER2013: recipes chosen on a part of Training, then one look at PublicTest.

    FER2013=fer2013.csv python benchmarks/gpu_fer2013.py --out FOLDER [--only fer_gap] [--seeds 5]

Wants a GPU; `--limit 30 --epochs 1` only shows that it runs. Finished and interrupted trainings in FOLDER are continued.
Targets on PublicTest: fer_vgg 0.67; fer_gap 0.72 in at most five minutes a seed, better 0.731.

Project S4's network, as published and as it should be, is a matter of the study (its authors reached 0.452 on both test parts):

    FER2013=fer2013.csv reportgen run data/studies/fer2013.toml --only s4 --only s4_mended --only s4_tuned
"""

import argparse
import hashlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from reportgen import plugins
from reportgen.core import TEST, TRAIN, VALIDATION, Place, Rows, Spec
from reportgen.device import choose
from reportgen.metrics import Predictions, view
from reportgen.networks import Views, layer_table, load_weights, predict, save_weights
from reportgen.training import Data, fit

COMMON: dict[str, Any] = {"schedule": "cosine", "warm_up": 5, "epochs": 120, "choose": "validation_accuracy", "ema": 0.998}
ADAM: dict[str, Any] = {**COMMON, "optimizer": "adam", "learning_rate": 0.001, "batch": 128}
SGD: dict[str, Any] = {
    **COMMON,
    "optimizer": "sgd",
    "learning_rate": 0.1,
    "weight_decay": 5e-4,
    "batch": 256,
    "label_smoothing": 0.1,
}
RECIPES: dict[str, dict[str, dict[str, Any]]] = {
    "fer_vgg": {
        "s2": {**ADAM, "augment": "s2"},
        "modern": {**ADAM, "augment": "modern", "label_smoothing": 0.1},
    },
    "fer_gap": {
        "sgd": {**SGD, "augment": "modern"},
        "sgd-mixup": {**SGD, "augment": "modern", "mixup": 0.2},
        "adam": {**ADAM, "augment": "modern", "label_smoothing": 0.1, "weight_decay": 0.05, "learning_rate": 0.002},
    },
}
VIEWS: tuple[Views, ...] = ("one", "flip", "ten_crop")


@dataclass(frozen=True, slots=True)
class Faces:
    """FER2013, divided: validation is a tenth of Training that shares no image with the rest."""

    images: np.ndarray  # (sample, row, column) uint8
    labels: np.ndarray  # (sample,) int
    twins: np.ndarray  # (sample,) int: identical images share a number
    parts: np.ndarray  # (sample,) int, index into core.PARTS
    classes: tuple[str, ...]

    def rows(self, part: int) -> np.ndarray:
        """Index of the samples of a part."""
        return np.flatnonzero(self.parts == part)


def read(path: Path, limit: int) -> Faces:
    """Read and divide as the study data/studies/fer2013.toml does."""
    chunks = list(plugins.verb("dataset", "fer2013")(path=path, on_bad_sample="skip", limit=limit))
    images, labels, origin = (np.concatenate([getattr(chunk, name) for chunk in chunks]) for name in ("x", "labels", "origin"))
    twins = np.unique([hashlib.sha256(image.tobytes()).hexdigest() for image in images], return_inverse=True)[1]
    facts = plugins.module("dataset", "fer2013").FACTS
    rows = Rows(labels=labels, origin=origin, groups=twins, classes=facts.classes, training_part=facts.training_part)
    parts = plugins.verb("split", "official")(rows, 0, test=("PublicTest",), validation=0.1)
    return Faces(images, labels.astype(np.int64), twins, parts, facts.classes)


class Bench:
    """Trains into a folder, each training once."""

    def __init__(self, faces: Faces, out: Path, device: str, epochs: int) -> None:
        self.faces, self.out, self.device, self.epochs = faces, out, device, epochs
        self.spec = Spec(shape=(1, *faces.images.shape[1:]), classes=len(faces.classes))
        self.data = Data(faces.images, faces.labels, faces.rows(TRAIN), faces.rows(VALIDATION))

    def train(self, model: str, recipe: str, seed: int) -> dict[str, Any]:
        """One training; what it reached on the validation part with each kind of views."""
        path = self.out / f"{model}-{recipe}-{seed}"
        said = path.with_suffix(".json")
        settings = RECIPES[model][recipe] | ({"epochs": self.epochs, "warm_up": 0} if self.epochs else {})
        asked = {"settings": settings, "samples": len(self.data.train), "device": self.device}
        if said.exists() and (found := json.loads(said.read_text())).items() >= asked.items():
            return dict(found)
        torch.manual_seed(seed)
        network = plugins.verb("model", model)(self.spec)
        start = time.perf_counter()
        fitted = fit(network, self.data, Place(self.device, seed, path.with_suffix(".checkpoint")), **settings)
        seconds = time.perf_counter() - start
        save_weights(path.with_suffix(".safetensors"), network, fitted.standardise)
        found = {
            **asked,
            "seconds": seconds,  # of this call only, if it continued an interrupted one
            "images_per_second": len(fitted.history["epochs"]) * len(self.data.train) / seconds,
            "chosen": fitted.history["chosen"],
            "validation": {views: self.accuracy(self.logits(model, recipe, seed, VALIDATION, views)) for views in VIEWS},
        }
        said.write_text(json.dumps(found, indent=1))
        path.with_suffix(".checkpoint").unlink()
        print(f"{path.name}: {seconds:.0f} s, validation {found['validation']}", flush=True)
        return found

    def logits(self, model: str, recipe: str, seed: int, part: int, views: Views) -> np.ndarray:
        """Of the samples of a part: (sample, class)."""
        network = plugins.verb("model", model)(self.spec)
        standardise = load_weights(self.out / f"{model}-{recipe}-{seed}.safetensors", network)
        return predict(network, self.faces.images[self.faces.rows(part)], standardise, self.device, views=views)

    def accuracy(self, logits: np.ndarray) -> float:
        """On the validation part."""
        return float((logits.argmax(1) == self.faces.labels[self.data.validation]).mean())

    def compare(self, model: str, seeds: int) -> dict[str, Any]:
        """Choose recipe and views on the validation part with seed 0, train all seeds, look at PublicTest once."""
        tried = {recipe: self.train(model, recipe, 0)["validation"] for recipe in RECIPES[model]}
        recipe, views = max(((r, v) for r in tried for v in VIEWS), key=lambda pair: tried[pair[0]][pair[1]])
        runs = [self.train(model, recipe, seed) for seed in range(seeds)]
        test, faces = self.faces.rows(TEST), self.faces
        predictions = Predictions(
            logits=np.stack([self.logits(model, recipe, seed, TEST, views) for seed in range(seeds)]),
            labels=faces.labels[test],
            groups=faces.twins[test],
            classes=faces.classes,
            majority=int(np.bincount(faces.labels[self.data.train]).argmax()),
        )
        alone = ~np.isin(faces.twins[test], faces.twins[np.concatenate([self.data.train, self.data.validation])])
        parts = {"all": predictions, "twin_free": predictions.only(alone)}
        return {
            "recipe": recipe,
            "settings": RECIPES[model][recipe],
            "views": views,
            "tried on validation": tried,
            "runs": runs,
            "parameters": layer_table(plugins.verb("model", model)(self.spec), self.spec)["trainable"],
            "PublicTest": {name: view(part, whole=len(test), resamples=2000, seed=0) for name, part in parts.items()},
        }


def main() -> None:
    """Compare the networks and write FOLDER/fer2013.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for weights and numbers")
    parser.add_argument("--only", choices=RECIPES, action="append", help="one network")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--limit", type=int, default=0, help="images of each class and part; 0: all")
    parser.add_argument("--epochs", type=int, default=0, help="0: those of the recipe")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    device = choose(given.device, torch.get_num_threads())
    bench = Bench(read(Path(os.environ["FER2013"]), given.limit), given.out, device, given.epochs)
    found = {model: bench.compare(model, given.seeds) for model in given.only or RECIPES}
    name = torch.cuda.get_device_name() if device.startswith("cuda") else device
    (given.out / "fer2013.json").write_text(json.dumps({"device": name, "torch": torch.__version__, **found}, indent=1))
    print(f"{'PublicTest':10s} {'seconds':>8s} {'images/s':>9s} {'all':>24s} {'without twins':>24s}")
    for model, result in found.items():
        mean = {key: np.mean([run[key] for run in result["runs"]]) for key in ("seconds", "images_per_second")}
        scores = [result["PublicTest"][name]["metrics"]["accuracy"] for name in ("all", "twin_free")]
        cells = [f"{s['mean']:.4f} [{s['low'] or 0:.4f}, {s['high'] or 0:.4f}]" for s in scores]
        print(f"{model:10s} {mean['seconds']:8.0f} {mean['images_per_second']:9.0f} {cells[0]:>24s} {cells[1]:>24s}")


if __name__ == "__main__":
    main()
