"""Synthetic samples beside the real training samples that are nearest to them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures import _signals as shared
from reportgen.figures._signals import REAL, About, Arrays, Shown
from reportgen.figures._style import QUIET, SMALL, fit, looks
from reportgen.figures._traces import scale_bars, step_of, traces
from reportgen.outputs import Inputs
from reportgen.words import fixed, listing

EACH = "experiment"
NEEDS = ("signal_pair", "signal_about")
SHOWS = ("signal_scores",)

GENERATORS = 6  # rows
ACROSS = 3  # examples in a row
CHANNELS = 4
TINY = 1e-9  # instead of no distance at all in a denominator
NEAR = 0.5  # ratio below which examples are called near
HOW_NEAR: Mapping[float, str] = {  # up to such a ratio, in words
    0.1: "as good as copies",
    NEAR: "near what was learned from",
    0.85: "somewhat nearer to it than unseen real ones are",
    float("inf"): "no nearer to it than unseen real ones are",
}
GREY = "#9A9A9A"
Places = Sequence[tuple[int, int]]


def draw(inputs: Inputs) -> Figure:
    """Draw one example of each class, as many as there is room for."""
    about, every = shared.about_of(inputs), shared.generators(inputs, "signal_pair")
    pairs, signals = shared.arrays(inputs, "signal_pair"), about["domain"] == "signals"
    ratios = {one: _ratios(pairs[one.key]) for one in every}
    made = _drawn(every, _middle(ratios))
    places = _places(about, [pairs[one.key]["made"] for one in made], ACROSS)
    return Figure(
        title=_title(about, ratios),
        caption=_caption(inputs, about, ratios, made, places),
        alt=_alt(about, ratios),
        picture=(_traces if signals else _maps)(about, made, pairs, ratios, places),
        data=_table(about, pairs, ratios),
        dense=True,
    )


def _drawn(every: Sequence[Shown], middle: Mapping[Shown, float]) -> list[Shown]:
    """As many as have room: networks, then those whose examples lie nearest to training samples."""
    first = sorted(every, key=lambda one: (not one.network, middle.get(one, np.inf)))[:GENERATORS]
    return [one for one in every if one in first]


def _ratios(pair: Arrays) -> np.ndarray:
    """(class, example): distance to the nearest training sample ÷ that to the nearest unseen one, 1 as real samples have it."""
    own, usual = (pair[name][..., 0] / np.maximum(pair[name][..., 1], TINY) for name in ("gap", "usual"))
    known = usual[np.isfinite(usual) & (usual > 0)]
    return np.asarray(own / (np.median(known) if len(known) else np.nan))


def _places(about: About, made: Sequence[np.ndarray], most: int) -> list[tuple[int, int]]:
    """(class, example) of what is drawn: the first example of each class, then the second ones."""
    n = made[0].shape[1]
    known = np.all([np.isfinite(x.reshape(*x.shape[:2], -1)).all(axis=(1, 2)) for x in made], axis=0)
    every = [(label, example) for example in range(n) for label in range(len(about["classes"])) if known[label]]
    return sorted(every[:most])


def _traces(
    about: About, made: Sequence[Shown], pairs: Mapping[str, Arrays], ratios: Mapping[Shown, np.ndarray], places: Places
) -> Picture:
    picked = shared.some_channels(about, CHANNELS)
    picture, axes = shared.grid(
        len(made), len(places), min(0.22 * len(picked) + 0.05, 6.5 / len(made) - 0.2), sharex=True, sharey=True
    )
    step = step_of([pairs[one.key]["nearest"][at][picked] for one in made for at in places])
    for one, line in zip(made, axes, strict=True):
        for at, ax in zip(places, line, strict=True):
            traces(ax, pairs[one.key]["nearest"][at][picked], about["seconds"], step, color=GREY, linewidth=1.6)
            traces(ax, pairs[one.key]["made"][at][picked], about["seconds"], step, color=one.colour, linewidth=0.7)
            _ratio(ax, ratios[one][at])
        line[0].set_yticks(-step * np.arange(len(picked)), [fit(about["channels"][i], 0.45) for i in picked], fontsize=SMALL)
        shared.heading(line[0], fit(one.title, 4.1 / len(places)), look=one.look)
    _name_classes(about, axes[0], places)
    scale_bars(axes[-1, -1], about["seconds"], step, about["unit"], len(picked))
    return picture


def _maps(
    about: About, made: Sequence[Shown], pairs: Mapping[str, Arrays], ratios: Mapping[Shown, np.ndarray], places: Places
) -> Picture:
    """Synthetic and nearest map side by side."""
    picture, axes = shared.grid(len(made), 2 * len(places), min(1.1, 6.0 / len(made) - 0.2))
    order = shared.front_to_back(about)
    colours = shared.levels(shared.of_places(about, pairs[made[0].key]["real"]))
    for row, (one, line) in enumerate(zip(made, axes, strict=True)):
        for i, ax in enumerate(line):
            values = shared.of_places(about, pairs[one.key][("made", "nearest")[i % 2]][places[i // 2]])
            shared.heat(ax, values[order], about, order, colours, names=i == 0, bands=row == len(made) - 1)
            if i % 2:
                _ratio(ax, ratios[one][places[i // 2]])
        shared.heading(line[0], fit(one.title, 4.1 / len(places)), look=one.look)
    for i, ax in enumerate(axes[-1]):
        ax.set_xlabel(("synthetic", "nearest\ntraining")[i % 2], fontsize=SMALL, color=QUIET)
    _name_classes(about, axes[0][::2], places)
    shared.bar(picture, colours, axes, about["unit"])
    return picture


def _ratio(ax: Axes, ratio: float) -> None:
    """At the upper right corner of a panel."""
    text = f"{fixed(ratio, 2)}" if np.isfinite(ratio) else "–"
    how: dict[str, Any] = {"ha": "right", "va": "bottom", "fontsize": SMALL, "color": REAL}
    ax.annotate(text, (1, 1), (0, 3), "axes fraction", "offset points", **how).set_in_layout(False)


def _name_classes(about: About, line: Sequence[Axes], places: Places) -> None:
    look = looks(about["classes"])
    for (label, _), ax in zip(places, line, strict=True):
        shared.heading(ax, fit(about["classes"][label], 5.5 / len(places)), 15, colour=look[label].colour)


def _middle(ratios: Mapping[Shown, np.ndarray]) -> dict[Shown, float]:
    """Medians over examples."""
    return {one: float(np.median(values[np.isfinite(values)])) for one, values in ratios.items() if np.isfinite(values).any()}


def _title(about: About, ratios: Mapping[Shown, np.ndarray]) -> str:
    middle = _middle(ratios)
    if not middle:
        return "No distance to the nearest training samples could be measured"
    near = {one: value for one, value in middle.items() if value < NEAR}
    values = (near or middle).values()
    told = " to ".join(dict.fromkeys(fixed(value, 2) for value in (min(values), max(values))))
    ending = f"lie near training {shared.many(about)}: at {told} of the distance of unseen real ones"
    if near:
        return f"Examples of {listing([one.title for one in near])} {ending}"
    return f"No generator's examples {ending}"


def _caption(inputs: Inputs, about: About, ratios: Mapping[Shown, np.ndarray], made: Sequence[Shown], places: Places) -> str:
    what, every = shared.many(about), list(ratios)
    parts = [
        f"Synthetic {what}, drawn at random, not chosen, and the training {what[:-1]} nearest to each{shared.where(about)}."
    ]
    if about["domain"] == "signals":
        n, shown = len(about["channels"]), min(CHANNELS, len(about["channels"]))
        parts.append(f"Grey, thick: the nearest one; coloured: the synthetic one; {shown} of {n} channels, on one scale.")
    else:
        parts.append("Channels from front to back are rows, bands columns, all on one scale, that of most real ones.")
    parts.append(
        "Numbers: its distance to that neighbour as a share of that to its nearest held-out real one, by the same of real"
        f" {what} of the test part: 1 is as real ones have it, 0 a copy. Distances are root mean squares in standard deviations"
        f" of the training part. The title is of medians over {ratios[every[0]].size} examples."
    )
    parts.append(_measured(inputs, every))
    parts.append(shared.class_words(about, sorted({label for label, _ in places}), "the first ones with samples"))
    return " ".join(filter(None, [*parts, shared.not_drawn(made, every), shared.diverged(inputs)]))


def _measured(inputs: Inputs, every: Sequence[Shown]) -> str:
    """The score of all samples, if there is one."""
    found = {row["key"]: row["ratio"]["mean"] for _, scores in inputs.all("signal_scores") for row in scores["memory"]}
    told = [f"{one.title} {fixed(found[one.key], 2)}" for one in every if found.get(one.key) is not None]
    return f"Memorisation ratio over all samples: {', '.join(told)}." if told else ""


def _alt(about: About, ratios: Mapping[Shown, np.ndarray]) -> str:
    groups: dict[str, list[str]] = {}
    for one, value in _middle(ratios).items():
        groups.setdefault(next(words for most, words in HOW_NEAR.items() if value <= most), []).append(one.title)
    told = "; ".join(f"{words}: {listing(groups[words])}" for words in HOW_NEAR.values() if words in groups)
    kind = "Traces" if about["domain"] == "signals" else "Heat maps"
    return f"{kind} of synthetic samples over their nearest training samples. They are {told or 'of unknown distance'}."


def _table(about: About, pairs: Mapping[str, Arrays], ratios: Mapping[Shown, np.ndarray]) -> list[list[object]]:
    header: list[object] = ["generator", "class", "example", "distance to training", "distance to held-out", "relative to real"]
    rows: list[list[object]] = [
        [
            one.title,
            about["classes"][label],
            example + 1,
            *np.round(pairs[one.key]["gap"][label, example], 4).tolist(),
            round(float(ratio), 4),
        ]
        for one, values in ratios.items()
        for (label, example), ratio in np.ndenumerate(values)
    ]
    return [header, *rows]
