"""Our LIME beside the lime package: overhead, model calls at equal stability, and time from end to end.

Three tables, each measured side by side in one run, in CPU time of one thread:

1. Overhead without the model: 1,000 samples of a 48×48 face, all 7 labels, a model that costs nothing. Target: 30 times less.
2. Equal stability: top-5 Jaccard index between seeds and error to a reference of 30,000 of the package's coin flips. Target:
   both within 10 % with a quarter of the model calls.
3. From end to end on a CPU, where the network dominates. No target.

The network is trained here on simulated faces. All takes about six minutes; `--help` lists what can be changed.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")  # read on import
sys.path[0] = str(Path(__file__).parents[1])  # not this folder, where our own name would hide the package lime

# ruff: noqa: E402
import numpy as np
import torch
from lime.lime_image import LimeImageExplainer
from torch import nn
from torch.nn.functional import cross_entropy

from reportgen import plugins
from reportgen.core import Explained, Spec
from reportgen.explainers._engines import TOP, batched, fast_fit, package
from reportgen.explainers._neighbourhood import Neighbourhood, Scene, predictor
from reportgen.explainers._segments import superpixels
from reportgen.explainers._surrogate import agreement, surrogate, weights
from reportgen.explainers._variate import _everywhere
from reportgen.networks import Standardise

CLASSES = 7
SEGMENTS = 50
SAMPLES = 1000  # of the overhead
MANY, FEW = 1024, 256  # samples of the package and of ours at equal stability
WIDTH = 0.25  # of the kernel
Cut = Callable[[np.ndarray], np.ndarray]  # an image to its superpixels
explain = plugins.verb("explainer", "lime")


def theirs(scene: Scene, seed: tuple[int, ...], samples: int) -> tuple[int, np.ndarray]:
    """Calls of the model and weights (class, segment) of the package's own path."""
    (near,), (explanation,) = package(scene, [seed], samples=samples, hide="mean", kernel_width=WIDTH)
    return len(near.masks), weights(explanation)


def ours(scene: Scene, seed: tuple[int, ...], samples: int, control_variate: bool = True) -> tuple[int, np.ndarray]:
    """Calls of the model and weights (class, segment) of one of our neighbourhoods."""
    fit = partial(fast_fit, kernel_width=WIDTH, control_variate=control_variate)
    (near,), (explanation,) = batched(scene, [seed], fit, samples=samples, adaptive=False, hide="mean")
    return len(near.masks), weights(explanation)


def main() -> None:
    """Print the three tables."""
    options = arguments()
    torch.set_num_threads(1)
    images, labels, tests = faces(options.faces, options.seed)
    overhead(images[tests[: options.rounds]])
    model, standardise, accuracy = trained(images, labels, tests, options)
    print(
        f"\nNetwork: fer_gap_small, {options.epochs} epochs on {len(images) - len(tests)} faces, test accuracy {accuracy:.2f}"
    )
    chosen = np.random.default_rng(options.seed).choice(tests, options.images, replace=False)
    scenes = [Scene(model, standardise, "cpu", CLASSES, images[i], superpixels(images[i], SEGMENTS)) for i in chosen]
    stability(scenes, options.seeds, options.reference)
    end_to_end(scenes[:5])


def arguments() -> argparse.Namespace:
    """Options with their defaults."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name, default, text in (
        ("rounds", 25, "faces of the overhead, each measured once by every candidate"),
        ("faces", 3000, "simulated faces, three tenths of them for testing"),
        ("epochs", 8, "passes of the network's training"),
        ("images", 8, "test faces explained for the stability"),
        ("seeds", 6, "neighbourhoods of each"),
        ("reference", 30_000, "samples of the reference explanation"),
        ("seed", 0, "of all that is random"),
    ):
        parser.add_argument(f"--{name}", type=int, default=default, help=f"{text} (default: {default})")
    return parser.parse_args()


def faces(count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Images (sample, row, column), labels (sample,), and the samples of the test part."""
    chunks = list(plugins.verb("dataset", "faces_sim")(samples=count, seed=seed))
    images, labels, origin = (np.concatenate([getattr(c, name) for c in chunks]) for name in ("x", "labels", "origin"))
    return images, labels, np.flatnonzero(origin == "test")


