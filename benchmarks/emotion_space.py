"""Maps of emotions beside each other: our parametric t-SNE, that of 2009, openTSNE, and contrastive-ne where it is installed.

    .venv/bin/python benchmarks/emotion_space.py [--seeds 5] [--labels FILE] [--held-out dev] [--threads 1]

Each seed simulates other speakers (data set `emotion_sim`), fits every map to the ratings of the training speakers and measures
it on those of the test speakers, with the scores of the report: on different ratings, weighted by how often they occur. With
`--labels` a table with the columns `video_id`, `start`, `split` and one of each emotion is measured instead: rows of `train`
are fitted, rows of `--held-out` are measured, and seeds differ in the networks alone.

One network of each is fitted (`members = 1`). Seconds are CPU time of this process. `contrastive-ne` 0.4.0 is asked for in an
environment of its own, never a dependency: `pip install --no-deps contrastive-ne annoy` there beside `reportgen[run]`.
"""

import argparse
import contextlib
import csv
import importlib
import io
import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

EMOTIONS = ("happy", "sad", "anger", "surprise", "disgust", "fear")
SCALE = (0.0, 3.0)
SCORES = ("trustworthiness", "continuity", "recall", "spearman", "steps")
SHORTER = (50, 100, 200, 400)
"""Steps of ours, beside the default: how soon does it reach what the one of 2009 reaches?"""
POINTS = 100_000
Rows = tuple[np.ndarray, np.ndarray]
"""Ratings (row, emotion) and the video of each (row,) int, rows of a video in the order of time."""
Place = Callable[[np.ndarray], np.ndarray]
Fit = Callable[[], tuple[Place, int]]
"""Fits a map; how many steps it took, 0 of what has none."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One map of one seed."""

    seconds: float  # of CPU time, to fit it
    scores: Mapping[str, float]  # on what was held out
    steps: int


def main() -> None:
    """Fit, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=11, help="the first seed")
    parser.add_argument("--videos", type=int, default=700, help="that are simulated")
    parser.add_argument("--labels", type=Path, help="a table of real ratings")
    parser.add_argument("--held-out", default="dev", help="what its held out rows have in the column split")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(options.threads)  # before torch is loaded
    import torch

    torch.set_num_threads(options.threads)
    seeds = range(options.first, options.first + options.seeds)
    found = [dict(all_of(*data_of(options, seed), seed)) for seed in seeds]
    title = options.labels.name if options.labels else "simulated speakers"
    print(f"\n{title}, {options.seeds} seeds, median (least – most), on held out ratings")
    print(f"{'':34s}{'CPU s':>20s}{''.join(f'{score:>22s}' for score in SCORES)}")
    for name in found[0]:
        print(f"{name:34s}{spread([one[name].seconds for one in found], 1):>20s}", end="")
        print("".join(f"{spread([one[name].scores[score] for one in found], 3):>22s}" for score in SCORES))
    verdicts(found)
    mapping_speed(options.threads)


def data_of(options: argparse.Namespace, seed: int) -> tuple[Rows, Rows]:
    """What is fitted, and what is held out."""
    if options.labels:
        return table(options.labels, "train"), table(options.labels, options.held_out)
    from reportgen.datasets.emotion_sim import load

    whole = list(load(videos=options.videos, seed=seed))
    parts = [[one for one in whole if one.part == part] for part in ("train", "test")]
    first, second = (
        (np.concatenate([one.values for one in part]), np.repeat(np.arange(len(part)), [len(one.values) for one in part]))
        for part in parts
    )
    return first, second


def table(path: Path, part: str) -> Rows:
    """The rows of one part."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == part]
    rows.sort(key=lambda row: (row["video_id"], float(row["start"])))
    values = np.array([[float(row[name]) for name in EMOTIONS] for row in rows], np.float32)
    return values, np.unique([row["video_id"] for row in rows], return_inverse=True)[1]


def all_of(train: Rows, test: Rows, seed: int) -> Iterator[tuple[str, Measured]]:
    """Every map of one seed, by name."""
    from reportgen.embedding.distinct import distinct
    from reportgen.embedding.quality import Mapped, quality

    known, held = distinct(train[0]), distinct(test[0])
    print(
        f"seed {seed}: {len(train[0])} rows, {len(known)} different; held out {len(test[0])}, {len(held)} different", flush=True
    )

    def measured(fit: Fit) -> Measured:
        begun = time.process_time()
        place, steps = fit()
        seconds = time.process_time() - begun
        found = quality(Mapped(held, place(held.vectors), test[1]), k=15, resamples=0, seed=0)
        return Measured(seconds, {score: found[score]["mean"] or np.nan for score in SCORES}, steps)

    def ours(method: str, **settings: float) -> Measured:
        return measured(partial(parametric, known, seed, method, settings))

    ours("infonce", steps=5)  # what is loaded on the first use is not counted
    old = ours("vdm2009")
    default = ours("infonce")
    yield "vdm2009 (default)", old
    yield "vdm2009, each segment counts", ours("vdm2009", multiplicity=1.0)
    yield "vdm2009, in the time of infonce", ours("vdm2009", steps=max(5, round(old.steps * default.seconds / old.seconds)))
    for steps in SHORTER:
        yield f"infonce, {steps} steps", ours("infonce", steps=steps)
    yield "infonce (default)", default
    yield "infonce, in the time of vdm2009", ours("infonce", steps=round(default.steps * old.seconds / default.seconds))
    yield "infonce, neighbours alone", ours("infonce", distances=0.0)
    yield "PCA", measured(partial(peer_of, "pca", known, seed))
    yield "openTSNE (no function)", measured(partial(peer_of, "opentsne", known, seed))
    if (contrastive := contrastive_ne(known, seed)) is not None:
        yield "contrastive-ne, parametric", measured(contrastive)


