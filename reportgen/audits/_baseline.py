"""When a score is above what naming the most frequent class would reach."""

from collections.abc import Mapping
from typing import Any

from reportgen.bootstrap import MIN_GROUPS
from reportgen.core import Severity

_REMEDY = "Look at how it learned, try other features or more data, or say that nothing was learned."


def above_all(view: Mapping[str, Any]) -> Mapping[str, Any]:
    """The difference {difference, low, high} of accuracy to the baseline, or to chance where that is higher.

    Args:
        view: of kind `scores`.
    """
    above: Mapping[str, Any] = view["above_baseline"]
    accuracy, chance = view["metrics"]["accuracy"], view["baseline"]["chance"]
    if accuracy["mean"] - chance >= above["difference"]:
        return above
    known = accuracy["low"] is not None
    limits = {name: accuracy[name] - chance if known else None for name in ("low", "high")}
    return {"difference": accuracy["mean"] - chance, **limits}


def verdict(difference: Mapping[str, Any], groups: int) -> tuple[Severity, str, str]:
    """How grave it is, what to say of the accuracy, and what to do, given how many independent groups were tested."""
    low, high = difference["low"], difference["high"]
    if groups < MIN_GROUPS:
        return "notice", "cannot be told from its baseline by so few groups", "Test on more independent samples."
    if high is not None and high < 0:
        return "error", "is below its baseline", _REMEDY
    # Without an interval all resamples agree: the two never differ, or always by the same.
    if (low if low is not None else difference["difference"]) > 0:
        return "ok", "is above its baseline", ""
    return "warning", "is not clearly above its baseline", _REMEDY
