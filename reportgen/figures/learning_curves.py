"""How a network learned: loss and accuracy after every epoch, training and validation, all seeds."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from reportgen.core import Figure
from reportgen.figures._plotly import layout
from reportgen.figures._style import SMALL, TRAINING, VALIDATION, beside, new_figure
from reportgen.figures._words import counted
from reportgen.outputs import Inputs
from reportgen.words import decimals, fixed

EACH = "experiment"
NEEDS = ("history",)

Measure = Literal["loss", "accuracy"]
Histories = Mapping[str, Mapping[str, Any]]  # by seed
COLOURS = {"train": TRAINING, "validation": VALIDATION}
PARTS = {"train": "training", "validation": "validation"}


def draw(inputs: Inputs) -> Figure:
    """Draw loss and accuracy over the epochs, single seeds thin and their mean thick."""
    histories = {
        about["seed"]: value for about, value in sorted(inputs.all("history"), key=lambda found: int(found[0]["seed"]))
    }
    picture = new_figure("column", 2.45)
    left, right = picture.subplots(1, 2)
    _panel(left, histories, "loss")
    _panel(right, histories, "accuracy")
    left.set_title("● chosen epoch", loc="right", fontsize=SMALL, color=VALIDATION)
    return Figure(
        title=_title(histories),
        caption=_caption(histories),
        alt=_alt(histories),
        picture=picture,
        data=_table(histories),
        interactive=_interactive(histories),
    )


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


def _panel(ax: Axes, histories: Histories, measure: Measure) -> None:
    ends = []
    for part, colour in COLOURS.items():
        name = f"{part}_{measure}"
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
    ax.set(xlabel="epoch", title=measure, xlim=(1 - margin, last + margin))
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
    binary = any(history.get("loss") == "binary_cross_entropy" for history in histories.values())
    two_losses = (
        " The two losses do not compare: the training minimises the binary cross-entropy of each class, the validation loss "
        "is the cross-entropy."
    )
    return (
        f"Loss and accuracy after every epoch on the training part (grey, dashed) and the validation part (blue). {seeds} "
        f"Dots mark the epoch whose weights are kept, the one {kept}. Training values are means over the batches as they were "
        "trained, with any augmentation and dropout, and can therefore be worse than those on the validation part."
        + (two_losses if binary else "")
    )


def _alt(histories: Histories) -> str:
    told = [
        f"Seed {seed}, {counted(len(history['epochs']), 'epoch')}, of which epoch {history['chosen']} is kept: "
        + ", ".join(
            f"{PARTS[part]} {measure} {_told(_column(history, f'{part}_{measure}'), history['chosen'])}"
            for measure in ("loss", "accuracy")
            for part in COLOURS
        )
        for seed, history in histories.items()
    ]
    return f"Two line charts over the epochs. {'. '.join(told)}."


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


def _interactive(histories: Histories) -> dict[str, Any]:
    """The same curves for Plotly: zoom, and seeds to switch on and off."""
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "marker": {"size": [_marked(history, row, part) for row in history["epochs"]]},
            "name": f"{PARTS[part]}, seed {seed}",
            "legendgroup": f"{part} {seed}",
            "showlegend": measure == "loss",
            "x": [row["epoch"] for row in history["epochs"]],
            "y": [row[f"{part}_{measure}"] for row in history["epochs"]],
            "xaxis": axis,
            "yaxis": axis.replace("x", "y"),
            "line": {"color": COLOURS[part], "width": 1.5, "dash": "solid" if part == "validation" else "dash"},
            "hovertemplate": f"epoch %{{x}}: %{{y:.3f}}<extra>{PARTS[part]} {measure}, seed {seed}</extra>",
        }
        for measure, axis in (("loss", "x"), ("accuracy", "x2"))
        for part in COLOURS
        for seed, history in histories.items()
    ]
    axes: dict[str, Any] = {
        "x": {"domain": [0, 0.43], "title": {"text": "epoch"}},
        "y": {"title": {"text": "loss"}},
        "x2": {"domain": [0.57, 1], "anchor": "y2", "title": {"text": "epoch"}},
        "y2": {"anchor": "x2", "title": {"text": "accuracy"}},
    }
    return {"data": traces, "layout": layout(360, **axes)}


def _marked(history: Mapping[str, Any], row: Mapping[str, Any], part: str) -> int:
    """Pixels of the dot at an epoch: the chosen one, and a single one, which has no line."""
    chosen = part == "validation" and row["epoch"] == history["chosen"]
    return 9 if chosen else 6 if len(history["epochs"]) == 1 else 0
