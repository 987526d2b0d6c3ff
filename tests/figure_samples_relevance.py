"""Small made-up outputs of explainers of networks on EEG, planted so that every figure has one right answer.

Planted: negative is seen in alpha (10 Hz) at OZ and 0.8 s after the window begins, neutral in theta (6 Hz) at FZ and at 1.2 s,
positive in gamma (40 Hz) at T7 and at 1.6 s. Attention gives gamma 1.5 times its share, more so of positive, the back of the
head twice its share whatever the class, and no slice more than another.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reportgen.bands import BANDS
from reportgen.core import Array
from reportgen.montage import SEED_62, positions
from reportgen.outputs import Out, Output

CLASSES = ("negative", "neutral", "positive")
SITES = ("OZ", "FZ", "T7")
PEAKS = (10.0, 6.0, 40.0)  # Hz
WIDTHS = (2.5, 2.5, 5.0)  # Hz, standard deviations
MOMENTS = (0.8, 1.2, 1.6)  # s
SECONDS, RATE = 4.0, 128.0
ROWS, COLUMNS = 8, 9
AXES: Mapping[str, tuple[str, ...]] = {
    "spectrogram": ("frequency", "channel"),
    "signal": ("channel", "time"),
    "bands": ("channel", "band"),
    "grid": ("band", "row", "column"),
    "film": ("slice", "band", "row", "column"),
    "time": ("channel", "time"),  # of which an explainer keeps time alone
}
"""Features, and the axes of a sample."""


def explained(
    folder: Path,
    of: str = "spectrogram",
    *,
    subjects: int = 9,
    classes: Sequence[str] = CLASSES,
    channels: Sequence[str] = SEED_62,
    frequencies: int = 50,
    places: bool = True,
    alike: bool = False,
    signed: bool = False,
    cells: bool = False,
) -> list[Output]:
    """All kinds of an experiment that figures of its explainers read."""
    axes = AXES[of]
    about = {"dataset": "eeg", "experiment": "net"}
    data, made, said = (_out(folder / name) for name in ("data", "features", "net"))
    sizes = {"frequency": frequencies, "channel": len(channels), "time": int(SECONDS * RATE), "band": len(BANDS)}
    shape = [{**sizes, "slice": 6, "row": ROWS, "column": COLUMNS}[axis] for axis in axes]
    data.json("facts", _facts(classes, channels, subjects, places=places))
    names: dict[str, Any] = {"band": list(BANDS)} if "band" in axes else {}
    if "frequency" in axes:
        names["frequency"] = [f"{i + 1} Hz" for i in range(frequencies)]
    told = {"axes": ["sample", *axes], "shape": shape, "names": names, "channels": list(channels), "unit": "µV", "chain": []}
    made.json("features", told)
    np.savez(made.path("rows", ".npz"), start=np.arange(4) * SECONDS, stop=np.arange(1, 5) * SECONDS)
    rng = np.random.default_rng(0)
    maps = np.stack([_map(axes, 2 if alike else i, classes, channels, shape, signed=signed) for i in range(len(classes))])
    units = maps * rng.lognormal(0, 0.3, (subjects, len(classes), *[1] * len(axes)))
    units += 0.25 * maps.std() * rng.normal(size=units.shape) * (1 if signed else rng.random(units.shape))
    if "row" in axes:
        units[..., _empty(channels)] = 0
    if of == "time":
        axes, units = ("time",), np.abs(units).mean(axis=2)
    _relevance(said, axes, units, classes, _input(maps), cells=_cells(channels) if cells else None)
    _ideals(said, AXES[of], maps, classes)
    _attention(said, classes, channels, subjects, alike=alike)
    _feature_maps(said, shape[-2:], classes)
    return [
        *_outputs(data, dataset="eeg"),
        *_outputs(made, dataset="eeg", features="f"),
        *_outputs(said, **about, seed="0", explainer="saliency"),
    ]


def _facts(classes: Sequence[str], channels: Sequence[str], subjects: int, *, places: bool) -> dict[str, Any]:
    return {
        "title": "EEG",
        "modality": "eeg",
        "classes": list(classes),
        "simulated": True,
        "redistribute": True,
        "channels": list(channels),
        "positions": positions(channels) if places else None,
        "subjects": subjects,
        "rate": RATE,
    }


def _map(
    axes: Sequence[str], label: int, classes: Sequence[str], channels: Sequence[str], shape: Sequence[int], *, signed: bool
) -> np.ndarray:
    """Relevance of one class (…): a spot at its place and column on a floor."""
    i = label % len(SITES)
    along = next(axis for axis in ("frequency", "time", "band") if axis in axes)
    n = dict(zip(axes, shape, strict=True))[along]
    place = _nearness(channels, SITES[i])  # (channel,)
    if along == "frequency":
        column = np.exp(-0.5 * ((np.arange(n) + 1 - PEAKS[i]) / WIDTHS[i]) ** 2)
    elif along == "time":
        column = np.exp(-0.5 * (((np.arange(n) + 0.5) * SECONDS / n - MOMENTS[i]) / 0.15) ** 2)
    else:
        column = np.array([low <= PEAKS[i] < high for low, high in BANDS.values()], float)
    spot = (
        0.00005 + 0.003 * place[:, None] * column - (0.001 * place[::-1, None] * column if signed else 0)
    )  # (channel, column)
    if along != "band":
        return spot if axes[0] == "channel" else spot.T
    if "row" not in axes:
        return spot
    grid = np.zeros((n, ROWS, COLUMNS))
    for (row, cell), value in zip(_cells(channels), spot, strict=True):
        grid[:, row, cell] = value
    return np.broadcast_to(grid, shape).copy() if axes[0] == "slice" else grid


def _nearness(channels: Sequence[str], site: str) -> np.ndarray:
    """(channel,): 1 at the site, less the farther."""
    known = positions([*channels, site])
    if known is None or any(channel not in known for channel in channels):
        return np.exp(-0.5 * ((np.arange(len(channels)) - len(channels) / 3) / 2) ** 2)
    at = np.array([known[channel] for channel in channels])
    return np.exp(-0.5 * (np.linalg.norm(at - known[site], axis=1) / 0.035) ** 2)


def _cells(channels: Sequence[str]) -> list[tuple[int, int]]:
    """Cells of channels, row by row, first and last rows narrower."""
    free = [(row, column) for row in range(ROWS) for column in range(COLUMNS) if row or 2 <= column <= 6]
    return [free[i % len(free)] for i in range(len(channels))]


def _empty(channels: Sequence[str]) -> np.ndarray:
    empty = np.ones((ROWS, COLUMNS), bool)
    empty[tuple(np.transpose(_cells(channels)))] = False
    return empty


def _input(maps: np.ndarray) -> np.ndarray:
    """Features: 0 where there is no electrode, and otherwise something."""
    return np.where(maps == 0, 0, 1).astype(np.float32)


def _relevance(
    out: Out, axes: Sequence[str], units: np.ndarray, classes: Sequence[str], features: np.ndarray, cells: Any
) -> None:
    values = {"mean": units.mean(axis=0), "units": units, "input": features}
    out.put("relevance", {name: Array(value.astype(np.float32), tuple(axes)) for name, value in values.items()})
    out.json(
        "relevance_about",
        {
            "method": "size of the gradient",
            "unit": "logit per SD",
            "over": "subject",
            "axes": list(axes),
            "units": [str(i + 1) for i in range(len(units))],
            "n": [640] * len(classes),
            "folds": len(units),
            **({"cells": cells} if cells else {}),
        },
    )


def _ideals(out: Out, axes: Sequence[str], maps: np.ndarray, classes: Sequence[str]) -> None:
    """Inputs of two SD at most: a wave of the class's frequency where it is seen, or its spot, beside noise."""
    rng = np.random.default_rng(1)
    targets = maps / np.abs(maps).max()
    if "time" in axes:
        time = np.arange(maps.shape[-1]) / RATE
        waves = [np.sin(2 * np.pi * PEAKS[i % 3] * time) for i in range(len(classes))]
        place = [row.mean(axis=-1, keepdims=True) / row.mean(axis=-1).max() for row in maps]
        targets = np.stack([p * wave for p, wave in zip(place, waves, strict=True)])
    targets = 2.2 * targets - 0.1 + 0.1 * rng.normal(size=maps.shape)
    hidden = 1.5 * np.concatenate([targets, -targets])[:4]
    names = {"output": list(classes), "features.3": ["7", "31", "4", "12"][: len(hidden)], "hidden": ["101", "8", "44", "90"]}
    values = {"output": targets, "features.3": hidden, "hidden": np.concatenate([hidden[::-1]] * 2)[:4]}
    out.put("ideals", {name: Array(value.astype(np.float32), ("target", *axes), "SD") for name, value in values.items()})
    layers = {
        name: {
            "targets": targets[: len(values[name])],
            "activation": [12.0 + i for i in range(len(values[name]))],
            "samples": [4.0] * len(values[name]),
        }
        for name, targets in names.items()
    }
    out.json("ideals_about", {"axes": list(axes), "layers": layers, "fold": "subject 1"})


