"""Scores of synthetic samples: what they are called, which of them count, and how their numbers are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reportgen.report.results import Score
from reportgen.words import ABSENT, NO_BREAK, fixed

SHORT: Mapping[str, str] = {
    "psd_distance": "spectrum",
    "band_power_divergence": "band power",
    "covariance_distance": "covariance",
    "autocorrelation_distance": "autocorrelation",
    "sliced_wasserstein": "sliced Wasserstein distance",
    "mmd": "MMD²",
    "frechet": "Fréchet distance",
    "density": "density",
    "coverage": "coverage",
    "two_sample_auc": "two-sample test",
    "tstr": "TSTR",
    "trts": "TRTS",
    "augmentation": "augmentation",
    "memory_ratio": "memorisation ratio",
}
"""What scores are called in sentences."""
UNCOUNTED = ("trts", "augmentation", "memory_ratio")
"""Scores that never count for how real samples are: one is won by exaggerating, two say how useful and how new they are."""
_SMALL = 0.1

Found = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(Score):
    """A score that never reads −0.00, and whose interval does not read as if it held 0 where it does not."""

    @property
    def places(self) -> int:
        """No more than three of what is not small: 1.000, whatever its interval; none of what is whole and does not vary."""
        places = min(super(Shown, self).places, 4 if abs(self.mean or 0.0) < _SMALL else 3)
        if self.low is None or self.high is None:
            return places
        if self.low == self.high == self.mean and float(self.mean).is_integer():
            return 0
        nearest = min(abs(self.low), abs(self.high))
        hidden = self.low * self.high > 0 and not round(nearest, places)
        return places + 1 if hidden and round(nearest, places + 1) else places

    @property
    def value(self) -> str:
        """0.676."""
        return self._fixed(self.mean)

    @property
    def interval(self) -> str:
        """[0.661, 0.691], or a dash."""
        return f"[{self._fixed(self.low)},{NO_BREAK}{self._fixed(self.high)}]" if self.certain else ABSENT

    def _fixed(self, value: float | None) -> str:
        return fixed(None if value is None else round(value, self.places) + 0.0, self.places)  # no −0.00


def short(name: str, titles: Mapping[str, str]) -> str:
    """What a score is called in a sentence; one that is not known here by its title."""
    return SHORT.get(name, titles.get(name, name))


def titles_of(found: Found) -> dict[str, str]:
    """{score: title}."""
    return {row["score"]: row["title"] for row in found["scores"]}


def score(value: Found | None) -> Shown | None:
    """A mean with its limits, None where there is no mean."""
    if not value or value.get("mean") is None:
        return None
    return Shown(mean=value["mean"], sd=None, low=value.get("low"), high=value.get("high"), seeds=())


def certain(value: Found | None) -> bool:
    """Whether something may be claimed of a number."""
    found = score(value)
    return found is not None and found.certain


def upper(text: str) -> str:
    """As a sentence begins."""
    return f"{text[:1].upper()}{text[1:]}"
