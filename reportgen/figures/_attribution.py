"""What the figures of attribution maps share: their inputs, the overlay and its scale, and words for places.

A map says how much each place of an image speaks for (positive) or against (negative) a class. It is drawn as two hues
whose opacity grows with relevance, so that nothing hides the face where there is little to say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any, Protocol, TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from reportgen.figures._canvas import place
from reportgen.figures._style import INK, NEGATIVE, POSITIVE, QUIET, SMALL, fit
from reportgen.outputs import Inputs
from reportgen.words import MINUS, fixed, listing, percent

OPAQUE = 0.8
"""Opacity of the strongest relevance: the face still shows through."""
BAR = 0.46
"""Inches below a sheet that the scale takes."""
HUES = "Orange speaks for the class, blue against it: the stronger, the more; lines run at half of the scale."
NOT_SHOWN = "The images may not be passed on, so that this public report shows the maps without them."
METHODS: Mapping[str, str] = {"cam": "CAM", "grad_cam": "Grad-CAM", "hires_cam": "HiResCAM", "layer_cam": "LayerCAM"}
_LINES = {1: "#7A4700", -1: "#003F66"}  # darker than the hues that they lie on
_EDGE = "#D0D0D0"


@dataclass(frozen=True, slots=True)
class Told:
    """One explained image."""

    index: int  # of the image in the explainer's outputs
    sample: int  # index into samples
    label: int
    predicted: int
    probability: float  # of the predicted class

    @property
    def right(self) -> bool:
        """Whether the model names the image's class."""
        return self.label == self.predicted


@dataclass(frozen=True, slots=True)
class Attribution:
    """What one explainer says of the explained images."""

    classes: Sequence[str]
    about: Mapping[str, Any]  # the output `attribution_about`, and the explainer's name
    told: Sequence[Told]
    maps: np.ndarray  # (image, class, row, column)
    evidence: np.ndarray  # (image, class): mean of the map, plus the bias where the maps leave nothing out
    images: np.ndarray | None  # (image, row, column) grey, None where they may not be shown

    def grey(self, told: Told) -> np.ndarray | None:
        """The image (row, column), if it may be shown."""
        return None if self.images is None else np.asarray(self.images[told.index])

    def own(self, told: Told) -> np.ndarray:
        """The map (row, column) of the image's true class."""
        return np.asarray(self.maps[told.index, told.label], float)


def attributed(inputs: Inputs) -> Attribution:
    """Read the outputs of the one explainer that a figure is handed."""
    about = about_maps(inputs)
    exact = inputs.one("class_activation" if "class_activation" in inputs else "attribution")  # enlarging may shift means
    bias = about["complete"]["bias"] if about["complete"] else 0.0
    return Attribution(
        classes=inputs.one("facts")["classes"],
        about=about,
        told=[
            Told(i, e["sample"], e["label"], e["predicted"], e["probability"]) for i, e in enumerate(inputs.one("explained"))
        ],
        maps=inputs.one("attribution"),
        evidence=np.mean(exact, axis=(2, 3), dtype=float) + np.asarray(bias),
        images=inputs.one("explained_samples") if "explained_samples" in inputs else None,
    )


class _Labelled(Protocol):
    @property
    def label(self) -> int: ...
    @property
    def right(self) -> bool: ...


_Any = TypeVar("_Any", bound=_Labelled)


def one_a_class(told: Sequence[_Any], classes: int) -> list[_Any]:
    """Of each class the first image that the model gets right, else its first one: nobody picks by looks."""
    own = [[e for e in told if e.label == label] for label in range(classes)]
    return [next((e for e in found if e.right), found[0]) for found in own if found]


def limit_of(*maps: np.ndarray) -> float:
    """The end of the scale: the largest |relevance|, rounded up to two digits so that it can be written down."""
    largest = max(float(np.abs(values).max()) for values in maps)
    if largest == 0:
        return 1.0
    step = 10.0 ** (floor(log10(largest)) - 1)
    return ceil(largest / step - 1e-9) * step


def overlay(ax: Axes, relevance: np.ndarray, grey: np.ndarray | None, x: float, y: float, side: float, limit: float) -> None:
    """Draw relevance (row, column) over a grey image (row, column), or over white, with lines at half of the limit."""
    if grey is not None:
        place(ax, grey, x, y, side)
    place(ax, tint(relevance, limit), x, y, side, interpolation="bilinear")
    down, right = ((np.arange(n) + 0.5) / n * side for n in relevance.shape)  # centres of pixels
    for sign, colour in _LINES.items():
        if (sign * relevance).min() < limit / 2 < (sign * relevance).max():
            ax.contour(x + right, y + down, sign * relevance, levels=[limit / 2], colors=colour, linewidths=0.8)
    if grey is None:
        frame(ax, x, y, side, _EDGE, 0.6)


