"""Whether an explanation lies where the class was planted: pointing game and relevance inside, beside controls and chance."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.ticker import MaxNLocator

from reportgen.core import Figure
from reportgen.figures._controls import (
    DOTS,
    MOST,
    Judged,
    draw_estimate,
    draw_measure,
    headline,
    images,
    judged,
    key_of_dots,
    left_out,
    name_rows,
    table,
    told,
)
from reportgen.figures._style import QUIET, SMALL, Look, key, legend_below, looks, new_figure
from reportgen.figures._words import with_interval
from reportgen.outputs import Inputs
from reportgen.trust import CONTROLS, unbeaten
from reportgen.words import listing, percent

EACH = "experiment"
NEEDS = ("facts", "localisation")

PANELS: Mapping[str, str] = {"pointing": "strongest point inside", "inside": "relevance inside"}
AXES: Mapping[str, str] = {"pointing": "share of images", "inside": "share of positive relevance"}
RANDOMISED = "randomised network"


def draw(inputs: Inputs) -> Figure:
    """Draw a dot for each map and measure, with the classes below that of the explanation."""
    classes, explainers = inputs.one("facts")["classes"], judged(inputs, "localisation")
    return Figure(
        title=f"On the planted regions {_headline(explainers)}",
        caption=_caption(explainers),
        alt="Dots with intervals. " + ". ".join(map(_told, explainers)) + ".",
        picture=_picture(explainers[:MOST], classes),
        data=_table(explainers),
    )


def _picture(explainers: Sequence[Judged], classes: Sequence[str]) -> Picture:
    between = [RANDOMISED] if _randomised(explainers) else []  # rows between an explainer and the controls
    stride = 1.5 + len(between) + len(CONTROLS)  # rows from one explainer to the next
    picture = new_figure("column", 0.95 + 0.19 * stride * len(explainers))
    axes = picture.subplots(1, len(PANELS), gridspec_kw={"wspace": 0.06})
    for ax, (measure, name) in zip(axes, PANELS.items(), strict=True):
        for i, one in enumerate(explainers):
            _draw_one(ax, i * stride, one, measure, dict(zip(classes, looks(classes), strict=True)), 1 + len(between))
        ax.set(ylim=(len(explainers) * stride - 0.9, -0.8), yticks=[], title=name, xlabel=AXES[measure])
        ax.set_xlim(left=-0.03 * ax.get_xlim()[1])
        ax.text(1, 1.02, "better →", transform=ax.transAxes, ha="right", va="bottom", fontsize=SMALL, color=QUIET)
        ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        ax.grid(axis="x")
        ax.spines["left"].set_visible(False)
    for i, one in enumerate(explainers):
        name_rows(axes[0], i * stride, one.name, between=between)
    legend_below(picture, [*key_of_dots(), key("", "chance", color=QUIET, linestyle=(0, (1, 1.5)), linewidth=1.1)])
    return picture


def _draw_one(ax: Axes, top: float, one: Judged, measure: str, look: Mapping[str, Look], controls_at: int) -> None:
    """One explainer in the row `top`, its classes close below, and the controls from `controls_at` rows below it."""
    chance, last = one.found["chance"], top + controls_at + len(CONTROLS) - 1
    ax.plot([chance, chance], [top - 0.5, last + 0.5], color=QUIET, linewidth=1.1, dashes=(1, 1.5), zorder=1)
    draw_measure(ax, top, one.found["measures"][measure], controls_at=controls_at)
    for row in one.found["per_class"]:
        how = look[row["class"]]
        ax.plot(row[measure]["mean"], top + 0.4, how.marker, color=how.colour, alpha=0.7, markersize=3.2, markeredgewidth=0)
    if one.found["randomised"]:
        draw_estimate(ax, top + 1, one.found["randomised"][measure]["explainer"], markerfacecolor="white")


def _headline(explainers: Sequence[Judged]) -> str:
    words = dict(PANELS)
    if len(explainers) == 1:
        means = {name: measure["explainer"]["mean"] for name, measure in explainers[0].found["measures"].items()}
        words = {
            "pointing": f"pointing ({percent(means['pointing'])})",
            "inside": f"relevance inside ({percent(means['inside'])})",
        }
    fooled = [one.name for one in explainers if _passes(one)]
    warning = f" – but for {listing(fooled)} a randomised network passes the same test, which proves nothing then"
    return headline(explainers, words) + (warning if fooled else "")


def _passes(one: Judged) -> bool:
    """Whether a network that learned nothing passes the same test."""
    return bool(one.found["randomised"]) and not all(unbeaten(one.found["randomised"][measure]) for measure in PANELS)


def _caption(explainers: Sequence[Judged]) -> str:
    drawn_anew = (
        " The open diamond is the same explainer on a network whose layers were all randomised: like the controls it cannot "
        "know what was learned."
    )
    return (
        "Do the maps lie on the regions that were planted to carry the class? Left, the share of images whose largest "
        "relevance lies inside (pointing game); right, the share of all positive relevance that lies inside. Means over "
        f"{images(explainers)} with a region, 95 % bootstrap intervals; the dotted line is chance, the area of the regions. "
        f"Small marks are single classes, in their colours.{drawn_anew if _randomised(explainers) else ''} {DOTS}"
        + left_out(explainers)
    )


def _randomised(explainers: Sequence[Judged]) -> bool:
    """Was any of them asked about a randomised network?"""
    return any(one.found["randomised"] for one in explainers)


def _told(one: Judged) -> str:
    text = f"{told(one, PANELS)}; chance {one.found['chance']:.2f}"
    if one.found["randomised"]:
        text += f"; {RANDOMISED} " + ", ".join(
            f"{name} {with_interval(one.found['randomised'][measure]['explainer'])}" for measure, name in PANELS.items()
        )
    classes = ", ".join(f"{row['class']} {row['pointing']['mean']:.2f}" for row in one.found["per_class"])
    return f"{text}; strongest point inside by class: {classes}"


def _table(explainers: Sequence[Judged]) -> list[list[object]]:
    """The rows of all maps, then those of the randomised network, of chance, and of the classes."""
    rows = table(explainers)
    empty = [None] * 3
    for one in explainers:
        for measure in PANELS:
            about = [one.name, measure, "higher"]
            if one.found["randomised"]:
                rows.append([*about, RANDOMISED, *one.found["randomised"][measure]["explainer"].values(), *empty])
            rows.append([*about, "chance", one.found["chance"], None, None, *empty])
            rows += [[*about, f"class {row['class']}", *row[measure].values(), *empty] for row in one.found["per_class"]]
    return rows
