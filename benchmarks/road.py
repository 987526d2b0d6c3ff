"""Our imputation for ROAD beside that of the grad-cam package: one system after another, built and solved by scipy.

Each round is one simulated face of 48×48 pixels as the step `judge` has it imputed: an attribution of 6×6 enlarged and its
four controls, each with the 10 to 90 % of most and of least relevant pixels removed, so 90 masks. Measured side by side in
one run, in CPU time of one thread. The way of the package is written down here again; where the package itself can be
imported it is measured too. Target: 10 times less time, and pixels that differ by at most 1e-4 of the image's range.
"""

import argparse
import importlib
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")  # read on import
sys.path[0] = str(Path(__file__).parents[1])  # not this folder, where lime.py would hide the package lime

# ruff: noqa: E402
import numpy as np
import torch
from scipy.ndimage import zoom
from scipy.sparse import csc_matrix, lil_matrix
from scipy.sparse.linalg import spsolve

from reportgen import plugins
from reportgen.judging.controls import control_maps
from reportgen.judging.imputation import impute

PERCENTILES = range(10, 100, 10)
NEIGHBOURS = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1) if row or column]
Imputer = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""An image (row, column) and masks (mask, row, column) to imputed images (mask, row, column)."""


def main() -> None:
    """Print times, ratios and the largest differences."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=12, help="faces (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="(default: %(default)s)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rounds = [(image, masks_of(image, options.seed + i)) for i, image in enumerate(faces(options.rounds, options.seed))]
    imputers = {"scipy, mask by mask": mask_by_mask, **package(), "ours, all masks at once": at_once}
    print(f"{len(rounds)} faces with {len(rounds[0][1])} masks each, {', '.join(map(str, PERCENTILES))} % removed\n")
    times, found = timed(imputers, rounds)
    ratios = table(times)
    gap = max(
        float(np.abs(value - other).max() / np.ptp(image))
        for (image, _), *values in zip(rounds, *found.values(), strict=True)
        for value in values[:-1]
        for other in values[-1:]
    )
    met = min(ratios.values()) >= 10 and gap <= 1e-4
    print(f"\nLargest difference: {gap:.1e} of the image's range. Target {'met' if met else 'missed'}.")


def faces(count: int, seed: int) -> np.ndarray:
    """Images (image, row, column) uint8."""
    chunks = plugins.verb("dataset", "faces_sim")(samples=max(count, 70), seed=seed)
    return np.concatenate([chunk.x for chunk in chunks])[:count]


def masks_of(image: np.ndarray, seed: int) -> np.ndarray:
    """(mask, row, column) bool: of each map and percentile the most, then the least relevant pixels."""
    attribution = zoom(
        np.random.default_rng(seed).normal(size=(6, 6)), np.array(image.shape) / 6, order=1, grid_mode=True, mode="nearest"
    )
    controls = control_maps(attribution[None], image[None], np.array([seed]), 0)
    places = [np.argsort(np.argsort(-m, axis=None)) for m in (attribution, *(maps[0] for maps in controls.values()))]
    counts = [round(image.size * percent / 100) for percent in PERCENTILES]
    return np.array([p < n for place in places for p in (place, image.size - 1 - place) for n in counts]).reshape(
        -1, *image.shape
    )


def at_once(image: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Ours, without noise."""
    values = torch.tensor(image, dtype=torch.float32)[None, None]
    return impute(values, torch.from_numpy(masks)[None])[0, :, 0].numpy()


def mask_by_mask(image: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """The package's way: a sparse system in rows as lists, filled neighbour by neighbour, then solved directly."""
    return np.stack([solved(image.astype(float), mask) for mask in masks])


def solved(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """One image (row, column) whose pixels in the mask are means of their neighbours."""
    rows, columns = np.nonzero(mask)
    number = np.cumsum(mask).reshape(mask.shape) - 1  # of each unknown
    system, right, total = lil_matrix((len(rows), len(rows))), np.zeros(len(rows)), np.zeros(len(rows))
    for down, across in NEIGHBOURS:
        weight = 1 / 12 if down and across else 1 / 6
        r, c = rows + down, columns + across
        there = np.flatnonzero((r >= 0) & (r < image.shape[0]) & (c >= 0) & (c < image.shape[1]))
        total[there] += weight
        unknown = mask[r[there], c[there]]
        system[there[unknown], number[r[there[unknown]], c[there[unknown]]]] = -weight
        right[there[~unknown]] += weight * image[r[there[~unknown]], c[there[~unknown]]]
    system[np.arange(len(rows)), np.arange(len(rows))] = total
    filled = image.copy()
    filled[mask] = spsolve(csc_matrix(system), right)
    return filled


def package() -> dict[str, Imputer]:
    """The imputer of the grad-cam package, without noise; nothing where it is not installed."""
    try:
        imputer = importlib.import_module("pytorch_grad_cam.metrics.road").NoisyLinearImputer(noise=0.0)
    except ImportError as error:
        print(f"The package grad-cam cannot be imported ({error}): only its way is measured.\n")
        return {}

    def of(image: np.ndarray, masks: np.ndarray) -> np.ndarray:
        values = torch.tensor(image, dtype=torch.float32)[None]
        return np.stack([imputer(values, torch.tensor(~mask).float())[0].numpy() for mask in masks])

    return {"grad-cam package": of}


def timed(imputers: Mapping[str, Imputer], rounds: Sequence[tuple[Any, ...]]) -> tuple[dict[str, list[Any]], ...]:
    """Milliseconds of CPU time a mask, and what was found, {imputer: [round]}; as they take turns, load slows all alike."""
    times: dict[str, list[float]] = {name: [] for name in imputers}
    found: dict[str, list[Any]] = {name: [] for name in imputers}
    for round_ in (rounds[0], *rounds):
        for name, imputer in imputers.items():
            start = time.process_time()
            found[name].append(imputer(*round_))
            times[name].append(1000 * (time.process_time() - start) / len(round_[1]))
    return tuple({name: rows[1:] for name, rows in all_.items()} for all_ in (times, found))  # the first only warms up


def table(times: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Print times a mask, and how many times as long as ours the others take, by medians; returns these ratios."""
    ours = times[[*times][-1]]
    print(f"{'ms a mask':28s} {'median':>9s} {'10–90 %':>15s} {'best':>9s} {'ours less':>10s} {'10–90 %':>14s}")
    ratios = {}
    for name, taken in times.items():
        low, middle, high = np.quantile(taken, (0.1, 0.5, 0.9))
        by_round = np.quantile(np.divide(taken, ours), (0.1, 0.9))
        if taken is not ours:
            ratios[name] = float(middle / np.median(ours))
        ratio = f"{middle / np.median(ours):9.1f}× {by_round[0]:6.1f}–{by_round[1]:5.1f}×"
        print(f"{name:28s} {middle:9.3f} {low:7.3f}–{high:7.3f} {min(taken):9.3f} {ratio}")
    return ratios


if __name__ == "__main__":
    main()
