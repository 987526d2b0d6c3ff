"""What each class, and each of the units that tell classes apart, wants most: inputs found by activation maximisation."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Picture

from reportgen.bands import BANDS
from reportgen.core import Figure
from reportgen.figures._head_rows import GRID, SEEN, head_rows
from reportgen.figures._layout import Layout, along_words, colour_bar, layout, name_columns, panel, scale, window
from reportgen.figures._style import SMALL, TALLEST, fit, new_figure
from reportgen.figures._words import counted
from reportgen.outputs import Inputs
from reportgen.words import fixed, listing

EACH = "explainer"
NEEDS = ("facts", "features", "rows", "ideals", "ideals_about")

_OUTPUT = "output"  # the layer of the classes
_ACROSS = 4  # panels side by side
_HIGHEST = TALLEST - 0.7  # inches: with title and caption on one page
_CLEAR = 2.0  # times the mean power of the rest: from there on a band is said to be wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ideal:
    """What one target wants."""

    layer: str
    target: str  # class, or number of a unit
    values: np.ndarray  # (place, column) SD
    reached: float
    most: float  # of any test sample seen
    wanted: str  # the band with the largest mean power, if it is clearly more than the rest: "in alpha", or nothing

    @property
    def name(self) -> str:
        """For a panel."""
        return self.target if self.layer == _OUTPUT else f"unit {self.target}"

    @property
    def strongest(self) -> tuple[int, int]:
        """Place and column of the largest value, by its size."""
        place, column = np.unravel_index(int(np.abs(np.nan_to_num(self.values)).argmax()), self.values.shape)
        return int(place), int(column)


def draw(inputs: Inputs) -> Figure:
    """Draw a panel for each target; of features of bands a row of heads for each class."""
    about = inputs.one("ideals_about")
    own = layout(inputs, inputs.one("features")["axes"][1:], about.get("cells"))
    spectra = own.along == "time"
    images = inputs.one("ideals")
    if spectra:  # a wave has a frequency, wherever it begins
        own, images = _spectral(own, images, window(inputs))
    found = list(_ideals(images, own, about))
    classes = [ideal for ideal in found if ideal.layer == _OUTPUT]
    heads = own.heads or own.grid is not None
    return Figure(
        title=_title(classes, about["fold"]),
        caption=_caption(inputs.one("facts"), own, about, found, heads=heads, spectra=spectra),
        alt=_alt(found, own),
        picture=_heads(classes, own) if heads else _panels(found, own),
        data=_table(found, own),
        dense=True,
    )


def _ideals(images: Mapping[str, np.ndarray], own: Layout, about: Mapping[str, Any]) -> Iterator[_Ideal]:
    for layer, told in about["layers"].items():
        maps = own.matrix(images[layer])
        if own.grid:
            maps[:, ~maps.any(axis=(0, 2))] = np.nan  # cells without an electrode
        each = zip(told["targets"], maps, told["activation"], told["samples"], strict=True)
        for target, values, reached, most in each:
            wanted = _wanted(np.nanmean(values**2, axis=0), own)
            yield _Ideal(layer=layer, target=target, values=values, reached=reached, most=most, wanted=wanted)


def _wanted(power: np.ndarray, own: Layout) -> str:
    """The band in which power (column,) is clearly larger than in the rest, or nothing."""
    regions = np.array([own.region(column) for column in range(len(power))])
    means = {name: float(power[regions == name].mean()) for name in dict.fromkeys(regions) if name.startswith("in ")}
    if len(set(regions)) < 2 or not means:
        return ""
    best = max(means, key=lambda name: means[name])
    return best if means[best] > _CLEAR * float(power[regions != best].mean()) else ""


def _spectral(own: Layout, images: Mapping[str, np.ndarray], seconds: float) -> tuple[Layout, dict[str, np.ndarray]]:
    """Amplitudes of signals (target, channel, time) in SD up to the end of the highest band, by the Hz if they are finer."""
    size = next(iter(images.values())).shape[-1]
    frequency = np.fft.rfftfreq(size, seconds / size)
    shown = (frequency >= 0.5) & (frequency <= max(high for _, high in BANDS.values()))
    at, starts = np.unique(np.round(frequency[shown]) if seconds > 1 else frequency[shown], return_index=True)

    def amplitude(values: np.ndarray) -> np.ndarray:
        squares = (2 / size * np.abs(np.fft.rfft(values))[..., shown]) ** 2
        return np.asarray(np.sqrt(np.add.reduceat(squares, starts, axis=-1)))

    names = tuple(f"{value:.3g} Hz" for value in at)
    found = {layer: amplitude(values) for layer, values in images.items()}
    return replace(own, axes=("channel", "frequency"), along="frequency", names=names, at=at), found


def _panels(found: Sequence[_Ideal], own: Layout) -> Picture:
    """A line of panels for each layer, or several where it has many targets."""
    layers = dict.fromkeys(ideal.layer for ideal in found)
    rows = [[ideal for ideal in found if ideal.layer == layer] for layer in layers]
    lines = [row[start : start + _ACROSS] for row in rows for start in range(0, len(row), _ACROSS)]
    across = max(map(len, lines))
    high = min(max(0.07 * len(own.places), 1.0), (_HIGHEST - 1.1) / len(lines) - 0.35)  # inches of a panel
    picture = new_figure("column", 1.1 + len(lines) * (high + 0.35))
    axes = picture.subplots(len(lines), across, squeeze=False)
    values = np.stack([ideal.values for ideal in found])
    colours = scale(values)
    for row, line in enumerate(lines):
        for ax in axes[row, len(line) :]:
            ax.set_axis_off()
        for column, ideal in enumerate(line):
            ax = axes[row, column]
            panel(ax, ideal.values, own, colours, None if column else high)
            ax.set_title(fit(ideal.name, 5.0 / across), pad=3)
            if row + 1 == len(lines) or column >= len(lines[row + 1]):
                name_columns(ax, own)
                ax.set_xlabel(along_words(own), fontsize=SMALL + 0.5)
            else:
                ax.set_xticks([])
        axes[row, 0].set_ylabel(fit(line[0].layer, high), fontsize=SMALL + 0.5)
    colour_bar(picture, colours, axes, values, "SD of the training part")
    return picture


def _heads(classes: Sequence[_Ideal], own: Layout) -> Picture:
    values = np.stack([ideal.values for ideal in classes])
    return head_rows(values, [ideal.name for ideal in classes], own, scale(values), "SD of the training part")


def _title(classes: Sequence[_Ideal], fold: str) -> str:
    whose = f"the network of fold {fold}" if fold else "one network"
    places: dict[str, list[str]] = {}
    for ideal in classes:
        places.setdefault(ideal.wanted, []).append(ideal.target)
    unclear = places.pop("", [])
    if not places:
        return f"Inputs that {whose} answers to most lie in no band alone"
    if len(places) == 1 and not unclear:
        return f"What {whose} wants most lies {next(iter(places))} for every class"
    each = ", ".join(f"{where} for {listing(names)}" for where, names in places.items())
    return f"What {whose} wants most lies {each}{f', and in no band alone for {listing(unclear)}' if unclear else ''}"


def _caption(
    facts: Mapping[str, Any],
    own: Layout,
    about: Mapping[str, Any],
    found: Sequence[_Ideal],
    *,
    heads: bool,
    spectra: bool,
) -> str:
    fold = f" of the fold {about['fold']}" if about["fold"] else ""
    beyond = [ideal for ideal in found if ideal.reached > ideal.most]
    shown = sum(ideal.layer == _OUTPUT for ideal in found) if heads else len(found)
    hidden = "" if shown == len(found) else f" What {counted(len(found) - shown, 'hidden unit')} want is in the table alone."
    seen = GRID if own.grid else SEEN if heads else "Rows are channels in the order of the data set, some of them named."
    band = f"A band is called wanted if its mean power is more than {_CLEAR:g} times that of the rest."
    shown_as = "of signals the amplitude spectrum" if spectra else "red more than its mean, blue less"
    return (
        "Inputs that make the logit of a class, or a hidden unit, as large as they get: activation maximisation from weak noise"
        f" in the network{fold} of {facts['title']}, in standard deviations of its training part, {shown_as}. {seen}{hidden}"
        f" All maps share one scale, which cuts the largest 0.1 % of the values. {len(beyond)} of {len(found)} reach more than"
        f" any test sample seen: an ideal is what a network answers to, no sample that it has met. {band}"
    )


def _alt(found: Sequence[_Ideal], own: Layout) -> str:
    def told(ideal: _Ideal) -> str:
        place, column = ideal.strongest
        value = fixed(float(ideal.values[place, column]), 1)
        where = ideal.wanted or "in no band alone"
        return f"{ideal.layer} {ideal.name} {where}, largest {value} SD at {own.places[place]}, {own.names[column]}"

    return f"Maps of wanted inputs. {'; '.join(told(ideal) for ideal in found)}."


def _table(found: Sequence[_Ideal], own: Layout) -> list[list[object]]:
    header: list[object] = ["layer", "target", "activation", "largest of a test sample", "lies", "strongest place"]
    header += [f"strongest {own.along}", "value there in SD"]
    rows: list[list[object]] = [header]
    for ideal in found:
        place, column = ideal.strongest
        numbers = f"{ideal.reached:.6g}", f"{ideal.most:.6g}"
        at = own.places[place], own.names[column], f"{ideal.values[place, column]:.6g}"
        rows.append([ideal.layer, ideal.target, *numbers, ideal.wanted, *at])
    return rows
