"""Where on the head each class has more or less power than the mean over classes, band by band."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.transforms import offset_copy

from reportgen.core import Figure
from reportgen.figures._bands import CLEAR, DESCRIBED, DIVERGING, by_lot, hertz, muscular, numbers, told_p, without_mains
from reportgen.figures._scalp import FEWEST, flat, scalp_map
from reportgen.figures._style import INK, TALLEST, Look, fit, looks, new_figure, nothing
from reportgen.figures._words import counted, noun, sentence
from reportgen.outputs import Inputs
from reportgen.words import fixed, listing

EACH = "experiment"
NEEDS = ("facts", "spectra", "separation")

POINTS = 9.5  # of labels: they stay readable on a phone
WHOLE = 0.995  # share of the values that the colours cover


def draw(inputs: Inputs) -> Figure:
    """Draw a head for each class and band, all in one scale."""
    facts, spectra, separation = (inputs.one(kind) for kind in NEEDS)
    power = spectra["band_power"]  # (class, channel, band)
    difference = power - power.mean(axis=0)
    known = [channel for channel in separation["channels"] if channel in (facts["positions"] or {})]
    return Figure(
        title=_title(separation),
        caption=_caption(facts, separation, known),
        alt=_alt(difference, separation),
        picture=_heads(difference, facts, separation) if known else nothing("The places of the electrodes are not known."),
        data=_table(difference, separation),
        dense=bool(known),
        width="column" if known else "narrow",
    )


def _heads(difference: np.ndarray, facts: Mapping[str, Any], separation: Mapping[str, Any]) -> Picture:
    classes, bands, edges = (separation[name] for name in ("classes", "bands", "edges"))
    known = [i for i, channel in enumerate(separation["channels"]) if channel in facts["positions"]]
    sizes = np.abs(difference[:, known][np.isfinite(difference[:, known])])
    limit = float(np.quantile(sizes, WHOLE)) if sizes.any() else 1.0
    picture = new_figure("column", min(0.9 + 1.1 * len(classes), TALLEST))
    axes = picture.subplots(len(classes), len(bands), squeeze=False)
    clear = numbers(separation["p"]) < CLEAR  # (channel, band)
    for row, (name, look) in enumerate(zip(classes, looks(classes), strict=True)):
        for column, ax in enumerate(axes[row]):
            heads = difference[row, :, column]
            colours = scalp_map(ax, heads, facts["positions"], separation["channels"], (-limit, limit), DIVERGING)
            _ring(ax, [facts["positions"][separation["channels"][i]] for i in known if clear[i, column]])
        _name(axes[row, 0], name, look)
    for ax, band, own in zip(axes[0], bands, edges, strict=True):
        ax.set_title(f"{band}\n{hertz(own)}", fontsize=POINTS, loc="center")
    over = "both" if sizes.any() and sizes.max() > limit else "neither"
    bar = picture.colorbar(colours, ax=axes, orientation="horizontal", extend=over, fraction=0.05, aspect=60, pad=0.02)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=POINTS, length=2)
    unit = f" in {separation['measure']}" if separation["measure"] else ""
    bar.set_label(f"difference from the mean over classes{unit}", fontsize=POINTS)
    return picture


def _name(ax: Axes, name: str, look: Look) -> None:
    """The class left of its row."""
    where = offset_copy(ax.transAxes, ax.get_figure(root=True), x=-8, units="points")
    ax.plot(0, 0.5, look.marker, color=look.colour, transform=where, clip_on=False)
    how: dict[str, Any] = {"ha": "right", "va": "center", "fontsize": POINTS}
    ax.annotate(fit(name, 1.15, POINTS), (0, 0.5), (-15, 0), "axes fraction", "offset points", **how)


def _ring(ax: Axes, places: Sequence[Sequence[float]]) -> None:
    """Mark electrodes where the classes differ clearly."""
    points = flat(places)
    ax.plot(points[:, 0], points[:, 1], "o", color=INK, markersize=3.4, markerfacecolor="white", markeredgewidth=0.8, zorder=4)


def _best(separation: Mapping[str, Any]) -> list[tuple[int, int]]:
    """The (channel, band) of the largest η² of each band, the largest first."""
    eta2 = np.nan_to_num(numbers(separation["eta2"]))
    return sorted(((int(eta2[:, band].argmax()), band) for band in range(eta2.shape[1])), key=lambda place: -eta2[place])


def _clear(separation: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Those of them that are clear."""
    p = numbers(separation["p"])
    return [place for place in _best(separation) if p[place] < CLEAR]


