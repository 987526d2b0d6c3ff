"""How videos or songs move through the emotion space over time: as rated, as predicted, and how far modalities agree."""

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from reportgen.core import Figure
from reportgen.figures._comet import draw_comet
from reportgen.figures._emotion_space import background, is_plane, look_of, name_anchors
from reportgen.figures._regression import spoken
from reportgen.figures._style import QUIET, SMALL, WIDTHS, Width, fit, key, label_width
from reportgen.figures._trajectories import DASHES, Journey, Track, Video, journey, set_look, set_words, windows
from reportgen.figures._trajectory_player import player
from reportgen.figures._trajectory_strips import VALENCE_AROUSAL, draw_band, draw_strip
from reportgen.figures._trajectory_words import alt_of, caption_of, title_of
from reportgen.outputs import Inputs
from reportgen.words import NO_BREAK

EACH = "experiment"
NEEDS = ("map", "density", "trajectories")
SHOWS = ("laid_about",)

ACROSS = 3  # videos beside each other
DOWN = 2  # rows of videos that only ratings are shown of
RATED = "#A8A8A8"  # the rated way, where it only stands behind predicted ones
_STRIP = 0.72  # inches, height of a strip
_BAND = 0.06  # of the band of time under it
_HANDLE = 0.36  # of a legend, with the room around it
_MANY = 30  # segments whose lines are thin, for they cross often


class Sheet(NamedTuple):
    """Where everything stands, in inches."""

    width: Width
    side: float  # of a panel
    left: float
    gap: float  # between columns
    head: float  # above the panels of a video
    panels: int  # of a video, below each other
    beside: int  # or beside each other
    ticks: float  # below a panel
    strip: float  # its height

    @property
    def block(self) -> float:
        """Height of all that belongs to a video."""
        down = self.panels * (self.side + self.ticks + 0.1)
        return self.head + down + self.strip + _BAND + 0.24

    @property
    def wide(self) -> float:
        """Of a strip."""
        return self.beside * self.side + (self.beside - 1) * self.gap


def draw(inputs: Inputs) -> Figure:
    """Draw some videos as comets on the map, over strips of what happens at the same time."""
    own = journey(inputs)
    shown = own.videos[: ACROSS if own.model else ACROSS * DOWN]
    twin = player(own)
    return Figure(
        title=title_of(own),
        caption=caption_of(own, shown, played=len(twin["controls"]["choices"])),
        alt=alt_of(own),
        picture=_picture(own, shown),
        data=_table(own),
        interactive=twin,
    )


def _picture(own: Journey, shown: Sequence[Video]) -> Picture:
    sheet, views = _sheet(own, len(shown)), windows(own, shown)
    entries = _legend(own)
    words = sum(_HANDLE + label_width([str(entry.get_label())], 7.5) for entry in entries)  # inches
    lines = ceil(words / WIDTHS[sheet.width])
    rows = ceil(len(shown) / ACROSS)
    picture = Picture(figsize=(WIDTHS[sheet.width], rows * sheet.block + 0.08 + 0.17 * lines))
    for i, (video, view) in enumerate(zip(shown, views, strict=True)):
        at = sheet.left + i % ACROSS * (sheet.side + sheet.gap), i // ACROSS * sheet.block
        _draw_video(picture, sheet, own, video, view, at, first=i % ACROSS == 0)
    how: dict[str, Any] = {"columnspacing": 1.5, "handletextpad": 0.5, "handlelength": 1.7, "borderaxespad": 0.2}
    picture.legend(handles=entries, loc="lower center", ncols=ceil(len(entries) / lines), **how)
    return picture


