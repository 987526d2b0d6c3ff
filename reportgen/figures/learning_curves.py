"""How a network learned: loss and accuracy after every epoch, training and validation, all seeds and folds.

A network trained with binary cross-entropy is still validated by the cross-entropy of the softmax of its outputs: the two
losses have other scales, and are drawn apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from reportgen.core import Figure
from reportgen.figures._plotly import layout, plain
from reportgen.figures._style import TRAINING, VALIDATION, beside, key, new_figure
from reportgen.figures._words import counted
from reportgen.outputs import Inputs
from reportgen.words import decimals, fixed

EACH = "experiment"
NEEDS = ("history",)
SHOWS = ("split",)

FEW = 12  # trainings that are drawn interactively, each of them to be switched on and off
TOLD = 6  # and told one by one in the alt text

Measure = Literal["loss", "accuracy"]


class Run(NamedTuple):
    """One training."""

    seed: str
    fold: str  # its name; empty where the split has none

    def __str__(self) -> str:
        return f"seed {self.seed}, {self.fold}" if self.fold else f"seed {self.seed}"


Histories = Mapping[Run, Mapping[str, Any]]
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
    """Draw loss and accuracy over the epochs, single trainings thin and their mean thick."""
    histories = _histories(inputs)
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
        interactive=_interactive(histories, panels) if len(histories) <= FEW else None,
    )


def _histories(inputs: Inputs) -> Histories:
    """Of all trainings, seed by seed and fold by fold."""
    found = sorted(inputs.all("history"), key=lambda one: (int(one[0]["seed"]), int(one[0].get("fold", 0))))
    names = inputs.one("split")["folds"] if any("fold" in about for about, _ in found) else [""]
    return {Run(about["seed"], names[int(about.get("fold", 0))]): value for about, value in found}


def _binary(histories: Histories) -> bool:
    """Whether training minimised another loss than the one that validation measures."""
    return any(history.get("loss") == "binary_cross_entropy" for history in histories.values())


def _column(history: Mapping[str, Any], name: str) -> np.ndarray:
    """One column of a history (epoch,), NaN where nothing was measured."""
    return np.array([np.nan if row[name] is None else row[name] for row in history["epochs"]], float)


def _mean(histories: Histories, name: str) -> np.ndarray:
    """Mean over trainings (epoch,), as far as all of them ran."""
    shortest = min(len(history["epochs"]) for history in histories.values())
    return np.asarray(np.mean([_column(history, name)[:shortest] for history in histories.values()], axis=0))


def _chosen(history: Mapping[str, Any], name: str) -> float:
    """A column's value at the epoch whose weights were kept."""
    return float(_column(history, name)[history["chosen"] - 1])


def _draw_panel(ax: Axes, histories: Histories, panel: Panel) -> None:
    ends = []
    pale, size = (0.45, None) if len(histories) <= FEW else (0.25, 3.0)
    for part in panel.parts:
        name, colour = f"{part}_{panel.measure}", COLOURS[part]
        mean = _mean(histories, name)
        dot = "." if len(mean) == 1 else ""
        for history in histories.values():
            values = _column(history, name)
            ax.plot(np.arange(1, len(values) + 1), values, color=colour, alpha=pale, linewidth=0.7, marker=dot)
            if part == "validation":
                at = history["chosen"], _chosen(history, name)
                ax.plot(*at, "o", color=colour, markeredgecolor="white", markersize=size, zorder=3)
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
    """What the curves say of the end of training, where all trainings agree."""
    kept = list(histories.values())
    if all(1 < h["chosen"] == len(h["epochs"]) and h["chosen_by"] != "last" for h in kept):
        return ", the last one: it may improve with more epochs"
    if all(_column(h, "validation_loss")[-1] > 1.1 * _chosen(h, "validation_loss") for h in kept):
        return ", then the validation loss rises"
    return ""


def _caption(histories: Histories) -> str:
    how = {"validation_loss": "with the lowest validation loss", "validation_accuracy": "with the highest validation accuracy"}
    kept = how.get(next(iter(histories.values()))["chosen_by"], "reached last")
    two_losses = (
        " The two losses do not compare: the training loss is the binary cross-entropy, of each class apart, the validation "
        "loss the cross-entropy of the softmax of the outputs."
    )
    return (
        "Loss and accuracy after every epoch on the training part (grey, dashed) and the validation part (blue). "
        f"{_trainings(histories)} Dots mark the epoch whose weights are kept, the one {kept}. Training values are means over "
        "the batches as they were trained, with any augmentation, dropout and smoothing of labels, and can be worse than those "
        "on the validation part." + (two_losses if _binary(histories) else "")
    )


