"""Do predictions spread as far as they should: their variance beside the share of variance that they explain."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures._regression import (
    ALARM,
    NONE,
    Candidate,
    Estimate,
    Found,
    collapsed,
    few,
    found_in,
    interval_words,
    legend_of_emotions,
    models_of,
    name_of,
    said,
    set_name,
    spoken,
    tested_on,
    titles_of,
    value,
    verdict_of,
)
from reportgen.figures._style import INK, QUIET, SMALL, WIDTHS, Width, fit, looks, nothing
from reportgen.figures._words import sentence
from reportgen.outputs import Inputs

EACH = "experiment"
NEEDS = ("regression",)

MOST_ACROSS, MOST_DOWN = 5, 5  # models and sets that have room
TALL, REST = 7.4, 1.1  # inches: of the picture at most, and of headings, axis and legend
ROOMY = 1.6  # inches of a panel from which on there is room for the first tick
TICKS = (0.01, 0.1, 0.3, 0.6, 1.0)  # of both axes, as far as they are reached
LEAST = 0.12  # share that both axes reach at least
AS = {"shrunk": "shrunk too far", "wide": "spread too far", "fits": "as far as they should"}


def draw(inputs: Inputs) -> Figure:
    """Draw a panel for each model (columns) and set of modalities (rows), a dot for each emotion."""
    found = found_in(inputs)
    models = [one for one in models_of(found) if _points(found, one)]
    keys = list(dict.fromkeys(one["key"] for one in found["candidates"] if one in models))[:MOST_ACROSS]
    sets = [name for name in found["sets"] if any(one["set"] == name for one in models)][:MOST_DOWN]
    width: Width = "column" if len(keys) > 2 else "narrow"
    return Figure(
        title=_title(found, models),
        caption=_caption(found, models, len(keys), len(sets)),
        alt=_alt(found, models),
        picture=_picture(found, models, keys, sets, width) if models else nothing("No prediction varies."),
        data=_table(found),
        width=width if models else "narrow",
    )


def _picture(found: Found, models: Sequence[Candidate], keys: Sequence[str], sets: Sequence[str], width: Width) -> Picture:
    side = min(1.75, (WIDTHS[width] - 0.75) / len(keys), (TALL - REST) / len(sets))
    height = REST + side * len(sets)
    picture = Picture(figsize=(WIDTHS[width], height), layout="constrained")
    axes = picture.subplots(len(sets), len(keys), squeeze=False, sharex=True, sharey=True)
    top = _top(found, models)
    titles = titles_of(found)
    for (i, j), ax in np.ndenumerate(axes):
        one = next((own for own in models if own["key"] == keys[j] and own["set"] == sets[i]), None)
        _frame(ax, top, TICKS if side >= ROOMY else TICKS[1:])
        if one:
            _draw_panel(ax, found, one)
        else:
            ax.text(0.5, 0.5, "constant", transform=ax.transAxes, ha="center", va="center", fontsize=SMALL, color=QUIET)
        if i == 0:
            ax.set_title(fit(titles[keys[j]], side + 0.05, 8), fontsize=8, color=INK)
        if j == 0:
            ax.set_ylabel(fit(set_name(sets[i]), side, 8), fontsize=8)
        if i == len(sets) - 1:
            ax.set_xlabel("r²")
    picture.supylabel("variance of predictions ÷ of ratings", fontsize=8)
    legend_of_emotions(picture, [spoken(name) for name in found["emotions"]])
    return picture


def _top(found: Found, models: Sequence[Candidate]) -> tuple[float, float]:
    """Roots at the upper ends of the axes."""
    points = [point for one in models for point in _points(found, one)]
    right = max(_end(squared) for _, squared, _ in points)
    upper = max(_end(ratio) for _, _, ratio in points)
    return 1.08 * max(right, LEAST) ** 0.5, 1.08 * max(right, upper, LEAST) ** 0.5


def _end(estimate: Estimate) -> float:
    """The largest number of an estimate."""
    return max(estimate["mean"] or 0.0, estimate["high"] or 0.0)


def _frame(ax: Axes, top: tuple[float, float], ticks: Sequence[float]) -> None:
    """Both axes count roots, so that small shares have room, and are labelled with what they are roots of."""
    end = max(top)
    ax.plot([0, end], [0, end], color=QUIET, linewidth=0.9, dashes=(1, 1.5), zorder=1)
    for reach, set_ticks in zip(top, (ax.set_xticks, ax.set_yticks), strict=True):
        shown = [tick for tick in ticks if tick**0.5 <= reach]
        shown = [0.0, *shown[-3:]] if len(shown) > 3 else [0.0, *shown]
        set_ticks([tick**0.5 for tick in shown], [f"{tick:g}" for tick in shown], fontsize=SMALL)
    margin = [0.05 * reach for reach in top]
    ax.set(xlim=(-margin[0], top[0]), ylim=(-margin[1], top[1]))


def _draw_panel(ax: Axes, found: Found, one: Candidate) -> None:
    places = looks([spoken(name) for name in found["emotions"]])
    lookup = dict(zip(found["emotions"], places, strict=True))
    for name, squared, ratio in _points(found, one):
        look = lookup[name]
        x, left, right = _roots(squared)
        y, lower, upper = _roots(ratio)
        how: dict[str, Any] = {"color": look.colour, "linewidth": 0.8, "alpha": 0.5, "zorder": 2}
        if left is not None and right is not None:
            ax.plot([left, right], [y, y], **how)
        if lower is not None and upper is not None:
            ax.plot([x, x], [lower, upper], **how)
        ax.plot(x, y, look.marker, color=look.colour, markersize=4.2, zorder=3)
    verdict = verdict_of(one)
    if verdict in ("collapsed", "weak"):
        colour = ALARM if verdict == "collapsed" else QUIET
        weight = "bold" if verdict == "collapsed" else "normal"
        ax.text(0.04, 0.98, verdict, transform=ax.transAxes, va="top", fontsize=SMALL, color=colour, weight=weight)


def _roots(estimate: Estimate) -> tuple[float, float | None, float | None]:
    mean, low, high = (_root(estimate[end]) for end in ("mean", "low", "high"))
    return mean or 0.0, low, high


def _root(value: float | None) -> float | None:
    return None if value is None else max(value, 0.0) ** 0.5


def _squared(r: Estimate) -> Estimate:
    """r² with its interval; a negative correlation explains nothing."""
    mean, low, high = (None if r[end] is None else max(float(r[end] or 0), 0.0) ** 2 for end in ("mean", "low", "high"))
    return {"mean": mean, "low": low, "high": high}


def _points(found: Found, one: Candidate) -> list[tuple[str, Estimate, Estimate]]:
    """Of each emotion whose prediction varies: r² and variance ratio."""
    points: list[tuple[str, Estimate, Estimate]] = []
    for name in found["emotions"]:
        own = one["emotions"].get(name) or {}
        r, ratio = own.get("pearson") or NONE, own.get("variance_ratio") or NONE
        if r["mean"] is not None and ratio["mean"] is not None:
            points.append((name, _squared(r), ratio))
    return points


def _spread(one: Candidate) -> str:
    """How the predictions of a model spread over all emotions, a key of `AS`; "" where nothing is claimed."""
    collapse = one["collapse"] or {}
    ratio, squared = collapse.get("variance_ratio") or NONE, collapse.get("r2") or NONE
    low, high = ratio["low"], ratio["high"]
    least, most = squared["low"], squared["high"]
    if low is None or high is None or least is None or most is None:
        return ""
    return "shrunk" if high < least else "wide" if low > most else "fits"


def _title(found: Found, models: Sequence[Candidate]) -> str:
    if not models:
        return "No prediction varies from segment to segment"
    kinds = {one["id"]: _spread(one) for one in models}
    if not any(kinds.values()):
        return f"Too few {found['whole']}s to say whether predictions spread as far as they should"
    groups = {word: [one for one in models if kinds[one["id"]] == word] for word in ("wide", "shrunk")}
    if not any(groups.values()):
        return "Predictions spread as far as their correlations support"
    parts = [f"{_counted(found, models, own)} {AS[word]}" for word, own in groups.items() if own]
    first, *rest = parts
    return sentence("; ".join([first.replace(f" {AS['wide']}", " spread further than correlations support"), *rest]))


def _counted(found: Found, models: Sequence[Candidate], own: Sequence[Candidate]) -> str:
    """`Predictions of KNN on text`, `those of 4 of 12 models`."""
    if len(own) <= 2:
        return f"predictions of {few([name_of(found, one) for one in own])} are"
    keys = {one["key"] for one in own}
    whole = [one for one in models if one["key"] in keys]
    if len(keys) == 1 and len(whole) == len(own):
        return f"all predictions of {titles_of(found)[own[0]['key']]} are"
    return f"predictions of {len(own)} of {len(models)} models are"


def _caption(found: Found, models: Sequence[Candidate], across: int, down: int) -> str:
    parts = [
        "Variance of predicted intensities, divided by that of the ratings, against r², both on square-root axes.",
        "On the dotted line a model varies as far as its correlation supports; above it spreads too far, below it too little.",
        "A weak but calibrated model lies on the line near 0: it knows little and says so.",
        "A negative correlation is drawn at 0.",
    ]
    if gone := collapsed(models):
        parts.append(f"Collapsed, which single emotions do not show: {few([name_of(found, one) for one in gone])}.")
    parts.append(f"Measured on {tested_on(found)}.")
    parts.append(interval_words(found))
    every = {one["key"] for one in models}
    if len(every) > across or len({one["set"] for one in models}) > down:
        parts.append("Models or sets that have no room are in the data.")
    return " ".join(parts)


def _alt(found: Found, models: Sequence[Candidate]) -> str:
    def words(one: Candidate) -> str:
        collapse = one["collapse"] or {}
        numbers = f"variance ratio {value(collapse.get('variance_ratio'))}, r² {value(collapse.get('r2'))}"
        kind = AS.get(_spread(one), "not tested")
        return f"{name_of(found, one)}: {numbers}, {kind}"

    return f"Grid of scatter plots of variance ratio against r². {'; '.join(map(words, models)) or 'Nothing varies'}."


def _table(found: Found) -> list[list[object]]:
    rows: list[list[object]] = []
    for one in models_of(found):
        for name in found["emotions"]:
            own = one["emotions"].get(name) or {}
            ratio, r = own.get("variance_ratio") or NONE, own.get("pearson") or NONE
            squared = _squared(r)
            estimates = [*(squared[end] for end in ("mean", "low", "high")), *(ratio[end] for end in ("mean", "low", "high"))]
            rows.append([one["title"], one["set"], one["id"], spoken(name), *estimates, said(verdict_of(one))])
    header: list[object] = ["model", "set", "id", "emotion", "r squared", "r squared low", "r squared high"]
    return [[*header, "variance ratio", "variance ratio low", "variance ratio high", "verdict"], *rows]
