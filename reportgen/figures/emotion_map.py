"""The map of emotions: how densely rated segments lie on it, where the pure emotions lie, and what its directions mean."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, permutations
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.patches import Patch

from reportgen.core import Figure
from reportgen.figures._candidates import some
from reportgen.figures._density import HELD, OUTLINED, SHADES, Density, outlines
from reportgen.figures._emotion_space import (
    NOTHING,
    SELDOM,
    Map,
    axes_named,
    background,
    called,
    is_plane,
    ring,
    scale_words,
    shown_anchors,
)
from reportgen.figures._style import QUIET, SMALL, WIDTHS, fit, key
from reportgen.figures._words import sentence
from reportgen.outputs import Inputs
from reportgen.words import NO_BREAK, count, counted, fixed, listing, percent

EACH = "experiment"
NEEDS = ("map", "density")

SIDE = 4.0  # inches of the map
FEWEST, MOSTLY = 3, 0.5  # emotions of which distances are compared, share of segments that are most
APART, GROUPED = 1.5, 1.5  # times as far from its nearest as any other from its own: such an emotion lies apart; a group
SURE = 2.0  # standard deviations over the ensemble by which distances must differ to be told
QUADRANTS = ("pleasant and excited", "unpleasant and excited", "unpleasant and calm", "pleasant and calm")
METHODS: Mapping[str, str] = {"infonce": "parametric t-SNE (InfoNCE)", "vdm2009": "parametric t-SNE (van der Maaten 2009)"}
Pair = tuple[int, int]
Distances = Mapping[Pair, tuple[float, float]]


def draw(inputs: Inputs) -> Figure:
    """Draw shades of the training part, lines of the test part, anchors and a circular legend."""
    found, density = (inputs.one(kind) for kind in NEEDS)
    return Figure(
        title=_title(found, density),
        caption=_caption(found),
        alt=_alt(found, density),
        picture=_picture(found, density),
        data=_table(found, density),
        dense=True,
    )


def _picture(found: Map, density: Density) -> Picture:
    width, height = WIDTHS["column"], SIDE + 0.45
    picture = Picture(figsize=(width, height))
    named = 0.5 if is_plane(found) else 0.22  # inches left of the map
    ax = picture.add_axes((named / width, 0.4 / height, SIDE / width, SIDE / height))
    background(ax, found, density, axis_names=True)
    outlines(ax, density, density["test"], n=found["segments"])
    left = named + SIDE + 0.05
    if shown_anchors(found):
        ring(picture.add_axes((left / width, 1 - 1.75 / height, 1 - (left + 0.05) / width, 1.6 / height)), found)
    legend = picture.add_axes((left / width, 0.35 / height, 1 - left / width, 1.9 / height))
    legend.set_axis_off()
    _legend(legend, found)
    return picture


def _legend(ax: Axes, found: Map) -> None:
    """What shades and lines mean, in the lower right corner."""
    entries: list[Any] = [
        Patch(facecolor=SHADES(at), label=f"{percent(share)} of the training part")
        for at, share in zip(np.linspace(0, 1, len(HELD)), HELD, strict=True)
    ]
    held = " and ".join(percent(share) for share in sorted(OUTLINED))
    entries.append(key("", f"{held}\nof the test part", linestyle="-", color="black", linewidth=0.8))
    if found["zero"]:
        entries.append(key(NOTHING.marker, "no emotion at all", color=NOTHING.colour, markersize=6))
    ax.legend(handles=entries, loc="lower left", fontsize=SMALL, handlelength=1.4, labelspacing=0.35, labelcolor=QUIET)


def _distances(found: Map) -> dict[Pair, tuple[float, float]]:
    """{pair of anchors: (distance, its standard deviation over the ensemble)} in units of the map's own spread."""
    shown, unit = shown_anchors(found), found["unit"] or 1.0
    told = {}
    for i, j in combinations(range(len(shown)), 2):
        gap = np.subtract(shown[i]["at"], shown[j]["at"])
        length = float(np.hypot(*gap))
        along = gap / length if length else np.array([1.0, 0.0])
        spread = along @ np.add(shown[i]["spread"], shown[j]["spread"]) @ along
        told[i, j] = length / unit, float(np.sqrt(max(spread, 0.0))) / unit
    return told


