"""A small store for the tests of the report half: made-up outputs in the real schema, the same bytes every time.

`python tests/make_small_store.py` writes tests/store_small anew, with the study of recordings that `make_small_recordings`
makes. Nothing in it was trained or measured.
"""

import shutil
import struct
import sys
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from reportgen.fingerprint import digest
from reportgen.outputs import Out
from reportgen.store import Build, Record, Store

HERE = Path(__file__).parent / "store_small"
CLASSES = ("happy", "sad", "angry", "fear", "disgust", "surprise", "neutral")
Text = Callable[[str], str]


def plain(text: str) -> str:
    """Texts as they are; the tests put something evil around them."""
    return text


class Maker:
    """Writes finished steps without running anything."""

    def __init__(
        self, root: Path, text: Text = plain, *, restricted: bool = False, smoke: bool = True, study: str = ""
    ) -> None:
        self.store, self.text, self.restricted, self.smoke = Store(root), text, restricted, smoke
        self.study = study
        self.keys: dict[str, str] = {}
        self.drawn: dict[str, str] = {}

    def step(
        self,
        name: str,
        about: Mapping[str, str],
        inputs: tuple[str, ...],
        settings: Mapping[str, Any],
        write: Callable[[Out], None],
    ) -> None:
        key = digest(f"{self.study} {name}".strip())
        folder = self.store.work(key) / "out"
        folder.mkdir(parents=True)
        out = Out(folder)
        write(out)
        verb = name.split()[0]
        code = {f"reportgen/steps/{verb}.py": digest(verb)[:12]}
        if verb == "load" and (use := settings.get("use")):
            code[f"reportgen/datasets/{use}.py"] = digest(use)[:12]
        record = Record(
            key=key,
            step=name,
            call=f"reportgen.steps.{verb}:run",
            about=dict(about),
            reason="for the first time",
            settings=dict(settings),
            inputs={step: self.keys[step] for step in inputs},
            outputs={},
            basis={"code": code, "settings": dict(settings)},
            seconds=round(0.5 + 3 * len(name), 1),
            finished="2026-11-01T12:00:00+00:00",
            versions={"numpy": "2.4.6"},
        )
        self.store.finish(key, out, record)
        (self.drawn if verb == "figure" else self.keys)[name] = key


def facts(text: Text, *, restricted: bool) -> dict[str, Any]:
    counts = {
        part: {name: n + 3 * i for i, name in enumerate(CLASSES)} for part, n in (("train", 40), ("public", 9), ("private", 9))
    }
    return {
        "id": "faces_sim",
        "title": text("Small faces"),
        "modality": "image",
        "classes": list(CLASSES),
        "simulated": not restricted,
        "licence": text("MIT"),
        "consent": text("Nobody is shown: every face is drawn."),
        "redistribute": not restricted,
        "citation": text("Made up for the tests."),
        "bibtex": "@article{small2026,\n  author = {Small, Ada and Tiny, Bo},\n  title = {Faces That Nobody Has},\n"
        "  journal = {Journal of Tests},\n  year = {2026},\n}",
        "training_part": "train",
        "limits": text("It shows that pages are rendered, nothing else."),
        "scale": [0.0, 1.0],
        "whole": "video",
        "references": [
            {
                "name": text("Small and Tiny"),
                "model": "fer_vgg",
                "metric": "accuracy",
                "value": 0.676,
                "part": "private",
                "source": text("their Table 2"),
            }
        ],
        "n": sum(sum(classes.values()) for classes in counts.values()),
        "counts": counts,
        "published_counts": {},
        "parts": sorted(counts),
        "shape": [48, 48],
        "axes": ["sample", "row", "column"],
        "unit": "grey level",
        "notices": [text("train/happy: 40 samples where 41 were published")],
    }


