"""All experiments side by side: accuracy with its interval, single seeds, baseline, chance and published values."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from reportgen.bootstrap import MIN_GROUPS
from reportgen.core import Figure
from reportgen.figures._plotly import layout, plain
from reportgen.figures._style import INK, QUIET, VALIDATION, beside, key, legend_below, new_figure, range_line
from reportgen.figures._words import counted, number, with_interval
from reportgen.outputs import Inputs
from reportgen.words import count, fixed, listing, setting

EACH = "study"
NEEDS = ("facts", "scores", "model", "split")

NOT_A_RESULT = "smoke-trained: not a result"
TO_GROUP = 0.9  # rows between the last experiment of a group and the name of the next one


@dataclass(frozen=True, slots=True)
class Row:
    """One experiment of the plot."""

    dataset: str
    split: str  # in words, empty where it is not known
    experiment: str
    model: str
    smoke: bool
    n: int
    groups: int  # of samples that are not independent
    accuracy: Mapping[str, Any]  # a metric of `scores`
    twin_free: Mapping[str, Any]
    majority: Mapping[str, Any]
    chance: float
    above: Mapping[str, Any]  # the accuracy less that of the majority class
    published: tuple[Mapping[str, Any], ...]

    @property
    def note(self) -> str:
        """The small line below the experiment's name."""
        return NOT_A_RESULT if self.smoke else f"{self.model} · {counted(len(self.accuracy['seeds']), 'seed')}"


Scored = tuple[Mapping[str, str], Mapping[str, Any]]  # experiment and its `scores`
Groups = Sequence[tuple[str, Sequence[Row]]]  # data set, with its split if there are several, and its experiments


def draw(inputs: Inputs) -> Figure:
    """Draw every experiment of the study that was scored."""
    groups = _groups(inputs)
    rows = [row for _, own in groups for row in own]
    height = len(rows) + TO_GROUP * len(groups)
    picture = new_figure("column", 0.75 + min(0.34, 6.4 / height) * height)
    ax = picture.subplots()
    _draw_groups(ax, groups)
    _frame(ax, rows, height)
    legend_below(picture, _legend(rows))
    return Figure(
        title=_title(groups),
        caption=_caption(groups),
        alt=_alt(groups),
        picture=picture,
        data=_table(rows),
        interactive=_interactive(groups),
    )


def _groups(inputs: Inputs) -> Groups:
    """Experiments with the same test samples, in the order of the study, under a name that no other group has."""
    facts = {about["dataset"]: value for about, value in inputs.all("facts")}
    titles = Counter(value["title"] for value in facts.values())
    groups: list[tuple[str, Sequence[Row]]] = []
    for dataset, value in facts.items():
        title = value["title"] if titles[value["title"]] == 1 else f"{value['title']} ({dataset})"
        divided = _divided(inputs, dataset)
        for (split, _), scored in divided.items():
            rows = [_row(inputs, value, title, split, about, scores) for about, scores in scored]
            groups.append((f"{title} · {split}" if split and len(divided) > 1 else title, rows))
    return groups


def _divided(inputs: Inputs, dataset: str) -> dict[tuple[str, int], list[Scored]]:
    """The scores of a data set by split, in words, and number of test samples."""
    splits = {about["experiment"]: split for about, split in inputs.all("split", dataset=dataset)}
    divided: dict[tuple[str, int], list[Scored]] = {}
    for about, scores in inputs.all("scores", dataset=dataset):
        split = splits.get(about["experiment"])
        key = (_split_name(split, list(splits.values())) if split else "", scores["views"]["all"]["n"])
        divided.setdefault(key, []).append((about, scores))
    return divided


def _split_name(split: Mapping[str, Any], of: Sequence[Mapping[str, Any]]) -> str:
    """`holdout split, test = 0.3`: its name, and the settings in which splits of that name differ, but for empty ones."""
    alike = [other["settings"] for other in of if other["name"] == split["name"]]
    own = split["settings"].items()
    differing = [(name, value) for name, value in own if any(other.get(name) != value for other in alike)]
    told = [f"{name} = {setting(value)}" for name, value in differing if value not in ([], "", None)]
    return ", ".join([f"{split['name']} split", *told])


def _row(
    inputs: Inputs, facts: Mapping[str, Any], title: str, split: str, about: Mapping[str, str], scores: Mapping[str, Any]
) -> Row:
    view, twin_free = scores["views"]["all"], scores["views"]["twin_free"]
    model = next((value["id"] for _, value in inputs.all("model", experiment=about["experiment"])), "")
    comparable = {"metric": "accuracy", "model": model}  # the same network on the same part of the data
    return Row(
        dataset=title,
        split=split,
        experiment=about["experiment"],
        model=model,
        smoke=scores["smoke"],
        n=view["n"],
        groups=view["groups"],
        accuracy=view["metrics"]["accuracy"],
        twin_free=twin_free["metrics"]["accuracy"] if twin_free else dict.fromkeys(("mean", "low", "high")),
        majority=view["baseline"]["majority"],
        chance=view["baseline"]["chance"],
        above=view["above_baseline"],
        published=tuple(
            reference
            for reference in facts["references"]
            if comparable.items() <= reference.items() and [reference["part"]] == scores["test_origin"]
        ),
    )


