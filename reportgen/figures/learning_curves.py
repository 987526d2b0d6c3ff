"""How a network learned: loss and accuracy after every epoch, training and validation, all seeds.

A network trained with binary cross-entropy is still validated by the cross-entropy of the softmax of its outputs: the two
losses have other scales, and are drawn apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from reportgen.core import Figure
from reportgen.figures._plotly import layout
from reportgen.figures._style import TRAINING, VALIDATION, beside, key, new_figure
from reportgen.figures._words import counted
from reportgen.outputs import Inputs
from reportgen.words import decimals, fixed

EACH = "experiment"
NEEDS = ("history",)

Measure = Literal["loss", "accuracy"]
Histories = Mapping[str, Mapping[str, Any]]  # by seed
COLOURS = {"train": TRAINING, "validation": VALIDATION}
PARTS = {"train": "training", "validation": "validation"}


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart."""

    title: str
    measure: Measure
    parts: Sequence[str]


SAME = (Panel("loss", "loss", tuple(PARTS)), Panel("accuracy", "accuracy", tuple(PARTS)))
BINARY = (
    Panel("binary cross-entropy", "loss", ("train",)),
    Panel("cross-entropy", "loss", ("validation",)),
    Panel("accuracy", "accuracy", tuple(PARTS)),
)


def draw(inputs: Inputs) -> Figure:
    """Draw loss and accuracy over the epochs, single seeds thin and their mean thick."""
    histories = {
        about["seed"]: value for about, value in sorted(inputs.all("history"), key=lambda found: int(found[0]["seed"]))
    }
    panels = BINARY if _binary(histories) else SAME
    picture = new_figure("column", 2.45)
    charts = picture.subplots(1, len(panels))
    for ax, panel in zip(charts, panels, strict=True):
        _draw_panel(ax, histories, panel)
    picture.legend(handles=[key("o", "chosen epoch", color=VALIDATION)], loc="outside lower right", borderaxespad=0)
    return Figure(
        title=_title(histories),
        caption=_caption(histories),
        alt=_alt(histories),
        picture=picture,
        data=_table(histories),
        interactive=_interactive(histories, panels),
    )


def _binary(histories: Histories) -> bool:
    """Whether training minimised another loss than the one that validation measures."""
    return any(history.get("loss") == "binary_cross_entropy" for history in histories.values())


def _column(history: Mapping[str, Any], name: str) -> np.ndarray:
    """One column of a history (epoch,), NaN where nothing was measured."""
    return np.array([np.nan if row[name] is None else row[name] for row in history["epochs"]], float)


def _mean(histories: Histories, name: str) -> np.ndarray:
    """Mean over seeds (epoch,), as far as all seeds were trained."""
    shortest = min(len(history["epochs"]) for history in histories.values())
    return np.asarray(np.mean([_column(history, name)[:shortest] for history in histories.values()], axis=0))


def _chosen(history: Mapping[str, Any], name: str) -> float:
    """A column's value at the epoch whose weights were kept."""
    return float(_column(history, name)[history["chosen"] - 1])


def _draw_panel(ax: Axes, histories: Histories, panel: Panel) -> None:
    ends = []
    for part in panel.parts:
        name, colour = f"{part}_{panel.measure}", COLOURS[part]
        mean = _mean(histories, name)
        dot = "." if len(mean) == 1 else ""
        for history in histories.values():
            values = _column(history, name)
            ax.plot(np.arange(1, len(values) + 1), values, color=colour, alpha=0.45, linewidth=0.7, marker=dot)
            if part == "validation":
                ax.plot(history["chosen"], _chosen(history, name), "o", color=colour, markeredgecolor="white", zorder=3)
        ax.plot(
            np.arange(1, len(mean) + 1),
            mean,
            color=colour,
            linewidth=1.8,
            linestyle="-" if part == "validation" else (0, (4, 1)),
        )
        if np.isfinite(mean[-1]):
            ends.append((float(mean[-1]), PARTS[part], colour))
    last = max(len(history["epochs"]) for history in histories.values())
    margin = 0.5 if last == 1 else 0.02 * last
    ax.set(xlabel="epoch", title=panel.title, xlim=(1 - margin, last + margin))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    _label_ends(ax, ends)


def _label_ends(ax: Axes, ends: Sequence[tuple[float, str, str]]) -> None:
    """Name the lines (last value, name, colour) right of the chart, moved apart where they end together."""
    low, high = ax.get_ylim()
    last = -np.inf
    for value, name, colour in sorted(ends):
        last = max(value, last + 0.08 * (high - low))
        beside(ax, last, name, gap=3, colour=colour)


def _title(histories: Histories) -> str:
    reached = np.array([_chosen(history, "validation_accuracy") for history in histories.values()])
    epochs = sorted(history["chosen"] for history in histories.values())
    if not np.isfinite(reached).all():
        return f"Training runs for {counted(epochs[-1], 'epoch')}; nothing was held back for validation"
    when = f"epoch {epochs[0]}" if epochs[0] == epochs[-1] else f"epochs {epochs[0]} to {epochs[-1]}"
    return f"Validation accuracy reaches {_spread(reached)} at {when}{_ending(histories)}"


