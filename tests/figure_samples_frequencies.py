"""Small made-up outputs of looking at which frequencies a network reads, planted so that every figure has one right answer.

Planted: the first class is read from 18–25 Hz at F3 and the last one from 32–40 Hz at T8, as muscles would make it.
Band-swap is noisy and finds less. Networks trained on shuffled labels find nothing. Without the temporal ring half of what
gamma does is left.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reportgen.bands import BANDS
from reportgen.montage import SEED_62, positions
from reportgen.outputs import Out, Output

CLASSES = ("negative", "neutral", "positive")
MUSE = ("TP9", "AF7", "AF8", "TP10")
SEVEN = ("happy", "sad", "angry", "fear", "disgust", "surprise", "neutral")
VIEWS: Mapping[str, tuple[str, float, float]] = {  # quantity, size of the effect, noise between subjects
    "passes": ("AUC − 0.5", 0.15, 0.03),
    "gradient": ("logit", 0.8, 0.12),
    "stop": ("logit", 1.2, 0.25),
    "swap": ("logit", 0.7, 0.45),
}
BANDS_PLANTED: Sequence[tuple[tuple[float, float], str]] = (((18.0, 25.0), "F3"), ((32.0, 40.0), "T8"), ((9.0, 12.5), "PZ"))
Plan = Mapping[str, tuple[tuple[float, float], str]]
"""{class: planted band in Hz and site}."""
FACTS: Mapping[str, Any] = {
    "title": "Sim",
    "modality": "eeg",
    "simulated": True,
    "redistribute": True,
    "references": [],
    "notices": [],
}
ALONE = {"delta": 0.0, "theta": 0.01, "alpha": 0.02, "beta": 0.13, "gamma": 0.2}  # balanced accuracy above chance


def looked(
    folder: Path,
    *,
    channels: Sequence[str] = SEED_62,
    classes: Sequence[str] = CLASSES,
    subjects: int = 8,
    effect: float = 1.0,
    fine: bool = True,
    places: bool = True,
    control: bool = True,
    truth: bool = True,
    muscles: bool = True,
    undefined: Sequence[str] = (),
) -> list[Output]:
    """The facts of a data set and what explaining a network on it has written.

    Args:
        folder: to write into.
        channels: names.
        classes: names.
        subjects: how many.
        effect: times what is planted; 0: the network reads nothing.
        fine: frequencies within a band are told apart.
        places: it is known where the electrodes are.
        control: there are networks trained on shuffled labels.
        truth: it is known what was planted.
        muscles: it was looked at what muscles may have done.
        undefined: views that are not defined.
    """
    at = positions(channels) if places else None
    own = _out(folder / "eeg")
    own.json("facts", {**FACTS, "classes": classes, "channels": channels, "positions": at, "rate": 200.0})
    out = _out(folder / "net")
    plan = planted(classes)
    grid = windows(fine)
    names = [view for view in VIEWS if view not in undefined]
    curves = {view: unit_curves(view, plan, classes, grid, subjects, effect) for view in names}
    controls = {view: unit_curves(view, {}, classes, grid, subjects, 0.0) for view in names} if control else {}
    maps = {view: unit_channels(view, plan, classes, channels, subjects, effect) for view in names if view != "passes"}
    np.savez(out.path("band_effect", ".npz"), **arrays(grid, curves, controls, maps))
    told = {
        "axes": ["channel", "time"] if fine else ["channel", "band"],
        "fine": fine,
        "unit": "subject",
        "units": [str(i + 1) for i in range(subjects)],
        "tested": subjects >= 6,
        "classes": classes,
        "channels": channels,
        "windows": grid,
        "bands": {band: list(edges) for band, edges in BANDS.items()},
        "folds": subjects,
        "trials": 15 * subjects,
        "views": [
            view_of(view, classes, channels, grid, curves, controls, maps)
            if view in curves
            else {"view": view, "defined": False, "why": "it needs signals, and features were given", **_empty(view)}
            for view in VIEWS
        ],
        "agreement": [],
        "muscles": muscular(classes, effect, subjects) if muscles else None,
        "truth": None,
    }
    told["agreement"] = agreement(told)
    told["truth"] = recovered(told, plan) if truth else None
    out.json("band_views", told)
    out.json("band_scores", alone(len(classes), effect, subjects))
    return [*_outputs(own, dataset="eeg"), *_outputs(out, dataset="eeg", experiment="net", explainer="band_attribution")]


def planted(classes: Sequence[str]) -> Plan:
    """{class: band in Hz and site}: of the first and last class, and of the second of many."""
    chosen = [classes[0], classes[-1], *(classes[1:2] if len(classes) > 3 else ())]
    return dict(zip(chosen, BANDS_PLANTED, strict=False))


def windows(fine: bool) -> np.ndarray:
    """(window, 2) Hz."""
    starts = np.arange(1, 48.01, 0.5)
    return np.stack([starts, starts + 2], axis=1) if fine else np.array(list(BANDS.values()))


def unit_curves(view: str, plan: Plan, classes: Sequence[str], grid: np.ndarray, n: int, effect: float) -> np.ndarray:
    """(unit, class, window): bumps over the planted bands that differ from subject to subject."""
    _, size, noise = VIEWS[view]
    rng = np.random.default_rng([list(VIEWS).index(view), len(plan), n])
    at = grid.mean(axis=1)
    smooth = np.exp(-0.5 * ((at[:, None] - at) / 1.5) ** 2) if len(at) > 5 else np.eye(len(at))
    found = noise * rng.normal(size=(n, len(classes), len(at))) @ (smooth / np.linalg.norm(smooth, axis=0))
    for label, ((low, high), _) in plan.items():
        bump = np.exp(-0.5 * ((at - (low + high) / 2) / (0.32 * (high - low) + (len(at) <= 5) * 3)) ** 2)
        found[:, list(classes).index(label)] += effect * size * bump * rng.lognormal(0, 0.25, (n, 1))
    return found


def unit_channels(view: str, plan: Plan, classes: Sequence[str], channels: Sequence[str], n: int, effect: float) -> np.ndarray:
    """(unit, class, band, channel): falls off around the planted sites."""
    _, size, noise = VIEWS[view]
    rng = np.random.default_rng([7, list(VIEWS).index(view)])
    found = 0.1 * noise * rng.normal(size=(n, len(classes), len(BANDS), len(channels)))
    at, centres = positions(channels) or {}, positions(SEED_62) or {}
    for label, ((low, high), site) in plan.items():
        band = next(i for i, (a, b) in enumerate(BANDS.values()) if a <= (low + high) / 2 < b)
        far = np.array([np.linalg.norm(np.subtract(at.get(name, (1, 1, 1)), centres[site])) for name in channels])
        found[:, list(classes).index(label), band] += effect * 0.3 * size * np.exp(-((far / 0.045) ** 2))
    return found


def arrays(
    grid: np.ndarray, curves: Mapping[str, np.ndarray], controls: Mapping[str, np.ndarray], maps: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """The kind `band_effect`."""
    return {
        "edges": grid,
        "band_edges": np.array(list(BANDS.values())),
        **{f"{view} curve": values.astype(np.float32) for view, values in curves.items()},
        **{f"{view} control curve": values.astype(np.float32) for view, values in controls.items()},
        **{f"{view} channels": values.astype(np.float32) for view, values in maps.items()},
    }


def view_of(
    view: str,
    classes: Sequence[str],
    channels: Sequence[str],
    grid: np.ndarray,
    curves: Mapping[str, np.ndarray],
    controls: Mapping[str, np.ndarray],
    maps: Mapping[str, np.ndarray],
) -> dict[str, Any]:
    """What a view says of each class."""
    entries = []
    for i, label in enumerate(classes):
        own = entry(label, curves[view][:, i], grid)
        middle = next(k for k, (a, b) in enumerate(BANDS.values()) if a <= own["peak"] < b or k == len(BANDS) - 1)
        mean = maps[view].mean(axis=0)[i, middle] if view in maps else np.empty(0)
        best = np.argsort(-mean, kind="stable")[:5]
        own |= {
            "strongest": [{"channel": channels[k], "effect": mean[k]} for k in best if mean[k] > 0],
            "band": list(BANDS)[middle],
        }
        entries.append(own)
    found: dict[str, Any] = {"view": view, "defined": True, "why": "", "quantity": VIEWS[view][0], "classes": entries}
    if view not in controls:
        return {**found, "control": None}
    against = [{**entry(label, controls[view][:, i], grid), "ranges": []} for i, label in enumerate(classes)]
    likeness = mean_with_limits(np.array([0.3, -0.2, 0.1, -0.1, 0.2, 0.0, -0.3, 0.1])[: len(curves[view])])
    return {**found, "control": {"classes": against, "likeness": likeness}}


def entry(label: str, curves: np.ndarray, grid: np.ndarray) -> dict[str, Any]:
    """Of one class: the curve of (unit, window), and as ranges where it is far above zero over 4 Hz, or in a band."""
    n, mean = len(curves), curves.mean(axis=0)
    half = 2.4 * curves.std(axis=0) / n**0.5 if n >= 6 else None
    curve = {"mean": mean, "low": None if half is None else mean - half, "high": None if half is None else mean + half}
    clear = np.zeros(len(mean) + 1, bool) if half is None else np.append(mean - 1.5 * half > 0, False)
    ends = np.flatnonzero(np.diff(np.concatenate([[False], clear]).astype(int)))
    if len(grid) <= 5:  # a band alone is a range
        ends = np.array([end for i in np.flatnonzero(clear) for end in (i, i + 1)], int)
    ranges = [_range(mean, grid, int(a), int(b)) for a, b in ends.reshape(-1, 2)] if len(ends) % 2 == 0 else []
    wide = [one for one in ranges if one["high"] - one["low"] >= 3]
    wide.sort(key=lambda one: -one["effect"])
    peak = wide[0]["peak"] if wide else float(grid[mean.argmax()].mean())
    return {"class": label, "units": n, "curve": curve, "correct": None, "peak": peak, "ranges": wide}


def _range(mean: np.ndarray, grid: np.ndarray, a: int, b: int) -> dict[str, Any]:
    peak = float(grid[a + mean[a:b].argmax()].mean())
    low, high = (grid[a, 0], grid[b - 1, 1]) if len(grid) <= 5 else (grid[a].mean() - 0.25, grid[b - 1].mean() + 0.25)
    ends = {"peak_low": max(low, peak - 1.2), "peak_high": min(high, peak + 0.9)} if len(grid) > 5 else {}
    found = {"low": low, "high": high, "peak": peak, "peak_low": None, "peak_high": None, **ends}
    return {**found, "effect": float(mean[a:b].mean()), "p": 0.004}


def agreement(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Pairs of views, class by class."""
    shown = [view for view in told["views"] if view["defined"]]
    rows = []
    for i, one in enumerate(shown):
        for other in shown[i + 1 :]:
            for a, b in zip(one["classes"], other["classes"], strict=True):
                alike = {"mean": 0.62, "low": 0.4, "high": 0.8} if told["tested"] else {"mean": 0.6, "low": None, "high": None}
                row = {"first": one["view"], "second": other["view"], "class": a["class"], "correlation": alike}
                rows.append({**row, "apart": abs(a["peak"] - b["peak"]), "shared": 4 if a["strongest"] else None})
    return rows