def trained(
    images: np.ndarray, labels: np.ndarray, tests: np.ndarray, options: argparse.Namespace
) -> tuple[nn.Module, Standardise, float]:
    """A small network in evaluation mode, its standardisation, and its accuracy on the test faces."""
    torch.manual_seed(options.seed)
    train = torch.tensor(np.setdiff1d(np.arange(len(images)), tests))
    standardise = Standardise.of(images[train])
    x, y = standardise(torch.tensor(images)[:, None]), torch.tensor(labels).long()
    model: nn.Module = plugins.verb("model", "fer_gap_small")(Spec((1, *images.shape[1:]), CLASSES))
    batches = [batch for _ in range(options.epochs) for batch in train[torch.randperm(len(train))].split(64)]
    optimiser = torch.optim.Adam(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.004, total_steps=len(batches))
    for step, batch in enumerate(batches):
        optimiser.zero_grad()
        cross_entropy(model(x[batch].flip(-1) if step % 2 else x[batch]), y[batch]).backward()
        optimiser.step()
        schedule.step()
    model.eval()
    with torch.inference_mode():
        return model, standardise, float((model(x[tests]).argmax(1) == y[tests]).float().mean())


class Nothing(nn.Module):
    """A model that costs nothing: the same logits whatever it sees."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = torch.randn(SAMPLES, CLASSES, generator=torch.Generator().manual_seed(0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(sample, channel, row, column) to (sample, class)."""
        return self.answer[: len(x)]


