"""Data sets of rated segments, as their pages are given them: from the kind `facts`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from annotated_doc import Doc

from reportgen.report.tables import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Modality:
    """What is known of a segment beside its ratings."""

    name: Annotated[str, Doc("face, text …")]
    shape: Annotated[tuple[int, ...], Doc("numbers of a segment, or windows and numbers; empty for words")]
    missing: Annotated[int, Doc("segments without any of it")]

    @property
    def told(self) -> str:
        """`12 numbers`, `20 windows of 50 numbers`, `words`."""
        match self.shape:
            case ():
                return "words"
            case (numbers,):
                return f"{numbers} numbers"
            case (windows, numbers):
                return f"{windows} windows of {numbers} numbers"
        return " × ".join(map(str, self.shape))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """What is special to a data set of rated segments."""

    whole: Annotated[str, Doc("what segments are of: video or song")]
    videos: Annotated[int, Doc("how many of these")]
    speakers: Annotated[int, Doc("how many people, 0: not known")]
    seconds: Annotated[float, Doc("of all segments together")]
    scale: Annotated[tuple[float, float], Doc("least and largest rating")]
    zero: Annotated[int, Doc("segments without any emotion")]
    unrated: Annotated[int, Doc("segments in which some rating is missing; no experiment uses them")]
    distinct: Annotated[int, Doc("different vectors of ratings")]
    raters: Annotated[float | None, Doc("people who rated a segment, median; None: not known")]
    modalities: Annotated[tuple[Modality, ...], Doc("what else is known of a segment")]


def ratings_of(facts: Mapping[str, Any]) -> Ratings | None:
    """From the output `facts`; None for other data."""
    if "videos" not in facts:
        return None
    told = {name: facts[name] for name in ("whole", "videos", "speakers", "seconds", "zero", "unrated", "distinct", "raters")}
    modalities = tuple(
        Modality(name=name, shape=tuple(one["shape"]), missing=one["missing"]) for name, one in facts["modalities"].items()
    )
    return Ratings(**told, scale=tuple(facts["scale"]), modalities=modalities)


def present_table(name: str, facts: Mapping[str, Any]) -> Table:
    """Segments in which each emotion is present, in each of the publisher's parts; of valence and arousal how many."""
    parts = list(facts["counts"])
    own, scaled = "songs" if facts["n"] == facts["videos"] else "segments", facts["scale"][0] < 0
    rows = [(e.replace("_", " "), *(facts["counts"][part][e] for part in parts)) for e in ([] if scaled else facts["classes"])]
    what = "" if scaled else f", and in how many each emotion is present. One of the {own} may have several emotions, or none"
    return Table(
        id=f"table-counts-{name}",
        caption=f"{facts['title']}: {own} in each of the publisher's parts{what}.",
        head=("Emotion", *parts),
        rows=(*rows, (f"all {own}", *(facts["n_parts"][part] for part in parts))),
    )
