"""What audits know of the samples of recordings: where each one comes from, and how they are divided."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from reportgen.core import TEST, TRAIN, VALIDATION, Finding
from reportgen.outputs import Inputs
from reportgen.words import count, listing, percent

_CLIPS_ALONE = {("kfold", "kfold by clip"), ("loso", "loso_clip")}  # as contrasts name what they measure


def samples_about(about: Mapping[str, str]) -> dict[str, str]:
    """What the samples of an experiment are about: a data set of images, or what features made of recordings."""
    return {key: about[key] for key in ("dataset", "features") if key in about}


@dataclass(frozen=True, slots=True)
class Shared:
    """Test samples that belong to something that the models of their folds learned from."""

    samples: int
    of: int  # test samples
    folds: int  # in which there are such samples
    of_folds: int

    def __str__(self) -> str:
        share = percent(self.samples / self.of) if self.of else "none"
        where = f" in {count(self.folds)} of {count(self.of_folds)} folds" if self.samples and self.of_folds > 1 else ""
        return f"{count(self.samples)} of {count(self.of)} test samples ({share}){where}"


@dataclass(frozen=True, slots=True)
class Divided:
    """An experiment on recordings and its samples."""

    about: Mapping[str, str]
    split: Mapping[str, Any]  # kind `split`
    parts: np.ndarray  # (fold, sample) uint8, index into PARTS
    rows: Mapping[str, np.ndarray]  # kind `rows`

    @property
    def name(self) -> str:
        """Of the experiment."""
        return self.about["experiment"]

    def folds(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """What each model learned from, validation included, and what it is tested on: (sample,) bool both."""
        for parts in self.parts:
            yield np.isin(parts, (TRAIN, VALIDATION)), parts == TEST

    def shared(self, names: np.ndarray) -> Shared:
        """Test samples whose name (sample,) is that of a sample the model of the fold learned from; "" is unknown."""
        known, group = names != "", np.unique(names, return_inverse=True)[1]
        counts = []
        for learnt, test in self.folds():
            seen = np.bincount(group[learnt & known], minlength=group.max() + 1) > 0
            counts.append(int((seen[group] & test & known).sum()))
        return Shared(sum(counts), int((self.parts == TEST).sum()), sum(map(bool, counts)), len(counts))


def divided(inputs: Inputs, **about: str) -> Iterator[Divided]:
    """Every experiment on recordings that is divided; images have no rows to look at."""
    for own, split in inputs.all("split", **about):
        if "features" in own:
            parts = np.atleast_2d(inputs.one("parts", experiment=own["experiment"]))
            yield Divided(own, split, parts, inputs.one("rows", **samples_about(own)))


def measures_clips(one: Divided, other: Divided) -> bool:
    """Whether another experiment on the data differs from one in that its models know no clip of their test, and in that alone.

    Another data set of a pool, for one, brings other people, rooms and amplifiers besides other clips.
    """
    known = "loso" if _kind(one) == "kfold by subject" else _kind(one)
    return one.about["dataset"] == other.about["dataset"] and (known, _kind(other)) in _CLIPS_ALONE


def _kind(one: Divided) -> str:
    use, by = one.split["name"], one.split["settings"].get("by", "trial")
    return use if use != "kfold" or by == "trial" else f"kfold by {by}"


def told_once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Notices and warnings that say the same of several experiments, once, naming the others; errors stand at each of them."""
    alike: dict[Finding, list[str]] = {}
    for finding in findings:
        single = finding.severity in ("ok", "error")
        alike.setdefault(finding if single else replace(finding, about=""), []).append(finding.about)
    for finding, (first, *others) in alike.items():
        more = f"; the same holds for {listing([other.removeprefix('experiment ') for other in others])}" if others else ""
        yield replace(finding, about=first, evidence=finding.evidence + more)
