"""What nearest neighbours tell: how well a candidate fills the real distribution, and whether it copies what it learned from.

Windows of one trial lie near each other. Balls around real samples therefore reach to neighbours of other trials: with those
of their own trial they would be so small that real samples of new trials miss them, and nothing could be told from the
training part, which has only other trials.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA

from reportgen.realism.descriptors import in_blocks
from reportgen.realism.sets import Crowd, Pair, TooFewError
from reportgen.realism.spectral import enough

NEIGHBOURS = 5
"""The k of Naeem et al.: balls reach to the fifth neighbour."""
UNUSUAL = 0.05
"""Share of real samples that pass for copies."""
IDENTICAL = 0.1
"""Ratio of distances below which a sample is a copy."""
_DRAWS = 8  # of training samples in the number of the test part's
_WAVEFORM_COMPONENTS = 32  # of windows: what all windows have in common, and little of their noise
_WAVEFORM_SAMPLES = 1000  # of the training part that they are fitted to


def density(pair: Pair) -> np.ndarray:
    """In how many balls of real samples a synthetic one lies, divided by k (Naeem et al. 2020, arXiv 2002.09797).

    About 1 for a perfect generator, and a little more as balls reach past the own trial; 0 for samples where no real ones
    are, well above 1 for ones that crowd in the middle.

    Returns:
        (1 + resample,): the score, then its resamples: balls and samples count as often as they are drawn.

    Raises:
        TooFewError: too few trials or samples, or a real sample has fewer than k others of other trials.
    """
    inside = _inside(pair)
    return np.asarray(np.einsum("ri,ri->r", pair.real_weights, pair.made_weights @ inside.T) / (NEIGHBOURS * len(pair.made)))


def coverage(pair: Pair) -> np.ndarray:
    """Share of real samples in whose ball any synthetic sample lies (Naeem et al. 2020).

    For equal distributions and numbers about 1 − 0.5^k = 0.97; near 0 for samples that lie elsewhere. A single mode in the
    middle of all real samples may lie in many balls: see `distinct`.

    In a resample a ball counts as often as its own real sample is drawn. One that samples of a single group reach counts as
    often as that group is drawn as well: were it only found or lost, resamples, which have fewer distinct groups, would
    all lie below the score.

    Returns:
        (1 + resample,): the score, then its resamples.

    Raises:
        TooFewError: as in `density`.
    """
    inside = _inside(pair)
    hits = inside.sum(axis=1)
    _, own = np.unique(pair.made.group, return_inverse=True)
    groups = (inside @ (own[:, None] == np.arange(own.max() + 1)) > 0).sum(axis=1)
    drawn = pair.made_weights @ inside.T / np.maximum(hits, 1)  # (1 + resample, ball)
    found = np.where(groups == 1, drawn, (groups > 0).astype(float))
    return np.asarray((pair.real_weights * found).sum(axis=1) / len(pair.real))


def _inside(pair: Pair) -> np.ndarray:
    """(real sample, made sample) 1.0 where the second lies in the ball of the first."""
    enough(pair)
    real, made = pair.real.views["scaled"], pair.made.views["scaled"]
    apart = _to_other_groups(pair.real)
    others = np.isfinite(apart).sum(axis=1).min()
    if others < NEIGHBOURS:
        raise TooFewError(f"a real sample has {others} others of other trials; it needs {NEIGHBOURS}")
    radii = np.partition(apart, NEIGHBOURS - 1, axis=1)[:, NEIGHBOURS - 1]
    return np.asarray(cdist(real, made) <= radii[:, None], dtype=float)


def _to_other_groups(crowd: Crowd) -> np.ndarray:
    """Distances (sample, sample), infinite within a group."""
    components = crowd.views["scaled"]
    return np.where(crowd.group[:, None] == crowd.group, np.inf, cdist(components, components))


def distinct(pair: Pair) -> float:
    """Mean distance between a candidate's own samples of a class ÷ that of real ones, median over classes.

    About 1 where a candidate varies as real samples do, 0 where it makes the same sample again and again. Pairs within a
    group do not count: windows of a trial are alike, on either side.

    Raises:
        TooFewError: no class has two groups on each side.
    """
    own = {"real": _to_other_groups(pair.real), "made": _to_other_groups(pair.made)}
    ratios = []
    for label in range(len(pair.domain.classes)):
        real, made = (
            apart[np.ix_(crowd.of_class(label), crowd.of_class(label))]
            for apart, crowd in ((own["real"], pair.real), (own["made"], pair.made))
        )
        if np.isfinite(real).any() and np.isfinite(made).any():
            ratios.append(made[np.isfinite(made)].mean() / max(real[np.isfinite(real)].mean(), np.finfo(float).tiny))
    if not ratios:
        raise TooFewError("no class has two groups of samples on each side; it needs at least one such class")
    return float(np.median(ratios))


def memory_ratio(pair: Pair) -> np.ndarray:
    """Distance to the nearest training sample ÷ distance to the nearest real sample of the test part; median over `made`.

    1: no nearer to what was learned from than to what was never seen; 0: copies. All of the training part is searched, or
    copies of trials that are left out would go unseen; more samples lie nearer by their number alone, which `_nearness`
    takes away, so that 1 holds for references in equal numbers of samples and trials.

    Signals are compared in two spaces, and the smaller ratio counts: the view `scaled`, where a copy that is shifted in
    time or rescaled lies near its origin, and the waveforms themselves, where noise does not hide a copy.

    Returns:
        (1 + resample,): the score, then its resamples.

    Raises:
        TooFewError: too few trials or samples.
    """
    return np.asarray(np.min([_weighted_median(space.of_made(), pair.made_weights) for space in _spaces(pair)], axis=0))


def memory_floor(pair: Pair) -> np.ndarray:
    """`memory_ratio` of real samples of the test part, each without its own kin among the held-out ones.

    Kin are windows of a trial; where no person is in both parts, all of a person: to a test sample the training part is then
    other people, and so must be what was held out.
    """
    return np.asarray(np.min([_weighted_median(space.of_real(), pair.real_weights) for space in _spaces(pair)], axis=0))


def copies(pair: Pair) -> float:
    """Share of synthetic samples that are nearer to a training sample than 95 % of real test samples are; 0.05 is expected.

    Near is meant in relation to the nearest held-out sample, as in `memory_ratio`: samples in the middle of the distribution,
    where a timid generator makes them, are near to everything, and no copies for that. Of two spaces the one counts in which
    a sample is nearer than more of the real ones.
    """
    ranks = [(_rank(space.of_real(), space.of_real()), _rank(space.of_made(), space.of_real())) for space in _spaces(pair)]
    real, made = (np.min(side, axis=0) for side in zip(*ranks, strict=True))
    return float(np.mean(made <= np.quantile(real, UNUSUAL, method="lower")))


def identical(pair: Pair) -> float:
    """Share of synthetic samples that are ten times nearer to a training sample than to any held-out one.

    Exact copies are infinitely nearer. Means of two samples are not: half of the way to the other one is left.
    """
    return float(np.mean(np.min([space.of_made() for space in _spaces(pair)], axis=0) < IDENTICAL))


def _rank(values: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Share of `among` below each value."""
    return np.searchsorted(np.sort(among), values) / len(among)


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(1 + resample,): the smallest of values (sample,) that half of the weights (1 + resample, sample) do not exceed."""
    order = np.argsort(values)
    reached = np.cumsum(weights[:, order], axis=1) >= weights.sum(axis=1, keepdims=True) / 2 - 1e-9
    return np.asarray(values[order][reached.argmax(axis=1)])


@dataclass(frozen=True, slots=True)
class _Space:
    """Distances within a space of numbers where near means alike."""

    made_known: np.ndarray  # (made sample,) to the nearest training sample
    made_unseen: np.ndarray  # (made sample,) to the nearest test sample
    real_known: np.ndarray  # (test sample,)
    real_unseen: np.ndarray  # (test sample,) its own kin left out
    nearness: float  # of `_nearness`

    def of_made(self) -> np.ndarray:
        """Ratio of each synthetic sample (sample,)."""
        return self._ratio(self.made_known, self.made_unseen)

    def of_real(self) -> np.ndarray:
        """Ratio of each test sample (sample,)."""
        return self._ratio(self.real_known, self.real_unseen)

    def _ratio(self, known: np.ndarray, unseen: np.ndarray) -> np.ndarray:
        nothing = np.finfo(float).tiny  # where it is all that there is, the ratio is 1
        return np.asarray((known + nothing) / (unseen * self.nearness + nothing))


def _spaces(pair: Pair) -> list[_Space]:
    """Where copies are looked for."""
    enough(pair)
    seen = [_space(pair, *(crowd.views["scaled"] for crowd in (pair.made, pair.real, pair.train)))]
    return [*seen, _space(pair, *_waveforms(pair))] if pair.domain.signals else seen


def _space(pair: Pair, made: np.ndarray, real: np.ndarray, train: np.ndarray) -> _Space:
    """Of crowds as points (sample, number)."""
    to_train, kin = cdist(real, train), pair.real.group if pair.real.kin is None else pair.real.kin
    to_others = np.where(kin[:, None] == kin, np.inf, cdist(real, real)).min(axis=1)
    if not np.isfinite(to_others).all():
        raise TooFewError("the test part is one person, unknown to the training part; another one is needed to compare with")
    return _Space(
        cdist(made, train).min(axis=1),
        cdist(made, real).min(axis=1),
        to_train.min(axis=1),
        to_others,
        _nearness(pair, to_train),
    )


def _nearness(pair: Pair, apart: np.ndarray) -> float:
    """By how much numbers alone bring the training part nearer than the test part would be; 1 where it is no larger.

    Median distance of test samples to the nearest of all training samples ÷ to the nearest of some drawn training samples: of
    as many trials, and together as many samples, as the test part has.

    Args:
        pair: candidate and test part.
        apart: distances (test sample, training sample).
    """
    rng = np.random.default_rng(pair.seed)
    names = np.unique(pair.train.group)
    drawn = []
    for _ in range(_DRAWS):
        rows = np.flatnonzero(np.isin(pair.train.group, rng.permutation(names)[: pair.real.groups]))
        drawn.append(apart[:, rng.permutation(rows)[: len(pair.real)]].min(axis=1))
    return float(np.median(apart.min(axis=1)) / max(np.median(drawn), np.finfo(float).tiny))


def _waveforms(pair: Pair) -> list[np.ndarray]:
    """Synthetic, test and training samples (sample, component): standardised windows along the training part's components."""
    some = np.sort(np.random.default_rng(pair.seed).permutation(len(pair.train))[:_WAVEFORM_SAMPLES])
    fitted = _standardised(pair.train.x[some])
    components = min(_WAVEFORM_COMPONENTS, *fitted.shape)
    axes = PCA(components, svd_solver="randomized", random_state=pair.seed).fit(fitted).components_.T
    return [in_blocks(lambda x: _standardised(x) @ axes, crowd.x).astype(float) for crowd in (pair.made, pair.real, pair.train)]


def _standardised(x: np.ndarray) -> np.ndarray:
    """(sample, channel × time): each channel less its mean, the window then divided by its size, which shall not matter."""
    flat = (x - x.mean(axis=-1, keepdims=True)).reshape(len(x), -1)
    return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), np.finfo(np.float32).tiny))
