"""Which settings decided a search: their importance, and the value of every trial over the settings that matter most."""

from collections.abc import Mapping, Sequence
from math import ceil

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures._style import SMALL, VALIDATION, fit, legend_below, new_figure, rows_of
from reportgen.figures._trials import (
    CHOSEN,
    COMPLETE,
    PRUNED,
    Found,
    Row,
    Scale,
    draw_points,
    ending,
    legend_of,
    names,
    objective,
    scale_objective,
    scale_of,
    told,
    value_of,
    winner,
)
from reportgen.outputs import Inputs
from reportgen.words import fixed, listing, percent

EACH = "experiment"
NEEDS = ("trials", "tuned")

Shares = Mapping[str, float]  # importance of every parameter, empty if it is unknown

SHOWN = 4  # settings with a panel of their own
SPREAD = 0.3  # of the distance between two choices: how far apart the trials of one choice are drawn
LITTLE = 0.01


def draw(inputs: Inputs) -> Figure:
    """Draw the importance of each setting, and the value of every trial over the most important ones."""
    found, importance = inputs.one("trials"), inputs.one("tuned")["importance"]
    shares: Shares = {parameter: importance.get(parameter, 0.0) for parameter in found["space"]} if importance else {}
    order = sorted(found["space"], key=lambda parameter: -shares.get(parameter, 0.0))
    picture = new_figure("column", 3.4 if shares and len(order) > 1 else 2.2)
    for ax, parameter in zip(_panels(picture, found, order, shares), order, strict=False):
        _draw_trials(ax, found, parameter)
    legend_below(picture, legend_of(found, CHOSEN, COMPLETE, PRUNED))
    return Figure(
        title=_title(found, order, shares),
        caption=_caption(found, shares, min(SHOWN, len(order))),
        alt=_alt(found, order, shares),
        picture=picture,
        data=_table(found, order, shares),
    )


def _panels(picture: Picture, found: Found, order: Sequence[str], shares: Shares) -> list[Axes]:
    """Draw the bars, if there are any, and make the panels of the settings beside them, on one axis of the objective."""
    shown, bars = min(SHOWN, len(order)), bool(shares)
    down = 2 if bars and shown > 1 else 1
    across = ceil(shown / down)
    grid = picture.add_gridspec(down, across + bars)
    if bars:
        _draw_importance(picture.add_subplot(grid[:, 0]), order, shares)
    made: list[Axes] = []
    for i in range(shown):
        ax = picture.add_subplot(grid[i // across, i % across + bars], sharey=made[0] if made else None)
        ax.tick_params(labelleft=i % across == 0)
        made.append(ax)
    scale_objective(made[0], found)
    return made


def _draw_importance(ax: Axes, order: Sequence[str], shares: Shares) -> None:
    called = names(order)
    for i, parameter in enumerate(order):
        share = shares[parameter]
        ax.barh(i, share, color=VALIDATION, height=0.4)
        ax.annotate(fixed(share, 2), (share, i), (3, 0), "data", "offset points", va="center", fontsize=SMALL)
    rows_of(ax, [fit(called[parameter], 1.0) for parameter in order])
    ax.set(xlim=(0, 1.25 * max(shares.values())), xticks=[], title="importance")
    ax.spines["bottom"].set_visible(False)


def _draw_trials(ax: Axes, found: Found, parameter: str) -> None:
    scale = scale_of(found["space"][parameter])
    draw_points(ax, found, lambda row: _place(scale, row, parameter))
    margin = 0.05 * (scale.high - scale.low)
    room = 1.3 / len(scale.ticks) if scale.choices else 1.0
    ax.set_xticks([place for place, _ in scale.ticks], [fit(text, room, 7.5) for _, text in scale.ticks])
    ax.set(xlabel=fit(names(found["space"])[parameter], 1.5), xlim=(scale.low - margin, scale.high + margin))
    if ax.yaxis.get_tick_params()["labelleft"]:
        ax.set_ylabel(objective(found).replace(" ", "\n"))


def _place(scale: Scale, row: Row, parameter: str) -> float:
    """Trials of one choice are moved apart, by their number: evenly, and the same in every drawing."""
    golden = 0.618034
    aside = SPREAD * ((row["number"] * golden) % 1 - 0.5) if scale.choices else 0.0
    return scale.place(row["params"][parameter]) + aside


def _title(found: Found, order: Sequence[str], shares: Shares) -> str:
    called = names(found["space"])
    if len(order) == 1:
        return f"{called[order[0]]} is the only setting that was searched"
    if not shares:
        ran = _complete(found)
        few = "one trial that ran to its end does" if ran == 1 else f"{ran} trials that ran to their end do"
        return f"The {few} not tell which setting matters"
    first, second = (f"{called[p]} ({percent(shares[p])})" for p in order[:2])
    if shares[order[0]] < 2 * shares[order[1]]:
        return f"{first} and {second} explain most of how the trials differ"
    nothing = [called[p] for p in order if shares[p] < LITTLE]
    ending = f", {listing(nothing)} next to nothing" if 0 < len(nothing) < 4 else ""
    return f"{called[order[0]]} explains {percent(shares[order[0]])} of how the trials differ{ending}"


def _caption(found: Found, shares: Shares, shown: int) -> str:
    over = f"every trial at its best epoch over {_which(found, shares, shown)}"
    stopped = " Pale ones were stopped early." if legend_of(found, PRUNED) else ""
    if not shares:
        why = f" Importance cannot be estimated: too few trials ran to the end ({_complete(found)}), or they are too alike."
        unknown = why if shown > 1 else ""
        return f"The {objective(found)} of {over}.{stopped}{unknown}"
    return (
        f"Left: the share of the variance of the {objective(found)} that each setting explains by itself, estimated by "
        f"functional ANOVA on a random forest (Hutter et al. 2014) over the {_complete(found)} trials that ran to the end. "
        "From so few it is rough, and a setting whose bad values were stopped early looks less important than it is. "
        f"Right: {over}.{stopped}"
    )


def _which(found: Found, shares: Shares, shown: int) -> str:
    if shown == len(found["space"]):
        return "each setting" if shown > 1 else "its setting"
    return f"the {shown} most important settings" if shares else f"{shown} of {len(found['space'])} settings"


def _complete(found: Found) -> int:
    return sum(row["state"] == COMPLETE for row in found["rows"])


def _alt(found: Found, order: Sequence[str], shares: Shares) -> str:
    called = names(found["space"])
    over = listing([called[parameter] for parameter in order[:SHOWN]])
    panels = f"Scatter plots of the {objective(found)} over {over}; the chosen trial has {told(winner(found)['params'])}."
    bars = ", ".join(f"{called[parameter]} {fixed(shares[parameter], 2)}" for parameter in order if shares)
    return f"Bar chart of importance: {bars}. {panels}" if shares else panels


def _table(found: Found, order: Sequence[str], shares: Shares) -> list[list[object]]:
    return [
        ["setting", "importance", "trial", "ending", "value", objective(found)],
        *(
            [parameter, shares.get(parameter), row["number"], ending(row, found), row["params"].get(parameter), value_of(row)]
            for parameter in order
            for row in found["rows"]
        ),
    ]
