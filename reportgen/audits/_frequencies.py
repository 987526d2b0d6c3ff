"""What audits say of explanations in frequencies (kind `band_views`), in words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from reportgen.outputs import Inputs
from reportgen.words import NO_BREAK, fixed

Views = Sequence[Mapping[str, Any]]


class Explanation(NamedTuple):
    """One explanation in frequencies."""

    experiment: str
    explainer: str
    found: Mapping[str, Any]  # kind `band_views`
    smoke: bool  # was its network only trained to try the code?

    @property
    def about(self) -> str:
        """Of its findings."""
        return f"experiment {self.experiment}"


def explanations(inputs: Inputs) -> Iterator[Explanation]:
    """All of a study; reads the kinds band_views and scores."""
    for about, found in inputs.all("band_views"):
        smoke = any(scores["smoke"] for _, scores in inputs.all("scores", experiment=about["experiment"]))
        yield Explanation(about["experiment"], about["explainer"], found, smoke)


def defined(found: Mapping[str, Any]) -> Views:
    """The views that say something of these samples."""
    return [view for view in found["views"] if view["defined"]]


def estimate(value: Mapping[str, Any]) -> str:
    """`0.42 [0.31, 0.53]` of {mean, low, high}; without an interval the mean alone."""
    limits = f" [{fixed(value['low'], 2)}, {fixed(value['high'], 2)}]" if value["low"] is not None else ""
    return f"{fixed(value['mean'], 2)}{limits}"


def hertz(ranges: Views) -> str:
    """`8–14 Hz, 20–24 Hz`, or none."""
    return ", ".join(f"{round(one['low'], 1):g}–{round(one['high'], 1):g}{NO_BREAK}Hz" for one in ranges) or "none"


def above(value: Mapping[str, Any] | None, limit: float = 0.0) -> bool:
    """Whether the whole interval of {mean, low, high} lies above a limit; without an interval nothing does."""
    return value is not None and value["low"] is not None and value["low"] > limit


def below(value: Mapping[str, Any] | None, limit: float = 0.0) -> bool:
    """Whether the whole interval lies below a limit."""
    return value is not None and value["high"] is not None and value["high"] < limit
