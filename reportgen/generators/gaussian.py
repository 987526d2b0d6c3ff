"""Normal distribution with the mean and the covariance of each class."""

import numpy as np
from sklearn.covariance import ledoit_wolf_shrinkage

from reportgen.core import Place
from reportgen.generators._drawing import rows_by_class
from reportgen.synthetic import Learnable, Made
from reportgen.words import count, listing, percent

BIBTEX = """@article{ledoit2004wellconditioned,
  author = {Ledoit, Olivier and Wolf, Michael},
  title = {A Well-Conditioned Estimator for Large-Dimensional Covariance Matrices},
  journal = {Journal of Multivariate Analysis},
  year = {2004},
  volume = {88},
  number = {2},
  pages = {365--411},
  doi = {10.1016/S0047-259X(03)00096-4},
  keywords = {generator/gaussian},
}"""
_OF_MAPS = ("band_power_divergence",)  # not all of the covariance: correlations are shrunk
_AT_ONCE = 1024  # samples that are drawn together: their weights fit into memory


def generate(known: Learnable, place: Place) -> Made:
    """Draw from a normal distribution with the mean and the covariance of all numbers of a sample, class by class.

    The covariance of a window of 62 × 128 numbers is too large to be written down, and need not be: normal weights times the
    training samples, each less the mean, have exactly their covariance. So the mean power at each frequency, the mean
    autocovariance and the covariance of the channels are those of the training samples, with whatever taper. Scores look at
    typical power and not at its mean, so that none of them is kept by construction.

    Of maps the covariance is wanted between the training samples too, of which there are often fewer than numbers: their
    correlations are shrunk towards none as Ledoit and Wolf (2004) advise, on standardised numbers, which keeps every mean
    and variance. They count samples as independent ones; windows of a trial are not, and so it is shrunk too little rather
    than too much. Signals are not shrunk: that would add white noise to them.

    Raises:
        StepError: a class that is asked for has fewer than two training samples.
    """
    rows = rows_by_class(known, 2, "a covariance")
    place.progress(0, 1, "drawing")
    rng = np.random.default_rng(place.seed)
    made = np.empty((len(known.wanted), *known.domain.shape), np.float32)
    shrunk = {}
    for label, own in rows.items():
        x = known.train.x[own].reshape(len(own), -1)
        varies = np.ptp(x, axis=0) > 0  # cells of a grid without an electrode do not
        drawn = np.tile(x[0], (int(np.sum(known.wanted == label)), 1))
        shrunk[label], drawn[:, varies] = _normal(x[:, varies], len(drawn), shrink=not known.domain.signals, rng=rng)
        made[known.wanted == label] = drawn.reshape(-1, *known.domain.shape)
    if known.domain.signals:
        return Made(x=made, notes=_spanned(known, rows))
    return Made(x=made, keeps=_OF_MAPS, notes=_told(known, shrunk))


def _normal(x: np.ndarray, many: int, *, shrink: bool, rng: np.random.Generator) -> tuple[float, np.ndarray]:
    """The shrinkage in [0, 1], and draws (many, number) float32 from what x (sample, number) is distributed like."""
    mean, spread = x.mean(axis=0, dtype=float), x.std(axis=0, dtype=float)
    standard = ((x - mean) / spread).astype(np.float32)
    shrinkage = float(ledoit_wolf_shrinkage(standard, assume_centered=True)) if shrink and standard.size else 0.0
    drawn = np.empty((many, x.shape[1]), np.float32)
    for first in range(0, many, _AT_ONCE):
        part = drawn[first : first + _AT_ONCE]
        weights = rng.standard_normal((len(part), len(x)), np.float32)
        part[:] = weights @ standard * np.float32(np.sqrt((1 - shrinkage) / len(x)))
        if shrinkage:
            part += rng.standard_normal(part.shape, np.float32) * np.float32(np.sqrt(shrinkage))
    return shrinkage, drawn * spread.astype(np.float32) + mean.astype(np.float32)


def _spanned(known: Learnable, rows: dict[int, np.ndarray]) -> tuple[str, ...]:
    """That a class has fewer windows than a window has numbers."""
    numbers, most = int(np.prod(known.domain.shape)), max(map(len, rows.values()))
    if most > numbers:
        return ()
    told = f"Each draw is a sum of at most {count(most)} training windows with normal weights:"
    return (f"{told} they span few of the {count(numbers)} dimensions of a window.",)


def _told(known: Learnable, shrunk: dict[int, float]) -> tuple[str, ...]:
    shares = [f"{percent(share)} ({known.domain.classes[label]})" for label, share in shrunk.items()]
    return (f"For want of samples, correlations are shrunk towards none by {listing(shares)}.",) if shares else ()
