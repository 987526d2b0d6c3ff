"""Whether LIME finds what is known to carry the class: its superpixels against random ones on planted regions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge
from matplotlib.figure import Figure as Picture

from reportgen.bootstrap import interval, resample
from reportgen.core import Figure
from reportgen.figures._lime import Explanation, explanations, source
from reportgen.figures._style import INK, QUIET, beside, key, legend_below, looks, new_figure, nothing, range_line, rows_of
from reportgen.figures._words import counted, with_interval
from reportgen.outputs import Inputs
from reportgen.superpixels import top_mask

EACH = "experiment"
NEEDS = ("facts", "explained_truth", "explained", "superpixels", "superpixel_weights", "superpixel_signs")

HOLLOW: Mapping[str, Any] = {"color": QUIET, "markerfacecolor": "white", "markersize": 4}


@dataclass(frozen=True, slots=True)
class Hit:
    """One image: the share of the superpixels' area that lies in the planted region."""

    sample: int
    label: int
    lime: float  # of LIME's positive superpixels
    random: float  # of as many superpixels by lot, mean over draws


def draw(
    inputs: Inputs,
    *,
    positive: Annotated[int, Ge(1), Doc("superpixels that speak for the class, strongest first")] = 5,
    draws: Annotated[int, Ge(10), Doc("random choices of superpixels for each image")] = 500,
    seed: Annotated[int, Ge(0), Doc("of the random choices and of the bootstrap")] = 0,
) -> Figure:
    """Draw LIME's and random superpixels' share on the planted regions, by class and together."""
    facts = inputs.one("facts")
    truths = inputs.one("explained_truth", **source(inputs))
    hits = [_hit(e, np.asarray(truths[e.index]), positive, draws, seed) for e in explanations(inputs) if truths[e.index].any()]
    hits = [hit for hit in hits if np.isfinite(hit.lime)]
    by_class = {name: [hit for hit in hits if hit.label == c] for c, name in enumerate(facts["classes"])}
    rows = {name: _summary(own, seed) for name, own in {"all classes": hits, **by_class}.items() if own}
    colours = {name: look.colour for name, look in zip(facts["classes"], looks(facts["classes"]), strict=True)}
    picture = _draw_rows(rows, colours) if rows else nothing("no explained image has a planted region")
    told = [_told(name, row) for name, row in rows.items()]
    return Figure(
        title=_title(rows.get("all classes")),
        caption=f"How much of the area of LIME's {positive} strongest positive superpixels lies in the region that was "
        f"planted to carry the class: mean over {counted(len(hits), 'image')} with a 95 % bootstrap interval over them, "
        f"against as many superpixels by lot ({draws} draws an image, seed {seed}). Only simulated data know their truth; "
        "classes with nothing planted are left out.",
        alt="Dot plot of LIME against random superpixels. " + ("; ".join(told) or "No image has a planted region") + ".",
        picture=picture,
        data=_table(rows),
        width="narrow",
    )


def _hit(told: Explanation, truth: np.ndarray, positive: int, draws: int, seed: int) -> Hit:
    chosen = np.unique(told.superpixels[top_mask(told.superpixels, told.weights, count=positive, sign=1)])
    area = np.bincount(told.superpixels.ravel())  # (segment,) pixels
    inside = np.bincount(told.superpixels.ravel(), truth.ravel())  # (segment,) pixels in the planted region
    if not len(chosen):
        return Hit(told.sample, told.label, np.nan, np.nan)
    order = np.random.default_rng((seed, told.sample)).random((draws, len(area))).argsort(1)  # (draw, segment)
    lots = order[:, : len(chosen)]  # (draw, superpixel)
    return Hit(
        told.sample,
        told.label,
        float(inside[chosen].sum() / area[chosen].sum()),
        float((inside[lots].sum(1) / area[lots].sum(1)).mean()),
    )


def _summary(hits: Sequence[Hit], seed: int) -> dict[str, Any]:
    """Means over images, and the intervals of LIME's mean and of its distance to random."""
    values = np.array([(1, hit.lime, hit.random) for hit in hits])  # (image, column)

    def means(sums: np.ndarray) -> dict[str, np.ndarray]:
        return {"lime": sums[:, 1] / sums[:, 0], "gain": (sums[:, 1] - sums[:, 2]) / sums[:, 0]}

    drawn = resample(values, means, resamples=2000, seed=seed)
    lime = dict(zip(("low", "high"), interval(drawn, "lime"), strict=True))
    return {
        "images": len(hits),
        "lime": {"mean": float(values[:, 1].mean()), **lime},
        "random": float(values[:, 2].mean()),
        "gain": interval(drawn, "gain"),
    }


def _draw_rows(rows: Mapping[str, Mapping[str, Any]], colours: Mapping[str, str]) -> Picture:
    picture = new_figure("narrow", 0.8 + 0.27 * len(rows))
    ax = picture.subplots()
    for y, (name, row) in enumerate(rows.items()):
        colour = colours.get(name, INK)
        ax.plot(row["random"], y, "D", **HOLLOW)
        range_line(ax, y, row["lime"]["low"], row["lime"]["high"], colour)
        ax.plot(row["lime"]["mean"], y, "o", color=colour)
        beside(ax, y, _times(row))
    rows_of(ax, list(rows))
    ax.set_xlim(left=0)
    ax.set_xlabel("share of area in the planted region")
    ax.grid(axis="x")
    legend_below(picture, [key("o", "LIME, 95 % interval", linestyle="-"), key("D", "random superpixels", **HOLLOW)])
    return picture


def _title(row: Mapping[str, Any] | None) -> str:
    if not row:
        return "No explained image has a planted region"
    lime, random, low = row["lime"]["mean"], row["random"], row["gain"][0]
    if low is None:
        return f"Too few images to say whether LIME finds the planted regions ({lime:.2f} against {random:.2f} by lot)"
    if low <= 0:
        return f"LIME's superpixels lie on the planted regions no more than random ones ({lime:.2f} against {random:.2f})"
    return (
        f"LIME's superpixels lie on the planted regions {_times(row)} as much as random ones ({lime:.2f} against {random:.2f})"
    )


def _times(row: Mapping[str, Any]) -> str:
    return f"{row['lime']['mean'] / row['random']:.1f} times" if row["random"] else "many times"


def _told(name: str, row: Mapping[str, Any]) -> str:
    return f"{name}: LIME {with_interval(row['lime'])}, random {row['random']:.2f}, {counted(row['images'], 'image')}"


def _table(rows: Mapping[str, Mapping[str, Any]]) -> list[list[object]]:
    header = ["class", "images", "lime", "low", "high", "random", "difference low", "difference high"]
    return [
        header,
        *(
            [name, r["images"], *(r["lime"][k] for k in ("mean", "low", "high")), r["random"], *r["gain"]]
            for name, r in rows.items()
        ),
    ]