def _title(found: Map, density: Density) -> str:
    names = [fit(called(one["emotion"]), 1.6) for one in shown_anchors(found)]
    if is_plane(found):
        return _on_quadrants(_quadrants(found, density))
    if len(names) < FEWEST:
        return sentence(f"{listing(names) or 'No emotion'} {'lie' if len(names) > 1 else 'lies'} on the map")
    told = _distances(found)
    near, far = (choose(told, key=lambda pair: told[pair][0]) for choose in (min, max))
    closest, farthest = (
        f"{listing([names[i] for i in pair])} lie {how}" for pair, how in ((near, "closest together"), (far, "farthest apart"))
    )
    sure_near, sure_far = _sure(told, near, least=True), _sure(told, far, least=False)
    if (alone := _alone(told, len(names))) is not None:
        return sentence(f"{names[alone]} lies apart from all other emotions" + (f"; {closest}" if sure_near else ""))
    if group := _group(told, len(names)):
        first, others = group
        return sentence(f"{names[first]} lies apart from {some([names[i] for i in others], 4)}")
    if sure_near or sure_far:
        return sentence("; ".join([*([closest] if sure_near else []), *([farthest] if sure_far else [])]))
    return "No two emotions lie clearly closer together or farther apart than all others"


def _on_quadrants(shares: Sequence[float]) -> str:
    most, least = int(np.argmax(shares)), int(np.argmin(shares))
    if shares[most] > MOSTLY:
        rest = f", fewest {QUADRANTS[least]} ({percent(shares[least])})"
        return f"Most segments are {QUADRANTS[most]} ({percent(shares[most])}){rest}"
    return f"More segments are {QUADRANTS[most]} ({percent(shares[most])}) than anything else"


def _alone(told: Distances, n: int) -> int | None:
    """The emotion that lies much farther from its nearest than any other does, beyond the spread of the ensemble."""
    nearest = [min(value for pair, value in told.items() if i in pair) for i in range(n)]
    first, second = sorted(range(n), key=lambda i: nearest[i])[::-1][:2]
    gap = nearest[first][0] - APART * nearest[second][0]
    return first if gap > 0 and gap > SURE * np.hypot(nearest[first][1], APART * nearest[second][1]) else None


def _group(told: Distances, n: int) -> tuple[int, list[int]] | None:
    """An emotion and the largest group of others that lies at least `GROUPED` times as far from it as it is wide."""

    def between(i: int, j: int) -> tuple[float, float]:
        return told[min(i, j), max(i, j)]

    found: list[tuple[int, float, int, list[int]]] = []
    for first, seed in permutations(range(n), 2):
        group, ratio = [seed], 0.0
        for other in sorted(set(range(n)) - {first, seed}, key=lambda i: between(seed, i)[0]):
            wide = max(between(*pair) for pair in combinations([*group, other], 2))
            near = min(between(first, i) for i in [*group, other])
            if near[0] - GROUPED * wide[0] <= SURE * np.hypot(near[1], GROUPED * wide[1]):
                break
            group, ratio = [*group, other], near[0] / wide[0]
        if len(group) > 1:
            found.append((len(group), ratio, -first, sorted(group)))
    return (-max(found)[2], max(found)[3]) if found else None


def _sure(told: Distances, pair: Pair, *, least: bool) -> bool:
    """Whether a pair's distance differs from that of every other pair by more than the spread of the ensemble."""
    own = told[pair]
    sign = 1 if least else -1
    return all(sign * (other[0] - own[0]) > SURE * np.hypot(own[1], other[1]) for name, other in told.items() if name != pair)


def _quadrants(found: Map, density: Density, part: str = "train") -> list[float]:
    """Share of the segments in each quadrant; of a cell across the middle, as much as lies on each side."""
    low, high = found["scale"]
    above = [np.clip((edges[1:] - (low + high) / 2) / np.diff(edges), 0, 1) for edges in (density["x"], density["y"])]
    shares = density[part] / max(density[part].sum(), 1e-12)
    x, y = above
    return [float(b @ shares @ a) for a, b in ((x, y), (1 - x, y), (1 - x, 1 - y), (x, 1 - y))]


