"""Where the parameters of a network lie, layer by layer."""

from collections.abc import Mapping, Sequence
from typing import Any

from reportgen.core import Figure
from reportgen.figures._style import QUIET, SMALL, new_figure, rows_of
from reportgen.outputs import Inputs
from reportgen.words import count, listing, percent

EACH = "experiment"
NEEDS = ("model",)

MOST = 16  # rows; with more layers than that, those of one block are added up


def draw(inputs: Inputs) -> Figure:
    """Draw a bar for each layer or block that has parameters, from input to output."""
    _, model = next(inputs.all("model"))
    layers = _blocks([layer for layer in model["layers"] if layer["parameters"]])
    told = [f"{layer['name']} {count(layer['parameters'])}" for layer in layers]
    picture = new_figure("narrow", 0.5 + 0.21 * len(layers))
    ax = picture.subplots()
    for i, layer in enumerate(layers):
        ax.barh(i, layer["parameters"], color=QUIET, height=0.6)
        beside = f"{count(layer['parameters'])}  → {_shape(layer)}"
        ax.annotate(beside, (layer["parameters"], i), (4, 0), textcoords="offset points", va="center", fontsize=SMALL)
    rows_of(ax, [f"{layer['name']} · {layer['type']}" for layer in layers])
    ax.set(xlim=(0, 1.75 * max(layer["parameters"] for layer in layers)), xticks=[])
    ax.spines["bottom"].set_visible(False)
    return Figure(
        title=_title(model["id"], layers),
        caption="Trainable parameters of each layer from input (above) to output, and the shape of its output (channels × "
        "rows × columns). Layers without parameters are left out. Where most parameters lie, a network most easily learns "
        "samples by heart.",
        alt=f"Bar chart of parameters by layer: {listing(told)}.",
        picture=picture,
        data=[["layer", "type", "output", "parameters"], *([x["name"], x["type"], _shape(x), x["parameters"]] for x in layers)],
        width="narrow",
    )


def _title(model: str, layers: Sequence[Mapping[str, Any]]) -> str:
    total = sum(layer["parameters"] for layer in layers)
    largest = max(layers, key=lambda layer: int(layer["parameters"]))
    if largest["parameters"] == total:
        return f"All {count(total)} parameters of {model} lie in one layer"
    share = percent(largest["parameters"] / total)
    return f"{share} of the {count(total)} parameters of {model} lie in its {largest['type']} {largest['name']}"


def _shape(layer: Mapping[str, Any]) -> str:
    return " × ".join(map(str, layer["shape"]))


def _blocks(layers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The layers, or those of one block together if there are too many: the name is cut from its end until they fit."""
    depth = max(layer["name"].count(".") for layer in layers) + 1
    while True:
        blocks: dict[str, dict[str, Any]] = {}
        for layer in layers:
            name = ".".join(layer["name"].split(".")[:depth])
            alone = {**layer, "name": name}
            joined = {"name": name, "type": "block", "shape": layer["shape"]}
            so_far = blocks.get(name)
            blocks[name] = alone if so_far is None else {**joined, "parameters": so_far["parameters"] + layer["parameters"]}
        if len(blocks) <= MOST or depth == 1:
            return list(blocks.values())
        depth -= 1