def recovered(told: Mapping[str, Any], plan: Plan) -> list[dict[str, Any]]:
    """How near views come to what was planted."""
    at = positions(told["channels"]) or {}
    centres = positions(SEED_62) or {}
    rows = []
    for label, (band, site) in plan.items():
        far = {name: float(np.linalg.norm(np.subtract(at[name], centres[site]))) for name in at}
        around = sorted((name for name in far if far[name] < 0.05), key=lambda name: far[name])
        views = [_recovery(view, label, band, site, around) for view in told["views"] if view["defined"]]
        truth = {"class": label, "band": band, "peak": sum(band) / 2, "site": site, "channels": around}
        rows.append({**truth, "views": views})
    return rows


def _recovery(
    view: Mapping[str, Any], label: str, band: tuple[float, float], site: str, around: Sequence[str]
) -> dict[str, Any]:
    own = next(one for one in view["classes"] if one["class"] == label)
    top = [one["channel"] for one in own["strongest"]]
    places = {"hits": len(set(top) & set(around)), "site_in_top": site in top} if top else {"hits": None, "site_in_top": None}
    if not own["ranges"]:
        return {"view": view["view"], "found": False, "peak_error": None, "overlap": None, **places}
    best = own["ranges"][0]
    shared = max(0, min(best["high"], band[1]) - max(best["low"], band[0]))
    overlap = shared / (max(best["high"], band[1]) - min(best["low"], band[0]))
    return {
        "view": view["view"],
        "found": shared > 0,
        "peak_error": abs(best["peak"] - sum(band) / 2),
        "overlap": overlap,
        **places,
    }


