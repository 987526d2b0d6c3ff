"""Small made-up outputs of an explainer that makes maps and of its judges; what is planted says `figure_samples`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reportgen.outputs import Out, Output
from reportgen.trust import CONTROLS

COARSE = 6  # rows and columns of a class activation map
BIAS = 0.1  # of every class
GAP = 2e-6  # between the maps and the logits
SCORES: Mapping[str, Mapping[str, tuple[float, ...]]] = {  # of the explanation, then of each control
    "cam": {
        "deletion": (0.20, 0.45, 0.40, 0.35, 0.44),
        "insertion": (0.62, 0.30, 0.45, 0.61, 0.33),
        "road": (0.25, 0.01, 0.12, 0.10, 0.02),
        "pointing": (0.90, 0.03, 0.05, 0.35, 0.10),
        "inside": (0.45, 0.03, 0.02, 0.12, 0.05),
    },
    "lime": {
        "deletion": (0.36, 0.45, 0.37, 0.35, 0.44),
        "insertion": (0.46, 0.30, 0.45, 0.61, 0.33),
        "road": (0.12, 0.01, 0.12, 0.10, 0.02),
        "pointing": (0.36, 0.03, 0.05, 0.35, 0.10),
        "inside": (0.13, 0.03, 0.02, 0.12, 0.05),
    },
}
CHANCE = 0.03
RANDOMISED = {"pointing": 0.05, "inside": 0.03}
LIKENESS = {"cam": 0.04, "lime": 0.62}  # rank correlation with all layers randomised
LAYERS = ("head", "features.3", "features.2", "features.1", "features.0")


def cam(
    folder: Path,
    about: Mapping[str, str],
    told: Sequence[Mapping[str, Any]],
    samples: np.ndarray,
    mouths: np.ndarray,
    *,
    restricted: bool,
    truth: bool,
) -> list[Output]:
    """Maps whose evidence for a class lies on the mouth that carries it.

    Args:
        folder: to write into.
        about: of the outputs.
        told: the output `explained`.
        samples: (image, row, column) uint8.
        mouths: (class, row, column) bool.
        restricted: may the samples not be shown?
        truth: is it known where the class is?
    """
    out = _out(folder)
    rng = np.random.default_rng(11)
    labels = [row["label"] for row in told]
    share = mouths.reshape(len(mouths), COARSE, mouths.shape[1] // COARSE, COARSE, -1).mean((2, 4))  # (class, row, column)
    coarse = rng.normal(0, 0.3, (len(told), len(mouths), COARSE, COARSE))
    for i, row in enumerate(told):
        on_mouth = share[row["label"]]
        coarse[i] -= 5 * on_mouth
        coarse[i, row["label"]] += 30 * on_mouth
        coarse[i, row["predicted"]] += 10 * on_mouth
    maps = enlarged(coarse, mouths.shape[1])
    means = np.stack([maps[[i for i, label in enumerate(labels) if label == c], c].mean(0) for c in range(len(mouths))])
    complete = {"bias": [BIAS] * len(mouths), "largest_gap": GAP}
    axes = ("image", "class", "row", "column")
    out.json("explained", told)
    out.array("explained_samples", samples, ("image", "row", "column"), restricted=restricted)
    if truth:
        out.array("explained_truth", mouths[labels], ("image", "row", "column"))
    out.array("attribution", maps.astype(np.float32), axes, "logit")
    out.array("class_activation", coarse.astype(np.float32), ("image", "class", "map row", "map column"), "logit")
    out.array("attribution_means", means.astype(np.float32), axes[1:], "logit")
    about_maps = {"method": "cam", "layer": "features.3", "map_shape": [COARSE, COARSE], "unit": "logit"}
    out.json("attribution_about", about_maps | {"complete": complete})
    return _outputs(out, **about)


def enlarged(coarse: np.ndarray, side: int) -> np.ndarray:
    """Maps (…, row, column) made larger, linear between the centres of their places."""
    n = coarse.shape[-1]
    at = (np.arange(side) + 0.5) * n / side - 0.5
    weights = np.stack([np.interp(at, np.arange(n), one) for one in np.eye(n)], axis=1)  # (fine, coarse)
    return np.asarray(weights @ coarse @ weights.T)


def judged(
    folder: Path,
    about: Mapping[str, str],
    classes: Sequence[str],
    *,
    images: int = 56,
    truth: bool = True,
    name: str = "",
    randomised: bool = True,
) -> list[Output]:
    """What the judging step finds of an explainer in `SCORES`; below six images nothing is claimed.

    Args:
        folder: to write into.
        about: of the outputs, the explainer among them.
        classes: of the data set.
        images: that are judged.
        truth: is it known where the class is?
        name: whose scores to take, if not the explainer's.
        randomised: was a randomised network asked?
    """
    out, name = _out(folder), name or about["explainer"]
    certain = images >= 6
    out.json("faithfulness", _faithfulness(SCORES[name], images))
    about_depths = {"images": images, "constant": 0, "layers": len(LAYERS)}
    out.json("randomisation", about_depths | {"depths": _depths(LIKENESS[name], certain)})
    if truth:
        out.json("localisation", _localisation(SCORES[name], classes, images, randomised))
    return _outputs(out, **about)


def _faithfulness(scores: Mapping[str, Sequence[float]], images: int) -> dict[str, Any]:
    share = np.linspace(0, 1, 11)
    whos = ("explainer", *CONTROLS)
    removed = [0.2, 0.4, 0.6, 0.8]
    return {
        "images": images,
        "steps": 10,
        "percentiles": [20, 40, 60, 80],
        "measures": {
            name: _measure(scores[name], images >= 6, lower=name == "deletion") for name in ("deletion", "insertion", "road")
        },
        "curves": {
            "deletion": {"fraction": share.tolist()}
            | {who: (0.9 * (1 - share) ** (0.9 / v - 1)).tolist() for who, v in zip(whos, scores["deletion"], strict=True)},
            "insertion": {"fraction": share.tolist()}
            | {
                who: (0.9 - 0.9 * (1 - share) ** (1 / (1 - v / 0.9) - 1)).tolist()
                for who, v in zip(whos, scores["insertion"], strict=True)
            },
            "road_morf": {"fraction": removed} | {who: [0.5 - v] * 4 for who, v in zip(whos, scores["road"], strict=True)},
            "road_lerf": {"fraction": removed} | {who: [0.5 + v] * 4 for who, v in zip(whos, scores["road"], strict=True)},
        },
    }


def _localisation(
    scores: Mapping[str, Sequence[float]], classes: Sequence[str], images: int, randomised: bool
) -> dict[str, Any]:
    certain = images >= 6
    planted = [name for name in classes if name != "neutral"]
    measures = {name: _measure(scores[name], certain) for name in ("pointing", "inside")}
    spread = np.linspace(-0.08, 0.08, len(planted))
    drawn_anew = {name: _measure((RANDOMISED[name], *scores[name][1:]), certain) for name in measures}
    return {
        "images": images,
        "left_out": 8,
        "chance": CHANCE,
        "measures": measures,
        "per_class": [
            {"class": name, "images": 8} | {m: _who(scores[m][0] + more, certain, 0.1) for m in measures}
            for name, more in zip(planted, spread, strict=True)
        ],
        "randomised": {"images": images, **drawn_anew} if randomised else None,
    }


def _measure(scores: Sequence[float], certain: bool, *, lower: bool = False) -> dict[str, Any]:
    """Differences are known to 0.03."""
    own, *others = scores
    controls = {}
    for name, value in zip(CONTROLS, others, strict=True):
        mean, low, high = _limits((value - own) * (1 if lower else -1), certain, 0.03)
        controls[name] = _who(value, certain) | {"difference": mean, "difference_low": low, "difference_high": high}
    return {"better": "lower" if lower else "higher", "explainer": _who(own, certain), "controls": controls}


def _who(mean: float, certain: bool, half: float = 0.04) -> dict[str, Any]:
    return dict(zip(("mean", "low", "high"), _limits(mean, certain, half), strict=True))


def _limits(mean: float, certain: bool, half: float) -> tuple[float, float | None, float | None]:
    return (mean, mean - half, mean + half) if certain else (mean, None, None)


def _depths(end: float, certain: bool) -> list[dict[str, Any]]:
    """From the trained network to all layers randomised, half of the way with each layer."""
    rows = [{"depth": 0, "layer": ""} | {measure: _who(1.0, False) for measure in ("spearman", "ssim")}]
    for depth, layer in enumerate(LAYERS, 1):
        left = 0.5**depth if depth < len(LAYERS) else 0.0
        value = end + (1 - end) * left
        rows.append({"depth": depth, "layer": layer, "spearman": _who(value, certain), "ssim": _who(0.8 * value, certain)})
    return rows


def _out(folder: Path) -> Out:
    folder.mkdir(parents=True, exist_ok=True)
    return Out(folder)


def _outputs(out: Out, **about: str) -> list[Output]:
    return [Output(d["kind"], out.folder / name, about, d["restricted"]) for name, d in out.described.items()]
