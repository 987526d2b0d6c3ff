"""Ways through the emotion space: what the kinds `map`, `density` and `trajectories` say, and the geometry of a comet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reportgen.figures._density import Density
from reportgen.figures._emotion_space import Map, is_plane
from reportgen.figures._style import INK
from reportgen.outputs import Inputs

TOGETHER = "all"
"""The set of all modalities."""
TWO = 2.0  # standard deviations that an ellipse reaches
_ROOM = 1.25  # times the extent of the ways: the side of the window that they are drawn in
_WHY: Mapping[str, str] = {  # words that hold where several are equal
    "most segments": "no other has more segments",
    "moves farthest": "no other moves farther from segment to segment",
    "moves least": "no other moves less",
}
_MOST = 0.7  # of the map: a window that is larger shows all of it
_LOOKS = (
    *(("#4B2A8C", "dash"), ("#A3123F", "dot"), ("#004A4E", "dashdot"), ("#8A5A00", "longdash")),
    *(("#C322AE", "dash"), ("#3F7A2A", "dot")),
)
"""Colours and dashes, by their Plotly names, of single modalities."""
DASHES: Mapping[str, Any] = {
    "solid": "-",
    "dash": (0, (4, 1.4)),
    "dot": (0, (1, 1.2)),
    "dashdot": (0, (5, 1.2, 1, 1.2)),
    "longdash": (0, (8, 2)),
}
"""What Plotly's names of dashes are to matplotlib."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A way over the map: as rated, or as predicted from a set of modalities."""

    name: str  # of the set, "" as rated
    at: np.ndarray  # (segment, 2)
    spread: np.ndarray  # (segment, 2, 2) covariance of the place, NaN unknown
    intensities: np.ndarray  # (segment, emotion)

    @property
    def length(self) -> float:
        """Of the way, in the unit of the map."""
        return float(steps(self.at).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """A video or song over time; segments that nobody rated are left out."""

    name: str
    speaker: str
    why: str  # it was chosen
    start: np.ndarray  # (segment,) s
    stop: np.ndarray  # (segment,) s
    truth: Track
    tracks: tuple[Track, ...]  # predicted, all modalities together first
    apart: np.ndarray | None  # (segment,) mean distance between what two sets predict
    chance: float  # of that distance, NaN unknown

    @property
    def time(self) -> np.ndarray:
        """(segment,) in [0, 1], from the first to the last one."""
        middle = (self.start + self.stop) / 2
        return np.asarray((middle - middle[0]) / (np.ptp(middle) or 1.0))

    @property
    def whole(self) -> Track:
        """What is predicted from everything that the model can see."""
        return self.tracks[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """What was laid from one source: some videos on one map."""

    map: Map
    density: Density
    whole: str  # "video" or "song"
    emotions: tuple[str, ...]
    scale: tuple[float, float]
    model: str  # what predicts, "" where only ratings are shown
    why: str  # it is this one
    sets: tuple[str, ...]  # all modalities together first
    unit: str  # of the distance between sets
    videos: tuple[Video, ...]

    @property
    def limits(self) -> np.ndarray:
        """(axis, 2): low and high of the map, of equal spans."""
        return np.array(self.map["limits"], float)

    @property
    def spread(self) -> bool:
        """Whether it is known how sure the place of anything that was rated is."""
        return any(bool(np.nansum(np.abs(video.truth.spread)) > 0) for video in self.videos)

    @property
    def agreement(self) -> bool:
        """Whether it is known how far modalities agree."""
        return any(video.apart is not None for video in self.videos)


def journey(inputs: Inputs) -> Journey:
    """The ways of the first source that predicts, else those of the map's own ratings."""
    every = list(inputs.all("trajectories"))
    about, found = next((one for one in every if one[1]["model"]), every[0])
    told = [value for own, value in inputs.all("laid_about") if own["laid"] == about["laid"]]
    agreements = [video["agreement"] for video in found["videos"] if video["agreement"]]
    return Journey(
        map=inputs.one("map"),
        density=inputs.one("density"),
        whole=found["whole"],
        emotions=tuple(found["emotions"]),
        scale=(float(found["scale"][0]), float(found["scale"][1])),
        model=found["model"]["title"] if found["model"] else "",
        why=_chosen([one for value in told for one in value["candidates"]]),
        sets=tuple(sorted(found["sets"], key=lambda name: name != TOGETHER)),
        unit=agreements[0]["unit"] if agreements else "",
        videos=tuple(map(_video, found["videos"])),
    )


def _chosen(candidates: Sequence[Mapping[str, Any]]) -> str:
    """Why of several models it is this one: see the step `lay`."""
    several = len({one["key"] for one in candidates}) > 1
    return "Of all models it correlates best with the ratings of the validation part." if several else ""


def set_look(own: Journey, name: str) -> tuple[str, str]:
    """Colour and dash of what is predicted from a set: far from the colours of emotions, beside which it stands."""
    if name == own.sets[0]:
        return INK, "solid"
    return _LOOKS[(own.sets.index(name) - 1) % len(_LOOKS)]


def set_words(own: Journey, name: str) -> str:
    """A set as a reader says it: "from everything", "from text"; of a single modality, "predicted"."""
    return "predicted" if len(own.sets) < 2 else "from everything" if name == TOGETHER else f"from {name.replace('_', ' ')}"


def _video(found: Mapping[str, Any]) -> Video:
    kept = np.isfinite(np.array(found["truth"]["at"], float)).all(axis=1)
    agreement = found["agreement"]
    tracks = [_track(track["set"], track, kept) for track in found["tracks"]]
    return Video(
        name=str(found["video"]),
        speaker=str(found["speaker"] or ""),
        why=_WHY.get(found["why"], str(found["why"] or "")),
        start=np.array(found["start"], float)[kept],
        stop=np.array(found["stop"], float)[kept],
        truth=_track("", found["truth"], kept),
        tracks=tuple(sorted(tracks, key=lambda track: track.name != TOGETHER)),
        apart=np.array(agreement["mean"], float)[kept] if agreement else None,
        chance=float("nan") if not agreement or agreement["chance"] is None else float(agreement["chance"]),
    )


def _track(name: str, found: Mapping[str, Any], kept: np.ndarray) -> Track:
    at = np.array(found["at"], float)
    spread = np.array(found["spread"], float) if found["spread"] else np.full((len(at), 2, 2), np.nan)
    return Track(name=name, at=at[kept], spread=spread[kept], intensities=np.array(found["intensities"], float)[kept])


def windows(own: Journey, videos: Sequence[Video]) -> list[np.ndarray]:
    """The part of the map (axis, 2) that each video is drawn on, all of one size.

    A map of emotions is shown whole, so that its anchors are. Songs move too little in the plane of valence and arousal
    for that: it has numbers at its axes, and a window around each song will do.
    """
    paths = [np.concatenate([track.at for track in (video.truth, *video.tracks)]) for video in videos]
    ends = [np.stack([np.nanmin(path, axis=0), np.nanmax(path, axis=0)], axis=1) for path in paths]  # (axis, 2) of each
    side = _ROOM * max(float(np.ptp(end, axis=1).max()) for end in ends)
    if is_plane(own.map) and 0 < side < _MOST * np.ptp(own.limits, axis=1).max():
        return [end.mean(axis=1, keepdims=True) + np.array([-side / 2, side / 2]) for end in ends]
    return [_around([own.limits, *ends])] * len(videos)


def _around(parts: Sequence[np.ndarray]) -> np.ndarray:
    """The smallest square (axis, 2) around the map, the first of the parts, and around whatever leaves it."""
    low, high = np.min([part[:, 0] for part in parts], axis=0), np.max([part[:, 1] for part in parts], axis=0)
    if np.array_equal(np.stack([low, high], axis=1), parts[0]):
        return parts[0]
    half, middle = 0.52 * float((high - low).max()), (low + high) / 2
    return np.stack([middle - half, middle + half], axis=1)


def steps(at: np.ndarray) -> np.ndarray:
    """Lengths (segment - 1,) of the steps of a way (segment, 2)."""
    return np.asarray(np.nan_to_num(np.linalg.norm(np.diff(at, axis=0), axis=1)))


def along(at: np.ndarray, apart: float, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Places (arrow, 2) and directions (arrow,) in radians at equal lengths of a way, none where it is shorter than `apart`."""
    length = steps(at)
    n = min(int(length.sum() / apart), most)
    ends = np.cumsum(length)
    wanted = (np.arange(n) + 0.5) / max(n, 1) * length.sum()
    step = np.minimum(np.searchsorted(ends, wanted), len(length) - 1)
    share = 1 - (ends[step] - wanted) / np.where(length[step] > 0, length[step], 1.0)
    way = np.diff(at, axis=0)[step]
    return at[step] + share[:, None] * way, np.arctan2(way[:, 1], way[:, 0])


def ellipse(at: np.ndarray, spread: np.ndarray, points: int = 48) -> np.ndarray:
    """Outline (…, point, 2) two standard deviations around places (…, 2), closed; all in one place where nothing is known."""
    values, vectors = np.linalg.eigh(np.nan_to_num(spread))
    axes = vectors * np.sqrt(np.maximum(values, 0))[..., None, :]  # (…, axis, eigenvector)
    turn = np.linspace(0, 2 * np.pi, points + 1)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)  # (point, eigenvector)
    return np.asarray(at[..., None, :] + TWO * np.einsum("pe,...ae->...pa", circle, axes))
