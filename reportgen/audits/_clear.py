"""When a difference is larger than chance makes it: as the pages of comparisons and contrasts decide it."""

from reportgen.bootstrap import MIN_GROUPS
from reportgen.words import NO_BREAK, p_value

_LEVEL = 0.05


def is_clear(p: float | None) -> bool:
    """Of a p-value after Holm; None: too few units to have one."""
    return p is not None and p < _LEVEL


def chance(p: float | None) -> str:
    """`p 0.012 after Holm`, or why there is none."""
    if p is None:
        return f"fewer than the {MIN_GROUPS} that a test needs"
    return f"p{NO_BREAK}{p_value(p)} after Holm"
