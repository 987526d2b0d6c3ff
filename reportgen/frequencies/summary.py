"""What all views come to: the kind `band_views`.

A kind `band_views` is the JSON object

    {"axes": [of a sample], "fine": can it tell frequencies within a band apart, "unit": "subject" | "recording" | "trial",
     "units": [name], "tested": are there units enough for a claim, see `ranges.testable`,
     "classes": [name], "channels": [name], "windows": [[from, below] Hz], "bands": {name: [from, below] Hz},
     "folds": number, "trials": number, "changed": number of trials that interventions and the check for muscles changed,
     "views": [{"view": "passes" | "gradient" | "stop" | "swap" | "retrain", "defined": bool, "why": "" or why not,
                "quantity": "logit" | "AUC − 0.5" | …,
                "classes": [{"class": name, "units": number that have trials of it,
                             "curve": {"mean": [window], "low": [window] | null, "high": [window] | null},
                             "correct": null | {"mean", "low", "high"}: by how much the share of correctly named windows
                             falls, of interventions (swap: of the trials that are given the band),
                             "peak": Hz of the strongest range, or of the largest mean effect where there is no range,
                             "ranges": [{"low" Hz, "high" Hz, "peak" Hz, "peak_low" | null, "peak_high" | null, "effect", "p"}],
                             "band": name | null, "strongest": [{"channel", "effect"}]}],
                "control": null | {"classes": [{"class", "units", "curve", "peak", "ranges"}],
                                   "likeness": {"mean", "low", "high"} | null}}],
     "agreement": [{"first": view, "second": view, "class", "correlation": {"mean", "low", "high"} | null,
                    "apart": Hz between the two peaks | null, "shared": channels among the strongest of both | null}],
     "muscles": null | {"balanced_accuracy": {"whole", "low_pass", "without_temporal": {"mean", "low", "high"}},
                        "loss": {"low_pass", "without_temporal": {"mean", "low", "high"}}, "low_pass": Hz,
                        "temporal": [channel],
                        "gamma": [{"class", "effect", "low_pass", "without_temporal": {"mean", "low", "high"} | null}]},
     "truth": null | [{"class", "band": [low, high] Hz, "peak": Hz, "site": channel, "channels": [channel, strongest first],
                       "views": [{"view", "found": bool, "peak_error": Hz | null, "overlap": share | null,
                                  "hits": number | null, "site_in_top": bool | null}]}]}

in which NaN is null. `ranges` says what ranges and peaks are; strongest ranges come first, `p` is corrected for windows
and classes. Limits are of 95 % over units, null with fewer than six. A view that is not defined has no classes.

`strongest` are up to five channels with the largest mean effect in `band`: the band that the strongest range shares most of
its width with, or the one that holds the peak where there is no range; empty where the view tells no channels apart.
`likeness` is the correlation of each unit's curves with those of networks trained on shuffled labels (`control`, null where
there are none). `loss` is whole − changed. `truth` is of simulated data only, without classes that add nothing: `found`,
`peak_error` and `overlap` (intersection over union) are of the strongest range and the planted band, `hits` are channels
among the strongest that lie near what was planted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, get_args

import numpy as np

from reportgen.frequencies.agreement import agreement, likeness, strongest
from reportgen.frequencies.effect import Effect, Grid, View
from reportgen.frequencies.ranges import complete, over_units, peak_of, ranges_of, testable
from reportgen.frequencies.truth import truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What was looked at."""

    axes: tuple[str, ...]  # of a sample
    unit: str  # "subject", "recording" or "trial"
    units: tuple[str, ...]
    classes: tuple[str, ...]
    channels: tuple[str, ...]
    folds: int
    trials: int  # of all test parts