def overhead(images: np.ndarray) -> None:
    """Table 1: the candidates take turns on each face, with its superpixels given, then with SLIC as part of the work."""
    model, free = Nothing(), nn.Identity()
    answer = model.answer.softmax(1).numpy()

    def shipped(image: np.ndarray, cut: Cut, selection: str) -> None:
        LimeImageExplainer(random_state=0, feature_selection=selection).explain_instance(
            image.astype(float),
            lambda copies: answer[: len(copies)],
            labels=range(CLASSES),
            top_labels=None,
            num_samples=SAMPLES,
            segmentation_fn=lambda _: cut(image),
        )

    def fast(image: np.ndarray, cut: Cut, control_variate: bool) -> None:
        ours(Scene(model, free, "cpu", CLASSES, image, cut(image)), (0,), SAMPLES, control_variate)

    def once(image: np.ndarray, cut: Cut) -> None:
        masks, weight, regression = _everywhere.__wrapped__(int(cut(image).max()) + 1, WIDTH)
        regression.fit(masks, weight, weight)

    def step(image: np.ndarray, _: Cut) -> None:
        explain(model, asked(image, 0, free), lambda *_: None, samples=SAMPLES // 5, repeats=5, adaptive=False)

    candidates: dict[str, Callable[[np.ndarray, Cut], object]] = {
        "lime package, as it comes": lambda image, cut: shipped(image, cut, "auto"),
        "lime package, no feature selection": lambda image, cut: shipped(image, cut, "none"),
        "ours": lambda image, cut: fast(image, cut, True),
        "ours, no control variate": lambda image, cut: fast(image, cut, False),
        "  once for each number of superpixels": once,
    }
    given = {image.tobytes(): superpixels(image, SEGMENTS) for image in images}
    print(f"1. Overhead without the model, ms: {SAMPLES} samples, {CLASSES} labels, {len(images)} faces. Target: 30×\n")
    ratios = table("superpixels given", timed(candidates, [(image, lambda i: given[i.tobytes()]) for image in images]))
    print(f"Target {'met' if ratios[2] >= 30 else 'missed'}.\n")
    candidates["ours, 5 × 200 samples and stability"] = step
    table("with SLIC in each", timed(candidates, [(image, lambda i: superpixels(i, SEGMENTS)) for image in images]))


def timed(candidates: Mapping[str, Callable[..., object]], rounds: Sequence[tuple[Any, ...]]) -> dict[str, list[float]]:
    """Milliseconds of CPU time {candidate: [round]}; taking turns, a busy machine slows all alike."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for round_ in (*rounds, *rounds):
        for name, candidate in candidates.items():
            start = time.process_time()
            candidate(*round_)
            times[name].append(1000 * (time.process_time() - start))
    return {name: taken[len(rounds) :] for name, taken in times.items()}  # the first half only filled the caches


def table(title: str, times: Mapping[str, Sequence[float]]) -> list[float]:
    """Print times, and how many times as long the first candidate takes; returns these ratios of the medians."""
    first, ratios = next(iter(times.values())), []
    print(f"{title:38s} {'median':>9s} {'10–90 %':>19s} {'best':>9s} {'ratio':>8s} {'of bests':>9s}")
    for name, taken in times.items():
        low, middle, high = np.quantile(taken, (0.1, 0.5, 0.9))
        ratios.append(float(np.median(first) / middle))
        numbers = f"{middle:9.2f} {low:9.2f}–{high:9.2f} {min(taken):9.2f}"
        print(f"{name:38s} {numbers} {ratios[-1]:7.1f}× {min(first) / min(taken):8.1f}×")
    print()
    return ratios


def asked(image: np.ndarray, sample: int, standardise: Callable[[torch.Tensor], torch.Tensor]) -> Explained:
    """What the explainer is given for one image."""
    names = tuple(map(str, range(CLASSES)))
    return Explained(torch.empty(0), image[None], np.zeros(1), names, np.array([sample]), standardise)


def stability(scenes: Sequence[Scene], seeds: int, reference: int) -> None:
    """Table 2: how far explanations of one face lie from each other, and from that by very many coin flips."""
    candidates: dict[str, Callable[[Scene, tuple[int, ...]], tuple[int, np.ndarray]]] = {
        f"lime package, {MANY} samples": partial(theirs, samples=MANY),
        f"ours, {FEW // 2} samples": partial(ours, samples=FEW // 2),
        f"ours, {FEW} samples": partial(ours, samples=FEW),
        f"ours, {2 * FEW} samples": partial(ours, samples=2 * FEW),
        f"ours, {FEW}, no control variate": partial(ours, samples=FEW, control_variate=False),
    }
    scores: dict[str, list[tuple[float, ...]]] = {name: [] for name in candidates}
    for number, scene in enumerate(scenes):
        truth = flipped(scene, reference, number)
        for name, candidate in candidates.items():
            calls, found = zip(*(candidate(scene, (number, seed)) for seed in range(seeds)), strict=True)
            scores[name].append((calls[0], *compared(np.stack(found), truth, scene)))
    print(f"2. Stability: {len(scenes)} faces, {seeds} seeds each, reference of {reference} coin flips; mean ± sd over faces\n")
    print(
        f"{'':32s} {'calls':>6s} {'fewer':>7s} {'Jaccard, all classes':>21s} {'predicted class':>16s} {'relative error':>15s}"
    )
    means = {name: np.mean(rows, axis=0) for name, rows in scores.items()}
    theirs_calls, *theirs_scores = means[f"lime package, {MANY} samples"]
    for name, (calls, *values) in means.items():
        shown = [f"{value:.3f} ± {sd:.3f}" for value, sd in zip(values, np.std(scores[name], axis=0, ddof=1)[1:], strict=True)]
        print(f"{name:32s} {calls:6.0f} {theirs_calls / calls:6.2f}× {shown[0]:>21s} {shown[1]:>16s} {shown[2]:>15s}")
    calls, *values = means[f"ours, {FEW} samples"]
    ratios = [value / other for value, other in zip(values, theirs_scores, strict=True)]
    met = theirs_calls >= 4 * calls and min(ratios[:2]) >= 0.9 and ratios[2] <= 1.1
    shown = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    print(f"\nOurs with {FEW} against theirs with {MANY}: ratios {shown}. Target {'met' if met else 'missed'}.\n")


def flipped(scene: Scene, samples: int, seed: int) -> np.ndarray:
    """Weights (class, segment) by the package's coin flips, ridge and kernel, judged in batches."""
    masks = np.random.default_rng((1, seed)).random((samples, scene.count)) < 0.5
    masks[0] = True
    return weights(surrogate(scene, Neighbourhood(masks, predictor(scene, "mean")(masks)), WIDTH))


def compared(found: np.ndarray, truth: np.ndarray, scene: Scene) -> tuple[float, float, float]:
    """Top-5 Jaccard index between seeds, of all classes and of the predicted one, and relative error of the weights."""
    predicted = predictor(scene, "mean")(np.ones((1, scene.count), bool)).argmax()
    jaccard = [agreement(found[:, label], TOP) for label in range(CLASSES)]
    error = np.linalg.norm(found - truth, axis=2) / np.linalg.norm(truth, axis=1)  # (seed, class)
    return float(np.mean(jaccard)), jaccard[predicted], float(error.mean())


def end_to_end(scenes: Sequence[Scene]) -> None:
    """Table 3: whole explanations, model included."""

    def step(scene: Scene) -> None:
        explain(scene.model, asked(scene.image, 0, scene.standardise), lambda *_: None)

    print(f"3. From end to end on the CPU, ms an image, {len(scenes)} faces\n")
    candidates: dict[str, Callable[..., object]] = {
        f"lime package, {MANY} samples": partial(theirs, seed=(0,), samples=MANY),
        f"ours, {MANY} samples": partial(ours, seed=(0,), samples=MANY),
        f"ours, {FEW} samples": partial(ours, seed=(0,), samples=FEW),
        "ours by default: 5 seeds, adaptive": step,
    }
    table("", timed(candidates, [(scene,) for scene in scenes]))


if __name__ == "__main__":
    main()
