"""The tables of which frequencies networks use: of the kinds `band_views` and `band_scores`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reportgen.montage import TEMPORAL
from reportgen.report.results import Score
from reportgen.report.tables import Cell, Table
from reportgen.words import ABSENT, NO_BREAK, fixed, p_value

NAMES: Mapping[str, str] = {"passes": "feature maps", "gradient": "gradient", "stop": "band-stop", "swap": "band-swap"}
"""What views are called, here as in the figures."""
_FAST = 30.0  # Hz: bands from here on are those of muscles
_WORDS = re.compile(r"[^A-Z0-9]+")  # between the words of "EEG T3-REF"

Found = Mapping[str, Any]


def defined(found: Found) -> dict[str, Found]:
    """{name of a view: the view}, of those that are defined."""
    return {NAMES[view["view"]]: view for view in found["views"] if view["defined"]}


def of_class(view: Found, name: str) -> Found:
    """What a view says of a class."""
    return next(entry for entry in view["classes"] if entry["class"] == name)


def hertz(low: float, high: float) -> str:
    """`10–18.5 Hz`."""
    return f"{round(low, 1):g}–{round(high, 1):g}{NO_BREAK}Hz"


def peak(one: Found) -> str:
    """`14.0 Hz [13.2, 14.9]` of a range."""
    limits = "" if one["peak_low"] is None else f" [{one['peak_low']:.1f},{NO_BREAK}{one['peak_high']:.1f}]"
    return f"{one['peak']:.1f}{NO_BREAK}Hz{limits}"


def score(value: Found | None) -> Score | None:
    """A mean with its limits, where there is one."""
    return Score.of(value) if value else None


def temporal(entry: Found, found: Found) -> list[str]:
    """The temporal channels among the strongest of a class, if these are of a fast band of which something is shown."""
    fast = entry["band"] is not None and found["bands"][entry["band"]][0] >= _FAST
    if not fast or (found["tested"] and not entry["ranges"]):
        return []
    return [one["channel"] for one in entry["strongest"] if not TEMPORAL.isdisjoint(_WORDS.split(one["channel"].upper()))]


def tables_of(experiment: str, found: Found, alone: Found | None) -> dict[str, Table]:
    """Those that there is something for.

    Args:
        experiment: its name.
        found: kind `band_views`.
        alone: kind `band_scores`, where single bands were tried.
    """
    tables = {"views": _views(experiment, found)}
    if found["agreement"]:
        tables["agreement"] = _agreement(experiment, found)
    if any(view["control"] for view in defined(found).values()):
        tables["control"] = _control(experiment, found)
    if found["muscles"]:
        tables["muscles"] = _muscles(experiment, found["muscles"])
    if found["muscles"] and any(row["effect"] for row in found["muscles"]["gamma"]):
        tables["gamma"] = _gamma(experiment, found["muscles"])
    if found["truth"]:
        tables["truth"] = _truth(experiment, found["truth"])
    if alone:
        tables["retrained"] = _retrained(experiment, alone)
    return tables


def _views(experiment: str, found: Found) -> Table:
    rows = [
        row
        for name in found["classes"]
        for view, told in defined(found).items()
        for row in _entry(name, view, told["quantity"], of_class(told, name), found)
    ]
    return Table(
        id=f"table-bands-{experiment}",
        caption=f"What each view finds for each class, over {found['unit']}s: ranges of frequencies, where the effect is"
        " largest [95 % interval], how large it is, p corrected for all windows and classes, by how much an intervention there"
        " lowers the share of correctly named windows, and the channels of largest effect in the band of the first range."
        " *: temporal sites in a fast band, where it may be muscle.",
        head=("Class", "View", "Range", "Peak", "Strength", "p", "Accuracy lost", "Strongest channels"),
        rows=tuple(rows),
    )


def _entry(name: str, view: str, quantity: str, entry: Found, found: Found) -> Iterator[tuple[Cell, ...]]:
    """A row a range; one without numbers where a test finds none, one with the peak where nothing is tested."""
    channels = _channels(entry, temporal(entry, found))
    for place, one in enumerate(entry["ranges"]):
        strength = f"{fixed(one['effect'], 2)} {quantity}"
        top = channels if place == 0 else ABSENT
        lost = _lost(entry["correct"], found["windows"], one["peak"])
        yield name, view, hertz(one["low"], one["high"]), peak(one), strength, p_value(one["p"]), lost, top
    if not entry["ranges"] and found["tested"]:
        yield name, view, "none", ABSENT, ABSENT, ABSENT, None, ABSENT
    elif not entry["ranges"]:
        largest = ABSENT if entry["peak"] is None else f"{entry['peak']:.1f}{NO_BREAK}Hz"
        yield name, view, "not tested", largest, ABSENT, ABSENT, None, channels


def _lost(correct: Found | None, windows: Sequence[Sequence[float]], at: float) -> Score | None:
    """Of the window whose centre is nearest to a frequency in Hz; None: the view changes no signals."""
    if correct is None:
        return None
    nearest = min(range(len(windows)), key=lambda place: abs(sum(windows[place]) / 2 - at))
    return Score.of({name: correct[name] and correct[name][nearest] for name in ("mean", "low", "high")})


def _channels(entry: Found, suspect: Sequence[str]) -> str:
    names = (f"{one['channel']}{'*' if one['channel'] in suspect else ''}" for one in entry["strongest"])
    return f"{', '.join(names)} ({entry['band']})" if entry["strongest"] else ABSENT


def _agreement(experiment: str, found: Found) -> Table:
    return Table(
        id=f"table-agreement-{experiment}",
        caption=f"Two views of the same networks: correlation of their curves, mean over {found['unit']}s [95 % interval], how"
        " far their peaks lie apart, and how many of five strongest channels both name.",
        head=("Class", "First view", "Second view", "Correlation", "Peaks apart", "Shared channels"),
        rows=tuple(
            (
                row["class"],
                NAMES[row["first"]],
                NAMES[row["second"]],
                score(row["correlation"]),
                ABSENT if row["apart"] is None else f"{row['apart']:.1f}{NO_BREAK}Hz",
                row["shared"],
            )
            for row in sorted(found["agreement"], key=lambda row: found["classes"].index(row["class"]))
        ),
    )


def _control(experiment: str, found: Found) -> Table:
    views = {name: view for name, view in defined(found).items() if view["control"]}
    return Table(
        id=f"table-control-{experiment}",
        caption="Networks like these, trained on shuffled labels: the ranges that they show beside those of the real ones, and"
        f" the correlation of both curves, all classes together, mean over {found['unit']}s [95 % interval].",
        head=("View", "Real labels", "Shuffled labels", "Correlation"),
        rows=tuple(
            (name, _listed(view["classes"]), _listed(view["control"]["classes"]), score(view["control"]["likeness"]))
            for name, view in views.items()
        ),
    )


def _listed(classes: Sequence[Found]) -> str:
    """`positive 10–18 Hz; negative 20–24 Hz`."""
    ranges = (f"{entry['class']} {hertz(one['low'], one['high'])}" for entry in classes for one in entry["ranges"])
    return "; ".join(ranges) or "none"


def _muscles(experiment: str, muscles: Found) -> Table:
    signals = {
        "whole": "As they are",
        "low_pass": f"Without what lies above {muscles['low_pass']:g}{NO_BREAK}Hz",
        "without_temporal": "Without the temporal ring",
    }
    return Table(
        id=f"table-muscles-{experiment}",
        caption="The same networks on signals without what muscles are known for: balanced accuracy, and what it loses "
        "[95 % interval].",
        head=("Signals", "Balanced accuracy", "Lost"),
        rows=tuple(
            (text, score(muscles["balanced_accuracy"][key]), score(muscles["loss"].get(key))) for key, text in signals.items()
        ),
    )


def _gamma(experiment: str, muscles: Found) -> Table:
    return Table(
        id=f"table-gamma-{experiment}",
        caption="What the centred logit of a class loses without fast frequencies, with all channels and with the temporal ring"
        " computed from the other channels [95 % interval].",
        head=("Class", "All channels", "Without the temporal ring"),
        rows=tuple((row["class"], score(row["effect"]), score(row["without_temporal"])) for row in muscles["gamma"]),
    )


def _truth(experiment: str, truth: Sequence[Found]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for row in truth:
        planted = f"{hertz(*row['band'])} at {row['site']}, peak {row['peak']:.1f}{NO_BREAK}Hz"
        for view in row["views"]:
            error = ABSENT if view["peak_error"] is None else f"{view['peak_error']:.1f}{NO_BREAK}Hz"
            found = "yes" if view["found"] else "no"
            overlap = None if view["overlap"] is None else Score.of({"mean": view["overlap"]})
            rows.append((row["class"], planted, NAMES[view["view"]], found, error, overlap, view["hits"]))
    return Table(
        id=f"table-planted-{experiment}",
        caption="What was planted into the simulated signals, and how near the strongest range of each view comes to it:"
        " distance of the peaks, overlap (intersection over union), and how many of its five strongest channels lie where"
        " it was planted.",
        head=("Class", "Planted", "View", "Found", "Peak off by", "Overlap", "Channels"),
        rows=tuple(rows),
    )


def _retrained(experiment: str, alone: Found) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (row["band"], hertz(row["low"], row["high"]), Score.of(row["balanced_accuracy"])) for row in alone["bands"]
    ]
    return Table(
        id=f"table-retrained-{experiment}",
        caption=f"The same network trained on a single band at a time: balanced accuracy, mean over {alone['unit']}s"
        " [95 % interval].",
        head=("Band", "Frequencies", "Balanced accuracy"),
        rows=(*rows, ("all", ABSENT, Score.of(alone["whole"])), ("chance", ABSENT, alone["chance"])),
    )
