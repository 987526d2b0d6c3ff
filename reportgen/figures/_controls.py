"""How explainers stand beside the controls that cannot know the network: rows of dots and words, the same in every figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from reportgen.figures._style import INK, QUIET, SMALL, fit, key, range_line
from reportgen.figures._words import counted, with_interval
from reportgen.outputs import Inputs
from reportgen.trust import CONTROLS, unbeaten, worse
from reportgen.words import listing

Measure = Mapping[str, Any]  # one of the `measures` of `faithfulness` or `localisation`

MOST = 3
"""Explainers in one figure; more would not fit on a page."""
SHORT: Mapping[str, str] = {
    "random": "random map",
    "centre": "centred Gaussian",
    "edges": "edge map",
    "blur_matched": "shuffled map",
}
DOTS = (
    "A filled control is clearly worse: the 95 % interval of the explanation's advantage, paired by image, lies above zero. An "
    "open one is not."
)
BEHIND = "#9A9A9A"  # lines of controls
_BAND = "#EDEDED"  # the explainer's interval, behind the controls


@dataclass(frozen=True, slots=True)
class Judged:
    """What a judging step found of one explainer."""

    name: str
    found: Mapping[str, Any]

    @property
    def certain(self) -> bool:
        """There are enough images for intervals."""
        measures = self.found["measures"].values()
        return any(c["difference_low"] is not None for measure in measures for c in measure["controls"].values())


def judged(inputs: Inputs, kind: str) -> list[Judged]:
    """The explainers of the experiment in the order of the study."""
    return [Judged(about["explainer"], found) for about, found in inputs.all(kind)]


def draw_measure(ax: Axes, top: float, measure: Measure, *, controls_at: float = 1) -> None:
    """Draw the explainer in the row `top` and the controls from `controls_at` rows below it, before its interval."""
    own, last = measure["explainer"], top + controls_at + len(CONTROLS) - 1
    if own["low"] is not None:
        ax.fill_betweenx([top - 0.42, last + 0.42], own["low"], own["high"], color=_BAND, linewidth=0, zorder=0)
    draw_estimate(ax, top, own)
    left = unbeaten(measure)
    for row, name in enumerate(CONTROLS):
        control, y = measure["controls"][name], top + controls_at + row
        edge, face = (INK, "white") if name in left else (QUIET, QUIET)
        range_line(ax, y, control["low"], control["high"], QUIET, 0.9)
        ax.plot(control["mean"], y, "o", color=edge, markerfacecolor=face, markersize=4)


def draw_estimate(ax: Axes, y: float, own: Mapping[str, Any], **how: Any) -> None:
    """The explainer's mean with its interval; `how` overrides the look of the dot."""
    range_line(ax, y, own["low"], own["high"], INK, 1.8)
    look: dict[str, Any] = {"marker": "D", "color": INK, "markersize": 4.5} | how
    ax.plot(own["mean"], y, **look)


def name_rows(ax: Axes, top: float, name: str, dashes: Mapping[str, Any] | None = None, *, between: Sequence[str] = ()) -> None:
    """Name the rows of one explainer left of the chart.

    Args:
        ax: the leftmost chart.
        top: row of the explainer.
        name: its name.
        dashes: line styles of the controls' curves, drawn beside their names.
        between: names of rows between that of the explainer and the controls.
    """
    _name(ax, top, name, weight="bold")
    for i, text in enumerate((*between, *SHORT.values())):
        _name(ax, top + 1 + i, text, gap=28 if dashes else 6, fontsize=SMALL + 0.5)
    for i, style in enumerate((dashes or {}).values()):
        line = {"arrowstyle": "-", "color": BEHIND, "linestyle": style, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 6}
        at, start = ax.get_yaxis_transform(), (-25, 0)
        ax.annotate("", (0, top + 1 + len(between) + i), start, at, "offset points", arrowprops=line)


def _name(ax: Axes, y: float, text: str, *, gap: float = 6, **how: Any) -> None:
    at = ax.get_yaxis_transform()  # x counts widths of the chart, y its rows
    ax.annotate(fit(text, 1.2), (0, y), (-gap, 0), at, "offset points", ha="right", va="center", **how)


def key_of_dots() -> list[Line2D]:
    """What the dots mean."""
    return [
        key("D", "explanation, 95 % interval", linestyle="-", linewidth=1.8),
        key("o", "control, clearly worse", color=QUIET, linestyle="-", linewidth=0.9),
        key("o", "control, not clearly worse", markerfacecolor="white"),
    ]


