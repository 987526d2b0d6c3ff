"""The interactive twin of ways through the emotion space: a map that time can be moved over, as plain Plotly JSON.

What never changes is in `data`: the density and the anchors. `controls` hold what changes with the video: its whole way,
pale, and its strip. `frames` hold only what moves with time: the last segments of each way, the ellipse and the mark of time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from reportgen.figures._emotion_space import axes_named, is_plane
from reportgen.figures._plotly import layout
from reportgen.figures._trajectories import Journey, Track, Video, ellipse, windows
from reportgen.figures._trajectory_traces import (
    Json,
    base,
    comet,
    mark,
    places_of,
    strip,
    strip_axis,
    strip_places,
    uncertainty,
    whole_way,
    written,
)
from reportgen.figures._trajectory_words import moment
from reportgen.words import NO_BREAK

TAIL = 8  # segments that a comet is drawn of, at most
_SHORTEST = 3  # if there is no room for more
PLACES = 18_000  # in all frames: written as text, so many stay below 300 kB
PAUSE = 500  # ms from frame to frame: music is rated twice a second, so that it plays as fast as it sounded
_OUTLINE = 16  # points of an ellipse
_HEIGHT, _AROUND = 680, 225  # px: of the plot at most, and what of it is not map
_STRIP, _ROW = 0.15, 0.025  # of the height: a strip, or a row of it
_NOWHERE = np.empty((0, 2))
_BETWEEN = 0.05  # strip and map, without the numbers at its axis


@dataclass(frozen=True, slots=True)
class Plan:
    """What the player shows, and where its traces are."""

    own: Journey
    videos: tuple[Video, ...]
    views: tuple[np.ndarray, ...]  # (axis, 2) of each
    names: tuple[str, ...]  # of ways: "" as rated, then sets
    tail: int
    first: int  # trace that is not of the base
    strip: int  # how many traces it has

    @property
    def chosen(self) -> list[int]:
        """Traces that change with the video."""
        return list(range(self.first, self.first + len(self.names) + self.strip))

    @property
    def moving(self) -> list[int]:
        """Traces that frames hold: comets, the ellipse of the rated one, and the mark of time."""
        first = self.first + len(self.names) + self.strip
        return list(range(first, first + len(self.names) + 2))


def player(own: Journey) -> Json:
    """Data, layout and frames for Plotly, and `controls` for the inputs below it: see reportgen.js."""
    fixed, under = list(base(own)), list(strip(own))
    plan = _plan(own, len(fixed), len(under))
    frames = [frame for i in range(len(plan.videos)) for frame in _frames(plan, i)]
    # traces that are empty at first would have no place in the legend
    moving = [{**trace, **places} for trace, places in zip(_moving(plan), frames[0]["data"], strict=True)]
    return {
        "data": [*fixed, *(whole_way(own, name) for name in plan.names), *under, *moving],
        "layout": _layout(own),
        "frames": frames,
        "controls": {
            "time": "Time",
            "seen": _seen(own),
            "choice": own.whole.capitalize(),
            "pause": PAUSE,
            "around": _AROUND,
            "choices": [_choice(plan, i) for i in range(len(plan.videos))],
        },
    }


def _seen(own: Journey) -> str:
    """What moves when time does."""
    ways = "ways of one {}, rated and predicted, which stand" if own.model else "rated way of one {}, which stands"
    sure = "; the ellipse says how sure the rated place is" if own.spread else ""
    return f"Comets move along the {ways.format(own.whole)} pale behind them{sure}. The line in the strip below marks the time."


def _plan(own: Journey, first: int, under: int) -> Plan:
    """As many videos, with tails as long, as there is room for."""
    names = ("", *own.sets)
    videos, tail = list(own.videos), TAIL
    while _places(videos, names, tail) > PLACES and tail > _SHORTEST:
        tail -= 1
    while _places(videos, names, tail) > PLACES and len(videos) > 1:
        videos.pop()
    return Plan(own, tuple(videos), tuple(windows(own, videos)), names, tail, first, under)


def _places(videos: Sequence[Video], names: Sequence[str], tail: int) -> int:
    return sum(len(video.start) for video in videos) * (len(names) * tail + _OUTLINE + 3)


def _moving(plan: Plan) -> list[Json]:
    return [*(comet(plan.own, name, plan.tail) for name in plan.names), uncertainty(), mark()]


def _layout(own: Journey) -> Json:
    plane, rows = is_plane(own.map), 0 if own.agreement or is_plane(own.map) else len(own.emotions)
    high = max(_STRIP, _ROW * rows)
    shown = {"showgrid": plane, "showticklabels": plane, "ticks": "outside" if plane else ""}
    if not plane:
        shown |= {"mirror": True, "linecolor": "#D5D5D5"}
    across, up = ({"text": name, "font": {"size": 13}} for name in (axes_named(own.map) if plane else ("", "")))
    square = {"scaleanchor": "x", "constrain": "domain", "constraintoward": "top"}
    made = layout(
        _HEIGHT,
        x={**shown, "anchor": "y", "title": across, "constrain": "domain"},
        y={**shown, "anchor": "x", "title": up, "domain": [high + _BETWEEN + (0.1 if plane else 0), 1], **square},
        x2={"anchor": "y2", "title": {"text": "time in s", "font": {"size": 13}, "standoff": 4}, "showgrid": False},
        y2={"anchor": "x2", "domain": [0, high], **strip_axis(own)},
    )
    made["modebar"] = {"remove": ["zoom2d", "pan2d", "select2d", "lasso2d", "autoScale2d"]}
    return made | {"dragmode": False, "margin": {"l": 78 if rows else 52, "r": 14, "t": 40, "b": 55}}


def _frames(plan: Plan, i: int) -> Iterator[Json]:
    """One a segment: the comets that end there. They are always as long, so that only places change."""
    video, view = plan.videos[i], plan.views[i]
    ways = [_named(video, name) for name in plan.names]
    outline = ellipse(video.truth.at, video.truth.spread, _OUTLINE)  # (segment, point, 2)
    heights = strip_axis(plan.own)["range"]
    for k, middle in enumerate(((video.start + video.stop) / 2).round(2).tolist()):
        last = np.clip(np.arange(k - plan.tail + 1, k + 1), 0, None)
        comets = [places_of(way.at[last] if way else _NOWHERE, view) for way in ways]
        moved = [*comets, places_of(outline[k], view), {"x": [middle, middle], "y": heights}]
        yield {"name": f"{i}/{k}", "data": moved, "traces": plan.moving}


def _named(video: Video, name: str) -> Track | None:
    return next((track for track in (video.truth, *video.tracks) if track.name == name), None)


def _choice(plan: Plan, i: int) -> Json:
    """What changes with the video: whole ways, strip, ends of axes; and a name and a text for each of its frames."""
    video, view = plan.videos[i], plan.views[i]
    ways = [_named(video, name) for name in plan.names]
    found = [*(places_of(way.at if way else _NOWHERE, view) for way in ways), *strip_places(plan.own, video)]
    ends = [round(float(video.start.min()), 2), round(float(video.stop.max()), 2)]
    across, up = (written(axis, view) for axis in view)
    return {
        "text": f"{video.name} ({video.why})" if video.why else video.name,
        "update": {axis: [one[axis] for one in found] for axis in "xy"},
        "traces": plan.chosen,
        "layout": {"xaxis.range": across, "yaxis.range": up, "xaxis2.range": ends},
        "steps": [{"name": f"{i}/{k}", "text": _told(plan.own, video, k)} for k in range(len(video.start))],
    }


def _told(own: Journey, video: Video, k: int) -> str:
    """A moment in words: `23–31 s: rated sadness 2.0; predicted no emotion; modalities 0.31 apart`."""
    start, stop = float(video.start[k]), float(video.stop[k])
    when = f"{start:.0f}–{stop:.0f}" if stop - start >= 1 else f"{start:.1f}"
    parts = [f"{when}{NO_BREAK}s: rated {moment(own, video.truth.intensities[k])}"]
    if video.tracks:
        parts.append(f"predicted {moment(own, video.whole.intensities[k])}")
    if video.apart is not None:
        parts.append(f"modalities {video.apart[k]:.2f} apart")
    return "; ".join(parts)