def load(make: Maker) -> None:
    means = np.zeros((len(CLASSES), 4, 4), np.float32)

    def write(out: Out) -> None:
        out.json("facts", facts(make.text, restricted=make.restricted))
        out.array("class_means", means, ("class", "row", "column"), "grey level")
        out.array("samples", means.astype(np.uint8), ("sample", "row", "column"), restricted=make.restricted)

    make.step("load faces", {"dataset": "faces"}, (), {"use": "faces_sim", "settings": {"samples": 500, "noise": 6.0}}, write)


def view(accuracy: float, n: int, *, whole: bool, certain: bool) -> dict[str, Any]:
    def limits(value: float, half: float) -> dict[str, float | None]:
        return {"low": value - half, "high": value + half} if certain else {"low": None, "high": None}

    def metric(value: float) -> dict[str, Any]:
        seeds = [value - 0.012, value + 0.012]
        return {"seeds": seeds, "mean": value, "sd": 0.017, **limits(value, 0.041)}

    return {
        "n": n,
        "groups": n - 3,
        "same": whole,
        "metrics": {
            "accuracy": metric(accuracy),
            "balanced_accuracy": metric(accuracy - 0.02),
            "macro_f1": metric(accuracy - 0.03),
            "ece": metric(0.08),
        },
        "baseline": {"majority": {"class": "neutral", "accuracy": 0.214, **limits(0.214, 0.05)}, "chance": 1 / 7},
        "above_baseline": {"difference": accuracy - 0.214, **limits(accuracy - 0.214, 0.06)},
        "per_class": [
            {
                "class": name,
                "n": 9 + 3 * i,
                **{
                    s: {"mean": accuracy - 0.01 * i, **limits(accuracy - 0.01 * i, 0.12)} for s in ("precision", "recall", "f1")
                },
            }
            for i, name in enumerate(CLASSES)
        ],
        "confusion": np.eye(len(CLASSES)).tolist(),
        "reliability": [],
    }


def experiment(make: Maker, name: str, model: str, accuracy: float, *, smoke: bool) -> None:
    about = {"dataset": "faces", "experiment": name}
    counts = {part: dict.fromkeys(CLASSES, n) for part, n in (("unused", 0), ("train", 45), ("validation", 5), ("test", 18))}
    split = {"name": "official", "folds": [""], "settings": {"test": ["private"]}, "counts": counts, "test_origin": ["private"]}
    make.step(
        f"split {name}",
        about,
        ("load faces",),
        {"use": "official", "settings": {"test": ["private"]}, "seed": 0},
        lambda out: out.json("split", {**split, "n_test": 126, "n_test_twin_free": 120}),
    )
    for seed in (0, 1):
        train(make, name, model, seed, accuracy, smoke=smoke)
    scores = {
        "n": 126,
        "groups": 123,
        "seeds": [0, 1],
        "classes": list(CLASSES),
        "test_origin": ["private"],
        "smoke": smoke,
        "looks": 2,
        "unit": "image",
        "folds": 1,
        "units": [],
        "subjects": [],
        "clips": None,
        "learned_trials": None,
        "sources": [],
        "validation": {"n": 35, "accuracy": {"seeds": [accuracy, accuracy + 0.02], "mean": accuracy + 0.01, "sd": 0.014}},
        "views": {
            "all": view(accuracy, 126, whole=True, certain=not smoke),
            "twin_free": view(accuracy - 0.01, 120, whole=False, certain=not smoke),
        },
    }
    inputs = ("load faces", f"split {name}", f"train {name} seed 0", f"train {name} seed 1")
    make.step(f"score {name}", about, inputs, {"resamples": 2000, "seed": 0}, lambda out: out.json("scores", scores))


