"""Which frequencies and channels the networks use: views of it in one table, with ranges that the data give."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import length_hint
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Gt, Unit

from reportgen.core import Array, Decoder
from reportgen.errors import UsageError
from reportgen.frequencies import gradients, interventions, muscles, passes
from reportgen.frequencies.answers import drawn
from reportgen.frequencies.effect import Effect, Grid, Measured, combined
from reportgen.frequencies.summary import Study, summary

MAKES = ("band_effect", "band_views")
TAKES = "decoders"

_QUANTITIES = {"passes": "AUC − 0.5", "gradient": "logit", "stop": "logit", "swap": "logit"}
_MEASURE = ("passes", "gradient", "stop", "swap")
"""The views that are measured here; `retrain` is a step of its own."""

_CHANGED = ("stop", "swap")
"""Those that change the signals of trials."""
_CONTROL = " control"
Progress = Callable[[int, int], None]


class _Asked(NamedTuple):
    """What is measured, and how."""

    views: Sequence[str]
    grid: Grid
    trials: int
    channels: bool
    steps: int
    seed: int


def explain(
    decoders: Iterable[Decoder],
    progress: Progress,
    *,
    views: Annotated[
        tuple[Literal["passes", "gradient", "stop", "swap", "retrain"], ...],
        Doc("which views; none: all that the input defines, but for retrain, which takes long"),
    ] = (),
    low: Annotated[float, Ge(0), Unit("Hz"), Doc("where the first window of frequencies begins")] = 1.0,
    high: Annotated[float, Ge(0), Unit("Hz"), Doc("where the last one ends; 0: with the highest band")] = 0.0,
    width: Annotated[float, Gt(0), Unit("Hz"), Doc("of a window of frequencies")] = 2.0,
    step: Annotated[float, Gt(0), Unit("Hz"), Doc("from window to window")] = 0.5,
    bands: Annotated[
        Mapping[str, tuple[float, float]],
        Unit("Hz"),
        Doc("name = [from, below] where channels are told apart; none: official"),
    ] = {},
    trials: Annotated[
        int, Ge(0), Unit("trials"), Doc("changed by interventions, of each unit and class, by lot; 0: all test trials")
    ] = 0,
    channels: Annotated[bool, Doc("interventions also by band and channel, which takes as long again")] = True,
    steps: Annotated[int, Ge(2), Doc("of the integral of gradients")] = 16,
    seed: Annotated[int, Ge(0), Doc("of lots and resamples")] = 0,
) -> dict[str, Any]:
    """Measure each view on the test trials of all folds, on the networks and on those trained on shuffled labels.

    `passes`: what kernels and feature maps pass; `gradient`: integrated gradients along the amplitude spectrum; `stop`: a
    window of frequencies is taken out of the raw signal; `swap`: it is that of a trial of another class. See the modules of
    reportgen/frequencies for what their numbers are. `retrain` trains the network on single bands (steps/retrain.py).

    Returns:
        `band_effect` and `band_views`; see `reportgen.kinds.KINDS`.

    Raises:
        UsageError: the input does not define a view that is asked for, or does not reach the frequencies.
        StepError: the signals do not give the features that the networks were tested with.
    """
    undefined = _undefined(decoders)
    _check_views(views, undefined)
    wanted = [view for view in _MEASURE if view in (views or _MEASURE) and view not in undefined]
    parts: dict[str, list[Measured]] = {}
    units: list[str] = []  # a unit may be tested in several folds
    tested, folds = 0, length_hint(decoders)
    for fold, decoder in enumerate(decoders):
        asked = _Asked(wanted, Grid.of(decoder, low, high, width, step, bands), trials, channels, steps, seed)
        for number, (name, measured) in enumerate(_measured(decoder, asked), start=1):
            parts.setdefault(name, []).append(measured)
            progress(fold * len(parts) + number, max(folds, fold + 1) * len(parts))
        units += np.unique(decoder.unit).tolist()
        tested += len(np.unique(decoder.trial))
    names = tuple(sorted(set(units)))
    effects = {name: combined(found, names, len(decoder.classes)) for name, found in parts.items()}
    study = _study(decoder, names, folds, tested)
    planted = decoder.planted["recordings"] if decoder.planted else None
    found = _summed_up(study, asked, effects, undefined, decoders, planted)
    return {"band_effect": _arrays(effects, asked.grid), "band_views": found}


def _summed_up(
    study: Study,
    asked: _Asked,
    effects: Mapping[str, Effect],
    undefined: Mapping[str, str],
    decoders: Iterable[Decoder],
    planted: Any,
) -> dict[str, Any]:
    """The kind `band_views`; muscles are looked for where signals are changed."""
    changes = not set(_CHANGED).isdisjoint(asked.views)
    return summary(
        study,
        asked.grid,
        {name: effect for name, effect in effects.items() if name in _MEASURE},
        {name.removesuffix(_CONTROL): effect for name, effect in effects.items() if name.endswith(_CONTROL)},
        {view: undefined.get(view, "it was not asked for") for view in _MEASURE if view not in effects},
        _QUANTITIES,
        changed=sum(_changed(decoder, asked.trials, asked.seed) for decoder in decoders) if changes else 0,
        muscles=muscles.check(decoders, asked.grid, trials=asked.trials, seed=asked.seed) if changes else None,
        planted=planted,
        seed=asked.seed,
    )


def _undefined(decoders: Iterable[Decoder]) -> dict[str, str]:
    """{view: why the input of some fold does not define it}."""
    found: dict[str, str] = {}
    for decoder in decoders:
        found |= {view: why for view in _MEASURE if view not in found and (why := _why_not(view, decoder))}
    return found


def _study(told: Decoder, units: tuple[str, ...], folds: int, trials: int) -> Study:
    shared = {"axes": told.axes, "classes": told.classes, "channels": told.channels}
    return Study(unit=told.over, units=units, folds=folds, trials=trials, **shared)


def _why_not(view: str, decoder: Decoder) -> str:
    """Why the input does not define a view, "" if it does."""
    if view in _CHANGED and len(np.unique(decoder.labels)) < 2:
        return "the test part of a fold has one class only: nothing says what a band does in others"
    measures = {"passes": passes.defined, "gradient": gradients.defined}
    return measures.get(view, interventions.defined)(decoder)


def _changed(decoder: Decoder, trials: int, seed: int) -> int:
    """How many trials of a decoder interventions change."""
    return len({trial.name for trial in drawn(decoder.trials, trials, seed)})


def _check_views(views: Sequence[str], undefined: Mapping[str, str]) -> None:
    for view in views:
        if view in undefined:
            able = [name for name in _MEASURE if name not in undefined]
            message = f"band_attribution: the view {view} is not defined here: {undefined[view]}"
            raise UsageError(message, f"Ask for {', '.join(able) or 'another explainer'}.")


def _measured(decoder: Decoder, asked: _Asked) -> Iterator[tuple[str, Measured]]:
    """(view and network, what it says) of a fold."""
    networks = {"": decoder.model} | ({_CONTROL: decoder.control} if decoder.control is not None else {})
    for view in asked.views:
        for suffix, network in networks.items():
            yield f"{view}{suffix}", _one(view, decoder, network, asked)


def _one(view: str, decoder: Decoder, network: Any, asked: _Asked) -> Measured:
    if view == "passes":
        return passes.measure(decoder, network, asked.grid, seed=asked.seed)
    if view == "gradient":
        return gradients.measure(decoder, network, asked.grid, steps=asked.steps)
    kind: Literal["stop", "swap"] = "stop" if view == "stop" else "swap"
    how: dict[str, Any] = {"trials": asked.trials, "channels": asked.channels, "seed": asked.seed}
    return interventions.measure(decoder, network, asked.grid, kind=kind, **how)


def _arrays(effects: Mapping[str, Effect], grid: Grid) -> dict[str, Array]:
    """The kind `band_effect`."""
    found = {
        "edges": Array(grid.edges, ("window", "edge"), "Hz"),
        "band_edges": Array(np.array(list(grid.bands.values()), float), ("band", "edge"), "Hz"),
    }
    for name, effect in effects.items():
        found[f"{name} curve"] = Array(effect.curve, ("unit", "class", "window"))
        if effect.channels is not None:
            found[f"{name} channels"] = Array(effect.channels, ("unit", "class", "band", "channel"))
        if effect.correct is not None:
            found[f"{name} correct"] = Array(effect.correct, ("unit", "class", "window"))
    return found