def _heading(name: str, rows: Sequence[Row]) -> str:
    return f"{name} · n = {count(rows[0].n)}"  # one n: a group has the same test samples


def _draw_groups(ax: Axes, groups: Groups) -> None:
    y = 0.0
    for name, rows in groups:
        ax.annotate(
            _heading(name, rows),
            (0, y),
            (0, 0),
            ax.get_yaxis_transform(),
            "offset points",
            va="center",
            weight="bold",
        )
        chance = rows[0].chance
        ax.plot([chance, chance], [y + 0.5, y + len(rows) + 0.5], color=QUIET, linewidth=0.9, dashes=(1, 1.5), zorder=1)
        for i, row in enumerate(rows, start=1):
            _draw_row(ax, y + i, row)
        y += len(rows) + TO_GROUP


def _draw_row(ax: Axes, y: float, row: Row) -> None:
    metric, colour = row.accuracy, QUIET if row.smoke else INK
    ax.plot(row.majority["accuracy"], y, "|", color=QUIET, markersize=9, markeredgewidth=1.0)
    ax.plot(_seeds(row), [y + 0.3] * len(_seeds(row)), "|", color=colour, markersize=3.5)
    range_line(ax, y, metric["low"], metric["high"], colour)
    ax.plot(metric["mean"], y, "o", color=colour, markerfacecolor="white" if row.smoke else colour, markersize=5)
    ax.plot([r["value"] for r in row.published], [y] * len(row.published), "D", color=VALIDATION, markerfacecolor="white")
    beside(ax, y, row.experiment, gap=-6, lift=4.5, colour=INK, size=8)
    beside(ax, y, row.note, gap=-6, lift=-4.5)
    beside(ax, y, with_interval(metric), colour=colour, size=8)


def _seeds(row: Row) -> list[float]:
    """Single values, if there are several."""
    values: list[float] = row.accuracy["seeds"]
    return values if len(values) > 1 else []


def _frame(ax: Axes, rows: Iterable[Row], height: float) -> None:
    values = [value for row in rows for value in _drawn(row) if value is not None]
    low, high = min(values), max(values)
    ax.set(xlim=(max(0.0, low - 0.05), min(1.0, high + 0.04)), ylim=(height - 0.3, -0.5), yticks=[])
    ax.set_xlabel("accuracy on the test part")
    ax.grid(axis="x")
    ax.spines["left"].set_visible(False)


def _drawn(row: Row) -> list[float | None]:
    """Every value of a row that has a place in the plot."""
    metric = row.accuracy
    published = [r["value"] for r in row.published]
    return [metric["mean"], metric["low"], metric["high"], *metric["seeds"], row.majority["accuracy"], row.chance, *published]


def _legend(rows: Sequence[Row]) -> list[Line2D]:
    entries = [
        key("o", "mean over seeds, 95 % interval", linestyle="-"),
        key("|", "seed", markersize=4) if any(map(_seeds, rows)) else None,
        key("|", "always the largest class", color=QUIET, markersize=9),
        key("", "chance", linestyle=(0, (1, 1.5)), color=QUIET, linewidth=0.9),
        key("D", "published", color=VALIDATION, markerfacecolor="white") if any(row.published for row in rows) else None,
    ]
    return [entry for entry in entries if entry]


def _title(groups: Groups) -> str:
    results = [(name, [row for row in rows if not row.smoke]) for name, rows in groups]
    best = [(name, max(rows, key=lambda row: float(row.accuracy["mean"]))) for name, rows in results if rows]
    if not best:
        return "No experiment was trained to its end"
    if len(best) > 1:
        return "Best accuracies: " + listing([f"{number(row.accuracy)} on {name} ({row.experiment})" for name, row in best])
    _, row = best[0]
    if row.above["low"] is None and row.groups < MIN_GROUPS:
        return f"{row.experiment} reaches {number(row.accuracy)}, on too few independent groups for a claim"
    if (row.above["difference"] if row.above["low"] is None else row.above["low"]) <= 0:  # none: all resamples agree
        return "No experiment is clearly better than always answering the largest class"
    floor = fixed(row.majority["accuracy"], 2)
    return f"{row.experiment} reaches an accuracy of {number(row.accuracy)}; always answering the largest class gives {floor}"


