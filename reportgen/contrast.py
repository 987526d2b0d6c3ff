"""The same model under several splits, unit by unit: what the kind `contrast` is made of.

A kind `contrast` is the JSON object

    {"dataset", "unit": "subject" | "recording" | "trial", "units": [names], "n_units": those that all experiments test,
     "chance": 1 / classes,
     "experiments": [{"name", "split": what tells it apart: "loso" or "kfold, by = clip", "accuracy": mean over its units,
                      "low", "high", "units": [accuracy, or null where the split does not test it, in the order above]}],
     "pairs": [{"first", "second", "difference": accuracy of the first less that of the second, "low", "high", "p", "p_holm",
                "units": number of units that both test, "names_gap": one of `GAPS`, or ""}]}

Every unit counts alike, however many windows it has: another number than the accuracy in `scores`, where every window counts
alike. Experiments stand in the order of what their splits let a model know of what it is tested on, most first; splits
that are not known here come last. Differences are means over the units that both test, null if there is none.

A pair names a gap only if the second split takes away exactly that from the first. It is the worth of that knowledge to
models that also learnt from more or fewer trials, of other people or the same one: splits differ in that as well.

Limits are those of 95 % intervals: units are resampled, the same ones for both of a pair (see `bootstrap`). `p` is of the
two-sided sign-flip test over units, `p_holm` corrected for all pairs. With fewer than six units limits and p-values are null.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from reportgen.bootstrap import MIN_GROUPS, interval, resample
from reportgen.comparison import holm, sign_flip

Split = Mapping[str, Any]
"""`use` and `settings`, as in a study."""
GAPS = ("session", "subject identity", "stimulus identity")
_KFOLD: Mapping[str, str] = {  # what kfold comes to by what it keeps together
    "clip": "kfold by clip",
    "recording": "cross_session",
    "session": "cross_session",
    "subject": "loso",
}
_ORDER = ("kfold", "kfold by clip", "front_back", "cross_session", "loso", "loso_clip", "cross_dataset")
_GAPS: Mapping[tuple[str, str], str] = {
    ("kfold", "kfold by clip"): "stimulus identity",
    ("loso", "loso_clip"): "stimulus identity",
    ("kfold", "cross_session"): "session",
    ("kfold", "loso"): "subject identity",  # and the session, which nobody knows of a stranger
    ("cross_session", "loso"): "subject identity",
    ("kfold by clip", "loso_clip"): "subject identity",
    ("front_back", "loso_clip"): "subject identity",  # both test on new clips, which loso does not
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one experiment came to."""

    name: str
    split: Split
    units: Mapping[str, float]  # {name: mean accuracy over seeds}


def contrasted(outcomes: Sequence[Outcome], *, resamples: int, seed: int) -> dict[str, Any]:
    """The kind `contrast` without its `dataset`, `unit` and `chance`.

    Args:
        outcomes: of experiments that only differ in their split.
        resamples: of the bootstrap.
        seed: of the bootstrap and of the sign flips.
    """
    ordered = sorted(outcomes, key=lambda one: _rank(one.split))
    names = list(dict.fromkeys(name for one in ordered for name in one.units))
    table = np.array([[one.units.get(name, np.nan) for name in names] for one in ordered])  # (experiment, unit)
    pairs = [_pair(table, i, j, ordered, resamples, seed) for i, j in combinations(range(len(ordered)), 2)]
    corrected = iter(holm([pair["p"] for pair in pairs if pair["p"] is not None]))
    return {
        "units": names,
        "n_units": int(np.isfinite(table).all(axis=0).sum()),
        "experiments": [
            {
                "name": one.name,
                "split": _told(one.split, [other.split for other in ordered]),
                **_mean(row[np.isfinite(row)], "accuracy", resamples, seed),
                "units": [float(value) if np.isfinite(value) else None for value in row],
            }
            for one, row in zip(ordered, table, strict=True)
        ],
        "pairs": [{**pair, "p_holm": None if pair["p"] is None else next(corrected)} for pair in pairs],
    }


def _kind(split: Split) -> str:
    """The split of `_ORDER` that it comes to."""
    return _KFOLD.get(split["settings"].get("by", ""), "kfold") if split["use"] == "kfold" else str(split["use"])


def _rank(split: Split) -> int:
    kind = _kind(split)
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


def _told(split: Split, others: Sequence[Split]) -> str:
    """Its id, and the settings in which it differs from others of that id."""
    alike = [other["settings"] for other in others if other["use"] == split["use"]]
    own = [(name, value) for name, value in split["settings"].items() if any(other.get(name) != value for other in alike)]
    return ", ".join([split["use"], *(f"{name} = {value}" for name, value in own)])


def _pair(table: np.ndarray, i: int, j: int, ordered: Sequence[Outcome], resamples: int, seed: int) -> dict[str, Any]:
    """Two experiments on the units that both test."""
    differences = table[i] - table[j]
    differences = differences[np.isfinite(differences)]
    p = float(sign_flip(differences[:, None], seed=seed)[0]) if len(differences) >= MIN_GROUPS else None
    return {
        "first": ordered[i].name,
        "second": ordered[j].name,
        **_mean(differences, "difference", resamples, seed),
        "p": p,
        "units": len(differences),
        "names_gap": _GAPS.get((_kind(ordered[i].split), _kind(ordered[j].split)), ""),
    }


def _mean(values: np.ndarray, name: str, resamples: int, seed: int) -> dict[str, float | None]:
    """The mean over units (unit,) under a name, with the limits of its interval."""
    if not len(values):
        return {name: None, "low": None, "high": None}
    sums = np.stack([values, np.ones(len(values))], axis=1)
    drawn = resample(sums, lambda rows: {name: rows[:, 0] / rows[:, 1]}, resamples=resamples, seed=seed)
    low, high = interval(drawn, name)
    return {name: drawn.estimate[name], "low": low, "high": high}
