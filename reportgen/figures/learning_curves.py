"""How a network learned: loss and accuracy after every epoch, training and validation, all seeds."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from reportgen.core import Figure
from reportgen.figures._plotly import layout
from reportgen.figures._style import SMALL, TRAINING, VALIDATION, new_figure
from reportgen.figures._words import counted, number
from reportgen.outputs import Inputs

EACH = "experiment"
NEEDS = ("history",)

Measure = Literal["loss", "accuracy"]
Histories = Mapping[str, Mapping[str, Any]]  # by seed
COLOURS = {"train": TRAINING, "validation": VALIDATION}


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
            ends.append((float(mean[-1]), len(mean), "training" if part == "train" else part, colour))
    ax.set(xlabel="epoch", title=measure)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    _label_ends(ax, ends)


def _label_ends(ax: Axes, ends: Sequence[tuple[float, int, str, str]]) -> None:
    """Name the lines right of their ends, moved apart where they end together."""
    low, high = ax.get_ylim()
    apart, last = 0.08 * (high - low), -np.inf
    for value, _, name, colour in sorted(ends):
        last = max(value, last + apart)
        ax.annotate(
            name, (1, last), (3, 0), ax.get_yaxis_transform(), "offset points", color=colour, va="center", fontsize=SMALL
        )
    ax.set_ylim(low, high)


def _title(histories: Histories) -> str:
    reached = np.array([_chosen(history, "validation_accuracy") for history in histories.values()])
    epochs = sorted(history["chosen"] for history in histories.values())
    if not np.isfinite(reached).all():
        return f"Training runs for {counted(epochs[-1], 'epoch')}; nothing was held back for validation"
    value = f"{reached.mean():.2f}" if len(reached) == 1 else f"{_spread(reached)}"
    when = f"epoch {epochs[0]}" if epochs[0] == epochs[-1] else f"epochs {epochs[0]} to {epochs[-1]}"
    return f"Validation accuracy reaches {value} at {when}{_ending(histories)}"


def _spread(values: np.ndarray) -> str:
    sd = float(values.std(ddof=1))
    return f"{number(float(values.mean()), -sd, sd)} ± {number(sd, -sd, sd)}"


def _ending(histories: Histories) -> str:
    """What the curves say of the end of training, where all seeds agree."""
    kept = list(histories.values())
    if all(1 < h["chosen"] == len(h["epochs"]) and h["chosen_by"] != "last" for h in kept):
        return " and was still improving when training ended"
    if all(_column(h, "validation_loss")[-1] > 1.1 * _chosen(h, "validation_loss") for h in kept):
        return ", then the network overfits"
    return ""


def _caption(histories: Histories) -> str:
    how = {"validation_loss": "with the lowest validation loss", "validation_accuracy": "with the highest validation accuracy"}
    first = next(iter(histories.values()))
    seeds = (
        "One seed." if len(histories) == 1 else f"{len(histories)} seeds: thin lines are single ones, thick lines their mean."
    )
    return (
        f"Loss and accuracy after every epoch on the training part (grey, dashed) and the validation part (blue). {seeds} "
        f"Dots mark the epoch whose weights are kept, the one {how.get(first['chosen_by'], 'reached last')}. Training values are means over the "
        "batches as they were trained, with augmentation and dropout, and can therefore be worse than those on the validation part."
    )


def _alt(histories: Histories) -> str:
    told = []
    for seed, history in histories.items():
        loss, accuracy = (_column(history, f"validation_{measure}") for measure in ("loss", "accuracy"))
        told.append(
            f"Seed {seed}: validation loss from {loss[0]:.2f} to {_chosen(history, 'validation_loss'):.2f} and accuracy from {accuracy[0]:.2f} "
            f"to {_chosen(history, 'validation_accuracy'):.2f} at the chosen epoch {history['chosen']} of {len(loss)}, where training "
            f"accuracy is {_chosen(history, 'train_accuracy'):.2f}"
        )
    return f"Two line charts over the epochs. {'. '.join(told)}.".replace("nan", "not measured")


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
            "mode": "lines+markers" if len(history["epochs"]) == 1 else "lines",
            "name": f"{'training' if part == 'train' else part}, seed {seed}",
            "legendgroup": f"{part} {seed}",
            "showlegend": measure == "loss",
            "x": [row["epoch"] for row in history["epochs"]],
            "y": [row[f"{part}_{measure}"] for row in history["epochs"]],
            "xaxis": axis,
            "yaxis": axis.replace("x", "y"),
            "line": {"color": COLOURS[part], "width": 1.5, "dash": "solid" if part == "validation" else "dash"},
            "hovertemplate": f"epoch %{{x}}: %{{y:.3f}}<extra>{part} {measure}, seed {seed}</extra>",
        }
        for measure, axis in (("loss", "x"), ("accuracy", "x2"))
        for part in COLOURS
        for seed, history in histories.items()
    ]
    axes = {
        "x": {"domain": [0, 0.46], "title": {"text": "epoch"}},
        "y": {"title": {"text": "loss"}},
        "x2": {"domain": [0.54, 1], "anchor": "y2", "title": {"text": "epoch"}},
        "y2": {"anchor": "x2", "title": {"text": "accuracy"}},
    }
    return {"data": traces, "layout": layout(360, **axes)}