def _caption(found: Map) -> str:
    n = counted(found["segments"], "rated segment")
    if is_plane(found):
        parts = [f"The plane of valence and arousal itself, as rated on a scale of {scale_words(found)}: nothing is fitted."]
        parts.append(f"Shades: {n} of the training part, from 95{NO_BREAK}% of them (palest) to 20{NO_BREAK}% (darkest).")
        return " ".join([*parts, f"Lines: the test part, {_lines()} of it."])
    parts = [
        f"The map of {len(found['emotions'])} emotions, learned from {n} of the training part",
        f"({count(found['distinct'])} different ones) by {METHODS.get(found['method'], found['method'])}:",
        "segments rated alike lie side by side.",
        f"Shades hold from 95{NO_BREAK}% (palest) to 20{NO_BREAK}% (darkest) of them; lines {_lines()} of the test part,",
        "which the map has not seen.",
        f"Named: pure emotions, each alone at its largest on a scale of {scale_words(found)}.",
    ]
    if found["members"] > 1:
        parts.append(f"Ellipses around them: two standard deviations over {found['members']} networks.")
    if lost := _unsure(found):
        parts.append(f"Pure {listing(lost)} {'has' if len(lost) == 1 else 'have'} no sure place: networks disagree on it.")
    parts.append(
        f"The ring shows in which direction each lies from {'no emotion at all' if found['zero'] else 'their middle'}."
    )
    return " ".join([*parts, *_on_axes(found)])


def _unsure(found: Map) -> list[str]:
    """Emotions whose ellipse reaches further than segments lie from their middle."""
    reach = {
        called(one["emotion"]): 2 * float(np.sqrt(np.linalg.eigvalsh(np.asarray(one["spread"], float))[-1].clip(0)))
        for one in shown_anchors(found)
    }
    return [name for name, far in reach.items() if far > (found["unit"] or np.inf)]


def _lines() -> str:
    return " and ".join(percent(share) for share in sorted(OUTLINED))


def _on_axes(found: Map) -> Iterator[str]:
    turned = found["orientation"]
    if turned["by"] == "affect" and "→" in "".join(axes_named(found)):
        told = [f"{axis} (r = {fixed(turned[axis], 2)})" for axis in ("valence", "arousal") if turned[axis] is not None]
        yield f"The map is turned so that pure emotions follow {listing(told)} as far as they can; units mean nothing."
    else:
        yield "Only who is near whom has a meaning: the axes and their units have none."


def _alt(found: Map, density: Density) -> str:
    if is_plane(found):
        both = [_quadrants(found, density, part) for part in ("train", "test")]
        told = [f"{name}: {percent(a)} and {percent(b)}" for name, a, b in zip(QUADRANTS, *both, strict=True)]
        return f"A plane of valence and arousal with shades. Of the training and of the test part are {', '.join(told)}."
    parts = ["A map with shades where segments are dense, markers of pure emotions and a ring of their directions."]
    names = [called(one["emotion"]) for one in shown_anchors(found)]
    for i, name in enumerate(names):
        own = {(set(pair) - {i}).pop(): value[0] for pair, value in _distances(found).items() if i in pair}
        if own:
            parts.append(sentence(f"{name} lies nearest to {names[min(own, key=own.__getitem__)]}."))
    if found["zero"] and (found["zero"]["share"] or 0) >= SELDOM:
        parts.append(f"{percent(found['zero']['share'])} of the training part have no emotion at all.")
    return " ".join(parts)


def _table(found: Map, density: Density) -> list[list[object]]:
    """Places of pure emotions, then the grid where it is not empty."""
    rows: list[list[object]] = [
        [
            "pure emotion",
            one["emotion"].replace("_", " "),
            *one["at"],
            *np.sqrt(np.diag(one["spread"])).round(4).tolist(),
            None,
            None,
        ]
        for one in shown_anchors(found)
    ]
    if found["zero"]:
        rows.append(["no emotion", "", *found["zero"]["at"], None, None, found["zero"]["share"], None])
    x, y = ((density[axis][1:] + density[axis][:-1]) / 2 for axis in "xy")
    train, test = density["train"], density["test"]
    for row, column in np.argwhere((train > 0) | (test > 0)):
        shares = (float(part[row, column]) for part in (train, test))
        rows.append(["cell", "", float(x[column]), float(y[row]), None, None, *shares])
    return [["what", "emotion", "x", "y", "sd of x", "sd of y", "share of training part", "share of test part"], *rows]