def _trainings(histories: Histories) -> str:
    """What the lines are."""
    if len(histories) == 1:
        return "One seed."
    seeds, folds = (len({run[place] for run in histories}) for place in (0, 1))
    if folds == 1:
        return f"Thin lines are {seeds} seeds, thick lines their mean."
    return (
        f"Thin lines are {len(histories)} trainings, of {counted(folds, 'fold')} with {counted(seeds, 'seed')}, thick lines "
        "their mean as far as all of them ran."
    )


def _alt(histories: Histories) -> str:
    charts = "Three line charts, the losses apart," if _binary(histories) else "Two line charts"
    if len(histories) > TOLD:
        return f"{charts} over the epochs. {_told_together(list(histories.values()))}."
    told = [
        f"S{str(run)[1:]}, {counted(len(history['epochs']), 'epoch')}, of which epoch {history['chosen']} is kept: "
        + ", ".join(
            f"{PARTS[part]} {measure} {_told([_column(history, f'{part}_{measure}')], [history['chosen']])}"
            for measure in ("loss", "accuracy")
            for part in COLOURS
        )
        for run, history in histories.items()
    ]
    return f"{charts} over the epochs. {'. '.join(told)}."


def _told_together(histories: Sequence[Mapping[str, Any]]) -> str:
    """What many trainings do, in means over them."""
    chosen = [history["chosen"] for history in histories]
    means = [
        f"{PARTS[part]} {measure} {_told([_column(history, f'{part}_{measure}') for history in histories], chosen)}"
        for measure in ("loss", "accuracy")
        for part in COLOURS
    ]
    kept = f"epoch {min(chosen)} is kept" if min(chosen) == max(chosen) else f"epochs {min(chosen)} to {max(chosen)} are kept"
    return f"Of {len(histories)} trainings {kept}; their means: {', '.join(means)}"


def _told(columns: Sequence[np.ndarray], chosen: Sequence[int]) -> str:
    """The mean over trainings of a column (epoch,) of each, at first and in the epoch that is kept."""
    ends = [column[0] for column in columns], [column[at - 1] for column, at in zip(columns, chosen, strict=True)]
    first, kept = ("unknown" if np.isnan(values).any() else f"{np.mean(values):.2f}" for values in ends)
    return f"{first} at first and {kept} then"


def _table(histories: Histories) -> list[list[object]]:
    names = ("epoch", "learning_rate", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy")
    whose = ("seed", "fold") if any(run.fold for run in histories) else ("seed",)
    return [
        [*whose, *names, "chosen"],
        *(
            [*run[: len(whose)], *(row[name] for name in names), row["epoch"] == h["chosen"]]
            for run, h in histories.items()
            for row in h["epochs"]
        ),
    ]


def _interactive(histories: Histories, panels: Sequence[Panel]) -> dict[str, Any]:
    """The same curves for Plotly: zoom, and trainings to switch on and off."""
    width = 1 / len(panels)
    traces: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    for i, panel in enumerate(panels):
        x, y = ("x", "y") if i == 0 else (f"x{i + 1}", f"y{i + 1}")
        axes[x] = {"domain": [i * width + (0.07 if i else 0), (i + 1) * width], "anchor": y, "title": {"text": "epoch"}}
        axes[y] = {"anchor": x, "title": {"text": panel.title}}
        traces += [
            _trace(history, plain(str(run)), part, panel.measure) | {"xaxis": x, "yaxis": y}
            for part in panel.parts
            for run, history in histories.items()
        ]
    return {"data": traces, "layout": layout(360, **axes)}


def _trace(history: Mapping[str, Any], run: str, part: str, measure: Measure) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "marker": {"size": [_marked(history, row, part) for row in history["epochs"]]},
        "name": f"{PARTS[part]}, {run}",
        "legendgroup": f"{part} {run}",
        "showlegend": measure == "loss",
        "x": [row["epoch"] for row in history["epochs"]],
        "y": [row[f"{part}_{measure}"] for row in history["epochs"]],
        "line": {"color": COLOURS[part], "width": 1.5, "dash": "solid" if part == "validation" else "dash"},
        "hovertemplate": f"epoch %{{x}}: %{{y:.3f}}<extra>{PARTS[part]} {measure}, {run}</extra>",
    }


def _marked(history: Mapping[str, Any], row: Mapping[str, Any], part: str) -> int:
    """Pixels of the dot at an epoch: the chosen one, and a single one, which has no line."""
    chosen = part == "validation" and row["epoch"] == history["chosen"]
    return 9 if chosen else 6 if len(history["epochs"]) == 1 else 0
