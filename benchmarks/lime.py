"""Our LIME beside the lime package: overhead, model calls at equal stability, and time from end to end.

Three tables, each measured side by side in one run, in CPU time of one thread:

1. Overhead without the model: 1,000 samples of a 48×48 face, all 7 labels, a model that costs nothing. Target: 30 times less.
2. Equal stability: top-5 Jaccard index between seeds and error to a reference of 30,000 of the package's coin flips. Target:
   both within 10 % with a quarter of the model calls.
3. From end to end on a CPU, where the network dominates. No target.

The network is trained here on simulated faces. All takes about four minutes; `--help` lists what can be changed.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")  # read on import
sys.path[0] = str(Path(__file__).parents[1])  # not this folder, where our own name would hide the package lime

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
    end_to_end(scenes, chosen)


def arguments() -> argparse.Namespace:
    """Options with their defaults."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name, default, text in (
        ("rounds", 25, "faces of the overhead, each measured once by every candidate"),
        ("faces", 3000, "simulated faces, three tenths of them for testing"),
        ("epochs", 8, "passes of the network's training"),
        ("images", 8, "test faces explained for the stability"),
        ("seeds", 8, "neighbourhoods of each"),
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
    """Table 1: every candidate in turn on every face, with its superpixels given and with SLIC as part of the work."""
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

    def ours(image: np.ndarray, cut: Cut) -> None:
        batched(Scene(model, free, "cpu", CLASSES, image, cut(image)), [(0,)], samples=SAMPLES, **OURS)

    def step(image: np.ndarray, _: Cut) -> None:
        explain(model, asked([image], [0], free), lambda *_: None, samples=SAMPLES // 5, repeats=5, adaptive=False)

    candidates: dict[str, Callable[[np.ndarray, Cut], None]] = {
        "lime package as it comes": lambda image, cut: shipped(image, cut, "auto"),
        "lime package without feature selection": lambda image, cut: shipped(image, cut, "none"),
        "ours": ours,
    }
    given = {image.tobytes(): superpixels(image, SEGMENTS) for image in images}
    print(f"1. Overhead without the model: {SAMPLES} samples, {CLASSES} labels, 48×48, {len(images)} faces; target 30×\n")
    table("superpixels given", timed(candidates, images, lambda image: given[image.tobytes()]))
    with_all = candidates | {"ours, 5 × 200 with stability over seeds": step}
    table("with SLIC in each", timed(with_all, images, lambda image: superpixels(image, SEGMENTS)))


def timed(candidates: Mapping[str, Callable[[np.ndarray, Cut], None]], images: np.ndarray, cut: Cut) -> dict[str, list[float]]:
    """Milliseconds of CPU time by candidate; the candidates take turns, so that a busy machine slows all alike."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for image in [images[0], *images]:
        for name, candidate in candidates.items():
            times[name].append(1000 * seconds(lambda: candidate(image, cut)))  # noqa: B023 (called at once)
    return {name: taken[1:] for name, taken in times.items()}  # the first only filled the caches


def seconds(work: Callable[[], object]) -> float:
    """CPU time of some work."""
    start = time.process_time()
    work()
    return time.process_time() - start


def table(title: str, times: Mapping[str, Sequence[float]]) -> None:
    """Print times in the units they come in, and how many times the first one takes the others' time."""
    first = next(iter(times.values()))
    print(f"{title:42s} {'median':>9s} {'10–90 %':>17s} {'best':>9s} {'median ratio':>13s} {'best ratio':>11s}")
    for name, taken in times.items():
        low, middle, high = np.quantile(taken, (0.1, 0.5, 0.9))
        ratios = np.median(first) / middle, min(first) / min(taken)
        print(f"{name:42s} {middle:9.2f} {low:8.2f}–{high:8.2f} {min(taken):9.2f} {ratios[0]:12.1f}× {ratios[1]:10.1f}×")
    print()


def asked(images: Sequence[np.ndarray], ids: Sequence[int], standardise: Callable[[torch.Tensor], torch.Tensor]) -> Explained:
    """What the explainer is given."""
    names = tuple(map(str, range(CLASSES)))
    return Explained(torch.empty(0), np.stack(images), np.zeros(len(images)), names, np.array(ids), standardise)


def stability(scenes: Sequence[Scene], seeds: int, reference: int) -> None:
    """Table 2: how much explanations of one face differ between seeds, and from many coin flips."""
    candidates = {
        f"lime package, {MANY} samples": lambda scene, seed: package(scene, [seed], samples=MANY, **LIME),
        **{
            f"ours, {samples} samples": lambda scene, seed, samples=samples: batched(scene, [seed], samples=samples, **OURS)
            for samples in (FEW // 2, FEW, 2 * FEW)
        },
    }
    scores = {name: [] for name in candidates}
    for number, scene in enumerate(scenes):
        truth = flipped(scene, reference, number)
        for name, candidate in candidates.items():
            drawn = [candidate(scene, (number, seed)) for seed in range(seeds)]
            found = np.stack([weights(explanation) for _, (explanation,) in drawn])  # (seed, class, segment)
            predicted = drawn[0][0][0].probabilities[0].argmax()
            scores[name].append((len(drawn[0][0][0].masks), *compared(found, truth, predicted)))
    print(f"\n2. Stability: {len(scenes)} faces, {seeds} seeds each; reference {reference} coin flips; ± sd over faces\n")
    print(
        f"{'':28s} {'calls':>6s} {'fewer':>7s} {'Jaccard, all classes':>22s} {'predicted class':>17s} {'relative error':>17s}"
    )
    first = np.mean(next(iter(scores.values())), axis=0)
    for name, rows in scores.items():
        calls, *values = np.mean(rows, axis=0)
        shown = [f"{v:.3f} ± {sd:.3f}" for v, sd in zip(values, np.std(rows, axis=0, ddof=1)[1:], strict=True)]
        print(f"{name:28s} {calls:6.0f} {first[0] / calls:6.2f}× {shown[0]:>22s} {shown[1]:>17s} {shown[2]:>17s}")
        if calls == np.mean(scores[f"ours, {FEW} samples"], axis=0)[0]:
            met = (
                values[0] >= 0.9 * first[1]
                and values[1] >= 0.9 * first[2]
                and values[2] <= 1.1 * first[3]
                and first[0] >= 4 * calls
            )
            verdict = "met" if met else "missed"
    print(f"\nEqual within 10 % with a quarter of the calls: {verdict}")


def flipped(scene: Scene, samples: int, seed: int) -> np.ndarray:
    """Weights (class, segment) from coin flips as the package draws them, but in batches."""
    masks = np.random.default_rng((1, seed)).random((samples, scene.count)) < 0.5
    masks[0] = True
    return weights(surrogate(scene, Neighbourhood(masks, predictor(scene, "mean")(masks)), 0.25))


def compared(found: np.ndarray, truth: np.ndarray, predicted: int) -> tuple[float, float, float]:
    """Top-5 Jaccard index between seeds, mean of the classes and of the predicted one, and relative error of the weights."""
    jaccard = [agreement(found[:, label], TOP) for label in range(CLASSES)]
    error = np.linalg.norm(found - truth, axis=2) / np.linalg.norm(truth, axis=1)  # (seed, class)
    return float(np.mean(jaccard)), jaccard[predicted], float(error.mean())


def end_to_end(scenes: Sequence[Scene], ids: Sequence[int]) -> None:
    """Table 3: whole explanations, model included."""

    def step(scene: Scene, sample: int) -> None:
        explain(scene.model, asked([scene.image], [sample], scene.standardise), lambda *_: None)

    candidates = {
        f"lime package, {MANY} samples": lambda scene, _: package(scene, [(0,)], samples=MANY, **LIME),
        f"ours, {MANY} samples": lambda scene, _: batched(scene, [(0,)], samples=MANY, **OURS),
        f"ours, {FEW} samples": lambda scene, _: batched(scene, [(0,)], samples=FEW, **OURS),
        "ours as a study runs it: 5 seeds, adaptive": step,
    }
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for scene, sample in zip(scenes, ids, strict=True):
        for name, candidate in candidates.items():
            times[name].append(seconds(lambda: candidate(scene, sample)))  # noqa: B023 (called at once)
    print(f"\n3. From end to end on the CPU, seconds of CPU time an image, {len(scenes)} faces\n")
    table("", times)


if __name__ == "__main__":
    main()
