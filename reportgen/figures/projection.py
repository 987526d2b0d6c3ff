"""The samples in a plane, by principal components and t-SNE, coloured by class and by person."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures._recordings import in_order
from reportgen.figures._style import QUIET, SMALL, Look, fit, key, looks, new_figure
from reportgen.figures._words import counted, sentence
from reportgen.outputs import Inputs
from reportgen.words import count, percent

EACH = "experiment"
NEEDS = ("facts", "projection")

NAMED = 10  # units in a legend
FAR = 3.0  # times what 90 % of the samples keep to: further points are drawn at the edge
CLASSES, UNITS = 0, 1  # in the axis `order`
Projection = Mapping[str, np.ndarray]


def draw(inputs: Inputs) -> Figure:
    """Draw principal components above t-SNE, by class on the left and by person on the right."""
    facts, projection = (inputs.one(kind) for kind in NEEDS)
    return Figure(
        title=_title(projection),
        caption=_caption(facts, projection),
        alt=_alt(projection),
        picture=_picture(projection),
        data=_table(projection),
        dense=True,
    )


def _picture(projection: Projection) -> Picture:
    picture = new_figure("column", 6.3)
    axes = picture.subplots(2, 2)
    classes, unit = projection["classes"].tolist(), str(projection["unit"])
    members = in_order(projection["member"].tolist())
    names = [classes[i] for i in projection["label"]], projection["member"].tolist()
    order = np.random.default_rng(0).permutation(len(projection["label"]))  # no class lies above the others
    for column, (of, every) in enumerate(zip(names, (classes, members), strict=True)):
        look = dict(zip(every, looks(every), strict=True))
        for row, space in enumerate(("pca", "tsne")):
            _cloud(axes[row, column], _within(projection[space])[order], [of[i] for i in order], look)
            _frame(axes[row, column], projection, space, first=column == 0)
        axes[0, column].set_title(f"by {('class', unit)[column]}", weight="bold")
        _legend(axes[1, column], look, unit if column else "")
    return picture


def _within(points: np.ndarray) -> np.ndarray:
    """The points (sample, at least 2), those far from all others drawn in to the edge: a few would hide the rest."""
    middle = np.median(points, axis=0)
    spread = np.quantile(np.abs(points - middle), 0.9, axis=0)
    return np.asarray(np.clip(points, middle - FAR * spread, middle + FAR * spread))


def _cloud(ax: Axes, points: np.ndarray, names: Sequence[str], look: Mapping[str, Look]) -> None:
    """Points (sample, at least 2), one marker after the other."""
    of, area = np.array(names), float(np.clip(9000 / len(names), 6, 20))
    for marker in dict.fromkeys(one.marker for one in look.values()):
        own = np.flatnonzero([look[name].marker == marker for name in names])
        colours = [look[name].colour for name in of[own]]
        ax.scatter(points[own, 0], points[own, 1], s=area, c=colours, marker=marker, linewidths=0, alpha=0.65)


def _frame(ax: Axes, projection: Projection, space: str, *, first: bool) -> None:
    """Axes without numbers: their unit means nothing."""
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    explained = [f"PC {i + 1} ({percent(float(share))} of the variance)" for i, share in enumerate(projection["explained"][:2])]
    names = [*explained, ""] if space == "pca" else ["", "t-SNE"]
    ax.set_xlabel(names[0], fontsize=SMALL, color=QUIET)
    ax.set_ylabel(names[1] if first else "", fontsize=SMALL, color=QUIET)


def _legend(ax: Axes, look: Mapping[str, Look], unit: str) -> None:
    """Names below the chart; of very many units that there are many."""
    if unit and len(look) > NAMED:
        ax.set_xlabel(f"one colour and marker for each of {count(len(look))} {unit}s", fontsize=SMALL, color=QUIET)
        return
    names = [fit(name, 1.0, SMALL) for name in look]
    entries = [key(one.marker, name, color=one.colour) for name, one in zip(names, look.values(), strict=True)]
    ax.legend(
        handles=entries,
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        ncols=max(1, min(len(entries), int(44 / (4 + max(map(len, names)))))),
        fontsize=SMALL,
        handletextpad=0.2,
        columnspacing=1.0,
    )


def _excess(projection: Projection) -> np.ndarray:
    """How far the neighbours are alike beyond chance, 0 by chance and 1 if all are: (space, order)."""
    chance = projection["chance"]
    return np.asarray((projection["neighbours"] - chance) / np.maximum(1 - chance, 1e-9))


def _title(projection: Projection) -> str:
    of_class, of_unit = _excess(projection)[-1]
    unit = str(projection["unit"])
    by_class, by_unit = (percent(float(share)) for share in projection["neighbours"][-1])
    chance = percent(float(projection["chance"][CLASSES]))
    if np.isnan(of_unit):
        return f"{by_class} of a sample's neighbours in other trials are of its class, {chance} by chance"
    if of_unit > of_class + 0.1:
        return sentence(f"{unit}s order the plane more than classes: {by_unit} of neighbours are of the same {unit}")
    if of_class > of_unit + 0.1:
        return f"Classes order the plane more than {unit}s: {by_class} of neighbours are of the same class"
    if max(of_class, of_unit) < 0.1:
        return f"Neither classes nor {unit}s order the plane"
    return f"Classes and {unit}s order the plane alike: {by_class} and {by_unit} of neighbours are the same"


def _caption(facts: Mapping[str, Any], projection: Projection) -> str:
    unit, n = str(projection["unit"]), len(projection["label"])
    drawn = f"{count(n)} of {count(int(projection['of']))} samples" if n < int(projection["of"]) else f"All {count(n)} samples"
    parts = [f"{drawn} of {facts['title']}: the first two principal components above, below t-SNE of the first"]
    parts[0] += f" {len(projection['explained'])}, perplexity {float(projection['perplexity']):.0f}."
    parts.append("How far groups lie apart in t-SNE means nothing.")
    if far := int((_within(projection["pca"]) != projection["pca"])[:, :2].any(axis=1).sum()):
        parts.append(f"{sentence(counted(far, 'sample'))} far from all others {'is' if far == 1 else 'are'} drawn at the edge.")
    shares = [percent(float(share)) for share in (projection["neighbours"][-1, CLASSES], projection["chance"][CLASSES])]
    told = f"Of the ten nearest samples of other trials {shares[0]} are of the same class, {shares[1]} by chance"
    if np.isfinite(projection["chance"][UNITS]):
        shares = [percent(float(share)) for share in (projection["neighbours"][-1, UNITS], projection["chance"][UNITS])]
        told += f"; {shares[0]} are of the same {unit}, {shares[1]} by chance"
    parts.append(told + ".")
    if int(projection["left_out"]):
        parts.append(f"Left out: {count(int(projection['left_out']))} samples with values that are no numbers.")
    parts.append("The plane is made of training and test samples alike and is no result of a model.")
    return " ".join(parts)


def _alt(projection: Projection) -> str:
    def told(space: int) -> str:
        shares = zip(("class", str(projection["unit"])), projection["neighbours"][space], projection["chance"], strict=True)
        return ", ".join(
            f"{percent(float(own))} of the same {name} ({percent(float(chance))} by chance)"
            for name, own, chance in shares
            if np.isfinite(own)
        )

    spaces = f"in the principal components {told(0)}; in the plane of t-SNE {told(1)}"
    return f"Four clouds of points. Of the nearest samples of other trials, {spaces}."


def _table(projection: Projection) -> list[list[object]]:
    classes = projection["classes"].tolist()
    columns = (projection[name].tolist() for name in ("index", "label", "member", "trial", "pca", "tsne"))
    return [
        ["sample", "class", str(projection["unit"]), "trial", "PC 1", "PC 2", "PC 3", "t-SNE 1", "t-SNE 2"],
        *(
            [index, classes[label], member, trial, *pca, *tsne]
            for index, label, member, trial, pca, tsne in zip(*columns, strict=True)
        ),
    ]