def muscular(classes: Sequence[str], effect: float, subjects: int) -> dict[str, Any]:
    """What low-passing and leaving out temporal channels do."""

    def about(mean: float, half: float) -> dict[str, Any]:
        few = subjects < 6
        return {"mean": mean, "low": None if few else mean - half, "high": None if few else mean + half}

    chance = 1 / len(classes)
    of_gamma = [effect if i == len(classes) - 1 else 0.02 for i in range(len(classes))]
    return {
        "balanced_accuracy": {
            "whole": about(chance + 0.24 * effect, 0.05),
            "low_pass": about(chance + 0.22 * effect, 0.05),
            "without_temporal": about(chance + 0.15 * effect, 0.06),
        },
        "loss": {"low_pass": about(0.02 * effect, 0.03), "without_temporal": about(0.09 * effect, 0.04)},
        "low_pass": 45.0,
        "why": {"low_pass": "", "without_temporal": ""},
        "temporal": ["F7", "F8", "FT7", "FT8", "T7", "T8", "TP7", "TP8"],
        "gamma": [
            {
                "class": label,
                "effect": about(size, 0.2),
                "low_pass": about(0.9 * size, 0.2),
                "without_temporal": about(size / 2, 0.15),
            }
            for label, size in zip(classes, of_gamma, strict=True)
        ],
    }


