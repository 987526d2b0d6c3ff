"""Whether maps depend on what the network learned: how alike they stay while its layers are randomised one after another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from reportgen.bootstrap import MIN_GROUPS
from reportgen.core import Figure
from reportgen.figures._style import INK, POSITIVE, QUIET, VALIDATION, fit, new_figure, nothing
from reportgen.figures._words import counted, with_interval
from reportgen.outputs import Inputs
from reportgen.words import count, fixed, listing

EACH = "experiment"
NEEDS = ("randomisation",)

PANELS: Mapping[str, str] = {"spearman": "rank correlation (Spearman)", "ssim": "structural similarity (SSIM)"}
LOOKS: Sequence[tuple[str, str, Any]] = (
    (INK, "o", "solid"),
    (VALIDATION, "s", (0, (4, 1.4))),
    (POSITIVE, "^", (0, (1, 1.2))),
    (QUIET, "D", (0, (4, 1.2, 1, 1.2))),
)
ALIKE = 0.5
"""Rank correlation that still counts as alike: below, less than a quarter of the variance of the ranks is shared."""
MOST_TICKS = 12
APART = 0.075  # of the chart's height, between two names beside it


@dataclass(frozen=True, slots=True)
class Course:
    """The likeness of one explainer's maps, from the trained network to the fully randomised one."""

    name: str
    images: int  # without those that follow
    constant: int  # images whose map of the trained network is constant
    layers: int
    depths: Sequence[Mapping[str, Any]]

    @property
    def end(self) -> Mapping[str, Any]:
        """Rank correlation with all layers randomised."""
        found: Mapping[str, Any] = self.depths[-1]["spearman"]
        return found

    @property
    def state(self) -> str:
        """What its maps do, as far as the interval allows to say."""
        low, high = self.end["low"], self.end["high"]
        if self.images < MIN_GROUPS:
            return "are too few to say whether they depend on the network"
        if low is None or high is None:
            low = high = self.end["mean"]  # enough images, and the same in each of them
        if max(abs(low), abs(high)) < ALIKE:
            return "depend on what the network learned"
        if low >= ALIKE:
            return "hardly depend on what the network learned"
        return "depend on what the network learned in part at most"


def draw(inputs: Inputs) -> Figure:
    """Draw the likeness against the number of randomised layers, a line an explainer."""
    everyone = [_course(about["explainer"], found) for about, found in inputs.all("randomisation")]
    courses = [course for course in everyone if course.images]
    if not courses:
        return _of_constant_maps(everyone)
    images = listing([f"{counted(c.images, 'image')} ({c.name})" for c in courses])
    return Figure(
        title=_title(courses),
        caption="How alike the maps stay while the network forgets: its layers get new random weights one after another, from "
        f"the output ({_first(courses)}) to the input, as many as the axis says. 1: the maps of the trained network; 0: "
        "nothing in common. Maps that depend on what the network learned fall; those that stay high show the image, not the "
        f"network. Means over {images}{', with 95 % bootstrap intervals as bands' if _bands(courses) else ''}."
        f"{_left_out(everyone)}",
        alt="Lines that start at 1. " + ". ".join(map(_told, courses)) + ".",
        picture=_picture(courses),
        data=_table(everyone),
    )


def _course(name: str, found: Mapping[str, Any]) -> Course:
    constant = found.get("constant", 0)
    return Course(name, found["images"] - constant, constant, found["layers"], found["depths"])


def _table(courses: Sequence[Course]) -> list[list[object]]:
    """One row for each explainer and depth."""
    likeness = [f"{measure}{end}" for measure in PANELS for end in ("", " low", " high")]
    return [
        ["explainer", "images", "constant maps", "layers randomised", "last layer", *likeness],
        *(
            [c.name, c.images, c.constant, row["depth"], row["layer"]]
            + [row[measure][end] for measure in PANELS for end in ("mean", "low", "high")]
            for c in courses
            for row in c.depths
        ),
    ]


def _left_out(courses: Sequence[Course]) -> str:
    """Says whose maps of the trained network are constant, so that they are not drawn."""
    own = [f"{'all' if not c.images else count(c.constant)} of {c.name}" for c in courses if c.constant]
    return f" Left out, as they are the same everywhere: maps of the trained network, {listing(own)}." if own else ""


def _of_constant_maps(courses: Sequence[Course]) -> Figure:
    said = "The maps of the trained network are constant"
    return Figure(
        title=f"{said}: randomising it shows nothing",
        caption="A map that is the same everywhere is like any other constant map, so that nothing can be said of it.",
        alt=f"No lines. {said}.",
        picture=nothing("constant maps"),
        data=_table(courses),
        width="narrow",
    )


def _bands(courses: Sequence[Course]) -> bool:
    return any(row[m]["low"] is not None for c in courses for row in c.depths for m in PANELS)


