"""Power spectra of the classes, and how each of them differs from the mean over classes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.ticker import MaxNLocator

from reportgen.core import Figure
from reportgen.figures._bands import (
    CLEAR,
    DESCRIBED,
    by_lot,
    hertz,
    legend_of_classes,
    muscular,
    numbers,
    shade,
    told_p,
    without_mains,
)
from reportgen.figures._style import QUIET, SMALL, looks, new_figure
from reportgen.figures._words import counted, noun, sentence
from reportgen.outputs import Inputs
from reportgen.words import fixed, listing

EACH = "experiment"
NEEDS = ("facts", "spectra", "separation")

HUM = "#D5D5D5"  # where mains are left out
MARKS = 9  # on a line, so that lines can be told apart without their colour
Spectra = Mapping[str, np.ndarray]


def draw(inputs: Inputs) -> Figure:
    """Draw the spectra, and below them their differences; of given features the differences of their bands alone."""
    facts, spectra, separation = (inputs.one(kind) for kind in NEEDS)
    curves = len(spectra["frequency"]) > 0
    return Figure(
        title=_title(separation),
        caption=_caption(facts, spectra, separation),
        alt=_alt(separation, curves=curves),
        picture=_spectra(spectra, separation["mains"]) if curves else _values(spectra, separation),
        data=_table(spectra, separation),
    )


def _spectra(spectra: Spectra, mains: Sequence[Sequence[float]]) -> Picture:
    picture = new_figure("column", 4.8)
    above, below = picture.subplots(2, 1, height_ratios=[1, 1.1], sharex=True)
    bands, edges = spectra["bands"].tolist(), spectra["edges"].tolist()
    level = _over_units(spectra["unit_power"])
    hum = np.any([_between(spectra["frequency"], ends) for ends in mains], axis=0) if mains else False
    for i, look in enumerate(looks(spectra["classes"].tolist())):
        line = {"color": look.colour, "marker": look.marker, "markersize": 4}
        _curve(above, spectra, np.where(hum, np.nan, level[i]), "", i, 0.1, line)
        _curve(below, spectra, np.where(hum, np.nan, spectra["difference"][i]), "difference_", i, 0.22, line)
    shade(above, bands, edges)
    shade(below, bands, edges, names=False)
    below.axhline(0, color=QUIET, linewidth=0.7, zorder=1)
    above.set_ylabel("power in dB re 1 µV²/Hz")
    below.set(ylabel="difference from the mean\nover classes in dB", xlabel="frequency in Hz")
    for ax in (above, below):
        for ends in mains:
            ax.axvspan(*ends, color=HUM, linewidth=0, zorder=0.5)
        ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    legend_of_classes(picture, spectra["classes"].tolist(), "-")
    return picture


def _curve(
    ax: Axes, spectra: Spectra, values: np.ndarray, prefix: str, i: int, opacity: float, line: Mapping[str, Any]
) -> None:
    """One class's line, and the band of its interval if there is one."""
    frequency = spectra["frequency"]
    shown = (frequency >= spectra["edges"].min()) & (frequency <= spectra["edges"].max())
    frequency, values = frequency[shown], values[shown]
    low, high = (np.where(np.isfinite(values), spectra[f"{prefix}{end}"][i, shown], np.nan) for end in ("low", "high"))
    ax.fill_between(frequency, low, high, color=line["color"], alpha=opacity, linewidth=0)
    goals = np.geomspace(frequency[0], frequency[-1], MARKS + 2)[1:-1]
    marks = np.unique(np.abs(frequency[:, None] - goals).argmin(axis=0)).tolist()
    ax.plot(frequency, values, markevery=marks, **line)


def _between(frequency: np.ndarray, ends: Sequence[float]) -> np.ndarray:
    return np.asarray((frequency >= ends[0]) & (frequency <= ends[1]))


def _over_units(values: np.ndarray) -> np.ndarray:
    """The mean over units of (unit, …); NaN where no unit has one."""
    known = np.isfinite(values)
    sums, counts = np.where(known, values, 0).sum(axis=0), known.sum(axis=0)
    return np.asarray(np.where(counts, sums / np.maximum(counts, 1), np.nan))


def _values(spectra: Spectra, separation: Mapping[str, Any]) -> Picture:
    """Differences of given features, band by band."""
    picture = new_figure("column", 2.8)
    ax = picture.subplots()
    classes, bands = spectra["classes"].tolist(), spectra["bands"].tolist()
    for i, look in enumerate(looks(classes)):
        at = np.arange(len(bands)) + 0.5 * ((i + 0.5) / len(classes) - 0.5)
        ax.vlines(at, spectra["band_difference_low"][i], spectra["band_difference_high"][i], color=look.colour, linewidth=1.3)
        ax.plot(at, spectra["band_difference"][i], look.marker, color=look.colour, markersize=5)
    ax.axhline(0, color=QUIET, linewidth=0.7, zorder=1)
    names = [f"{band}\n{hertz(edges)}" for band, edges in zip(bands, spectra["edges"].tolist(), strict=True)]
    ax.set_xticks(range(len(bands)), names)
    ax.tick_params(axis="x", length=0, labelsize=SMALL)
    ax.set_ylabel(f"difference from the mean\nover classes{_in(separation)}")
    legend_of_classes(picture, classes)
    return picture