def train(make: Maker, name: str, model: str, seed: int, accuracy: float, *, smoke: bool) -> None:
    epochs = [
        {
            "epoch": i,
            "learning_rate": 0.001,
            "train_loss": 2 / i,
            "train_accuracy": accuracy * i / 4,
            "validation_loss": 2.1 / i,
            "validation_accuracy": accuracy * i / 4 - 0.02,
        }
        for i in range(1, 5)
    ]
    history = {"epochs": epochs, "chosen": 4, "chosen_by": "validation_loss", "stopped": None, "smoke": smoke}
    history |= {"loss": "cross_entropy", "order": "shuffled"}
    layers = [
        {"name": "conv1", "type": "Conv2d 3×3", "shape": [64, 48, 48], "parameters": 640},
        {"name": "head", "type": "Linear", "shape": [7], "parameters": 3332039},
    ]

    def write(out: Out) -> None:
        out.json("history", history)
        out.json("model", {"id": model, "settings": {}, "trainable": 3332679, "buffers": 1024, "layers": layers})

    about = {"dataset": "faces", "experiment": name, "seed": str(seed)}
    settings = {"model": {"use": model, "settings": {}}, "train": TRAIN, "seed": seed}
    make.step(f"train {name} seed {seed}", about, ("load faces", f"split {name}"), settings, write)


TRAIN: dict[str, Any] = {
    "epochs": 4,
    "batch": 32,
    "samples": 0,
    "shuffle": True,
    "order": "stored",
    "standardise": True,
    "loss": "cross_entropy",
    "augment": "modern",
    "mixup": 0.2,
    "label_smoothing": 0.1,
    "optimizer": "adam",
    "learning_rate": 0.001,
    "weight_decay": 0.0001,
    "momentum": 0.9,
    "clip": 1.0,
    "schedule": "cosine",
    "warm_up": 1,
    "decay": 0.0,
    "plateau_factor": 0.75,
    "plateau_patience": 5,
    "ema": 0.99,
    "choose": "validation_loss",
    "patience": 3,
    "smoke": False,
}


def explain(make: Maker, name: str) -> None:
    about = {"dataset": "faces", "experiment": name, "seed": "0", "explainer": "lime"}
    explained = [{"sample": 7 + i, "label": i, "predicted": (2 * i) % 7, "probability": 0.5 + 0.05 * i} for i in range(3)]
    quality = [
        {
            "sample": 7 + i,
            "segments": 48 + i,
            "samples": 256,
            "r2": [0.6 + 0.1 * i, None],
            "jaccard": [0.7, 0.8],
            "kernel_width": 0.25,
        }
        for i in range(3)
    ]

    def write(out: Out) -> None:
        out.json("explained", explained)
        out.json("lime_quality", quality)

    settings = {"use": "lime", "settings": {"samples": 256, "hide": "mean"}, "images_per_class": 1, "seed": 0}
    make.step(f"explain {name} lime", about, ("load faces", f"train {name} seed 0"), settings, write)


def who(mean: float, half: float = 0.05) -> dict[str, float]:
    return {"mean": mean, "low": mean - half, "high": mean + half}


def measure(better: str, value: float, gain: float) -> dict[str, Any]:
    """The explainer and its controls, all of which it beats by `gain`, but for an edge map."""
    gains = {"random": gain, "centre": gain, "edges": gain / 10, "blur_matched": gain}
    sign = 1 if better == "higher" else -1
    controls = {
        name: {**who(value - sign * g), "difference": g, "difference_low": g - 0.06, "difference_high": g + 0.06}
        for name, g in gains.items()
    }
    return {"better": better, "explainer": who(value), "controls": controls}