def summary(
    study: Study,
    grid: Grid,
    effects: Mapping[str, Effect],
    controls: Mapping[str, Effect],
    undefined: Mapping[str, str],
    quantities: Mapping[str, str],
    *,
    changed: int = 0,
    muscles: Mapping[str, Any] | None = None,
    planted: Sequence[Mapping[str, Any]] | None = None,
    seed: int,
) -> dict[str, Any]:
    """The kind `band_views`.

    Args:
        study: what was looked at.
        grid: where effects were measured.
        effects: {view: what it says}.
        controls: {view: the same of networks trained on shuffled labels}, where there are any.
        undefined: {view: why it says nothing}.
        quantities: {view: what its numbers are}.
        changed: trials that interventions changed.
        muscles: as the kind says.
        planted: of each recording, of simulated data.
        seed: of sign flips and resamples.
    """
    views = [
        {"view": view, "defined": view in effects, "why": undefined.get(view, ""), "quantity": quantities.get(view, "")}
        | _view(study, grid, effects.get(view), controls.get(view), seed)
        for view in get_args(View)
        if view in effects or view in undefined
    ]
    found: dict[str, Any] = _plain(
        asdict(study)
        | {
            "fine": grid.fine,
            "changed": changed,
            "tested": testable(len(study.units), len(study.classes)),
            "windows": grid.edges,
            "bands": grid.bands,
            "views": views,
            "agreement": agreement(views, effects),
            "muscles": muscles,
            "truth": truth(planted, study.classes, views) if planted else None,
        }
    )
    return found


def _view(study: Study, grid: Grid, effect: Effect | None, control: Effect | None, seed: int) -> dict[str, Any]:
    """What a view says, and what it says of networks trained on shuffled labels."""
    if effect is None:
        return {"classes": [], "control": None}
    classes = [
        row | _channels(study, grid, effect.channels, i, row["ranges"], row["peak"])
        for i, row in enumerate(_classes(study, grid, effect, seed))
    ]
    if control is None:
        return {"classes": classes, "control": None}
    beside = {"classes": _classes(study, grid, control, seed), "likeness": likeness(effect, control)}
    return {"classes": classes, "control": beside}


def _classes(study: Study, grid: Grid, effect: Effect, seed: int) -> list[dict[str, Any]]:
    """Curve, peak and ranges of each class."""
    return [
        {
            "class": name,
            "units": len(complete(effect.curve[:, i])),
            "curve": _curve(effect.curve[:, i]),
            "peak": ranges[0].peak if ranges else peak_of(effect.curve[:, i], grid),
            "ranges": [asdict(one) for one in ranges],
            "correct": None if effect.correct is None else _curve(effect.correct[:, i]),
        }
        for i, (name, ranges) in enumerate(zip(study.classes, ranges_of(effect.curve, grid, seed=seed), strict=True))
    ]


def _curve(values: np.ndarray) -> dict[str, np.ndarray | None]:
    """Mean and limits over units (unit, window)."""
    return dict(zip(("mean", "low", "high"), over_units(values), strict=True))


def _channels(
    study: Study,
    grid: Grid,
    channels: np.ndarray | None,
    of_class: int,
    ranges: Sequence[Mapping[str, float]],
    peak: float | None,
) -> dict[str, Any]:
    """The band of a class, and the strongest channels in it."""
    band = _band(grid, ranges, peak)
    if channels is None or band is None:
        return {"band": band, "strongest": []}
    return {"band": band, "strongest": strongest(channels[:, of_class, list(grid.bands).index(band)], study.channels)}


def _band(grid: Grid, ranges: Sequence[Mapping[str, float]], peak: float | None) -> str | None:
    """Name of the band that the strongest range lies in for the most part, or that holds the peak."""
    if ranges:
        best = ranges[0]
        shares = {name: min(best["high"], high) - max(best["low"], low) for name, (low, high) in grid.bands.items()}
        name = max(shares, key=lambda name: shares[name])
        return name if shares[name] > 0 else None
    return next((name for name, (low, high) in grid.bands.items() if peak is not None and low <= peak < high), None)


def _plain(value: Any) -> Any:
    """The same for JSON: lists and numbers of Python, None for NaN."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