def _spread(values: np.ndarray) -> str:
    if len(values) == 1:
        return fixed(float(values[0]), 2)
    sd = float(values.std(ddof=1))
    return f"{fixed(float(values.mean()), decimals(sd))} ± {fixed(sd, decimals(sd))}"


def _ending(histories: Histories) -> str:
    """What the curves say of the end of training, where all seeds agree."""
    kept = list(histories.values())
    if all(1 < h["chosen"] == len(h["epochs"]) and h["chosen_by"] != "last" for h in kept):
        return ", the last one: it may improve with more epochs"
    if all(_column(h, "validation_loss")[-1] > 1.1 * _chosen(h, "validation_loss") for h in kept):
        return ", then the validation loss rises"
    return ""


def _caption(histories: Histories) -> str:
    how = {"validation_loss": "with the lowest validation loss", "validation_accuracy": "with the highest validation accuracy"}
    kept = how.get(next(iter(histories.values()))["chosen_by"], "reached last")
    seeds = "One seed." if len(histories) == 1 else f"Thin lines are {len(histories)} seeds, thick lines their mean."
    two_losses = (
        " The two losses do not compare: the training loss is the binary cross-entropy, of each class apart, the validation "
        "loss the cross-entropy of the softmax of the outputs."
    )
    return (
        f"Loss and accuracy after every epoch on the training part (grey, dashed) and the validation part (blue). {seeds} "
        f"Dots mark the epoch whose weights are kept, the one {kept}. Training values are means over the batches as they were "
        "trained, with any augmentation, dropout and smoothing of labels, and can be worse than those on the validation part."
        + (two_losses if _binary(histories) else "")
    )


def _alt(histories: Histories) -> str:
    charts = "Three line charts, the losses apart," if _binary(histories) else "Two line charts"
    told = [
        f"Seed {seed}, {counted(len(history['epochs']), 'epoch')}, of which epoch {history['chosen']} is kept: "
        + ", ".join(
            f"{PARTS[part]} {measure} {_told(_column(history, f'{part}_{measure}'), history['chosen'])}"
            for measure in ("loss", "accuracy")
            for part in COLOURS
        )
        for seed, history in histories.items()
    ]
    return f"{charts} over the epochs. {'. '.join(told)}."


def _told(values: np.ndarray, chosen: int) -> str:
    first, kept = ("unknown" if np.isnan(value) else f"{value:.2f}" for value in (values[0], values[chosen - 1]))
    return f"{first} at first and {kept} then"


def _table(histories: Histories) -> list[list[object]]:
    names = ("epoch", "learning_rate", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy")
    return [
        ["seed", *names, "chosen"],
        *(
            [seed, *(row[name] for name in names), row["epoch"] == h["chosen"]]
            for seed, h in histories.items()
            for row in h["epochs"]
        ),
    ]


def _interactive(histories: Histories, panels: Sequence[Panel]) -> dict[str, Any]:
    """The same curves for Plotly: zoom, and seeds to switch on and off."""
    width = 1 / len(panels)
    traces: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    for i, panel in enumerate(panels):
        x, y = ("x", "y") if i == 0 else (f"x{i + 1}", f"y{i + 1}")
        axes[x] = {"domain": [i * width + (0.07 if i else 0), (i + 1) * width], "anchor": y, "title": {"text": "epoch"}}
        axes[y] = {"anchor": x, "title": {"text": panel.title}}
        traces += [
            _trace(history, seed, part, panel.measure) | {"xaxis": x, "yaxis": y}
            for part in panel.parts
            for seed, history in histories.items()
        ]
    return {"data": traces, "layout": layout(360, **axes)}


def _trace(history: Mapping[str, Any], seed: str, part: str, measure: Measure) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "marker": {"size": [_marked(history, row, part) for row in history["epochs"]]},
        "name": f"{PARTS[part]}, seed {seed}",
        "legendgroup": f"{part} {seed}",
        "showlegend": measure == "loss",
        "x": [row["epoch"] for row in history["epochs"]],
        "y": [row[f"{part}_{measure}"] for row in history["epochs"]],
        "line": {"color": COLOURS[part], "width": 1.5, "dash": "solid" if part == "validation" else "dash"},
        "hovertemplate": f"epoch %{{x}}: %{{y:.3f}}<extra>{PARTS[part]} {measure}, seed {seed}</extra>",
    }


def _marked(history: Mapping[str, Any], row: Mapping[str, Any], part: str) -> int:
    """Pixels of the dot at an epoch: the chosen one, and a single one, which has no line."""
    chosen = part == "validation" and row["epoch"] == history["chosen"]
    return 9 if chosen else 6 if len(history["epochs"]) == 1 else 0
