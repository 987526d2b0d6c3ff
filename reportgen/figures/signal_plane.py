"""Real and synthetic samples in one plane: a single mode or a hole is seen at a glance."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures import _signals as shared
from reportgen.figures._candidates import some
from reportgen.figures._signals import TRAINED, About, Arrays, Shown
from reportgen.figures._style import QUIET, SMALL, fit, key, looks, new_figure
from reportgen.figures._words import sentence
from reportgen.outputs import Inputs
from reportgen.words import counted, fixed, listing, percent

EACH = "experiment"
NEEDS = ("signal_means", "signal_about")
SHOWS = ("signal_scores",)

GENERATORS = 8
FAR = 1.6  # times what 95 % of the real samples keep to: further points are drawn at the edge
NARROW = 0.5  # spread as a share of that of real samples below which samples keep together
OUT, MOSTLY, MOST_TOLD = 0.05, 0.5, 3  # share of a class beyond the frame that is told, that is most of it, and classes told
WORDS: Mapping[str, str] = {
    "single mode": "{} are all alike",
    "few modes": "{} have few modes",
    "elsewhere": "{} vary, but miss most real ones",
}
"""What the title says by the verdict over all components, which this plane cannot overrule."""
WIDTHS: Mapping[float, str] = {  # up to such a spread, in words
    NARROW: "much narrower than real ones",
    0.8: "narrower",
    1.25: "about as wide",
    float("inf"): "wider",
}
DOTS = "#BDBDBD"


def draw(inputs: Inputs) -> Figure:
    """Draw a panel for each generator, over the same real samples."""
    about, every = shared.about_of(inputs), shared.generators(inputs, "signal_means")
    if not every:
        return shared.nothing_made(inputs)
    means, made = shared.arrays(inputs, "signal_means"), every[:GENERATORS]
    first, classes = means[every[0].key], range(len(about["classes"]))
    spreads = {one: _spread(means[one.key]) for one in every}
    beyond = {one: [_beyond(means[one.key], first, label) for label in classes] for one in every}
    verdicts = {row["key"]: row["verdict"] for _, scores in inputs.all("signal_scores") for row in scores["modes"]}
    return Figure(
        title=_title(about, spreads, beyond, verdicts),
        caption=_caption(inputs, about, means[every[0].key], made, every, verdicts),
        alt=_alt(about, spreads, beyond),
        picture=_panels(about, made, means),
        data=_table(about, every, means),
        dense=True,
    )


def _spread(means: Arrays) -> float:
    """How far samples of a class lie from their middle: synthetic ones as a share of real ones, median over classes."""
    found = []
    for label in np.unique(means["plane_real_labels"]):
        sizes = [_size(means[f"plane_{side}"][means[f"plane_{side}_labels"] == label]) for side in ("made", "real")]
        if np.isfinite(sizes).all() and sizes[1] > 0:
            found.append(sizes[0] / sizes[1])
    return float(np.median(found)) if found else float("nan")


def _size(points: np.ndarray) -> float:
    """Root mean square distance from the middle of (sample, 2); NaN of fewer than two."""
    if len(points) < 2:
        return float("nan")
    return float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=1).mean()))


def _beyond(means: Arrays, real: Arrays, label: int) -> float:
    """Share of the synthetic samples of a class that lie beyond the frame; 0 where there are none."""
    points = means["plane_made"][means["plane_made_labels"] == label]
    middle, reach = _limits(real)
    return float((np.abs(points - middle) > reach).any(axis=1).mean()) if len(points) else 0.0


def _panels(about: About, made: Sequence[Shown], means: Mapping[str, Arrays]) -> Picture:
    n = 1 + len(made)
    across = n if n <= 3 else 4 if n in (4, 7, 8) else 3
    down = ceil(n / across)
    side = min(6.2 / across, 1.95)
    picture = new_figure("column", 0.6 + (side + 0.15) * down)
    axes = picture.subplots(down, across, squeeze=False)
    first = means[made[0].key]
    for i, ax in enumerate(axes.flat):
        if i >= n:
            ax.set_axis_off()
            continue
        ax.plot(*_within(first["plane_train"], first).T, ".", color=DOTS, markersize=3, markeredgewidth=0, zorder=1)
        side_of = ("real", first) if i == 0 else ("made", means[made[i - 1].key])
        _cloud(ax, about, *side_of, first)
        _frame(ax, first)
        if i == 0:
            shared.name_above(ax, "Real, test part", None)
        else:
            one = made[i - 1]
            shared.name_above(ax, shared.lines_of(one.title, side - 0.1), one.look)
            _tell_beyond(ax, [_beyond(means[one.key], first, label) for label in range(len(about["classes"]))], about)
    dots = key(".", "real, training part", color=DOTS, markersize=6)
    classes = zip(about["classes"], looks(about["classes"]), strict=True)
    entries = [dots, *(key(look.marker, fit(name, 1.2, SMALL), color=look.colour, markersize=4) for name, look in classes)]
    columns = max(1, min(len(entries), 5))
    picture.legend(
        handles=entries, loc="outside lower center", ncols=columns, fontsize=SMALL, handletextpad=0.3, columnspacing=1.2
    )
    return picture


def _tell_beyond(ax: Axes, shares: Sequence[float], about: About) -> None:
    """At the bottom of a panel, which classes lie beyond it."""
    told = [
        f"{percent(share)} {fit(name, 0.8, SMALL)}"
        for name, share in zip(about["classes"], shares, strict=True)
        if share >= OUT
    ]
    if told:
        how: dict[str, Any] = {"va": "bottom", "fontsize": SMALL, "color": QUIET, "zorder": 4}
        plate = {"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1.0}
        lines = [*told[:MOST_TOLD], *(["…"] if len(told) > MOST_TOLD else [])]
        ax.text(0.02, 0.02, "beyond: " + "\n".join(lines), transform=ax.transAxes, bbox=plate, **how)


def _cloud(ax: Axes, about: About, side: str, means: Arrays, real: Arrays) -> None:
    """Points of a side by class, in an order that favours none."""
    points, labels = _within(means[f"plane_{side}"], real), means[f"plane_{side}_labels"]
    for label, look in enumerate(looks(about["classes"])):
        own = points[labels == label]
        ax.scatter(own[:, 0], own[:, 1], s=9, marker=look.marker, color=look.colour, linewidths=0, alpha=0.7, zorder=2)


def _limits(real: Arrays) -> tuple[np.ndarray, np.ndarray]:
    """Middle and reach of what is shown, by real samples alone."""
    known = np.concatenate([real["plane_train"], real["plane_real"]])
    middle = np.median(known, axis=0)
    return middle, FAR * np.maximum(np.quantile(np.abs(known - middle), 0.95, axis=0), 1e-9)


def _within(points: np.ndarray, real: Arrays) -> np.ndarray:
    """Points far from all real ones drawn in to the edge: a few would hide the rest."""
    middle, reach = _limits(real)
    return np.asarray(np.clip(points, middle - reach, middle + reach))


def _frame(ax: Axes, real: Arrays) -> None:
    """The same ends everywhere, and no numbers: their unit means nothing."""
    middle, reach = _limits(real)
    ax.set(
        xticks=[],
        yticks=[],
        xlim=middle[0] + 1.06 * np.array([-1, 1]) * reach[0],
        ylim=middle[1] + 1.06 * np.array([-1, 1]) * reach[1],
    )
    ax.spines[:].set(visible=True, color=TRAINED, linewidth=0.5)


def _title(
    about: About, spreads: Mapping[Shown, float], beyond: Mapping[Shown, Sequence[float]], verdicts: Mapping[str, str]
) -> str:
    known = {one: value for one, value in spreads.items() if np.isfinite(value)}
    if not known:
        return "No class has both real and synthetic samples"
    told = []
    for verdict, words in WORDS.items():
        if names := [one.title for one in known if verdicts.get(one.key) == verdict]:
            told.append(words.format(f"samples of {some(names)}"))
    rest = {one: value for one, value in known.items() if verdicts.get(one.key) not in WORDS}
    seen = [*_out(about, {one: beyond[one] for one in rest}), *_narrow(rest)]
    if seen:
        told.append(f"in this plane {seen[0]}")
    if not told:
        ends = list(dict.fromkeys(fixed(value, 2) for value in (min(rest.values()), max(rest.values()))))
        whose = "all generators spread" if len(rest) > 1 else f"{next(iter(rest)).title} spreads"
        told.append(f"in this plane {whose} {' to '.join(ends)} times as wide as real samples")
    return sentence("; ".join(told))


def _out(about: About, beyond: Mapping[Shown, Sequence[float]]) -> list[str]:
    """Of which generators most samples of a class lie beyond the frame."""
    names = about["classes"]
    found = {one: [name for name, share in zip(names, shares, strict=True) if share > MOSTLY] for one, shares in beyond.items()}
    told = [f"{one.title} ({listing(own)})" for one, own in found.items() if own]
    return [f"samples of {some(told)} lie beyond the frame"] if told else []


def _narrow(spreads: Mapping[Shown, float]) -> list[str]:
    """Which generators have classes that keep together."""
    told = [f"{one.title} ({fixed(value, 2)})" for one, value in spreads.items() if value < NARROW]
    return [f"most classes of {some(told)} keep to a small part of the real spread"] if told else []


def _caption(
    inputs: Inputs, about: About, first: Arrays, made: Sequence[Shown], every: Sequence[Shown], verdicts: Mapping[str, str]
) -> str:
    what = shared.many(about)
    described = "their band powers, bursts, shapes and correlations" if about["domain"] == "signals" else "their numbers"
    n = {side: counted(len(first[f"plane_{side}"]), what[:-1]) for side in ("train", "real", "made")}
    parts = [
        f"The first two principal components of {described}, learned from the training part alone{shared.where(about)}.",
        f"Drawn at random: {n['train']} of the training part (grey, in all panels), {n['real']} of the test part",
        f"and {n['made']} of each generator, classes by colour and marker.",
        "Points far from all real ones are drawn at the edge; beyond: their share of a class, from 5\N{NO-BREAK SPACE}% on.",
        "Spread is how far samples of a class lie from their middle in this plane, 1 as real ones of the test part do.",
    ]
    if any(verdict in WORDS for verdict in verdicts.values()):
        parts.append("Whether they vary and reach real ones is told over all components, not in this plane alone.")
    return " ".join(filter(None, [*parts, shared.not_drawn(made, every), shared.diverged(inputs)]))


def _alt(about: About, spreads: Mapping[Shown, float], beyond: Mapping[Shown, Sequence[float]]) -> str:
    groups: dict[str, list[str]] = {}
    for one, value in spreads.items():
        if np.isfinite(value):
            groups.setdefault(next(words for most, words in WIDTHS.items() if value <= most), []).append(one.title)
    told = [f"{words}: {listing(groups[words])}" for words in WIDTHS.values() if words in groups]
    ending = f"They are {'; '.join(told)}" if told else "Their width is not known"
    return (
        ". ".join(["Clouds of points, a panel each generator, over real ones", ending, *map(sentence, _out(about, beyond))])
        + "."
    )


def _table(about: About, every: Sequence[Shown], means: Mapping[str, Arrays]) -> list[list[object]]:
    first = means[every[0].key]
    sides = [("real training part", "train", first), ("real test part", "real", first)]
    sides += [(one.title, "made", means[one.key]) for one in every]
    rows: list[list[object]] = [
        [name, about["classes"][label], *np.round(point, 4).tolist()]
        for name, side, own in sides
        for label, point in zip(own[f"plane_{side}_labels"], own[f"plane_{side}"], strict=True)
    ]
    return [["samples", "class", "component 1", "component 2"], *rows]
