"""How figures put numbers and names into titles and captions."""

from collections.abc import Mapping, Sequence
from math import floor, log10
from typing import Any

_NOUNS: Mapping[str, str] = {"happy": "happiness", "sad": "sadness", "angry": "anger"}


def noun(name: str) -> str:
    """The emotion that a class stands for: "sad" is sadness."""
    return _NOUNS.get(name.lower(), name)


def sentence(text: str) -> str:
    """The text with a capital letter at its start."""
    return text[:1].upper() + text[1:]


def number(value: float, low: float | None = None, high: float | None = None) -> str:
    """A value to the digits that its interval supports, two without one: 0.676 for ± 0.015, 0.68 for ± 0.04.

    Rule of the Particle Data Group (2024, 5.3): an uncertainty up to 0.0354… keeps two digits, a larger one keeps one.
    """
    half = (high - low) / 2 if low is not None and high is not None else 0.0
    if half <= 0:
        return f"{value:.2f}"
    exponent = floor(log10(half))
    digits = 2 if half / 10**exponent < 3.55 else 1
    return f"{value:.{min(max(digits - 1 - exponent, 1), 4)}f}"


def with_interval(metric: Mapping[str, Any]) -> str:
    """A metric of `scores` with its 95 % interval: 0.676 [0.661, 0.691]."""
    mean, low, high = metric["mean"], metric["low"], metric["high"]
    if low is None or high is None:
        return number(mean)
    return f"{number(mean, low, high)} [{number(low, low, high)}, {number(high, low, high)}]"


def percent(share: float) -> str:
    """A share in [0, 1] in percent, with a blank that does not break."""
    return f"{100 * share:.0f}\N{NO-BREAK SPACE}%" if share >= 0.01 or share == 0 else f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


def count(n: int, what: str) -> str:
    """`1 sample`, `3,589 samples`."""
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def listing(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