def parametric(known: object, seed: int, method: str, settings: Mapping[str, float]) -> tuple[Place, int]:
    """One network of ours."""
    from reportgen.core import Place as Where
    from reportgen.mapping.fitting import fit
    from reportgen.mapping.projection import Projection

    fitted = fit(known, EMOTIONS, SCALE, Where("cpu", seed), method=method, members=1, **settings)  # type: ignore[arg-type]
    projection = Projection(EMOTIONS, fitted.tensors)
    return lambda vectors: projection(vectors).at, fitted.settings["steps"]


def peer_of(key: str, known: object, seed: int) -> tuple[Place, int]:
    """What the report shows beside ours."""
    from reportgen.embedding.peers import Absent, peer

    found = peer(key, known, seed)  # type: ignore[arg-type]
    if isinstance(found, Absent):
        raise SystemExit(found.why)
    return found.place, 0


def contrastive_ne(known: object, seed: int) -> Fit | None:
    """InfoNCE of Damrich et al. 2023 with their network, and Adam as they advise for networks; None where it is absent."""
    try:
        cne = importlib.import_module("cne")
    except ImportError:
        print("contrastive-ne is not installed: left out")
        return None
    vectors = known.vectors  # type: ignore[attr-defined]

    def fitted() -> tuple[Place, int]:
        how = {"batch_size": 1024, "negative_samples": 100, "n_epochs": 40, "optimizer": "adam", "loss_mode": "infonce"}
        embedder = cne.CNE(parametric=True, k=15, seed=seed, device="cpu", data_on_gpu=False, print_freq_epoch=None, **how)
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            embedder.fit(vectors, init=vectors[:, :2])  # a network has no first layout, but the length of one is asked for
        return lambda others: np.asarray(embedder.transform(others)), 0

    return fitted


def spread(values: Sequence[float], digits: int) -> str:
    """Median (least – most)."""
    return f"{np.median(values):.{digits}f} ({np.min(values):.{digits}f} – {np.max(values):.{digits}f})"


def verdicts(found: Sequence[Mapping[str, Measured]]) -> None:
    """What the targets ask: seconds at equal recall, and scores at equal seconds."""
    names = [name for name in found[0] if name.startswith("infonce") and "alone" not in name]
    ratios = []
    for one in found:
        old = one["vdm2009 (default)"]
        enough = [one[name].seconds for name in names if one[name].scores["recall"] >= old.scores["recall"]]
        ratios.append(old.seconds / min(enough, default=np.nan))
    print(f"\nCPU time of vdm2009 by that of the shortest infonce with its recall: {spread(ratios, 1)} (wanted 2, aimed at 3)")
    for name, other in (
        ("infonce, in the time of vdm2009", "vdm2009 (default)"),
        ("infonce (default)", "vdm2009, in the time of infonce"),
    ):
        gaps = {score: [one[name].scores[score] - one[other].scores[score] for one in found] for score in SCORES}
        print(f"{name}, less {other}: " + ", ".join(f"{score} {spread(gap, 3)}" for score, gap in gaps.items()))


def mapping_speed(threads: int) -> None:
    """Wall seconds in which a map of five networks places very many unseen ratings."""
    from reportgen.embedding.distinct import distinct

    rng = np.random.default_rng(0)
    known = distinct(rng.integers(0, 10, (500, len(EMOTIONS))) / 3)
    from reportgen.core import Place as Where
    from reportgen.mapping.fitting import fit
    from reportgen.mapping.projection import Projection

    points = rng.uniform(0, 3, (POINTS, len(EMOTIONS))).astype(np.float32)
    for method in ("infonce", "vdm2009"):
        for members in (5, 1):
            fitted = fit(known, EMOTIONS, SCALE, Where("cpu", 0), method=method, members=members, steps=2)  # type: ignore[arg-type]
            projection = Projection(EMOTIONS, fitted.tensors)
            begun = time.perf_counter()
            projection(points)
            print(f"{POINTS} points, {method}, {members} networks, {threads} threads: {time.perf_counter() - begun:.2f} s")


if __name__ == "__main__":
    main()
