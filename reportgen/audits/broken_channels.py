"""Channels that are flat, saturated, without numbers, or full of mains noise or muscle."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from annotated_doc import Doc
from annotated_types import Ge

from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.quality import FAULTS, UNUSABLE, verdict
from reportgen.words import NO_BREAK, count, counted, listing, percent

NEEDS = ("facts", "quality", "features")
_MEASURED: Mapping[str, str] = {"weak": "amplitude", "strong": "amplitude"}  # the measure behind a fault of another name
_MENDS, _FILTERS = "bad_channels", "band_filter"
_MAINS = 50.0  # Hz, the lower of the two
_FEWEST = 8  # channels that one can be computed from
_NAMES: Mapping[str, str] = {
    "missing": "with missing samples",
    "line": "with strong mains noise",
    "muscle": "with much muscle",
}


def inspect(inputs: Inputs, *, examples: Annotated[int, Ge(0), Doc("channels to show, worst first")] = 10) -> Iterator[Finding]:
    """One finding a data set of signals: given features cannot show what was wrong with theirs."""
    for about, quality in inputs.all("quality"):
        chains = [found["chain"] for _, found in inputs.all("features", dataset=about["dataset"])]
        mended = bool(chains) and all(any(feature["use"] == _MENDS for feature in chain) for chain in chains)
        filtered = bool(chains) and all(any(map(_without_mains, chain)) for chain in chains)
        yield _finding(f"data set {about['dataset']}", quality, mended, filtered, examples)


def _without_mains(feature: Mapping[str, Any]) -> bool:
    """Whether a feature takes away what the mains add."""
    settings = feature["settings"]
    return feature["use"] == _FILTERS and bool(0 < settings["high"] < _MAINS or settings["notch"])


def _finding(about: str, quality: Mapping[str, Any], mended: bool, filtered: bool, examples: int) -> Finding:
    channels = quality["channels"]
    found = [(row, *fault) for row in quality["recordings"] for fault in verdict(row, channels)]
    n = len(channels) * len(quality["recordings"])
    lost = {(row["recording"], channel) for row, channel, fault in found if fault in UNUSABLE}
    kinds = Counter(fault for *_, fault in found)
    said = [f"{count(kinds[fault])} {_NAMES.get(fault, fault)}" for fault in FAULTS if kinds[fault]]
    evidence = f"{count(len(lost))} of {count(n)} channels of {counted(len(quality['recordings']), 'recording')} are unusable"
    evidence += f" ({percent(len(lost) / n)}); {listing(said)}" if said else ""
    if not found:
        return Finding(severity="ok", about=about, title="No channel is broken", evidence=evidence)
    return Finding(
        severity="warning" if lost and not mended else "notice",
        about=about,
        title="Some channels are broken" if lost else "Some channels are noisy",
        evidence=evidence + (f"; {_MENDS} computes those anew that it finds" if lost and mended else ""),
        remedy=_remedy(kinds, len(channels), bool(lost), mended, filtered),
        rows=(("channel", "fault", "recordings", "worst value", "in"), *_worst(found, channels, examples)) if examples else (),
    )


def _remedy(kinds: Mapping[str, int], channels: int, lost: bool, mended: bool, filtered: bool) -> str:
    """What to do about each sort of fault."""
    told = []
    if lost and mended:
        told.append("Look at trials in which many channels were computed anew: they hold less than it seems.")
    elif lost and channels < _FEWEST:
        told.append("Leave such recordings out, or say that a model may learn whose electrodes were loose.")
    elif lost:
        told.append(f"Put {_MENDS} first in features, or leave such recordings out: a model learns whose cap was loose.")
    if kinds["line"] and filtered:
        told.append(f"Conclude nothing from spectra at 50 and 60{NO_BREAK}Hz; {_FILTERS} keeps the mains from the models.")
    elif kinds["line"]:
        told.append(f"Put {_FILTERS} with notch, or with high below 50{NO_BREAK}Hz, first in features.")
    if kinds["muscle"]:
        told.append(f"Do not call power above 30{NO_BREAK}Hz at these channels that of the brain.")
    return " ".join(told)


def _worst(found: list[tuple[Any, str, str]], channels: list[str], examples: int) -> Iterator[tuple[str, ...]]:
    """A row for each channel and fault, with the recording in which it is worst: gravest faults and most recordings first."""
    groups: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for row, channel, fault in found:
        value = row["measures"][_MEASURED.get(fault, fault)][channels.index(channel)]
        groups.setdefault((fault, channel), []).append((-value if fault == "weak" else value, row["recording"]))
    graver = list(FAULTS).index
    for (fault, channel), values in sorted(groups.items(), key=lambda item: (graver(item[0][0]), -len(item[1])))[:examples]:
        worst, where = max(values)
        yield channel, FAULTS[fault], count(len(values)), f"{abs(worst):.3g}", where
