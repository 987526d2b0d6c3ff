"""Our class activation maps beside those of the grad-cam package: maps of all classes, CPU time of one thread, one run.

A panel is 64 images of 48×48 pixels with the maps of all seven classes, of fer_gap_small with its first weights: what is
timed does not depend on them. Target: 15 times less CPU time with CAM, and the same maps (r ≥ 0.9999) once ours are cut off
at zero as the package's are. Its own maps are also stretched to [0, 1] one by one, which a correlation does not see. Both are
given the network channels last, as a build explains it; in torch's own layout the package takes 1.4 times as long.

The package asks for torchvision, which may replace torch by another build. So it gets an environment of its own, beside
.venv, that borrows what .venv has:

    .venv/bin/python -m venv --without-pip .venv-cam
    ls -d "$PWD"/.venv/lib/python3*/site-packages > "$(ls -d .venv-cam/lib/python3*/site-packages)/base.pth"
    .venv/bin/python -m pip --python .venv-cam/bin/python install --no-deps grad-cam==1.5.7 ttach opencv-python-headless
    .venv-cam/bin/python benchmarks/cam.py

Where the package is missing, this says so and ends.
"""

import argparse
import importlib
import importlib.util
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")  # read on import
sys.path[0] = str(Path(__file__).parents[1])  # not this folder

# ruff: noqa: E402
import numpy as np
import torch
from torch import nn

from reportgen import plugins
from reportgen.core import Explained, Spec
from reportgen.networks import to_device

CLASSES = 7
SIDE = 48  # pixels
LAYER = "maps.stage4.relu2"  # what a user of the package has to name
RATIO, LIKENESS = 15, 0.9999  # targets
cam, grad_cam = (plugins.verb("explainer", name) for name in ("cam", "grad_cam"))
Panel = Callable[[], np.ndarray]  # makes the maps (image, class, row, column)


def main() -> None:
    """Print the times and how alike the maps are."""
    options = arguments()
    torch.set_num_threads(1)
    if not all(map(importlib.util.find_spec, ("pytorch_grad_cam", "cv2", "ttach"))):
        print("benchmarks/cam.py: the grad-cam package is not here; the top of this file says how to get it. Nothing measured.")
        return
    torch.manual_seed(options.seed)
    x = torch.randn(options.images, 1, SIDE, SIDE)
    model = plugins.verb("model", "fer_gap_small")(Spec((1, SIDE, SIDE), CLASSES)).eval()
    to_device(model, "cpu")
    model(x)  # the first pass pays for what torch sets up
    given = asked(x)
    panels: dict[str, Panel] = {
        "grad-cam package, GradCAM": package(model, x),
        "ours, cam": lambda: cam(model, given, lambda *_: None)["attribution"].values,
        "ours, grad_cam": lambda: grad_cam(model, given, lambda *_: None, positive=True)["attribution"].values,
        "a pass forward, no maps": lambda: forward(model, x),
    }
    shown = f"{options.images} images {SIDE}×{SIDE}, {CLASSES} classes, {options.rounds} rounds"
    print(f"All-class panels, ms of CPU time: {shown}. Target: {RATIO}×\n")
    ratios = table(timed(panels, options.rounds))
    likeness = compared(panels["grad-cam package, GradCAM"](), cut_off(model, given), panels["ours, grad_cam"]())
    met = ratios["ours, cam"] >= RATIO and likeness >= LIKENESS
    print(f"Target {'met' if met else 'missed'}.")


