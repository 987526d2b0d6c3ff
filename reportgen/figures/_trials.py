"""What the figures of a search for settings share: how its trials are drawn, and where the values of its settings lie."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, isnan, log10, nan, sqrt
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from reportgen.figures._style import INK, VALIDATION, key
from reportgen.words import MINUS, decimals, fixed, setting

Row = Mapping[str, Any]  # one of the `rows` of `trials`
Found = Mapping[str, Any]  # the output `trials`

STOPPED = "#A9A9A9"  # trials that were stopped early: paler than those that count
CHOSEN, COMPLETE, PRUNED, FAILED = "chosen", "complete", "pruned", "failed"
MARKS: Mapping[str, Mapping[str, Any]] = {
    FAILED: {"marker": "x", "color": INK, "markersize": 4.5},
    PRUNED: {"marker": "v", "color": STOPPED, "markersize": 4},
    COMPLETE: {"marker": "o", "color": VALIDATION, "markerfacecolor": "white", "zorder": 2.5},
    CHOSEN: {"marker": "o", "color": VALIDATION, "markersize": 6.5, "zorder": 3},
}
"""How a trial is drawn, by its state; the last is the winner."""

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_TO_LOGARITHM = 10  # a loss that spans more than this factor is drawn on a logarithmic axis
_APART = 0.22  # of an axis: ticks that stand nearer than this to its ends are left out


def winner(found: Found) -> Row:
    """The trial whose settings were chosen."""
    return next(row for row in found["rows"] if row["number"] == found["best"])


def valued(found: Found) -> list[Row]:
    """The trials that have a value, by their number."""
    return sorted((row for row in found["rows"] if not isnan(value_of(row))), key=lambda row: int(row["number"]))


def ending(row: Row, found: Found) -> str:
    """The state of a trial, or that it was chosen: a key of `MARKS`."""
    return CHOSEN if row["number"] == found["best"] else str(row["state"])


def draw_points(ax: Axes, found: Found, place: Callable[[Row], float]) -> None:
    """Draw the value of every trial that has one, at `place`."""
    for state, how in MARKS.items():
        rows = [row for row in valued(found) if ending(row, found) == state]
        if rows:  # nothing at all would still take part in the layout
            ax.plot([place(row) for row in rows], [value_of(row) for row in rows], linestyle="none", **how)


def scale_objective(ax: Axes, found: Found) -> None:
    """The vertical axis of the objective: logarithmic if a loss diverged, which must not flatten all others."""
    values = [value for row in found["rows"] for value in row["course"]]
    if values and 0 < _TO_LOGARITHM * min(values) < max(values):
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
        ax.yaxis.set_minor_locator(NullLocator())
    ax.margins(y=0.09)


def legend_of(found: Found, *states: str) -> list[Line2D]:
    """Entries for those of the states that trials are in."""
    words = {CHOSEN: "chosen", COMPLETE: "ran to its end", PRUNED: "stopped early", FAILED: "failed"}
    seen = {ending(row, found) for row in found["rows"]}
    return [key(label=words[state], **MARKS[state]) for state in states if state in seen]


def value_of(row: Row) -> float:
    """The best of a trial's epochs; NaN if it failed."""
    return nan if row["value"] is None else float(row["value"])


def objective(found: Found) -> str:
    """`validation accuracy`."""
    return str(found["objective"]).replace("_", " ")


def written(found: Found, value: float) -> str:
    """A value of the objective, to the digits that the number of samples it was measured on supports."""
    if "accuracy" not in found["objective"]:
        return fixed(value, 3)
    return fixed(value, decimals(sqrt(max(value * (1 - value), 0) / found["ranked_on"]["n"])))


def names(space: Iterable[str]) -> dict[str, str]:
    """The parameters by the names that stand in a figure: without their table, where one name does not stand for two."""
    ends = {parameter: parameter.rpartition(".")[2] for parameter in space}
    twice = [end for end, times in Counter(ends.values()).items() if times > 1]
    return {parameter: parameter if end in twice else end for parameter, end in ends.items()}


@dataclass(frozen=True, slots=True)
class Scale:
    """One axis: places between `low` and `high`, which are logarithms to base ten or, of choices, their numbers.

    `low` is the lower or left end: on an axis of a loss, which is better the smaller it is, the larger number.
    """

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]  # place, text
    choices: tuple[Any, ...] = ()
    log: bool = False

    def place(self, value: Any) -> float:
        """Where a value lies on the axis."""
        if self.choices:
            return float(self.choices.index(value))
        return log10(value) if self.log else float(value)

    def share(self, value: Any) -> float:
        """Where a value lies on the axis, in [0, 1]."""
        return (self.place(value) - self.low) / (self.high - self.low)


def scale_of(values: Mapping[str, Any]) -> Scale:
    """The axis of a parameter of the `space`: its whole range, logarithmic where it was searched so."""
    if "choices" in values:
        choices = tuple(values["choices"])
        margin = 0.25 if len(choices) > 1 else 0.5
        ticks = tuple((float(i), setting(choice)) for i, choice in enumerate(choices))
        return Scale(-margin, len(choices) - 1 + margin, ticks, choices)
    low, high = values["low"], values["high"]
    log = bool(values.get("log"))
    if low == high:
        place = log10(low) if log else float(low)
        return Scale(place - 0.5, place + 0.5, ((place, tick(low)),), log=log)
    if not log:
        step = values.get("step") or (high - low) / 2
        middle = low + step * round((high - low) / 2 / step)  # one that can be reached
        return Scale(low, high, tuple((float(value), tick(value)) for value in sorted({low, middle, high})))
    ends = log10(low), log10(high)
    return Scale(*ends, ((ends[0], tick(low)), *_powers(*ends), (ends[1], tick(high))), log=True)


def _powers(low: float, high: float) -> list[tuple[float, str]]:
    """Powers of ten well inside a logarithmic axis, in equal steps; two of them at most."""
    edge = _APART * (high - low)
    places = range(ceil(low + edge), floor(high - edge) + 1)
    return [(float(place), tick(10.0**place)) for place in places[:: ceil((high - low) / 3.5)]]


def objective_scale(found: Found, values: Sequence[float]) -> Scale:
    """The axis of the objective from the worst of the values to the best, with round numbers at its ends."""
    low, high = min(values), max(values)
    places = 2 if high - low > 0.05 else 3
    least, most = floor(low * 10**places) / 10**places, ceil(high * 10**places) / 10**places
    if least == most:
        least, most = least - 10**-places, most + 10**-places
    ends = (least, most) if found["direction"] == "maximize" else (most, least)
    return Scale(*ends, tuple((value, fixed(value, places)) for value in (ends[0], ends[1])))


def told(params: Mapping[str, Any]) -> str:
    """The settings of a trial in words: `conv1 48, dropout 0.107`."""
    short = {
        name: tick(float(f"{value:.3g}")) if isinstance(value, float) else setting(value) for name, value in params.items()
    }
    return ", ".join(f"{name} {short[parameter]}" for parameter, name in names(params).items())


def tick(value: float) -> str:
    """A number at an axis: 128, 0.05, 10⁻⁴, 3·10⁻⁵."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:g}".replace("-", MINUS)
    digits, _, exponent = f"{value:.2g}".partition("e")
    if not exponent:
        digits, _, exponent = f"{value:.1e}".partition("e")
        digits = digits.removesuffix(".0")
    power = "10" + str(int(exponent)).translate(_RAISED)
    return power if digits == "1" else f"{digits.replace('-', MINUS)}·{power}"
