"""Other maps, fitted to the same ratings: principal components, and t-SNE that is no network."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA

from reportgen.embedding.distinct import Distinct

_PERPLEXITY = 30.0  # of openTSNE's default, and of our map's

Place = Callable[[np.ndarray], np.ndarray]
"""(vector, emotion) -> (vector, 2)."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A map to be measured beside ours."""

    title: str
    train: np.ndarray  # (distinct, 2): the vectors that it was fitted to
    place: Place  # others
    note: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """A map that could not be made."""

    why: str


def peer(key: str, known: Distinct, seed: int) -> Peer | Absent:
    """Fit a map to the different vectors of the training part.

    Args:
        key: "pca" or "opentsne".
        known: at least three different vectors.
        seed: of whatever is drawn.
    """
    return {"pca": _components, "opentsne": _neighbours}[key](known, seed)


def _components(known: Distinct, _seed: int) -> Peer:
    """Principal components of the rows: a vector counts as often as it occurs."""
    whole = np.repeat(known.vectors.astype(np.float64), known.weights.astype(int), axis=0)
    fitted = PCA(2, svd_solver="full").fit(whole)
    return Peer("PCA", fitted.transform(known.vectors.astype(np.float64)), fitted.transform)


def _neighbours(known: Distinct, seed: int) -> Peer | Absent:
    """t-SNE of the different vectors, each once: openTSNE knows no weights. Others are laid in afterwards, one by one."""
    try:
        from openTSNE import TSNE
    except ImportError as error:
        return Absent(f"openTSNE cannot be loaded: {error}")
    perplexity = min(_PERPLEXITY, (len(known) - 1) / 3)
    if perplexity < 2:
        return Absent(f"{len(known)} different ratings are too few for t-SNE")
    fitted = TSNE(perplexity=perplexity, random_state=seed, n_jobs=1).fit(known.vectors.astype(np.float64))
    note = "Not a function: each new rating is laid in by an optimisation of its own."
    return Peer("openTSNE", np.asarray(fitted), lambda vectors: np.asarray(fitted.transform(vectors.astype(np.float64))), note)