def _attention(out: Out, classes: Sequence[str], channels: Sequence[str], subjects: int, *, alike: bool) -> None:
    rng = np.random.default_rng(2)
    spectral = np.ones((subjects, len(classes), len(BANDS)))
    spatial = np.ones((subjects, len(classes), ROWS, COLUMNS))
    if not alike:
        spectral[:, :, -1] = 1.5
        spectral[:, -1, -1] = 1.9
        for (row, column), near in zip(_cells(channels), _nearness(channels, "OZ"), strict=True):
            spatial[:, :, row, column] += near
    own = spatial[..., *np.transpose(_cells(channels))].mean(axis=-1)[..., None, None]
    spectral, spatial = spectral / spectral.mean(axis=2, keepdims=True), spatial / own
    found = {"spectral": spectral, "spatial": spatial, "temporal": np.ones((subjects, len(classes), 6))}
    noisy = {name: values + rng.normal(0, 0.02, values.shape) for name, values in found.items()}
    noisy["spatial"][..., _empty(channels)] = 0
    out.put("attention", {name: Array(values.astype(np.float32), ("unit", "class")) for name, values in noisy.items()})
    out.json(
        "attention_about",
        {
            "names": {"band": list(BANDS)},
            "cells": _cells(channels),
            "channels": list(channels),
            "over": "subject",
            "units": [str(i + 1) for i in range(subjects)],
            "n": [640] * len(classes),
        },
    )


def _feature_maps(out: Out, shape: Sequence[int], classes: Sequence[str]) -> None:
    """Two layers: one of maps as large as a sample, and one of a single row."""
    rng = np.random.default_rng(3)
    shapes = {"conv1 (Conv2d)": tuple(shape), "conv2 (Conv2d)": (1, shape[1])}
    maps = {name: rng.random((len(classes), 8, *size)) for name, size in shapes.items()}
    for values in maps.values():
        for label in range(len(classes)):
            values[label, label % 8, :, : values.shape[-1] // 4] += 1.5
    out.put("feature_maps", {name: Array(v.astype(np.float32), ("class", "unit", "row", "column")) for name, v in maps.items()})
    selectivity = [0.9 - 0.1 * i for i in range(8)]
    out.json("feature_units", {name: {"units": list(range(8)), "selectivity": selectivity, "of": 64} for name in shapes})


def _out(folder: Path) -> Out:
    folder.mkdir(parents=True, exist_ok=True)
    return Out(folder)


def _outputs(out: Out, **about: str) -> list[Output]:
    return [Output(told["kind"], out.folder / name, about, told["restricted"]) for name, told in out.described.items()]