def _title(separation: Mapping[str, Any]) -> str:
    if not separation["tested"]:
        return f"The classes differ most in {_told(separation, _best(separation)[:1])}, not tested"
    clear = _clear(separation)[:2]
    if not clear:
        return "At no electrode does the power of a band differ clearly between the classes"
    names = [noun(separation["classes"][separation["largest"][channel][band]]) for channel, band in clear]
    if len(set(names)) == 1:
        verb, both = ("differ", "both ") if len(clear) > 1 else ("differs", "")
        return sentence(f"{_told(separation, clear)} {verb} most clearly between the classes, {both}highest in {names[0]}")
    each = [f"{_told(separation, [place])} (highest in {name})" for place, name in zip(clear, names, strict=True)]
    return sentence(f"{listing(each)} differ most clearly between the classes")


def _told(separation: Mapping[str, Any], places: Sequence[tuple[int, int]]) -> str:
    """`beta at F3`; `theta and delta at TP9`; `beta at F3 and gamma at T8, maybe muscle,`."""
    sites: dict[str, list[str]] = {}
    for channel, band in places:
        site = separation["channels"][channel]
        doubt = ", maybe muscle," if muscular(site, separation["edges"][band]) else ""
        sites.setdefault(f"{site}{doubt}", []).append(separation["bands"][band])
    return listing([f"{listing(bands)} at {site}" for site, bands in sites.items()])


def _caption(facts: Mapping[str, Any], separation: Mapping[str, Any], known: Sequence[str]) -> str:
    power = "Band power" if separation["measure"] == "dB" else "Given features"
    parts = [f"{power} of {facts['title']}: difference of each class from the mean over classes, means over "]
    parts[0] += f"{counted(separation['units'], separation['unit'])}. Heads are seen from above, nose up; all share one scale."
    parts.append(
        "Electrodes below its outline lie beside the map."
        if len(known) >= FEWEST
        else "There are too few electrodes for a map between them."
    )
    clear = numbers(separation["p"]) < CLEAR
    parts.append("White rings mark electrodes where the classes differ clearly (p < 0.05)." if clear.any() else "")
    if unknown := [channel for channel in separation["channels"] if channel not in known]:
        parts.append(f"Not drawn, as their place is not known: {listing(unknown)}.")
    if clear.any():
        parts.append("What differs most clearly, against the variance between trials, need not be the largest difference.")
    parts += [without_mains(separation), by_lot(separation, "all channels and bands")]
    edges = separation["edges"]
    if any(muscular(separation["channels"][c], edges[b]) for c, b in np.argwhere(clear)):
        parts.append("What temporal electrodes record in gamma may be of muscles.")
    return " ".join([*filter(None, parts), DESCRIBED])


def _alt(difference: np.ndarray, separation: Mapping[str, Any]) -> str:
    def told(row: int, column: int) -> str:
        values = np.nan_to_num(difference[row, :, column])
        most = int(np.abs(values).argmax())
        return f"{separation['bands'][column]} {fixed(float(values[most]), 1)} at {separation['channels'][most]}"

    classes, bands = separation["classes"], range(len(separation["bands"]))
    each = [f"{name}: {', '.join(told(row, column) for column in bands)}" for row, name in enumerate(classes)]
    p = numbers(separation["p"])
    best = [f"{_told(separation, [place])} {told_p(p[place])}" for place in _best(separation)]
    return (
        "Heads, one a class and band, coloured by the difference from the mean over classes. "
        f"Largest differences: {'; '.join(each)}. Largest η²: {'; '.join(best)}."
    )


def _table(difference: np.ndarray, separation: Mapping[str, Any]) -> list[list[object]]:
    unit = f" in {separation['measure']}" if separation["measure"] else ""
    return [
        ["class", "channel", "band", f"difference from the mean over classes{unit}"],
        *(
            [name, channel, band, float(difference[i, j, k])]
            for i, name in enumerate(separation["classes"])
            for j, channel in enumerate(separation["channels"])
            for k, band in enumerate(separation["bands"])
        ),
    ]
