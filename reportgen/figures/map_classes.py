"""Classes of faces or recordings on the map of emotions: where the probabilities of a classifier put its test samples."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.emotions import plain
from reportgen.figures._density import Density
from reportgen.figures._emotion_space import Map, background, called, frame, ring, scale_words, shown_anchors
from reportgen.figures._laid import About, Arrays, Source, laid, panel, some_of, within
from reportgen.figures._style import INK, QUIET, SMALL, WIDTHS, fit, key, looks, nothing
from reportgen.figures._words import sentence
from reportgen.outputs import Inputs
from reportgen.words import count, counted, listing

EACH = "experiment"
NEEDS = ("map", "density", "laid", "laid_about")
HOLDS = {"laid_about": ("sort", "classes")}

PANELS = 6  # that have room
DOTS = 600  # samples drawn in a panel
SIDES: Mapping[int, float] = {1: 3.9, 2: 3.0, 3: 1.95}  # inches of a panel by panels in a row
SMALLEST = min(SIDES.values())
LEFT, GAP, HEAD = 0.08, 0.15, 0.3  # inches: at the left, between panels, above each
Nearest = Mapping[str, str]
"""{class: what its mean lies nearest to}: emotions, or "" for the vector of zeros."""


def draw(inputs: Inputs) -> Figure:
    """Draw a panel for each classifier, over the shades of the map."""
    found, density, sources = inputs.one("map"), inputs.one("density"), laid(inputs, "classes")
    if not sources:
        return Figure(
            title="No classes lie on this map",
            caption="No experiment of the study tells classes that are emotions of this map.",
            alt="An empty picture: there are no classes to lay on the map.",
            picture=nothing("no classes among these emotions"),
            data=[["source", "class", "what", "x", "y"], ["", "", "", None, None]],
            width="narrow",
        )
    return Figure(
        title=_title(found, sources),
        caption=_caption(inputs, found, sources),
        alt=_alt(found, sources),
        picture=_picture(found, density, sources[:PANELS]),
        data=_table(sources),
        dense=True,
    )


def _picture(found: Map, density: Density, sources: Sequence[Source]) -> Picture:
    across = min(len(sources), 2 if len(sources) == 4 else 3)
    side, down = SIDES[across], -(-len(sources) // across)
    classes = list(dict.fromkeys(name for about, _ in sources for name in about["classes"]))
    lines = -(-(len(classes) + 2) // _columns(classes))
    below = 0 if across == 1 else 0.2 + 0.17 * lines
    picture = Picture(figsize=(WIDTHS["column"], down * (side + HEAD) + 0.05 + below))
    for i, (about, arrays) in enumerate(sources):
        ax = panel(picture, LEFT + i % across * (side + GAP), HEAD + i // across * (side + HEAD), side)
        background(ax, found, density, inches=side)
        frame(ax, found, box=True)
        _samples(ax, found, about, arrays, 9.0 if side > SMALLEST else 7.0)
        simulated = " (simulated)" if about["simulated"] and not all(one["simulated"] for one, _ in sources) else ""
        ax.set_title(fit(about["title"] + simulated, side), weight="bold", pad=4)
    how: dict[str, Any] = {"fontsize": SMALL, "handletextpad": 0.4, "columnspacing": 1.2, "labelcolor": QUIET}
    if across == 1:
        right = LEFT + side + GAP
        if shown_anchors(found):
            ring(panel(picture, right, HEAD, WIDTHS["column"] - right - 0.05, 1.5), found)
        where = right / WIDTHS["column"], 0.0
        picture.legend(handles=list(_entries(classes, 1.6)), loc="lower left", bbox_to_anchor=where, **how)
    else:
        picture.legend(handles=list(_entries(classes, 1.0)), loc="lower center", ncols=_columns(classes), **how)
    return picture


def _columns(classes: Sequence[str]) -> int:
    """How many entries of the legend stand in a line."""
    longest = max([len("no emotion at all"), *(len(fit(name, 1.0, SMALL)) for name in classes)])
    return max(2, min(len(classes) + 2, int(100 / (longest + 5))))


def _entries(classes: Sequence[str], inches: float) -> Iterator[Any]:
    for name, look in zip(classes, looks(classes), strict=True):
        yield key(look.marker, fit(name, inches, SMALL), color=look.colour, markersize=4.5)
    yield key("o", "mean of a class", color="white", markeredgecolor=INK, markersize=7)
    yield key("", "to its emotion", linestyle="-", color=QUIET, linewidth=0.9)


def _samples(ax: Axes, found: Map, about: About, arrays: Arrays, size: float) -> None:
    """Samples by true class, and the mean of each class with a line to what it stands for."""
    chosen = some_of(len(arrays["labels"]), DOTS)
    points, labels = within(arrays["probabilities"][chosen], found), arrays["labels"][chosen]
    places = _places(found)
    for label, (name, look) in enumerate(zip(about["classes"], looks(about["classes"]), strict=True)):
        own = points[labels == label]
        ax.scatter(own[:, 0], own[:, 1], s=9, marker=look.marker, color=look.colour, linewidths=0, alpha=0.55, zorder=2.5)
        mean = arrays["class_means"][label]
        if not np.isfinite(mean).all():
            continue
        if (aim := places.get(about["told"][name])) is not None:
            ax.plot([aim[0], mean[0]], [aim[1], mean[1]], color=look.colour, linewidth=0.9, zorder=4.5)
        own_size = size * {"*": 1.4, "D": 0.85}.get(look.marker, 1.0)
        ax.plot(*mean, look.marker, color=look.colour, markeredgecolor=INK, markeredgewidth=0.9, markersize=own_size, zorder=5)


def _places(found: Map) -> dict[str, np.ndarray]:
    """Where emotions lie, and under "" the vector of zeros."""
    places = {one["emotion"]: np.asarray(one["at"], float) for one in shown_anchors(found)}
    return places | ({"": np.asarray(found["zero"]["at"], float)} if found["zero"] else {})


def _nearest(found: Map, about: About, arrays: Arrays) -> Nearest:
    """What the mean of each class lies nearest to, among what the classes stand for."""
    places = {name: at for name, at in _places(found).items() if name in about["told"].values()}
    near = {}
    for name, mean in zip(about["classes"], arrays["class_means"], strict=True):
        if places and np.isfinite(mean).all() and about["told"][name] in places:
            near[name] = min(places, key=lambda one: float(np.hypot(*(places[one] - mean))))
    return near


def _right(about: About, near: Nearest) -> int:
    return sum(about["told"][name] == where for name, where in near.items())


def _title(found: Map, sources: Sequence[Source]) -> str:
    told = [(about, near) for about, arrays in sources if (near := _nearest(found, about, arrays))]
    if not told:
        return "Where classifiers put their classes on the map"
    if len(told) == 1:
        about, near = told[0]
        who = "Every class" if _right(about, near) == len(near) else f"{_right(about, near)} of {len(near)} classes"
        verb = "lie" if who[0].isdigit() and _right(about, near) != 1 else "lies"
        return f"{who} of {fit(about['title'], 3.0)} {verb} nearest to {'its' if verb == 'lies' else 'their'} own emotion"
    parts = [f"{_right(about, near)} of {len(near)} by {fit(about['title'], 2.4)}" for about, near in told[:3]]
    more = [f"{len(told) - 3} more"] if len(told) > 3 else []
    return f"Classes nearest to their own emotion: {listing([*parts, *more])}"


def _caption(inputs: Inputs, found: Map, sources: Sequence[Source]) -> str:
    titles = [about["title"] for _, about in inputs.all("laid_about") if about["sort"] == "own"]
    low, high = found["scale"]
    parts = [
        "Test samples by their true class (small marks) and the mean of each class (large), with a line to the emotion that it",
        f"stands for. A probability becomes an intensity on the scale of {scale_words(found)}: times {high - low:g}, for the",
        "emotion of its class; neutral adds nothing. Grey shades: where rated segments lie.",
        f"A classifier that is unsure puts them near {'no emotion' if found['zero'] else 'the middle'}.",
        f"The map was learned from other data{f' ({titles[0]})' if titles else ''} than the classifiers:",
        "what is rated there and told here need not be the same.",
    ]
    if "" in {meant for about, _ in sources for meant in about["told"].values()}:
        parts.append("A neutral class counts as no emotion at all.")
    meant = {name: one for about, _ in sources for name, one in about["told"].items() if one and plain(one) != plain(name)}
    parts += [f"{sentence(name)} stands for {called(one)}." for name, one in meant.items()]
    for about, arrays in sources[:PANELS]:
        n = counted(len(arrays["labels"]), "test sample")
        parts.append(f"{about['title']}: {n}{' of ' + count(about['n']) if about['n'] > len(arrays['labels']) else ''}.")
    if any(about["simulated"] for about, _ in sources) and not all(about["simulated"] for about, _ in sources):
        parts.append(f"Simulated: {listing([about['title'] for about, _ in sources if about['simulated']])}.")
    if more := [about["title"] for about, _ in sources[PANELS:]]:
        parts.append(f"Only in the data, for lack of room: {listing(more)}.")
    return " ".join(parts)


def _alt(found: Map, sources: Sequence[Source]) -> str:
    said = []
    for about, arrays in sources:
        near = _nearest(found, about, arrays)
        own = [name for name, where in near.items() if about["told"][name] == where]
        lost = [f"{name} (to {called(where) or 'no emotion'})" for name, where in near.items() if about["told"][name] != where]
        told = [f"nearest to their own emotion: {listing(own)}"] if own else []
        told += [f"nearest to another: {listing(lost)}"] if lost else []
        said.append(sentence(f"{about['title']}: means of classes {'; '.join(told) or 'are not known'}."))
    return " ".join(["Points on the map of emotions, a panel for each classifier.", *said])


def _table(sources: Sequence[Source]) -> list[list[object]]:
    rows: list[list[object]] = []
    for about, arrays in sources:
        for name, mean in zip(about["classes"], arrays["class_means"], strict=True):
            rows.append([about["source"], name, "mean", *np.round(np.asarray(mean, float), 4).tolist()])
        for i in some_of(len(arrays["labels"]), DOTS):
            at = np.round(np.asarray(arrays["probabilities"][i], float), 4).tolist()
            rows.append([about["source"], about["classes"][int(arrays["labels"][i])], "sample", *at])
    return [["source", "class", "what", "x", "y"], *rows]