def alone(classes: int, effect: float, subjects: int) -> dict[str, Any]:
    """The kind `band_scores`."""
    rng, chance = np.random.default_rng(4), 1 / classes
    bands = []
    for band, gain in ALONE.items():
        values = np.clip(chance + gain * effect + rng.normal(0, 0.05, subjects), 0, 1)
        bands.append({"band": band, "low": BANDS[band][0], "high": BANDS[band][1], "units": values})
        bands[-1]["balanced_accuracy"] = mean_with_limits(values)
    whole = mean_with_limits(np.clip(chance + 0.24 * effect + rng.normal(0, 0.05, subjects), 0, 1))
    names = [str(i + 1) for i in range(subjects)]
    return {"unit": "subject", "units": names, "classes": classes, "whole": whole, "bands": bands, "chance": chance}


def mean_with_limits(values: np.ndarray) -> dict[str, float | None]:
    """The mean, and limits where there are six."""
    mean, half = float(values.mean()), 1.96 * float(values.std()) / len(values) ** 0.5
    return (
        {"mean": mean, "low": mean - half, "high": mean + half}
        if len(values) >= 6
        else {"mean": mean, "low": None, "high": None}
    )


def _empty(view: str) -> dict[str, Any]:
    return {"quantity": VIEWS[view][0], "classes": [], "control": None}


def _out(folder: Path) -> Out:
    folder.mkdir(parents=True, exist_ok=True)
    return Out(folder)


def _outputs(out: Out, **about: str) -> list[Output]:
    return [Output(d["kind"], out.folder / name, about, d["restricted"]) for name, d in out.described.items()]