def judge(make: Maker, name: str) -> None:
    about = {"dataset": "faces", "experiment": name, "seed": "0", "explainer": "cam"}
    explained = [{"sample": 7 + i, "label": i, "predicted": i, "probability": 0.8} for i in range(7)]
    load, train = "load faces", f"train {name} seed 0"
    settings = {"use": "cam", "settings": {}, "images_per_class": 1, "seed": 0}
    make.step(f"explain {name} cam", about, (load, train), settings, lambda out: out.json("explained", explained))
    faithfulness = {
        "images": 7,
        "measures": {
            "deletion": measure("lower", 0.2, 0.2),
            "insertion": measure("higher", 0.7, 0.3),
            "road": measure("higher", 0.3, 0.2),
        },
    }
    located = {"pointing": measure("higher", 0.8, 0.7), "inside": measure("higher", 0.4, 0.3)}
    localisation = {
        "images": 6,
        "left_out": 1,
        "chance": 0.09,
        "measures": located,
        "per_class": [],
        "randomised": {"pointing": measure("higher", 0.1, 0.0), "inside": measure("higher", 0.1, 0.0)},
    }
    depths = [{"depth": d, "layer": "", "spearman": who(1 - d / 2), "ssim": who(1 - d / 2)} for d in (0, 1, 2)]

    def write(out: Out) -> None:
        out.json("faithfulness", faithfulness)
        out.json("localisation", localisation)
        out.json("randomisation", {"images": 7, "layers": 2, "depths": depths})

    make.step(f"judge {name} cam", about, (load, train, f"explain {name} cam"), {"images": 0, "seed": 0}, write)


def tune(make: Maker, name: str) -> None:
    def trial(number: int, state: str, value: float, epochs: int) -> dict[str, Any]:
        params = {"model.width": 8 * (number + 1), "train.learning_rate": 0.001 * (number + 1)}
        return {"number": number, "state": state, "value": value, "epochs": epochs, "params": params, "reason": ""}

    trials = {
        "objective": "validation_accuracy",
        "direction": "maximize",
        "epochs": 9,
        "least": 1,
        "reduction": 3,
        "sampler": "tpe",
        "processes": 2,
        "repeatable": False,
        "space": {
            "model.width": {"low": 8, "high": 32, "step": 8, "log": False},
            "train.learning_rate": {"low": 0.001, "high": 0.01, "step": None, "log": True},
        },
        "rows": [trial(0, "pruned", 0.41, 3), trial(1, "complete", 0.67, 9), trial(2, "complete", 0.6, 9)],
        "best": 1,
        "ranked_on": {"part": "validation", "n": 35},
    }
    settings = {"model": {"width": 16}, "train": {"learning_rate": 0.002}}

    def write(out: Out) -> None:
        out.json("trials", trials)
        out.json("tuned", {"settings": settings, "trial": 1, "value": 0.67, "importance": None})

    about = {"dataset": "faces", "experiment": name}
    make.step(f"tune {name}", about, ("load faces", f"split {name}"), {"tune": {"trials": 3}, "seed": 0}, write)


def compare(make: Maker) -> None:
    rows = [
        {"name": name, "model": model, "seeds": [0, 1], "parameters": 3332679, "validation": accuracy + 0.01}
        | {
            "accuracy": {
                "seeds": [accuracy] * 2,
                "mean": accuracy,
                "sd": 0.017,
                "low": accuracy - 0.04,
                "high": accuracy + 0.04,
            }
        }
        for name, model, accuracy in (("small", "fer_gap_small", 0.676), ("large", "fer_vgg", 0.31))
    ]
    pair = {"first": "small", "second": "large", "difference": 0.366, "low": 0.29, "high": 0.44}
    tested = {"test": "sign_flip", "p": 0.0001, "p_holm": 0.0001, "discordant": None, "trainings": {"low": 0.28, "high": 0.45}}
    found = {
        "dataset": "faces",
        "split": {"use": "official", "settings": {"test": ["private"]}},
        "n": 126,
        "groups": 123,
        "experiments": rows,
        "pairs": [{**pair, **tested}],
        "per_class": [],
    }
    about = {"dataset": "faces", "comparison": "faces-official"}
    inputs = ("load faces", "score small", "score large")
    settings = {"experiments": ["small", "large"], "seed": 0}
    make.step("compare faces-official", about, inputs, settings, lambda out: out.json("comparison", found))