def _sheet(own: Journey, n: int) -> Sheet:
    """As large as the page allows; both panels of a single video stand beside each other."""
    plane, panels = is_plane(own.map), 2 if own.model else 1
    beside = panels if n == 1 else 1
    across = min(n, ACROSS) * beside
    width: Width = "column" if across > 1 else "narrow"
    emotions = not own.agreement and not plane
    left, gap = (0.8 if plane or emotions else 0.55), (0.42 if plane else 0.16)
    room = WIDTHS[width] - left - (0.2 if plane else 0.06)
    side = min((room - (across - 1) * gap) / across, 3.4 if panels // beside == 1 else 2.45)
    return Sheet(
        width=width,
        side=side,
        left=left,
        gap=(room - across * side) / max(across - 1, 1),
        head=0.24 if beside == 1 else 0.42,
        panels=panels // beside,
        beside=beside,
        ticks=0.29 if plane else 0.0,
        strip=max(_STRIP, 0.115 * len(own.emotions)) if emotions else _STRIP,
    )


def _draw_video(
    picture: Picture, sheet: Sheet, own: Journey, video: Video, view: np.ndarray, at: tuple[float, float], *, first: bool
) -> None:
    """Everything about one video, from its upper left corner `at` on; `first` of a row names what the rows are."""
    x, y = at
    name = fit(f"{video.name}, {video.stop[-1] - video.start[0]:.0f}{NO_BREAK}s", sheet.wide, 8)
    picture.text(x / WIDTHS[sheet.width], 1 - (y + 0.17) / picture.get_figheight(), name, weight="bold", fontsize=8)
    y += sheet.head
    down = sheet.side + sheet.ticks + 0.1
    for part, words in enumerate(("as rated", f"as {own.model} predicts it")[: 2 if own.model else 1]):
        right = x + part * (sheet.side + sheet.gap) if sheet.beside > 1 else x
        ax = _axes(picture, right, y + (part * down if sheet.beside == 1 else 0), sheet.side, sheet.side)
        _draw_map(ax, own, view, sheet, names=part == 0)
        if part == 0:
            draw_comet(ax, video.truth, video.time)
        else:
            _draw_predictions(ax, own, video)
        if sheet.beside > 1:
            ax.set_title(words, fontsize=8, pad=3)
        if first:
            _name_axis(ax, "" if sheet.beside > 1 else words, sheet.side, own)
    y += sheet.panels * down
    draw_strip(_axes(picture, x, y, sheet.wide, sheet.strip), own, video, first=first)
    draw_band(_axes(picture, x, y + sheet.strip, sheet.wide, _BAND), video)


def _axes(picture: Picture, x: float, y: float, width: float, height: float) -> Axes:
    """Axes at a place in inches, counted from the upper left corner."""
    across, down = picture.get_size_inches()
    return picture.add_axes((x / across, 1 - (y + height) / down, width / across, height / down))


def _draw_map(ax: Axes, own: Journey, view: np.ndarray, sheet: Sheet, *, names: bool) -> None:
    """The map, quiet: of a plane with numbers at its axes."""
    background(ax, own.map, own.density, labels=False)
    ax.set(xlim=view[0], ylim=view[1])
    for artist in (*ax.lines, *ax.patches):
        artist.set_alpha(0.55)
    for shade in ax.collections:
        shade.set_alpha(0.5)
    if is_plane(own.map):
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
        ax.tick_params(labelsize=SMALL, pad=1.5)
        ax.set_xlabel("valence", fontsize=SMALL, color=QUIET, labelpad=1)
    else:
        ax.spines[:].set(visible=True, color="#D5D5D5", linewidth=0.6)
        if names:
            name_anchors(ax, own.map, sheet.side, SMALL)
            for text in ax.texts:
                text.set_zorder(10)  # over the comet, which they are legible on


def _name_axis(ax: Axes, text: str, side: float, own: Journey) -> None:
    """What a row of panels shows, and what goes upwards in it."""
    how: dict[str, Any] = {"rotation": 90, "ha": "center", "va": "center", "transform": ax.transAxes}
    ax.text(-(0.65 if is_plane(own.map) else 0.4) / side, 0.5, fit(text, side, 8), weight="bold", fontsize=8, **how)
    if is_plane(own.map):
        ax.text(-0.42 / side, 0.5, "arousal", fontsize=SMALL, color=QUIET, **how)


def _draw_predictions(ax: Axes, own: Journey, video: Video) -> None:
    """What is predicted from each set of modalities, in front of the rated way; everything together in front."""
    ax.plot(*video.truth.at.T, color=RATED, linewidth=0.9, zorder=5)
    thick = 1.5 if len(video.start) <= _MANY else 1.0
    for track in reversed(video.tracks):
        colour, dash = set_look(own, track.name)
        whole = track is video.whole
        ax.plot(*track.at.T, color="white", linewidth=thick + 1.1 if whole else 1.8, alpha=0.7, zorder=6 + whole)
        ax.plot(*track.at.T, color=colour, linestyle=DASHES[dash], linewidth=thick if whole else 0.9, zorder=6 + whole)
        ends: dict[str, Any] = {"color": colour, "markersize": 4.0, "zorder": 8 + whole}
        ax.plot(*track.at[0], "o", markerfacecolor="white", markeredgewidth=0.9, **ends)
        ax.plot(*track.at[-1], "o", markeredgewidth=0, **ends)


def _legend(own: Journey) -> list[Line2D]:
    entries = [key("o", "start", markerfacecolor="white"), key("o", "end")]
    if own.model:
        lines = [("rated", RATED, "solid"), *((set_words(own, name), *set_look(own, name)) for name in own.sets)]
        entries += [key("", name, linestyle=DASHES[dash], color=colour) for name, colour, dash in lines]
    if is_plane(own.map) and not own.agreement:
        dashes = zip(own.emotions, VALENCE_AROUSAL, strict=True)
        entries += [key("", name, linestyle=dash, color=look_of(name).colour) for name, dash in dashes]
    return entries


def _table(own: Journey) -> list[list[object]]:
    names = [spoken(name) for name in own.emotions]
    header: list[object] = [own.whole, "speaker", "segment", "start in s", "stop in s", "what", "x", "y", *names]
    ways = [(video, track) for video in own.videos for track in (video.truth, *video.tracks)]
    return [[*header, "apart", "chance"], *(row for video, track in ways for row in _rows(own, video, track))]


def _rows(own: Journey, video: Video, track: Track) -> Iterator[list[object]]:
    """A row for each segment of a way."""
    what = set_words(own, track.name) if track.name else "rated"
    apart = np.full(len(track.at), np.nan) if video.apart is None else video.apart
    for i, (x, y) in enumerate(track.at.tolist()):
        span = [float(video.start[i]), float(video.stop[i])]
        numbers = [*track.intensities[i].tolist(), float(apart[i]), video.chance]
        yield [video.name, video.speaker, i + 1, *span, what, x, y, *numbers]
