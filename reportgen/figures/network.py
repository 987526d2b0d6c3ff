"""Where the parameters of a network lie, layer by layer."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures._style import QUIET, SMALL, new_figure, nothing, rows_of
from reportgen.outputs import Inputs
from reportgen.words import count, listing, percent

EACH = "experiment"
NEEDS = ("model", "weights")

MOST = 16  # rows; with more layers than that, those of one block are added up


def draw(inputs: Inputs) -> Figure:
    """Draw a bar for each layer or block that has parameters, from input to output."""
    about, model = next(inputs.all("model"))  # the networks of all seeds and folds are built alike
    axes = "" if "features" in about else " (channels × rows × columns)"
    layers = _blocks([layer for layer in model["layers"] if layer["parameters"]])
    told = [f"{layer['name']} {count(layer['parameters'])}" for layer in layers]
    picture = _bars(layers) if layers else nothing("this model has no trainable layers")
    return Figure(
        title=_title(model["id"], layers),
        caption=f"Trainable parameters of each layer from input (above) to output, and the shape of its output{axes}. Layers "
        "without parameters are left out. Where most parameters lie, a network most easily learns samples by heart.",
        alt=f"Bar chart of parameters by layer: {listing(told) or 'none'}.",
        picture=picture,
        data=[["layer", "type", "output", "parameters"], *([x["name"], x["type"], _shape(x), x["parameters"]] for x in layers)],
        width="narrow",
    )


def _bars(layers: Sequence[Mapping[str, Any]]) -> Picture:
    picture = new_figure("narrow", 0.5 + 0.21 * len(layers))
    ax = picture.subplots()
    for i, layer in enumerate(layers):
        ax.barh(i, layer["parameters"], color=QUIET, height=0.6)
        beside = f"{count(layer['parameters'])}  → {_shape(layer)}"
        ax.annotate(beside, (layer["parameters"], i), (4, 0), textcoords="offset points", va="center", fontsize=SMALL)
    rows_of(ax, [f"{layer['name']} · {layer['type']}" for layer in layers])
    ax.set(xlim=(0, 1.75 * max(layer["parameters"] for layer in layers)), xticks=[])
    ax.spines["bottom"].set_visible(False)
    return picture


def _title(model: str, layers: Sequence[Mapping[str, Any]]) -> str:
    if not layers:
        return f"{model} has no trainable layers"
    total = sum(layer["parameters"] for layer in layers)
    largest = max(layers, key=lambda layer: int(layer["parameters"]))
    if largest["parameters"] == total:
        return f"All {count(total)} parameters of {model} lie in one layer"
    share = percent(largest["parameters"] / total)
    return f"{share} of the {count(total)} parameters of {model} lie in its {largest['type']} {largest['name']}"


def _shape(layer: Mapping[str, Any]) -> str:
    return " × ".join(map(str, layer["shape"]))


def _blocks(layers: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The layers, or those of one block together if there are too many: names are cut from their end until they fit."""
    blocks = list(layers)
    for depth in range(max((layer["name"].count(".") for layer in layers), default=0), 0, -1):
        if len(blocks) <= MOST:
            break
        named = groupby(layers, key=lambda layer: ".".join(layer["name"].split(".")[:depth]))
        blocks = [_joined(name, list(own)) for name, own in named]
    return blocks


def _joined(name: str, layers: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    if len(layers) == 1:
        return {**layers[0], "name": name}
    total = sum(layer["parameters"] for layer in layers)
    return {"name": name, "type": "block", "shape": layers[-1]["shape"], "parameters": total}