def tint(relevance: np.ndarray, limit: float) -> np.ndarray:
    """Relevance as colours (row, column, rgba): one hue for, one against, clear at zero, opaque at the limit."""
    colours = np.where(relevance[..., None] > 0, to_rgb(POSITIVE), to_rgb(NEGATIVE))
    return np.concatenate([colours, OPAQUE * np.clip(np.abs(relevance) / limit, 0, 1)[..., None]], axis=-1)


def frame(ax: Axes, x: float, y: float, side: float, colour: str = INK, width: float = 1.2) -> None:
    """A square around a picture."""
    ax.add_patch(Rectangle((x, y), side, side, facecolor="none", edgecolor=colour, linewidth=width, zorder=3))


def scale_bar(ax: Axes, limit: float, text: str, *, negative: bool) -> None:
    """What the hues mean: a bar in the lower right corner of the canvas, with the lines of the maps in it."""
    width, height = ax.get_xlim()[1], ax.get_ylim()[0]
    low = -limit if negative else 0.0
    inside = ax.inset_axes((width - 2.1, height - 0.3, 1.9, 0.1), transform=ax.transData)
    inside.imshow(tint(np.linspace(low, limit, 256)[None], limit), extent=(low, limit, 0, 1), aspect="auto")
    ticks = [tick * limit for tick in ((-1, -0.5, 0, 0.5, 1) if negative else (0, 0.5, 1))]
    inside.set(yticks=[], xticks=ticks, xticklabels=[_number(tick) for tick in ticks])
    inside.tick_params(labelsize=SMALL, length=2, pad=1)
    inside.spines[:].set_visible(True)
    inside.spines[:].set(color=_EDGE, linewidth=0.6)
    for sign, colour in _LINES.items():
        if sign * limit / 2 > low:
            inside.axvline(sign * limit / 2, color=colour, linewidth=0.9)
    ax.text(width - 2.2, height - 0.25, text, ha="right", va="center", fontsize=SMALL, color=QUIET)


def _number(value: float) -> str:
    """A tick of the scale, to the two digits of its end and the half that they may need."""
    return f"{value:.3g}".replace("-", MINUS)


def row_name(ax: Axes, told: Told, classes: Sequence[str], left: float, middle: float) -> None:
    """The class of an image, and how sure the model is of it or what it says instead, right of which stand its maps."""
    said = percent(told.probability) if told.right else f"→ {classes[told.predicted]}"
    ax.text(left - 0.08, middle - 0.07, fit(classes[told.label], left - 0.12), ha="right", va="center")
    ax.text(left - 0.08, middle + 0.07, fit(said, left - 0.12, SMALL), ha="right", va="center", fontsize=SMALL, color=QUIET)


def strongest(relevance: np.ndarray) -> str:
    """Where a map (row, column) has its largest value: "lower centre", or "nowhere" if nothing speaks for the class."""
    if relevance.max() <= 0:
        return "nowhere"
    row, column = np.unravel_index(int(relevance.argmax()), relevance.shape)
    return third((row + 0.5) / relevance.shape[0], (column + 0.5) / relevance.shape[1])


def lies(place_name: str) -> str:
    """`in the lower centre`, or `nowhere`."""
    return place_name if place_name == "nowhere" else f"in the {place_name}"


def third(down: float, right: float) -> str:
    """A place in thirds of the image, given as shares of its height and width: "upper left", "centre", "lower centre"."""
    vertical = ("upper", "middle", "lower")[min(int(down * 3), 2)]
    horizontal = ("left", "centre", "right")[min(int(right * 3), 2)]
    return "centre" if (vertical, horizontal) == ("middle", "centre") else f"{vertical} {horizontal}"


def by_place(places: Mapping[str, str]) -> str:
    """`in the lower centre for happy and sad, in the centre for fear`, from {class: place}."""
    groups: dict[str, list[str]] = {}
    for name, where in places.items():
        groups.setdefault(where, []).append(name)
    ranked = sorted(groups.items(), key=lambda item: -len(item[1]))
    if len(ranked) == 1:
        return f"{lies(ranked[0][0])} for every class"
    return ", ".join(f"{lies(where)} for {listing(names)}" for where, names in ranked)


def one_decimal(value: float) -> str:
    """3.2 or −1.1, and 0.0 without a sign."""
    return fixed(round(value, 1) + 0.0, 1)


def about_maps(inputs: Inputs) -> dict[str, Any]:
    """The kind `attribution_about` with the explainer's name in the study."""
    ((about, told),) = inputs.all("attribution_about")
    return {**told, "explainer": about["explainer"]}


def how_made(about: Mapping[str, Any]) -> str:
    """`cam_b (CAM of the layer maps)`: two explainers of one kind are told apart by their names."""
    name = METHODS.get(about["method"], about["method"])
    layer = f" of the layer {about['layer']}" if about["layer"] else ""
    return f"{about['explainer']} ({name}{layer})"
