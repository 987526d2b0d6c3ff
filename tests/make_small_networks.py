"""Made-up outputs of networks on recordings for the small store: trainings in folds, and which frequencies they use.

Planted: positive is read from 10–16 Hz at PZ, negative in part from gamma at T7, neutral from nothing. Band-swap finds less.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from reportgen.core import Array
from reportgen.outputs import Out

Text = Callable[[str], str]

WINDOWS = [[4.0 + 6 * i, 10.0 + 6 * i] for i in range(7)]  # Hz
BANDS = {"alpha": [8.0, 14.0], "beta": [14.0, 31.0], "gamma": [31.0, 46.0]}
TRUTH = {"positive": ([10.0, 16.0], 13.0, "PZ"), "negative": ([34.0, 40.0], 37.0, "T7")}
SEEN = {"gradient": (0.8, "logit"), "stop": (1.2, "logit"), "swap": (0.3, "logit")}
TRAIN: dict[str, Any] = {
    "epochs": 30,
    "batch": 64,
    "samples": 0,
    "shuffle": True,
    "order": "stored",
    "standardise": True,
    "loss": "cross_entropy",
    "augment": "none",
    "mixup": 0.0,
    "label_smoothing": 0.0,
    "optimizer": "adam",
    "learning_rate": 0.001,
    "weight_decay": 0.0,
    "momentum": 0.9,
    "clip": 0.0,
    "schedule": "constant",
    "warm_up": 0,
    "decay": 0.0,
    "plateau_factor": 0.75,
    "plateau_patience": 5,
    "ema": 0.0,
    "choose": "validation_loss",
    "patience": 5,
    "smoke": False,
}
EXPLAIN: dict[str, Any] = {
    "saliency": {"use": "saliency", "settings": {"show": "absolute"}, "images_per_class": 0},
    "frequencies": {
        "use": "band_attribution",
        "settings": {"views": [], "low": 4.0, "high": 46.0, "width": 6.0, "step": 6.0},
        "images_per_class": 0,
    },
}


def described() -> dict[str, Any]:
    """The kind `model`."""
    layers = [
        {"name": "temporal", "type": "Conv2d", "shape": [8, 4, 128], "parameters": 512},
        {"name": "output", "type": "Linear", "shape": [3], "parameters": 195},
    ]
    return {"id": "eegnet", "settings": {}, "trainable": 707, "buffers": 16, "layers": layers}


def train(out: Out, fold: int) -> None:
    """Of a fold; each stops at an epoch of its own."""
    epochs = [
        {
            "epoch": i,
            "learning_rate": 0.001,
            "train_loss": 1.1 / i,
            "train_accuracy": 0.3 + 0.1 * i,
            "validation_loss": 1.2 / i,
            "validation_accuracy": 0.3 + 0.08 * i,
        }
        for i in range(1, 3 + fold % 3)
    ]
    out.json(
        "history",
        {
            "epochs": epochs,
            "chosen": len(epochs),
            "stopped": None,
            "smoke": False,
            "chosen_by": "validation_loss",
            "loss": "cross_entropy",
            "order": "shuffled",
            "samples": {"train": 135, "validation": 33},
            "standardise": {"over": "sample", "numbers": 4},
            "levels": None,
        },
    )
    out.json("model", described())


def answer(out: Out) -> None:
    """Of a fold."""
    for kind in ("fold_logits", "fold_validation_logits"):
        out.array(kind, np.zeros((1, 3), np.float32), ("sample", "class"))
    out.json("looks", {"test": 1, "by": ["answer"]})


def saliency(out: Out, names: Sequence[str]) -> None:
    """Of all folds."""
    mean = Array(np.zeros((3, 4, 2), np.float32), ("class", "channel", "time"))
    units = Array(np.zeros((len(names), 3, 4, 2), np.float32), ("unit", "class", "channel", "time"))
    out.put("relevance", {"mean": mean, "units": units, "input": mean})
    told = {"method": "saliency", "unit": "", "over": "subject", "axes": ["channel", "time"], "units": list(names)}
    out.json("relevance_about", {**told, "n": [64, 64, 64], "folds": len(names)})
    explained(out, 96)


def explained(out: Out, n: int) -> None:
    """The samples that were looked at."""
    out.json("explained", [{"fold": "", "sample": i, "label": 0, "predicted": 0, "probability": 0.5} for i in range(n)])


def frequencies(out: Out, text: Text, classes: Sequence[str], channels: Sequence[str], names: Sequence[str]) -> None:
    """Of all folds."""
    edges = {"edges": np.array(WINDOWS), "band_edges": np.array(list(BANDS.values()))}
    out.put("band_effect", {name: Array(values.astype(np.float32), ("window", "edge"), "Hz") for name, values in edges.items()})
    out.json("band_views", views(text, classes, channels, names))
    explained(out, 192)


def views(text: Text, classes: Sequence[str], channels: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
    """The kind `band_views`; classes, channels and names of units are still without what tests put around texts."""
    why = "The network has no convolution that sees the signal itself along time."
    undefined = {"view": "passes", "defined": False, "why": why, "quantity": "", "classes": [], "control": None}
    return {
        "axes": ["channel", "time"],
        "unit": "subject",
        "units": list(names),
        "classes": [text(name) for name in classes],
        "channels": [text(channel) for channel in channels],
        "folds": len(names),
        "trials": 6 * len(names),
        "changed": 3 * len(names),
        "fine": True,
        "tested": len(names) > 5,
        "windows": WINDOWS,
        "bands": {text(band): limits for band, limits in BANDS.items()},
        "views": [undefined, *(view(text, name, classes, channels, certain=len(names) > 5) for name in SEEN)],
        "agreement": list(agreement(text, classes, certain=len(names) > 5)),
        "muscles": muscles(text, classes, certain=len(names) > 5),
        "truth": [truth(text, name, classes) for name in TRUTH],
    }


def view(text: Text, name: str, classes: Sequence[str], channels: Sequence[str], *, certain: bool) -> dict[str, Any]:
    """What a view says, and what it says of networks trained on shuffled labels."""
    size, quantity = SEEN[name]
    found = {label: ranges_of(name, label, size) if certain else [] for label in classes}
    entries = [
        {
            **curve(text, label, size, certain=certain),
            **strongest(text, label, channels, shown=bool(ranges) or not certain),
            "ranges": ranges,
        }
        for label, ranges in found.items()
    ]
    silent = [{**curve(text, label, 0.0, certain=certain), "ranges": []} for label in classes]
    for entry in (*entries, *silent):
        entry["correct"] = None if name == "gradient" else {end: v and [x / 10 for x in v] for end, v in entry["curve"].items()}
    beside = {"classes": silent, "likeness": limits(0.04, 0.2, certain=certain)}
    return {"view": name, "defined": True, "why": "", "quantity": quantity, "classes": entries, "control": beside}


def ranges_of(name: str, label: str, size: float) -> list[dict[str, Any]]:
    """What was planted, half a hertz off; band-swap does not find gamma."""
    if label not in TRUTH or (name, label) == ("swap", "negative"):
        return []
    (low, high), peak, _ = TRUTH[label]
    around = {"peak": peak + 0.5, "peak_low": peak - 1, "peak_high": peak + 1.5}
    return [{"low": low + 0.5, "high": high + 0.5, **around, "effect": size, "p": 0.0117}]


def curve(text: Text, label: str, size: float, *, certain: bool) -> dict[str, Any]:
    """Of a class; its effect is in the window that holds what was planted."""
    peak = TRUTH.get(label, ((), 25.0, ""))[1]
    mean = [size if low <= peak < high and label in TRUTH else 0.0 for low, high in WINDOWS]
    ends = {"low": [m - 0.2 for m in mean], "high": [m + 0.2 for m in mean]} if certain else {"low": None, "high": None}
    return {"class": text(label), "units": 8, "curve": {"mean": mean, **ends}, "peak": peak + 0.5}


def strongest(text: Text, label: str, channels: Sequence[str], *, shown: bool) -> dict[str, Any]:
    """The site of what was planted first; a class without any has another order."""
    site = TRUTH.get(label, ((), 0.0, channels[0]))[2]
    order = [site, *(channel for channel in channels if channel != site)]
    band = {"positive": "alpha", "negative": "gamma"}.get(label, "beta")
    rows = [{"channel": text(channel), "effect": 0.4 - 0.1 * place} for place, channel in enumerate(order[:3])]
    return {"band": text(band), "strongest": rows if shown else []}


def limits(mean: float, half: float, *, certain: bool) -> dict[str, float | None]:
    """A mean with its interval, where there are units enough."""
    ends = (round(mean - half, 3), round(mean + half, 3)) if certain else (None, None)
    return {"mean": mean, "low": ends[0], "high": ends[1]}


def agreement(text: Text, classes: Sequence[str], *, certain: bool) -> Iterator[dict[str, Any]]:
    """Of each two views."""
    for first, second in (("gradient", "stop"), ("gradient", "swap"), ("stop", "swap")):
        for label in classes:
            alike = limits(0.7 if label in TRUTH else 0.0, 0.2, certain=certain)
            yield {"first": first, "second": second, "class": text(label), "correlation": alike, "apart": 0.5, "shared": 3}


def muscles(text: Text, classes: Sequence[str], *, certain: bool) -> dict[str, Any]:
    """Gamma is of the temporal ring alone."""
    scores = {"whole": 0.57, "low_pass": 0.56, "without_temporal": 0.45}
    gamma = [
        {
            "class": text(label),
            "effect": limits(0.9 if label == "negative" else 0.02, 0.3, certain=certain),
            "low_pass": limits(0.5 if label == "negative" else 0.01, 0.3, certain=certain),
            "without_temporal": limits(0.1, 0.3, certain=certain),
        }
        for label in classes
    ]
    return {
        "low_pass": 45.0,
        "temporal": [text("T7")],
        "why": {"low_pass": "", "without_temporal": ""},
        "balanced_accuracy": {name: limits(mean, 0.06, certain=certain) for name, mean in scores.items()},
        "loss": {
            "low_pass": limits(0.01, 0.04, certain=certain),
            "without_temporal": limits(0.12, 0.05, certain=certain),
        },
        "gamma": gamma,
    }


def truth(text: Text, label: str, classes: Sequence[str]) -> dict[str, Any]:
    """Of a class, and how near each view comes."""
    band, peak, site = TRUTH[label]
    found = {name: bool(ranges_of(name, label, 1.0)) for name in SEEN}
    rows = [
        {
            "view": name,
            "found": seen,
            "peak_error": 0.5,
            "overlap": 0.846 if seen else None,
            "hits": 2 if seen else None,
            "site_in_top": True if seen else None,
        }
        for name, seen in found.items()
    ]
    assert label in classes
    return {"class": text(label), "band": band, "peak": peak, "site": text(site), "channels": [text(site)], "views": rows}


def alone(out: Out, text: Text, names: Sequence[str]) -> None:
    """The kind `band_scores`."""
    certain = len(names) > 5
    rows = [
        {
            "band": text(band),
            "low": low,
            "high": high,
            "balanced_accuracy": limits(score, 0.07, certain=certain),
            "units": [score] * len(names),
        }
        for (band, (low, high)), score in zip(BANDS.items(), (0.52, 0.35, 0.47), strict=True)
    ]
    told = {"unit": "subject", "units": list(names), "chance": 0.333, "folds": len(names)}
    out.json("band_scores", {**told, "whole": limits(0.57, 0.06, certain=certain), "bands": rows})
