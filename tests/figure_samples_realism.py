"""Realistic `signal_scores` and `course` of experiments that make synthetic samples: as steps write them, in small."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reportgen.outputs import Out, Output

Json = dict[str, Any]

FACTS: Json = {
    "title": "EEG-Sim",
    "modality": "eeg",
    "simulated": True,
    "redistribute": True,
    "references": [],
    "notices": [],
    "positions": None,
}
CONTROLS: Mapping[str, str] = {
    "real": "Real training part",
    "noise": "White noise",
    "channels": "Shuffled channels",
    "classes": "Swapped classes",
}
SPECTRUM = ("psd_distance", "band_power_divergence", "autocorrelation_distance")
# score: (title, unit, better, ceiling, floor, value of the ceiling, what it sees)
SCORES: Mapping[str, tuple[str, str, str, str, float, float, str]] = {
    "psd_distance": ("Distance of the spectra", "dB", "low", "noise", 0.62, 13.4, "The mean spectrum of each channel."),
    "band_power_divergence": (
        "Divergence of band power",
        "nat",
        "low",
        "noise",
        0.11,
        9.7,
        "How band power is distributed in each class.",
    ),
    "covariance_distance": ("Distance of covariance", "", "low", "channels", 0.09, 0.84, "How channels go together."),
    "autocorrelation_distance": (
        "Distance of autocorrelation",
        "",
        "low",
        "noise",
        0.021,
        0.31,
        "Rhythms and their decay.",
    ),
    "sliced_wasserstein": ("Sliced Wasserstein distance", "", "low", "noise", 0.14, 2.9, "The whole distribution, projected."),
    "mmd": ("MMD²", "", "low", "noise", 0.0012, 0.71, "The whole distribution, by a kernel."),
    "frechet": ("Fréchet distance", "", "low", "noise", 1.9, 84.0, "What a network of the experiment sees."),
    "density": ("Density", "", "high", "noise", 0.97, 0.0, "Whether samples lie where real ones lie."),
    "coverage": ("Coverage", "", "high", "noise", 0.93, 0.01, "Whether all real samples have a synthetic neighbour."),
    "two_sample_auc": ("Two-sample test AUC", "", "low", "noise", 0.52, 1.0, "Whether a classifier tells real from synthetic."),
    "tstr": ("Trained on synthetic (TSTR)", "", "high", "classes", 0.71, 0.21, "Whether classes can be learned."),
    "trts": ("Tested on synthetic (TRTS)", "", "high", "classes", 0.78, 0.19, "Whether classes are recognised."),
    "augmentation": ("Gain from augmentation", "", "high", "classes", 0.0, -0.11, "Whether it helps training."),
    "memory_ratio": ("Memorisation ratio", "", "high", "", 1.0, 0.0, "Whether training samples are copied."),
}
OF_SIGNALS = ("psd_distance", "autocorrelation_distance")
OF_USE = ("tstr", "trts", "augmentation")
# key: (sort, keeps, how far from real in each group of scores: spectrum, covariance, distribution, classes, memory)
MAKERS: Mapping[str, tuple[str, tuple[str, ...], tuple[float, ...]]] = {
    "gan_dense": ("network", (), (0.55, 0.71, 0.88, 0.82, 0.01)),
    "wgan_raw": ("network", (), (0.06, 0.11, 0.16, 0.21, 0.02)),
    "wgan_de": ("network", (), (0.08, 0.06, 0.09, 0.14, 0.03)),
    "phases": ("plain", (*SPECTRUM, "covariance_distance"), (0.0, 0.01, 0.31, 0.12, 0.28)),
    "phases_apart": ("plain", SPECTRUM, (0.0, 0.93, 0.47, 0.2, 0.2)),
    "gaussian": ("plain", ("covariance_distance",), (0.12, 0.01, 0.42, 0.33, 0.0)),
    "mixup": ("plain", (), (0.19, 0.13, 0.27, 0.16, 0.45)),
    "interpolation": ("plain", (), (0.16, 0.09, 0.22, 0.1, 0.52)),
    "copies": ("plain", (), (0.01, 0.01, 0.02, 0.03, 1.0)),
}
CHANGES: Mapping[str, float] = {"wgan_raw": 0.031, "wgan_de": 0.034, "gan_dense": -0.052, "mixup": 0.012, "phases": 0.006}
OF_DOMAIN: Mapping[str, tuple[str, ...]] = {
    "signals": ("gan_dense", "wgan_raw", "phases", "phases_apart", "gaussian", "mixup", "interpolation", "copies"),
    "maps": ("wgan_de", "gaussian", "gan_dense", "mixup", "interpolation", "copies", "wgan_raw", "phases"),
}
TOO_FEW = "4 real test trials, of which 6 are needed"
NAN = "epoch 7: the loss of the discriminator is not a number"


def signal_scores(
    *,
    domain: str = "signals",
    candidates: int = 4,
    classes: Sequence[str] = ("positive", "neutral", "negative"),
    units: int = 12,
    diverged: Sequence[str] = (),
    absent: Mapping[str, str] | None = None,
    left_out: Mapping[tuple[str, str], str] | None = None,
    blind: Sequence[str] = (),
) -> Json:
    """Kind `signal_scores`.

    Args:
        domain: "signals" or "maps".
        candidates: how many generators, 1 to 8; four controls come besides.
        classes: names.
        units: of the test; with fewer than 6 no score has an interval, and nothing is tested.
        diverged: keys of generators that made nothing.
        absent: {score: why} it is left out for all.
        left_out: {(key, score): why} it is left out for one.
        blind: scores whose ceiling is not clearly worse than their floor.
    """
    rng = np.random.default_rng(6)
    names = [name for name in SCORES if domain == "signals" or name not in OF_SIGNALS]
    keys = OF_DOMAIN[domain][:candidates]
    absent = dict(absent or {})
    gone = {(key, name): why for key in (*CONTROLS, *keys) for name, why in absent.items()} | dict(left_out or {})
    gone |= {(key, name): "its training diverged" for key in diverged for name in names}
    gone |= {(key, "memory_ratio"): "it is no generator" for key in CONTROLS if key != "real"}
    everybody = [
        _control(key, names, blind, units, gone, rng) if key in CONTROLS else _generator(key, names, blind, units, gone, rng)
        for key in (*CONTROLS, *keys)
    ]
    for one in everybody:
        one["diverged"] = NAN if one["key"] in diverged else ""
    living = [key for key in keys if key not in diverged]
    signals = domain == "signals"
    return {
        "domain": domain,
        "axes": ["channel", "time"] if signals else ["channel", "band"],
        "shape": [62, 128] if signals else [62, 5],
        "told": "62 × 128 (channel, time)" if signals else "62 × 5 (channel, band)",
        "unit": "µV" if signals else "",
        "rate": 64.0 if signals else None,
        "classes": list(classes),
        "channels": [f"E{i + 1}" for i in range(62)],
        "bands": None if signals else {"delta": [1, 4], "theta": [4, 8], "alpha": [8, 14], "beta": [14, 31], "gamma": [31, 50]},
        "folds": ["subjects 1 to 6", "subjects 7 to 12"],
        "seeds": [0],
        "over": "trial",
        "unit_of_test": "subject",
        "units": units,
        "n": {
            "train": 960,
            "validation": 240,
            "test": 1200,
            "train_trials": 48,
            "test_trials": 10 * units,
            "compared": 600,
            "synthetic": 960,
        },
        "resamples": 200,
        "model": {"use": "raw_conv", "network": True, "trainings": 1},
        "chance": 1 / len(classes),
        "scores": [_told(name, absent.get(name, "")) for name in names],
        "candidates": everybody,
        "blind": [name for name in names if name in blind],
        "pairs": _pairs(everybody, names),
        "utility": _utility(keys, everybody, units, diverged),
        "memory": [_memory(key, units, key in living) for key in keys],
        "modes": [_modes(key, everybody, key in living) for key in keys],
        "discriminators": [_discriminator(key, key in living) for key in keys if MAKERS[key][0] == "network"],
        "large": {"trial": [62, 10000], "from": 1024, "weights": 634_880_000, "here": 8_126_464} if signals else None,
    }


def course(
    *, epochs: int = 30, wasserstein: bool = False, diverged: str = "", seed: int = 0, weak: bool = False, judged: bool = True
) -> Json:
    """Kind `course`: a dense GAN whose discriminator wins, or is too weak to say anything, or a Wasserstein critic.

    Args:
        epochs: how many, of which a diverged training leaves the first six.
        wasserstein: a critic with gradient penalty, chosen by spectrum and MMD.
        diverged: what happened.
        seed: of the noise.
        weak: the discriminator stays near one half.
        judged: it was asked about samples that it has never seen.
    """
    rng = np.random.default_rng(seed)
    ran = 6 if diverged else epochs
    rows = [(_critic if wasserstein else _discriminated)(i + 1, rng, weak) for i in range(ran)]
    spectra = [row["spectrum"] for row in rows if row["spectrum"] is not None]
    return {
        "epochs": rows,
        "chosen": 1 + int(np.argmin(spectra)) if spectra else ran,
        "chosen_by": "spectrum and MMD of the validation part" if spectra else "last",
        "floor": {"spectrum": 0.7, "mmd": 0.004} if wasserstein else None,
        "loss": "Wasserstein with gradient penalty" if wasserstein else "binary cross-entropy",
        "batch": 32,
        "updates": 30 * ran,
        "diverged": diverged,
        "judged": _judged() if judged and not diverged else None,
    }


def _judged() -> Json:
    return {"train": 0.97, "validation": 0.61, "made": 0.93, "noise": 0.99}


def made(folder: Path, scores: Json | None = None, courses: Mapping[tuple[str, int, int], Json] | None = None) -> list[Output]:
    """The facts of a data set and what an experiment `gan` has written: its scores, and courses by (generator, fold, seed)."""
    own = _out(folder / "eeg")
    own.json("facts", {**FACTS, "classes": (scores or {}).get("classes", ["positive", "negative"])})
    outputs = _outputs(own, dataset="eeg")
    if scores is not None:
        out = _out(folder / "scores")
        out.json("signal_scores", scores)
        outputs += _outputs(out, dataset="eeg", experiment="gan")
    for (key, fold, seed), value in (courses or {}).items():
        out = _out(folder / f"{key} {fold} {seed}")
        out.json("course", value)
        outputs += _outputs(out, dataset="eeg", experiment="gan", generator=key, fold=str(fold), seed=str(seed))
    return outputs


def _told(name: str, why: str) -> Json:
    title, unit, better, ceiling, _, worst, says = SCORES[name]
    fixed = worst if not ceiling else None
    told = {"score": name, "title": title, "unit": unit, "better": better, "ceiling": ceiling, "worst": fixed}
    return told | {"says": says, "absent": why}


def _generator(key: str, names: Sequence[str], blind: Sequence[str], units: int, gone: Mapping[Any, str], rng: Any) -> Json:
    sort, keeps, far = MAKERS[key]
    values = {}
    for name in names:
        position = far[_group(name)] * (1 + 0.15 * rng.standard_normal())
        if name == "augmentation":
            position = -CHANGES.get(key, -0.004) / 0.11  # of swapped classes
        if name == "memory_ratio":
            position = min(position, 0.99)  # no distance is negative
        if key == "gan_dense" and name == "sliced_wasserstein":
            position = 1.6  # worse than noise
        values[name] = _value(name, position, blind, units, gone.get((key, name), ""), name not in keeps)
    ranked = [name for name in names if values[name]["ranked"]]
    return {
        "key": key,
        "use": key,
        "title": key.replace("_", " "),
        "sort": sort,
        "notes": [],
        "keeps": list(keeps),
        "values": values,
        "p": {"mmd": None if values["mmd"]["mean"] is None else 0.005 if far[2] > 0.1 else 0.31},
        "rank": {"mean": round(1 + 6 * float(np.mean(far[:4])), 2) if ranked else None, "of": len(ranked)},
    }


def _control(key: str, names: Sequence[str], blind: Sequence[str], units: int, gone: Mapping[Any, str], rng: Any) -> Json:
    values = {}
    for name in names:
        ceiling = SCORES[name][3]
        position = 0.0 if key == "real" else 1.0 if key == ceiling else float(rng.uniform(0.1, 0.9))
        values[name] = _value(name, position, blind, units, gone.get((key, name), ""), False, floor=key == "real")
    told = {"key": key, "use": "", "title": CONTROLS[key], "sort": "control", "notes": [], "keeps": [], "values": values}
    return told | {"p": {"mmd": None}, "rank": {"mean": None, "of": 0}}


def _group(name: str) -> int:
    if name in SPECTRUM:
        return 0
    return 1 if name == "covariance_distance" else 4 if name == "memory_ratio" else 3 if name in OF_USE else 2


def _value(
    name: str, position: float, blind: Sequence[str], units: int, why: str, ranked: bool, *, floor: bool = False
) -> Json:
    """What one candidate has on a score, at a place between floor and ceiling."""
    if why:
        empty = dict.fromkeys(("mean", "low", "high", "over_floor", "position"))
        return empty | {"why": why, "ranked": False, "verdict": ""}
    best, worst = SCORES[name][4:6]
    span = worst - best  # negative where high is better
    value = best + position * span * (0.02 if name in blind else 1)
    half = 0.05 * abs(span) * (0.4 + min(position, 1))
    tested = units >= 6
    over = abs(span) * position * (0.02 if name in blind else 1)
    above = {"mean": over, "low": over - half if tested else None, "high": over + half if tested else None}
    clear = not tested or over - half > 0
    near = "real" if not clear or position <= 0.05 else "near" if position <= 0.25 else "between" if position <= 0.75 else "far"
    return {
        "mean": value,
        "low": value - half if tested else None,
        "high": value + half if tested else None,
        "why": "",
        "over_floor": None if floor else above,
        "position": None if floor or name in blind else position,
        "ranked": ranked and name not in ("trts", "memory_ratio"),
        "verdict": "" if floor or name in blind else near,
    }


def _pairs(candidates: Sequence[Json], names: Sequence[str]) -> list[Json]:
    networks = [one for one in candidates if one["sort"] == "network"]
    pairs = []
    for first in networks:
        for second in (one for one in candidates if one["sort"] != "control" and one is not first):
            for name in names:
                own, other = first["values"][name], second["values"][name]
                if own["ranked"] and other["ranked"]:
                    pairs.append(_pair(first["key"], second["key"], name, own, other))
    return pairs


def _pair(first: str, second: str, name: str, own: Json, other: Json) -> Json:
    sign = -1 if SCORES[name][2] == "low" else 1
    mean, half = sign * (own["mean"] - other["mean"]), 0.06 * abs(SCORES[name][5] - SCORES[name][4])
    tested = own["low"] is not None
    better = "" if not tested or abs(mean) <= half else first if mean > 0 else second
    difference = {"mean": mean, "low": mean - half if tested else None, "high": mean + half if tested else None}
    return {"first": first, "second": second, "score": name, "difference": difference, "better": better}


def _utility(keys: Sequence[str], candidates: Sequence[Json], units: int, diverged: Sequence[str]) -> Json:
    values = {one["key"]: one["values"] for one in candidates}
    rows = []
    for key in keys:
        gone = key in diverged
        change = None if gone else CHANGES.get(key, -0.004)
        half = 0.019
        clear = change is not None and abs(change) > half
        word = "helped" if (change or 0) > 0 else "hurt"
        rows.append(
            {
                "key": key,
                "tstr": {end: values[key]["tstr"][end] for end in ("mean", "low", "high")},
                "trts": {end: values[key]["trts"][end] for end in ("mean", "low", "high")},
                "both": _estimate(None if change is None else 0.71 + change, 0.03, units),
                "change": _estimate(change, half, units),
                "p": None if gone or units < 6 else 0.011 if clear else 0.42,
                "verdict": "not tested" if gone or units < 6 else word if clear else "no clear difference",
            }
        )
    rows = [row for row in rows if row["key"] not in diverged]
    rows += [_of_control(name, change, values[name], units) for name, change in (("real", 0.004), ("classes", -0.11))]
    return {"real": _estimate(0.71, 0.028, units), "rows": rows}


def _of_control(name: str, change: float, values: Json, units: int) -> Json:
    """Of the real training part added to itself, and of swapped classes."""
    ends = ("mean", "low", "high")
    both = {"both": _estimate(0.71 + change, 0.03, units), "change": _estimate(change, 0.015, units)}
    verdict = "not tested" if units < 6 else "hurt" if change < -0.1 else "no clear difference"
    alone = {what: {end: values[what][end] for end in ends} for what in ("tstr", "trts")}
    return {"key": name, **alone, **both, "p": None if units < 6 else 0.002 if change < -0.1 else 0.7, "verdict": verdict}


def _memory(key: str, units: int, alive: bool) -> Json:
    near = MAKERS[key][2][4]
    copies = (0.99 if near > 0.9 else 0.05 + 0.6 * near) if alive else None
    verdict = "copies" if near > 0.9 else "near copies" if near > 0.3 else "no sign"
    return {
        "key": key,
        "ratio": _estimate(1 - near if alive else None, 0.03, units),
        "copies": copies,
        "verdict": verdict if alive else "not measured",
    }


def _modes(key: str, candidates: Sequence[Json], alive: bool) -> Json:
    value = next(one for one in candidates if one["key"] == key)["values"]["coverage"]
    distinct = {"gan_dense": 0.09, "mixup": 0.71, "interpolation": 0.66}.get(key, 0.97) if alive else None
    verdict = "single mode" if (distinct or 1) < 0.15 else "few modes" if (value["mean"] or 0) < 0.4 else "spread"
    coverage = {end: value[end] for end in ("mean", "low", "high")}
    return {"key": key, "coverage": coverage, "distinct": distinct, "verdict": verdict if alive else "not measured"}


def _discriminator(key: str, alive: bool) -> Json:
    dense = key == "gan_dense"
    return {
        "key": key,
        "accuracy_real": 0.98 if dense else None,
        "accuracy_made": 0.97 if dense else None,
        "judged": _judged() if alive else None,
        "auc": _estimate((0.99 if dense else 0.61) if alive else None, 0.03, 12),
        "verdict": ("memorises" if dense else "fair") if alive else "",
    }


def _estimate(mean: float | None, half: float, units: int) -> Json:
    if mean is None or units < 6:
        return {"mean": mean, "low": None, "high": None}
    return {"mean": mean, "low": mean - half, "high": mean + half}


def _discriminated(epoch: int, rng: Any, weak: bool) -> Json:
    learned = 0.0 if weak else 1 - np.exp(-epoch / 4)
    return {
        "epoch": epoch,
        "generator_loss": 0.7 + 4.2 * learned + 0.15 * rng.standard_normal(),
        "discriminator_loss": 0.69 - 0.6 * learned + 0.02 * rng.standard_normal(),
        "accuracy_real": min(1.0, 0.5 + 0.48 * learned + 0.015 * rng.standard_normal()),
        "accuracy_made": min(1.0, 0.52 + 0.47 * learned + 0.015 * rng.standard_normal()),
        "gap": None,
        "penalty": None,
        "spectrum": None,
        "mmd": None,
    }


def _critic(epoch: int, rng: Any, _weak: bool) -> Json:
    far = float(np.exp(-epoch / 8))
    return {
        "epoch": epoch,
        "generator_loss": -1.5 + 4 * far + 0.2 * rng.standard_normal(),
        "discriminator_loss": -2.0 - 9 * far + 0.2 * rng.standard_normal(),
        "accuracy_real": None,
        "accuracy_made": None,
        "gap": 1.9 + 11 * far + 0.2 * rng.standard_normal(),
        "penalty": 0.05 + 0.2 * far,
        "spectrum": 1.1 + 9 * far + 0.25 * abs(rng.standard_normal()),
        "mmd": 0.012 + 0.5 * far + 0.006 * abs(rng.standard_normal()),
    }


def _out(folder: Path) -> Out:
    folder.mkdir(parents=True, exist_ok=True)
    return Out(folder)


def _outputs(out: Out, **about: str) -> list[Output]:
    return [Output(d["kind"], out.folder / name, about, d["restricted"]) for name, d in out.described.items()]
