"""How figures put numbers and names into titles and captions, on top of `reportgen.words`."""

from collections.abc import Mapping
from typing import Any

from reportgen.bootstrap import MIN_GROUPS
from reportgen.outputs import Inputs
from reportgen.words import count, decimals, fixed

_NOUNS: Mapping[str, str] = {"happy": "happiness", "sad": "sadness", "angry": "anger"}


_GUESSES: Mapping[str, str] = {
    "most_frequent": "It always answers the most frequent class of its training",
    "class_distribution": "It answers at random, as often as each class is in its training",
}
_UNSUPPORTED = 2  # decimal places of a score without an interval


def guess(inputs: Inputs) -> str:
    """What the model of an experiment does if it looks at no sample, else nothing."""
    return next((_GUESSES.get(model["id"], "") for _, model in inputs.all("model")), "")


def noun(name: str) -> str:
    """The emotion that a class stands for: "sad" is sadness."""
    return _NOUNS.get(name.lower(), name)


def sentence(text: str) -> str:
    """The text with a capital letter at its start."""
    return text[:1].upper() + text[1:]


def counted(n: int, what: str) -> str:
    """`1 sample`, `3 589 samples`."""
    return f"{count(n)} {what}{'' if n == 1 else 's'}"


def number(metric: Mapping[str, Any]) -> str:
    """The mean of a metric of `scores`, to the digits that its interval supports: 0.676."""
    return fixed(metric["mean"], _places(metric))


def with_interval(metric: Mapping[str, Any]) -> str:
    """A metric of `scores` with its 95 % interval, if there is one: 0.676 [0.661, 0.691]."""
    if metric["low"] is None or metric["high"] is None:
        return number(metric)
    low, high = (fixed(metric[end], _places(metric)) for end in ("low", "high"))
    return f"{number(metric)} [{low}, {high}]"


def why_no_interval(groups: int, unit: str) -> str:
    """The reason why the accuracy over so many independent groups has no interval."""
    if groups < MIN_GROUPS:
        return f"There are too few {unit}s for an interval."
    return f"There is no interval, as all resamples of the {unit}s have the same accuracy: they do not show how it varies."


def _places(metric: Mapping[str, Any]) -> int:
    if metric["low"] is None or metric["high"] is None:
        return _UNSUPPORTED
    return decimals((metric["high"] - metric["low"]) / 2)