def arguments() -> argparse.Namespace:
    """Options with their defaults."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name, default, text in (
        ("images", 64, "images of a panel"),
        ("rounds", 20, "panels that every candidate makes"),
        ("seed", 0, "of weights and images"),
    ):
        parser.add_argument(f"--{name}", type=int, default=default, help=f"{text} (default: {default})")
    return parser.parse_args()


def asked(x: torch.Tensor) -> Explained:
    """What an explainer is given for x (image, channel, row, column): no reference samples, which the package has not."""
    empty = np.zeros(len(x), int)
    return Explained(x, np.zeros((0, SIDE, SIDE), np.uint8), empty, tuple(map(str, range(CLASSES))), empty, None)


def package(model: nn.Module, x: torch.Tensor) -> Panel:
    """The package's GradCAM, asked for one class after the other, as it must be."""
    for name in ("torchvision", "torchvision.transforms", "torchvision.transforms.functional"):
        sys.modules.setdefault(name, Anything(name))  # the package imports it, but GradCAM uses nothing of it
    theirs, targets = map(importlib.import_module, ("pytorch_grad_cam", "pytorch_grad_cam.utils.model_targets"))
    importlib.import_module("cv2").setNumThreads(1)
    made = theirs.GradCAM(model=model, target_layers=[model.get_submodule(LAYER)])

    def panel() -> np.ndarray:
        each = [made(input_tensor=x, targets=[targets.ClassifierOutputTarget(c)] * len(x)) for c in range(CLASSES)]
        return np.stack(each, axis=1)

    return panel


class Anything(ModuleType):
    """A module that has whatever is imported from it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return None


@torch.inference_mode()
def forward(model: nn.Module, x: torch.Tensor) -> np.ndarray:
    """The least that any explanation costs."""
    return np.asarray(model(x))


def cut_off(model: nn.Module, given: Explained) -> np.ndarray:
    """CAM (image, class, row, column), negative values set to 0 before enlarging, as the package does."""
    maps = torch.tensor(cam(model, given, lambda *_: None)["class_activation"].values).relu()
    return nn.functional.interpolate(maps, (SIDE, SIDE), mode="bilinear", align_corners=False).numpy()


def timed(panels: Mapping[str, Panel], rounds: int) -> dict[str, np.ndarray]:
    """Milliseconds of CPU time {candidate: (round,)}; taking turns, a busy machine slows all alike."""
    times = np.empty((len(panels), rounds + 2))
    for round_ in range(rounds + 2):
        for row, panel in enumerate(panels.values()):
            start = time.process_time()
            panel()
            times[row, round_] = 1000 * (time.process_time() - start)
    return dict(zip(panels, times[:, 2:], strict=True))  # the first two rounds only filled the caches


def table(times: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Print times and ratios to the first candidate; returns the medians over rounds of these ratios."""
    first, medians = next(iter(times.values())), {}
    print(f"{'':28s} {'median':>8s} {'10–90 %':>17s} {'ratio':>8s} {'10–90 %':>15s}")
    for name, taken in times.items():
        low, middle, high = np.quantile(taken, (0.1, 0.5, 0.9))
        least, ratio, most = np.quantile(first / taken, (0.1, 0.5, 0.9))
        medians[name] = float(ratio)
        print(f"{name:28s} {middle:8.1f} {low:8.1f}–{high:8.1f} {ratio:7.1f}× {least:7.1f}–{most:6.1f}×")
    print()
    return medians


def compared(theirs: np.ndarray, *ours: np.ndarray) -> float:
    """Print how our maps correlate with theirs, map by map; returns the least correlation.

    A class that nothing in an image speaks for has a map of zeros, and no correlation: there, ours must be zeros too.
    """
    flat = theirs.reshape(-1, SIDE * SIDE)
    varied = np.ptp(flat, axis=1) > 0
    least = []
    for name, maps in zip(("cam", "grad_cam"), ours, strict=True):
        mine = maps.reshape(flat.shape)
        r = correlations(flat[varied], mine[varied])
        least.append(float(r.min()) if not mine[~varied].any() else 0.0)
        print(f"{name}: r of {len(r)} maps (of {len(flat)}; the others are zero): least {r.min():.6f}, mean {r.mean():.6f}")
    return min(least)


def correlations(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Pearson's r (map,) of maps (map, pixel)."""
    a, b = (values.astype(float) - values.mean(axis=1, keepdims=True) for values in (first, second))
    return np.asarray((a * b).sum(axis=1) / np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1)))


if __name__ == "__main__":
    main()