def audits(make: Maker) -> None:
    found = {
        "identical_samples": [
            {
                "severity": "warning",
                "about": "experiment small",
                "title": make.text("Some test samples are identical to samples that were learned from"),
                "evidence": "6 of 126 test samples (5 %)",
                "remedy": make.text("Believe the score on twin-free samples"),
                "rows": [["parts", "groups"], ["private and train", "6"]],
            },
            {
                "severity": "ok",
                "about": "data set faces",
                "title": "Labels agree",
                "evidence": "0 groups",
                "remedy": "",
                "rows": [],
            },
        ],
        "published_counts": [
            {
                "severity": "notice",
                "about": "data set faces",
                "title": "Counts differ from the published ones",
                "evidence": make.text("train/happy: 40, published 41"),
                "remedy": "",
                "rows": [],
            }
        ],
    }
    for name, findings in found.items():
        make.step(
            f"audit {name}",
            {"audit": name},
            ("load faces", "split small"),
            {"use": name, "settings": {}},
            lambda out, findings=findings: out.json("findings", findings),
        )


def figure(
    make: Maker, plugin: str, subject: Mapping[str, str], inputs: tuple[str, ...], title: str, *, dense: bool = False
) -> None:
    picture = f"figure.{'png' if dense else 'svg'}"
    words = {
        "title": make.text(title),
        "caption": make.text(f"What {plugin} shows, and what it means. Simulated data."),
        "alt": make.text(f"In words for somebody who cannot see it: {title.lower()}."),
        "width": "narrow" if dense else "column",
        "inches": [4.6, 2.3] if dense else [6.3, 2.1],
        "dense": dense,
        "interactive": plugin == "reliability",
        "file": picture,
        "csv": "figure.csv",
    }

    def write(out: Out) -> None:
        out.path("figure", Path(picture).suffix).write_bytes(png() if dense else svg(plugin))
        out.path("figure", ".csv").write_text("class,value\nhappy,0.5\n")
        if plugin == "reliability":
            out.path("figure", ".plotly.json").write_text('{"data":[{"type":"scatter","x":[0,1],"y":[0,1]}],"layout":{}}\n')
        out.json("figure", words)

    name = " ".join(["figure", plugin, *list(subject.values())[-1:]])
    make.step(name, {"figure": plugin, **subject}, inputs, {"use": plugin, "settings": {}}, write)


def svg(seed: str) -> bytes:
    bars = "".join(
        f'<rect x="{10 + 60 * i}" y="{150 - n % 120}" width="40" height="{n % 120}" fill="#0072B2"/>'
        for i, n in enumerate(seed.encode()[:7])
    )
    size = 'width="453.6pt" height="151.2pt" viewBox="0 0 453.6 151.2"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{bars}</svg>'.encode()


