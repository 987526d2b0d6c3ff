"""Step: the samples of an experiment in a plane, and whether it is the class or the person that puts them side by side.

It looks at all samples, whatever the split: the planes describe the data and choose nothing. Up to `samples` are drawn, as many
of each trial as there are; all that follows is of these. Features are flattened and standardised, those that do not vary left
out.

Kind `projection`, an npz archive:

    index (sample,) into the samples of the experiment    pca (sample, 3)    explained (component,): share of the variance
    tsne (sample, 2): of the first principal components, twelve at most
    label (sample,) index of class    trial (sample,) text
    unit () text: subject, recording or trial, what several of there are    member (sample,) text: the sample's one
    classes, spaces, orders text: classes, (components, tsne), (class, unit)
    neighbours (space, order): share of the 10 nearest samples of other trials that are of the same class, or of the same unit
    chance (order,): the same share of samples drawn by lot from other trials
    perplexity (): as used, which is less than asked for of few samples    of (): samples of the experiment
    left_out (): of them, samples with values that are no numbers

`components` are the principal components that t-SNE is given. A share is NaN where no trial but the sample's own has its
unit. Coordinates have no unit, and distances between groups in t-SNE's plane mean nothing.
"""

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from reportgen.errors import StepError
from reportgen.outputs import Inputs, Out
from reportgen.units import units_of
from reportgen.work import Work

COMPONENTS = 12
"""What t-SNE is given at most."""
NEIGHBOURS = 10
_FEWEST = 10  # samples
_BATCH = 4096  # samples that are looked through at a time


def run(inputs: Inputs, out: Out, work: Work, *, perplexity: float, samples: int, seed: int) -> None:
    """Write projection from facts, samples, labels and rows.

    Args:
        inputs: of the experiment.
        out: to write into.
        work: hears how far it is.
        perplexity: of t-SNE.
        samples: how many are drawn at most.
        seed: of the draw and of both projections.

    Raises:
        StepError: too few samples.
    """
    rows, x = inputs.one("rows"), inputs.one("samples")
    index, left_out = _drawn(x, rows["trial"], samples, seed)
    labels, trial = np.asarray(inputs.one("labels"))[index], rows["trial"][index]
    unit, member = units_of(rows)
    work.progress(0, 2, f"principal components of {len(index)} samples")
    components, explained = _components(np.asarray(x[index], np.float64).reshape(len(index), -1), seed)
    work.progress(1, 2, f"t-SNE of {len(index)} samples")
    used = min(perplexity, (len(index) - 1) / 3)
    plane = _plane(components, used, seed)
    orders = np.stack([labels, np.unique(member[index], return_inverse=True)[1]])  # (order, sample)
    arrays = {
        "index": index.astype(np.int32),
        "pca": _three(components),
        "explained": explained,
        "tsne": plane,
        "label": labels,
        "trial": trial,
        "unit": np.array(unit),
        "member": member[index],
        "classes": np.array(inputs.one("facts")["classes"]),
        "spaces": np.array(["components", "tsne"]),
        "orders": np.array(["class", "unit"]),
        "neighbours": np.stack([_neighbours(space, orders, trial) for space in (components, plane)]),
        "chance": _chance(orders, trial),
        "perplexity": np.array(used),
        "of": np.array(len(x)),
        "left_out": np.array(left_out),
    }
    np.savez_compressed(out.path("projection", ".npz"), **arrays)


def _drawn(x: np.ndarray, trials: np.ndarray, samples: int, seed: int) -> tuple[np.ndarray, int]:
    """Samples without holes, as many of each trial as there are, in their order; and how many have holes."""
    parts = (x[start : start + _BATCH] for start in range(0, len(x), _BATCH))  # all of them may be more than the memory holds
    whole = np.concatenate([np.isfinite(part).reshape(len(part), -1).all(axis=1) for part in parts])
    index = np.flatnonzero(whole)
    if len(index) < _FEWEST:
        raise StepError(f"{len(index)} samples are too few to project", f"At least {_FEWEST} are needed: use shorter windows.")
    lots = np.random.default_rng(seed).random(len(index))
    trial = np.unique(trials[index], return_inverse=True)[1]
    order = np.lexsort((lots, trial))
    first = np.searchsorted(trial[order], np.arange(trial.max() + 1))
    turn = np.empty(len(index), int)  # of its trial, as which a sample is drawn
    turn[order] = np.arange(len(index)) - first[trial[order]]
    return np.sort(index[np.lexsort((lots, turn))[:samples]]), int((~whole).sum())


def _components(x: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The first principal components (sample, component), and the share of the variance that each explains."""
    spread = x.std(axis=0)
    varies = spread > 1e-9 * np.abs(x).max(axis=0)
    if not varies.any():
        raise StepError("all samples are the same: there is nothing to project", "Look at the data set and the features.")
    scaled = (x[:, varies] - x[:, varies].mean(axis=0)) / spread[varies]
    pca = PCA(min(COMPONENTS, *scaled.shape), random_state=seed)
    return np.asarray(pca.fit_transform(scaled)), np.asarray(pca.explained_variance_ratio_)


def _three(components: np.ndarray) -> np.ndarray:
    """The first three columns; zeros where there are fewer."""
    return np.pad(components[:, :3], ((0, 0), (0, max(0, 3 - components.shape[1]))))


def _plane(components: np.ndarray, perplexity: float, seed: int) -> np.ndarray:
    how = {"init": "pca" if components.shape[1] > 1 else "random", "random_state": seed, "n_jobs": 1}
    return np.asarray(TSNE(perplexity=perplexity, **how).fit_transform(components))


def _neighbours(points: np.ndarray, orders: np.ndarray, trial: np.ndarray) -> np.ndarray:
    """Share of the nearest samples of other trials that are like the sample, for each order: (order,)."""
    lengths = (points**2).sum(axis=1)
    distances = lengths[:, None] + lengths - 2 * points @ points.T
    other = trial[:, None] != trial
    count = min(NEIGHBOURS, int(other.sum(axis=1).min()))
    if not count:
        return np.full(len(orders), np.nan)
    nearest = np.argpartition(np.where(other, distances, np.inf), count - 1, axis=1)[:, :count]
    like = (orders[:, nearest] == orders[:, :, None]).mean(axis=(1, 2))
    return np.where(_known(orders, trial), like, np.nan)


def _chance(orders: np.ndarray, trial: np.ndarray) -> np.ndarray:
    """The share among all samples of other trials: (order,)."""
    other = trial[:, None] != trial
    if not other.any(axis=1).all():
        return np.full(len(orders), np.nan)
    like = [((order[:, None] == order) & other).sum(axis=1) / other.sum(axis=1) for order in orders]
    return np.where(_known(orders, trial), [share.mean() for share in like], np.nan)


def _known(orders: np.ndarray, trial: np.ndarray) -> np.ndarray:
    """Whether several trials are of one class or unit: (order,) bool."""
    names = np.unique(trial, return_inverse=True)[1]
    return np.array([len(np.unique(np.stack([order, names]), axis=1).T) > len(np.unique(order)) for order in orders])