def headline(explainers: Sequence[Judged], words: Mapping[str, str]) -> str:
    """`lime beats every control, cam and layer_cam do not`; all that can be said of those of which the same is to be said."""
    groups = alike(explainers)
    if len(groups) == 1:
        return verdict(explainers, words)
    best = [one.name for one in explainers if not any(map(unbeaten, one.found["measures"].values()))]
    rest = [one.name for one in explainers if one.name not in best]
    if not best:
        return f"no explanation clearly beats every control: neither {' nor '.join(rest)} does"
    return f"{listing(best)} {_verb(best, 'beat')} every control, {listing(rest)} {_verb(rest, 'do')} not clearly"


def _verb(names: Sequence[str], verb: str) -> str:
    return verb if len(names) > 1 else f"{verb}{'es' if verb.endswith('o') else 's'}"


def verdict(explainers: Sequence[Judged], words: Mapping[str, str]) -> str:
    """`cam beats every control in deletion, but does not clearly beat a random map in ROAD, and is worse than …`.

    Args:
        explainers: of which the same is to be said, see `alike`.
        words: what to call each of their measures.
    """
    text, several = listing([one.name for one in explainers]), len(explainers) > 1
    if not explainers[0].certain:
        return f"there are too few images to say whether {text} {'beat their' if several else 'beats its'} controls"
    unclear, lost, beaten = dict[tuple[str, ...], list[str]](), dict[tuple[str, ...], list[str]](), list[str]()
    for measure, name in words.items():
        left, ahead = _left(explainers[0].found["measures"][measure])
        for groups, controls in ((unclear, left), (lost, ahead)):
            if controls:
                groups.setdefault(controls, []).append(name)
        if not left and not ahead:
            beaten.append(name)
    if beaten:
        text += f" {'beat' if several else 'beats'} every control in {listing(beaten)}"
    for i, (controls, where) in enumerate(unclear.items()):
        joint = ", nor" if i else f"{', but' if beaten else ''} {'do' if several else 'does'} not clearly beat"
        text += f"{joint} {_controls(controls, 'any')} in {listing(where)}"
    for i, (controls, where) in enumerate(lost.items()):
        before = ", and" if unclear else ", but" if beaten else ""
        joint = ", and" if i else f"{before} {'are' if several else 'is'} worse than"
        text += f"{joint} {_controls(controls, 'every')} in {listing(where)}"
    return text


def _left(measure: Measure) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The controls that are neither better nor worse for sure, and those that are better than the explainer."""
    ahead = worse(measure)
    return tuple(name for name in unbeaten(measure) if name not in ahead), tuple(ahead)


def alike(explainers: Sequence[Judged]) -> list[list[Judged]]:
    """The explainers, those together that leave the same controls unbeaten, and lose to the same, in each measure."""
    groups: dict[tuple[Any, ...], list[Judged]] = {}
    for one in explainers:
        left = tuple(_left(measure) for measure in one.found["measures"].values())
        groups.setdefault((one.certain, left), []).append(one)
    return list(groups.values())


def _controls(left: Sequence[str], all_of_them: str) -> str:
    """Some of the controls: the names of one or two, else how many they are; `any` or `every` control."""
    if len(left) == len(CONTROLS):
        return f"{all_of_them} control"
    return listing([CONTROLS[name] for name in left]) if len(left) <= 2 else f"{len(left)} of the {len(CONTROLS)} controls"


def told(one: Judged, words: Mapping[str, str]) -> str:
    """All numbers of an explainer's measures in words."""
    parts = []
    for measure, name in words.items():
        found = one.found["measures"][measure]
        others = ", ".join(f"{SHORT[c]} {with_interval(found['controls'][c])}" for c in CONTROLS)
        parts.append(f"{name} {with_interval(found['explainer'])} ({others})")
    return f"{one.name}: " + "; ".join(parts)


def table(explainers: Sequence[Judged]) -> list[list[object]]:
    """One row for each explainer, measure and map."""
    numbers = ("mean", "low", "high", "difference", "difference_low", "difference_high")
    header: list[object] = ["explainer", "measure", "better", "map", *(name.replace("_", " ") for name in numbers)]
    return [
        header,
        *(
            [one.name, name, measure["better"], who, *(value.get(number) for number in numbers)]
            for one in explainers
            for name, measure in one.found["measures"].items()
            for who, value in {"explanation": measure["explainer"], **measure["controls"]}.items()
        ),
    ]


def images(explainers: Sequence[Judged]) -> str:
    """`56 images`, or `48 and 14 images`."""
    numbers = list(dict.fromkeys(one.found["images"] for one in explainers))
    return counted(numbers[0], "image") if len(numbers) == 1 else f"{listing([str(n) for n in numbers])} images"


def left_out(explainers: Sequence[Judged]) -> str:
    """Says which explainers the picture does not hold."""
    names = [one.name for one in explainers[MOST:]]
    return f" Not drawn, but in the data: {listing(names)}." if names else ""