def _caption(groups: Groups) -> str:
    rows = [row for _, own in groups for row in own]
    parts = [
        "Accuracy of every experiment on its test part: mean over seeds, 95 % bootstrap interval over independent groups.",
        "The tall tick is the accuracy of always answering the largest class, the dotted line that of guessing.",
        "An interval that reaches them shows no learning.",
    ]
    if len(groups) > 1:
        parts.append("Rows of different groups were tested on other samples, or split in another way, and do not compare.")
    if any(map(_seeds, rows)):
        parts.append("Small ticks below are single seeds.")
    if published := dict.fromkeys(f"{r['value']:.3f} ({r['source']})" for row in rows for r in row.published):
        parts.append(f"Diamonds are published values of the same network on the same part: {listing(list(published))}.")
    if any(row.smoke for row in rows):
        parts.append("Hollow dots are networks that were trained only to show that they run; they are no results.")
    if any(row.accuracy["low"] is None for row in rows):
        parts.append(
            f"Where there is no interval, there are fewer than {MIN_GROUPS} independent groups, or all resamples agree."
        )
    return " ".join(parts)


def _alt(groups: Groups) -> str:
    def told(row: Row) -> str:
        return f"{row.experiment} {with_interval(row.accuracy)}" + (f", {NOT_A_RESULT}" if row.smoke else "")

    each = [
        f"On {name}: {'; '.join(map(told, rows))}; always the largest class {fixed(rows[0].majority['accuracy'], 2)}"
        for name, rows in groups
    ]
    return f"Forest plot of accuracy. {'. '.join(each)}."


def _table(rows: Sequence[Row]) -> list[list[object]]:
    header = ["data set", "split", "experiment", "model", "seeds", "n", "smoke-trained", "accuracy", "sd", "low", "high"]
    header += ["twin-free accuracy", "twin-free low", "twin-free high", "majority class", "majority accuracy", "chance"]
    return [
        [*header, "above majority", "above low", "above high", "published"],
        *(
            [row.dataset, row.split, row.experiment, row.model, len(row.accuracy["seeds"]), row.n, row.smoke]
            + [row.accuracy[name] for name in ("mean", "sd", "low", "high")]
            + [row.twin_free[name] for name in ("mean", "low", "high")]
            + [row.majority["class"], row.majority["accuracy"], row.chance]
            + [row.above[name] for name in ("difference", "low", "high")]
            + ["; ".join(f"{r['value']} {r['source']}" for r in row.published)]
            for row in rows
        ),
    ]


def _interactive(groups: Groups) -> dict[str, Any]:
    """The same plot for Plotly, a line for each group's name: hovering gives the numbers."""
    rows = [row for _, own in groups for row in own]
    lines = [
        line
        for name, own in groups
        for line in (f"<b>{plain(_heading(name, own))}</b>", *(plain(row.experiment) for row in own))
    ]
    named = [(plain(row.experiment), row) for row in rows]
    ticks = {
        ("seed", "line-ns-open", INK): [(value, name) for name, row in named for value in _seeds(row)],
        ("always the largest class", "line-ns-open", QUIET): [(row.majority["accuracy"], name) for name, row in named],
        ("chance", "x-thin-open", QUIET): [(row.chance, name) for name, row in named],
        ("published", "diamond-open", VALIDATION): [(r["value"], name) for name, row in named for r in row.published],
    }
    order = {"type": "category", "categoryorder": "array", "categoryarray": lines, "range": [len(lines) - 0.5, -0.5]}
    axes = {"x": {"title": {"text": "accuracy on the test part"}}, "y": {**order, "dtick": 1, "automargin": True}}
    return {
        "data": [*(_ticks(*look, points) for look, points in ticks.items() if points), _dots([n for n, _ in named], rows)],
        "layout": layout(120 + 36 * len(lines), **axes),
    }


def _ticks(name: str, symbol: str, colour: str, points: Sequence[tuple[float, str]]) -> dict[str, Any]:
    x, y = zip(*points, strict=True)
    marker = {"symbol": symbol, "color": colour, "size": 9, "line": {"color": colour, "width": 1.5}}
    hover = f"{name} %{{x:.3f}}<extra></extra>"
    return {"type": "scatter", "mode": "markers", "name": name, "x": x, "y": y, "marker": marker, "hovertemplate": hover}


def _dots(names: Sequence[str], rows: Sequence[Row]) -> dict[str, Any]:
    def reach(end: str) -> list[float]:
        return [0.0 if row.accuracy[end] is None else abs(row.accuracy[end] - row.accuracy["mean"]) for row in rows]

    return {
        "type": "scatter",
        "mode": "markers",
        "name": "mean over seeds, 95 % interval",
        "x": [row.accuracy["mean"] for row in rows],
        "y": names,
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": reach("high"),
            "arrayminus": reach("low"),
            "color": INK,
            "width": 0,
        },
        "marker": {"color": INK, "size": 9, "symbol": ["circle-open" if row.smoke else "circle" for row in rows]},
        "text": [f"{with_interval(row.accuracy)}<br>n = {count(row.n)}<br>{plain(row.note)}" for row in rows],
        "hovertemplate": "%{y}<br>%{text}<extra></extra>",
    }
