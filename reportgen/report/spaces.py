"""Maps of emotions, as their pages are given them: from the kinds `map`, `map_quality` and `laid_about`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from annotated_doc import Doc

from reportgen.report.regressions import SAID
from reportgen.report.synthetic_numbers import Shown, certain, score
from reportgen.report.tables import Table
from reportgen.words import ABSENT, count

Found = Mapping[str, Any]
_SHORT: Mapping[str, str] = {"recall": "neighbours kept", "spearman": "distances", "steps": "steps over time"}
"""What measures are called in sentences; the others are called by their key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """Something that was put on a map."""

    source: Annotated[str, Doc("name of the experiment whose predictions these are")]
    title: Annotated[str, Doc("of that experiment")]
    sort: Annotated[str, Doc("own: the map's own test part; regression; classes")]
    n: Annotated[int, Doc("segments or samples")]
    videos: Annotated[int, Doc("of them, 0 of classifiers")]
    simulated: Annotated[bool, Doc("its data are simulated")]
    seen: Annotated[int, Doc("segments of videos that the map was fitted to")]
    told: Annotated[Mapping[str, str], Doc("of classifiers {class: emotion, empty for none}")]
    several: Annotated[bool, Doc("models predict from several modalities one by one")]
    narrow: Annotated[tuple[str, ...], Doc("models that fill clearly less than half of the true area")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """A map of emotions."""

    slug: Annotated[str, Doc("file name of its page without the suffix")]
    trajectories: Annotated[str, Doc("file name of the page of its trajectories without the suffix, empty for none")]
    method: Annotated[str, Doc("infonce, vdm2009 … or plane: the ratings are a plane themselves")]
    emotions: Annotated[tuple[str, ...], Doc("names")]
    whole: Annotated[str, Doc("what segments are of: video or song")]
    members: Annotated[int, Doc("networks of the ensemble")]
    parameters: Annotated[int, Doc("of one of them")]
    learned_from: Annotated[int, Doc("training segments")]
    distinct: Annotated[int, Doc("different vectors among them")]
    zero: Annotated[float | None, Doc("share of training segments without any emotion, None where that has no place")]
    turned: Annotated[bool, Doc("it is turned by what is known of the emotions, valence to the right")]
    valence: Annotated[float | None, Doc("correlation of the pure emotions' places with their valence, from left to right")]
    arousal: Annotated[float | None, Doc("and with their arousal, from below")]
    notes: Annotated[tuple[str, ...], Doc("sentences")]
    tested: Annotated[int, Doc("test segments that its quality is measured on, 0: it was not")]
    neighbours: Annotated[int, Doc("that measures look at")]
    better: Annotated[Mapping[str, tuple[str, ...]], Doc("{another map: measures in which this one is clearly better}")]
    worse: Annotated[Mapping[str, tuple[str, ...]], Doc("{another map: measures in which this one is clearly worse}")]
    nearer: Annotated[tuple[str, ...], Doc("other maps that keep clearly fewer neighbours of unseen ratings")]
    laid: Annotated[tuple[Laid, ...], Doc("what was put on it, its own test part first")]
    tables: Annotated[Mapping[str, Table], Doc("quality, laid")]

    @property
    def plane(self) -> bool:
        """The ratings are a plane themselves, and nothing was fitted."""
        return self.method == "plane"


def slug_of(experiment: str) -> str:
    """Of the page of an experiment that makes a map."""
    return f"space-{experiment.replace('_', '-')}"


def space_of(experiment: str, found: Found, quality: Found | None, laid: Sequence[Found], *, followed: bool) -> Space:
    """From the outputs `map`, `map_quality` and every `laid_about`; `followed`: there are trajectories."""
    tables = {"quality": _quality(experiment, quality)} if quality else {}
    if any(one["candidates"] for one in laid):
        tables["laid"] = _laid(experiment, laid)
    methods = quality["methods"] if quality else ()
    better = _apart(quality, methods, +1)
    return Space(
        slug=slug_of(experiment),
        trajectories=f"trajectories-{experiment.replace('_', '-')}" if followed else "",
        method=found["method"],
        emotions=tuple(found["emotions"]),
        whole=found["whole"],
        members=found["members"],
        parameters=found["parameters"],
        learned_from=found["segments"],
        distinct=found["distinct"],
        zero=found["zero"]["share"] if found["zero"] else None,
        turned=found["orientation"]["by"] == "affect",
        valence=found["orientation"]["valence"],
        arousal=found["orientation"]["arousal"],
        notes=tuple(found["notes"]),
        tested=quality["n"]["segments"] if quality else 0,
        neighbours=quality["k"] if quality else 0,
        better=better,
        worse=_apart(quality, methods, -1),
        nearer=tuple(other for other, measures in better.items() if _SHORT["recall"] in measures),
        laid=tuple(_one(one) for one in sorted(laid, key=lambda one: ("own", "regression", "classes").index(one["sort"]))),
        tables=tables,
    )


def _apart(quality: Found | None, methods: Sequence[Found], sign: int) -> dict[str, tuple[str, ...]]:
    """Measures in which the map's interval lies wholly above (+1) or below (-1) that of another map."""
    own = next((one for one in methods if one["key"] == "map"), None)
    if not quality or not own:
        return {}
    told = {}
    for other in methods:
        pairs = {m["key"]: [score(one["values"].get(m["key"])) for one in (own, other)] for m in quality["measures"]}
        if names := [_SHORT.get(key, key) for key, (ours, theirs) in pairs.items() if _clear(ours, theirs, sign)]:
            told[str(other["title"])] = tuple(names)
    return told


def _clear(first: Shown | None, second: Shown | None, sign: int) -> bool:
    """Whether the first lies clearly above (+1) or below (-1) the second."""
    if first is None or second is None:
        return False
    upper, lower = (first, second) if sign > 0 else (second, first)
    return upper.low is not None and lower.high is not None and upper.low > lower.high


def _one(found: Found) -> Laid:
    return Laid(
        source=found["source"],
        title=found["title"],
        sort=found["sort"],
        n=found["n"],
        videos=found["videos"],
        simulated=found["simulated"],
        seen=found["seen"],
        told=found["told"] or {},
        several=len({one["set"] for one in found["candidates"]}) > 1,
        narrow=tuple(one["title"] for one in found["candidates"] if certain(one["area"]) and one["area"]["high"] < 0.5),
    )


def _quality(experiment: str, found: Found) -> Table:
    n = found["n"]
    return Table(
        id=f"table-quality-{experiment}",
        caption=f"How true the map is on {count(n['segments'])} test segments ({count(n['distinct'])} different vectors), which"
        " nothing was fitted to [95 % interval]; 1 is perfect.",
        head=("Map", *(one["title"] for one in found["measures"])),
        rows=tuple(
            (one["title"], *(score(one["values"].get(measure["key"])) for measure in found["measures"]))
            for one in found["methods"]
        ),
    )


def _laid(experiment: str, laid: Sequence[Found]) -> Table:
    several = sum(bool(one["candidates"]) for one in laid) > 1
    seen = sum(one["seen"] for one in laid)
    warned = f" {count(seen)} of these segments are of videos that the map was fitted to: they lie too well." if seen else ""
    return Table(
        id=f"table-laid-{experiment}",
        caption="Predictions on the map [95 % interval]: how much of the area that the truth fills they fill (ellipses of equal"
        " spread; 0: all on a line), and how far from the truth they lie, in units of the spread of the training ratings."
        + warned,
        head=("Predictions", "Share of the true area", "Distance to the truth", "Verdict"),
        rows=tuple(
            (
                f"{one['title']}: {candidate['title']}" if several else candidate["title"],
                score(candidate["area"]),
                score(candidate["distance"]),
                SAID.get(candidate["verdict"], candidate["verdict"]) or ABSENT,
            )
            for one in laid
            for candidate in one["candidates"]
        ),
    )