def png(size: int = 46) -> bytes:
    """A grey ramp."""
    rows = b"".join(b"\0" + bytes((x * 255 // size) for x in range(size)) for _ in range(size // 2))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", size, size // 2, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def figures(make: Maker) -> None:
    data, small, large = (
        {"dataset": "faces"},
        {"dataset": "faces", "experiment": "small"},
        {"dataset": "faces", "experiment": "large"},
    )
    figure(make, "forest", {}, ("score small", "score large"), "The small network is better")
    figure(make, "sample_sheet", data, ("load faces",), "Faces of one class differ", dense=True)
    figure(make, "class_counts", data, ("load faces",), "Neutral is the largest class")
    for name, subject in (("small", small), ("large", large)):
        figure(make, "learning_curves", subject, (f"train {name} seed 0",), "It stops learning after four epochs")
        figure(make, "confusion_matrix", subject, (f"score {name}",), "Fear is mistaken for sadness")
    figure(make, "reliability", small, ("score small",), "It is too sure of itself")
    figure(make, "tuning_parallel", small, ("tune small",), "The learning rate decides")
    judged = {**small, "explainer": "cam"}
    figure(make, "attribution_classes", judged, ("explain small cam",), "Each class is seen elsewhere", dense=True)
    figure(make, "faithfulness", small, ("judge small cam",), "It is no better than an edge map")
    compared = {"dataset": "faces", "comparison": "faces-official"}
    figure(make, "comparison", compared, ("compare faces-official",), "The small network is clearly better")
    figure(make, "lime_panels", small, ("explain small lime",), "It looks at the mouth", dense=True)


def study(text: Text) -> dict[str, Any]:
    def one(title: str, model: str, explain: dict[str, Any]) -> dict[str, Any]:
        return {
            "title": text(title),
            "about": text(f"What {title.lower()} is asked."),
            "task": "classify",
            "dataset": "faces",
            "model": {"use": model, "settings": {}},
            "split": {"use": "official", "settings": {"test": ["private"]}},
            "train": TRAIN,
            "evaluate": {"resamples": 2000, "views": "one"},
            "explain": explain,
            "images_per_class": 1,
            "judge": {
                "images": 0,
                "steps": 16,
                "percentiles": [20, 40, 60, 80],
                "depths": 5,
                "randomised_images": 14,
                "resamples": 2000,
            },
            "seeds": [0, 1],
        }

    return {
        "title": text("A small study"),
        "question": text("Does a page say what its figures show?"),
        "abstract": text("Two experiments on one data set, made up for the tests."),
        "authors": [text("Ada Small"), text("Bo Tiny")],
        "version": text("1.0"),
        "date": text("2026-11-01"),
        "limits": text("Nothing was measured."),
        "seed": 0,
        "profile": "quick",
        "dataset": {"faces": {"use": "faces_sim", "samples": 500, "noise": 6.0}},
        "experiment": {
            "small": one(
                "Small network",
                "fer_gap_small",
                {
                    "lime": {"use": "lime", "settings": {"samples": 256, "hide": "mean"}, "images_per_class": 0},
                    "cam": {"use": "cam", "settings": {}, "images_per_class": 0},
                },
            ),
            "large": one("Published network", "fer_vgg", {}),
        },
        "audit": {},
    }


def make_store(
    root: Path, text: Text = plain, *, restricted: bool = False, smoke: bool = True
) -> tuple[Store, Build, dict[str, str]]:
    """Write the store; returns it with its build and the keys of its figures."""
    make = Maker(root, text, restricted=restricted, smoke=smoke)
    load(make)
    experiment(make, "small", "fer_gap_small", 0.676, smoke=False)
    experiment(make, "large", "fer_vgg", 0.31, smoke=smoke)
    explain(make, "small")
    judge(make, "small")
    tune(make, "small")
    compare(make)
    audits(make)
    figures(make)
    return keep(make, "small", study(text), text('title = "A small study"\n\n[dataset.faces]\nuse = "faces_sim"\n'))


def keep(make: Maker, name: str, study: Mapping[str, Any], source: str) -> tuple[Store, Build, dict[str, str]]:
    """Write the build down; returns what `make_store` does."""
    build = Build(
        id="2026-11-01T12-00-00Z",
        study=study,
        source=source,
        profile="quick",
        command=f"reportgen build {name}.toml --profile quick",
        started="2026-11-01T12:00:00+00:00",
        records=make.keys,
        failed={},
        environment={"reportgen": "0.1.0", "python": "3.11.9", "torch": "2.13.0", "numpy": "2.4.6"},
    )
    make.store.save_build(name, build)
    shutil.rmtree(make.store.root / "work", ignore_errors=True)
    return make.store, build, make.drawn


if __name__ == "__main__":
    import make_small_recordings

    shutil.rmtree(HERE, ignore_errors=True)
    make_store(HERE)
    make_small_recordings.make_store(HERE)
    sys.stdout.write(f"{HERE}\n")