def _first(courses: Sequence[Course]) -> str:
    return next((row["layer"] for row in courses[0].depths if row["depth"] == 1), "the last layer")


def _picture(courses: Sequence[Course]) -> Picture:
    picture = new_figure("column", 2.9)
    axes = picture.subplots(1, len(PANELS), sharey=True)
    for ax, (measure, name) in zip(axes, PANELS.items(), strict=True):
        for course, look in zip(courses, _looks(len(courses)), strict=True):
            _line(ax, course, measure, *look)
        ax.axhline(0, color=QUIET, linewidth=0.7, zorder=1)
        depths = sorted({row["depth"] for course in courses for row in course.depths})
        ax.set_xticks(depths[:: -(-len(depths) // MOST_TICKS)])
        ax.set(title=name, ylim=(_lowest(courses), 1.06), xlabel="layers randomised, from the output")
        _name_lines(ax, courses, measure)
        ax.grid(axis="y")
    axes[0].set_ylabel("likeness of the maps")
    return picture


def _looks(n: int) -> list[tuple[str, str, Any]]:
    return [LOOKS[i % len(LOOKS)] for i in range(n)]


def _line(ax: Axes, course: Course, measure: str, colour: str, marker: str, dashes: Any) -> None:
    depths = [row["depth"] for row in course.depths]
    mean, low, high = ([row[measure][end] for row in course.depths] for end in ("mean", "low", "high"))
    lower, upper = ([m if end is None else end for m, end in zip(mean, ends, strict=True)] for ends in (low, high))
    ax.fill_between(depths, lower, upper, color=colour, alpha=0.13, linewidth=0)
    ax.plot(depths, mean, marker, linestyle=dashes, color=colour, markersize=3.5)


def _lowest(courses: Sequence[Course]) -> float:
    """Lower end of the axis, shared by both charts."""
    values = [row[m][end] for c in courses for row in c.depths for m in PANELS for end in ("mean", "low")]
    return float(min(-0.1, min(value for value in values if value is not None) - 0.05))


def _name_lines(ax: Axes, courses: Sequence[Course], measure: str) -> None:
    """Write names right of the ends of the lines, pushed apart where they would overlap."""
    low, high = ax.get_ylim()
    looks = dict(zip((c.name for c in courses), _looks(len(courses)), strict=True))
    ends = sorted((c.depths[-1][measure]["mean"], c.name) for c in courses)
    heights = _apart([value for value, _ in ends], APART * (high - low))
    for height, (_, name) in zip(heights, ends, strict=True):
        at = ax.get_yaxis_transform()  # x counts widths of the chart, y likeness
        ax.annotate(fit(name, 0.8), (1, height), (4, 0), at, "offset points", va="center", color=looks[name][0])


def _apart(values: Sequence[float], gap: float) -> list[float]:
    """Rising values moved as little as their order and a gap between them allow, around their middle."""
    placed: list[list[float]] = []  # groups of values that touch, each around its mean
    for value in values:
        placed.append([value])
        while len(placed) > 1 and _span(placed[-1], gap)[0] < _span(placed[-2], gap)[1] + gap:
            placed[-2:] = [placed[-2] + placed[-1]]
    return [low + i * gap for group in placed for low, _ in [_span(group, gap)] for i in range(len(group))]


def _span(group: Sequence[float], gap: float) -> tuple[float, float]:
    middle, half = float(np.mean(group)), gap * (len(group) - 1) / 2
    return middle - half, middle + half


def _title(courses: Sequence[Course]) -> str:
    """Explainers whose maps do the same share a clause; every number has its interval."""
    states: dict[str, list[Course]] = {}
    for course in courses:
        states.setdefault(course.state, []).append(course)
    (state, own), *others = states.items()
    clauses = [f"Maps of {_names(own)} {state}: rank correlation {_numbers(own)} once it is randomised"]
    return "; ".join([*clauses, *(f"those of {_names(own)} {state}: {_numbers(own)}" for state, own in others)])


def _names(courses: Sequence[Course]) -> str:
    return listing([course.name for course in courses])


def _numbers(courses: Sequence[Course]) -> str:
    return listing([_number(course, "spearman") for course in courses])


def _number(course: Course, measure: str) -> str:
    """With all layers randomised; no interval means no spread where there are enough images for one."""
    end = course.depths[-1][measure]
    same = end["low"] is None and course.images >= MIN_GROUPS
    return with_interval(end) + (" in every image" if same else "")


def _told(course: Course) -> str:
    ends = " and ".join(f"{name} {_number(course, measure)}" for measure, name in PANELS.items())
    first = next((row for row in course.depths if row["depth"] > 0), course.depths[-1])
    early = f"{fixed(first['spearman']['mean'], 2)} after {counted(first['depth'], 'layer')}"
    return f"{course.name}: {PANELS['spearman']} {early}; with all {course.layers} layers randomised {ends}"
