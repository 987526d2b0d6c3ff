"""How models of intensities learned: loss of the training and the validation part after every epoch."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.ticker import MaxNLocator

from reportgen.core import Figure
from reportgen.figures._regression import ALL, few, set_name
from reportgen.figures._style import INK, SMALL, TRAINING, VALIDATION, WIDTHS, Width, fit, key, legend_below, nothing
from reportgen.figures._words import counted, sentence
from reportgen.outputs import Inputs
from reportgen.words import fixed, listing

EACH = "experiment"
NEEDS = ("regressor",)
HOLDS = {"regressor": ("sets", "*", "course", "epochs")}

PANEL, REST, TALL = 1.55, 0.45, 7.4  # inches: of a row of panels, of the legend, and of the picture at most
MOST = 16  # panels that have room
LOSSES: Mapping[str, str] = {"mse": "mean squared error", "mae": "mean absolute error"}
"""What losses are called; others keep their names."""
COLOURS = {"train": TRAINING, "validation": VALIDATION}


class Run(NamedTuple):
    """One training."""

    seed: int
    course: Mapping[str, Any]

    def column(self, part: str) -> np.ndarray:
        """Losses (epoch,) of a part, NaN where nothing was measured."""
        losses = [row[f"{part}_loss"] for row in self.course["epochs"]]
        return np.array([np.nan if loss is None else loss for loss in losses], float)


Runs = Mapping[tuple[str, str], Sequence[Run]]
"""{(title of the model, set of modalities): trainings}."""


def draw(inputs: Inputs) -> Figure:
    """Draw a panel for each model and set of modalities, with all seeds."""
    runs = _runs(inputs)
    shown = dict(list(runs.items())[:MOST])
    width: Width = "column" if len(shown) > 1 else "narrow"
    return Figure(
        title=_title(runs),
        caption=_caption(runs),
        alt=f"Curves of loss over epochs. {'. '.join(_told(*one) for one in runs.items()) or 'There are none'}.",
        picture=_picture(shown, width) if shown else nothing("No model of this experiment learns in epochs."),
        data=_table(runs),
        width=width,
    )


def _runs(inputs: Inputs) -> Runs:
    """All trainings that have a course, model by model and set by set, in the order of the study."""
    found = [(about, value) for about, value in inputs.all("regressor")]
    titles: dict[str, set[str]] = {}
    for about, value in found:
        titles.setdefault(value["title"], set()).add(about.get("regressor", value["use"]))
    runs: dict[tuple[str, str], list[Run]] = {}
    for about, value in found:
        own = f" ({about.get('regressor', value['use'])})" if len(titles[value["title"]]) > 1 else ""
        for name, made in value["sets"].items():
            if made["course"] and made["course"]["epochs"]:
                runs.setdefault((value["title"] + own, name), []).append(Run(value["seed"], made["course"]))
    return runs


def _picture(runs: Runs, width: Width) -> Picture:
    columns = len(runs) if len(runs) <= 4 else 4 if len(runs) % 3 else 3
    rows = ceil(len(runs) / columns)
    picture = Picture(figsize=(WIDTHS[width], min(TALL, REST + PANEL * rows + 0.15)), layout="constrained")
    axes = picture.subplots(rows, columns, squeeze=False).ravel()
    titles = {title for title, _ in runs}
    for i, (ax, ((title, name), own)) in enumerate(zip(axes, runs.items(), strict=False)):
        _draw_panel(ax, own)
        own_set = "all" if name == ALL else set_name(name)
        heading = set_name(name) if len(titles) == 1 else f"{fit(title, 0.85, 7.5)} · {own_set}"
        ax.set_title(fit(heading, WIDTHS[width] / columns - 0.3, 7.5), fontsize=7.5, color=INK)
        if i + columns >= len(runs):
            ax.set_xlabel("epoch", fontsize=SMALL, labelpad=1)
    for ax in axes[len(runs) :]:
        ax.set_axis_off()
    losses = _losses(runs)
    picture.supylabel(fit(losses[0], PANEL * rows - 0.1, 8) if len(losses) == 1 else "loss", fontsize=8)
    legend_below(
        picture,
        [
            key("", "training", linestyle=(0, (4, 1)), color=TRAINING),
            key("", "validation", linestyle="-", color=VALIDATION),
            key("o", "chosen epoch", color=VALIDATION, markeredgecolor="white"),
        ],
    )
    return picture


def _draw_panel(ax: Axes, own: Sequence[Run]) -> None:
    several = len(own) > 1
    for run in own:
        for part, dash in (("train", (0, (4, 1))), ("validation", "-")):
            losses = run.column(part)
            how: dict[str, Any] = {"linewidth": 0.8, "alpha": 0.6} if several else {"linewidth": 1.3}
            dot = "." if np.isfinite(losses).sum() == 1 else ""
            ax.plot(np.arange(1, len(losses) + 1), losses, color=COLOURS[part], linestyle=dash, marker=dot, **how)
        at = int(run.course["chosen"] or 0)
        losses = run.column("validation")
        if 0 < at <= len(losses) and np.isfinite(losses[at - 1]):
            ax.plot(at, losses[at - 1], "o", color=VALIDATION, markeredgecolor="white", zorder=3)
    last = max(len(run.course["epochs"]) for run in own)
    margin = 0.5 if last == 1 else 0.03 * last
    ax.set_xlim(1 - margin, last + margin)
    ax.set_ylim(*_limits(own))
    ax.xaxis.set_major_locator(MaxNLocator(4, integer=True, min_n_ticks=1))
    ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.tick_params(labelsize=SMALL)


def _limits(own: Sequence[Run]) -> tuple[float, float]:
    """All of the validation losses and nearly all training losses: a first epoch may be far off, and an exploded one is cut."""
    values = np.concatenate([run.column(part) for run in own for part in COLOURS])
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(np.quantile(values, 0.98)) if len(values) > 20 else float(values.max())
    margin = 0.06 * ((high - low) or abs(high) or 1.0)
    return low - margin, high + margin


def _losses(runs: Runs) -> list[str]:
    return sorted({LOSSES.get(name := run.course["loss"], name) for own in runs.values() for run in own})


def _chosen(own: Sequence[Run]) -> list[int]:
    return [int(run.course["chosen"] or 0) for run in own]


def _name(place: tuple[str, str]) -> str:
    title, name = place
    return f"{title} on {'all modalities' if name == ALL else set_name(name)}"


def _title(runs: Runs) -> str:
    if not runs:
        return "No model of this experiment learns in epochs"
    late = [place for place, own in runs.items() if all(run.course["chosen"] == len(run.course["epochs"]) for run in own)]
    if late:
        whose = few([_name(place) for place in late])
        return sentence(f"{whose} {'was' if len(late) == 1 else 'were'} still improving when training ended")
    every = [at for own in runs.values() for at in _chosen(own)]
    if len(runs) == 1:
        ((place, own),) = runs.items()
        epochs = listing([str(at) for at in sorted(set(_chosen(own)))])
        word = "epoch" if len(set(every)) == 1 else "epochs"
        return sentence(f"{_name(place)} is best on the validation part after {word} {epochs}")
    first = min(runs, key=lambda place: float(np.mean(_chosen(runs[place]))))
    last = max(runs, key=lambda place: float(np.mean(_chosen(runs[place]))))
    if min(every) == max(every):
        return f"All models are best on the validation part after epoch {every[0]}"
    span = f"{_epochs(runs[first])} ({_name(first)}) to {_epochs(runs[last])} ({_name(last)})"
    return f"Models are best on the validation part after epoch {span}"


def _epochs(own: Sequence[Run]) -> str:
    """The chosen epoch, or the mean of several."""
    return f"{np.mean(_chosen(own)):.0f}"


def _caption(runs: Runs) -> str:
    if not runs:
        return "Neighbours and linear models are computed at once: there is no course of learning."
    losses = listing(_losses(runs))
    seeds = max(map(len, runs.values()))
    parts = [
        f"Loss ({losses}) of the training part (grey, dashed) and of the validation part (blue) after every epoch.",
        "The model of the marked epoch is kept: its weights are those that the test part sees.",
        "Where blue rises while grey falls, a model learns its training part by heart.",
    ]
    if seeds > 1:
        parts.append(f"Thin lines are {counted(seeds, 'training')} from different seeds.")
    if len(runs) > MOST:
        parts.append(f"Only the first {MOST} of {len(runs)} have room; all are in the data.")
    return " ".join(parts)


def _told(place: tuple[str, str], own: Sequence[Run]) -> str:
    at = listing([str(epoch) for epoch in _chosen(own)])
    ends = [run.column("validation") for run in own]
    best = [float(losses[epoch - 1]) for losses, epoch in zip(ends, _chosen(own), strict=True) if 0 < epoch <= len(losses)]
    lowest = fixed(min(best), 3) if best else "unknown"
    longest = counted(max(map(len, ends)), "epoch")
    return f"{_name(place)}: {longest}, chosen {at}, validation loss there {lowest}"


def _table(runs: Runs) -> list[list[object]]:
    rows: list[list[object]] = []
    for (title, name), own in runs.items():
        for run in own:
            for row in run.course["epochs"]:
                kept = row["epoch"] == run.course["chosen"]
                rows.append([title, name, run.seed, row["epoch"], row["train_loss"], row["validation_loss"], kept])
    return [["model", "set", "seed", "epoch", "training loss", "validation loss", "chosen"], *rows]
