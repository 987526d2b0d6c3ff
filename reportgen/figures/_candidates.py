"""What the figures of synthetic samples share: the look of each generator, its name, and how its numbers are told.

`Found` is the kind `signal_scores`, `Candidate` one of its candidates, `Estimate` {mean, low, high}, null where there is none.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from reportgen.bootstrap import MIN_GROUPS
from reportgen.figures._style import INK, QUIET, Look
from reportgen.words import ABSENT, MINUS, NO_BREAK, decimals, fixed, listing

Found = Mapping[str, Any]
Candidate = Mapping[str, Any]
Estimate = Mapping[str, float | None]

SMALL_NUMBER = 0.1
MOST = 8  # generators that have room in a picture
REAL = Look(INK, "o")
CONTROL = Look(QUIET, "X")
SHARED = "phase_surrogate, shared"
"""What the variant of phase surrogates that leaves the covariance of channels as it is has in `LOOKS`."""
LOOKS: Mapping[str, Look] = {
    "wgan_raw": Look("#4B2A8C", "^"),
    "wgan_de": Look("#A3123F", "D"),
    "gan_dense": Look("#5E2F0D", "s"),
    "phase_surrogate": Look("#004A4E", "d"),
    SHARED: Look("#2F9AA0", "*"),
    "gaussian": Look("#7F7F22", "p"),
    "mixup": Look("#C322AE", "P"),
    "interpolation": Look("#52658A", "h"),
}
"""The look of each generator on all pages: far from the colours of classes, beside which they stand, and unlike each other
for all readers and in grey."""
_OTHERS = tuple(map(Look, ("#3F7A2A", "#9A78D0", "#A67C3D", "#16240F"), "<>8H"))  # what is left for others


def generators(found: Found) -> list[Candidate]:
    """All candidates but controls in the order of the tables: networks first, of each sort the best by rank first."""
    return in_order(one for one in found["candidates"] if one["sort"] != "control")


def in_order(made: Iterable[Candidate]) -> list[Candidate]:
    """Networks first, of each sort the best by rank first, as far as they are ranked."""

    def place(one: Candidate) -> tuple[bool, float]:
        rank = (one.get("rank") or {}).get("mean")
        return one.get("sort") != "network", np.inf if rank is None else rank

    return sorted(made, key=place)


def drawn(found: Found) -> list[Candidate]:
    """The generators that a picture has room for; those that made something come before others."""
    kept = {one["key"] for one in sorted(generators(found), key=lambda one: bool(one["diverged"]))[:MOST]}
    return [one for one in generators(found) if one["key"] in kept]


def name_of(found: Found, key: str) -> str:
    """What a candidate is called."""
    one = by_key(found, key)
    return str(one["title"]) if one else key


def looks_of(made: Iterable[Candidate]) -> dict[str, Look]:
    """{key: colour and marker} of generators: the same on all pages, whatever the order; others take what is left."""
    free, known = cycle(_OTHERS), sorted(made, key=lambda one: str(one["key"]))
    looks: dict[str, Look] = {}
    for one in known:
        look = LOOKS.get(_variant(one))
        looks[one["key"]] = look if look and look not in looks.values() else next(free)
    return looks


def _variant(one: Candidate) -> str:
    """Id of the generator, or of its variant; its key where nobody says which it is."""
    use = str(one.get("use") or one["key"])
    return SHARED if use == "phase_surrogate" and "covariance_distance" in (one.get("keeps") or ()) else use


def by_key(found: Found, key: str) -> Candidate | None:
    """A candidate, if it is there."""
    return next((one for one in found["candidates"] if one["key"] == key), None)


def value_of(found: Found, key: str, score: str) -> Mapping[str, Any]:
    """What a candidate has on a score; nothing known of one that is not there."""
    nothing = dict.fromkeys(("mean", "low", "high", "over_floor", "position"))
    one = by_key(found, key)
    return (one["values"].get(score) if one else None) or {**nothing, "why": "", "ranked": False, "verdict": ""}


def number(estimate: Estimate) -> str:
    """The mean to the digits that its interval supports, without one to three significant digits."""
    mean, low, high = (estimate[end] for end in ("mean", "low", "high"))
    if not mean:
        return ABSENT if mean is None else "0"
    if low is None or high is None or high <= low:
        return f"{mean:.3g}".replace("-", MINUS)
    return fixed(mean, _places(mean, low, high))


def _places(mean: float, low: float, high: float) -> int:
    """Decimal places that an interval supports, three at most of what is not small."""
    return min(decimals((high - low) / 2), 4 if abs(mean) < SMALL_NUMBER else 3)


def told(estimate: Estimate, unit: str = "", *, signed: bool = False) -> str:
    """`0.62 [0.58, 0.66] dB`: the mean with its interval, if there is one, and its unit; `signed`: with a plus."""
    mean, low, high = (estimate[end] for end in ("mean", "low", "high"))
    text = number(estimate)
    if mean is not None and low is not None and high is not None and high > low:
        places = _places(mean, low, high)
        text += f" [{fixed(low, places)}, {fixed(high, places)}]"
    plus = "+" if signed and (mean or 0) > 0 else ""
    return plus + text + (f"{NO_BREAK}{unit}" if unit and mean is not None else "")


def draw_estimate(ax: Axes, y: float, estimate: Estimate, look: Look, *, hollow: bool = False, size: float = 5.0) -> None:
    """A marker with its interval as far as they are there; hollow: of what is not compared."""
    if estimate["mean"] is None:
        return
    low, high = estimate["low"], estimate["high"]
    if low is not None and high is not None:
        ax.plot([low, high], [y, y], color=look.colour, linewidth=1.3, solid_capstyle="butt", zorder=2)
    face, size = ("white" if hollow else look.colour), size * (0.85 if look.marker == "D" else 1)
    ax.plot(estimate["mean"], y, look.marker, color=look.colour, markerfacecolor=face, markersize=size, zorder=3)


def on_missing(found: Found) -> Iterator[str]:
    """Sentences on generators that made nothing, and on those without room."""
    shown = {one["key"] for one in drawn(found)}
    for one in generators(found):
        if one["diverged"]:
            yield f"The training of {one['title']} diverged ({one['diverged'].rstrip('.')}): it is not measured."
    if more := [one["title"] for one in generators(found) if one["key"] not in shown]:
        yield f"Only in the data, for lack of room: {listing(more)}."


def within(title: str) -> str:
    """The title of a score within a sentence: names and abbreviations stay."""
    name = title[1:2].isupper() or title.split()[0] in ("Fréchet", "Wasserstein")
    return title if name else title[:1].lower() + title[1:]


def interval_words(found: Found) -> str:
    """What intervals of use are over, or why there are none."""
    rows = found["utility"]["rows"]
    if any(row["change"]["low"] is not None for row in rows):
        return f"Lines are 95{NO_BREAK}% intervals over {found['unit_of_test']}s."
    if found["units"] >= MIN_GROUPS:
        return "There are no intervals: resamples do not show how accuracies vary."
    return f"There are no intervals: {found['units']} {found['unit_of_test']}s are too few."


def some(names: Sequence[str], most: int = 3) -> str:
    """`a, b and c`, or `a, b and 3 more`."""
    return listing(list(names)) if len(names) <= most else f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