def _in(separation: Mapping[str, Any]) -> str:
    return f" in {separation['measure']}" if separation["measure"] else ""


def _clear(separation: Mapping[str, Any]) -> list[int]:
    """Bands whose mean over channels separates the classes, the clearest first."""
    p, eta2 = (numbers(separation["whole"][name]) for name in ("p", "eta2"))
    return [int(band) for band in np.argsort(-np.nan_to_num(eta2), kind="stable") if p[band] < CLEAR]


def _title(separation: Mapping[str, Any]) -> str:
    if not separation["tested"]:
        most = int(np.nan_to_num(numbers(separation["whole"]["eta2"])).argmax())
        return f"In {separation['bands'][most]} the spectra of the classes differ most, not tested"
    if clear := _clear(separation):
        return sentence(_told(separation, clear[0]))
    if (numbers(separation["p"]) < CLEAR).any():
        return "Averaged over channels the spectra of the classes do not differ clearly, at single channels they do"
    return "The spectra of the classes do not differ clearly"


def _told(separation: Mapping[str, Any], band: int) -> str:
    """`negative has 1.5 dB more beta than neutral`."""
    whole, classes = separation["whole"], separation["classes"]
    most, least = (noun(classes[whole[end][band]]) for end in ("largest", "smallest"))
    places = 1 if separation["measure"] == "dB" else 2
    much = " ".join(filter(None, [fixed(whole["difference"][band], places), separation["measure"]]))
    return f"{most} has {much} more {separation['bands'][band]} than {least}"


def _caption(facts: Mapping[str, Any], spectra: Spectra, separation: Mapping[str, Any]) -> str:
    units = counted(separation["units"], separation["unit"])
    curves = len(spectra["frequency"]) > 0
    what = "power spectra" if curves else "features"
    parts = [f"Mean {what} of {facts['title']} over channels and {units}, {counted(separation['trials'], 'trial')} in all."]
    if curves:
        parts.append("Above the levels, below the difference of each class from the mean over classes.")
    if np.isfinite(spectra["band_difference_low"]).any():
        what = "Pale areas" if curves else "Lines through the dots"
        parts.append(f"{what} are 95 % bootstrap intervals over {separation['unit']}s.")
    else:
        parts.append(f"There are no intervals: {units} are too few for a claim about others.")
    parts.append(_pairing(spectra, separation))
    tested = [f"{separation['bands'][i]} ({told_p(separation['whole']['p'][i])})" for i in _clear(separation)]
    parts.append(f"Clear in {listing(tested)}." if tested else "")
    if any(muscular("T7", separation["edges"][band]) for band in _clear(separation)):
        parts.append("Muscles of the head are part of what is measured above 20 Hz.")
    parts += [without_mains(separation) + (" Grey: left out." if curves and separation["mains"] else "")]
    parts.append(by_lot(separation, "all bands"))
    if separation["silent"]:
        parts.append(f"Without power, and left out: {counted(separation['silent'], 'channel')} of single trials.")
    return " ".join([*filter(None, parts), DESCRIBED])


def _pairing(spectra: Spectra, separation: Mapping[str, Any]) -> str:
    """Whether how strong the signals of a unit are cancels out of the intervals of differences."""
    unit = separation["unit"]
    if not np.isfinite(spectra["band_difference_low"]).any():
        return ""
    if np.isfinite(spectra["unit_band_power"]).any(axis=2).all():
        return f"Each {unit} holds every class, so that strong and weak signals do not widen the intervals of differences."
    return f"Not every {unit} holds every class, so that strong and weak signals widen the intervals of differences too."


def _alt(separation: Mapping[str, Any], *, curves: bool) -> str:
    each = [
        f"{_told(separation, band)}, η² {fixed(separation['whole']['eta2'][band], 3)}, {told_p(separation['whole']['p'][band])}"
        for band in range(len(separation["bands"]))
        if separation["whole"]["eta2"][band] is not None
    ]
    shown = (
        "Lines of power over frequency, one a class, and their differences"
        if curves
        else "Dots of features, one a class and band"
    )
    return f"{shown}. {'; '.join(each)}."


def _table(spectra: Spectra, separation: Mapping[str, Any]) -> list[list[object]]:
    """Every frequency, and then every band."""
    header: list[object] = ["class", "band", "at or from Hz", "below Hz", f"mean over channels{_in(separation)}", "low", "high"]
    header += ["difference from the mean over classes", "difference low", "difference high"]
    names = ("low", "high", "difference", "difference_low", "difference_high")
    rows: list[list[object]] = []
    for prefix in ("", "band_"):
        level = _over_units(spectra[f"unit_{prefix}power"])
        for i, name in enumerate(spectra["classes"].tolist()):
            for j, place in enumerate(_places(spectra, prefix)):
                rows.append([name, *place, level[i, j], *(spectra[f"{prefix}{column}"][i, j] for column in names)])
    return [header, *rows]


def _places(spectra: Spectra, prefix: str) -> list[list[object]]:
    """Band, from and below of each column."""
    if not prefix:
        return [["", frequency, None] for frequency in spectra["frequency"].tolist()]
    return [[band, low, high] for band, (low, high) in zip(spectra["bands"].tolist(), spectra["edges"].tolist(), strict=True)]
