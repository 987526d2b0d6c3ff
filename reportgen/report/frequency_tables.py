"""The tables of which frequencies networks use: of the kinds `band_views` and `band_scores`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from reportgen.montage import TEMPORAL
from reportgen.report.results import Score
from reportgen.report.tables import Cell, Table
from reportgen.words import ABSENT, NO_BREAK, fixed, p_value

NAMES: Mapping[str, str] = {"passes": "feature maps", "gradient": "gradient", "stop": "band-stop", "swap": "band-swap"}
"""What views are called, here as in the figures."""
_FAST = 30.0  # Hz: bands from here on are those of muscles
_ROUNDED = 0.005  # less is 0.00
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
        tables["truth"] = _truth(experiment, found)
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
    where = "where the effect is largest [95 % interval], " if found["fine"] else ""
    return _with_peaks(
        Table(
            id=f"table-bands-{experiment}",
            caption=f"What each view finds for each class, over {found['unit']}s: ranges of frequencies, {where}how large the"
            " effect is, p corrected for all windows and classes, by how much an intervention there lowers the share of"
            " correctly named windows, and the channels of largest effect in the band of the first range."
            " *: temporal sites in a fast band, where it may be muscle.",
            head=("Class", "View", "Range", "Peak", "Strength", "p", "Accuracy lost", "Strongest channels"),
            rows=tuple(rows),
        ),
        found,
    )


def _with_peaks(table: Table, found: Found) -> Table:
    """Without columns of peaks, where bands are known as a whole."""
    kept = [place for place, name in enumerate(table.head) if found["fine"] or not name.startswith("Peak")]
    chosen = tuple(tuple(row[place] for place in kept) for row in table.rows)
    return replace(table, head=tuple(table.head[place] for place in kept), rows=chosen)


def _entry(name: str, view: str, quantity: str, entry: Found, found: Found) -> Iterator[tuple[Cell, ...]]:
    """A row a range; one without numbers where a test finds none, one with the peak where nothing is tested."""
    channels = _channels(entry, temporal(entry, found))
    for place, one in enumerate(entry["ranges"]):
        top = channels if place == 0 else ABSENT
        lost = _lost(entry["correct"], found["windows"], one["peak"])
        strength = _strength(one["effect"], quantity)
        yield name, view, hertz(one["low"], one["high"]), peak(one), strength, p_value(one["p"]), lost, top
    if not entry["ranges"] and found["tested"]:
        yield name, view, "none", ABSENT, ABSENT, ABSENT, None, ABSENT
    elif not entry["ranges"]:
        largest = ABSENT if entry["peak"] is None else f"{entry['peak']:.1f}{NO_BREAK}Hz"
        said = f"not tested, largest in {entry['band']}" if entry["band"] and not found["fine"] else "not tested"
        yield name, view, said, largest, ABSENT, ABSENT, None, channels


def _strength(effect: float, quantity: str) -> str:
    """`0.82 logit`; what would be rounded to nothing is `< 0.01 logit`."""
    return f"<{NO_BREAK}0.01 {quantity}" if 0 < effect < _ROUNDED else f"{fixed(effect, 2)} {quantity}"


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
    apart = "how far their peaks lie apart where both have a range, " if found["fine"] else ""
    rows = sorted(found["agreement"], key=lambda row: found["classes"].index(row["class"]))
    return _with_peaks(
        Table(
            id=f"table-agreement-{experiment}",
            caption=f"Two views of the same networks: correlation of their curves, mean over {found['unit']}s [95 % interval],"
            f" {apart}and how many of five strongest channels both name.",
            head=("Class", "First view", "Second view", "Correlation", "Peaks apart", "Shared channels"),
            rows=tuple(
                (
                    row["class"],
                    NAMES[row["first"]],
                    NAMES[row["second"]],
                    score(row["correlation"]),
                    _apart(row, found),
                    row["shared"],
                )
                for row in rows
            ),
        ),
        found,
    )


def _apart(row: Found, found: Found) -> str:
    """A curve without a range has a largest value all the same, but it means nothing."""
    views = defined(found)
    both = all(of_class(views[NAMES[row[place]]], row["class"])["ranges"] for place in ("first", "second"))
    return f"{row['apart']:.1f}{NO_BREAK}Hz" if both and row["apart"] is not None else ABSENT


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
        caption="What fast frequencies do for the centred logit of a class: of signals as they are, of those without what lies"
        f" above {muscles['low_pass']:g}{NO_BREAK}Hz, and with the temporal ring computed from the others [95 % interval].",
        head=("Class", "As they are", "Low-passed", "Without the temporal ring"),
        rows=tuple(
            (row["class"], score(row["effect"]), score(row["low_pass"]), score(row["without_temporal"]))
            for row in muscles["gamma"]
        ),
    )


def _truth(experiment: str, found: Found) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for row in found["truth"]:
        planted = f"{hertz(*row['band'])} at {row['site']}"
        planted += f", peak {row['peak']:.1f}{NO_BREAK}Hz" if found["fine"] else ""
        for view in row["views"]:
            error = ABSENT if view["peak_error"] is None else f"{view['peak_error']:.1f}{NO_BREAK}Hz"
            overlap = None if view["overlap"] is None else Score.of({"mean": view["overlap"]})
            said = "yes" if view["found"] else "no"
            rows.append((row["class"], planted, NAMES[view["view"]], said, error, overlap, view["hits"]))
    distance = "distance of the peaks, " if found["fine"] else ""
    return _with_peaks(
        Table(
            id=f"table-planted-{experiment}",
            caption="What was planted into the simulated signals, and how near the strongest range of each view comes to it:"
            f" {distance}overlap (intersection over union), and how many of its five strongest channels lie where"
            " it was planted.",
            head=("Class", "Planted", "View", "Found", "Peak off by", "Overlap", "Channels"),
            rows=tuple(rows),
        ),
        found,
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
