"""What is said of ways through the emotion space: title, caption, alt text, and the words of a moment."""

from collections.abc import Sequence

import numpy as np

from reportgen.figures._emotion_space import called, is_plane
from reportgen.figures._regression import signed
from reportgen.figures._trajectories import Journey, Video
from reportgen.figures._words import counted
from reportgen.words import NO_BREAK, fixed, listing, percent

_AS_FAR = 0.9, 1.1  # times the rated way: about as far
_STRONGEST = 2  # emotions that are named of a moment


def title_of(own: Journey) -> str:
    """How far predictions move beside what was rated, or which video moves most."""
    if own.model:
        n, ratio = counted(len(own.videos), own.whole), moved(own.videos)
        if ratio is None:
            return f"{n} over time, which {own.model} predicts to move though ratings do not"
        return f"In {n}, the predictions of {own.model} move {times(ratio)} the ratings"
    video = longest(own.videos)
    head = f"Of {counted(len(own.videos), own.whole)}, {own.whole} {video.name} has the longest way"
    if is_plane(own.map):
        away = float(np.linalg.norm(video.truth.at[-1] - video.truth.at[0]))
        return f"{head}: {fixed(video.truth.length, 1)}, to end {fixed(away, 2)} from where it began"
    start, stop = (moment(own, video.truth.intensities[i], 1) for i in (0, -1))
    return f"{head}, and ends where it began: {start}" if start == stop else f"{head}, from {start} to {stop}"


def moved(videos: Sequence[Video]) -> float | None:
    """Length of the ways that are predicted from everything over that of the rated ways; None if ratings do not move."""
    rated = sum(video.truth.length for video in videos)
    return sum(video.whole.length for video in videos) / rated if rated > 0 else None


def times(ratio: float) -> str:
    """`only 31 % as far as`, `about as far as`, `1.8 times as far as`."""
    low, high = _AS_FAR
    if ratio < low:
        return f"only {percent(ratio)} as far as"
    return "about as far as" if ratio <= high else f"{fixed(ratio, 1)} times as far as"


def longest(videos: Sequence[Video]) -> Video:
    """The video with the longest rated way."""
    return max(videos, key=lambda video: video.truth.length)


def moment(own: Journey, values: np.ndarray, most: int = _STRONGEST) -> str:
    """Ratings of a segment in words: the strongest emotions, or valence and arousal."""
    if is_plane(own.map):
        return ", ".join(f"{called(name)} {signed(float(value), 2)}" for name, value in zip(own.emotions, values, strict=True))
    order = np.argsort(-values, kind="stable")[:most]
    strong = [f"{called(own.emotions[i])} {fixed(float(values[i]), 1)}" for i in order if values[i] > own.scale[0] + 0.05]
    return listing(strong) or "no emotion"


def agreeing(own: Journey) -> tuple[int, int]:
    """Segments in which modalities lie closer together than by chance, and all of which that is known."""
    known = [(video.apart, video.chance) for video in own.videos if video.apart is not None and np.isfinite(video.chance)]
    return sum(int((apart < chance).sum()) for apart, chance in known), sum(len(apart) for apart, _ in known)


def caption_of(own: Journey, shown: Sequence[Video], played: int) -> str:
    """What is seen and what it means; `shown` are the videos in the static picture, `played` is how many its twin has."""
    parts = [f"The way of {counted(len(shown), own.whole)} over the map, from segment to segment: thin and dark at its start,"]
    parts[0] += " thick and bright at its end, in the colours of the band of time at the bottom."
    if own.model:
        parts.append(f"Below it, what {own.model} predicts{_from(own)}, in front of the rated way in grey.")
        if own.why:
            parts.append(own.why)
    if own.spread:
        networks = "" if is_plane(own.map) else " over the networks of the map"
        parts.append(f"Ellipses reach two standard deviations of a place{networks}.")
    parts.append(_strip_words(own))
    if is_plane(own.map):
        parts.append(f"Each panel shows the part of the plane in which its {own.whole} moves, all at one scale.")
    if reasons := [f"{video.name} ({video.why})" for video in shown if video.why]:
        parts.append(f"Chosen by their ratings alone: {listing(reasons)}.")
    if len(shown) < len(own.videos):
        data = "" if played == len(own.videos) else f", the data all {len(own.videos)}"
        parts.append(f"The interactive picture holds {counted(played, own.whole)}{data}.")
    return " ".join(parts)


def _from(own: Journey) -> str:
    return " from each modality and from all together" if len(own.sets) > 1 else ""


def _strip_words(own: Journey) -> str:
    if own.agreement:
        near, n = agreeing(own)
        told = "Strips: how far the predictions from single modalities lie apart on average,"
        told += f" as a share {own.unit}; low means that they agree; of different segments, half lie below the line (chance)."
        return told + (f" In {near} of {counted(n, 'segment')} they do." if n else "")
    if is_plane(own.map):
        return "Strips: valence and arousal over time."
    return "Strips: how strong each emotion was rated, the darker the stronger."


def alt_of(own: Journey) -> str:
    """The finding for somebody who cannot see it: where each video starts and ends."""
    told = [_told(own, video) for video in own.videos]
    return f"Ways over the map of emotions, one for each of {counted(len(own.videos), own.whole)}. {' '.join(told)}"


def _told(own: Journey, video: Video) -> str:
    n = len(video.start)
    start, stop = (moment(own, video.truth.intensities[i]) for i in (0, n - 1))
    text = f"{video.name}: {counted(n, 'segment')} in {video.stop[-1] - video.start[0]:.0f}{NO_BREAK}s, from {start} to {stop}"
    if video.tracks and (ratio := moved([video])) is not None:
        text += f"; predictions move {times(ratio)} ratings"
    if video.apart is not None and len(video.apart):
        at = int(np.nanargmax(video.apart))
        text += f"; modalities are farthest apart at {video.start[at]:.0f}{NO_BREAK}s"
    return text + "."
